"""Holds the traces of a task to what makes them TAIL, seen over several recorded runs.

In: a task, with problems and their recorded runs by range. Out: why it is refused, in words, or None.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tailkit.errors import cut, quoted
from tailkit.records import BLANK, Cell, Problem, Run, Step
from tailkit.tape import ProgramError, check_alone, lint
from tailkit.tape.influence import decisive
from tailkit.tape.printed import cell_name, line_of
from tailkit.tape.reads import flat
from tailkit.tasks.contract.calls import of_oracle
from tailkit.tasks.contract.cells import of_cells, of_states
from tailkit.tasks.contract.task import Task

FEW = 3
"""So many operands a state may have in long problems, whatever it has in short ones."""

Runs = dict[str, list[tuple[Problem, Run]]]
"""Problems with their runs, by range, from the shortest."""


def of_traces(task: Task, runs: Runs) -> str | None:
    """What is wrong with the traces: not all that they rest on is printed, or not computed step by step."""
    flat = [pair for pairs in runs.values() for pair in pairs]
    return (
        next(
            filter(None, (of_cells(task.program, problem, run, addresses=not task.function) for problem, run in flat)),
            None,
        )
        or next(_of_given(task, flat), None)
        or (_of_file(task, flat) if task.own and not task.function else None)
        or _of_states(task, flat)
        or _of_lines(task, runs)
        # The states of a plain function are its lines, however few.
        or (None if task.function else _of_steps(flat) or _of_answers(flat) or _of_leaks(task, flat))
    )


def _of_values(task: Task, runs: list[tuple[Problem, Run]]) -> Iterator[str]:
    """Values that carry more than they print, and cells that were computed, which a plain function's indices may be."""
    for problem, run in runs:
        if reason := of_cells(task.program, problem, run, addresses=not task.function):
            yield reason


def _of_file(task: Task, runs: list[tuple[Problem, Run]]) -> str | None:
    """What a user's file does beside the tape."""
    return of_states(task.program) or of_oracle(task, [problem for problem, _ in runs])


def measure(task: Task, runs: Runs) -> lint.Measure:
    """The three properties of the core traces, with what the sentences of the styled ones leave out."""
    plain = {name: [run for _, run in pairs] for name, pairs in runs.items()}
    measured = lint.measure(plain, task.core)
    measured.findings += lint.measure(plain, task.styled, literal=False).findings
    return measured


def _of_given(task: Task, runs: list[tuple[Problem, Run]]) -> Iterator[str]:
    """Cells whose first value the query does not say, and arrays of marks that it does not hold."""
    values: dict[Cell, set[Any]] = {}
    marks: dict[str | int, set[str]] = {}
    for _, run in runs:
        for cell, value in run.given.items():
            values.setdefault(cell, set()).add(value)
        for array, text in _joined(run).items():
            marks.setdefault(array, set()).add(text)
    for problem, run in runs:
        query = " ".join(map(str, task.words(problem.data).values())).lower()
        for cell, value in run.given.items():
            if not _says(query, cell, value) and len(values[cell]) > 1:
                yield (
                    f"tape.given puts cell {cell_name(cell)} into memory, whose value {quoted(value, 40)} stands "
                    f"neither in the query nor is the same in every problem: let a state compute it"
                )
        for array, text in _joined(run).items():
            all_marks = not any(map(str.isalnum, "".join(marks[array])))
            if len(marks[array]) > 1 and all_marks and Counter(text) - Counter(query):
                yield (
                    f"tape.given puts {quoted(text, 40)} into the array {array}, which stands neither in the query nor "
                    f"is the same in every problem: let states write it"
                )


def _says(query: str, cell: Cell, value: Any) -> bool:
    text, written = str(value).lower(), repr(value).lower()
    is_mark = not any(map(str.isalnum, text))
    return text in query or written in query or value in cell or is_mark or str(value) == cell_name(cell)


def _joined(run: Run) -> dict[str | int, str]:
    """What is given to each array, as one text."""
    texts: dict[str | int, str] = {}
    for cell, value in run.given.items():
        texts[cell[0]] = texts.get(cell[0], "") + ("" if str(value) == BLANK else str(value))
    return texts


