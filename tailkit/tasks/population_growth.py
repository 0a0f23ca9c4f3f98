"""Population growth (iteration): how many pairs live after n units of time.

Length is n. y newborn pairs start; from the age of x units on every pair brings z new pairs each
unit, so that the first are born at time x; nobody dies: F(i) = F(i-1) + z·F(i-x) from unit x on,
F(i) = F(i-1) before, F(0) = y. In a quarter of the problems x is more than half of n: only there
those who were born later have no young in time, and one multiplication would do. Otherwise x is at
least a sixth of n, and y and z are small (1 … 20, 1 … 5): numbers grow with the power of n/x, and
long ones would hide a loop in one state.
The run: time counts down, from n units left to none. Two heads move over the table of F together,
the second one x units before the first, on blanks until the founders are grown up: from then on each
unit has one state that multiplies and one that adds. The last total is read out.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.macros import grouped

PARADIGM = "iteration"
VERSION = 2
RANGES = {"S": (1, 10), "M": (11, 25), "L": (26, 50)}
NOUNS = ("populations after {}", "{} unit of time", "{} units of time")
MOST_PAIRS, MOST_YOUNG = 20, 5
LATE = 0.25  # share of the problems in which only the founders have young

_RULE = (
    "each pair has {z} new pairs every unit from the age of {x} units on (the founders have the first ones at time "
    "{x}), and none die"
)


def _in(units: str) -> str:
    """The rule in another unit of time."""
    return _RULE.replace("units", units).replace("unit", units.removesuffix("s"))


QUERIES = [
    "{y} newborn pairs start; " + _RULE + ". How many pairs are there after {n} units?",
    "Population growth: {y} newborn pairs at time 0, the first offspring at time {x}, {z} pairs each unit from every "
    "pair that is {x} or more units old, no deaths. Total pairs at time {n}?",
    "Let F(0) = {y}, F(i) = F(i-1) for 0 < i < {x}, and F(i) = F(i-1) + {z}*F(i-{x}) for i >= {x}. Find F({n}).",
    "A farm starts with {y} newborn pairs of rabbits. Counted in months, " + _in("months") + ". How many pairs live on "
    "the farm after {n} months?",
    "Biologists release {y} newborn pairs of mice. In this species, " + _in("weeks") + ". What is the number of pairs "
    "after {n} weeks?",
    "Compute the number of pairs after {n} steps: {y} newborn pairs at the start; in each step from step {x} on, every "
    "pair that was there {x} steps before adds {z} pairs; nothing dies.",
    "Suppose that {y} pairs are born at time 0 and that " + _RULE + ". Determine the population in pairs at time {n}.",
    "What is the total number of pairs after {n} years if {y} newborn pairs start, " + _in("years") + "?",
    "Please simulate {n} units: start with {y} newborn pairs, " + _RULE + ". Give the final number of pairs.",
    "In a lake live {y} newborn pairs of fish. Every pair brings {z} new pairs each month, the first ones when it is "
    "exactly {x} months old. No fish dies. How many pairs are there after {n} months, those just born included?",
    "Exercise: a_0 = {y}; a_i = a_(i-1) while i < {x}; afterwards a_i = a_(i-1) + {z} * a_(i-{x}). What is a_{n}?",
    "A game begins with {y} new robot pairs. In every round from round {x} on, each pair that existed {x} rounds "
    "before builds {z} new pairs, and none is ever removed. How many pairs exist after {n} rounds?",
    "Work out unit by unit how many pairs there are after {n} units when {y} newborn pairs start and " + _RULE + ".",
    "Given n={n}, x={x}, y={y}, z={z}: y newborn pairs at time 0; each pair gives z new pairs per unit, the first ones "
    "exactly x units after its birth; no deaths. Total at time n, births at n included?",
    "A gardener plants {y} fresh bulb pairs. Once a pair is {x} seasons old it gives {z} new pairs in that and every "
    "later season (so the first new ones come in season {x}), and none perish. How many pairs are in the garden after "
    "{n} seasons?",
    "How large, in pairs, is a colony at the end of day {n} that starts from {y} newborn pairs at the end of day 0, "
    "where pairs live for ever and have {z} new pairs every day, the first ones exactly {x} days after their birth?",
    "Show step by step how a population of {y} newborn pairs grows over {n} units if " + _RULE + ". How many pairs is "
    "it in the end?",
    "At time 0 there are {y} pairs, all just born. At each time from {x} on, every pair of age {x} or more produces "
    "{z} pairs, the first ones at time {x}. Without deaths, how many pairs are there at time {n}?",
    "Find the size (in pairs) at time {n} of a population with {y} newborn founder pairs at time 0, broods of {z} "
    "pairs per mature pair and unit, the first brood at age {x} exactly (at time {x} for the founders), no mortality.",
    "Teach me: if {y} newborn pairs of penguins settle on an island, and "
    + _in("years")
    + ", how many pairs are there "
    "after {n} years?",
    "A recursion for students: start value {y}, constant until step {x} - 1, then each step from {x} on adds {z} times "
    "the value {x} steps earlier. What is the value after step {n}?",
    "Count the pairs at time {n}: founders {y} (newborn at time 0), offspring {z} pairs per pair and unit, the first "
    "ones at age {x}, so at time {x} for the founders, nobody dies.",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    n = rng.randint(low, high)
    late = n == 1 or rng.random() < LATE
    x = rng.randint(n // 2 + 1, n) if late else rng.randint(earliest(n), n // 2)
    return {"n": n, "x": x, "y": rng.randint(1, MOST_PAIRS), "z": rng.randint(1, MOST_YOUNG)}


def earliest(n: int) -> int:
    """The least age of maturity that is drawn."""
    return max(n // 6, 1)


def length(data: dict[str, Any]) -> int:
    return data["n"]


def key(data: dict[str, Any]) -> str:
    return f"{data['n']},{data['x']},{data['y']},{data['z']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: every x, y and z that is drawn."""
    return sum(n - earliest(n) + 1 for n in range(low, high + 1)) * MOST_PAIRS * MOST_YOUNG


