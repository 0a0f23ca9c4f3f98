"""Measures the three properties of a trace on recorded runs: linear, fetched, atomic.

In: runs of one task, and how its states are worded. Out: a `Measure`, with a `Finding` for every kind of state
that breaks a property, and the line in which it does.

A value is printed where its text stands in its state's line and another value would stand there otherwise.
- Linear Transition: all that decides what follows (the state's place, what it read, what it wrote) is printed in
  this very state, and the place that follows stands there, or next to it in counting.
- Memory Fetcher: all that a state reads and writes is printed in it.
- Atomic State: neither the number of operands of a state nor their size grows with the problem.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tailkit.records import BLANK, Cell, Line, Place, Run, Step, Values
from tailkit.tape.reads import constants_of, reached

MANY = 12
"""So many other values are tried in a value's place."""
MORE_OPERANDS, MORE_SIZE = 2, 3
"""A state whose largest operands differ by so much between short and long problems hides a loop."""


@dataclass(frozen=True)
class Finding:
    """A kind of state that breaks a property: how often, and the first line in which it does."""

    rule: str
    kind: str
    what: str
    line: str
    times: int = 1


@dataclass(frozen=True)
class Growth:
    """What the operands of a kind of state are at most, in short and in long problems: how many, how large.

    Size is in characters. `tokens` is what writing a long problem out would add, at about two tokens a character.
    """

    kind: str
    operands: tuple[int, int]
    size: tuple[int, int]
    tokens: int

    @property
    def hides_a_loop(self) -> bool:
        return self.operands[1] - self.operands[0] >= MORE_OPERANDS or self.size[1] - self.size[0] >= MORE_SIZE


@dataclass
class Measure:
    """What was counted over the runs of a task."""

    transitions: int = 0
    local: int = 0
    lines_back: list[int] = field(default_factory=list)
    values: int = 0
    printed: int = 0
    findings: list[Finding] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)

    @property
    def loops(self) -> list[Growth]:
        return [each for each in self.growth if each.hides_a_loop]


def measure(runs: Mapping[str, list[Run]], words: Mapping[str, Line], *, literal: bool = True) -> Measure:
    """Measure runs by range, from the shortest; `literal`: a printed value stands there as it is, not in words."""
    flat = [run for each in runs.values() for run in each]
    seen = _values_seen(flat)
    printer = _Printer(words, seen, literal)
    result, counted = Measure(), dict[tuple[str, str, str], list[str]]()
    for run in flat:
        lines = [printer.line(step) for step in run.steps]
        for number, step in enumerate(run.steps):
            hidden = printer.hidden(step)
            result.values += len(step.operands) + len(step.results) + len(step.moved)
            result.printed += len(step.operands) + len(step.results) + len(step.moved) - len(hidden)
            for what, _ in hidden:
                counted.setdefault(("fetched", step.kind, f"{what} is not printed"), []).append(lines[number])
            astray = _astray(step)
            for part in astray:
                what = f"place {part!r} of the state that follows stands nowhere in this one"
                counted.setdefault(("linear", step.kind, what if len(astray) else ""), []).append(lines[number])
            if step.next is not None:
                unprinted = [value for _, value in hidden] + astray
                result.transitions += 1
                result.local += not unprinted
                result.lines_back += [_lines_back(lines, number, value) for value in unprinted]
    for (rule, kind, what), shown in _merged(counted).items():
        result.findings.append(Finding(rule, kind, what, shown[0], len(shown)))
    result.growth = list(_growth(runs))
    return result


def _merged(counted: dict[tuple[str, str, str], list[str]]) -> dict[tuple[str, str, str], list[str]]:
    """One finding for each kind of state and rule: the first of what was counted, with all lines."""
    merged: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for (rule, kind, what), lines in counted.items():
        merged.setdefault((rule, kind), (what, []))[1].extend(lines)
    return {(rule, kind, what): lines for (rule, kind), (what, lines) in merged.items()}


Slot = tuple[str, str, int]
"""Where a value is printed: the kind of state, the part of its line, and which of the part's values."""


def _parts(step: Step) -> Iterator[tuple[str, Values]]:
    yield "name", step.at
    yield "show", step.pairs
    yield "fetch", step.values
    yield "write", step.results
    yield "put", step.moved


def _values_seen(runs: Iterable[Run]) -> dict[Slot, list[Any]]:
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


