"""Large number addition (simulation): x1 + x2, a decimal point may stand at any place.

Length is the digits of an operand, integer and fraction digits together; n is the longer one's.
The run: read both operands into cells 1, 2, … and, after the point, .1, .2, … up to the blank;
add column by column from the rightmost, with one head on either integer part, both moving left
(a head that has left its number stays at 0 and reads blanks); read the sum out from the left.
"""

import re
from fractions import Fraction
from random import Random
from typing import Any

from tailkit.records import BLANK, Baseline, Cell, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.decimals import cells_of, decimal, decimal_count, digits_of, ends
from tailkit.tasks.shelf.equality import same_decimal
from tailkit.tasks.shelf.wording import listed

PARADIGM = "simulation"
VERSION = 1
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
    """Two operands, digit counts drawn independently from low … high."""
    return {x: decimal(rng, rng.randint(low, high)) for x in ("x1", "x2")}


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


def program(tape: Tape, data: dict[str, Any]) -> None:
    tape.blank("x1", "x2", "sum")
    tape.given([CARRY], [0])
    x1, x2 = (cells_of(x, 1, data[x]) for x in ("x1", "x2"))
    for cells, text in ((x1, data["x1"]), (x2, data["x2"])):
        tape.given(cells[:-1], text)
    read(tape, "x1", x1)
    read(tape, "x2", x2)
    tape.state("last")
    tape.fetch(("x1", "last"), ("x2", "last"))
    i, j = tape.value(("x1", "end")), tape.value(("x2", "end"))
    width = max(i, j)
    last, _ = tape.write(furthest, ("last",), ("sum", width + 1))
    with tape.macro("fraction"):
        for place in range(last, 0, -1):
            label = f".{place}"
            tape.state("fraction", label)
            tape.fetch(("x1", label), ("x2", label), CARRY)
            tape.write(add_column, CARRY, ("sum", label))
    with tape.macro("integer"):
        for column in range(width, -1, -1):
            tape.state("integer", i, j)
            tape.fetch(("x1", i), ("x2", j), CARRY)
            tape.write(add_column, CARRY, ("sum", column))
            i, j = max(i - 1, 0), max(j - 1, 0)
    tape.state("sum")
    first = 1 if tape.value(("sum", 0)) == "0" else 0
    shown = cells_of("sum", first, "0" * (width + 1 - first) + ("." + "0" * last if last else ""))
    tape.show(*shown)
    tape.answer(joined, *shown[:-1])


def read(tape: Tape, x: str, cells: list[Cell]) -> None:
    """Read an operand up to the blank after it; remember where its two parts end."""
    tape.state(x)
    tape.show(*cells)
    tape.write(ends, (x, "end"), (x, "last"))


CARRY = ("carry",)
DIGIT = {BLANK: 0} | {str(d): d for d in range(10)}
DIGITS = [str(d) for d in range(10)]


def add_column(digit1: str, digit2: str, carry: int) -> tuple[int, str]:
    """The digits of x1 and x2 and the carry give the next carry and a digit of the sum."""
    total = DIGIT[digit1] + DIGIT[digit2] + carry
    return total // 10, DIGITS[total % 10]


def furthest(last1: int, last2: int) -> tuple[int, str]:
    """The last place of the longer fraction, and what stands after the sum's integer part."""
    last = max(last1, last2)
    return last, "." if last else BLANK


def joined(*chars: str) -> str:
    return "".join(chars)


_listed = listed(">")

_COLUMN = Line(
    name=lambda i, j: f"{i},{j}",
    fetch=lambda digit1, digit2, carry: f"{digit1}+{digit2}+{carry}=",
    write=lambda carry, digit: f"{carry}{digit}",
)
CORE = {
    "x1": Line(lambda: "x1 ", None, lambda *read: _listed(*read[:-2]), open=""),
    "x2": Line(lambda: "x2 ", None, lambda *read: _listed(*read[:-2]), open=""),
    "last": Line(lambda: "last", lambda last1, last2: f".{last1},.{last2}=", lambda last, _: f".{last}"),
    "fraction": _COLUMN._replace(name=lambda place: place),
    "integer": _COLUMN,
    "sum": Line(lambda: "", None, _listed, open=""),
}

_COLUMN_STYLED = Line(
    name=lambda i, j: f"digit {i} of x1 and digit {j} of x2",
    fetch=lambda digit1, digit2, carry: f"{digit1} plus {digit2} plus carry {carry} ",
    write=lambda carry, digit: f"is {carry}{digit}, write {digit} and carry {carry}.",
    open=": ",
    next="\nNext is ",
    leave="\nThen ",
)


def _listed_in_words(*items: tuple[Label, str]) -> str:
    return listed("; ", " is ")(*items) + "."


_LIST_STYLED = _COLUMN_STYLED._replace(open="", fetch=None)
STYLED = {
    "x1": _LIST_STYLED._replace(
        name=lambda: "In the first number, character ", write=lambda *read: _listed_in_words(*read[:-2])
    ),
    "x2": _LIST_STYLED._replace(
        name=lambda: "in the second number, character ", write=lambda *read: _listed_in_words(*read[:-2])
    ),
    "last": _COLUMN_STYLED._replace(
        name=lambda: "the furthest place",
        fetch=lambda last1, last2: f"of .{last1} and .{last2} ",
        write=lambda last, _: f"it is .{last}.",
    ),
    "fraction": _COLUMN_STYLED._replace(name=lambda place: f"place {place}"),
    "integer": _COLUMN_STYLED,
    "sum": _LIST_STYLED._replace(
        name=lambda: "the sum from the left: ",
        write=_listed_in_words,
    ),
}


def _hint_places(text: str) -> str:
    """Every digit with the label of its place: (-a), (-b) … leftwards from the point, (a), (b) … rightwards."""
    whole, point, fraction = text.partition(".")
    left = "".join(f"{d}(-{_letters(len(whole) - i)})" for i, d in enumerate(whole))
    return left + point + "".join(f"{d}({_letters(i)})" for i, d in enumerate(fraction, start=1))


def _letters(count: int) -> str:
    """1 … 26 are a … z, then aa, ab … as in a spreadsheet."""
    text = ""
    while count:
        count, letter = divmod(count - 1, 26)
        text = chr(ord("a") + letter) + text
    return text


def _result(text: str) -> str | None:
    """What stands after the one equals sign of an equation."""
    left, equals, right = text.strip().partition("=")
    return right if equals and left and "=" not in right else None


def _read_hints(text: str) -> str | None:
    result = _result(text)
    if result is None:
        return None
    plain = re.sub(r"\(-?[a-z]+\)", "", result)
    return plain if _hint_places(plain) == result else None


def _read_reversed(text: str) -> str | None:
    result = _result(text)
    return result[::-1] if result is not None else None


BASELINES = {
    "index-hint": Baseline(
        lambda data, answer: f"{_hint_places(data['x1'])}+{_hint_places(data['x2'])}={_hint_places(answer)}",
        _read_hints,
    ),
    "reversed": Baseline(
        lambda data, answer: f"{data['x1'][::-1]}+{data['x2'][::-1]}={answer[::-1]}",
        _read_reversed,
    ),
}
