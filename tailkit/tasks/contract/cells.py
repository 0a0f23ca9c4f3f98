"""Holds what a run keeps in its cells, and how its states name them, to what a state can know.

In: recorded runs. Out: why a task is refused, in words, or None.

A value that carries more than it prints, or a cell whose address was computed by the state itself, would bring
into a trace what nobody can read there.
"""

import re
from collections.abc import Iterable, Iterator
from types import NoneType
from typing import Any

from tailkit.errors import quoted
from tailkit.plain.values import End, Ref
from tailkit.records import Cell, Problem, Run, Step
from tailkit.tape import Program
from tailkit.tape.printed import cell_name
from tailkit.tape.reads import attributes_of, constants_of, flat, is_beside

PLAIN = (int, str, bool, float, NoneType, End, Ref)
"""Of exactly these types are values, and tuples of them: a class of one's own may carry more than it prints.

Two are those of plain Python functions.
"""
ORIGINS = (0, 1)
"""Where an array may begin, whatever else a state knows."""


def of_cells(program: Program, problem: Problem, run: Run) -> str | None:
    """What is wrong with the values of a run, the first state's place, or the names of cells."""
    return next((reason for reason in _reasons(program, problem, run)), None)


def _reasons(program: Program, problem: Problem, run: Run) -> Iterator[str]:
    for cell, value in run.given.items():
        if not _is_plain(value):
            yield f"cell {cell_name(cell)} is given {_strange(value)}"
    yield from _of_start(program, problem, run)
    for step in run.steps:
        values = (*step.at, *step.operands, *step.results, *step.moved)
        if strange := [value for value in values if not _is_plain(value)]:
            yield f"state {step.kind!r} works on {_strange(strange[0])}"
        yield from (
            f"state {step.kind!r} {verb} cell {cell_name(cell)}, whose place {part!r} stands neither in the "
            f"state's own place nor in what it has read: a cell is found, not computed; let a state before it write "
            f"that place, and fetch it here"
            for verb, cell, part in _astray(step, constants_of(program.states[step.kind]))
        )


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is tuple:
        return all(map(_is_plain, value))
    return kind in PLAIN


def _strange(value: Any) -> str:
    return (
        f"{quoted(repr(value), 40)}, a {type(value).__qualname__}: cells and places hold int, str, bool, float or None"
    )


def _of_start(program: Program, problem: Problem, run: Run) -> Iterator[str]:
    """Parts of the first state's place that are not known before anything was read."""
    known = [*ORIGINS, *flat(run.given.values()), *(part for cell in run.given for part in cell)]
    for part in run.steps[0].at:
        says = part in constants_of(program.start) or re.search(rf"(?<!\w){re.escape(str(part))}(?!\w)", problem.query)
        if not says and not is_beside(part, known):
            yield (
                f"start gives the first state the place {part!r}, which stands neither in the query nor in what is "
                f"given: let a state compute it"
            )


def _astray(step: Step, constants: list[Any]) -> Iterator[tuple[str, Cell, Any]]:
    """Cells with a number in their name that a state can neither see nor count up to."""
    known: list[Any] = [*ORIGINS, *step.at]

    def strange(cell: Cell) -> Iterable[Any]:
        return (part for part in cell if _counts(part) and part not in constants and not is_beside(part, known))

    for cell, value in zip((*step.shown, *step.cells), step.operands, strict=True):
        yield from (("reads", cell, part) for part in strange(cell))
        known += [*flat([value]), *cell]
    known += [*flat(step.results), *(number for _, number in step.stops)]
    for _, cells in (*step.writes, *step.puts):
        for cell in cells:
            yield from (("writes", cell, part) for part in strange(cell))
            known += cell


def _counts(part: Any) -> bool:
    """Whether a part of a cell's name is a place to count to, such as 3, "3" or ".3"."""
    return not isinstance(part, str) or part.removeprefix(".").isdigit()


PRIVATE = ("_memory", "_step", "run")
"""Attributes of a tape by which a state would read what it has not fetched."""


def of_states(program: Program) -> str | None:
    """A state that looks into the tape instead of reading from it."""
    for kind, state in program.states.items():
        code = getattr(state, "__code__", None)
        if code and (used := [name for name in PRIVATE if name in attributes_of(code)]):
            return f"state {kind!r} uses tape.{used[0]}: a state reads by tape.fetch, show and scan alone"
    return None
