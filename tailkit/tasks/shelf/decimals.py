"""Decimal numbers as text: drawing them, and laying them out on a tape.

In: a random stream, or a number's text. Out: text, or cells. Integer places are called 1, 2 …
from the left, fraction places .1, .2 … from the point.
"""

from random import Random

from tailkit.records import BLANK, Cell
from tailkit.tape import Tape


def decimal(rng: Random, digits: int) -> str:
    """A number of that many digits; half get a point at an inner place, none a superfluous zero in front."""
    cut = rng.randint(1, digits - 1) if digits > 1 and rng.random() < 0.5 else digits
    first = rng.randrange(cut > 1, 10)
    rest = str(rng.randrange(10 ** (digits - 1))).zfill(digits - 1) if digits > 1 else ""
    text = f"{first}{rest}"
    return text if cut == digits else f"{text[:cut]}.{text[cut:]}"


def decimal_count(digits: int) -> int:
    """How many decimals of that many digits there are."""
    if digits == 1:
        return 10
    leading_zero = 10 ** (digits - 1)  # only 0.… may begin with a zero
    return 9 * 10 ** (digits - 1) * digits + leading_zero


def digits_of(number: str) -> int:
    """How many digits a decimal is written with."""
    return len(number.replace(".", ""))


def cells_of(array: str, first: int, text: str) -> list[Cell]:
    """The cells of a number's characters and of the blank after it.

    Places count on from `first`; after the point they are .1, .2 …
    """
    whole, point, fraction = text.partition(".")
    cells: list[Cell] = [(array, place) for place in range(first, first + len(whole) + 1)]
    if point:
        cells += [(array, f".{place}") for place in range(1, len(fraction) + 2)]
    return cells


def scan_decimal(tape: Tape, x: str) -> None:
    """Read a number up to the blank after it; note the last places of its two parts in (x, "end") and (x, "last")."""
    if tape.scan((x, 1), ".", BLANK, into=(x, "end")) == ".":
        tape.scan((x, ".1"), into=(x, "last"))
