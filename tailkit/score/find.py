r"""Where a completion of any form, such as another model's, gives its answer.

In: the text that a model printed. Out: the places where it may give its answer, the most telling first.
Time grows with the length of the text: of each kind, only the last places are looked at.
"""

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from tailkit.score.said import said

Forms = list[str]
"""What stands at one place, in the ways in which it may be cut out; the first that can be read counts."""


class _Place(NamedTuple):
    start: int
    end: int
    forms: Forms


LOOKED_AT = 100
"""How many of the last places of a kind are looked at: an answer that so many others follow is not the final one."""
READ_AT_MOST = 100_000
"""Characters; a stretch longer than what is left of them is no answer."""
CLOSING_LINES = 3
"""How many lines such as "I hope this helps." may stand below an answer that nothing announces."""

_ANSWER = re.compile(r"(?<![^\W_])answers?(?![^\W_])", re.IGNORECASE)
_SAYS = re.compile(
    r"[^.:：=?!<>\n]{0,60}?([:：=]|\b(?:is|are|was|equals|becomes|(?:would|should|must|will) be|comes? (?:out )?to)\b)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\W*(?:(?:the|my|our|your|final|correct|short|numerical|so|thus|therefore|hence|and|step \d+)\W+){0,5}",
    re.IGNORECASE,
)
_TURNED = re.compile(r" is (?:the|my|our) (?:final |correct )?answer\b", re.IGNORECASE)
_TAG = re.compile(r"<(/?)(?:final[_ ]?)?answer>", re.IGNORECASE)
_BOX = re.compile(r"\\(?:boxed|fbox)[ \t]?\{")
_BRACE = re.compile(rf"(?P<box>{_BOX.pattern})|\\.|[{{}}]", re.DOTALL)
_BETWEEN_BOXES = re.compile(r"[\s$,;.\\()\[\]&]{0,20}(?:and|or)?[\s$,;.\\()\[\]&]{0,20}")
_NO_WORDS = re.compile(r"[\s*_$#>.`\\()\[\]-]*")
_TAKEN_BACK = re.compile(r"\b(?:no|wait|actually|correction|sorry|instead|rather|oops|hmm|wrong)\b", re.IGNORECASE)
_FENCE = re.compile(r"\s*(?:```|~~~)")
_DISPLAY = re.compile(r"(?:\$\$|\\[\[\]]|\\(?:begin|end)\{\w+\*?\})+")
_CLOSING = re.compile(r"[^\d$\\\[\]{}<>=\"“”`|]*")
_NEGATION = re.compile(r"(?:\bnot|n['’]t|\bnever|\bcannot|\bneither) ?$", re.IGNORECASE)
_COLON = re.compile(r"(?<=[^\d\s]):|: ")
_IS = re.compile(
    r"(?:→|⇒|->|\\to\b|\b(?:is|are|was|equals?|gives?|yields?|gets?|got|returns?|have|has|obtain|totals?|be|takes?|"
    r"needs?|requires?|makes?|leaves?|contains?|occurs?|appears?|at index)\b|\b(?:it|that|there|here)['’]s)[ :]+",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[list[Forms]]:
    """The answers in a completion of any form, each as the places that give it; none if it says nothing.

    First what is stated as the answer: in JSON, `<answer>`, a LaTeX box, a line "Answer: …", a last line
    "#### …"; then the words "the answer is …"; of each, the last one before those that it takes the place
    of. Where nothing is stated, the last lines. Places with nothing between are one answer.
    """
    left = READ_AT_MOST
    for places in _answers(text):
        kept: list[Forms] = []
        for forms in places:
            kept.append([])
            for form in forms:
                if len(form) <= left:
                    left -= len(form)
                    kept[-1].append(form)
        yield kept


def _answers(text: str) -> Iterator[list[Forms]]:
    reply = said(text)
    body = reply.text.replace("\r\n", "\n")
    if forms := _in_json(body):
        yield [forms]
    stated, worded = _in_words(body)
    for places in ([*stated, *_tagged(body), *_boxed(body), *_marked(body)], worded):
        for group in reversed(_grouped(body, places)):
            yield [place.forms for place in group]
    if not reply.thought:
        yield from _last(body)


def _in_json(body: str) -> Forms:
    """The answer in a JSON object, its numbers as they are written."""
    try:
        row = json.loads(body[body.find("{") : body.rfind("}") + 1], parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return []
    answers = [row[key] for key in row if key.lower() in {"answer", "final_answer", "final answer"}]
    return [
        form
        for given in answers
        for form in ([given] if isinstance(given, str) else [json.dumps(given, ensure_ascii=False).replace('"', "")])
    ]


def _grouped(body: str, places: list[_Place]) -> list[list[_Place]]:
    """Places in order; those with nothing between are one group, one inside another adds its forms to it."""
    groups: list[list[_Place]] = []
    for place in sorted(place for place in places if place.forms):
        last = groups[-1][-1] if groups else None
        if last and place.start < last.end:
            groups[-1][-1] = _Place(last.start, max(last.end, place.end), place.forms + last.forms)
        elif last and _NO_WORDS.fullmatch(body, last.end, place.start) and not _TAKEN_BACK.search(last.forms[0]):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _in_words(body: str) -> tuple[list[_Place], list[_Place]]:
    """Where the word "answer" announces one: as what a line begins with, and within sentences."""
    stated: list[_Place] = []
    worded: list[_Place] = []
    named = deque(_ANSWER.finditer(body), maxlen=LOOKED_AT)
    for number, match in enumerate(named):
        limit = named[number + 1].start() if number + 1 < len(named) else len(body)
        says = _SAYS.match(body, match.end(), limit)
        before = body[body.rfind("\n", max(0, match.start() - 80), match.start()) + 1 : match.start()]
        opens = len(before) < 80 and _BEFORE.fullmatch(before) is not None
        line_end = _line_end(body, match.end(), limit)
        if says is None and not (opens and _NO_WORDS.fullmatch(body, match.end(), line_end)):
            continue
        place = _announced(body, match.start(), says.end() if says else match.end(), limit)
        (stated if opens and (says is None or says[1] in ":：=") else worded).append(place)
    for match in deque(_TURNED.finditer(body), maxlen=LOOKED_AT):
        sentence = re.split(r"[.!?\n] ?(?=\D|$)", body[max(0, match.start() - 200) : match.start()])[-1]
        worded.append(_Place(match.start() - len(sentence), match.start(), [sentence]))
    return stated, worded


def _announced(body: str, start: int, end: int, limit: int) -> _Place:
    """What stands after the words that end at `end`, in the same line or below it, up to `limit`."""
    line_end = _line_end(body, end, limit)
    if body[end:line_end].strip(" \t*_$>:`") not in {"", "\\[", "\\("}:
        return _Place(start, line_end, _forms(body[end:line_end]))
    lines = body[line_end:limit].split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip(" \t\r*_$>")), len(lines))
    block, count = _block(lines[first:])
    place_end = min(limit, line_end + sum(len(line) + 1 for line in lines[: first + count]))
    return _Place(start, place_end, _forms_of_lines(block))


