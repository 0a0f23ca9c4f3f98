"""Large number addition (simulation): x1 + x2, a decimal point may stand at any place.

Length is the digits of an operand, integer and fraction digits together; n is the longer one's.
The run: read both operands into cells 1, 2, … and, behind the point, .1, .2, … up to the blank;
add column by column from the rightmost, with one head on either integer part, both moving left
(a head that has left its number stays at 0 and reads blanks); read the sum out from the left.
"""

import re
from fractions import Fraction
from random import Random
from typing import Any

from tailkit.records import BLANK, Baseline, Cell, Line
from tailkit.tape import Tape

PARADIGM = "simulation"
VERSION = 1
RANGES = {"S": (10, 30), "M": (31, 40), "L": (41, 50)}
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
    return {"x1": _operand(rng, rng.randint(low, high)), "x2": _operand(rng, rng.randint(low, high))}


def _operand(rng: Random, digits: int) -> str:
    """Half of the operands get a point at an inner place; no superfluous zero in front."""
    cut = rng.randint(1, digits - 1) if digits > 1 and rng.random() < 0.5 else digits
    first = rng.randrange(cut > 1, 10)
    rest = str(rng.randrange(10 ** (digits - 1))).zfill(digits - 1) if digits > 1 else ""
    text = f"{first}{rest}"
    return text if cut == digits else f"{text[:cut]}.{text[cut:]}"


def length(data: dict[str, Any]) -> int:
    return max(len(data[x].replace(".", "")) for x in ("x1", "x2"))


def key(data: dict[str, Any]) -> str:
    """The unordered pair of the written forms."""
    return "+".join(sorted((data["x1"], data["x2"])))


def support(low: int, high: int) -> int:
    """How many distinct problems there are: unordered pairs of written numbers."""
    forms = sum(_forms(digits) for digits in range(low, high + 1))
    return forms * (forms + 1) // 2


def _forms(digits: int) -> int:
    if digits == 1:
        return 10
    leading_zero = 10 ** (digits - 1)  # only 0.… may begin with a zero
    return 9 * 10 ** (digits - 1) * digits + leading_zero


def oracle(data: dict[str, Any]) -> str:
    """The exact sum, with as many decimal places as the longer fraction."""
    total = Fraction(data["x1"]) + Fraction(data["x2"])
    places = max(len(data[x].partition(".")[2]) for x in ("x1", "x2"))
    whole, rest = divmod(int(total * 10**places), 10**places)
    return f"{whole}.{rest:0{places}d}" if places else str(whole)


def equal(given: str, answer: str) -> bool:
    """Equal by value: 1.50 = 1.5."""
    return re.fullmatch(r"[0-9]+(\.[0-9]+)?", given) is not None and Fraction(given) == Fraction(answer)


def program(tape: Tape, data: dict[str, Any]) -> None:
    lay_out(tape, data)
    read(tape, "x1 given", "x1", 1)
    read(tape, "x2 given", "x2", 1)
    last = furthest_place(tape)
    with tape.macro("fraction"):
        for place in range(last, 0, -1):
            tape.state("fraction", place)
            add(tape, f".{place}", f".{place}", f".{place}")
    with tape.macro("integer"):
        i, j = tape.value(("x1", "end")), tape.value(("x2", "end"))
        for column in range(max(i, j), -1, -1):
            tape.state("integer", i, j)
            digit = add(tape, i, j, column)
            i, j = max(i - 1, 0), max(j - 1, 0)
    shown = read(tape, "sum", "out", 0 if digit == "1" else 1)
    tape.answer(join, *shown)


def lay_out(tape: Tape, data: dict[str, Any]) -> None:
    """Memory at the start: the characters of both operands, blanks on either side, no carry."""
    tape.blank("x1 given", "x2 given", "x1", "x2", "sum")
    for x in ("x1", "x2"):
        whole, point, fraction = data[x].partition(".")
        for place, char in enumerate(whole + point, start=1):
            tape.given((f"{x} given", place), char)
        for place, char in enumerate(fraction, start=1):
            tape.given((f"{x} given", f".{place}"), char)
    tape.given(("carry",), 0)


