"""Bubble sort (simulation): a list of distinct integers in ascending order, by swapping neighbours.

Length is the size of the list; its integers are drawn from -999 … 999.
The run: a pass compares neighbours from the left up to the end place, which moves left by one
after each pass, as the greatest number has arrived there. A pass without a swap moves it to 0 at
once, and at 0 the run is over. Every state carries the end and whether the pass has swapped yet,
so it can tell what follows. In 0,1/3:0;512,-34=1;-34,512 the places 0 and 1 of a pass up to 3,
without a swap so far, hold 512 and -34; then there is a swap, and they hold -34 and 512.
The list is shown before every pass: a comparison never fetches from further back than that.
"""

from math import perm
from random import Random
from typing import Any

from tailkit.records import Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_list
from tailkit.tasks.shelf.wording import joined, listed

PARADIGM = "simulation"
VERSION = 1
RANGES = {"S": (2, 4), "M": (5, 6), "L": (7, 8)}
NOUNS = ("lists of {}", "{} number", "{} numbers")
NUMBERS = range(-999, 1000)

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
    return {"numbers": rng.sample(NUMBERS, rng.randint(low, high))}


def length(data: dict[str, Any]) -> int:
    return len(data["numbers"])


def key(data: dict[str, Any]) -> str:
    """The list as it is given: each order of the same numbers is a problem of its own."""
    return comma_separated(*data["numbers"])


def support(low: int, high: int) -> int:
    """How many distinct problems there are: ordered choices of different numbers."""
    return sum(perm(len(NUMBERS), size) for size in range(low, high + 1))


def oracle(data: dict[str, Any]) -> str:
    return ",".join(str(number) for number in sorted(data["numbers"]))


equal = same_list


def program(tape: Tape, data: dict[str, Any]) -> None:
    places = [("list", place) for place in range(len(data["numbers"]))]
    tape.given(places, data["numbers"])
    tape.given([END, SWAPPED], [len(places) - 1, 0])
    while tape.value(END) > 0:
        tape.state("list")
        tape.show(*places)
        with tape.macro("pass"):
            bubble(tape)
    tape.answer(comma_separated, *places)


END, SWAPPED = ("end",), ("swapped",)
comma_separated = joined()


def bubble(tape: Tape) -> None:
    """One pass: put neighbours in order from the left up to END, then set END for the next pass."""
    for i in range(tape.value(END)):
        tape.state("compare", i, i + 1)
        tape.fetch(END, SWAPPED, ("list", i), ("list", i + 1))
        tape.write(put_in_order, SWAPPED, ("list", i), ("list", i + 1))
    tape.state("end")
    tape.fetch(END, SWAPPED)
    tape.write(settle, END, SWAPPED)


def put_in_order(_: int, swapped: int, left: int, right: int) -> tuple[int, int, int]:
    """Whether the pass has swapped by now, and the two neighbours in ascending order."""
    return (1, right, left) if left > right else (swapped, left, right)


def settle(end: int, swapped: int) -> tuple[int, int]:
    """Where the next pass ends, 0 if the list is in order; that pass has not swapped yet."""
    return end - 1 if swapped else 0, 0


CORE = {
    "list": Line(lambda: "list ", None, listed(), open=""),
    "compare": Line(
        name=lambda i, j: f"{i},{j}",
        fetch=lambda end, swapped, left, right: f"{end}:{swapped};{left},{right}=",
        write=lambda swapped, left, right: f"{swapped};{left},{right}",
        open="/",
    ),
    "end": Line(
        lambda: "end/", lambda end, swapped: f"{end}:{swapped}=", lambda end, swapped: f"{end}:{swapped}", open=""
    ),
}

HAS_SWAPPED = ("has had no swap", "has had a swap")
STYLED = {
    "list": Line(
        name=lambda: "The list is ",
        fetch=None,
        write=lambda *items: listed(", ", ": ")(*items) + ".",
        open="",
        leave="\nFirst, ",
    ),
    "compare": Line(
        name=lambda i, j: f"places {i} and {j}",
        fetch=lambda end, swapped, left, right: (
            f"hold {left} and {right}; the pass goes up to place {end} and {HAS_SWAPPED[swapped]}. "
        ),
        write=lambda swapped, left, right: f"Now it {HAS_SWAPPED[swapped]}, and they hold {left} and {right}.",
        open=" ",
        next="\nNext, ",
        leave="\nThen ",
    ),
    "end": Line(
        name=lambda: "the pass is over",
        fetch=lambda end, swapped: f"at place {end} and {HAS_SWAPPED[swapped]}: ",
        write=lambda end, swapped: (
            f"the next one goes up to place {end} and {HAS_SWAPPED[swapped]}." if end else "the list is in order."
        ),
        open=" ",
        leave="\n",
    ),
}
