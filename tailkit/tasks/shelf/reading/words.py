"""How words, lines of text and comparison signs in free-form text are read.

In: a stretch of a completion that may be the answer, and the label. Out: what it gives, as in `numbers`.
"""

import re
from typing import Any

from tailkit.tasks.shelf.reading.numbers import ASIDE, NUMBER, REASON, alternatives, as_number, cut, may_end, number
from tailkit.tasks.shelf.reading.plain import GAP, plain

NONE = "none"
"""What labels say where there is nothing to give."""

_NOTHING = re.compile(r"\"\"|''|∅|ε")
_NOUN = "solutions?|pairs?|primes?|numbers?|integers?|elements?|items?|answers?|values?|subsequences?|letters?"
_NONE = re.compile(
    rf"(?:there (?:is|are|exists?) )?(?:none|nothing|not any)(?: exists?)?(?! of)\b|(?:the |an )?empty\b(?: \w+)?|∅|"
    rf"(?:there (?:is|are|exists?) |it has )?no (?:[a-z-]+ ){{0,3}}(?:{_NOUN})\b[^,]*",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r"\b(?:except|besides|other|but|apart)\b", re.IGNORECASE)
_NAMED_WORD = re.compile(r"(?:(?:the|string|word|subsequence|sequence|a) )*[\"']?(?P<word>[A-Za-z]+)[\"']?(?P<rest>.*)")


def says_none(text: str) -> bool:
    """Whether a text says that there is nothing to give: "none", "no solutions exist", ∅."""
    sentence = cut(text)[0].strip(" \"'.")
    if _NOTHING.fullmatch(text.strip(" .")):
        return True
    match = _NONE.match(sentence)
    return match is not None and may_end(sentence[match.end() :]) and not _EXCEPT.search(sentence)


def word(text: str, label: str = "", data: Any = None) -> list[str]:
    """A single word, in quotes or not, or none for an empty one."""
    return alternatives(plain(text), _one_word)


def _one_word(text: str) -> list[str]:
    if says_none(text):
        return [NONE]
    match = _NAMED_WORD.match(text.lstrip(" (["))
    if not match:
        return []
    rest = re.sub(r"^,? (?:of|with) (?:a )?length\b.*", "", match["rest"])
    plainly = not rest.strip(" .!,;)]") or ASIDE.match(rest) or REASON.match(rest) or re.match(r"[.!;] ", rest)
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
    return (NUMBER.fullmatch(label) and number(text)) or exact(text)


_RELATION = re.compile(
    r"(?:\b(?:is|are|was|were) )?(?:strictly |exactly )?(?:the )?"
    r"(?:(?P<less><|less|smaller|lower|worse|shorter)|(?P<more>>|greater|larger|bigger|more|higher|better|longer)|"
    r"(?P<same>==?|equal|same))(?: (?:than|to|as))?",
    re.IGNORECASE,
)
_ORDERED = {("a", "b"), ("x1", "x2"), ("x", "y"), ("first", "second"), ("left", "right"), ("one", "two")}
_FIRST, _SECOND = ({pair[place] for pair in _ORDERED} for place in (0, 1))
_BOTH = {"they", "both", "the numbers", "the two numbers", "both numbers", "the values", "the two values", "numbers"}


def sign(text: str, left: str, right: str) -> list[str]:
    """One of < > =: the sign alone, its name, or a comparison of two numbers, also with `right` before `left`."""
    text = plain(text).replace(GAP, "")
    text = re.split(r",? (?:since|because|as|so)\b|[.;!] |[.;!]$|\n| \(", text, maxsplit=1)[0].strip(" .,'\"`()[]")
    relations = list(_RELATION.finditer(text))
    if len(relations) != 1:
        return []
    match = relations[0]
    given = "<" if match["less"] else ">" if match["more"] else "="
    before, after = (_operand(side) for side in (text[: match.start()], text[match.end() :]))
    if not after and (not before or before in _FIRST or (given == "=" and before in _BOTH)):
        return [given]
    if (not after and before in _SECOND) or (after, before) in _ORDERED or before == _operand(right) != after:
        return [{"<": ">", ">": "<"}.get(given, given)]
    numbers = before[:1].isdigit() and after[:1].isdigit()
    return [given] if numbers or (before, after) in _ORDERED else []


def _operand(text: str) -> str:
    """A side of a comparison: its one number by value, else its words."""
    text = text.strip(" .,'\"`()[]:").lower()
    numbers = [given for part in text.split() if (given := as_number(part.strip(",:"))) is not None]
    if len(numbers) == 1 and not re.search(r"\d", text.replace(numbers[0], "", 1)):
        whole, _, part = numbers[0].partition(".")
        return f"{whole.lstrip('0') or '0'}.{part.rstrip('0')}".removesuffix(".")
    return re.sub(r"^the | (?:number|one|value|result|weight|price)$", "", text)
