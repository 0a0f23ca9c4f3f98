"""Prime search (enumeration): all primes from a lower to an upper bound.

Length is the upper bound, which is drawn first; both bounds lie in the range. The run: the primes to
divide by are laid out; a candidate state writes the root of the candidate, rounded down; then one state
for each of these primes divides the candidate by it. A remainder 0 rejects the candidate, a divisor
above the root makes it a prime. At the end the primes are read out.
"""

from itertools import pairwise
from math import isqrt
from random import Random
from typing import Any

from tailkit.records import Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_list
from tailkit.tasks.shelf.wording import joined

PARADIGM = "enumeration"
VERSION = 2
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
    """The upper bound first, then the lower one; two different ones within low … high, if there are two."""
    upper = rng.randint(min(low + 1, high), high)
    return {"lower": rng.randint(low, max(low, upper - 1)), "upper": upper}


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


def by_few(data: dict[str, Any]) -> str:
    """The numbers that no other of the first three primes divides."""
    numbers = range(max(data["lower"], 2), data["upper"] + 1)
    return ",".join(str(number) for number in numbers if all(number % p or number == p for p in (2, 3, 5))) or "none"


equal = same_list
HEURISTICS = {"2, 3 and 5 are the only divisors": by_few}


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("divisor", "prime")
    tape.given([NEXT, UPPER, COUNT], [data["lower"], data["upper"], 0])
    divisors = divisors_for(data["upper"])
    tape.given([("divisor", place) for place in range(1, len(divisors) + 1)], divisors)
    return "divisors"


NEXT, UPPER, CANDIDATE, ROOT, COUNT = ("next",), ("upper",), ("candidate",), ("root",), ("count",)


def divisors_for(upper: int) -> list[int]:
    """The primes up to 19, the first above the root of any bound of the paper; more where that is not enough."""
    primes, number = [2], 3
    while primes[-1] < 19 or primes[-1] ** 2 <= upper:
        if all(number % prime for prime in primes):
            primes.append(number)
        number += 2
    return primes


def lay_out(tape: Tape) -> None:
    tape.scan(("divisor", 1))
    tape.fetch(NEXT)
    tape.goto(first_candidate)


def first_candidate(_place: Place, read: Values, _written: Values) -> Any:
    return "candidate", read[-1]


def candidate(tape: Tape, number: int) -> None:
    """The next number and its root; after the upper bound the primes are read out."""
    _, upper = tape.fetch(NEXT, UPPER)
    if number > upper:
        tape.goto("primes")
        return
    tape.write(take, CANDIDATE, ROOT, NEXT)
    tape.goto(after_one if number == 1 else first_divisor)


def take(number: int, _upper: int) -> tuple[int, int, int]:
    """The candidate, its root rounded down, and the candidate after it."""
    return number, isqrt(number), number + 1


def after_one(_place: Place, _read: Values, _written: Values) -> Any:
    return "candidate", 2


def first_divisor(_place: Place, _read: Values, _written: Values) -> Any:
    return "divide", 1


def divide(tape: Tape, place: int) -> None:
    """Divide by one prime; if that is above the root, the candidate is the next prime."""
    _, divisor, root = tape.fetch(CANDIDATE, ("divisor", place), ROOT)
    if divisor <= root:
        tape.write(remainder_of, ("remainder",))
        tape.goto(after_division)
    else:
        count = tape.fetch(COUNT)
        tape.write(one_more, COUNT)
        tape.put(itself, ("prime", count + 1))
        tape.goto(next_candidate)


def remainder_of(number: int, divisor: int, _root: int) -> int:
    return number % divisor


def one_more(_number: int, _divisor: int, _root: int, count: int) -> int:
    return count + 1


def itself(number: int, *_: int) -> int:
    return number


def after_division(place: Place, read: Values, written: Values) -> Any:
    return ("divide", place[0] + 1) if written[0] else ("candidate", read[0] + 1)


def next_candidate(_place: Place, read: Values, _written: Values) -> Any:
    return "candidate", read[0] + 1


def show_primes(tape: Tape) -> None:
    tape.scan(("prime", 1))
    tape.answer(listed)


def listed(_place: Place, read: Values, _written: Values) -> str:
    return ",".join(map(str, read[:-1])) or "none"


STATES = {"divisors": lay_out, "candidate": candidate, "divide": divide, "primes": show_primes}


def macros(steps: list[Step]) -> list[Macro]:
    """Each candidate with all its divisions: it is a prime if there is one more of them after it."""
    starts = [number for number, step in enumerate(steps) if step.kind == "candidate"]
    return [Macro(first, end, (UPPER, COUNT), (COUNT,)) for first, end in pairwise(starts)]


_VALUES = joined()
CORE = {
    "divisors": Line(
        lambda: "divisors ",
        lambda first: f" from {first}",
        show=lambda *pairs: _VALUES(*[divisor for _, divisor in pairs]),
        open="",
    ),
    "candidate": Line(str, lambda _, upper: f"{upper}:", lambda *taken: str(taken[1]) if taken else "", open="/"),
    "divide": Line(
        name=str,
        fetch=lambda number, divisor, root, *count: f"{number}%{divisor}/{root}{''.join(f';{c}' for c in count)}=",
        write=str,
        put=lambda prime: f" prime {prime}",
    ),
    "primes": Line(lambda: "primes ", show=lambda *pairs: _VALUES(*[prime for _, prime in pairs]), open=""),
}
_STYLED = Line(str, open=" ", next="\n", leave="\n")
STYLED = {
    "divisors": _STYLED._replace(
        name=lambda: "Divide by",
        fetch="Begin with {}.".format,
        show=lambda *pairs: f"{', '.join([str(divisor) for _, divisor in pairs])}. ",
    ),
    "candidate": _STYLED._replace(
        name="Candidate {}".format,
        fetch=lambda _, upper: f"of those up to {upper}: ",
        write=lambda *taken: f"test primes up to {taken[1]}." if taken else "that was the last.",
    ),
    "divide": _STYLED._replace(
        name="By prime {}".format,
        fetch=lambda number, divisor, root, *count: (
            f"{number} divided by {divisor}, not above the root {root}, leaves "
            if not count
            else f"{divisor} is above {root}, the root of {number}; {count[0]} primes and this one are "
        ),
        write="{}.".format,
        put=" {} is a prime.".format,
        open=": ",
    ),
    "primes": _STYLED._replace(
        name=lambda: "The primes are", show=lambda *pairs: f"{', '.join([str(prime) for _, prime in pairs])}."
    ),
}
