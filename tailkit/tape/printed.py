"""What a state prints, and which of its values cannot be seen in that.

In: the states of recorded runs, and how they are worded. Out: lines, and the values that these do not print. A value
is printed where its text stands in its state's line and another value would stand there otherwise.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tailkit.records import BLANK, Cell, Line, Run, Step, Values
from tailkit.tape.reads import is_beside

MANY = 12
"""So many other values are tried in a value's place."""

Slot = tuple[str, str, int]
"""Where a value is printed: the kind of state, the part of its line, and which of the part's values."""


def _parts(step: Step) -> Iterator[tuple[str, Values]]:
    yield "name", step.at
    yield "show", step.pairs
    yield "fetch", step.values
    yield "write", step.results
    yield "put", step.moved


def values_seen(runs: Iterable[Run]) -> dict[Slot, list[Any]]:
    """What stood in each slot, up to MANY different values."""
    seen: dict[Slot, list[Any]] = defaultdict(list)
    for run in runs:
        for step in run.steps:
            for part, values in _parts(step):
                for place, value in enumerate(values):
                    known = seen[step.kind, part, place]
                    if len(known) < MANY and value not in known:
                        known.append(value)
    return seen


def line_of(line: Line, step: Step) -> str:
    """What a state prints, but for its transition."""
    texts = [_text(getattr(line, part), values) for part, values in _parts(step)]
    return f"{texts[0]}{line.open}{''.join(texts[1:])}"


class Printer:
    """Prints steps, and tells which of their values cannot be seen in that."""

    def __init__(self, words: Mapping[str, Line], seen: dict[Slot, list[Any]], literal: bool) -> None:
        self.words, self.seen, self.literal = words, seen, literal
        self._known: dict[Any, dict[int, bool]] = defaultdict(dict)

    def line(self, step: Step) -> str:
        return line_of(self.words[step.kind], step)

    def hidden(self, step: Step) -> list[tuple[str, Any]]:
        """The values of a step that its line does not print, each with what it is in words."""
        text = self.line(step)
        hidden: list[tuple[str, Any]] = []
        for part, values in _parts(step):
            # A result next to its state's place needs no print.
            known = self._known[step.kind, part, repr((values, step.at) if part in ("write", "put") else values)]
            for place, value in enumerate(values):
                in_label = part in ("name", "fetch") and value in step.at and str(value) in text
                if place not in known:
                    known[place] = self._is_printed(step, part, place, values)
                if not in_label and not known[place]:
                    named = cell_name(step.cells[place]) if part == "fetch" else str(place + 1)
                    hidden.append((f"{NAMES[part]} {named}", value))
        return hidden

    def _is_printed(self, step: Step, part: str, place: int, values: Values) -> bool:
        value, wording = values[place], getattr(self.words[step.kind], part)
        seen = self.seen[step.kind, part, place]
        if part == "show":  # a list may be printed without the places
            others = [(value[0], other[1]) for other in seen if other[1] != value[1]]
        else:
            others = [other for other in seen if other != value]
        if part in ("write", "put") and (not others or is_beside(value, step.at)):
            return True  # what such a state always writes, or its own place, needs no print
        printed = _text(wording, values)
        otherwise = {
            str(_content(other)): _text(wording, (*values[:place], other, *values[place + 1 :]))
            for other in (*others, *_far_from(value))
        }
        if self.literal and part != "name" and not _stands_in(value, printed, otherwise):
            return False
        return all(printed != otherwise[str(_content(other))] for other in others)


NAMES = {"name": "place", "show": "shown cell", "fetch": "operand", "write": "result", "put": "moved value"}


def _stands_in(value: Any, printed: str, others: Mapping[str, str]) -> bool:
    """Whether the text of a value, for a shown one of its content, is printed; words may stand for a blank.

    `others`: what is printed for other values, by their texts. Of those that do not hold the value's own text,
    one or more is printed with it less often: a text that holds all digits anyway prints none of them.
    """
    content = _content(value)
    if content in ("", BLANK):
        return True
    for form in (str(content), repr(content), str(value)):
        unlike = [text for other, text in others.items() if form not in other and text != UNWORDED]
        if form in printed and (not unlike or any(_is_oftener(form, printed, text) for text in unlike)):
            return True
    return False


def _is_oftener(form: str, text: str, other: str) -> bool:
    """Whether something stands in a text more often than in another one, at all or as a word of its own."""
    if text.count(form) > other.count(form):
        return True
    alone = re.compile(rf"(?<!\w){re.escape(form)}(?!\w)")
    return len(alone.findall(text)) > len(alone.findall(other))


def _far_from(value: Any) -> list[Any]:
    """Numbers that share no digit with a number."""
    return [int(3 * digit) for digit in "23456789" if digit not in str(value)][:2] if type(value) is int else []


def _content(value: Any) -> Any:
    """A value or, of a shown (place, content), its content."""
    return value[1] if isinstance(value, tuple) and len(value) == 2 else value


UNWORDED = "\0"


def _text(wording: Callable[..., str] | None, values: Values) -> str:
    """What a part of a line prints; nothing where it has no wording, or cannot be worded."""
    if wording is None:
        return ""
    try:
        made = wording(*values)
    except Exception:  # noqa: BLE001 - another value than a program's own may make no sense to a wording
        made = None
    return made if isinstance(made, str) else UNWORDED


def cell_name(cell: Cell) -> str:
    return f"{cell[0]}[{', '.join(map(str, cell[1:]))}]" if len(cell) > 1 else str(cell[0])
