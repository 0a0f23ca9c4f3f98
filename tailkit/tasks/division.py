"""Large number division (simulation): x1 ÷ x2 to four decimal places; a point may stand anywhere.

Length is the digits of a number, integer and fraction digits together; n is the longer one's. The
quotient is cut off after the fourth place, not rounded; an exact one ends early. Nearly a third
of the quotients of L would be 0.0000 if both numbers kept their places, so a dividend that is too
small for any other quotient mostly changes places with the divisor.
The run: both numbers are scaled to whole ones, the dividend is laid out digit by digit, and the
multiples of the divisor are added up. Then long division: bring down a digit, find the largest
multiple that fits, subtract. Multiples are tried by halving, 5 first, then 2 or 7, so that the
result of a trial alone says what comes next. The first places of the dividend, too few digits to
hold the divisor, are the first remainder, as on paper.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Cell, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.decimals import decimal, decimal_count, digits_of
from tailkit.tasks.shelf.equality import same_quotient
from tailkit.tasks.shelf.wording import listed

PARADIGM = "simulation"
VERSION = 1
RANGES = {"S": (2, 5), "M": (6, 10), "L": (11, 20)}
NOUNS = ("divisions of {}", "{} digit", "{} digits")
PLACES = 4
EXCHANGED = 0.9  # share of the problems with quotient 0.0000 whose numbers change places

_FORM = "Give at most four decimal places and cut off the rest, do not round."
QUERIES = [
    "{x1} ÷ {x2} = ? " + _FORM,
    "Divide {x1} by {x2}. " + _FORM,
    "{x1}/{x2} to 4 decimal places, truncated (not rounded)",
    "What is {x1} divided by {x2}? " + _FORM,
    "Compute the quotient of {x1} and {x2}, truncated after the fourth decimal place.",
    "How many times does {x2} go into {x1}? " + _FORM,
    "Let q = {x1} / {x2}. Determine q, truncated to four decimal places.",
    "Use long division to find {x1} : {x2}. " + _FORM,
    "Show a pupil how to divide {x1} by {x2} by hand. " + _FORM,
    "A rope of {x1} m is cut into pieces of {x2} m. How many pieces is that, as a decimal number? " + _FORM,
    "{x1} litres are filled into bottles of {x2} litres. How many bottlefuls are there? " + _FORM,
    "A car drives {x1} km and burns one litre every {x2} km. How many litres is that? " + _FORM,
    "Evaluate {x1} ÷ {x2} exactly up to four places behind the point; further places are dropped.",
    "If x = {x1} and y = {x2}, what is x / y? " + _FORM,
    "Please work out {x1} over {x2}. " + _FORM,
    "Find the ratio {x1} : {x2} as a decimal number. " + _FORM,
    "A plot of {x1} square metres is {x2} metres wide. How long is it in metres? " + _FORM,
    "Truncate the value of {x1} / {x2} to four decimals.",
    "A debt of {x1} coins is paid back in rates of {x2} coins. How many rates is that? " + _FORM,
    "I need {x1} divided by {x2} without rounding, four decimal places at most.",
    "Calculate the fraction with numerator {x1} and denominator {x2}. " + _FORM,
    "A film of {x1} seconds is shown in scenes of {x2} seconds. How many scenes are that? " + _FORM,
    "Quotient, digit by digit: dividend {x1}, divisor {x2}. " + _FORM,
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Digit counts drawn independently; the divisor is not zero, the quotient seldom."""
    x1, x2 = decimal(rng, rng.randint(low, high)), "0"
    while not x2.strip("0."):
        x2 = decimal(rng, rng.randint(low, high))
    dividend, divisor = scaled(x1, x2)
    if 0 < dividend * 10**PLACES < divisor and rng.random() < EXCHANGED:
        x1, x2 = x2, x1
    return {"x1": x1, "x2": x2}


def length(data: dict[str, Any]) -> int:
    return max(digits_of(data["x1"]), digits_of(data["x2"]))


def key(data: dict[str, Any]) -> str:
    """The ordered pair of the written forms."""
    return f"{data['x1']}/{data['x2']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: ordered pairs, the divisors without those that are zero."""
    forms = [decimal_count(digits) for digits in range(low, high + 1)]
    # Zero is written in one way with any number of digits: 0, 0.0, 0.00 …
    return sum(forms) * (sum(forms) - len(forms))


def oracle(data: dict[str, Any]) -> str:
    """The exact quotient, cut off after the fourth place; all four places unless it ends earlier."""
    from fractions import Fraction

    scaled = Fraction(data["x1"]) / Fraction(data["x2"]) * 10**PLACES
    whole, rest = divmod(int(scaled), 10**PLACES)
    places = f"{rest:0{PLACES}d}"
    if scaled.denominator == 1:
        places = places.rstrip("0")
    return f"{whole}.{places}" if places else str(whole)


equal = same_quotient


def program(tape: Tape, data: dict[str, Any]) -> None:
    tape.blank("digit")
    tape.given([X1, X2], [data["x1"], data["x2"]])
    tape.given([("k", k) for k in range(10)], range(10))
    whole1, whole2 = scaled(data["x1"], data["x2"])
    size, known = len(str(whole1)), min(len(str(whole2)) - 1, len(str(whole1)))
    tape.state("scale")
    tape.fetch(X1, X2)
    tape.write(scale, *[("digit", place) for place in range(1, size + 2)], *MULTIPLES[:2])
    for k in range(2, 10):
        tape.state("multiple", k)
        tape.fetch(MULTIPLES[k - 1], MULTIPLES[1])
        tape.write(int.__add__, MULTIPLES[k])
    tape.state("start")
    tape.fetch(MULTIPLES[1], *[("digit", place) for place in range(1, known + 1)])
    tape.write(first_remainder, REMAINDER)
    whole = [divide(tape, place) for place in range(known + 1, size + 1)]
    quotient: list[Cell] = [*whole, ("digit", size + 1), *decimals(tape)]
    tape.state("quotient")
    tape.show(*quotient)
    tape.answer(written, *quotient)


