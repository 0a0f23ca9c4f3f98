"""Holds what a run keeps in its cells, and how its states name them, to what a state can know.

In: recorded runs. Out: why a task is refused, in words, or None.

A value that carries more than it prints, or a cell whose address was computed by the state itself, would bring
into a trace what nobody can read there.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any

from tailkit.errors import quoted
from tailkit.plain.values import End, Ref
from tailkit.records import Cell, Problem, Run, Step
from tailkit.tape import Program
from tailkit.tape.printed import cell_name
from tailkit.tape.reads import Places, attributes_of, constants_of, flat, is_beside, reached

PLAIN = (int, str, bool, float, NoneType, End, Ref)
"""Of exactly these types are values, and tuples of them: a class of one's own may carry more than it prints.

Two are those of plain Python functions.
"""
HELD = "cells and places hold int, str, bool, float, None and tuples of these"
ORIGINS = (0, 1)
"""Where an array may begin, whatever else a state knows."""


def of_cells(program: Program, problem: Problem, run: Run, *, addresses: bool = True) -> str | None:
    """What is wrong with the values of a run, the first state's place, or (`addresses`) the names of cells."""
    return next(_reasons(program, problem, run, addresses), None)


def _reasons(program: Program, problem: Problem, run: Run, addresses: bool) -> Iterator[str]:
    for cell, value in run.given.items():
        if not _is_plain(value):
            yield f"cell {cell_name(cell)} is given {_strange(value)}"
    yield from _of_start(program, problem, run)
    constants = {kind: _constants(state) for kind, state in program.states.items()}
    for step in run.steps:
        values = (*step.at, *step.operands, *step.results, *step.moved)
        if strange := [value for value in values if not _is_plain(value)]:
            yield f"state {step.kind!r} works on {_strange(strange[0])}"
        for cell, part in _astray(step, constants[step.kind]) if addresses else ():
            yield (
                f"state {step.kind!r} uses cell {cell_name(cell)}, whose place {part!r} is not next to its own place "
                f"or to a value that it reads: let a state before it write that place into a cell, and fetch it here"
            )


def _constants(state: Callable[..., Any]) -> list[Any]:
    """Numbers that a state's code names: in itself, or as global constants and cells."""
    named = list(reached([state]).values())
    cells = [value for value in named if isinstance(value, tuple) and value and type(value[0]) is str]
    return [*flat(constants_of(state)), *(value for value in named if type(value) in (int, str)), *flat(cells)]


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is tuple:
        return all(map(_is_plain, value))
    return kind in PLAIN


def _strange(value: Any) -> str:
    return f"{quoted(repr(value), 40)}, a {type(value).__qualname__}: {HELD}"


def _of_start(program: Program, problem: Problem, run: Run) -> Iterator[str]:
    """Parts of the first state's place that are not known before anything was read."""
    known = [*ORIGINS, *flat(run.given.values()), *(part for cell in run.given for part in cell)]
    constants = _constants(program.start)
    for part in run.steps[0].at:
        says = part in constants or re.search(rf"(?<!\w){re.escape(str(part))}(?!\w)", problem.query)
        if not says and not is_beside(part, known):
            yield (
                f"start gives the first state the place {part!r}, which stands neither in the query nor in what is "
                f"given: let a state compute it"
            )


def _astray(step: Step, constants: list[Any]) -> Iterator[tuple[Cell, Any]]:
    """Cells with a number in their name that a state can neither see nor count to from what it sees."""
    read = list(zip((*step.shown, *step.cells), step.operands, strict=True))
    written = [cell for _, cells in (*step.writes, *step.puts) for cell in cells]
    known = Places([*ORIGINS, *step.at, *flat(step.results), *(number for _, number in step.stops)])
    cells = dict.fromkeys((*(cell for cell, _ in read), *written))
    waiting = {(cell, part): count for cell in cells for part in cell if (count := _count(part)) is not None}
    held, values = Places(flat(value for _, value in read)), defaultdict(list)
    for cell, value in read:
        values[cell].append(value)

    def is_held(cell: Cell, count: Any) -> bool:
        if not held.beside(count):
            return False
        # What a cell holds does not say where it is.
        if not Places(flat(values[cell])).beside(count):
            return True
        return Places(flat(value for other, value in read if other != cell)).beside(count)

    found = {
        (cell, part)
        for (cell, part), count in waiting.items()
        if part in constants or any(known.beside(each) or is_held(cell, each) for each in (part, count))
    }
    while found:  # cells in a row are counted to one after the other
        reached_now = Places(waiting.pop(pair) for pair in found)
        found = {pair for pair, count in waiting.items() if reached_now.beside(count)}
    yield from sorted(waiting, key=str)


def _count(part: Any) -> Any:
    """The place that a part of a cell's name counts, such as 3 in 3, "3", ".3" and "row3"; None if it counts none."""
    if not isinstance(part, str):
        return part
    digits = re.findall(r"[0-9]+", part)
    return int(digits[-1]) if digits else None


PRIVATE = ("_memory", "_step")
"""Attributes of a tape by which a state would read what it has not fetched."""


def of_states(program: Program) -> str | None:
    """A state that looks into the tape instead of reading from it."""
    for kind, state in program.states.items():
        code = getattr(state, "__code__", None)
        if code and (used := [name for name in PRIVATE if name in attributes_of(code)]):
            return f"state {kind!r} uses tape.{used[0]}: a state reads by tape.fetch, show and scan alone"
    return None