class _Printer:
    """Prints steps, and tells which of their values cannot be seen in that."""

    def __init__(self, words: Mapping[str, Line], seen: dict[Slot, list[Any]], literal: bool) -> None:
        self.words, self.seen, self.literal = words, seen, literal

    def line(self, step: Step) -> str:
        line = self.words[step.kind]
        texts = [_text(getattr(line, part), values) for part, values in _parts(step)]
        return f"{texts[0]}{line.open}{''.join(texts[1:])}"

    def hidden(self, step: Step) -> list[tuple[str, Any]]:
        """The values of a step that its line does not print, each with what it is in words."""
        text = self.line(step)
        hidden: list[tuple[str, Any]] = []
        for part, values in _parts(step):
            for place, value in enumerate(values):
                in_label = part in ("name", "fetch") and value in step.at and str(value) in text
                if not in_label and not self._is_printed(step, part, place, values):
                    named = cell_name(step.cells[place]) if part == "fetch" else str(place + 1)
                    hidden.append((f"{NAMES[part]} {named}", value))
        return hidden

    def _is_printed(self, step: Step, part: str, place: int, values: Values) -> bool:
        value, wording = values[place], getattr(self.words[step.kind], part)
        seen = self.seen[step.kind, part, place]
        if part == "show":  # a list may be printed without the places
            others = [other for other in seen if other[1] != value[1]]
        else:
            others = [other for other in seen if other != value]
        if part in ("write", "put") and (not others or _beside(value, step.at)):
            return True  # what such a state always writes, or its own place, needs no print
        printed = _text(wording, values)
        if self.literal and part != "name" and not _stands_in(value, printed):
            return False
        return all(printed != _text(wording, (*values[:place], other, *values[place + 1 :])) for other in others)


NAMES = {"name": "place", "show": "shown cell", "fetch": "operand", "write": "result", "put": "moved value"}


def _stands_in(value: Any, text: str) -> bool:
    """Whether the text of a value, for a shown one of its content, is in a text; words may stand for a blank."""
    content = value[1] if isinstance(value, tuple) and len(value) == 2 else value
    return content in ("", BLANK) or any(form in text for form in (str(content), repr(content), str(value)))


def _text(wording: Callable[..., str] | None, values: Values) -> str:
    """What a part of a line prints; nothing where it has no wording, or cannot be worded."""
    if wording is None:
        return ""
    try:
        return wording(*values)
    except Exception:  # noqa: BLE001 - another value than a program's own may make no sense to a wording
        return "\0"


def cell_name(cell: Cell) -> str:
    return f"{cell[0]}[{', '.join(map(str, cell[1:]))}]" if len(cell) > 1 else str(cell[0])


def _astray(step: Step) -> list[Any]:
    """The parts of the place that follows which neither stand in this state nor next to what does."""
    if step.next is None or isinstance(step.move, str):
        return []
    constants = _constants(step.move)
    here = {*_flat(step.at), *_flat(step.operands), *_flat(step.results), *_flat(step.moved), *_flat(constants)}
    here |= {number for _, number in step.stops} | {place for place, _ in step.pairs}
    return [part for part in step.next[1] if not _beside(part, tuple(here))]


def _constants(op: Any) -> list[Any]:
    """The constants of an operation, and the values of the tables that it reads."""
    tables = [value for value in reached([op]).values() if isinstance(value, dict | tuple | list)]
    return [*constants_of(op), *tables]


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, tuple | list):
            yield from _flat(value)
        elif isinstance(value, dict):
            yield from _flat(value.values())
        else:
            yield value


def _beside(value: Any, places: Place) -> bool:
    """Whether a value is one of the places, or next to one in counting: 4 and 5, .4 and .5, "4" and 5, B and C."""
    return any(value == place or abs(_count(value) - _count(place)) <= 1 for place in places)


def _count(value: Any) -> float:
    if isinstance(value, int):
        return float(value)
    text = str(value).removeprefix(".")
    if text.isascii() and text.isdigit():
        return float(text)
    return 1e9 + ord(text) if len(text) == 1 else float("nan")


def _lines_back(lines: list[str], number: int, value: Any) -> int:
    """How many lines before its own a value was printed last; all of them if it never was."""
    content = str(value[1] if isinstance(value, tuple) and len(value) == 2 else value)
    return next((back for back in range(1, number + 1) if content in lines[number - back]), number + 1)


def _growth(runs: Mapping[str, list[Run]]) -> Iterator[Growth]:
    """How the operands of each kind of state grow from the shortest problems to the longest."""
    sizes = [_largest(each) for each in runs.values() if each]
    if len(sizes) < 2:
        return
    for kind in sizes[-1]:
        long = sizes[-1][kind]
        short = next((each[kind] for each in sizes if kind in each), long)
        yield Growth(kind, (short[0], long[0]), (short[1], long[1]), 2 * long[2])


def _largest(runs: list[Run]) -> dict[str, tuple[int, int, int]]:
    """For each kind of state that computes: most operands, longest operand, characters of all in a run."""
    found: dict[str, tuple[int, int, int]] = {}
    for run in runs:
        characters: dict[str, int] = defaultdict(int)
        for step in run.steps:
            if step.writes or (step.next is None and step.move is not None):
                values = step.values if step.next is not None or step.writes else ()
                sizes = [1 if value is None else len(str(value).lstrip("-")) for value in values]
                characters[step.kind] += sum(sizes)
                most, size, before = found.get(step.kind, (0, 0, 0))
                found[step.kind] = max(most, len(sizes)), max(size, *sizes, 0), max(before, characters[step.kind])
    return found