def _block(lines: list[str]) -> tuple[list[str], int]:
    """The lines of a fenced or displayed block, or of a paragraph, and how many lines it takes."""
    if not lines:
        return [], 0
    fenced = _FENCE.match(lines[0]) is not None
    for number, line in enumerate(lines[1:], start=1):
        if _FENCE.match(line) if fenced else not line.strip():
            return lines[int(fenced) : number], number + int(fenced)
    return lines[int(fenced) :], len(lines)


def _line_end(body: str, start: int, limit: int) -> int:
    end = body.find("\n", start, limit)
    return limit if end < 0 else end


def _tagged(body: str) -> list[_Place]:
    """What stands between answer tags; the last one need not be closed."""
    places = []
    tags = deque(_TAG.finditer(body), maxlen=2 * LOOKED_AT)
    for number, tag in enumerate(tags):
        if not tag[1]:
            end = tags[number + 1].start() if number + 1 < len(tags) else len(body)
            places.append(_Place(tag.start(), end, _forms_of_lines(body[tag.end() : end].split("\n"))))
    return places


def _boxed(body: str) -> list[_Place]:
    r"""What stands in `\boxed{…}`, braces inside included; boxes beside each other are one place."""
    boxes = deque(_BOX.finditer(body), maxlen=LOOKED_AT)
    opened: list[tuple[int, int]] = []
    closed: list[tuple[int, int, int]] = []
    for match in _BRACE.finditer(body, boxes[0].start() if boxes else len(body)):
        if match["box"] or match[0] == "{":
            opened.append((match.start() if match["box"] else -1, match.end()))
        elif match[0] == "}" and opened:
            start, inside = opened.pop()
            if start >= 0:
                while closed and closed[-1][0] > start:
                    closed.pop()
                closed.append((start, inside, match.start()))
    places: list[_Place] = []
    for start, inside, end in closed:
        forms, last = _forms(body[inside:end]), places[-1] if places else None
        if not forms:
            continue
        if last and (between := _BETWEEN_BOXES.fullmatch(body, last.end, start)):
            both = [f"{last.forms[0]}{mark}{forms[0]}" for mark in (", ", " or ")]
            places[-1] = _Place(last.start, end + 1, both[1:] if "or" in between[0] else both)
        else:
            places.append(_Place(start, end + 1, forms))
    return places


