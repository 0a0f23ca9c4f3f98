"""When two answers are the same: the rules of equality that tasks share.

In: the text that a model gave, the label, and the problem's data, which only problems with
several right answers need. Out: True or False. Anything that is not written as the label's
kind of answer is wrong.
"""

import re
from fractions import Fraction

_INTEGER = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def same_text(given: str, answer: str, data: object = None) -> bool:
    """Character by character."""
    return given == answer


def same_integer(given: str, answer: str, data: object = None) -> bool:
    """By value: 007 = 7."""
    return _INTEGER.fullmatch(given) is not None and int(given) == int(answer)


def same_decimal(given: str, answer: str, data: object = None) -> bool:
    """By value: 1.50 = 1.5."""
    return _DECIMAL.fullmatch(given) is not None and Fraction(given) == Fraction(answer)


def same_list(given: str, answer: str, data: object = None) -> bool:
    """Item by item, in order; items stand between commas, with or without a space."""
    return _items(given) == _items(answer)


def same_set(given: str, answer: str, data: object = None) -> bool:
    """The same items between semicolons in any order, none twice."""
    items, wanted = (_items(text, ";") for text in (given, answer))
    return sorted(items) == sorted(wanted)


def _items(text: str, separator: str = ",") -> list[str]:
    return [item.strip() for item in text.split(separator)]
