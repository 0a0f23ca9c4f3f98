"""How answers in free-form text are read, by their kind: what other models write instead of the label's form.

In: a stretch of a completion that may be the answer, and the label. Out: what it gives, written as labels
are: nothing if it holds no answer of the kind, several readings where it leaves open which one it means.
Own code: math-verify rounds to six places, works out sums that are not (`\\boxed{40+2}` is 42 to it), takes
the last number of a list, and stops by an alarm signal; a run's score may depend on none of these.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tailkit.tasks.shelf.plain import GAP, plain

Reader = Callable[[str, str, Any], list[str]]
"""From text, label and the problem's data to readings."""

NONE = "none"

_WHOLE = "|".join(rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+(?!\d)" for mark in (",", "_", "'", GAP)) + r"|\d+"
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?)\s?[€£¥]?(?:(?P<whole>{_WHOLE})(?:\.(?P<part>\d+))?|\.(?P<only>\d+))"
    r"(?:(?:[eE]|\s?[×*]\s?10(?:\^|\*\*))(?P<power>[+-]?\d{1,4}))?"
)
_RATIO = re.compile(r"([+-]?)\s?\(?(\d{1,400})\)?\s?/\s?\(?(\d{1,400})\)?")
_LEAD = re.compile(
    r"[\s:=>#\"'(\[]*(?:(?:therefore|thus|hence|then|so|simply|just|exactly|precisely|indeed|now|only|equal to|equals|"
    r"is|the|a|total of|value of|number|value|integer|decimal|result|quotient|at index|index)\b[\s:=,\"'(\[]*)*",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s?(?:[€£¥°]|(?:[kcdm]?m(?:\^?[23]|[²³])?|k?g|mg|[cm]?l|min|[hst])(?![\w^]))")
_REASON = re.compile(r",? (?:since|because|as|so|which|where) [^ ,]", re.IGNORECASE)
_ASIDE = re.compile(r"\s?\([^\w()\n]{0,5}(\w*)[^()\n]*\)")
_OPERATORS = "%^*/+-=<>≤≥≈±×÷√?…‰"
_SENTENCE = re.compile(r"[.!;](?:\s+|$)|\n")
_SECOND_THOUGHT = re.compile(r"(?:or|maybe|wait|actually|hmm|no,)\b", re.IGNORECASE)
# Words after a number that make another number of it, or take it back.
_CHANGED = (
    "or and to plus minus over divided mod modulo million billion trillion thousand hundred dozen percent pct point "
    "squared cubed remainder rem r x e i pi is isn was are not through till until out if does doesn do don cannot "
    "can would might may could less more fewer greater short too approx approximately roughly about k m b bn lakh "
    "crore tenth hundredth thousandth half third quarter wrong incorrect per rounded"
)


def number(text: str, label: str = "", data: Any = None) -> list[str]:
    """The one number that a text gives, with a unit, a reason or another sentence after it; no ratio."""
    return _alternatives(plain(text), _one_number)


def quotient(text: str, label: str = "", data: Any = None) -> list[str]:
    """A number, also where a text says that it is not all of it: the question asks for its first places."""
    shown = re.sub(r"^\W*(?:is )?(?:approximately|about|roughly)\b", "", plain(text).rpartition("≈")[2])
    return _alternatives(shown, _one_number)


def value(text: str, label: str = "", data: Any = None) -> list[str]:
    """A number, or a ratio of two whole ones."""
    return _alternatives(plain(text), lambda part: _ratio(part) or _one_number(part))


def _alternatives(text: str, read: Callable[[str], list[str]]) -> list[str]:
    """What a text gives, all of them where it names several with "or", or one a line."""
    lines = [line for line in text.split("\n") if line.strip()]
    parts = re.split(r",? or ", text) if len(lines) < 2 else lines
    if 1 < len(parts) <= 100 and all(each := [read(part) for part in parts]):
        return [reading for readings in each for reading in readings]
    return read(text)


def _one_number(text: str) -> list[str]:
    start = _start(text)
    match = _NUMBER.match(text, start)
    return [_written(match)] if match and _may_end(text[match.end() :]) else []


def _start(text: str) -> int:
    """Where the answer begins, after words such as "therefore the number"."""
    match = _LEAD.match(text)
    return match.end() if match else 0


def _ratio(text: str) -> list[str]:
    """A ratio as a decimal number; as it stands where that would not end."""
    match = _RATIO.match(text, _start(text)) or _RATIO.match(text)
    if not match or not _may_end(text[match.end() :]):
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


def _may_end(rest: str) -> bool:
    """Whether what stands after a number leaves it as it is: nothing, a unit, a reason, another sentence."""
    if unit := _UNIT.match(rest):
        rest = rest[unit.end() :]
    if aside := _ASIDE.match(rest):
        if _changes(aside[1]):
            return False
        rest = rest[aside.end() :]
    if rest.lstrip().startswith(("..", "…")) or rest[:1].isalnum():
        return False
    if _REASON.match(rest):
        return True
    sentence, after = _cut(rest)
    if _SECOND_THOUGHT.match(after):
        return False
    sentence = sentence.strip(" .!,;\"')]")
    if not any(character.isalnum() or character in _OPERATORS for character in sentence):
        return True
    word = re.match("[A-Za-z]+", sentence)
    return word is not None and not _changes(word[0]) and not re.search(r"\d", sentence)


def _changes(word: str) -> bool:
    return not {word.lower(), word.lower().removesuffix("s")}.isdisjoint(_CHANGED.split())


def _cut(text: str) -> tuple[str, str]:
    """The first sentence of a text, without its stop, and the rest."""
    match = _SENTENCE.search(text)
    return (text[: match.start()], text[match.end() :].lstrip()) if match else (text, "")


def as_number(text: str) -> str | None:
    """A number that is all there is, written as labels are; None for anything else."""
    match = _NUMBER.fullmatch(text)
    return _written(match) if match else None


def may_follow(rest: str) -> bool:
    """Whether what stands after a list leaves it as it is."""
    return _may_end(rest)


def without_reason(text: str) -> str:
    """A text up to the word that opens a reason."""
    return _REASON.split(text, maxsplit=1)[0]


def says_none(text: str) -> bool:
    """Whether a text says that there is nothing to give: "none", "no solutions exist", ∅."""
    sentence = _cut(text)[0].strip(" \"'.")
    if _NOTHING.fullmatch(text.strip(" .")):
        return True
    match = _NONE.match(sentence)
    return match is not None and _may_end(sentence[match.end() :]) and not _EXCEPT.search(sentence)


_NOTHING = re.compile(r"\"\"|''|∅|ε")
_NOUN = "solutions?|pairs?|primes?|numbers?|integers?|elements?|items?|answers?|values?|subsequences?|letters?"
_NONE = re.compile(
    rf"(?:there (?:is|are|exists?) )?(?:none|nothing|not any)(?: exists?)?(?! of)\b|(?:the |an )?empty\b(?: \w+)?|∅|"
    rf"(?:there (?:is|are|exists?) |it has )?no (?:[a-z-]+ ){{0,3}}(?:{_NOUN})\b[^,]*",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r"\b(?:except|besides|other|but|apart)\b", re.IGNORECASE)
_NAMED_WORD = re.compile(r"(?:(?:the|string|word|subsequence|sequence|a) )*[\"']?(?P<word>[A-Za-z]+)[\"']?(?P<rest>.*)")


def word(text: str, label: str = "", data: Any = None) -> list[str]:
    """A single word, in quotes or not, or none for an empty one."""
    return _alternatives(plain(text), _one_word)


def _one_word(text: str) -> list[str]:
    if says_none(text):
        return [NONE]
    match = _NAMED_WORD.match(text.lstrip(" (["))
    if not match:
        return []
    rest = re.sub(r"^,? (?:of|with) (?:a )?length\b.*", "", match["rest"])
    plainly = not rest.strip(" .!,;)]") or _ASIDE.match(rest) or _REASON.match(rest) or re.match(r"[.!;] ", rest)
    return [match["word"]] if plainly else []


_WRAPPERS = [
    *[(mark, mark) for mark in ('"', "'", "```", "``", "`", "***", "**", "*", "__", "_", "$$", "$")],
    *["“”", "„“", "‘’", "«»", "‹›", "「」", "{}"],
    *[("\\[", "\\]"), ("\\(", "\\)"), ("<b>", "</b>"), ("<code>", "</code>"), ("<strong>", "</strong>")],
    *[(f"\\{command}{{", "}") for command in ("boxed", "text", "texttt", "textbf", "mathrm", "mathtt", "mbox")],
]
_OPENED = re.compile(r"[\w:=→>] +(?=[\"'`*“‘«„$\\])")
_ANNOUNCED = re.compile(r"[A-Z][A-Za-z ]{0,60}(?:: | (?:is|reads|gives|becomes) )[^ ]")


def exact(text: str, label: str = "", data: Any = None) -> list[str]:
    """A line of text, character by character; only quotes and markup that open and close are taken off.

    A full stop inside them belongs to the text, and so does one after a text that has none.
    """
    text = text.strip()
    if not text or "\n" in text:
        return []
    if opened := _OPENED.search(text):
        inside = _unwrapped(text[opened.end() :])
        if inside != text[opened.end() :]:
            return [inside]
    # Words that announce the text are no part of it: what stands after them is another form.
    return [] if _ANNOUNCED.match(text) else [_unwrapped(text)]


def _unwrapped(text: str) -> str:
    """What stands in quotes and markup, however many layers there are."""
    for _ in range(8):
        for opening, closing in _WRAPPERS:
            if text.startswith(opening):
                inside, _, rest = text[len(opening) :].rpartition(closing)
                if inside and not rest.strip(" .,!}"):
                    text = inside.strip()
                    break
        else:
            break
    return text


def by_label(text: str, label: str, data: Any = None) -> list[str]:
    """A number where the label is one, else a line of text: for rules that have no reader of their own."""
    return (_NUMBER.fullmatch(label) and number(text)) or exact(text)


_RELATION = re.compile(
    r"(?:\b(?:is|are|was|were) )?(?:strictly |exactly )?(?:the )?"
    r"(?:(?P<less><|less|smaller|lower|worse|shorter)|(?P<more>>|greater|larger|bigger|more|higher|better|longer)|"
    r"(?P<same>==?|equal|same))(?: (?:than|to|as))?",
    re.IGNORECASE,
)
_ORDERED = {("a", "b"), ("x1", "x2"), ("x", "y"), ("first", "second"), ("left", "right"), ("one", "two"), ("1", "2")}
_BOTH = {"they", "both", "the numbers", "the two numbers", "both numbers", "the values", "the two values", "numbers"}


def sign(text: str, left: str, right: str) -> list[str]:
    """One of < > =: the sign alone, its name, or a comparison of the two numbers in either order."""
    text = plain(text).replace(GAP, "")
    text = re.split(r",? (?:since|because|as|so)\b|[.;!] |[.!;]$|\n| \(", text, maxsplit=1)[0].strip(" .,'\"`()[]")
    relations = list(_RELATION.finditer(text))
    if len(relations) != 1:
        return []
    match = relations[0]
    given = "<" if match["less"] else ">" if match["more"] else "="
    before, after = (_operand(side) for side in (text[: match.start()], text[match.end() :]))
    if not after and (not before or (given == "=" and before in _BOTH)):
        return [given]
    if (before, after) in _ORDERED or [before, after] == [_operand(left), _operand(right)]:
        return [given]
    turned = (after, before) in _ORDERED or [after, before] == [_operand(left), _operand(right)]
    return [{"<": ">", ">": "<"}.get(given, given)] if turned else []


def _operand(text: str) -> str:
    """A side of a comparison: its one number by value, else its words."""
    text = text.strip(" .,'\"`()[]:").lower()
    numbers = [given for part in text.split() if (given := as_number(part.strip(",:"))) is not None]
    if len(numbers) == 1 and not re.search(r"\d", text.replace(numbers[0], "", 1)):
        whole, _, part = numbers[0].partition(".")
        return f"{whole.lstrip('0') or '0'}.{part.rstrip('0')}".removesuffix(".")
    return re.sub(r"^the | (?:number|one|value|result|weight|price)$", "", text)
