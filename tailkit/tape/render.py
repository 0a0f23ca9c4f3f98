"""Renders a recorded run as text with spans by module, in every variant.

In: a `Run` and a task's wording (`Line`s by kind of state). Out: a `Trace`.
The variants are the paper's two renderings and its three ablations (section on modules; our
definition of the ablations stands in the README). Nothing here knows any task.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from tailkit.records import Cell, Line, Part, Run, Span, Step
from tailkit.tape.answer import ANSWER
from tailkit.tape.machine import Memory

ELISION = "...\n"
LONGEST_ROUND = 8
"""States of a round, of which those between the first and the last are left out where they repeat."""


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
    "no-linear": Variant(
        "without Linear Transition: no state is named, repeated rounds of states are left out", linear=False
    ),
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


def render(run: Run, words: Mapping[str, Line], variant: Variant) -> Trace:
    """The text of a run in a variant. `words` gives the line of every kind of state of the run."""
    parts: list[Part] = []
    if variant.steps:
        if not variant.linear:
            parts = _elided(_atomic(run, words))
        elif variant.atomic:
            parts = _complete(run, words, variant.fetch)
        else:
            parts = _linear(_merged(run, words), words)
    parts.append((ANSWER + run.answer, "answer", len(run.steps)))
    return Trace(parts)


def _complete(run: Run, words: Mapping[str, Line], fetch: bool) -> list[Part]:
    """Every state with its transition, as `_linear` has it, made for speed.

    Without `fetch` a list is printed where it is read first, and no operand else.
    """
    parts: list[Part] = []
    add = parts.append
    known: set[Cell] = set()
    for number, step in enumerate(run.steps):
        name, fetched, written, opening, arrow, leave, show, put = words[step.kind]
        if not parts:
            add((name(*step.at), "state", number))
        if opening:
            add((opening, "state", number))
        if step.shown and show and (pairs := step.pairs if fetch else _new_pairs(step, known)):
            add((show(*pairs), "fetch", number))
        if fetched and step.cells and fetch:
            add((fetched(*step.values), "fetch", number))
        if written and (step.writes or not step.puts) and (fetch or not _joins(step)):
            add((written(*step.results), "compute", number))
        if put and step.puts and fetch:
            add((put(*step.moved), "compute", number))
        if following := step.next:
            kind, at = following
            add(((arrow if kind == step.kind else leave) + words[kind][0](*at), "transition", number))
        else:
            add(("\n", "transition", number))
        if not fetch:
            known.update(step.shown, [cell for cell, _ in _writes(step)])
    return parts


class Body(NamedTuple):
    """What a state prints after its name: its number, itself, its wording, and (text, module) in order."""

    number: int
    step: Step
    line: Line
    texts: list[tuple[str, str]]


def _linear(bodies: Iterable[Body], words: Mapping[str, Line]) -> list[Part]:
    """Every state, each followed by its transition, which names the next one."""
    parts: list[Part] = []
    add = parts.append
    for number, step, line, texts in bodies:
        if not parts:
            add((line.name(*step.at), "state", number))
        if line.open:
            add((line.open, "state", number))
        parts += [(text, module, number) for text, module in texts]
        if step.next:
            kind, at = step.next
            add(((line.next if kind == step.kind else line.leave) + words[kind].name(*at), "transition", number))
        else:
            add(("\n", "transition", number))
    return parts


def _elided(bodies: Iterable[Body]) -> list[Part]:
    """No state is named; of rounds that repeat, of one kind of state or of several in turn, the first and the last."""
    parts: list[Part] = []
    states = list(bodies)
    kinds = [body.step.kind for body in states]
    place = 0
    while place < len(states):
        size, rounds = _repeating(kinds, place)
        end = place + size * rounds
        for number, _, _, texts in states[place : place + size]:
            parts += [*((text, module, number) for text, module in texts), ("\n", "state", number)]
        if rounds > 2:
            parts.append((ELISION, "transition", states[place + size].number))
        for number, _, _, texts in states[end - size : end] if rounds > 1 else ():
            parts += [*((text, module, number) for text, module in texts), ("\n", "state", number)]
        place = end
    return parts


def _repeating(kinds: list[str], place: int) -> tuple[int, int]:
    """The states of a round that begins at a place, and how often it comes in a row; the shortest of three or more."""
    for size in range(1, LONGEST_ROUND + 1):
        rounds = 1
        while kinds[place + rounds * size : place + (rounds + 1) * size] == kinds[place : place + size]:
            rounds += 1
        if rounds > 2:
            return size, rounds
    return 1, 1


def _atomic(run: Run, words: Mapping[str, Line]) -> Iterator[Body]:
    for number, step in enumerate(run.steps):
        yield Body(number, step, words[step.kind], _texts(step, words[step.kind]))


def _texts(step: Step, line: Line) -> list[tuple[str, str]]:
    texts = []
    if line.show and step.shown:
        texts.append((line.show(*step.pairs), "fetch"))
    if line.fetch and step.cells:
        texts.append((line.fetch(*step.values), "fetch"))
    if line.write and (step.writes or not step.puts):
        texts.append((line.write(*step.results), "compute"))
    if line.put and step.puts:
        texts.append((line.put(*step.moved), "compute"))
    return texts


def _joins(step: Step) -> bool:
    """Whether a state writes its two operands one behind the other: texts that move, as those of a put do."""
    if len(step.operands) != 2 or not all(isinstance(value, str) for value in step.operands):
        return False
    one, other = step.operands
    return step.results in ((one + other,), (other + one,))


def _new_pairs(step: Step, known: set[Cell]) -> tuple[Any, ...]:
    """What a state shows if none of it was shown or written before: a list as it is read, not as it is repeated."""
    return () if known.intersection(step.shown) else step.pairs


def _merged(run: Run, words: Mapping[str, Line]) -> Iterator[Body]:
    """The steps of a run, each macro step of several states merged into one step."""
    macros = {macro.first: macro for macro in run.macros if macro.end - macro.first > 1}
    needed_later = _needed_from(run, {macro.end for macro in macros.values()})
    memory = Memory(run.given)
    memory.blanks = run.blanks
    number = 0
    while number < len(run.steps):
        step, macro = run.steps[number], macros.get(number)
        if macro is None:
            yield Body(number, step, words[step.kind], _texts(step, words[step.kind]))
            memory.update(_writes(step))
            number += 1
        else:
            steps = run.steps[number : macro.end]
            operands = [memory[cell] for cell in (_needed(steps) if macro.operands is None else macro.operands)]
            for each in steps:
                memory.update(_writes(each))
            left = _left(steps, needed_later[macro.end]) if macro.results is None else macro.results
            texts = [(_all(*operands) + "=", "fetch"), (_all(*[memory[cell] for cell in left]), "compute")]
            yield Body(number, replace(step, next=steps[-1].next), words[step.kind], texts)
            number = macro.end


def _all(*values: object) -> str:
    return ",".join(map(str, values))


def _writes(step: Step) -> Iterator[tuple[Cell, Any]]:
    """The cells that a step writes, with what it writes to them."""
    cells = [cell for _, cells in (*step.writes, *step.puts) for cell in cells]
    yield from step.stops
    yield from zip(cells, step.results + step.moved, strict=True)


def _needed_from(run: Run, numbers: set[int]) -> dict[int, set[str | int]]:
    """For each number of a step the arrays of which a cell is read from there on, before it is written anew."""
    needed: set[Cell] = set()
    found: dict[int, set[str | int]] = {len(run.steps): set()}
    for number in range(len(run.steps) - 1, -1, -1):
        step = run.steps[number]
        needed.difference_update(cell for cell, _ in _writes(step))
        needed.update(step.shown, step.cells)
        if number in numbers:
            found[number] = {cell[0] for cell in needed}
    return found


def _needed(steps: list[Step]) -> list[Cell]:
    """The cells that the steps read and that none of them has written before."""
    needed: dict[Cell, None] = {}
    written: set[Cell] = set()
    for step in steps:
        needed |= dict.fromkeys(cell for cell in (*step.shown, *step.cells) if cell not in written)
        written.update(cell for cell, _ in _writes(step))
    return list(needed)


def _left(steps: list[Step], arrays: set[str | int]) -> list[Cell]:
    """The cells that the steps write, of arrays that are read later."""
    return list({cell: None for step in steps for cell, _ in _writes(step) if cell[0] in arrays})
