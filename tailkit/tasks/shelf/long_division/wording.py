"""How the states of a long division digit by digit are worded.

In: what a state fetched and wrote. Out: text.
"""

from tailkit.records import BLANK, Line
from tailkit.tasks.shelf.wording import joined, listed

_LIST = Line(lambda: "", show=listed(">"), open="")


def _beside(text: str, *values: object) -> str:
    """What a state fetches only sometimes."""
    return text.format(*values) if values else ""


CORE = {
    "dividend": _LIST._replace(name=lambda: "x1 "),
    "divisor": _LIST._replace(name=lambda: "x2 "),
    "point": Line(lambda: "point", "{}+{}=".format, "{},{}".format, open=" "),
    "fraction": Line("{},{}".format, lambda digit: digit if digit == BLANK else f"{digit}=", put=str),
    "whole": Line("{}>{}".format, lambda char, *size: f"{char}{_beside(',{}', *size)}=", joined(), put=str),
    "times": Line(
        name="{}*{}".format,
        fetch=lambda _, digit, carry, *size: f"{digit}+{carry}{_beside(';{}', *size)}=",
        write=lambda digit, carry: f"{carry}{digit}",
    ),
    "begin": Line(lambda: "begin", "{},{}=".format, "{},{},{}".format, open=" "),
    "try": Line(
        name="{}?{},{}".format,
        fetch=lambda tried, rest, *first: f"{tried}/{rest}{_beside(';{}=', *first)}",
        write=joined(),
    ),
    "digit": Line("q{}".format, lambda _, place, point, size: f"{place}/{point},{size}=", str),
    "minus": Line(
        name="{}-{},{}".format,
        fetch="{}-{}-{}=".format,
        write=lambda digit, borrowed: f"{borrowed}{digit}",
    ),
    "next": Line(
        name=lambda: "next",
        fetch=lambda place, point, first, *ends: f"{place}/{point},{first}{''.join(f';{end}' for end in ends)}=",
        write="{},{}".format,
        open=" ",
    ),
    "left": Line("left {}".format, lambda digit, *fetched: f"{digit}{_beside(';{}', *fetched)}"),
    "quotient digits": _LIST._replace(name=lambda _: "quotient "),
}

_STYLED = Line(str, open=": ", next="\n", leave="\n")
_LIST_STYLED = _STYLED._replace(show=lambda *items: listed(", ", " is ")(*items) + ".", open="")
STYLED = {
    "dividend": _LIST_STYLED._replace(name=lambda: "In the dividend, character "),
    "divisor": _LIST_STYLED._replace(name=lambda: "In the divisor, character "),
    "point": _STYLED._replace(
        name=lambda: "The point",
        fetch="after {} digits, moved by {}, ".format,
        write="comes after place {}, and the last place is {}.".format,
        open=" ",
    ),
    "fraction": _STYLED._replace(
        name="To place {} moves place {}".format,
        fetch=lambda digit: f"{digit}, where the dividend ends." if digit == BLANK else f"{digit}, ",
        put="so {}.".format,
    ),
    "whole": _STYLED._replace(
        name="Character {} of the divisor, for its digit {}".format,
        fetch=lambda char, *size: f"{char}{_beside(', and so many digits: {}', *size)}, ",
        write=lambda *size: _beside("so {}.", *size) or "which is left out.",
        put="so {}.".format,
    ),
    "times": _STYLED._replace(
        name="{} times digit {}".format,
        fetch=lambda _, digit, carry, *size: f"{digit}, plus {carry}{_beside(' (the size is {})', *size)} ",
        write=lambda digit, carry: f"is {carry}{digit}.",
    ),
    "begin": _STYLED._replace(
        name=lambda: "To begin",
        fetch="with the point after place {} and a divisor of size {}, ".format,
        write="the quotient begins at {}, now at place {}, and the divisor is below {}.".format,
        open=" ",
    ),
    "try": _STYLED._replace(
        name="Try {} times, place {}, digit {}".format,
        fetch=lambda tried, rest, *first: (
            f"{tried} against {rest}{_beside(', begun at {}, ', *first) or ', the same.'}"
        ),
        write=lambda *fits: ("fits." if fits[0] else "is too much.") if fits else "",
    ),
    "digit": _STYLED._replace(
        name="The digit is {}".format,
        fetch=lambda _, place, point, size: (
            f"at place {place}, with the point after {point} and a divisor of size {size}, "
        ),
        write=lambda digit: f"so write {digit[0]} and the point." if digit.endswith(".") else f"so write {digit}.",
    ),
    "minus": _STYLED._replace(
        name="Minus {} times, place {}, digit {}".format,
        fetch="{} minus {} minus {} ".format,
        write=lambda digit, borrowed: f"is {digit}, borrow {borrowed}.",
    ),
    "next": _STYLED._replace(
        name=lambda: "After place",
        fetch=lambda place, point, first, *ends: (
            f"{place}, with the point after {point}, the divisor below {first}"
            f"{_beside(', the end at {}', *ends)}{_beside(' and the beginning at {}', *ends[1:])}, "
        ),
        write="comes {}, the divisor below {}.".format,
        open=" ",
    ),
    "left": _STYLED._replace(
        name="What is left at place {}".format,
        fetch=lambda digit, *fetched: f"{digit}{_beside(', so go to place {}', *fetched)}.",
    ),
    "quotient digits": _LIST_STYLED._replace(name=lambda _: "In the quotient, place "),
}
