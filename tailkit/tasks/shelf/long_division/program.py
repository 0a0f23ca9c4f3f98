"""The program: what every state reads, writes and goes to.

In: dividend and divisor as text. Out: the table of states, and the macro steps of a run.
The dividend's digits, without its point, stand in the cells 1, 2, … of `rest`, and become what is left of
it in place. The divisor's stand in cells 1 to its size of multiple 1. A head in the rest goes along with
one in a multiple: to the left when digits are subtracted, to the right when they are compared, up to the
first that differ. `place` is where the last digit that was brought down stands, and where the quotient's
digit is written; `first` is where the multiples begin above it.
"""

from itertools import groupby
from typing import Any

from tailkit.records import BLANK, Cell, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.decimals import cells_of, scan_decimal

PLACES = 4
TRIALS = {5: (2, 7), 7: (6, 8), 8: (None, 9), 2: (1, 3), 3: (None, 4)}
"""What is tried after a multiple that does not fit, and after one that fits; None where the digit is known."""

DIGIT = {BLANK: 0} | {str(digit): digit for digit in range(10)}
CARRY, SIZE, POINT, LAST, FROM, PLACE, FIRST, FITS = [
    (name,) for name in ("carry", "size", "point", "last", "from", "place", "first", "fits")
]


def start(tape: Tape, dividend: str, divisor: str) -> str:
    """Lay out both numbers as they are written; before the dividend stand as many zeros as the divisor needs."""
    tape.blank("rest", "x2", "multiple", "quotient")
    for array, text in (("rest", dividend), ("x2", divisor)):
        tape.given(cells_of(array, 1, text)[:-1], text)
    tape.given([("rest", "last"), ("x2", "last"), CARRY, ("multiple", 1, 0)], [0, 0, 0, "0"])
    tape.given([("rest", -place) for place in range(len(divisor))], "0" * len(divisor))
    tape.given([("k", k) for k in range(10 + len(divisor))], range(10 + len(divisor)))
    return "dividend"


def show_dividend(tape: Tape) -> None:
    scan_decimal(tape, "rest")
    tape.goto("divisor")


def show_divisor(tape: Tape) -> None:
    scan_decimal(tape, "x2")
    tape.goto("point")


def find_point(tape: Tape) -> None:
    """The dividend's point goes as far to the right as the divisor has places after its own."""
    tape.fetch(("rest", "end"), ("x2", "last"))
    tape.write(point_and_last, POINT, LAST)
    tape.goto(after_end)


def point_and_last(end: int, shift: int) -> tuple[int, int]:
    """The last place before the quotient's point, and the last of all."""
    return end + shift, end + shift + PLACES


def after_end(_place: Place, read: Values, _written: Values) -> Any:
    return "fraction", read[0] + 1, ".1"


def append(tape: Tape, place: int, fraction: str) -> None:
    """The digits after the dividend's point move up to those before it."""
    if tape.fetch(("rest", fraction)) != BLANK:
        tape.put(str, ("rest", place))
    tape.goto(after_fraction)


def after_fraction(place: Place, read: Values, _written: Values) -> Any:
    return ("whole", 1, 1) if read[0] == BLANK else ("fraction", place[0] + 1, following(place[1]))


def following(place: int | str) -> int | str:
    return place + 1 if isinstance(place, int) else f".{int(place[1:]) + 1}"


def make_whole(tape: Tape, place: int | str, at: int) -> None:
    """A character of the divisor: the digits from the first that is not zero on are those of multiple 1."""
    char = tape.fetch(("x2", place))
    if char == BLANK:
        tape.fetch(("k", at - 1))
        tape.write(size_of, SIZE)
    elif char != "." and (char != "0" or at > 1):
        tape.put(str, ("multiple", 1, at))
    tape.goto(after_whole)


def size_of(_blank: str, size: int) -> int:
    return size


def after_whole(place: Place, read: Values, written: Values) -> Any:
    char, (here, at) = read[0], place
    if char == BLANK:
        return "times", 2, read[1]
    return "whole", ".1" if char == "." else following(here), at + 1 if written else at


def times(tape: Tape, k: int, at: int) -> None:
    """A digit of k times the divisor, from the right."""
    tape.fetch(("k", k), ("multiple", 1, at), CARRY)
    if not at:
        tape.fetch(SIZE)
    tape.write(multiply, ("multiple", k, at), CARRY)
    tape.goto(after_times)


def multiply(k: int, digit: str, carry: int, *_: int) -> tuple[str, int]:
    """The digit there, and what is carried."""
    product = k * DIGIT[digit] + carry
    return str(product % 10), product // 10


def after_times(place: Place, read: Values, _written: Values) -> Any:
    k, at = place
    if at:
        return "times", k, at - 1
    return ("times", k + 1, read[-1]) if k < 9 else "begin"


def begin(tape: Tape) -> None:
    """Before the divisor's size there are too few digits to hold it; the point is not passed, though."""
    tape.fetch(POINT, SIZE)
    tape.write(first_place, FROM, PLACE, FIRST)
    tape.goto(first_trial)


def first_place(point: int, size: int) -> tuple[int, int, int]:
    place = min(point, size)
    return place, place, place - size


