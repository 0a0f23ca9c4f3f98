"""Binary search (divide & conquer): the index of a target that is in an increasing list, by halving.

Length is the size of the list. The run: the list is laid out under its indices, up to the blank;
that is the first interval. For each interval one state adds its bounds and halves the sum, which is
its middle, and one prints all its elements with their indices (but not the first time, when they
have just been printed), then the middle element beside the target, and how they compare; the
transition is the half that is left, until the middle is the target. So nothing is counted before it
is read, and what is compared stands side by side, as Memory Fetcher asks.
"""

from bisect import bisect_left
from math import comb
from random import Random
from typing import Any

from tailkit.records import Cell, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.wording import listed

PARADIGM = "divide & conquer"
VERSION = 4
RANGES = {"S": (5, 20), "M": (21, 40), "L": (41, 70)}
NOUNS = ("searches in lists of {}", "{} number", "{} numbers")
NUMBERS = range(100)  # the same at every length, so that S teaches all of them

QUERIES = [
    "Find the index of {target} in the increasing list {numbers}. Indices start at 0.",
    "binary search: list {numbers}, target {target}, 0-based index?",
    "At which 0-based position does {target} stand in {numbers}?",
    "Given the sorted array a = {numbers}, return i with a[i] = {target} (the first element is a[0]).",
    "Use binary search to locate {target} in {numbers}; count positions from zero.",
    "Let A = {numbers} be sorted in increasing order. Determine the 0-based index of {target} in A.",
    "Where is {target} in {numbers}? Give the index, the first element having index 0.",
    "Show me how halving finds the 0-based index of {target} in the sorted list {numbers}.",
    "The pages of a file carry the numbers {numbers} in this order. Which page, counted from 0, carries {target}?",
    "Lockers in a row are numbered {numbers}. How many lockers stand before locker {target}?",
    "A librarian looks for book {target} on a shelf with books {numbers}. How many books are to its left?",
    "Runners finished after {numbers} seconds, in this order. How many were faster than the one who took {target}?",
    "Bus stops lie at kilometres {numbers}. With the first stop as stop 0, which stop is at kilometre {target}?",
    "Return the zero-based rank of {target} among {numbers}.",
    "sorted = {numbers}; what does sorted.index({target}) give in Python?",
    "House numbers on one side of a street are {numbers}. Counting from 0, which house has number {target}?",
    "Please search {numbers} for {target} and state its position, where position 0 is the first.",
    "In the strictly increasing sequence {numbers}, find the 0-based index at which {target} occurs.",
    "Explain step by step where {target} is in {numbers} if the first index is 0.",
    "A sensor logged events at times {numbers}. What is the zero-based index of the event at time {target}?",
    "Halve the list {numbers} until you find {target}. What is its index, starting from 0?",
    "Indices run from 0. Index of {target} in {numbers}:",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """A list of low … high different numbers in rising order, and one of them."""
    size = rng.randint(low, high)
    numbers = sorted(rng.sample(NUMBERS, size))
    return {"numbers": numbers, "target": rng.choice(numbers)}


def length(data: dict[str, Any]) -> int:
    return len(data["numbers"])


def key(data: dict[str, Any]) -> str:
    return f"{data['numbers']}?{data['target']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: lists times targets."""
    return sum(comb(len(NUMBERS), size) * size for size in range(low, high + 1))


def oracle(data: dict[str, Any]) -> str:
    return str(bisect_left(data["numbers"], data["target"]))


def by_spacing(data: dict[str, Any]) -> str:
    """Where the target would be if the numbers were evenly spaced."""
    first, *_, last = data["numbers"]
    return str(round((data["target"] - first) / (last - first) * (len(data["numbers"]) - 1)))


equal = same_integer
HEURISTICS = {"the numbers are evenly spaced": by_spacing}


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("list")
    size = len(data["numbers"])
    tape.given([*elements(0, size - 1), TARGET], [*data["numbers"], data["target"]])
    tape.given([("index", index) for index in range(size)], range(size))
    return "list"


LAST, TARGET, SUM, MIDDLE, ORDER = ("last",), ("target",), ("sum",), ("middle",), ("order",)


def elements(low: int, high: int) -> list[Cell]:
    """The cells of an interval."""
    return [("list", index) for index in range(low, high + 1)]


def read_list(tape: Tape) -> None:
    tape.scan(("list", 0), into=LAST)
    tape.goto("first")


def first(tape: Tape) -> None:
    """The middle of the whole list, from 0 to the last index."""
    tape.fetch(("index", 0), LAST)
    tape.write(halved, SUM, MIDDLE)
    tape.goto(look_at_all)


def halved(low: int, high: int) -> tuple[int, int]:
    """The sum of the bounds, and half of it, rounded down."""
    return low + high, (low + high) // 2


def look_at_all(_place: Place, read: Values, _written: Values) -> Any:
    return "whole", *read


def whole(tape: Tape, _low: int, _high: int) -> None:
    look(tape)


def interval(tape: Tape, low: int, high: int, what: str) -> None:
    """Halve the interval, or look at what it holds."""
    if what == "+":
        tape.fetch(("index", low), ("index", high))
        tape.write(halved, SUM, MIDDLE)
        tape.goto(look_at)
    else:
        tape.show(*elements(low, high))
        look(tape)


def look_at(place: Place, _read: Values, _written: Values) -> Any:
    return "interval", *place[:2], "?"


def look(tape: Tape) -> None:
    """Compare the middle element with the target; where it is the target its index is the answer."""
    middle = tape.fetch(MIDDLE)
    tape.fetch(("list", middle), TARGET)
    if tape.write(compare, ORDER) == "=":
        tape.answer(index_of_middle)
    else:
        tape.goto(half_left)


def compare(*read: int) -> str:
    element, target = read[-2:]
    return ">" if element > target else "<" if element < target else "="


def half_left(place: Place, read: Values, written: Values) -> Any:
    """The interval that is left, without the middle."""
    low, high, middle = *place[:2], read[-3]
    return ("interval", low, middle - 1, "+") if written == (">",) else ("interval", middle + 1, high, "+")


def index_of_middle(_place: Place, read: Values, _written: Values) -> str:
    return str(read[-3])


STATES = {"list": read_list, "first": first, "whole": whole, "interval": interval}


def macros(steps: list[Step]) -> list[Macro]:
    """Two halvings at a time: from all elements of an interval to the one that is left, in the end to the index."""
    made = []
    for number in range(1, len(steps), 4):
        low, high = steps[number].at[:2] or steps[number].values
        end = min(number + 4, len(steps))
        made.append(Macro(number, end, (*elements(low, high), TARGET), () if end < len(steps) else (MIDDLE,)))
    return made


_HALVED = "{}/2={}".format
_COMPARED = "{}:{}?{}=".format
CORE = {
    "list": Line(lambda: "", show=listed(), open=""),
    "first": Line(lambda: "", "{}+{}=".format, _HALVED, open=""),
    "whole": Line("{},{}".format, _COMPARED, str, open=";"),
    "interval": Line(
        name=lambda low, high, what: f"{low}+{high} " if what == "+" else "",
        show=lambda *pairs: listed()(*pairs) + ";",
        fetch=lambda *read: _COMPARED(*read) if len(read) == 3 else "=",
        write=lambda *results: _HALVED(*results) if len(results) == 2 else results[0],
        open="",
    ),
}
IN_WORDS = {"<": "That is less.", ">": "That is more.", "=": "That is the target."}
_HALVED_STYLED = "the sum is {} and its half, the middle, {}.".format
_COMPARED_STYLED = "at {} stands {}, and the target is {}. ".format
STYLED = {
    "list": Line(lambda: "The list is ", show=listed(), open="", leave=".\n"),
    "first": Line(lambda: "Look at the whole list ", "from {} to {}: ".format, _HALVED_STYLED, open="", leave="\n"),
    "whole": Line(
        "In the interval from {} to {}, ".format, _COMPARED_STYLED, IN_WORDS.__getitem__, open="", leave="\n"
    ),
    "interval": Line(
        name=lambda low, high, what: f"Look at the interval from {low} to {high}: " if what == "+" else "",
        show=lambda *pairs: f"It holds {listed()(*pairs)}; ",
        fetch=lambda *read: _COMPARED_STYLED(*read) if len(read) == 3 else f"{read[0]} and {read[1]} are added, ",
        write=lambda *results: _HALVED_STYLED(*results) if len(results) == 2 else IN_WORDS[results[0]],
        open="",
        next="\n",
    ),
}
