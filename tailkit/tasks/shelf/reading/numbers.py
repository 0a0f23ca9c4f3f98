"""How numbers in free-form text are read: what other models write instead of the label's form.

In: a stretch of a completion that may be the answer. Out: what it gives, written as labels are.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tailkit.tasks.shelf.reading.plain import GAP, plain

_WHOLE = "|".join(rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+(?!\d)" for mark in (",", "_", "'", GAP)) + r"|\d+"
NUMBER = re.compile(
    rf"(?P<sign>[+-]?)\s?[€£¥]?(?:(?P<whole>{_WHOLE})(?:\.(?P<part>\d+))?|\.(?P<only>\d+))"
    r"(?:(?:[eE]|\s?[×*]\s?10(?:\^|\*\*))(?P<power>[+-]?\d{1,4}))?"
)
_RATIO = re.compile(r"([+-]?)\s?\(?(\d{1,400})\)?\s?/\s?\(?(\d{1,400})\)?")
_LEAD = re.compile(
    r"[\s:=,>#\"'(\[]*(?:(?:therefore|thus|hence|then|of course|so|simply|just|exactly|precisely|indeed|now|only|"
    r"equal to|equals|is|the|a|of|total|number|value|integer|decimal|result|quotient|at index|index)\b[\s:=,\"'(\[]*)*",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s?(?:[€£¥°]|(?:[kcdm]?m(?:\^?[23]|[²³])?|k?g|mg|[cm]?l|min|[hst])(?![\w^]))")
REASON = re.compile(r",? (?:since|because|as|so|which|where|i\.e\.,?|that is,?|namely) [^ ,]", re.IGNORECASE)
# What a number is explained with, such as "2: insert …" or "2 – an insertion and …".
_EXPLAINED = re.compile(r" ?[:—-] [A-Za-z]{2}")
ASIDE = re.compile(r"\s?\([^\w()\n]{0,5}(\w*)[^()\n]*\)")
_OPERATORS = "%^*/+-=<>≤≥≈±×÷√?…‰"
_RULE = re.compile(r"\n[-=_─—]{3,}\n")
_SENTENCE = re.compile(r"[.!;](?:\s+|$)|\n")
_SECOND_THOUGHT = re.compile(r"(?:or|maybe|wait|actually|hmm|no,)\b", re.IGNORECASE)
# Words after a number that make another number of it, or take it back.
_CHANGED = (
    "or and to plus minus over divided mod modulo million billion trillion thousand hundred dozen percent pct point "
    "squared cubed remainder rem r x e i pi is isn was are not through till until out if does doesn do don cannot "
    "can would might may could less more fewer greater short too approx approximately roughly about k m b bn lakh "
    "crore tenth hundredth thousandth half third quarter wrong incorrect per raised multiplied added subtracted"
)
# Between a number with its unit and another number: words that qualify the first, and words that join the two.
_QUALIFIED = "of for to in with from when among between at by using on after before within if where"
_JOINED = "and or plus minus less more remainder but not than"


def number(text: str, label: str = "", data: Any = None) -> list[str]:
    """The one number that a text gives, with a unit, a reason or another sentence after it; no ratio."""
    return alternatives(plain(text), _one_number)


def quotient(text: str, label: str = "", data: Any = None) -> list[str]:
    """A number, also where a text says that it is not all of it: the question asks for its first places."""
    shown = re.sub(r"^\W*(?:is )?(?:approximately|about|roughly)\b", "", plain(text).rpartition("≈")[2])
    return alternatives(shown, _one_number)


def value(text: str, label: str = "", data: Any = None) -> list[str]:
    """A number, or a ratio of two whole ones."""
    return alternatives(plain(text), lambda part: _ratio(part) or _one_number(part))


def alternatives(text: str, read: Callable[[str], list[str]]) -> list[str]:
    """What a text gives, all of them where it names several with "or", or one a line."""
    # Below a line as under a column of numbers stands what they come to.
    text = _RULE.split(text)[-1]
    lines = [line for line in text.split("\n") if line.strip()]
    parts = re.split(r",? or ", text) if len(lines) < 2 else lines
    if 1 < len(parts) <= 100 and all(each := [read(part) for part in parts]):
        return [reading for readings in each for reading in readings]
    return read(text)


def _one_number(text: str) -> list[str]:
    start = _start(text)
    match = NUMBER.match(text, start)
    return [_written(match)] if match and may_end(text[match.end() :]) else []


def _start(text: str) -> int:
    """Where the answer begins, after words such as "therefore the number"."""
    match = _LEAD.match(text)
    return match.end() if match else 0


def _ratio(text: str) -> list[str]:
    """A ratio as a decimal number; as it stands where that would not end."""
    match = _RATIO.match(text, _start(text)) or _RATIO.match(text)
    if not match or not may_end(text[match.end() :]):
        return []
    if not int(match[3]):
        return [match[0]]
    ratio = Fraction(int(match[1] + match[2]), int(match[3]))
    rest, places = ratio.denominator, 0
    for factor in (10, 5, 2):
        while rest % factor == 0:
            rest, places = rest // factor, places + 1
    if rest > 1:
        return [str(ratio)]
    digits = str(abs(ratio * 10**places).numerator).zfill(places + 1)
    point = len(digits) - places
    return [("-" if ratio < 0 else "") + f"{digits[:point]}.{digits[point:]}".removesuffix(".")]


def _written(match: re.Match[str]) -> str:
    """A number as labels write it: no plus, no marks between thousands, no fraction of zeros, no power of ten."""
    whole = re.sub(r"\D", "", match["whole"] or "") or "0"
    part = match["part"] or match["only"] or ""
    power = int(match["power"] or 0)
    digits, point = whole + part, len(whole) + power
    digits = "0" * (1 - point) + digits if point < 1 else digits.ljust(point, "0")
    point = max(point, 1)
    part = digits[point:]
    return ("-" if match["sign"] == "-" else "") + digits[:point] + (f".{part}" if part.strip("0") else "")


def may_end(rest: str) -> bool:
    """Whether what stands after a number leaves it as it is: nothing, a unit, a reason, another sentence."""
    if unit := _UNIT.match(rest):
        rest = rest[unit.end() :]
    if aside := ASIDE.match(rest):
        if _changes(aside[1]):
            return False
        rest = rest[aside.end() :]
    if rest.lstrip().startswith(("..", "…")) or rest[:1].isalnum():
        return False
    if REASON.match(rest) or _EXPLAINED.match(rest):
        return True
    sentence, after = cut(rest)
    if _SECOND_THOUGHT.match(after):
        return False
    sentence = sentence.strip(" .!,;\"')]")
    if not any(character.isalnum() or character in _OPERATORS for character in sentence):
        return True
    word = re.match("[A-Za-z]+", sentence)
    return word is not None and not _changes(word[0]) and _may_have_numbers(sentence)


def _may_have_numbers(sentence: str) -> bool:
    """Whether words after a number leave it as it is, as in "44 ways to arrange 5 books"; 3 of 5 is not 3."""
    before, number, _ = re.split(r"(\d|$)", sentence, maxsplit=1)
    words = re.findall("[a-z]+", before.lower())
    qualified = words[0] not in ("of", "in", "from") and not set(words).isdisjoint(_QUALIFIED.split())
    return not number or (qualified and set(words).isdisjoint(_JOINED.split()))


def _changes(word: str) -> bool:
    return not {word.lower(), word.lower().removesuffix("s")}.isdisjoint(_CHANGED.split())


def cut(text: str) -> tuple[str, str]:
    """The first sentence of a text, without its stop, and the rest."""
    match = _SENTENCE.search(text)
    return (text[: match.start()], text[match.end() :].lstrip()) if match else (text, "")


def as_number(text: str) -> str | None:
    """A number that is all there is, written as labels are; None for anything else."""
    match = NUMBER.fullmatch(text)
    return _written(match) if match else None


def without_reason(text: str) -> str:
    """A text up to the word that opens a reason."""
    return REASON.split(text, maxsplit=1)[0]
