"""When two answers are the same: the rules that tasks share.

In: the answer that a model gave, the label, and the problem's data, which only problems with
several right answers need. Out: True or False. Anything that is not written as the label's kind
of answer is wrong.
"""

import re

_INTEGER = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def same_text(given: str, answer: str, data: object = None) -> bool:
    """Character by character."""
    return given == answer


def same_integer(given: str, answer: str, data: object = None) -> bool:
    """By value: 007 = 7."""
    return _INTEGER.fullmatch(given) is not None and _canonical(given) == _canonical(answer)


def same_decimal(given: str, answer: str, data: object = None) -> bool:
    """By value: 1.50 = 1.5."""
    return _DECIMAL.fullmatch(given) is not None and _canonical(given) == _canonical(answer)


def same_list(given: str, answer: str, data: object = None) -> bool:
    """Item by item, in order; items stand between commas, with or without a space."""
    return _items(given) == _items(answer)


def same_set(given: str, answer: str, data: object = None) -> bool:
    """The same items between semicolons in any order, none twice."""
    items, wanted = (_items(text.replace(" ", ""), ";") for text in (given, answer))
    return sorted(items) == sorted(wanted)


def _canonical(number: str) -> tuple[bool, str, str]:
    """Sign, integer digits and fraction digits without superfluous zeros.

    A model may print thousands of digits, more than Python turns into a number.
    """
    whole, _, fraction = number.removeprefix("-").partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    return number.startswith("-") and bool(whole or fraction), whole, fraction


def _items(text: str, separator: str = ",") -> list[str]:
    return [item.strip() for item in text.split(separator)]