def read(tape: Tape, source: str, target: str, place: int) -> list[Cell]:
    """Copy a number character by character, up to the blank behind its end; return its cells.

    Places count on from `place`; behind the point they start again as .1, .2 …
    Where the integer part and the fraction end is remembered.
    """
    cells: list[Cell] = []
    point = ""
    while True:
        label = f".{place}" if point else place
        tape.state(target, label)
        char = tape.fetch((source, label))
        tape.write((target, label), copy)
        if char == "." or (char == BLANK and not point):
            tape.write((target, "end"), lambda _, end=place - 1: end)
        if char == BLANK:
            tape.write((target, "last"), lambda _, last=place - 1 if point else 0: last)
            return cells
        cells.append((target, label))
        point, place = (".", 1) if char == "." else (point, place + 1)


def furthest_place(tape: Tape) -> int:
    """The last place of the longer fraction; the sum gets a point if there is any."""
    tape.state("last")
    tape.fetch(("x1", "last"), ("x2", "last"))
    last = tape.write(("last",), max)
    tape.write(("sum", max(tape.value(("x1", "end")), tape.value(("x2", "end"))) + 1), point_or_blank)
    return last


def add(tape: Tape, place1: Label, place2: Label, place: Label) -> str:
    """One column: the digits of x1 and x2 and the carry give the next carry and a digit of the sum."""
    tape.fetch(("x1", place1), ("x2", place2), ("carry",))
    tape.write(("carry",), column_carry)
    return tape.write(("sum", place), column_digit)


DIGIT = {BLANK: 0} | {str(d): d for d in range(10)}


def column_carry(digit1: str, digit2: str, carry: int) -> int:
    return (DIGIT[digit1] + DIGIT[digit2] + carry) // 10


def column_digit(digit1: str, digit2: str, carry: int) -> str:
    return str((DIGIT[digit1] + DIGIT[digit2] + carry) % 10)


def copy(char: str) -> str:
    return char


def point_or_blank(last1: int, last2: int) -> str:
    return "." if max(last1, last2) else BLANK


def join(*chars: str) -> str:
    return "".join(chars)


def _place(label: Label) -> str:
    return str(label)


_READ = Line(name=_place, fetch=None, write=lambda char, *_: char, next=">")
_COLUMN = Line(
    name=lambda i, j: f"{i},{j}",
    fetch=lambda digit1, digit2, carry: f"{digit1}+{digit2}+{carry}=",
    write=lambda carry, digit: f"{carry}{digit}",
)
CORE = {
    "x1": _READ._replace(name=lambda k: f"x1 {k}" if k == 1 else f"{k}"),
    "x2": _READ._replace(name=lambda k: f"x2 {k}" if k == 1 else f"{k}"),
    "last": Line(lambda: "last", lambda last1, last2: f".{last1},.{last2}=", lambda last, _: f".{last}"),
    "fraction": _COLUMN._replace(name=lambda place: f".{place}"),
    "integer": _COLUMN,
    "out": _READ,
}

_READ_STYLED = Line(name=_place, fetch=None, write=lambda char, *_: f" is {char}", open="", next="; ", leave=".\nThen ")
_COLUMN_STYLED = Line(
    name=lambda i, j: f"digit {i} of x1 and digit {j} of x2",
    fetch=lambda digit1, digit2, carry: f"{digit1} plus {digit2} plus carry {carry} ",
    write=lambda carry, digit: f"is {carry}{digit}, write {digit} and carry {carry}.",
    open=": ",
    next="\nNext is ",
    leave="\nThen ",
)
STYLED = {
    "x1": _READ_STYLED._replace(name=lambda k: f"In the first number, character {k}" if k == 1 else f"{k}"),
    "x2": _READ_STYLED._replace(name=lambda k: f"in the second number, character {k}" if k == 1 else f"{k}"),
    "last": _COLUMN_STYLED._replace(
        name=lambda: "the furthest place",
        fetch=lambda last1, last2: f"of .{last1} and .{last2} ",
        write=lambda last, _: f"it is .{last}.",
    ),
    "fraction": _COLUMN_STYLED._replace(name=lambda place: f"place .{place}"),
    "integer": _COLUMN_STYLED._replace(leave="\nThen the sum from the left: "),
    "out": _READ_STYLED,
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
    """What stands behind the one equals sign of an equation."""
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
