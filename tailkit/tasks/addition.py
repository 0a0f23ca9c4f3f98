"""Large number addition (simulation): x1 + x2, a decimal point may stand at any place.

Length is the digits of an operand, integer and fraction digits together; n is the longer one's.
The run: read both operands into cells 1, 2, … and, after the point, .1, .2, … up to the blank;
add column by column from the rightmost, with one head on either integer part, both moving left
(a head that has left its number stays at 0 and reads blanks); read the sum out from the left. Where
the integer parts end is fetched once, by the column that begins there.
"""

from fractions import Fraction
from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Place, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.decimals import cells_of, decimal, decimal_count, digits_of, scan_decimal
from tailkit.tasks.shelf.equality import same_decimal
from tailkit.tasks.shelf.macros import grouped
from tailkit.tasks.shelf.pairs import lengths
from tailkit.tasks.shelf.rivals import ADDITION
from tailkit.tasks.shelf.wording import listed

PARADIGM = "simulation"
VERSION = 3
RANGES = {"S": (10, 30), "M": (31, 40), "L": (41, 50)}
NOUNS = ("sums of {}", "{} digit", "{} digits")
Label = str | int

QUERIES = [
    "{x1} + {x2} = ?",
    "{x1}+{x2}=",
    "Compute {x1} + {x2}",
    "What is {x1} plus {x2}?",
    "Add {x1} and {x2} together!",
    "Add {x1} to {x2} and give the exact result.",
    "Find the sum of {x1} and {x2}",
    "Evaluate the expression {x1} + {x2} exactly.",
    "Let a = {x1} and b = {x2} be given. Determine a + b.",
    "Please work out {x1} + {x2} column by column.",
    "How much is {x1} added to {x2}?",
    "Calculate the total of the numbers {x1} and {x2} without rounding.",
    "Sum: {x1} + {x2}",
    "A pupil writes {x1} and {x2} below each other and adds them. What does the pupil get?",
    "One tank holds {x1} litres and another holds {x2} litres. How many litres do they hold together?",
    "A shop took in {x1} coins in the morning and {x2} coins in the evening. How many coins is that in all?",
    "The first part of a road measures {x1} km and the second {x2} km. How long is the whole road?",
    "You saved {x1} and then {x2} more. How much have you saved?",
    "Two probes weigh {x1} g and {x2} g on an exact scale. What is their total weight?",
    "Show me how to add {x1} and {x2} by hand, digit by digit.",
    "An account stands at {x1} and receives {x2} today. Give the new balance.",
    "If x = {x1} and y = {x2} then what is x + y?",
    "Use column addition to find {x1} + {x2} and state the answer as a decimal number.",
    "I need the exact value of {x1} + {x2} please",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Two operands. The longer one's digits are drawn first, so that each n is as frequent."""
    return {x: decimal(rng, digits) for x, digits in zip(("x1", "x2"), lengths(rng, low, high), strict=True)}


def length(data: dict[str, Any]) -> int:
    return max(digits_of(data["x1"]), digits_of(data["x2"]))


def key(data: dict[str, Any]) -> str:
    """The unordered pair of the written forms."""
    return "+".join(sorted((data["x1"], data["x2"])))


def support(low: int, high: int) -> int:
    """How many distinct problems there are: unordered pairs of written numbers."""
    forms = sum(decimal_count(digits) for digits in range(low, high + 1))
    return forms * (forms + 1) // 2


def oracle(data: dict[str, Any]) -> str:
    """The exact sum, with as many decimal places as the longer fraction."""
    total = Fraction(data["x1"]) + Fraction(data["x2"])
    places = max(len(data[x].partition(".")[2]) for x in ("x1", "x2"))
    whole, rest = divmod(int(total * 10**places), 10**places)
    return f"{whole}.{rest:0{places}d}" if places else str(whole)


equal = same_decimal


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("x1", "x2", "sum")
    tape.given([CARRY, ("x1", "last"), ("x2", "last")], [0, 0, 0])
    for x in ("x1", "x2"):
        tape.given(cells_of(x, 1, data[x])[:-1], data[x])
    return "x1"


def x1(tape: Tape) -> None:
    scan_decimal(tape, "x1")
    tape.goto("x2")


def x2(tape: Tape) -> None:
    scan_decimal(tape, "x2")
    tape.goto("last")


def last(tape: Tape) -> None:
    """The last place of the longer fraction."""
    tape.fetch(("x1", "last"), ("x2", "last"))
    tape.write(max, ("last",))
    tape.goto(first_column)


def first_column(_place: Place, _read: Values, written: Values) -> Any:
    (last,) = written
    return ("fraction", f".{last}") if last else "ends"


def fraction(tape: Tape, place: str) -> None:
    tape.fetch(("x1", place), ("x2", place), CARRY)
    tape.write(add_column, CARRY, ("sum", place))
    tape.goto(column_before)


def column_before(place: Place, _read: Values, _written: Values) -> Any:
    number = int(place[0][1:])
    return ("fraction", f".{number - 1}") if number > 1 else "point"


def point(tape: Tape) -> None:
    """The last column of the integer part, where a fraction comes after it."""
    i, j = add_at_ends(tape)
    tape.write(always_point, ("sum", max(i, j) + 1))
    tape.goto(left_of_ends)


def ends(tape: Tape) -> None:
    """The last column of the integer part."""
    add_at_ends(tape)
    tape.goto(left_of_ends)


def add_at_ends(tape: Tape) -> tuple[int, int]:
    """Add the column in which both integer parts end, and return its places."""
    i, j = tape.fetch(("x1", "end"), ("x2", "end"))
    tape.fetch(("x1", i), ("x2", j), CARRY)
    tape.write(add_at, CARRY, ("sum", max(i, j)))
    return i, j


def integer(tape: Tape, i: int, j: int) -> None:
    tape.fetch(("x1", i), ("x2", j), CARRY)
    tape.write(add_column, CARRY, ("sum", max(i, j)))
    tape.goto(left)


def left(place: Place, _read: Values, written: Values) -> Any:
    """Both heads go left, or, if both have left their numbers, the sum is read from its first digit on."""
    if place == (0, 0):
        return "sum", 1 if written[1] == "0" else 0
    return "integer", *[max(i - 1, 0) for i in place]


def left_of_ends(_place: Place, read: Values, _written: Values) -> Any:
    return "integer", *[i - 1 for i in read[:2]]


def show_sum(tape: Tape, first: int) -> None:
    if tape.scan(("sum", first), ".", BLANK) == ".":
        tape.scan(("sum", ".1"))
    tape.answer(joined)


CARRY = ("carry",)
DIGIT = {BLANK: 0} | {str(d): d for d in range(10)}
DIGITS = [str(d) for d in range(10)]
STATES = {
    "x1": x1,
    "x2": x2,
    "last": last,
    "fraction": fraction,
    "point": point,
    "ends": ends,
    "integer": integer,
    "sum": show_sum,
}
PARTS = {"fraction": "fraction", "point": "integer", "ends": "integer", "integer": "integer"}
macros = grouped(lambda step: PARTS.get(step.kind))


def add_column(digit1: str, digit2: str, carry: int) -> tuple[int, str]:
    """The digits of x1 and x2 and the carry give the next carry and a digit of the sum."""
    total = DIGIT[digit1] + DIGIT[digit2] + carry
    return total // 10, DIGITS[total % 10]


def add_at(_i: int, _j: int, digit1: str, digit2: str, carry: int) -> tuple[int, str]:
    return add_column(digit1, digit2, carry)


def always_point(*_: Any) -> str:
    return "."


def joined(_place: Place, read: Values, _written: Values) -> str:
    """All characters but the blank after them."""
    return "".join(read[:-1])


_COLUMN = Line(
    name=lambda i, j: f"{i},{j}",
    fetch=lambda digit1, digit2, carry: f"{digit1}+{digit2}+{carry}=",
    write=lambda carry, digit, *_: f"{carry}{digit}",
)
_ENDS = _COLUMN._replace(
    name=lambda: "", open="", fetch=lambda i, j, digit1, digit2, carry: f"{i},{j}:{digit1}+{digit2}+{carry}="
)
_LIST = Line(lambda: "", show=listed(">"), open="")
CORE = {
    "x1": _LIST._replace(name=lambda: "x1 "),
    "x2": _LIST._replace(name=lambda: "x2 "),
    "last": Line(lambda: "last", lambda last1, last2: f".{last1},.{last2}=", lambda last: f".{last}"),
    "fraction": _COLUMN._replace(name=lambda place: place),
    "point": _ENDS,
    "ends": _ENDS,
    "integer": _COLUMN,
    "sum": _LIST._replace(name=lambda first: ""),
}

_COLUMN_STYLED = Line(
    name=lambda i, j: f"digit {i} of x1 and digit {j} of x2",
    fetch=lambda digit1, digit2, carry: f"{digit1} plus {digit2} plus carry {carry} ",
    write=lambda carry, digit, *_: f"is {carry}{digit}, write {digit} and carry {carry}.",
    open=": ",
    next="\nNext is ",
    leave="\nThen ",
)
_ENDS_STYLED = _COLUMN_STYLED._replace(
    open="",
    fetch=lambda i, j, digit1, digit2, carry: (
        f"with digit {i} of x1 and digit {j} of x2: {digit1} plus {digit2} plus carry {carry} "
    ),
)


def _listed_in_words(*items: tuple[Label, str]) -> str:
    return listed("; ", " is ")(*items) + "."


_LIST_STYLED = _COLUMN_STYLED._replace(open="", show=_listed_in_words, fetch=None, write=None)
STYLED = {
    "x1": _LIST_STYLED._replace(name=lambda: "In the first number, character "),
    "x2": _LIST_STYLED._replace(name=lambda: "in the second number, character "),
    "last": _COLUMN_STYLED._replace(
        name=lambda: "the furthest place",
        fetch=lambda last1, last2: f"of .{last1} and .{last2} ",
        write=lambda last: f"it is .{last}.",
    ),
    "fraction": _COLUMN_STYLED._replace(name=lambda place: f"place {place}"),
    "point": _ENDS_STYLED._replace(name=lambda: "left of the point the integer parts begin, "),
    "ends": _ENDS_STYLED._replace(name=lambda: "the integer parts begin, "),
    "integer": _COLUMN_STYLED,
    "sum": _LIST_STYLED._replace(name=lambda first: "the sum from the left: "),
}

BASELINES = ADDITION
