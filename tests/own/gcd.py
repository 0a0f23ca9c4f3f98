"""Greatest common divisor (iteration): Euclid's algorithm on a and b.

Length is the number of digits of the greater number. The run: one state a division with
remainder, until the remainder is 0.
"""

import math
from random import Random
from typing import Any

from tailkit.records import Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer

PARADIGM = "iteration"
VERSION = 1
RANGES = {"S": (1, 2), "M": (3, 3), "L": (4, 5)}
QUERIES = [
    "gcd({a}, {b}) = ?",
    "Find the greatest common divisor of {a} and {b}.",
    "What is the largest number that divides both {a} and {b}?",
    "Compute the GCD of {a} and {b} by Euclid's algorithm.",
    "Which greatest whole number divides {a} and also {b} without remainder?",
    "Let m = {a} and n = {b}. Determine gcd(m, n).",
    "Give the highest common factor of {a} and {b}.",
    "HCF of {a} and {b}:",
    "By what number can the fraction {a}/{b} be reduced at most?",
    "Two ropes are {a} cm and {b} cm long. What is the longest piece that measures both exactly?",
    "A floor of {a} by {b} dm is to be laid with the largest possible square tiles. How long is a tile's side?",
    "{a} apples and {b} pears go into equal baskets. How many baskets are possible at most?",
    "Please work out the greatest common divisor of the numbers {a} and {b}.",
    "Explain with Euclid's algorithm what gcd({a}, {b}) is.",
    "Evaluate gcd of {a}, {b}",
    "math.gcd({a}, {b}) in Python gives what?",
    "Show the steps that find the largest common divisor of {a} and {b}.",
    "I have two numbers, {a} and {b}. What is their greatest common divisor?",
    "Divide {a} and {b} by the same whole number, as large as can be. Which number?",
    "Greatest common divisor, {a} and {b}, please",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """The greater number has low … high digits."""
    digits = rng.randint(low, high)
    greater = rng.randint(10 ** (digits - 1), 10**digits - 1)
    return {"a": greater, "b": rng.randint(1, greater)}


def length(data: dict[str, Any]) -> int:
    return len(str(data["a"]))


def key(data: dict[str, Any]) -> str:
    return f"{data['a']},{data['b']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: every b from 1 to a."""
    least, most = 10 ** (low - 1), 10**high - 1
    return most * (most + 1) // 2 - least * (least - 1) // 2


def oracle(data: dict[str, Any]) -> str:
    return str(math.gcd(data["a"], data["b"]))


equal = same_integer
A, B = ("a",), ("b",)


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.given([A, B], [data["a"], data["b"]])
    return "divide"


def divide(tape: Tape) -> None:
    tape.fetch(A, B)
    _, rest, _ = tape.write(divided, A, B, ("quotient",))
    if rest:
        tape.goto("divide")
    else:
        tape.answer(last_divisor)


def divided(a: int, b: int) -> tuple[int, int, int]:
    return b, a % b, a // b


def last_divisor(place: Place, read: Values, written: Values) -> str:
    return str(written[0])


STATES = {"divide": divide}


def macros(steps: list[Step]) -> list[Macro]:
    """Two divisions are one step."""
    return [Macro(first, min(first + 2, len(steps))) for first in range(0, len(steps), 2)]


CORE = {
    "divide": Line(lambda: "", lambda a, b: f"{a}/{b}=", lambda b, rest, quotient: f"{quotient}*{b}+{rest}", open=""),
}
STYLED = {
    "divide": Line(
        lambda: "divide ",
        lambda a, b: f"{a} by {b}: ",
        lambda b, rest, quotient: f"{quotient} times {b}, {rest} is left.",
        open="",
        next="\nThen ",
    ),
}