def _of_states(task: Task, runs: list[tuple[Problem, Run]]) -> str | None:
    """A state that knows more than it reads: alone, and after other problems, it does something else."""
    try:
        for _, run in runs:
            check_alone(run, task.program)
    except ProgramError as error:
        return error.message
    return None


def _of_steps(runs: list[tuple[Problem, Run]]) -> str | None:
    """All problems take as many states, or states that compute, and longer ones such that compute from more."""
    short, long = _thirds(runs)
    if short[0][0].n == long[-1][0].n:
        return None
    computing = {sum(bool(step.writes or step.puts) for step in run.steps) for _, run in runs}
    if max(computing) <= 1 and len({len(run.steps) for _, run in runs}) == 1 and not _copies(runs):
        return (
            "every run has a single state that computes, however long the problem: the whole algorithm in one operation"
        )
    taken, size = (
        [max(count(step) for _, run in part for step in run.steps) for part in (short, long)]
        for count in (lambda step: len(decisive(step)), _largest)
    )
    grows = taken[1] - max(taken[0], FEW) >= lint.MORE_OPERANDS or size[1] - size[0] >= lint.MORE_SIZE
    if grows and len(computing) == 1:
        what = f"{taken[1]} operands" if taken[1] > taken[0] else f"an operand of {size[1]} characters"
        return (
            f"long problems have no more states that compute than short ones, but one that works on {what} at once: "
            f"let states work on a few digits, letters or elements each"
        )
    return None


def _largest(step: Step) -> int:
    """The characters of the largest operand that decides what a state computes."""
    return max((len(str(value)) for value in decisive(step)), default=0)


def _of_leaks(task: Task, runs: list[tuple[Problem, Run]]) -> str | None:
    """A wording that prints the number that is the answer before any state has read or written it."""
    asked = [run for _, run in runs if len(run.answer) > 1 and any(map(str.isdigit, run.answer))]
    leaks = [found for run in asked if (found := _leak(task, run))]
    # By chance it may stand there too.
    if len(leaks) > 2 and len(leaks) > len(asked) / 2:
        kind, line = leaks[0]
        return f"CORE[{kind!r}] prints the answer before any state has read or written it, as in {cut(line, 60)!r}"
    return None


def _leak(task: Task, run: Run) -> tuple[str, str] | None:
    """The first line that says the answer, if no state up to it holds its numbers or those next to them."""
    numbers = set(map(int, re.findall(r"\d+", run.answer)))
    known: set[int] = set()
    for step in run.steps:
        values = " ".join(map(str, flat((step.at, step.pairs, step.values, step.results, step.moved))))
        known |= {number + by for number in map(int, re.findall(r"\d+", values)) for by in (-1, 0, 1)}
        if numbers <= known:
            return None
        line = line_of(task.core[step.kind], step)
        if re.search(rf"(?<!\w){re.escape(run.answer)}(?!\w)", line):
            return step.kind, line
    return None


def _of_answers(runs: list[tuple[Problem, Run]]) -> str | None:
    """The answer of a longer problem is computed from more operands at once; one that is read out is not."""
    short, long = _thirds(runs)
    taken = [max(len(decisive(run.steps[-1])) for _, run in part) for part in (short, long)]
    if taken[1] - max(taken[0], FEW) >= lint.MORE_OPERANDS:
        return (
            f"the answer is computed from up to {taken[1]} operands at once in long problems, from {taken[0]} in short "
            f"ones: let states compute it, and the last one read it out"
        )
    return None


def _thirds(runs: list[tuple[Problem, Run]]) -> tuple[list[tuple[Problem, Run]], list[tuple[Problem, Run]]]:
    """The shortest third of the problems, and the longest."""
    in_order, third = sorted(runs, key=lambda pair: pair[0].n), (len(runs) + 2) // 3
    return in_order[:third], in_order[-third:]


def _copies(runs: list[tuple[Problem, Run]]) -> bool:
    """Whether nothing is computed: the answers stand in what is given."""
    return all(run.answer in map(str, run.given.values()) for _, run in runs)


def _of_lines(task: Task, runs: Runs) -> str | None:
    for finding in measure(task, runs).findings:
        advice = "; let a state print that number and fetch it here" if finding.rule == "linear" else ""
        where = f"state {finding.kind!r} is not {finding.rule}: {finding.what}{advice}"
        return f"{where}, in lines such as {cut(finding.line, 60)!r}"
    return None
