"""Derangement (recursion): in how many ways n elements can be arranged so that none keeps its place.

Length is n itself. The run: calls D(n), D(n-1) … down to D(0) = 1, then the values come back up, until
the level is n. The recurrence is D(k) = k·D(k-1) + (-1)^k, and the sign alternates. The better known
D(k) = (k-1)·(D(k-1) + D(k-2)) has to print three numbers of up to 158 digits a level, and takes half
as many tokens again. Granularity is a setting: with limb = 0 a product is one state, the one operation
here that is not atomic; with limb = w the numbers are cut into limbs of w digits, and one state
multiplies one limb, the lowest first, and carries. The default keeps the longest trace below 16,000
tokens; limbs are finer and longer: 53,000 tokens at n = 100 with w = 4, 32,700 with 10, 25,500 with 20.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.macros import grouped
from tailkit.tasks.shelf.wording import listed

PARADIGM = "recursion"
VERSION = 2
RANGES = {"S": (3, 30), "M": (31, 60), "L": (61, 100)}
NOUNS = ("derangements of {}", "{} element", "{} elements")
SETTINGS = {"limb": 0}

QUERIES = [
    "How many derangements of {n} elements are there? (A derangement is a permutation without a fixed point.)",
    "D({n}) = ? D(n) counts the permutations of n elements that leave no element in its place.",
    "Compute the number of permutations of {n} objects in which no object stays where it was.",
    "Find the subfactorial !{n}, the number of derangements of {n} elements.",
    "In how many ways can {n} letters be put into {n} addressed envelopes, one into each, so that none is in the right "
    "one?",
    "{n} guests hand in their hats. In how many ways can the hats be given back so that nobody gets their own?",
    "Let S be a set of {n} elements. Determine how many bijections f of S to itself have f(x) != x for all x.",
    "A class of {n} pupils swaps gifts by lot. How many outcomes are there in which no pupil draws their own gift?",
    "With D(0) = 1 and D(k) = k*D(k-1) + (-1)^k, what is D({n})?",
    "Count the arrangements of the numbers 1 to {n} in which no number k stands at place k.",
    "Please work out the exact number of fixed-point-free permutations of {n} things.",
    "{n} players each own a chair. In how many ways can all sit down so that no one sits on their own chair?",
    "Give the exact number of derangements for n = {n}, that is, of permutations moving every element.",
    "{n} files have a drawer each. A secretary puts one file into every drawer, and each is wrong. How many ways?",
    "Show step by step how many permutations of {n} elements have no fixed point.",
    "derangements({n}), the count of permutations with no element in its original position:",
    "How many {n} by {n} permutation matrices have only zeros on the diagonal?",
    "{n} cooks each taste one dish, every dish once, and nobody their own. In how many ways can this be arranged?",
    "Evaluate the number of ways to rearrange {n} books on a shelf so that every book changes its place.",
    "What is the number of complete permutations (no element fixed) of a set of size {n}?",
    "Explain by recursion how many derangements {n} distinct items have, and give the number.",
    "{n} keys hang on {n} hooks, one on each. All are taken off, and again one hangs on each hook, but no key "
    "hangs where it was. In how many ways?",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    return {"n": rng.randint(low, high)}


def length(data: dict[str, Any]) -> int:
    return data["n"]


def key(data: dict[str, Any]) -> str:
    return str(data["n"])


def support(low: int, high: int) -> int:
    """There is one problem for each n."""
    return high - low + 1


def oracle(data: dict[str, Any]) -> str:
    """The two-term recurrence from D(0) and D(1)."""
    before, value = 1, 0
    for k in range(2, data["n"] + 1):
        before, value = value, (k - 1) * (value + before)
    return str(value)


equal = same_integer


def start(tape: Tape, data: dict[str, Any]) -> Any:
    n, limb = data["n"], data["limb"]
    tape.blank("D")
    tape.given([N, LIMB, ("one", 1), ("one", -1)], [n, limb, 1, -1])
    tape.given([("k", k) for k in range(n + 1)], range(n + 1))
    return ("limb call" if limb else "call"), n


N, VALUE, LIMB, CARRY = ("n",), ("D",), ("limb",), ("carry",)


def call(tape: Tape, _k: int) -> None:
    tape.goto(call_below)


def call_below(place: Place, _read: Values, _written: Values) -> Any:
    (k,) = place
    return ("call", k - 1) if k > 1 else "base"


def base(tape: Tape) -> None:
    """D(0): nothing can be arranged in one way."""
    tape.write(one_way, VALUE)
    tape.goto(first_return)


def one_way() -> int:
    return 1


def first_return(_place: Place, _read: Values, _written: Values) -> Any:
    return "return", 1, -1


def come_back(tape: Tape, k: int, sign: int) -> None:
    """One level of the way up from D(0) to D(n); the sign is (-1)^k."""
    n = tape.fetch(N)
    tape.fetch(("k", k), VALUE, ("one", sign))
    tape.write(multiply, VALUE)
    if k == n:
        tape.answer(number)
    else:
        tape.goto(return_above)


def multiply(_n: int, k: int, value: int, sign: int) -> int:
    return k * value + sign


def return_above(place: Place, _read: Values, _written: Values) -> Any:
    k, sign = place
    return "return", k + 1, -1 if sign == 1 else 1


def number(_place: Place, _read: Values, written: Values) -> str:
    return str(written[0])


def limb_call(tape: Tape, _k: int) -> None:
    tape.goto(limb_call_below)


def limb_call_below(place: Place, _read: Values, _written: Values) -> Any:
    (k,) = place
    return ("limb call", k - 1) if k > 1 else "limb base"


def limb_base(tape: Tape) -> None:
    tape.write(one_way, ("D", 0))
    tape.goto(first_limb)


def first_limb(_place: Place, _read: Values, _written: Values) -> Any:
    return "limb", 1, -1, 0


def multiply_one_limb(tape: Tape, k: int, sign: int, place: int) -> None:
    """The lowest limb takes the sign, the others what is carried."""
    tape.fetch(LIMB, ("k", k), ("D", place), CARRY if place else ("one", sign))
    tape.write(multiply_limb, ("D", place), CARRY)
    tape.goto(next_limb)


def multiply_limb(limb: int, k: int, value: int | str, carry: int) -> tuple[int | str, int]:
    """A limb of D(k) and what is carried; the blank after D(k-1) takes what is left to carry."""
    if value == BLANK and not carry:
        return BLANK, 0
    total = carry + (0 if value == BLANK else k * int(value))
    return total % 10**limb, total // 10**limb


def next_limb(place: Place, _read: Values, written: Values) -> Any:
    k, sign, limb = place
    return ("level", k, sign) if written[0] == BLANK else ("limb", k, sign, limb + 1)


def level(tape: Tape, k: int, _sign: int) -> None:
    """D(k) is done; see whether it is D(n)."""
    if tape.fetch(N) == k:
        tape.goto("limbs")
    else:
        tape.goto(level_above)


def level_above(place: Place, _read: Values, _written: Values) -> Any:
    k, sign = place
    return "limb", k + 1, -1 if sign == 1 else 1, 0


def show_limbs(tape: Tape) -> None:
    tape.scan(("D", 0))
    tape.fetch(LIMB)
    tape.answer(joined)


def joined(_place: Place, read: Values, _written: Values) -> str:
    """The number whose limbs these are, the lowest first, without zeros in front."""
    *limbs, _, limb = read
    return str(int("".join(f"{each:0{limb}d}" for each in reversed(limbs))))


STATES = {
    "call": call,
    "base": base,
    "return": come_back,
    "limb call": limb_call,
    "limb base": limb_base,
    "limb": multiply_one_limb,
    "level": level,
    "limbs": show_limbs,
}


def macros(steps: list[Step]) -> list[Macro]:
    """The whole way up, or each level of it in limbs."""
    first = next((number for number, step in enumerate(steps) if step.kind == "return"), None)
    if first is None:
        return grouped(lambda step: step.at[0] if step.kind == "limb" else None)(steps)
    return [Macro(first, len(steps), (N, VALUE), (VALUE,))]


def _sign(sign: int) -> str:
    return "+" if sign > 0 else "-"


_CALL = Line(lambda k: f"{k}", open="", next=">")
_BASE = Line(lambda: "0", write=str, open="=")
CORE = {
    "call": _CALL,
    "base": _BASE,
    "return": Line(lambda k, _: f"{k}", lambda n, k, value, sign: f"{n}:{k}*{value}{sign:+d}=", str, open="/"),
    "limb call": _CALL,
    "limb base": _BASE,
    "limb": Line(
        name=lambda k, sign, place: f"{k}{_sign(sign)},{place}",
        fetch=lambda limb, k, value, carry: f"{k}*{value}{carry:+d};{limb}=",
        write=lambda value, carry: f"{value},{carry}",
    ),
    "level": Line(lambda k, sign: f"={k}{_sign(sign)}", str, open="/"),
    "limbs": Line(lambda: "D ", lambda limb: f";{limb}", show=listed(), open=""),
}
_CALL_STYLED = Line(lambda k: f"D({k})", open="", next=", ", leave=".\n")
_BASE_STYLED = Line(lambda: "D(0)", write=lambda value: f"is {value}.", open=" ", leave="\n")
STYLED = {
    "call": _CALL_STYLED,
    "base": _BASE_STYLED,
    "return": Line(
        name=lambda k, _: f"D({k})",
        fetch=lambda n, k, value, sign: f"on the way to D({n}), is {k} times {value}{sign:+d}=",
        write=lambda value: f"{value}.",
        open=", ",
        next="\n",
    ),
    "limb call": _CALL_STYLED,
    "limb base": _BASE_STYLED,
    "limb": Line(
        name=lambda k, sign, place: f"Limb {place} of D({k}), with the sign {_sign(sign)}",
        fetch=lambda limb, k, value, carry: f"{k} times {value} {carry:+d} in limbs of {limb} ",
        write=lambda value, carry: f"gives {value}, carry {carry}.",
        open=": ",
        next="\n",
        leave="\n",
    ),
    "level": Line(
        name=lambda k, sign: f"D({k}), with the sign {_sign(sign)}",
        fetch=lambda n: f"on the way to D({n}).",
        open=", is done ",
        leave="\n",
    ),
    "limbs": Line(
        name=lambda: "Limb ",
        fetch=lambda limb: f" in limbs of {limb}.",
        show=listed(", ", " is "),
        open="",
    ),
}
