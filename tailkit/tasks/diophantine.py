"""Diophantine equation (enumeration): all whole a, b >= 0 with x1·a + x2·b = n.

Length is the right-hand side n; both coefficients lie in 2 … 20. Coefficients in other order are
another problem, as a and b change places.
The run: one state for each a from 0 on: what is left of n is divided by x2; without remainder
that is a solution, which a state of its own writes down. The end: less than x1 is left.
"""

from random import Random
from typing import Any

from tailkit.records import Cell, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_set

PARADIGM = "enumeration"
VERSION = 1
RANGES = {"S": (10, 50), "M": (51, 100), "L": (101, 200)}
NOUNS = ("equations with {}", "right-hand side {}", "right-hand sides {}")
LEAST, MOST = 2, 20

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
    return {"x1": rng.randint(LEAST, MOST), "x2": rng.randint(LEAST, MOST), "n": rng.randint(low, high)}


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


def program(tape: Tape, data: dict[str, Any]) -> None:
    tape.given([N, X1, X2, A], [data["n"], data["x1"], data["x2"], 0])
    solutions: list[Cell] = []
    more = True
    while more:
        with tape.macro("ten values"):
            for _ in range(10):
                more = test(tape, solutions)
                if not more:
                    break
    tape.answer(listed, *solutions)


N, X1, X2, A, LEFT, B, REMAINDER, TESTED = ("n",), ("x1",), ("x2",), ("a",), ("left",), ("b",), ("rest",), ("tested",)


def test(tape: Tape, solutions: list[Cell]) -> bool:
    """Test one value of a, note it if it solves the equation; is there room for another?"""
    tape.state("a", tape.value(A))
    tape.fetch(N, X1, A, X2)
    left, _, remainder, _, _ = tape.write(divide_rest, LEFT, B, REMAINDER, TESTED, A)
    if remainder == 0:
        solutions.append(("solution", len(solutions) + 1))
        tape.state("solution")
        tape.fetch(TESTED, B)
        tape.write(pair, solutions[-1])
    return left >= tape.value(X1)


def divide_rest(n: int, x1: int, a: int, x2: int) -> tuple[int, int, int, int, int]:
    """What x1·a leaves of n, its quotient by x2, the remainder; this a and the next one."""
    left = n - x1 * a
    return left, left // x2, left % x2, a, a + 1


def pair(a: int, b: int) -> str:
    return f"({a},{b})"


def listed(*pairs: str) -> str:
    return ";".join(pairs) or "none"


CORE = {
    "a": Line(
        name=str,
        fetch=lambda n, x1, a, x2: f"{n}-{x1}*{a};{x2}:",
        write=lambda left, b, remainder, *_: f"{left}={b}r{remainder}",
    ),
    "solution": Line(lambda: "", fetch=None, write=str, open=""),
}
STYLED = {
    "a": Line(
        name=lambda a: f"Try a = {a}",
        fetch=lambda n, x1, a, x2: f"{n} minus {x1} times {a}, to be divided by {x2}: ",
        write=lambda left, b, remainder, *_: f"{left} is left, which is {b} times with remainder {remainder}.",
        open=": ",
        next="\n",
        leave="\n",
    ),
    "solution": Line(
        name=lambda: "Without remainder, so a solution is ",
        fetch=None,
        write=lambda pair: f"{pair}.",
        open="",
        leave="\n",
    ),
}
