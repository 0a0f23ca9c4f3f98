"""Compare numbers (simulation): is x1 greater than x2, less, or equal? A point may stand anywhere.

Length is the digits of a number, integer and fraction digits together; n is the longer one's.
An answer is the sign, or both numbers with the sign between them, as some queries have it.
The run: read both numbers into cells 1, 2, … and, after the point, .1, .2, … up to the blank;
compare the lengths of the integer parts, then digit by digit from the left. The first difference
decides; where an integer part ends both heads go after the point; a blank there counts as 0, and
two blanks mean that the numbers are equal. The sign is read out at the end.
Of two rules one gives the sign of nearly every problem: compare the integer parts alone, or the texts
from the left. Of three draws the one is taken for which fewest of them do.
"""

import re
from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.decimals import cells_of, decimal, decimal_count, digits_of, scan_decimal
from tailkit.tasks.shelf.draw import hardest, right
from tailkit.tasks.shelf.equality import Equality
from tailkit.tasks.shelf.pairs import lengths
from tailkit.tasks.shelf.reading import words
from tailkit.tasks.shelf.wording import listed

PARADIGM = "simulation"
VERSION = 3
RANGES = {"S": (5, 10), "M": (11, 20), "L": (21, 50)}
NOUNS = ("comparisons of {}", "{} digit", "{} digits")
TIES, PREFIXES = 0.14, 0.5  # shares of equal numbers, and of numbers that begin alike
DRAWS = 3

