"""Where a completion of any form, such as another model's, gives its answer.

In: the text that a model printed. Out: the answer, or None.
"""

import re

from tailkit.tape.answer import ANSWER

_SAID = re.compile(r"\banswer\b[\s*]*(?:is\b|:|=|$)[\s:=*]*(.*)", re.IGNORECASE)
_REASON = re.compile(r",?\s+(?:since|because|as|so|which)\b.*")
_BOXED = re.compile(r"\\boxed\s*\{")
_WRAPPING = "*$`\"' "


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