X1, X2, REMAINDER, CURRENT = ("x1",), ("x2",), ("remainder",), ("current",)
MULTIPLES: list[Cell] = [("multiple", k) for k in range(10)]


def decimals(tape: Tape) -> list[Cell]:
    """The places after the point, up to remainder 0 or the fourth."""
    cells: list[Cell] = []
    while tape.value(REMAINDER) and len(cells) < PLACES:
        cells.append(divide(tape, f".{len(cells) + 1}"))
    return cells


def divide(tape: Tape, place: int | str) -> Cell:
    """One digit of the quotient, whose cell it returns: bring down, try, subtract."""
    cell: Cell = ("quotient", place)
    with tape.macro("quotient digit"):
        tape.state("down", place)
        tape.fetch(REMAINDER, ("digit", place))
        tape.write(append, CURRENT)
        k, too_many = 0, 10
        while too_many - k > 1:
            middle = (k + too_many) // 2
            tape.state("trial", middle)
            tape.fetch(MULTIPLES[middle], CURRENT)
            k, too_many = (middle, too_many) if tape.write(into, ("fits",)) else (k, middle)
        tape.state("subtract", place)
        tape.fetch(("k", k), CURRENT, MULTIPLES[k])
        tape.write(subtract, cell, REMAINDER)
    return cell


def scaled(x1: str, x2: str) -> tuple[int, int]:
    """Both numbers without their points, after the same shift."""
    parts = [x.partition(".") for x in (x1, x2)]
    places = max(len(fraction) for _, _, fraction in parts)
    dividend, divisor = [int(whole + fraction.ljust(places, "0")) for whole, _, fraction in parts]
    return dividend, divisor


def scale(x1: str, x2: str) -> tuple[int | str, ...]:
    """The digits of the dividend and the blank after it, and the divisor's multiples by 0 and 1."""
    dividend, divisor = scaled(x1, x2)
    return *str(dividend), BLANK, 0, divisor


def first_remainder(_: int, *digits: str) -> int:
    """The first places of the dividend, one fewer than the divisor has."""
    return int("".join(digits) or 0)


def append(remainder: int, digit: str) -> int:
    """Bring down a digit; after the dividend there are zeros."""
    return 10 * remainder + (0 if digit == BLANK else int(digit))


def into(multiple: int, current: int) -> int:
    """Does the multiple go into the current number? 1 for yes."""
    return int(multiple <= current)


def subtract(digit: int, current: int, multiple: int) -> tuple[int, int]:
    return digit, current - multiple


def written(*digits: int | str) -> str:
    """The quotient; the blank after the dividend stands where the point comes."""
    whole, _, fraction = "".join(map(str, digits)).partition(BLANK)
    return f"{int(whole or 0)}.{fraction}" if fraction else str(int(whole or 0))


def _digits(*scaled: int | str) -> list[tuple[int, int | str]]:
    """The digits of the dividend with their places, which stand before the divisor's multiples."""
    return list(enumerate(scaled[:-2], start=1))


CORE = {
    "scale": Line(
        name=lambda: "",
        fetch="{}/{}=".format,
        write=lambda *scaled: f"{listed('>')(*_digits(*scaled))}/{scaled[-1]}",
        open="",
    ),
    "multiple": Line(lambda k: f"*{k}", "{}+{}=".format, str),
    "start": Line(lambda: "start", lambda divisor, *digits: f"{divisor}|{''.join(digits)}=", str, open=" "),
    "down": Line(str, "{},{}=".format, str),
    "trial": Line("?{}".format, "{}/{}=".format, str),
    "subtract": Line("q{}".format, lambda _, current, multiple: f"{current}-{multiple}=", "{}r{}".format),
    "quotient": Line(lambda: "quotient ", fetch=None, write=listed(">"), open=""),
}
STYLED = {
    "scale": Line(
        name=lambda: "Without points",
        fetch="{} divided by {} ".format,
        write=lambda *scaled: (
            f"has the dividend with digits {listed(', ', ' is ')(*_digits(*scaled))}, and the divisor {scaled[-1]}."
        ),
        open=", ",
        leave="\n",
    ),
    "multiple": Line(lambda k: f"{k} times", "{} plus {} ".format, "is {}.".format, open=": ", next="\n", leave="\n"),
    "start": Line(
        name=lambda: "Begin with",
        fetch=lambda divisor, *digits: f"one digit fewer than {divisor} has: {''.join(digits) or 'none'}, ",
        write="so the remainder is {}.".format,
        open=" ",
        leave="\n",
    ),
    "down": Line(
        name=lambda place: f"Place {place}",
        fetch="remainder {}, bring down {} ".format,
        write="and get {}.".format,
        open=": ",
        leave="\n",
    ),
    "trial": Line(
        name="Try {} times".format,
        fetch="does {} go into {}? ".format,
        write=lambda fits: "Yes." if fits else "No.",
        open=": ",
        next="\n",
        leave="\n",
    ),
    "subtract": Line(
        name="At place {}".format,
        fetch=lambda _, current, multiple: f"take {current} minus {multiple}: ",
        write="the digit is {}, the remainder {}.".format,
        open=" ",
        leave="\n",
    ),
    "quotient": Line(
        name=lambda: "In the quotient, place ",
        fetch=None,
        write=lambda *digits: listed(", ", " is ")(*digits) + ".",
        open="",
    ),
}
