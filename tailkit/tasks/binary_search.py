"""Binary search (divide & conquer): the index of a target that is in an increasing list, by halving.

Length is the size of the list. The run: the list is laid out under its indices, up to the blank;
that is the first interval. A state is an interval of indices, the sum of its bounds, and its
middle, half of the sum rounded down. It prints all elements of the interval with their indices (the
first time they have just been printed), then the middle element beside the target, and how they
compare; the transition is the half that is left, until the middle is the target. So nothing is
counted before it is read, and what is compared stands side by side, as Memory Fetcher asks.
"""

from bisect import bisect_left
from math import comb
from random import Random
from typing import Any

from tailkit.records import Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.wording import listed

PARADIGM = "divide & conquer"
VERSION = 3
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


equal = same_integer


def program(tape: Tape, data: dict[str, Any]) -> None:
    tape.blank("list")
    places = [("list", index) for index in range(len(data["numbers"]) + 1)]
    tape.given([*places[:-1], TARGET], [*data["numbers"], data["target"]])
    tape.state("list")
    tape.show(*places)
    tape.write(whole, LOW, HIGH, MIDDLE)
    order = ""
    while order != "=":
        with tape.macro("two halvings"):
            order = halve(tape, first=order == "")
            if order != "=":
                order = halve(tape)
    tape.answer(str, MIDDLE)


LOW, HIGH, MIDDLE, TARGET, ORDER = ("low",), ("high",), ("middle",), ("target",), ("order",)


def halve(tape: Tape, *, first: bool = False) -> str:
    """One interval: compare its middle element with the target, and keep the half that holds it."""
    low, high, middle = tape.value(LOW), tape.value(HIGH), tape.value(MIDDLE)
    tape.state("whole" if first else "interval", low, high, middle)
    tape.fetch(LOW, HIGH, MIDDLE, ("list", middle), TARGET)
    if not first:
        tape.fetch(*[("list", index) for index in range(low, high + 1)])
    order: str = tape.write(compare, ORDER)
    tape.write(half_left, LOW, HIGH, MIDDLE)
    return order


def whole(*numbers: int | str) -> tuple[int, int, int]:
    """The interval of all indices, and its middle; the last of the numbers is the blank."""
    return 0, len(numbers) - 2, (len(numbers) - 2) // 2


def compare(low: int, high: int, middle: int, element: int, target: int, *_: int) -> str:
    return ">" if element > target else "<" if element < target else "="


def half_left(low: int, high: int, middle: int, element: int, target: int, *_: int) -> tuple[int, int, int]:
    """The bounds of the interval that is left, without the middle, and its own middle."""
    if element > target:
        high = middle - 1
    elif element < target:
        low = middle + 1
    else:
        low = high = middle
    return low, high, (low + high) // 2


def _listed(low: int, numbers: tuple[int, ...]) -> str:
    return ",".join([f"{index}:{number}" for index, number in enumerate(numbers, start=low)])


_WHOLE = Line(
    name=lambda low, high, middle: f"{low}+{high}={low + high}/2={middle}",
    fetch=lambda low, high, middle, element, target: f"{element}?{target}=",
    write=lambda order, *_: order,
    open=" ",
)
CORE = {
    "list": Line(lambda: "", None, lambda *read: listed()(*read[:-3]), open=""),
    "whole": _WHOLE,
    "interval": _WHOLE._replace(
        fetch=lambda low, high, middle, element, target, *numbers: f"{_listed(low, numbers)};{element}?{target}="
    ),
}
IN_WORDS = {"<": "That is less.", ">": "That is more.", "=": "That is the target."}
_WHOLE_STYLED = Line(
    name=lambda low, high, middle: f"the interval from {low} to {high}, whose sum is {low + high} and middle {middle}",
    fetch=lambda low, high, middle, element, target: f"{element} stands there, and the target is {target}. ",
    write=lambda order, *_: IN_WORDS[order],
    open=": ",
    next="\nLook at ",
    leave="\nLook at ",
)
STYLED = {
    "list": Line(lambda: "The list is ", None, lambda *read: listed()(*read[:-3]), open="", leave=".\nLook at "),
    "whole": _WHOLE_STYLED,
    "interval": _WHOLE_STYLED._replace(
        fetch=lambda low, high, middle, element, target, *numbers: (
            f"it holds {_listed(low, numbers)}; in the middle stands {element}, and the target is {target}. "
        )
    ),
}
