"""Population growth (iteration): how many pairs live after n units of time.

Length is n. y newborn pairs start; from the age of x units on every pair brings z new pairs each
unit; nobody dies: F(i) = F(i-1) + z·F(i-x) from unit x on, F(i) = F(i-1) before, F(0) = y.
The run: one state a unit. Two heads move over the table of F together, the second x units after
the first; before unit x it stands on blanks. y and z are small (1 … 20, 1 … 5): numbers grow with
the power of n/x, and long ones would hide a loop in one state.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer

PARADIGM = "iteration"
VERSION = 1
RANGES = {"S": (1, 10), "M": (11, 25), "L": (26, 50)}
NOUNS = ("populations after {}", "{} unit of time", "{} units of time")
MOST_PAIRS, MOST_YOUNG = 20, 5

_RULE = "from the age of {x} units on, each pair has {z} new pairs every unit, and none die"
QUERIES = [
    "{y} newborn pairs start; " + _RULE + ". How many pairs are there after {n} units?",
    "Population growth: {y} newborn pairs at time 0, first offspring at age {x}, {z} pairs per pair and unit, no "
    "deaths. Total pairs at time {n}?",
    "Let F(0) = {y}, F(i) = F(i-1) for 0 < i < {x}, and F(i) = F(i-1) + {z}*F(i-{x}) for i >= {x}. Find F({n}).",
    "A farm starts with {y} newborn pairs of rabbits. "
    + "Counted in months, "
    + _RULE.replace("units", "months").replace("unit", "month")
    + ". How many pairs live on the farm after {n} months?",
    "Biologists release {y} newborn pairs of mice. "
    + _RULE.replace("units", "weeks").replace("unit", "week").capitalize()
    + ". What is the number of pairs after {n} weeks?",
    "Compute the number of pairs after {n} steps: {y} newborn pairs at the start; a pair at least {x} steps old "
    "adds {z} pairs in each step; nothing dies.",
    "Suppose that {y} pairs are born at time 0 and that " + _RULE + ". Determine the population in pairs at time {n}.",
    "What is the total number of pairs after {n} years if {y} newborn pairs start, each pair has {z} new pairs a year "
    "from the age of {x} years on, and no pair ever dies?",
    "Please simulate {n} units: start with {y} newborn pairs, " + _RULE + ". Give the final number of pairs.",
    "In a lake live {y} newborn pairs of fish. Every pair that is {x} or more months old brings {z} new pairs each "
    "month. No fish dies. How many pairs are there after {n} months?",
    "Exercise: a_0 = {y}; a_i = a_(i-1) while i < {x}; afterwards a_i = a_(i-1) + {z} * a_(i-{x}). What is a_{n}?",
    "A game begins with {y} new robot pairs. A pair that has existed for {x} rounds or more builds {z} new pairs each "
    "round, and none is ever removed. How many pairs exist after {n} rounds?",
    "Work out unit by unit how many pairs there are after {n} units when {y} newborn pairs start and " + _RULE + ".",
    "Given n={n}, x={x}, y={y}, z={z}: y newborn pairs; at age x and later each pair gives z new pairs per unit; no "
    "deaths. Total after n units?",
    "A gardener plants {y} fresh bulb pairs. Once a pair is {x} seasons old it gives {z} new pairs in that and every "
    "later season, and none perish. How many pairs are in the garden after {n} seasons?",
    "How large, in pairs, is a colony after {n} days that starts from {y} newborn pairs, where pairs of age {x} days "
    "or more have {z} new pairs per day and live for ever?",
    "Show step by step how a population of {y} newborn pairs grows over {n} units if " + _RULE + ". How many pairs is "
    "it in the end?",
    "At time 0 there are {y} pairs, all just born. In each time unit every pair aged {x} or more produces {z} pairs. "
    "Without deaths, how many pairs are there at time {n}?",
    "Find the size (in pairs) at unit {n} of a population with {y} newborn founder pairs, maturity at {x} units, brood "
    "{z} pairs per mature pair and unit, no mortality.",
    "Teach me: if {y} newborn pairs of penguins settle on an island, and "
    + _RULE.replace("units", "years").replace("unit", "year")
    + ", how many pairs are there after {n} years?",
    "A recursion for students: start value {y}, constant until step {x}, then each step adds {z} times the value "
    "{x} steps earlier. What is the value after step {n}?",
    "Count the pairs: founders {y} (newborn), offspring {z} pairs per pair and unit from age {x}, time {n} units, "
    "nobody dies.",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    n = rng.randint(low, high)
    return {"n": n, "x": rng.randint(1, n), "y": rng.randint(1, MOST_PAIRS), "z": rng.randint(1, MOST_YOUNG)}


def length(data: dict[str, Any]) -> int:
    return data["n"]


def key(data: dict[str, Any]) -> str:
    return f"{data['n']},{data['x']},{data['y']},{data['z']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: every x up to n, every y and z."""
    return sum(range(low, high + 1)) * MOST_PAIRS * MOST_YOUNG


def oracle(data: dict[str, Any]) -> str:
    """Simulates cohorts: how many pairs there are of each age."""
    ages = [data["y"]]
    for _ in range(data["n"]):
        ages = [0, *ages]
        ages[0] = data["z"] * sum(ages[data["x"] :])
    return str(sum(ages))


equal = same_integer


def program(tape: Tape, data: dict[str, Any]) -> None:
    n, x = data["n"], data["x"]
    tape.blank("F")
    tape.given([N, X, Z, ("F", 0)], [n, x, data["z"], data["y"]])
    tape.state("start")
    tape.fetch(X, ("F", 0))
    tape.write(heads, ("grown up",), ("unit",))
    for first in range(1, n + 1, x):
        with tape.macro("x units"):
            for i in range(first, min(first + x, n + 1)):
                tape.state("unit", i - x, i)
                tape.fetch(N, ("F", i - 1), Z, ("F", i - x))
                tape.write(grow, ("F", i))
    tape.answer(str, ("F", n))


N, X, Z = ("n",), ("x",), ("z",)


def heads(x: int, _: int) -> tuple[int, int]:
    """Where the two heads begin: the second one x units after unit 1."""
    return 1 - x, 1


def grow(_: int, pairs: int, young: int, grown_up: int | str) -> int:
    """F(i) from F(i-1), z and F(i-x); a blank has no young."""
    return pairs if grown_up == BLANK else pairs + young * int(grown_up)


CORE = {
    "start": Line(lambda: "0", lambda x, y: f"{y} x={x}=", "{},{}".format),
    "unit": Line(
        name=lambda j, i: f"{j},{i}",
        fetch=lambda n, pairs, young, grown_up: f"{n}:{pairs}+{young}*{grown_up}=",
        write=str,
        open="/",
    ),
}
STYLED = {
    "start": Line(
        name=lambda: "At unit 0",
        fetch=lambda x, y: f"there are {y} newborn pairs, which have young when they are {x} units old. ",
        write=lambda j, i: f"The first unit is {i}, and those born by {j} are grown up then.",
        open=" ",
        leave="\nThen ",
    ),
    "unit": Line(
        name=lambda j, i: f"those born by unit {j} are grown up in unit {i}",
        fetch=lambda n, pairs, young, grown_up: (
            f"of {n}: {pairs} pairs plus {young} for each of the {grown_up} grown up "
        ),
        write=lambda pairs: f"are {pairs} pairs.",
        open=" ",
        next="\nNext, ",
    ),
}
