"""Renders a recorded run as text with spans by module, in every variant.

In: a `Run` and a task's wording (`Line`s by kind of state). Out: a `Trace`.
The variants are the paper's two renderings and its three ablations (section on modules; our
definition of the ablations stands in the README). Nothing here knows any task.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from tailkit.records import Cell, Line, Part, Run, Span, Step
from tailkit.tape.answer import ANSWER

ELISION = "...\n"


@dataclass(frozen=True, slots=True)
class Variant:
    """What a variant prints of a run."""

    about: str
    styled: bool = False
    fetch: bool = True
    atomic: bool = True
    linear: bool = True
    steps: bool = True


VARIANTS = {
    "tail": Variant("complete trace, symbols only (TAIL-CoT)"),
    "styled": Variant("the same states in sentences (TAIL-CoT-styled)", styled=True),
    "no-fetch": Variant("without Memory Fetcher: operands are not printed", fetch=False),
    "no-atomic": Variant("without Atomic State: macro steps are one step", atomic=False),
    "no-linear": Variant("without Linear Transition: no transitions, repeated states elided", linear=False),
    "direct": Variant("the answer alone", steps=False),
}


@dataclass(frozen=True)
class Trace:
    """A rendered run: its parts in order. The answer belongs to the step after the last."""

    parts: list[Part]

    @cached_property
    def text(self) -> str:
        return "".join([part[0] for part in self.parts])

    @cached_property
    def spans(self) -> list[Span]:
        """One span a part; together they cover the text without gap or overlap."""
        spans, start = [], 0
        for text, module, step in self.parts:
            spans.append(Span(start, start + len(text), module, step))
            start += len(text)
        return spans


def render(run: Run, words: dict[str, Line], variant: Variant) -> Trace:
    """The text of a run in a variant. `words` gives the line of every kind of state of the run."""
    parts: list[Part] = []
    if variant.steps:
        shown = _atomic(run, words) if variant.atomic else _merged(run, words)
        parts = _linear(shown, words, variant.fetch) if variant.linear else _elided(shown, variant.fetch)
    parts.append((ANSWER + run.answer, "answer", len(run.steps)))
    return Trace(parts)


Shown = tuple[int, Step, Line]


def _linear(shown: Iterable[Shown], words: dict[str, Line], fetch: bool) -> list[Part]:
    """Every state, each followed by its transition, which names the next one."""
    parts: list[Part] = []
    add = parts.append
    for number, step, (name, fetched, written, opening, arrow, leave) in shown:
        if not parts:
            add((name(*step.at), "state", number))
        if opening:
            add((opening, "state", number))
        if fetch and fetched and step.values:
            add((fetched(*step.values), "fetch", number))
        add((written(*step.results), "compute", number))
        if following := step.next:
            kind, at = following
            add(((arrow if kind == step.kind else leave) + words[kind][0](*at), "transition", number))
        else:
            add(("\n", "transition", number))
    return parts


def _elided(shown: Iterable[Shown], fetch: bool) -> list[Part]:
    """No transitions; of each run of states of one kind only the first and the last."""
    parts: list[Part] = []
    for _, run_of_one_kind in groupby(shown, key=lambda item: item[1].kind):
        states = list(run_of_one_kind)
        for place, (number, step, line) in enumerate(states):
            if place in (0, len(states) - 1):
                parts.append((line.name(*step.at) + line.open, "state", number))
                if fetch and line.fetch is not None and step.values:
                    parts.append((line.fetch(*step.values), "fetch", number))
                parts.append((line.write(*step.results), "compute", number))
                parts.append(("\n", "state", number))
            elif place == 1:
                parts.append((ELISION, "transition", number))
    return parts


def _atomic(run: Run, words: dict[str, Line]) -> list[Shown]:
    return [(number, step, words[step.kind]) for number, step in enumerate(run.steps)]


def _merged(run: Run, words: dict[str, Line]) -> Iterator[Shown]:
    """The steps of a run, each outermost macro step of several states merged into one step."""
    outer = {macro.first: macro.end for macro in reversed(run.macros) if macro.end - macro.first > 1}
    needed_later = _needed_from(run, set(outer.values()))
    number = 0
    while number < len(run.steps):
        step, end = run.steps[number], outer.get(number)
        if end is None:
            yield number, step, words[step.kind]
            number += 1
        else:
            merged = _merge(run.steps[number:end], needed_later[end])
            yield number, merged, words[step.kind]._replace(fetch=_list, write=_all)
            number = end


def _needed_from(run: Run, numbers: set[int]) -> dict[int, set[str | int]]:
    """For each number of a step the arrays of which a cell is read from there on, before it is written anew."""
    needed = set(run.answer_cells)
    found = {len(run.steps): {cell[0] for cell in needed}}
    for number in range(len(run.steps) - 1, -1, -1):
        step = run.steps[number]
        needed.difference_update(*[cells for op, cells in step.writes if op])
        needed.update(step.cells)
        if number in numbers:
            found[number] = {cell[0] for cell in needed}
    return found


def _list(*values: object) -> str:
    return _all(*values) + "="


def _all(*values: object) -> str:
    return ",".join(map(str, values))


def _merge(steps: list[Step], needed_later: set[str | int]) -> Step:
    """One step that fetches what the steps need from outside and leaves the arrays that are needed later."""
    needed: dict[Cell, Any] = {}
    left: dict[Cell, Any] = {}
    for step in steps:
        for cell, value in zip(step.cells, step.values, strict=True):
            if cell not in left:
                needed.setdefault(cell, value)
        written = [cell if op else None for op, cells in step.writes for cell in cells]
        left |= {cell: value for cell, value in zip(written, step.results, strict=True) if cell is not None}
    results = tuple(value for cell, value in left.items() if cell[0] in needed_later)
    first, following = steps[0], steps[-1].next
    return Step(first.kind, first.at, tuple(needed), tuple(needed.values()), results, (), following)
