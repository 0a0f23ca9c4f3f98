"""Large number division (simulation): x1 ÷ x2 to four decimal places; a point may stand anywhere.

Length is the digits of a number, integer and fraction digits together; n is the longer one's. The
quotient is cut off after the fourth place, not rounded; an exact one ends early. Nearly a third
of the quotients of L would be 0.0000 if both numbers kept their places, so a dividend that is too
small for any other quotient mostly changes places with the divisor.
The run: the points are shifted, the multiples of the divisor worked out. Then long division: bring down
a digit, find the largest multiple that fits, subtract. Multiples are tried by halving, 5 first, then 2 or
7, so that the result of a trial alone says what comes next. The first places of the dividend, too few
digits to hold the divisor, are passed, as on paper; after them the point comes at the earliest.
Granularity is a setting. With digitwise = 1, the default, multiples, trials and differences are walked
digit by digit (shelf/long_division), and no state hides a loop. With digitwise = 0 numbers are added,
compared and subtracted as wholes, each in one state, as below, and a trace takes five to six tenths of
the tokens. The default keeps core traces below 16,000 tokens of Qwen2.5: of 200 problems at the top of L
the longest takes 12,900; 20 digits by 0.0000 and 15 more, the worst case, take 13,000. Styled ones take
up to 24,000.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Cell, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf import long_division
from tailkit.tasks.shelf.decimals import decimal, decimal_count, digits_of
from tailkit.tasks.shelf.equality import same_quotient
from tailkit.tasks.shelf.long_division import PLACES, TRIALS, quotient_of
from tailkit.tasks.shelf.macros import grouped
from tailkit.tasks.shelf.pairs import lengths
from tailkit.tasks.shelf.wording import listed

PARADIGM = "simulation"
VERSION = 4
RANGES = {"S": (2, 5), "M": (6, 10), "L": (11, 20)}
NOUNS = ("divisions of {}", "{} digit", "{} digits")
SETTINGS = {"digitwise": 1}
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
    """The longer one's digits are drawn first, so that each n is as frequent; the divisor is not zero, the
    quotient seldom."""
    sizes = lengths(rng, low, high)
    x1, x2 = decimal(rng, sizes[0]), "0"
    while not x2.strip("0."):
        x2 = decimal(rng, sizes[1])
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


def start(tape: Tape, data: dict[str, Any]) -> str:
    if data["digitwise"]:
        return long_division.start(tape, data["x1"], data["x2"])
    tape.blank("digit", "quotient")
    tape.given([X1, X2, multiple(0)], [data["x1"], data["x2"], 0])
    tape.given([("k", k) for k in range(10)], range(10))
    return "scale"


X1, X2, REMAINDER, CURRENT, KNOWN = ("x1",), ("x2",), ("remainder",), ("current",), ("known",)


def multiple(k: int) -> Cell:
    """The cell of k times the divisor."""
    return "multiple", k


def scale(tape: Tape) -> None:
    """Shift both points until both numbers are whole, and lay the dividend out."""
    x1, x2 = tape.fetch(X1, X2)
    digits = [("digit", place) for place in range(1, len(scale_both(x1, x2)))]
    tape.write(scale_both, multiple(1), *digits)
    tape.goto(second_multiple)


def scale_both(x1: str, x2: str) -> tuple[Any, ...]:
    """The whole divisor, then the digits of the whole dividend."""
    dividend, divisor = scaled(x1, x2)
    return divisor, *str(dividend)


def scaled(x1: str, x2: str) -> tuple[int, int]:
    """Both numbers without their points, after the same shift."""
    parts = [x.partition(".") for x in (x1, x2)]
    places = max(len(fraction) for _, _, fraction in parts)
    dividend, divisor = [int(whole + fraction.ljust(places, "0")) for whole, _, fraction in parts]
    return dividend, divisor


def second_multiple(_place: Place, _read: Values, _written: Values) -> Any:
    return "multiple", 2


def add_divisor(tape: Tape, k: int) -> None:
    tape.fetch(multiple(k - 1), multiple(1))
    tape.write(int.__add__, multiple(k))
    tape.goto(next_multiple)


def next_multiple(place: Place, _read: Values, _written: Values) -> Any:
    return ("multiple", place[0] + 1) if place[0] < 9 else "start"


def start_at(tape: Tape) -> None:
    """How many places of the dividend are too few to hold the divisor: one fewer than it has."""
    tape.fetch(multiple(1))
    tape.write(one_fewer, KNOWN)
    tape.goto("first")


def one_fewer(divisor: int) -> int:
    return len(str(divisor)) - 1


def first_places(tape: Tape) -> None:
    """These places, or all that there are, are the first remainder."""
    for place in range(1, tape.fetch(KNOWN) + 1):
        if tape.fetch(("digit", place)) == BLANK:
            break
    tape.write(first_remainder, REMAINDER)
    tape.goto(after_known)


def first_remainder(_known: int, *digits: str) -> int:
    return int("".join(digits).rstrip(BLANK) or 0)


def after_known(_place: Place, read: Values, _written: Values) -> Any:
    return "down", read[0] + 1


def down(tape: Tape, place: int | str) -> None:
    """Bring down a digit. After the dividend comes the point, and after that there are zeros."""
    _, digit = tape.fetch(REMAINDER, ("digit", place))
    if digit == BLANK and isinstance(place, int):
        tape.write(always_point, ("quotient", place))
        tape.goto(after_point)
    else:
        tape.write(append, CURRENT)
        tape.goto(first_trial)


def append(remainder: int, digit: str) -> int:
    return 10 * remainder + (0 if digit == BLANK else int(digit))


def always_point(*_: Any) -> str:
    return "."


def after_point(_place: Place, read: Values, _written: Values) -> Any:
    return ("down", ".1") if read[0] else "quotient"


def first_trial(place: Place, _read: Values, _written: Values) -> Any:
    return "trial", place[0], 5


def trial(tape: Tape, _place: int | str, k: int) -> None:
    """Does that multiple go into the current number?"""
    tape.fetch(multiple(k), CURRENT)
    tape.write(into, ("fits",))
    tape.goto(next_trial)


def into(tried: int, current: int) -> int:
    """1 for yes."""
    return int(tried <= current)


def next_trial(place: Place, _read: Values, written: Values) -> Any:
    at, k = place
    (fits,) = written
    following = TRIALS.get(k, (None, None))[fits]
    return ("subtract", at, k - 1 + fits) if following is None else ("trial", at, following)


def subtract(tape: Tape, place: int | str, k: int) -> None:
    """The digit k at that place of the quotient, and what is left."""
    tape.fetch(("k", k), CURRENT, multiple(k))
    tape.write(take_away, ("quotient", place), REMAINDER)
    tape.goto(next_place)


def take_away(digit: int, current: int, taken: int) -> tuple[int, int]:
    return digit, current - taken


def next_place(place: Place, _read: Values, written: Values) -> Any:
    """The next digit; after the point up to remainder 0 or the last place."""
    at = place[0]
    if isinstance(at, int):
        return "down", at + 1
    number = int(at[1:])
    return ("down", f".{number + 1}") if written[1] and number < PLACES else "quotient"


def show_quotient(tape: Tape) -> None:
    tape.scan(("quotient", 1), ".")
    tape.scan(("quotient", ".1"))
    tape.answer(quotient_of)


STATES = long_division.STATES | {
    "scale": scale,
    "multiple": add_divisor,
    "start": start_at,
    "first": first_places,
    "down": down,
    "trial": trial,
    "subtract": subtract,
    "quotient": show_quotient,
}


def macros(steps: list[Step]) -> list[Macro]:
    """The table of multiples; each digit of the quotient, from what is left, the digit brought down and the divisor."""
    if steps[0].kind != "scale":
        return long_division.macros(steps)
    made = []
    for macro in grouped(lambda step: step.kind if step.kind == "multiple" else step.at[:1] or None)(steps):
        step = steps[macro.first]
        if step.kind == "multiple":
            made.append(macro)
        elif macro.end - macro.first > 1:
            read, left = (REMAINDER, ("digit", *step.at), multiple(1)), (("quotient", *step.at), REMAINDER)
            made.append(Macro(macro.first, macro.end, read, left))
    return made


CORE = long_division.CORE | {
    "scale": Line(
        name=lambda: "",
        fetch="{}/{}=".format,
        write=lambda divisor, *digits: f"{listed('>')(*enumerate(digits, start=1))}/{divisor}",
        open="",
    ),
    "multiple": Line("*{}".format, "{}+{}=".format, str),
    "start": Line(lambda: "start", "{}=".format, str, open=" "),
    "first": Line(lambda: "first", lambda known, *digits: f"{known}|{''.join(digits)}=", str, open=" "),
    "down": Line(str, "{},{}=".format, str),
    "trial": Line("{}?{}".format, "{}/{}=".format, str),
    "subtract": Line(
        name="{}q{}".format,
        fetch=lambda _, current, taken: f"{current}-{taken}=",
        write=lambda _, rest: str(rest),
    ),
    "quotient": Line(lambda: "quotient ", show=listed(">"), open=""),
}
STYLED = long_division.STYLED | {
    "scale": Line(
        name=lambda: "Without points",
        fetch="{} divided by {} ".format,
        write=lambda divisor, *digits: (
            f"has the dividend with digits {listed(', ', ' is ')(*enumerate(digits, start=1))}, "
            f"and the divisor {divisor}."
        ),
        open=", ",
        leave="\n",
    ),
    "multiple": Line(
        "{} times".format, "{} plus {} ".format, "is {}.".format, open=": ", next="\n", leave="\nTo begin, "
    ),
    "start": Line(
        name=lambda: "one digit fewer than",
        fetch="{} has ".format,
        write="is {}.".format,
        open=" ",
        leave="\nTake ",
    ),
    "first": Line(
        name=lambda: "so many",
        fetch=lambda known, *digits: f"({known}) places: {''.join(digits) or 'none'}, ",
        write="so the remainder is {}.".format,
        open=" ",
        leave="\n",
    ),
    "down": Line(
        name="Place {}".format,
        fetch="remainder {}, bring down {} ".format,
        write=lambda result: "and here comes the point." if result == "." else f"and get {result}.",
        open=": ",
        next="\n",
        leave="\n",
    ),
    "trial": Line(
        name="For place {} try {} times".format,
        fetch="does {} go into {}? ".format,
        write=lambda fits: "Yes." if fits else "No.",
        open=": ",
        next="\n",
        leave="\n",
    ),
    "subtract": Line(
        name="At place {} the digit is {}".format,
        fetch=lambda _, current, taken: f"{current} minus {taken} ",
        write=lambda _, rest: f"leaves {rest}.",
        open=": ",
        leave="\n",
    ),
    "quotient": Line(
        name=lambda: "In the quotient, place ",
        show=lambda *digits: listed(", ", " is ")(*digits) + ".",
        open="",
    ),
}
