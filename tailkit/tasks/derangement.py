"""Derangement (recursion): in how many ways n elements can be arranged so that none keeps its place.

Length is n itself. The run: calls D(n), D(n-1) … down to D(0) = 1, then the values come back up.
The recurrence is D(k) = k·D(k-1) + (-1)^k. The better known D(k) = (k-1)·(D(k-1) + D(k-2)) has to
print three numbers of up to 158 digits a level: 21,600 tokens at n = 100, where this one takes
14,900. Granularity is a setting: with limb = 0 a product is one state; with limb = w the numbers
are cut into limbs of w digits, and one state multiplies one limb, the lowest first, and carries.
The default keeps the longest trace below 16,000 tokens; limbs are finer and longer: 44,000 tokens
at n = 100 with w = 4, 27,100 with 10, 21,600 with 20.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Cell, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer

PARADIGM = "recursion"
VERSION = 1
RANGES = {"S": (3, 30), "M": (31, 60), "L": (61, 100)}
NOUNS = ("derangements of {}", "{} element", "{} elements")
SETTINGS = {"limb": 0}

QUERIES = [
    "How many derangements of {n} elements are there? (A derangement is a permutation without a fixed point.)",
    "D({n}) = ? D(n) counts the permutations of n elements that leave no element in its place.",
    "Compute the number of permutations of {n} objects in which no object stays where it was.",
    "Find the subfactorial !{n}, the number of derangements of {n} elements.",
    "In how many ways can {n} letters be put into {n} addressed envelopes so that no letter is in the right one?",
    "{n} guests hand in their hats. In how many ways can the hats be given back so that nobody gets their own?",
    "Let S be a set of {n} elements. Determine how many bijections f of S to itself have f(x) != x for all x.",
    "A class of {n} pupils swaps gifts by lot. How many outcomes are there in which no pupil draws their own gift?",
    "With D(0) = 1 and D(k) = k*D(k-1) + (-1)^k, what is D({n})?",
    "Count the arrangements of the numbers 1 to {n} in which no number k stands at place k.",
    "Please work out the exact number of fixed-point-free permutations of {n} things.",
    "{n} players each own a chair. In how many ways can all sit down so that no one sits on their own chair?",
    "Give the exact number of derangements for n = {n}, that is, of permutations moving every element.",
    "A secretary mixes up {n} files completely: every file lands in a wrong one of the {n} drawers. How many ways?",
    "Show step by step how many permutations of {n} elements have no fixed point.",
    "derangements({n}), the count of permutations with no element in its original position:",
    "How many {n} by {n} permutation matrices have only zeros on the diagonal?",
    "{n} cooks each taste one dish, every dish once, and nobody their own. In how many ways can this be arranged?",
    "Evaluate the number of ways to rearrange {n} books on a shelf so that every book changes its place.",
    "What is the number of complete permutations (no element fixed) of a set of size {n}?",
    "Explain by recursion how many derangements {n} distinct items have, and give the number.",
    "{n} keys hang on {n} hooks. All are taken off and hung up again, each on a wrong hook. In how many ways?",
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


def program(tape: Tape, data: dict[str, Any]) -> None:
    n, limb = data["n"], data["limb"]
    tape.blank("D")
    tape.given([LIMB, *[("k", k) for k in range(n + 1)]], [limb, *range(n + 1)])
    for k in range(n, 0, -1):
        tape.state("call", k)
        tape.fetch(("k", k))
        tape.write(sign_of, ("sign", k))
    if limb:
        tape.answer(joined, LIMB, *return_in_limbs(tape, n, limb))
    else:
        tape.answer(str, return_whole(tape, n))


LIMB = ("limb",)


def sign_of(k: int) -> int:
    """(-1)^k."""
    return -1 if k % 2 else 1


def base(tape: Tape, cell: Cell) -> None:
    """D(0): nothing can be arranged in one way."""
    tape.state("base")
    tape.fetch(("k", 0))
    tape.write(one_way, cell)


def one_way(_: int) -> int:
    return 1


def return_whole(tape: Tape, n: int) -> Cell:
    """The way back up from D(0) to D(n), whose cell it returns: one state a level."""
    base(tape, ("D",))
    with tape.macro("way up"):
        for k in range(1, n + 1):
            tape.state("return", k)
            tape.fetch(("k", k), ("D",), ("sign", k))
            tape.write(multiply, ("D",))
    return ("D",)


def multiply(k: int, value: int, sign: int) -> int:
    return k * value + sign


def return_in_limbs(tape: Tape, n: int, limb: int) -> list[Cell]:
    """The same with one state a limb; returns the cells of D(n), the highest limb first."""
    base(tape, ("D", 0, 0))
    for k in range(1, n + 1):
        with tape.macro("return"):
            place, blank = 0, False
            carry: Cell = ("sign", k)
            while not blank:
                tape.state("limb", k, place)
                tape.fetch(LIMB, ("k", k), ("D", k - 1, place), carry)
                carry = ("carry", k, place + 1)
                written, _ = tape.write(multiply_limb, ("D", k, place), carry)
                blank, place = written == BLANK, place + 1
    return [("D", n, one) for one in range(place - 2, -1, -1)]


def multiply_limb(limb: int, k: int, value: int | str, carry: int) -> tuple[int | str, int]:
    """A limb of D(k) and what is carried; the blank after D(k-1) takes what is left to carry."""
    if value == BLANK and not carry:
        return BLANK, 0
    total = carry + (0 if value == BLANK else k * int(value))
    return total % 10**limb, total // 10**limb


def joined(limb: int, *limbs: int) -> str:
    """The number whose limbs these are, without zeros in front."""
    return str(int("".join(f"{one:0{limb}d}" for one in limbs)))


def _sign(sign: int) -> str:
    return "+" if sign > 0 else "-"


CORE = {
    "call": Line(str, fetch=None, write=_sign, open="", next=">", leave=">\n"),
    "base": Line(lambda: "0", fetch=None, write=str, open="="),
    "return": Line(str, lambda k, value, sign: f"{k}*{value}{_sign(sign)}1=", str),
    "limb": Line(
        name=lambda k, place: f"{k},{place}",
        fetch=lambda _, k, value, carry: f"{k}*{value}{carry:+d}=",
        write=lambda value, carry: f"{value},{carry}",
    ),
}
STYLED = {
    "call": Line(
        name=lambda k: f"D({k})",
        fetch=None,
        write=lambda sign: "plus" if sign > 0 else "minus",
        open=" ",
        next=", ",
        leave=".\n",
    ),
    "base": Line(lambda: "D(0)", fetch=None, write=lambda value: f"is {value}.", open=" ", leave="\n"),
    "return": Line(
        name=lambda k: f"D({k})",
        fetch=lambda k, value, sign: f"{k} times {value}{_sign(sign)}1=",
        write=lambda value: f"{value}.",
        open="=",
        next="\n",
    ),
    "limb": Line(
        name=lambda k, place: f"limb {place} of D({k})",
        fetch=lambda _, k, value, carry: f"{k} times {value} {carry:+d} ",
        write=lambda value, carry: f"gives {value}, carry {carry}.",
        open=": ",
        next="\n",
    ),
}
