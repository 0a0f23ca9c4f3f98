"""0-1 Knapsack (dynamic programming): the greatest value of items that fit into a knapsack.

Length is the number of items; values and weights are 1 … 12, the capacity is half of the whole
weight, rounded down. The run is the memoised recursion for dp[i][c], the best value of the first i
items with capacity c. A look at (i, c) fetches what is remembered: a value ends the look, a blank
opens the call. It writes what capacity would stay free with item i, or "no", and leaves the item
out first; then, if it fits, takes it. On the way back the better of both is remembered. What stays
free is written and fetched again, so that no transition has to subtract. No items are worth 0.
"""

import re
from math import comb
from random import Random
from typing import Any

from tailkit.records import BLANK, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.wording import nothing

PARADIGM = "dynamic programming"
VERSION = 1
RANGES = {"S": (2, 3), "M": (4, 5), "L": (6, 8)}
NOUNS = ("knapsack problems of {}", "{} item", "{} items")
GREATEST = 12

_ITEMS = "the items, each as number (weight, value), are {items}"
QUERIES = [
    "0-1 knapsack: capacity {capacity}; " + _ITEMS + ". What is the greatest total value?",
    "A knapsack holds a weight of {capacity}; " + _ITEMS + ". Each may be packed at most once. Find the maximum value.",
    "Choose among items, none twice, so that their weight is at most {capacity} and their value as large as can be; "
    + _ITEMS
    + ". What value is reached?",
    "Solve the 0/1 knapsack problem with W = {capacity}; items as number (weight, value): {items}. Maximum value?",
    "Let items be given as number (weight, value): {items}. Determine the largest sum of values of a subset whose "
    "weights add up to at most {capacity}.",
    "A hiker can carry {capacity} kg. One of each to choose from, as number (kg, usefulness): {items}. How "
    "much usefulness can be packed at most?",
    "A thief's bag takes {capacity} pounds. The loot, as number (pounds, worth): {items}; nothing can be split. "
    "What is the most worth to carry off?",
    "A lorry may load {capacity} tons. The crates, one of each number, as number (tons, profit): {items}. "
    "Which profit is possible at most?",
    "A rocket has room for {capacity} units of mass. Experiments, one of each, as number (mass, score): {items}. "
    "Find the best total score.",
    "With a budget of {capacity} coins, which total joy can be bought at most? Toys, one of each, as number (price, "
    "joy): {items}.",
    "You have {capacity} hours. Tasks, each done wholly or not at all, as number (hours, points): {items}. What is the "
    "highest number of points?",
    "Use memoised recursion to find the best value for capacity {capacity}; " + _ITEMS + "; each can be used once.",
    "Compute the optimum of the 0-1 knapsack with capacity {capacity} and the items {items}, each written as number "
    "(weight, value).",
    "Please tell me the maximum value that fits into {capacity} weight units; " + _ITEMS + ", and each exists once.",
    "A drone lifts {capacity} grams at most. Parcels, one of each number, as number (grams, fee): {items}. Give the "
    "greatest sum of fees for one flight.",
    "Show step by step how to get the most value out of a knapsack of capacity {capacity}; " + _ITEMS + " and none can "
    "be taken twice.",
    "knapsack01(capacity={capacity}, items={items}) with items as number (weight, value) = ?",
    "A photographer's case carries {capacity} kg; gear as number (kg, value): {items}. Every piece exists once. "
    "What is the greatest value in the case?",
    "A disk has {capacity} GB left. Games as number (GB, fun), each installed once or not at all: {items}. How much "
    "fun fits on it at most?",
    "What is the largest total value of some of the items, weighing no more than {capacity} together, if "
    + _ITEMS
    + "?",
    "Teach the knapsack problem on an example: limit {capacity}, items as number (weight, value) {items}, each at most "
    "once. What is the best value?",
    "Given the limit {capacity} for the sum of weights, maximise the sum of values; "
    + _ITEMS
    + ", no item twice. Give "
    "that sum.",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Items [weight, value]; the capacity follows from their weights."""
    items = [[rng.randint(1, GREATEST), rng.randint(1, GREATEST)] for _ in range(rng.randint(low, high))]
    return {"items": items, "capacity": sum(weight for weight, _ in items) // 2}


def length(data: dict[str, Any]) -> int:
    return len(data["items"])


def key(data: dict[str, Any]) -> str:
    """The items in a fixed order, and the capacity."""
    return f"{sorted(data['items'])}/{data['capacity']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: multisets of items."""
    return sum(comb(GREATEST**2 + n - 1, n) for n in range(low, high + 1))


def oracle(data: dict[str, Any]) -> str:
    """Tries all subsets."""
    from itertools import combinations

    best = 0
    for size in range(len(data["items"]) + 1):
        for chosen in combinations(data["items"], size):
            if sum(weight for weight, _ in chosen) <= data["capacity"]:
                best = max(best, sum(value for _, value in chosen))
    return str(best)


equal = same_integer


def fill(data: dict[str, Any]) -> dict[str, Any]:
    items = [f"{number} ({weight}, {value})" for number, (weight, value) in enumerate(data["items"], start=1)]
    return {"items": ", ".join(items), "capacity": data["capacity"]}


def unfill(words: dict[str, str]) -> dict[str, Any]:
    """The data that these words of a query stand for."""
    items = [[int(weight), int(value)] for weight, value in re.findall(r"\((\d+), *(\d+)\)", words["items"])]
    return {"items": items, "capacity": int(words["capacity"])}


def program(tape: Tape, data: dict[str, Any]) -> None:
    items, capacity = data["items"], data["capacity"]
    tape.blank("dp")
    for i, (weight, value) in enumerate(items, start=1):
        tape.given([("weight", i), ("value", i)], [weight, value])
    tape.given([("c", c) for c in range(capacity + 1)], range(capacity + 1))
    tape.given([("dp", 0, c) for c in range(capacity + 1)], [0] * (capacity + 1))
    look(tape, len(items), capacity)
    tape.answer(str, ("dp", len(items), capacity))


def look(tape: Tape, i: int, c: int) -> None:
    """See to it that dp[i][c] is known."""
    if i == 2:
        with tape.macro("last two items"):
            call(tape, i, c)
    elif i:
        call(tape, i, c)


def call(tape: Tape, i: int, c: int) -> None:
    """Fetch dp[i][c]; where it is blank work it out from i - 1 items, and remember it."""
    if tape.value(("dp", i, c)) != BLANK:
        tape.state("known", i, c)
        tape.fetch(("dp", i, c))
        return
    tape.state("open", i, c)
    tape.fetch(("dp", i, c), ("c", c), ("weight", i))
    free = tape.write(stays_free, ("free", i, c))
    look(tape, i - 1, c)
    if free != NO:
        look(tape, i - 1, free)
    tape.state("return", i, c)
    tape.fetch(("dp", i - 1, c), ("free", i, c))
    if free != NO:
        tape.fetch(("dp", i - 1, free), ("value", i))
    tape.write(better, ("dp", i, c))


NO = "no"  # the item is too heavy


def stays_free(_: str, capacity: int, weight: int) -> int | str:
    """The capacity that is left when the item is in."""
    return capacity - weight if weight <= capacity else NO


def better(left_out: int, _: int | str, rest: int = 0, value: int = 0) -> int:
    """Without item i, or, if it fits, with it and the best of the rest."""
    return max(left_out, rest + value)


CORE = {
    "known": Line("{},{}".format, str, nothing),
    "open": Line("{},{}".format, "{};{}-{}=".format, str),
    "return": Line(
        name="={},{}".format,
        fetch=lambda left_out, free, *taken: f"{left_out};{free}{':{}+{}'.format(*taken) if taken else ''}=",
        write=str,
    ),
}
STYLED = {
    "known": Line(
        name="The first {} with capacity {}".format,
        fetch="{} is remembered.".format,
        write=nothing,
        open=": ",
        next="\n",
        leave="\n",
    ),
    "open": Line(
        name="The first {} with capacity {}".format,
        fetch="{} is remembered; {} are free, and the last one weighs {}: ".format,
        write=lambda free: "too heavy." if free == NO else f"{free} stay free with it.",
        open=": ",
        next="\n",
        leave="\n",
    ),
    "return": Line(
        name="Back at the first {} with capacity {}".format,
        fetch=lambda left_out, free, *taken: (
            f"{left_out} without the last one; "
            + (f"with it {free} stay free for {taken[0]}, and its {taken[1]}: " if taken else "it is too heavy: ")
        ),
        write="{} is best.".format,
        open=": ",
        next="\n",
        leave="\n",
    ),
}