def _marked(body: str) -> list[_Place]:
    """The last line, if it is marked with #### as in GSM8K."""
    start = body.rstrip().rfind("\n") + 1
    line = body[start:].strip()
    return [_Place(start, len(body), _forms(line[4:]))] if re.match("#### ?[^#]", line) else []


def _last(body: str) -> Iterator[list[Forms]]:
    """The last paragraph and the last line, then those above it as long as mere words stand below."""
    lines = [line for line in body.split("\n") if not _DISPLAY.fullmatch(line.strip())]
    for _ in range(CLOSING_LINES + 1):
        while lines and not lines[-1].strip():
            lines.pop()
        if not lines:
            return
        fenced = _FENCE.match(lines[-1]) is not None
        above = lines[: len(lines) - fenced]
        first = next((n for n in range(len(above), 0, -1) if _parts_blocks(above[n - 1], fenced)), 0)
        if above[first:]:
            yield [_forms_of_lines(above[first:]) if fenced else _forms_of_lines(above[first:], last=True)]
        if not _CLOSING.fullmatch(lines.pop()):
            return


def _parts_blocks(line: str, fenced: bool) -> bool:
    return _FENCE.match(line) is not None if fenced else not line.strip()


def _forms_of_lines(lines: list[str], last: bool = False) -> Forms:
    """All lines as one form, then what the first one, or the last, says."""
    lines = [bare for line in lines if (bare := line.strip()) and not _DISPLAY.fullmatch(bare)]
    if not lines:
        return []
    whole = ["\n".join(lines)] if len(lines) > 1 else []
    return whole + _forms(re.sub(r"^(?:> |#{1,6} |[*•+-] +)(?=\S)", "", lines[-1 if last else 0]))


def _forms(text: str) -> Forms:
    """A stretch of text, then what stands in it after an equals sign, a colon, or a word such as "is"."""
    if len(text) > READ_AT_MOST:
        return []
    text = _trimmed(text)
    found = [text]
    head, equals, after = text.rpartition("=")
    # With several equations in a row, none of them is the answer.
    if (
        equals
        and not (head and head[-1] in "<>!=:")
        and not ("=" in head and re.search("[,;]", head[head.rfind("=") :]))
    ):
        found.append(after)
    verbs = deque(_IS.finditer(text), maxlen=1)
    for cut in (_IS.search(text), *deque(_COLON.finditer(text), maxlen=1), *verbs):
        if cut and not _NEGATION.search(text, 0, cut.start()):
            found.append(text[cut.end() :])
    return list(dict.fromkeys(trimmed for form in found if (trimmed := _trimmed(form))))


def _trimmed(text: str) -> str:
    """Text without the ends of markup that was opened before it: `** 42` and `42**` are 42."""
    text = text.strip()
    text = text.lstrip("*_") if re.match(r"[*_]{1,3}(?:\s|$)", text) else text
    stop = text[-1:] if text[-1:] in {".", "!"} else ""
    bare = text.removesuffix(stop)
    if bare.endswith("**") and bare.count("**") == 1:
        text = bare[:-2] + stop
    return text.strip()