def first_trial(_place: Place, _read: Values, written: Values) -> Any:
    return "try", 5, written[-1], 0


def try_multiple(tape: Tape, k: int, place: int, at: int) -> None:
    """Does that multiple go into the remainder? The first digits that differ tell; all may be the same."""
    tried, rest = tape.fetch(("multiple", k, at), ("rest", place))
    if tried == BLANK or DIGIT[tried] != DIGIT[rest]:
        tape.fetch(FIRST)
        tape.write(into, FITS)
    tape.goto(after_try)


def into(tried: str, rest: str, _first: int) -> int:
    """1 for yes; after the last digits there is a blank in the multiple."""
    return int(tried == BLANK or DIGIT[tried] < DIGIT[rest])


def after_try(place: Place, read: Values, written: Values) -> Any:
    k, here, at = place
    if not written:
        return "try", k, here + 1, at + 1
    following = TRIALS.get(k, (None, None))[written[0]]
    return ("digit", k - 1 + written[0]) if following is None else ("try", following, read[-1], 0)


def write_digit(tape: Tape, k: int) -> None:
    """A digit of the quotient, with the point if it is the last before it."""
    _, place, *_ = tape.fetch(("k", k), PLACE, POINT, SIZE)
    tape.write(with_point, ("quotient", place))
    tape.goto(after_digit)


def with_point(k: int, place: int, point: int, _size: int) -> str:
    return f"{k}." if place == point else str(k)


def after_digit(place: Place, read: Values, _written: Values) -> Any:
    return ("minus", *place, read[1], read[3]) if place[0] else "next"


def minus(tape: Tape, k: int, place: int, at: int) -> None:
    tape.fetch(("rest", place), ("multiple", k, at), CARRY)
    tape.write(take_away, ("rest", place), CARRY)
    tape.goto(after_minus)


def take_away(rest: str, taken: str, borrowed: int) -> tuple[str, int]:
    """The digit that is left, and what is borrowed from the next."""
    left = DIGIT[rest] - DIGIT[taken] - borrowed
    return str(left % 10), int(left < 0)


def after_minus(place: Place, _read: Values, _written: Values) -> Any:
    k, here, at = place
    return ("minus", k, here - 1, at - 1) if at else "next"


def next_place(tape: Tape) -> None:
    """Bring down the next digit; from the point on only if something is left, and up to the last place."""
    place, point, _ = tape.fetch(PLACE, POINT, FIRST)
    if place >= point and place == tape.fetch(LAST):
        tape.fetch(FROM)
    tape.write(both_further, PLACE, FIRST)
    tape.goto(after_place)


def both_further(place: int, _point: int, first: int, *_: int) -> tuple[int, int]:
    return place + 1, first + 1


def after_place(_place: Place, read: Values, written: Values) -> Any:
    place, point, _, *ends = read
    if place < point:
        return "try", 5, written[1], 0
    return ("quotient digits", ends[1]) if len(ends) > 1 else ("left", written[1])


def is_left(tape: Tape, place: int) -> None:
    """Look for a digit that is not zero, in the remainder and what is not brought down of the dividend."""
    digit = tape.fetch(("rest", place))
    if digit == BLANK:
        tape.fetch(FROM)
    elif digit != "0":
        tape.fetch(FIRST)
    tape.goto(after_left)


def after_left(place: Place, read: Values, _written: Values) -> Any:
    digit, *fetched = read
    if not fetched:
        return "left", place[0] + 1
    return ("quotient digits", *fetched) if digit == BLANK else ("try", 5, *fetched, 0)


def show_quotient(tape: Tape, first: int) -> None:
    tape.scan(("quotient", first))
    tape.answer(quotient_of)


def quotient_of(_place: Place, read: Values, _written: Values) -> str:
    """Without the blanks and zeros in front."""
    whole, _, fraction = "".join(map(str, read)).replace(BLANK, "").partition(".")
    return f"{int(whole or 0)}.{fraction}" if fraction else str(int(whole or 0))


STATES = {
    "dividend": show_dividend,
    "divisor": show_divisor,
    "point": find_point,
    "fraction": append,
    "whole": make_whole,
    "times": times,
    "begin": begin,
    "try": try_multiple,
    "digit": write_digit,
    "minus": minus,
    "next": next_place,
    "left": is_left,
    "quotient digits": show_quotient,
}
PARTS = {"times": "times", "try": "digit", "digit": "digit", "minus": "digit"}


def macros(steps: list[Step]) -> list[Macro]:
    """The table of multiples; each digit of the quotient, from the remainder above the divisor, and the divisor."""
    made, end = [], 0
    for part, group in groupby(steps, key=lambda step: PARTS.get(step.kind)):
        states, first = list(group), end
        end += len(states)
        if part == "times":
            made.append(Macro(first, end))
        elif part:
            made.append(Macro(first, end, *known_at(next(step for step in states if step.kind == "digit"))))
    return made


def known_at(step: Step) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """What a digit of the quotient comes from, and what it leaves."""
    _, place, _, size = step.values
    rest: tuple[Cell, ...] = tuple(("rest", each) for each in range(place - size, place + 1))
    return (*rest, *[("multiple", 1, at) for at in range(1, size + 1)]), (("quotient", place), *rest)
