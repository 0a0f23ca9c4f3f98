"""Prime search (enumeration): all primes from a lower to an upper bound.

Length is the upper bound; both bounds lie in the range. The run: a candidate state writes the
root of the candidate, rounded down; then one state for each prime up to that root divides the
candidate by it. The first remainder 0 rejects the candidate; none makes it a prime.
"""

from math import isqrt
from random import Random
from typing import Any

from tailkit.records import Cell, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_list

PARADIGM = "enumeration"
VERSION = 1
RANGES = {"S": (5, 100), "M": (101, 200), "L": (201, 300)}
NOUNS = ("prime searches with {}", "upper bound {}", "upper bounds {}")

_FORM = "List them in rising order, separated by commas, or say none."
QUERIES = [
    "Find all primes p with {lower} <= p <= {upper}. " + _FORM,
    "primes in [{lower}, {upper}], both ends included, comma-separated and rising, or none?",
    "Which numbers from {lower} to {upper}, bounds included, are prime? " + _FORM,
    "List every prime number between {lower} and {upper} inclusive, in rising order with commas; if there is none, "
    "say none.",
    "Let S be the set of prime numbers p with {lower} <= p and p <= {upper}. Determine S. " + _FORM,
    "Go through the numbers {lower} to {upper}, both included, and keep the primes. " + _FORM,
    "Use trial division to find the primes in the closed interval from {lower} to {upper}. " + _FORM,
    "Lockers are numbered {lower} to {upper}, both included. Only lockers with prime numbers are red. Which are red? "
    + _FORM,
    "A street has the house numbers {lower} up to and including {upper}. Which of them are prime? " + _FORM,
    "Please enumerate the primes p such that p is at least {lower} and at most {upper}. " + _FORM,
    "Tickets {lower} to {upper} (both included) were sold, and prime numbers win. Name the winners. " + _FORM,
    "Show step by step which numbers n, {lower} <= n <= {upper}, have no divisor but 1 and themselves. (1 is no "
    "prime.) " + _FORM,
    "[p for p in range({lower}, {upper} + 1) if p is prime] = ? " + _FORM,
    "Compute the prime numbers in the range {lower}..{upper}, ends included. " + _FORM,
    "On a number line, mark the primes from {lower} through {upper}. Which numbers do you mark? " + _FORM,
    "Between the years {lower} and {upper}, these two included, which years were prime numbers? " + _FORM,
    "Explain to a pupil which of the numbers {lower}, ..., {upper} are prime. " + _FORM,
    "The pages {lower} to {upper} of a book (inclusive) are checked for prime page numbers. Which are found? " + _FORM,
    "Give the complete rising list of primes that are not below {lower} and not above {upper}. " + _FORM,
    "What are the primes from {lower} to {upper} inclusive? " + _FORM,
    "Sieve the integers {lower} to {upper}, both included, and report the primes. " + _FORM,
    "A player wins with each prime between {lower} and {upper}, bounds counted. Which numbers win? " + _FORM,
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Two different bounds within low … high, if there are two."""
    lower, upper = sorted(rng.sample(range(low, high + 1), 2)) if low < high else (low, high)
    return {"lower": lower, "upper": upper}


def length(data: dict[str, Any]) -> int:
    return data["upper"]


def key(data: dict[str, Any]) -> str:
    return f"{data['lower']}-{data['upper']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: pairs of bounds."""
    return max((high - low + 1) * (high - low) // 2, 1)


def oracle(data: dict[str, Any]) -> str:
    from sympy import primerange

    return ",".join(map(str, primerange(data["lower"], data["upper"] + 1))) or "none"


equal = same_list


def program(tape: Tape, data: dict[str, Any]) -> None:
    tape.given([NEXT, UPPER], [data["lower"], data["upper"]])
    divisors = primes_to(isqrt(data["upper"]))
    tape.given([("divisor", divisor) for divisor in divisors], divisors)
    primes: list[Cell] = []
    for candidate in range(data["lower"], data["upper"] + 1):
        with tape.macro("candidate"):
            tape.state("candidate", candidate)
            tape.fetch(NEXT, UPPER)
            _, root, _ = tape.write(take, CANDIDATE, ROOT, NEXT)
            if candidate > 1 and not has_divisor(tape, [divisor for divisor in divisors if divisor <= root]):
                primes.append(("prime", len(primes) + 1))
                tape.state("prime")
                tape.fetch(CANDIDATE)
                tape.write(int, primes[-1])
    tape.answer(listed, *primes)


NEXT, UPPER, CANDIDATE, ROOT = ("next",), ("upper",), ("candidate",), ("root",)


def take(candidate: int, _: int) -> tuple[int, int, int]:
    """The candidate, its root rounded down, and the candidate after it."""
    return candidate, isqrt(candidate), candidate + 1


def primes_to(limit: int) -> list[int]:
    """The primes that are not above a limit: 2, 3, 5, 7, 11, 13, 17 are all that the paper's ranges need."""
    return [p for p in range(2, limit + 1) if all(p % d for d in range(2, isqrt(p) + 1))]


def has_divisor(tape: Tape, divisors: list[int]) -> bool:
    """Divide the candidate by the primes up to its root until one leaves no remainder."""
    for divisor in divisors:
        tape.state("divide", divisor)
        tape.fetch(CANDIDATE, ("divisor", divisor))
        if tape.write(int.__mod__, ("remainder",)) == 0:
            return True
    return False


def listed(*primes: int) -> str:
    return ",".join(map(str, primes)) or "none"


CORE = {
    "candidate": Line(str, lambda _, upper: f"{upper}:", lambda _, root, __: f"{root}", open="/"),
    "divide": Line(str, lambda candidate, divisor: f"{candidate}%{divisor}=", str),
    "prime": Line(lambda: "prime ", fetch=None, write=str, open=""),
}
STYLED = {
    "candidate": Line(
        name=lambda candidate: f"Candidate {candidate}",
        fetch=lambda _, upper: f"of those up to {upper}: ",
        write=lambda _, root, __: f"test primes up to {root}.",
        open=" ",
        next="\n",
        leave="\n",
    ),
    "divide": Line(
        name=lambda divisor: f"By {divisor}",
        fetch=lambda candidate, divisor: f"{candidate} divided by {divisor} ",
        write=lambda remainder: f"leaves {remainder}.",
        open=": ",
        next="\n",
        leave="\n",
    ),
    "prime": Line(
        lambda: "Nothing divides it: a prime is ", fetch=None, write=lambda prime: f"{prime}.", open="", leave="\n"
    ),
}
