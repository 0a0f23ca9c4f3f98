"""0-1 Knapsack (dynamic programming): the greatest value of items that fit into a knapsack.

Length is the number of items; weights are 1 … 12, values too, and at most 2 away from the weight; the
capacity is half of the whole weight, rounded down. Such items are hard for greedy rules, and of six
draws the one is taken for which fewest of them give the best value: else taking the most valuable
item first would be right in four of five problems of L. With two items it is always right.

The run is the memoised recursion for dp[i][c], the best value of the first i items with capacity c.
A look at (i, c) fetches what is remembered. If that is blank the call begins: it writes what capacity
would stay free with item i, or "no", and leaves the item out first; then, if it fits, takes it. On
the way back the better of both is remembered. Item i has one open call at most: the cells of item i
hold its capacity and what stays free, and so say how to go on. What is found for i - 1 items is, with
the capacity that stays free with item i, what it is worth to take the item: the call of item i returns.
With more than that the item was left out: now it is taken, or the call returns if it is too heavy.
No items are worth 0.
"""

import re
from itertools import product
from math import comb
from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import hardest, right
from tailkit.tasks.shelf.equality import same_integer

PARADIGM = "dynamic programming"
VERSION = 2
RANGES = {"S": (2, 3), "M": (4, 5), "L": (6, 8)}
NOUNS = ("knapsack problems of {}", "{} item", "{} items")
GREATEST = 12
APART = 2
DRAWS = 6

