"""When two answers are the same: the rules that tasks share.

In: the answer that a model gave, the label, and the problem's data, which only problems with
several right answers need. Out: True or False. Anything that is not written as the label's kind
of answer is wrong. Each rule also has a reader, which finds that kind in what other models write.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tailkit.tasks.shelf.reading import Reader, lists, numbers, words

_INTEGER = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Equality:
    """A rule: `same` is strict about how an answer is written, `read` finds such answers in free-form text."""

    same: Callable[[str, str, Any], bool]
    read: Reader

    def __call__(self, given: str, answer: str, data: Any = None) -> bool:
        return self.same(given, answer, data)


def reader_of(equal: Callable[[str, str, Any], bool]) -> Reader:
    """The reader of a rule; one for numbers or text if a task wrote its rule as a mere function."""
    return equal.read if isinstance(equal, Equality) else words.by_label


def _characters(given: str, answer: str, data: Any) -> bool:
    return given == answer


def _integers(given: str, answer: str, data: Any) -> bool:
    return _INTEGER.fullmatch(given) is not None and _canonical(given) == _canonical(answer)


def _decimals(given: str, answer: str, data: Any) -> bool:
    return _DECIMAL.fullmatch(given) is not None and _canonical(given) == _canonical(answer)


def _lists(given: str, answer: str, data: Any) -> bool:
    return _items(given) == _items(answer)


def _sets(given: str, answer: str, data: Any) -> bool:
    items, wanted = ([_closed_up(item) for item in _items(text, ";")] for text in (given, answer))
    return sorted(items) == sorted(wanted)


same_text = Equality(_characters, words.exact)
"""Character by character."""

same_integer = Equality(_integers, numbers.number)
"""By value: 007 = 7."""

same_decimal = Equality(_decimals, numbers.value)
"""By value: 1.50 = 1.5."""

same_quotient = Equality(_decimals, numbers.quotient)
"""By value, where a ratio is the question and no answer."""

same_list = Equality(_lists, lists.items)
"""Item by item, in order; items stand between commas, with or without a space."""

same_labelled = Equality(_lists, lists.labelled)
"""The same for items that are a name and a number, such as A 3."""

same_set = Equality(_sets, lists.tuples)
"""The same items between semicolons in any order, none twice."""


def _canonical(number: str) -> tuple[bool, str, str]:
    """Sign, integer digits and fraction digits without superfluous zeros.

    A model may print thousands of digits, more than Python turns into a number.
    """
    whole, _, fraction = number.removeprefix("-").partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    return number.startswith("-") and bool(whole or fraction), whole, fraction


def _items(text: str, separator: str = ",") -> list[str]:
    return [item.strip() for item in text.split(separator)]


def _closed_up(item: str) -> str:
    """An item without the spaces beside brackets and commas; others, as in (1 1,3), make another item of it."""
    return re.sub(" ?([(),]) ?", r"\1", " ".join(item.split()))
