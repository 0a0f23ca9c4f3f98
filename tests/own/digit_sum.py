"""Digit sum (iteration): the digits of a number, added one after the other."""

from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Place, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.macros import kinds
from tailkit.tasks.shelf.wording import joined, listed

PARADIGM = "iteration"
VERSION = 1
RANGES = {"S": (1, 4), "M": (5, 6), "L": (7, 9)}
QUERIES = ["What is the digit sum of {number}?", "Add up the digits of {number}.", "Digit sum of {number}:"]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    digits = rng.randint(low, high)
    return {"number": str(rng.randrange(10 ** (digits - 1), 10**digits))}


def length(data: dict[str, Any]) -> int:
    return len(data["number"])


def key(data: dict[str, Any]) -> str:
    return str(data["number"])


def support(low: int, high: int) -> int:
    return int(10**high - 10 ** (low - 1))


def oracle(data: dict[str, Any]) -> str:
    return str(sum(map(int, data["number"])))


equal = same_integer

SUM = ("sum",)


def start(tape: Tape, data: dict[str, Any]) -> Any:
    tape.blank("digit")
    places = range(1, length(data) + 1)
    tape.given([SUM, *[("digit", place) for place in places]], [0, *map(int, data["number"])])
    return "digits"


def digits(tape: Tape) -> None:
    """Lay the digits out."""
    tape.scan(("digit", 1))
    tape.goto(to_first)


def to_first(_place: Place, _read: Values, _written: Values) -> Any:
    return "add", 1


def add(tape: Tape, place: int) -> None:
    """Add one digit, or end at the blank."""
    if tape.fetch(("digit", place), SUM)[0] == BLANK:
        tape.answer(the_sum)
    else:
        tape.write(added, SUM)
        tape.goto(to_next)


def added(digit: int, total: int) -> int:
    return digit + total


def to_next(place: Place, _read: Values, _written: Values) -> Any:
    return "add", place[0] + 1


def the_sum(_place: Place, read: Values, _written: Values) -> str:
    return str(read[1])


STATES = {"digits": digits, "add": add}
macros = kinds("add")
CORE = {"digits": Line(lambda: "", show=listed(), open=""), "add": Line(str, "{}+{}=".format, joined(""))}
STYLED = {
    "digits": Line(lambda: "The digits are ", show=listed(", ", " is "), open="", leave=".\n"),
    "add": Line(
        lambda place: f"Place {place}",
        lambda digit, total: f"the digit is {digit}, the sum {total}",
        lambda *total: f", which makes {total[0]}" if total else ", the end",
        open=": ",
        next=".\n",
    ),
}