_FORM = "Answer with one sign: >, < or =."
QUERIES = [
    "Compare {x1} with {x2}. " + _FORM,
    "{x1} ? {x2} (put >, < or = for the question mark)",
    "Which sign belongs between {x1} and {x2}: >, < or =?",
    "Is {x1} greater than (>), less than (<) or equal to (=) {x2}? Give the sign.",
    "Let a = {x1} and b = {x2}. Write > if a exceeds b, < if b exceeds a, = otherwise.",
    "Order relation of the decimals {x1} and {x2}: >, < or =?",
    "Fill in the blank with >, < or =: {x1} __ {x2}",
    "Two jumpers reach {x1} m and {x2} m. Is the first result better (>), worse (<) or the same (=)?",
    "Shop A asks {x1} euros, shop B {x2} euros. How does A's price compare with B's? " + _FORM,
    "A scale shows {x1} g, then {x2} g. Was the first weight more (>), less (<) or equal (=)?",
    "Compare digit by digit: {x1} and {x2}. " + _FORM,
    "Determine the relation of {x1} to {x2} exactly. " + _FORM,
    "Please tell me whether {x1} > {x2}, {x1} < {x2} or {x1} = {x2}; the sign alone is enough.",
    "One river is {x1} km long, another {x2} km. Set the first in relation to the second. " + _FORM,
    "Show a pupil how to decide between >, < and = for {x1} and {x2}.",
    "By value, how does {x1} stand to {x2}? " + _FORM,
    "cmp({x1}, {x2}) -> one of > < =",
    "The first probe measured {x1}, the second {x2}. State the comparison of first with second. " + _FORM,
    "Evaluate which is larger. Left: {x1}. Right: {x2}. Write > for left, < for right, = for neither.",
    "An athlete ran {x1} km in May and {x2} km in June. Was May more (>), less (<) or the same (=)?",
    "Given the numbers {x1} and {x2}, return '>' if the first is larger, '<' if smaller, '=' if they are equal.",
    "Account one holds {x1}, account two {x2}. Compare one with two. " + _FORM,
    "Without a calculator: does {x1} come after (>), before (<) or at the same point as (=) {x2} on the number line?",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Numbers of up to n digits, n drawn first; equal numbers and shared beginnings are common."""
    sizes = lengths(rng, low, high)
    return hardest(lambda: draw(rng, sizes), lambda data: right(HEURISTICS, data, oracle(data)), DRAWS)


def draw(rng: Random, sizes: list[int]) -> dict[str, Any]:
    kind = rng.random()
    x1 = decimal(rng, min(sizes) if kind < TIES else sizes[0])
    if kind < TIES:
        x2 = same_value(x1, max(sizes))
    elif kind < TIES + PREFIXES:
        x2 = begun_alike(rng, x1, sizes[1])
    else:
        x2 = decimal(rng, sizes[1])
    return {"x1": x1, "x2": x2} if rng.random() < 0.5 else {"x1": x2, "x2": x1}


def by_whole_parts(data: dict[str, Any]) -> str:
    """The sign between the numbers without their fractions."""
    return sign_between(*(int(data[x].partition(".")[0]) for x in ("x1", "x2")))


def as_text(data: dict[str, Any]) -> str:
    """The sign between the numbers character by character from the left, wherever their points are."""
    return sign_between(data["x1"], data["x2"])


def sign_between(one: Any, other: Any) -> str:
    return ">" if one > other else "<" if one < other else "="


HEURISTICS = {"whole parts alone": by_whole_parts, "as text": as_text}


def same_value(number: str, digits: int) -> str:
    """The number with as many zeros after it as it takes to have that many digits."""
    zeros = "0" * (digits - digits_of(number))
    return number + ("" if "." in number or not zeros else ".") + zeros


def begun_alike(rng: Random, number: str, digits: int) -> str:
    """A number with the same place of the point that differs from the fourth digit on, or later."""
    whole = len(number.partition(".")[0])
    plain = number.replace(".", "")
    digits = max(digits, whole)
    most = min(len(plain), digits) - 1
    shared = rng.randint(min(3, most), most)
    other = rng.choice([digit for digit in "0123456789" if digit != plain[shared]])
    rest = "".join(rng.choices("0123456789", k=digits - shared - 1))
    text = plain[:shared] + other + rest
    return text if whole == digits else f"{text[:whole]}.{text[whole:]}"


def length(data: dict[str, Any]) -> int:
    return max(digits_of(data["x1"]), digits_of(data["x2"]))


def key(data: dict[str, Any]) -> str:
    """The ordered pair of the written forms."""
    return f"{data['x1']}?{data['x2']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: ordered pairs of written numbers."""
    return sum(decimal_count(digits) for digits in range(low, high + 1)) ** 2


def oracle(data: dict[str, Any]) -> str:
    from fractions import Fraction

    return sign_between(Fraction(data["x1"]), Fraction(data["x2"]))


def read(text: str, answer: str, data: dict[str, Any]) -> list[str]:
    """The sign that a text gives for x1 ? x2, also where it compares them the other way round."""
    return words.sign(text, data["x1"], data["x2"])


def same(given: str, answer: str, data: dict[str, Any] | None) -> bool:
    """The sign alone, or between the numbers of the query, in either order."""
    parts = re.fullmatch(r"(\S+?) ?([<>=]) ?(\S+)", given)
    if parts is None or not data:
        return given == answer
    return parts.groups() in ((data["x1"], answer, data["x2"]), (data["x2"], REVERSED[answer], data["x1"]))


REVERSED = {">": "<", "<": ">", "=": "="}
equal = Equality(same, read)


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("x1", "x2")
    for x in ("x1", "x2"):
        tape.given(cells_of(x, 1, data[x])[:-1], data[x])
    return "x1"


def x1(tape: Tape) -> None:
    scan_decimal(tape, "x1")
    tape.goto("x2")


def x2(tape: Tape) -> None:
    scan_decimal(tape, "x2")
    tape.goto("length")


ENDS, ORDER = (("x1", "end"), ("x2", "end")), ("order",)


def compare_lengths(tape: Tape) -> None:
    tape.fetch(*ENDS)
    tape.write(compare, ORDER)
    tape.goto(first_digit)


def compare(one: int, other: int) -> str:
    return ">" if one > other else "<" if one < other else "="


def first_digit(_place: Place, _read: Values, written: Values) -> Any:
    return ("digit", 1) if written == ("=",) else "sign"


def compare_digits(tape: Tape, place: int | str) -> None:
    tape.fetch(("x1", place), ("x2", place))
    tape.write(compare_chars, ORDER)
    tape.goto(next_digit)


def compare_chars(char1: str, char2: str) -> str:
    """Digits by value; after the end of a number, and at its point, there is 0."""
    return compare(*[int(char) if char.isdigit() else 0 for char in (char1, char2)])


def next_digit(place: Place, read: Values, written: Values) -> Any:
    """To the right up to a difference, or to the end of both fractions."""
    (at,) = place
    in_fraction = isinstance(at, str)
    if written != ("=",) or (in_fraction and read == (BLANK, BLANK)):
        return "sign"
    if in_fraction:
        return "digit", f".{int(at[1:]) + 1}"
    return "digit", at + 1 if read[0].isdigit() else ".1"


def sign(tape: Tape) -> None:
    tape.fetch(ORDER)
    tape.answer(decided)


def decided(_place: Place, read: Values, _written: Values) -> str:
    return str(read[0])


STATES = {"x1": x1, "x2": x2, "length": compare_lengths, "digit": compare_digits, "sign": sign}


def macros(steps: list[Step]) -> list[Macro]:
    """The whole comparison, from both numbers as they stand, however far it goes."""
    both = [cell for step in steps if step.kind in ("x1", "x2") for cell in step.shown]
    return [Macro(2, len(steps), (*ENDS, *both), (ORDER,))]


_LIST = Line(lambda: "", show=listed(">"), open="", leave=";\n")
CORE = {
    "x1": _LIST._replace(name=lambda: "x1 "),
    "x2": _LIST._replace(name=lambda: "x2 "),
    "length": Line(lambda: "length", lambda end1, end2: f"{end1},{end2}", str, leave=";\n"),
    "digit": Line(str, lambda char1, char2: f"{char1},{char2}", str, next=";\n", leave=";\n"),
    "sign": Line(lambda: "sign", str),
}
_IN_WORDS = {">": "is more.", "<": "is less.", "=": "is the same."}
_LIST_STYLED = _LIST._replace(show=listed("; ", " is "), leave=".\n")
STYLED = {
    "x1": _LIST_STYLED._replace(name=lambda: "In the first number, character "),
    "x2": _LIST_STYLED._replace(name=lambda: "In the second number, character "),
    "length": Line(
        name=lambda: "The integer parts end",
        fetch=lambda end1, end2: f"at {end1} and at {end2}: ",
        write=lambda order: f"the first {_IN_WORDS[order]}",
        open=" ",
        leave="\n",
    ),
    "digit": Line(
        name=lambda label: f"At place {label}",
        fetch=lambda char1, char2: f"stand {char1} and {char2}: ",
        write=lambda order: f"the first {_IN_WORDS[order]}",
        open=" ",
        next="\n",
        leave="\n",
    ),
    "sign": Line(lambda: "So the first number ", lambda order: _IN_WORDS[order], open=""),
}
