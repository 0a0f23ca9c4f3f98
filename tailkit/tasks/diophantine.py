"""Diophantine equation (enumeration): all whole a, b >= 0 with x1·a + x2·b = n.

Length is the right-hand side n; both coefficients lie in 2 … 20. Coefficients in other order are
another problem, as a and b change places.
Without care more than half of the equations would have no solution, and many of the others only ones
with a = 0 or b = 0, which two divisions find: most of the former and some of the latter are drawn anew,
with other coefficients.
The run: for each a from 0 on, what is left of n is divided by x2; without remainder that is a solution,
which a state of its own writes down; then x1 is taken away. The end: less than x1 is left. At last the
solutions are read out.
"""

from random import Random
from typing import Any

from tailkit.records import Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_set
from tailkit.tasks.shelf.macros import grouped

PARADIGM = "enumeration"
VERSION = 4
RANGES = {"S": (10, 50), "M": (51, 100), "L": (101, 200)}
NOUNS = ("equations with {}", "right-hand side {}", "right-hand sides {}")
LEAST, MOST = 2, 20
UNSOLVABLE, ONE_KIND = 0.16, 0.45  # shares of equations without a solution, or only with a 0, that stay

_FORM = "List all pairs (a,b) in rising order of a, separated by semicolons, or say none."
QUERIES = [
    "Solve {x1}a + {x2}b = {n} in integers a, b >= 0. " + _FORM,
    "{x1}*a + {x2}*b = {n}, a and b whole and not negative: all solutions as (a,b);(a,b), by rising a, or none?",
    "Find every pair of non-negative integers (a, b) such that {x1}a + {x2}b = {n}. " + _FORM,
    "Let a, b be non-negative integers. Determine all (a,b) with {x1}·a + {x2}·b = {n}; separate the pairs by "
    "semicolons, a rising; write none if there are none.",
    "Enumerate the solutions of the Diophantine equation {x1}a + {x2}b = {n} with a >= 0 and b >= 0. " + _FORM,
    "A stall sells bags of {x1} and bags of {x2} apples. With a small bags of the first and b of the second kind, in "
    "which ways can exactly {n} apples be bought? " + _FORM,
    "How can {n} cents be paid with a coins of {x1} cents and b coins of {x2} cents? " + _FORM,
    "You have planks of {x1} dm and of {x2} dm. Which numbers a and b of them make exactly {n} dm? " + _FORM,
    "Tickets cost {x1} euros for children and {x2} euros for adults, {n} euros were paid. How many children (a) and "
    "adults (b) can it have been? " + _FORM,
    "Please test every a from 0 on: when is {n} - {x1}a divisible by {x2}? Give all pairs (a,b) with "
    "{x1}a + {x2}b = {n}, separated by semicolons, or none.",
    "Show step by step which whole numbers a, b >= 0 fulfil {x1}a + {x2}b = {n}. " + _FORM,
    "equation: {x1}a+{x2}b={n}; domain: a,b in 0,1,2,...; output: pairs (a,b) joined by ;, a rising, or none",
    "A vase holds {n} flowers made up of a bunches of {x1} and b bunches of {x2}. Name all possible (a,b). " + _FORM,
    "For which non-negative integers a and b does {x1} times a plus {x2} times b equal {n}? " + _FORM,
    "Teams of {x1} and teams of {x2} are formed from {n} pupils, with nobody left over. Let a and b count the teams. "
    + _FORM,
    "Compute the set of all (a,b), a >= 0, b >= 0, both whole, with {x1}a + {x2}b = {n}. " + _FORM,
    "A train of length {n} consists of a wagons of length {x1} and b wagons of length {x2}. What can a and b be? "
    + _FORM,
    "Explain to a pupil how to find all natural solutions (zero allowed) of {x1}a + {x2}b = {n}. " + _FORM,
    "Points in a game come in {x1}s and {x2}s. The score is {n}. In how many {x1}s (a) and {x2}s (b) can it split? "
    + _FORM,
    "Give all lattice points (a,b) with a, b >= 0 on the line {x1}a + {x2}b = {n}. " + _FORM,
    "Stamps of {x1} and {x2} units shall make a postage of {n} exactly; a and b are their numbers. " + _FORM,
    "Is {n} a sum of a times {x1} and b times {x2} with whole a, b >= 0? " + _FORM,
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """The right-hand side first, then coefficients for it."""
    n = rng.randint(low, high)
    while True:
        x1, x2 = rng.randint(LEAST, MOST), rng.randint(LEAST, MOST)
        solvable = any(left % x2 == 0 for left in range(n, -1, -x1))
        mixed = any(left % x2 == 0 for left in range(n - x1, 0, -x1))
        if mixed or rng.random() < (ONE_KIND if solvable else UNSOLVABLE):
            return {"x1": x1, "x2": x2, "n": n}


def of_one_kind(data: dict[str, Any]) -> str:
    """The solutions with a = 0 or b = 0."""
    x1, x2, n = data["x1"], data["x2"], data["n"]
    return ";".join([f"(0,{n // x2})"] * (n % x2 == 0) + [f"({n // x1},0)"] * (n % x1 == 0)) or "none"


HEURISTICS = {"solutions with a 0 alone": of_one_kind}


def length(data: dict[str, Any]) -> int:
    return data["n"]


def key(data: dict[str, Any]) -> str:
    return f"{data['x1']}a+{data['x2']}b={data['n']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: every pair of coefficients and every right-hand side."""
    return (MOST - LEAST + 1) ** 2 * (high - low + 1)


def oracle(data: dict[str, Any]) -> str:
    """Tries all pairs."""
    x1, x2, n = data["x1"], data["x2"], data["n"]
    pairs = [f"({a},{b})" for a in range(n + 1) for b in range(n + 1) if x1 * a + x2 * b == n]
    return ";".join(pairs) or "none"


equal = same_set


def start(tape: Tape, data: dict[str, Any]) -> Any:
    tape.blank("solution")
    tape.given([LEFT, X1, X2, COUNT], [data["n"], data["x1"], data["x2"], 0])
    values = range(data["n"] // data["x1"] + 1)
    tape.given([("number", a) for a in values], values)
    return "a", 0


X1, X2, LEFT, B, COUNT = ("x1",), ("x2",), ("left",), ("b",), ("count",)


def divide(tape: Tape, _a: int) -> None:
    """Is what this a leaves of n a multiple of x2?"""
    tape.fetch(LEFT, X2)
    tape.write(divmod, B, ("remainder",))
    tape.goto(after_division)


def after_division(place: Place, _read: Values, written: Values) -> Any:
    return "take" if written[1] else "solution", *place


def note_solution(tape: Tape, a: int) -> None:
    _, _, count = tape.fetch(("number", a), B, COUNT)
    tape.write(pair, ("solution", count + 1))
    tape.write(one_more, COUNT)
    tape.goto(take_away)


def pair(a: int, b: int, _count: int) -> str:
    return f"({a},{b})"


def one_more(_a: int, _b: int, count: int) -> int:
    return count + 1


def take_away(place: Place, _read: Values, _written: Values) -> Any:
    return "take", *place


def take(tape: Tape, _a: int) -> None:
    """What the next a leaves, if so much is left."""
    left, x1 = tape.fetch(LEFT, X1)
    if left < x1:
        tape.goto("solutions")
    else:
        tape.write(int.__sub__, LEFT)
        tape.goto(next_value)


def next_value(place: Place, _read: Values, _written: Values) -> Any:
    return "a", place[0] + 1


def show_solutions(tape: Tape) -> None:
    tape.scan(("solution", 1))
    tape.answer(listed)


def listed(_place: Place, read: Values, _written: Values) -> str:
    return ";".join(read[:-1]) or "none"


STATES = {"a": divide, "solution": note_solution, "take": take, "solutions": show_solutions}


def macros(steps: list[Step]) -> list[Macro]:
    """Ten values of a: from what is left before them, what is left after them for the next, and their solutions."""
    made = []
    for macro in grouped(lambda step: step.at[0] // 10 if step.at else None)(steps):
        inside = [step for step in steps[macro.first : macro.end] if step.kind == "solution"]
        found = [cell for step in inside for _, cells in step.writes for cell in cells if cell != COUNT]
        left = [LEFT] * any(LEFT in step.cells for step in steps[macro.end :])
        made.append(macro._replace(operands=(LEFT, X2, X1), results=(*left, *found)))
    return made


CORE = {
    "a": Line(str, "{}/{}=".format, "{}r{}".format),
    "solution": Line(str, lambda _, b, count: f"{b};{count}=", "{},{}".format, open="!"),
    "take": Line(str, "{}-{}=".format, lambda *left: str(left[0]) if left else "end", open=";"),
    "solutions": Line(lambda: "solutions ", show=lambda *pairs: ",".join([pair for _, pair in pairs]), open=""),
}
_STYLED = Line(str, open=": ", next="\n", leave="\n")
STYLED = {
    "a": _STYLED._replace(
        name="Try a = {}".format, fetch="{} divided by {} is ".format, write="{} with remainder {}.".format
    ),
    "solution": _STYLED._replace(
        name="With a = {}".format,
        fetch=lambda _, b, count: f"b is {b}, and {count} solutions are known, so ",
        write="{} is solution number {}.".format,
    ),
    "take": _STYLED._replace(
        name="After a = {}".format,
        fetch="{} minus {} ".format,
        write=lambda *left: f"leaves {left[0]}." if left else "is too much, so that was the last.",
    ),
    "solutions": _STYLED._replace(
        name=lambda: "The solutions", show=lambda *pairs: f"{', '.join([pair for _, pair in pairs])}."
    ),
}
