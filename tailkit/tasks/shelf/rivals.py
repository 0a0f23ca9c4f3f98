"""The paper's rival formats for sums: no trace, but digits with the labels of their places, or all backwards.

In: a problem of two numbers x1 and x2, and its answer. Out: a completion, and the answer back from it.
"""

import re

from tailkit.records import Baseline


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


ADDITION = {
    "index-hint": Baseline(
        lambda data, answer: f"{_hint_places(data['x1'])}+{_hint_places(data['x2'])}={_hint_places(answer)}",
        _read_hints,
    ),
    "reversed": Baseline(
        lambda data, answer: f"{data['x1'][::-1]}+{data['x2'][::-1]}={answer[::-1]}",
        _read_reversed,
    ),
}
