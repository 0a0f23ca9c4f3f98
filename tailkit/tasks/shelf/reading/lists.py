"""How lists, pairs and sets in free-form text are read.

In: a stretch of a completion that may be the answer, and the label. Out: what it gives, written as labels
are, as in `numbers`.
"""

import re
from typing import Any

from tailkit.tasks.shelf.reading.numbers import as_number, may_end, without_reason
from tailkit.tasks.shelf.reading.plain import GAP, plain
from tailkit.tasks.shelf.reading.words import NONE, says_none

_BULLET = re.compile(r"(?:[-*•+]|\(?\d{1,4}[.):]) +(?=\S)")
_BRACKETED = re.compile(r"([^\d\[\](),;]{0,80})[\[(]([^\[\]()]*)[\])]([^\[\]()]*)")
_WORD = re.compile(r"\"([^\"]+)\"|'([^']+)'|([^\W\d_][\w-]*)")
_PLACED = re.compile(
    r"(?:[A-Za-z]+ ){0,4}(?:\w+ ?(?:→|->) ?)?(?:d|dist|distance)?[(\[]?[\"']?(?P<name>[A-Za-z]\w*)[\"']?[)\]]? ?"
    r"(?:is|at|->|→|[:=-])? ?[\"(]?(?P<number>\d+)[\")]?(?: ?[A-Za-z]+)?"
)
LONG = 200
"""Characters that an item with its name has at most."""
_NAMED = re.compile(r"\b([a-z]) ?= ?([+-]?\d+)[,;]?(?: and)? ?([a-z]) ?= ?([+-]?\d+)")
_UNKNOWNS = re.compile(r"\( ?[a-z] ?, ?[a-z] ?\) ?(?:=|∈|in\b|:|are\b|is\b)?")
_TUPLE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")


def items(text: str, label: str, data: Any = None) -> list[str]:
    """A list of numbers or of words, whichever the label is, in any brackets or quotes, or one a line."""
    text = plain(text).replace(GAP, " ")
    if says_none(text):
        return [NONE]
    if bracketed := _BRACKETED.match(text):
        lead, inside, rest = bracketed.groups()
        if re.search(r"\bnot\b", lead) or not may_end(rest):
            return []
        text = inside
    given = [_item(part, label) for part in _parts(text)]
    return [",".join(map(str, given))] if given and None not in given else []


def labelled(text: str, label: str, data: Any = None) -> list[str]:
    """A list of names with a number each, `A 3, B 0`, however the two are joined: a colon, an arrow, a table."""
    text = plain(text).replace(GAP, " ")
    text = re.sub(r"\( ?[\"']?([A-Za-z]\w*)[\"']? ?, ?(\d+) ?\)", r"\1 \2", text)
    text = re.sub(r"(?<=\d) ?\([^()\n]*\)", "", text)
    given = [_PLACED.fullmatch(part) if len(part) < LONG else None for part in _parts(text.strip("[]() "))]
    return [", ".join(f"{one['name']} {one['number']}" for one in given if one)] if given and all(given) else []


def tuples(text: str, label: str, data: Any = None) -> list[str]:
    """A set of tuples such as `(0,4);(3,2)`, or of what `items` reads if the label has no brackets."""
    text = plain(text).replace(GAP, " ")
    if says_none(text):
        return [NONE]
    text = _UNKNOWNS.sub("", _NAMED.sub(_pair, text))
    *above, last = _lines(text)
    text = "\n".join([*above, re.sub(r"[.!](?: .*)?$", "", without_reason(last))])
    inside: list[list[str | None]] = [[as_number(x.strip()) for x in part.split(",")] for part in _TUPLE.findall(text)]
    if not inside and "(" not in label:
        return [one.replace(",", ";") for one in items(text, label)]
    if not inside and all(re.fullmatch(r"[+-]?\d+ [+-]?\d+", line) for line in text.split("\n")):
        inside, text = [[*line.split()] for line in text.split("\n")], ""
    between = re.sub(r"[\s,;.:&=\[\](){}]|\band\b|\bor\b", "", _TUPLE.sub(" ", text))
    if not inside or between or not all(element is not None for part in inside for element in part):
        return []
    return [";".join(f"({','.join(map(str, part))})" for part in inside)]


def _pair(match: re.Match[str]) -> str:
    """Named values as a pair, in the order of their names."""
    (_, first), (_, second) = sorted([(match[1], match[2]), (match[3], match[4])])
    return f"({first},{second})"


def _parts(text: str) -> list[str]:
    """The items of a list: between semicolons, else commas or the word "and", and one or more a line."""
    if ".." in text or "…" in text:  # It goes on.
        return []
    lines = _lines(text)
    if len(lines) == 1:
        sentence = re.split(r"[.!] (?=[A-Z])", without_reason(lines[0]))[0]
        lines = [re.sub(r"(?<=\w) \([^()]*\)[.!]?$", "", sentence)]
    marks = r";|\n" if ";" in text else r",? (?:and|&) |[,\n]"
    parts = [part.strip() for part in re.split(marks, "\n".join(line.rstrip(".!,; ") for line in lines))]
    if len(parts) == 1 and all(map(as_number, parts[0].split())):
        return parts[0].split()
    return parts


def _lines(text: str) -> list[str]:
    """The lines of a list, without bullets and without the sentences that stand above or below it."""
    lines = text.split("\n")
    if len(lines) > 1 and lines[0].endswith(":"):
        lines = lines[1:]
    while len(lines) > 1 and _is_sentence(lines[-1]):
        lines.pop()
    marked = len(lines) > 1 and all(map(_BULLET.match, lines))
    return [_BULLET.sub("", line, count=1) for line in lines] if marked else lines


def _is_sentence(line: str) -> bool:
    """Whether a line has words alone, three or more."""
    return len(line.split()) > 2 and not re.search(r"[\d,;:=|\[\](){}]", line.removesuffix(":"))


def _item(part: str, label: str) -> str | None:
    """An item as the label writes such; None if it is neither a number nor a word, or not what the label has."""
    numbers = label == NONE or any(character.isdigit() for character in label)
    if (given := as_number(part.strip("\"'"))) is not None:
        return given if numbers else None
    word = _WORD.fullmatch(part)
    return next(filter(None, word.groups())) if word and (label == NONE or not numbers) else None
