"""Where a completion gives its answer, and when two answers are the same: the rules that tasks share.

In: the text that a model gave, the label, and the problem's data, which only problems with
several right answers need. Out: the answer; True or False. Anything that is not written as the
label's kind of answer is wrong.
"""

import re

ANSWER = "Answer: "
"""What the line of the answer begins with, in every trace."""

_SAID = re.compile(r"\banswer\b[\s*]*(?:is\b|:|=|$)[\s:=*]*(.*)", re.IGNORECASE)
_REASON = re.compile(r",?\s+(?:since|because|as|so|which)\b.*")
_BOXED = re.compile(r"\\boxed\s*\{")
_WRAPPING = "*$`\"' "

_INTEGER = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def extract(text: str) -> str | None:
    """The answer that a trace gives: its one answer line; None if there is none, or two that differ."""
    given = {line.removeprefix(ANSWER).strip() for line in text.splitlines() if line.startswith(ANSWER)}
    return given.pop() if len(given) == 1 else None


def find(text: str) -> str | None:
    """The answer in a completion of any form; None if it is empty.

    The first kind of these that it has decides, and of that the last one: a line "Answer: …", a LaTeX
    box, the words "answer is …" (or what stands below them), the last line. Markdown's and LaTeX's
    wrapping, a reason given behind the words, and a full stop at the end are taken off.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    said = [line[len(ANSWER) :] for line in lines if line.startswith(ANSWER)] or _boxed(text) or _in_words(lines)
    found = (said or lines)[-1]
    return (_boxed(found) or [found])[-1].strip(_WRAPPING).removesuffix(".").strip(_WRAPPING)


def _in_words(lines: list[str]) -> list[str]:
    """What lines say behind the words "answer is", "answer:" or, below such words, in the next line."""
    found = []
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if match := _SAID.search(line):
            found.append(_REASON.sub("", match[1]) or below)
    return [one for one in found if one]


def _boxed(text: str) -> list[str]:
    r"""What stands in the \\boxed{…} of a text, braces inside included."""
    found = []
    for match in _BOXED.finditer(text):
        depth = 1
        for end in range(match.end(), len(text)):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            if not depth:
                found.append(text[match.end() : end])
                break
    return found


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
