"""Binary search (divide & conquer): the index of a target that is in an increasing list, by halving.

Length is the size of the list. The run: a state is an interval of indices; it prints all its
elements with their indices, and the target, then the middle index (rounded down) and how the
element there compares; the transition is the half that is left, until the middle is the target.
"""

from bisect import bisect_left
from math import comb
from random import Random
from typing import Any

from tailkit.answers import same_integer
from tailkit.records import Line
from tailkit.tape import Tape

PARADIGM = "divide & conquer"
VERSION = 1
RANGES = {"S": (5, 20), "M": (21, 40), "L": (41, 70)}
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
    numbers = data["numbers"]
    tape.given([LOW, HIGH, TARGET], [0, len(numbers) - 1, data["target"]])
    tape.given([("list", index) for index in range(len(numbers))], numbers)
    order = ""
    while order != "=":
        with tape.macro("two halvings"):
            order = halve(tape)
            if order != "=":
                order = halve(tape)
    tape.answer(str, MIDDLE)


LOW, HIGH, TARGET, MIDDLE, ORDER = ("low",), ("high",), ("target",), ("middle",), ("order",)


def halve(tape: Tape) -> str:
    """One interval: compare its middle element with the target, and keep the half that holds it."""
    low, high = tape.value(LOW), tape.value(HIGH)
    tape.state("interval", low, high)
    tape.fetch(LOW, HIGH, *[("list", index) for index in range(low, high + 1)], TARGET)
    tape.write(compare_middle, MIDDLE, ORDER)
    tape.write(half_left, LOW, HIGH)
    return tape.value(ORDER)


def compare_middle(low: int, high: int, *numbers: int) -> tuple[int, str]:
    """The middle index, and how its element compares with the target, the last of the numbers."""
    middle = (low + high) // 2
    element, target = numbers[middle - low], numbers[-1]
    return middle, ">" if element > target else "<" if element < target else "="


def half_left(low: int, high: int, *numbers: int) -> tuple[int, int]:
    """The bounds of the interval that is left, without the middle."""
    middle, order = compare_middle(low, high, *numbers)
    return (low, middle - 1) if order == ">" else (middle + 1, high) if order == "<" else (middle, middle)


def _listed(low: int, _: int, *numbers: int) -> str:
    return ",".join([f"{index}:{number}" for index, number in enumerate(numbers[:-1], start=low)])


IN_WORDS = {"<": "less than the target.", ">": "more than the target.", "=": "the target itself."}
CORE = {
    "interval": Line(
        name=lambda low, high: f"{low},{high}",
        fetch=lambda *fetched: f"{_listed(*fetched)}?{fetched[-1]} ",
        write=lambda middle, order, *_: f"{middle}{order}",
        open=" ",
        next="\n",
    ),
}
STYLED = {
    "interval": Line(
        name=lambda low, high: f"the interval from {low} to {high}",
        fetch=lambda *fetched: f"it holds {_listed(*fetched)}, and the target is {fetched[-1]}. ",
        write=lambda middle, order, *_: f"The element in its middle, at {middle}, is {IN_WORDS[order]}",
        open=": ",
        next="\nLook at ",
    ),
}
