"""Bubble sort (simulation): a list of distinct integers in ascending order, by swapping neighbours.

Length is the size of the list; its integers are drawn from -999 … 999, again, twice at most, if a single
pass sorts them.
The run: a pass compares neighbours from the left up to the end place, which moves left by one
after each pass, as the greatest number has arrived there. A pass without a swap moves it to 0 at
once, and at 0 the run is over. Every state carries the end and whether the pass has swapped yet,
so it can tell what follows. In 0,1/3:0;512,-34=1;-34,512 the places 0 and 1 of a pass up to 3,
without a swap so far, hold 512 and -34; then there is a swap, and they hold -34 and 512.
The list is shown before every pass: a comparison never fetches from further back than that. It is
shown once more when it is in order, and read off there.
"""

from math import perm
from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Place, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import hardest, right
from tailkit.tasks.shelf.equality import same_list
from tailkit.tasks.shelf.macros import grouped
from tailkit.tasks.shelf.wording import listed

PARADIGM = "simulation"
VERSION = 3
RANGES = {"S": (2, 4), "M": (5, 6), "L": (7, 8)}
NOUNS = ("lists of {}", "{} number", "{} numbers")
NUMBERS = range(-999, 1000)
DRAWS = 3

QUERIES = [
    "Sort {numbers} in ascending order. Give the numbers separated by commas.",
    "bubble sort {numbers}, smallest first, answer as comma-separated numbers",
    "Put the numbers {numbers} in order from smallest to largest, with commas between them.",
    "Let a = {numbers}. Determine the permutation of a that increases strictly, its elements separated by commas.",
    "What is the list {numbers} after sorting it in ascending order? Separate the numbers by commas.",
    "Use bubble sort to arrange {numbers} in increasing order and write the result as numbers with commas between.",
    "Show me how bubble sort orders {numbers} from the least to the greatest; end with the comma-separated list.",
    "Compare neighbours in {numbers} and swap them until everything ascends. Which comma-separated list results?",
    "What does ','.join(map(str, sorted({numbers}))) give in Python?",
    "Ascending order of {numbers}, comma-separated:",
    "The thermometers of a laboratory show {numbers} tenths of a degree. List the readings from the coldest to the "
    "warmest, separated by commas.",
    "An account had these monthly results: {numbers}. Write them from the lowest to the highest, with commas between.",
    "Divers and climbers note their heights in metres: {numbers}. Order them from the lowest up, separated by commas.",
    "A game ended with the scores {numbers}. Give them in rising order as a list with commas.",
    "Cards with the numbers {numbers} lie in a row. Only neighbours may be swapped. How does the row read, numbers "
    "separated by commas, once it is in ascending order?",
    "A pupil orders {numbers} on the number line from left to right. Write them down in this order, with commas.",
    "Rearrange the array {numbers} so that each element is less than the next; print the elements joined by commas.",
    "Please sort these integers into ascending order: {numbers}. I want just the integers, with commas between them.",
    "Exercise: carry out bubble sort (ascending) on {numbers} and state the final sequence, comma-separated.",
    "Which comma-separated sequence holds the same numbers as {numbers}, but from the smallest to the largest?",
    "Given the unsorted list L = {numbers}, return L in non-descending order. Format: numbers joined by commas.",
    "Tide marks are {numbers} millimetres above the mean level, minus meaning below. Name them from the lowest to the "
    "highest, separated by commas.",
    "Order from low to high and separate by commas: {numbers}",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    n = rng.randint(low, high)
    return hardest(lambda: draw(rng, n), lambda data: right(HEURISTICS, data, oracle(data)), DRAWS)


def draw(rng: Random, n: int) -> dict[str, Any]:
    return {"numbers": rng.sample(NUMBERS, n)}


def after_one_pass(data: dict[str, Any]) -> str:
    greatest, *others = data["numbers"]
    passed = []
    for number in others:
        passed.append(min(greatest, number))
        greatest = max(greatest, number)
    return ",".join(map(str, [*passed, greatest]))


HEURISTICS = {"one pass": after_one_pass}


def length(data: dict[str, Any]) -> int:
    return len(data["numbers"])


def key(data: dict[str, Any]) -> str:
    """The list as it is given: each order of the same numbers is a problem of its own."""
    return ",".join(map(str, data["numbers"]))


def support(low: int, high: int) -> int:
    """How many distinct problems there are: ordered choices of different numbers."""
    return sum(perm(len(NUMBERS), size) for size in range(low, high + 1))


def oracle(data: dict[str, Any]) -> str:
    return ",".join(str(number) for number in sorted(data["numbers"]))


equal = same_list


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("list")
    tape.given([("list", place) for place in range(len(data["numbers"]))], data["numbers"])
    tape.given([SWAPPED], [0])
    return "list"


END, SWAPPED = ("end",), ("swapped",)


def read_list(tape: Tape) -> None:
    """The list as it is given; the first pass ends where the list does."""
    tape.scan(("list", 0), into=END)
    tape.goto(first_pair)


def first_pair(_place: Place, read: Values, _written: Values) -> Any:
    """The first two places; a list of one number is in order."""
    return "sorted" if BLANK in read[:2] else ("compare", 0, 1)


def compare(tape: Tape, i: int, j: int) -> None:
    """Put two neighbours in order, and note a swap."""
    tape.fetch(END, SWAPPED, ("list", i), ("list", j))
    tape.write(has_swapped, SWAPPED)
    tape.put(in_order, ("list", i), ("list", j))
    tape.goto(next_pair)


def has_swapped(_end: int, swapped: int, left: int, right: int) -> int:
    """Whether the pass has swapped by now."""
    return 1 if left > right else swapped


def in_order(_end: int, _swapped: int, left: int, right: int) -> tuple[int, int]:
    return (right, left) if left > right else (left, right)


def next_pair(place: tuple[int, int], read: Values, _written: Values) -> Any:
    """The pair to the right, up to END."""
    (_, j), (end, *_) = place, read
    return ("compare", j, j + 1) if j < end else "end"


def end(tape: Tape) -> None:
    """Where the next pass ends; that pass has not swapped yet."""
    tape.fetch(END, SWAPPED)
    tape.write(settle, END, SWAPPED)
    tape.goto(next_pass)


def settle(end: int, swapped: int) -> tuple[int, int]:
    """One place earlier, or at 0, where the list is in order."""
    return end - 1 if swapped else 0, 0


def next_pass(_place: Place, _read: Values, written: Values) -> str:
    return "again" if written[0] else "sorted"


def again(tape: Tape) -> None:
    """The list as it is before another pass."""
    tape.scan(("list", 0))
    tape.goto(first_pair)


def show_sorted(tape: Tape) -> None:
    tape.scan(("list", 0))
    tape.answer(comma_separated)


def comma_separated(_place: Place, read: Values, _written: Values) -> str:
    """All numbers, without the blank after them."""
    return ",".join(map(str, read[:-1]))


STATES = {
    "list": read_list,
    "compare": compare,
    "end": end,
    "again": again,
    "sorted": show_sorted,
}
macros = grouped(lambda step: "pass" if step.kind in ("compare", "end") else None)

_LIST = Line(lambda: "list ", show=listed(), open="")
CORE = {
    "list": _LIST,
    "compare": Line(
        name=lambda i, j: f"{i},{j}",
        fetch=lambda end, swapped, left, right: f"{end}:{swapped};{left},{right}=",
        write=str,
        open="/",
        put=lambda left, right: f";{left},{right}",
    ),
    "end": Line(
        lambda: "end/", lambda end, swapped: f"{end}:{swapped}=", lambda end, swapped: f"{end}:{swapped}", open=""
    ),
    "again": _LIST,
    "sorted": _LIST._replace(name=lambda: "sorted "),
}

HAS_SWAPPED = ("has had no swap", "has had a swap")
_LIST_STYLED = Line(
    name=lambda: "The list is ",
    show=lambda *items: listed(", ", ": ")(*items) + ".",
    open="",
    leave="\nFirst, ",
)
STYLED = {
    "list": _LIST_STYLED,
    "compare": Line(
        name=lambda i, j: f"places {i} and {j}",
        fetch=lambda end, swapped, left, right: (
            f"hold {left} and {right}; the pass goes up to place {end} and {HAS_SWAPPED[swapped]}. "
        ),
        write=lambda swapped: f"Now it {HAS_SWAPPED[swapped]}, ",
        open=" ",
        next="\nNext, ",
        leave="\nThen ",
        put=lambda left, right: f"and they hold {left} and {right}.",
    ),
    "end": Line(
        name=lambda: "the pass is over",
        fetch=lambda end, swapped: f"at place {end} and {HAS_SWAPPED[swapped]}: ",
        write=lambda end, _: f"the next one goes up to place {end}{'.' if end else ', as the list is in order.'}",
        open=" ",
        leave="\n",
    ),
    "again": _LIST_STYLED,
    "sorted": _LIST_STYLED._replace(name=lambda: "In order, the list is "),
}