_ITEMS = "the items, each as number (weight, value), are {items}"
QUERIES = [
    f"0-1 knapsack: capacity {{capacity}}; {_ITEMS}. What is the greatest total value?",
    f"A knapsack holds a weight of {{capacity}}; {_ITEMS}. Each may be packed at most once. Find the maximum value.",
    "Choose among items, none twice, so that their weight is at most {capacity} and their value as large as can be; "
    f"{_ITEMS}. What value is reached?",
    "Solve the 0/1 knapsack problem with W = {capacity}; items as number (weight, value): {items}. Maximum value?",
    "Let items be given as number (weight, value): {items}. Determine the largest sum of values of a subset whose "
    "weights add up to at most {capacity}.",
    "A hiker can carry {capacity} kg. One of each to choose from, as number (kg, usefulness): {items}. How much "
    "usefulness can be packed at most?",
    "A thief's bag takes {capacity} pounds. The loot, as number (pounds, worth): {items}; nothing can be split. What "
    "is the most worth to carry off?",
    "A lorry may load {capacity} tons. The crates, one of each number, as number (tons, profit): {items}. Which "
    "profit is possible at most?",
    "A rocket has room for {capacity} units of mass. Experiments, one of each, as number (mass, score): {items}. "
    "Find the best total score.",
    "With a budget of {capacity} coins, which total joy can be bought at most? Toys, one of each, as number (price, "
    "joy): {items}.",
    "You have {capacity} hours. Tasks, each done wholly or not at all, as number (hours, points): {items}. What is "
    "the highest number of points?",
    f"Use memoised recursion to find the best value for capacity {{capacity}}; {_ITEMS}; each can be used once.",
    "Compute the optimum of the 0-1 knapsack with capacity {capacity} and the items {items}, each written as number "
    "(weight, value).",
    f"Please tell me the maximum value that fits into {{capacity}} weight units; {_ITEMS}, and each exists once.",
    "A drone lifts {capacity} grams at most. Parcels, one of each number, as number (grams, fee): {items}. Give the "
    "greatest sum of fees for one flight.",
    f"Show step by step how to get the most value out of a knapsack of capacity {{capacity}}; {_ITEMS} and none can "
    "be taken twice.",
    "knapsack01(capacity={capacity}, items={items}) with items as number (weight, value) = ?",
    "A photographer's case carries {capacity} kg; gear as number (kg, value): {items}. Every piece exists once. What "
    "is the greatest value in the case?",
    "A disk has {capacity} GB left. Games as number (GB, fun), each installed once or not at all: {items}. How much "
    "fun fits on it at most?",
    f"What is the largest total value of some of the items, weighing no more than {{capacity}} together, if {_ITEMS}?",
    "Teach the knapsack problem on an example: limit {capacity}, items as number (weight, value) {items}, each at "
    "most once. What is the best value?",
    f"Given the limit {{capacity}} for the sum of weights, maximise the sum of values; {_ITEMS}, no item twice. Give "
    "that sum.",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Items [weight, value] that greedy rules seldom choose from; the capacity follows from their weights."""
    n = rng.randint(low, high)
    return hardest(lambda: draw(rng, n), lambda data: right(HEURISTICS, data, oracle(data)), DRAWS)


def draw(rng: Random, n: int) -> dict[str, Any]:
    weights = [rng.randint(1, GREATEST) for _ in range(n)]
    items = [[weight, rng.randint(max(weight - APART, 1), min(weight + APART, GREATEST))] for weight in weights]
    return {"items": items, "capacity": sum(weights) // 2}


def by_value(data: dict[str, Any]) -> str:
    return packed(sorted(data["items"], key=lambda item: item[1], reverse=True), data["capacity"])


def by_ratio(data: dict[str, Any]) -> str:
    return packed(sorted(data["items"], key=lambda item: item[1] / item[0], reverse=True), data["capacity"])


def packed(items: list[list[int]], free: int) -> str:
    """The value of items that are packed in order, each that fits."""
    total = 0
    for weight, value in items:
        if weight <= free:
            free, total = free - weight, total + value
    return str(total)


HEURISTICS = {"most value first": by_value, "most value for its weight first": by_ratio}


def length(data: dict[str, Any]) -> int:
    return len(data["items"])


def key(data: dict[str, Any]) -> str:
    """The items in a fixed order, and the capacity."""
    return f"{sorted(data['items'])}/{data['capacity']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: multisets of items."""
    kinds = sum(abs(weight - value) <= APART for weight, value in product(range(1, GREATEST + 1), repeat=2))
    return sum(comb(kinds + n - 1, n) for n in range(low, high + 1))


def oracle(data: dict[str, Any]) -> str:
    """The best of all values that can be reached with each weight."""
    best = [0] * (data["capacity"] + 1)
    for weight, value in data["items"]:
        for c in range(data["capacity"], weight - 1, -1):
            best[c] = max(best[c], best[c - weight] + value)
    return str(best[-1])


equal = same_integer


def fill(data: dict[str, Any]) -> dict[str, Any]:
    items = [f"{number} ({weight}, {value})" for number, (weight, value) in enumerate(data["items"], start=1)]
    return {"items": ", ".join(items), "capacity": data["capacity"]}


def unfill(words: dict[str, str]) -> dict[str, Any]:
    """The data that these words of a query stand for."""
    items = [[int(weight), int(value)] for weight, value in re.findall(r"\((\d+), *(\d+)\)", words["items"])]
    return {"items": items, "capacity": int(words["capacity"])}


def start(tape: Tape, data: dict[str, Any]) -> Any:
    items, capacity = data["items"], data["capacity"]
    tape.blank("dp", "free")
    for i, (weight, value) in enumerate(items, start=1):
        tape.given([("weight", i), ("value", i)], [weight, value])
    tape.given([("c", c) for c in range(capacity + 1)], range(capacity + 1))
    tape.given([("dp", 0, c) for c in range(capacity + 1)], [0] * (capacity + 1))
    return "look", len(items), capacity


def look(tape: Tape, i: int, c: int) -> None:
    """What is remembered for the first i items with capacity c; where that is blank, its call begins."""
    if tape.fetch(("dp", i, c)) != BLANK:
        tape.fetch(("free", i + 1))
        tape.goto(after_known)
    else:
        tape.fetch(("c", c), ("weight", i))
        tape.write(stays_free, ("free", i))
        tape.put(capacity_of_call, ("capacity", i))
        tape.goto(without_it)


NO = "no"  # the item is too heavy


def stays_free(_: str, capacity: int, weight: int) -> int | str:
    """The capacity that is left when the item is in."""
    return capacity - weight if weight <= capacity else NO


def capacity_of_call(_: str, capacity: int, _weight: int) -> int:
    return capacity


def without_it(place: Place, _read: Values, _written: Values) -> Any:
    i, c = place
    return ("look", i - 1, c) if i > 1 else ("return", i)


def after_known(place: Place, read: Values, _written: Values) -> Any:
    i, c = place
    return after(i, c, read[-1])


def after(i: int, c: int, free: int | str) -> Any:
    """What follows when i items with capacity c are done, and that much stays free with the next item."""
    left_out = c != free
    return ("look", i, free) if left_out and free != NO else ("return", i + 1)


def come_back(tape: Tape, i: int) -> None:
    """The better of leaving item i out and, if it fits, taking it."""
    c = tape.fetch(("capacity", i))
    _, free = tape.fetch(("dp", i - 1, c), ("free", i))
    if free != NO:
        tape.fetch(("dp", i - 1, free), ("value", i))
    is_last = tape.fetch(("free", i + 1)) == BLANK
    tape.write(better, ("dp", i, c))
    if is_last:
        tape.answer(best_of_all)
    else:
        tape.goto(after_return)


def better(_: int, left_out: int, *more: Any) -> int:
    """Without item i, or, if it fits, with it and the best of the rest."""
    _free, *taken, _above = more
    return max(left_out, sum(taken))


def after_return(place: Place, read: Values, _written: Values) -> Any:
    return after(place[0], read[0], read[-1])


def best_of_all(_place: Place, _read: Values, written: Values) -> str:
    return str(written[0])


STATES = {"look": look, "return": come_back}


def macros(steps: list[Step]) -> list[Macro]:
    """Each call for the first two items, whatever of it is remembered."""
    made, first, capacity = [], 0, 0
    for number, step in enumerate(steps):
        if step.kind == "look" and step.at[0] == 2 and step.writes:
            first, capacity = number, step.at[1]
        elif step.kind == "return" and step.at[0] == 2:
            items = [(what, i) for i in (2, 1) for what in ("weight", "value")]
            made.append(Macro(first, number + 1, (("c", capacity), *items, ("free", 3)), (("dp", 2, capacity),)))
    return made


CORE = {
    "look": Line(
        name=lambda i, c: f"{i},{c}",
        fetch=lambda known, *more: f"_;{'-'.join(map(str, more))}=" if known == BLANK else f"{known};{more[0]}",
        write=lambda *free: "".join(map(str, free)),
    ),
    "return": Line(
        name=lambda i: f"={i}",
        fetch=lambda c, left_out, free, *more: (
            f"{c}:{left_out};{free}{':{}+{}'.format(*more) if len(more) > 1 else ''};{more[-1]}="
        ),
        write=str,
        open=",",
    ),
}


def _next_item(free: int | str) -> str:
    """What stays free with the next item, in words."""
    if free == NO:
        return "the next item is too heavy"
    return "there is no next item" if free == BLANK else f"the next item leaves {free} free"


def _look_styled(known: int | str, *more: Any) -> str:
    if known != BLANK:
        return f"{known} is remembered; {_next_item(*more)}."
    return "nothing is remembered; {} are free, and the last one weighs {}: ".format(*more)


def _return_styled(c: int, left_out: int, free: int | str, *more: Any) -> str:
    taken = "it is too heavy" if free == NO else f"with it {free} stay free for {more[0]}, and its {more[1]}"
    return f"with capacity {c}: {left_out} without the last one; {taken}; {_next_item(more[-1])}: "


def _left_free(*free: int | str) -> str:
    return "".join("too heavy." if each == NO else f"{each} stay free with it." for each in free)


STYLED = {
    "look": Line(
        name=lambda i, c: f"The first {i} with capacity {c}",
        fetch=_look_styled,
        write=_left_free,
        open=": ",
        next="\n",
        leave="\n",
    ),
    "return": Line(
        name=lambda i: f"Back at the first {i}",
        fetch=_return_styled,
        write=lambda best: f"{best} is best.",
        open=" ",
        next="\n",
        leave="\n",
    ),
}
