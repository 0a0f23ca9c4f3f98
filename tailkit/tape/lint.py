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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tailkit.records import Line, Run, Step
from tailkit.tape.influence import Influence
from tailkit.tape.printed import Printer, values_seen
from tailkit.tape.reads import Places, constants_of, flat, reached

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
    """What the operands of a kind of state are at most, by range from the shortest: how many, how large.

    Size is in characters. `tokens` is what writing a long problem out would add, at about two tokens a character.
    """

    kind: str
    operands: dict[str, int]
    size: dict[str, int]
    tokens: int

    @property
    def hides_a_loop(self) -> bool:
        return _rise(self.operands) >= MORE_OPERANDS or _rise(self.size) >= MORE_SIZE


def _rise(by_range: dict[str, int]) -> int:
    """How much the last range has more than the first."""
    values = list(by_range.values())
    return values[-1] - values[0]


@dataclass
class Measure:
    """What was counted over the runs of a task."""

    runs: Mapping[str, list[Run]]
    transitions: int = 0
    local: int = 0
    lines_back: list[int] = field(default_factory=list)
    values: int = 0
    printed: int = 0
    findings: list[Finding] = field(default_factory=list)

    @cached_property
    def growth(self) -> list[Growth]:
        """How the operands of each kind of state grow; worked out where it is asked for, since it takes long."""
        return list(_growth(self.runs))

    @property
    def loops(self) -> list[Growth]:
        return [each for each in self.growth if each.hides_a_loop]


def measure(runs: Mapping[str, list[Run]], words: Mapping[str, Line], *, literal: bool = True) -> Measure:
    """Measure runs by range, from the shortest; `literal`: a printed value stands there as it is, not in words."""
    flat = [run for each in runs.values() for run in each]
    seen = values_seen(flat)
    printer = Printer(words, seen, literal)
    result, counted = Measure(runs), dict[tuple[str, str, str], list[str]]()
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
    return result


def _merged(counted: dict[tuple[str, str, str], list[str]]) -> dict[tuple[str, str, str], list[str]]:
    """One finding for each kind of state and rule: the first of what was counted, with all lines."""
    merged: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for (rule, kind, what), lines in counted.items():
        merged.setdefault((rule, kind), (what, []))[1].extend(lines)
    return {(rule, kind, what): lines for (rule, kind), (what, lines) in merged.items()}


def _astray(step: Step) -> list[Any]:
    """The parts of the place that follows which neither stand in this state nor next to what does."""
    if step.next is None or isinstance(step.move, str):
        return []
    here = {*flat(step.at), *flat(step.operands), *flat(step.results), *flat(step.moved)}
    places = Places([*here, *(number for _, number in step.stops), *(place for place, _ in step.pairs)])
    constants = set(map(repr, _constants(step.move)))
    return [part for part in step.next[1] if not places.beside(part) and repr(part) not in constants]


def _constants(op: Any) -> list[Any]:
    """The constants of an operation, and the names in the tables that it reads: those of an automaton's states."""
    tables = [value for value in reached([op]).values() if isinstance(value, dict | tuple | list)]
    return [*flat(constants_of(op)), *(value for value in flat(tables) if len(str(value)) == 1 or _is_name(value))]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and not any(map(str.isdigit, value))


def _lines_back(lines: list[str], number: int, value: Any) -> int:
    """How many lines before its own a value was printed last; all of them if it never was."""
    content = str(value[1] if isinstance(value, tuple) and len(value) == 2 else value)
    return next((back for back in range(1, number + 1) if content in lines[number - back]), number + 1)


def _growth(runs: Mapping[str, list[Run]]) -> Iterator[Growth]:
    """How the operands of each kind of state grow from the shortest problems to the longest."""
    influence = Influence()
    sizes = {name: _largest(each, influence) for name, each in runs.items() if each}
    if len(sizes) < 2:
        return
    for kind, (_, _, characters) in list(sizes.values())[-1].items():
        there = {name: found[kind] for name, found in sizes.items() if kind in found}
        operands, size = ({name: each[place] for name, each in there.items()} for place in (0, 1))
        yield Growth(kind, operands, size, 2 * characters)


def _largest(runs: list[Run], influence: Influence) -> dict[str, tuple[int, int, int]]:
    """For each kind of state that computes: most operands, longest operand, characters of all in a run."""
    found: dict[str, tuple[int, int, int]] = {}
    for run in runs:
        characters: dict[str, int] = defaultdict(int)
        for step in run.steps:
            if step.writes or callable(step.move):
                values = step.values if step.next is not None or step.writes else ()
                sizes = [1 if value is None else len(str(value).lstrip("-")) for value in values]
                characters[step.kind] += sum(sizes)
                most, size, before = found.get(step.kind, (0, 0, 0))
                operands = max(len(sizes), len(influence.decisive(step)))
                found[step.kind] = max(most, operands), max(size, *sizes, 0), max(before, characters[step.kind])
    return found