def oracle(data: dict[str, Any]) -> str:
    """Simulates cohorts: how many pairs there are of each age."""
    ages = [data["y"]]
    for _ in range(data["n"]):
        ages = [0, *ages]
        ages[0] = data["z"] * sum(ages[data["x"] :])
    return str(sum(ages))


def only_founders(data: dict[str, Any]) -> str:
    """As if nobody but the founders had young: one product and one sum."""
    return str(data["y"] * (1 + data["z"] * (data["n"] - data["x"] + 1)))


equal = same_integer
HEURISTICS = {"only the founders have young": only_founders}


N, X, Z, YOUNG = ("n",), ("x",), ("z",), ("young",)


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("F")
    tape.given([N, X, Z, ("F", data["n"])], [data["n"], data["x"], data["z"], data["y"]])
    return "start"


def start_at(tape: Tape) -> None:
    """The founders, with all n units left."""
    n, _ = tape.fetch(N, X)
    tape.fetch(("F", n))
    tape.write(heads, ("heads", 1), ("heads", 2))
    tape.goto(first_unit)


def heads(n: int, x: int, _founders: int) -> tuple[int, int]:
    """Where the two heads are in the first unit: the second one is x units further back."""
    return n - 1 + x, n - 1


def first_unit(_place: Place, _read: Values, written: Values) -> Any:
    return "unit", *written, "*"


def unit(tape: Tape, back: int, left: int, sign: str) -> None:
    """Multiply: z are born for each pair that there was, none as long as there was nobody. Add: them to the others."""
    if sign == "+":
        tape.fetch(("F", left + 1), YOUNG)
        tape.write(int.__add__, ("F", left))
        tape.goto(next_unit)
    elif tape.fetch(("F", back)) == BLANK:
        tape.fetch(("F", left + 1))
        tape.put(as_before, ("F", left))
        tape.goto(next_unit)
    else:
        tape.fetch(Z)
        tape.write(int.__mul__, YOUNG)
        tape.goto(addition_at)


def as_before(_blank: str, pairs: int) -> int:
    return pairs


def addition_at(place: Place, _read: Values, _written: Values) -> Any:
    return "unit", *place[:2], "+"


def next_unit(place: Place, _read: Values, _written: Values) -> Any:
    """Both heads move on; with no unit left the total is read."""
    back, left, _ = place
    return ("unit", back - 1, left - 1, "*") if left else "total"


def total(tape: Tape) -> None:
    tape.fetch(("F", 0))
    tape.answer(read_out)


def read_out(_place: Place, read: Values, _written: Values) -> str:
    return str(read[0])


STATES = {"start": start_at, "unit": unit, "total": total}


def macros(steps: list[Step]) -> list[Macro]:
    """Blocks of x units, each of which leaves the numbers of pairs that are read later."""
    n, x = steps[0].values[:2]
    made = []
    for macro in grouped(lambda step: (n - 1 - step.at[1]) // x if step.at else None)(steps):
        later = {cell for step in steps[macro.end :] for cell in step.cells}
        left = [("F", step.at[1]) for step in steps[macro.first : macro.end] if ("F", step.at[1]) in later]
        made.append(macro._replace(results=tuple(dict.fromkeys(left))))
    return made


CORE = {
    "start": Line(lambda: "", lambda n, x, founders: f"{n}:{founders} x={x}=", "{},{}".format, open=""),
    "unit": Line("{},{}{}".format, "{},{}=".format, str, open="", put=str),
    "total": Line(lambda: "total", str),
}
STYLED = {
    "start": Line(
        name=lambda: "With ",
        fetch=lambda n, x, founders: f"{n} units left there are {founders} newborn pairs, with young at {x} units. ",
        write=lambda back, left: f"Those of {back} left are grown up in the first unit, which leaves {left}.",
        open="",
        leave="\n",
    ),
    "unit": Line(
        name=lambda back, left, sign: (
            f"With {left} left those of {back} left have young: "
            if sign == "*"
            else f"With {left} left the young of those of {back} left are added: "
        ),
        fetch=lambda pairs, other: f"nobody was there, {other} pairs " if pairs == BLANK else f"{pairs} and {other} ",
        write="give {}.".format,
        put="stay {}.".format,
        open="",
        next="\n",
        leave="\n",
    ),
    "total": Line(lambda: "In the end there are ", "{} pairs.".format, open=""),
}
