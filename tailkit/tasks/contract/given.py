"""Holds what a program puts into memory before its first state to what the query says.

In: a task, with problems and their recorded runs. Out: why it is refused, in words.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tailkit.errors import quoted
from tailkit.records import BLANK, Cell, Problem, Run
from tailkit.tape.printed import cell_name
from tailkit.tape.reads import flat
from tailkit.tasks.contract.task import Task

NEAR = 3
"""So many cells more or less an array may have than a number of its problem."""


def of_given(task: Task, runs: list[tuple[Problem, Run]]) -> Iterator[str]:
    """Cells whose first value the query does not say, and arrays that say by marks or their size what it does not."""
    values: dict[Cell, set[Any]] = defaultdict(set)
    contents: dict[str | int, set[str]] = defaultdict(set)
    for _, run in runs:
        for cell, value in run.given.items():
            values[cell].add(value)
            contents[cell[0]].add(str(value))
    arrays: dict[str | int, set[str]] = defaultdict(set)
    for _, run in runs:
        for array in contents:
            arrays[array].add(_joined(run, array))
    varied = {array for array, texts in arrays.items() if len(texts) > 1}
    # Numbers to count with, each in a cell of its name, are as good as the name.
    fixed = {array for array in varied if all(len(values[cell]) == 1 for cell in values if cell[0] == array)}
    fixed = {array for array in fixed if any({*cell[1:]} != values[cell] for cell in values if cell[0] == array)}
    for array in sorted(fixed, key=str):
        yield from _of_size(array, runs)
    for problem, run in runs:
        query = " ".join(map(str, task.words(problem.data).values())).lower()
        for cell, value in run.given.items():
            if not _says(query, cell, value) and len(values[cell]) > 1:
                yield (
                    f"tape.given puts cell {cell_name(cell)} into memory, whose value {quoted(value, 40)} stands "
                    f"neither in the query nor is the same in every problem: let a state compute it"
                )
        for array in sorted((varied - fixed) & {cell[0] for cell in run.given}, key=str):
            if _is_marks(contents[array]) and Counter(text := _joined(run, array)) - Counter(query):
                yield (
                    f"tape.given puts {quoted(text, 40)} into the array {array}, which stands neither in the query nor "
                    f"is the same in every problem: let states write it"
                )


def _is_marks(texts: Iterable[str]) -> bool:
    return not any(map(str.isalnum, "".join(texts)))


def _of_size(array: str | int, runs: list[tuple[Problem, Run]]) -> Iterator[str]:
    """An array whose cells hold the same in every problem, but whose number says something.

    It may go with one length or number of the problem, the same one in every problem, as n + 1 or 2 n does.
    """
    runs = [(problem, run) for problem, run in runs if any(cell[0] == array for cell in run.given)]
    cells = [[cell for cell in run.given if cell[0] == array] for _, run in runs]
    named = [set(map(str, flat(problem.data.values()))) for problem, _ in runs]
    if all(str(part) in names for each, names in zip(cells, named, strict=True) for cell in each for part in cell[1:]):
        return  # a graph's edges, say
    known = [_sizes(problem, run) for problem, run in runs]
    common = set.intersection(*(set(each) for each in known))
    for place in range(1, max(len(cell) for each in cells for cell in each)):
        sizes = [len({cell[place] for cell in each if len(cell) > place}) for each in cells]
        if not any(
            len(apart := {size - grown(each[name]) for size, each in zip(sizes, known, strict=True)}) == 1
            and abs(min(apart)) <= NEAR
            for name in common
            for grown in GROWN
        ):
            yield (
                f"tape.given gives the array {array} {sizes[-1]} cells, {sizes[0]} in another problem: a number that "
                f"goes neither with a length nor with a number of the problem; let states write them"
            )


GROWN: tuple[Callable[[int], int], ...] = (
    int, lambda number: 0, lambda number: 2 * number, lambda number: number // 2, lambda number: (number + 1) // 2,
)  # fmt: skip
"""How the number of cells may go with a number of the problem, but for a few more or less."""


def _sizes(problem: Problem, run: Run) -> dict[Any, int]:
    """The numbers and the lengths that stand in a problem, by where: data, or arrays that say what the query says."""
    sizes: dict[Any, int] = {"n": problem.n}
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), problem.data)]
    for path, value in waiting:
        if isinstance(value, int):
            sizes[path] = value
        elif isinstance(value, str):
            sizes |= {(*path, "number", place): int(text) for place, text in enumerate(re.findall(r"[0-9]+", value))}
            sizes[*path, "words"] = len(words := re.findall(r"\w+", value))
            sizes[*path, "word"] = max(map(len, words), default=0)
        if isinstance(value, str | list | tuple | dict):
            sizes[*path, "length"] = len(value)
        if isinstance(value, list | tuple | dict):
            waiting += [
                ((*path, key), each)
                for key, each in (value if isinstance(value, dict) else dict(enumerate(value))).items()
            ]
    cells: dict[Any, set[Any]] = defaultdict(set)
    contents: dict[Any, set[str]] = defaultdict(set)
    for cell, value in run.given.items():
        contents[cell[0]].add(str(value))
        for place, part in enumerate(cell[1:]):
            cells[cell[0], "cells", place].add(part)
    return sizes | {
        where: len(parts)
        for where, parts in cells.items()
        if not _is_marks(contents[where[0]]) and len(contents[where[0]]) > 2
    }


def _says(query: str, cell: Cell, value: Any) -> bool:
    text, written = str(value).lower(), repr(value).lower()
    return text in query or written in query or value in cell or _is_marks([text]) or str(value) == cell_name(cell)


def _joined(run: Run, array: str | int) -> str:
    """What is given to an array, as one text."""
    values = [str(value) for cell, value in run.given.items() if cell[0] == array]
    return "".join(value for value in values if value != BLANK)
