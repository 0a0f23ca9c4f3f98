"""Holds the traces of a task to what makes them TAIL, seen over several recorded runs.

In: a task, with problems and their recorded runs by range. Out: why it is refused, in words, or None.
"""

from collections.abc import Iterator
from typing import Any

from tailkit.errors import cut, quoted
from tailkit.records import Cell, Problem, Run
from tailkit.tape import ProgramError, check_alone, lint
from tailkit.tasks.contract.task import Task

Runs = dict[str, list[tuple[Problem, Run]]]
"""Problems with their runs, by range, from the shortest."""


def of_traces(task: Task, runs: Runs) -> str | None:
    """What is wrong with the traces: not all that they rest on is printed, or not computed step by step."""
    flat = [pair for pairs in runs.values() for pair in pairs]
    return (
        next(_of_given(flat), None)
        or _of_states(task, flat)
        or _of_lines(task, runs)
        or (
            # The states of a plain function are its lines, however few.
            None if task.function else _of_steps(flat)
        )
    )


def measure(task: Task, runs: Runs) -> lint.Measure:
    """The three properties of the core traces, with what the sentences of the styled ones leave out."""
    plain = {name: [run for _, run in pairs] for name, pairs in runs.items()}
    measured = lint.measure(plain, task.core)
    measured.findings += lint.measure(plain, task.styled, literal=False).findings
    return measured


def _of_given(runs: list[tuple[Problem, Run]]) -> Iterator[str]:
    """Cells whose first value the query does not say."""
    values: dict[Cell, set[Any]] = {}
    for _, run in runs:
        for cell, value in run.given.items():
            values.setdefault(cell, set()).add(value)
    for problem, run in runs:
        query = problem.query.lower()
        for cell, value in run.given.items():
            text, written = str(value).lower(), repr(value).lower()
            name = lint.cell_name(cell)
            says = (
                text in query
                or written in query
                or value in cell
                or not any(map(str.isalnum, text))
                or str(value) == name
            )
            if not says and len(values[cell]) > 1:
                yield (
                    f"tape.given puts cell {name} into memory, whose value {quoted(value, 40)} stands neither in the "
                    f"query nor is the same in every problem: let a state compute it"
                )


def _of_states(task: Task, runs: list[tuple[Problem, Run]]) -> str | None:
    """A state that knows more than it reads: alone, and after other problems, it does something else."""
    try:
        for _, run in runs:
            check_alone(run, task.program)
    except ProgramError as error:
        return error.message
    return None


def _of_steps(runs: list[tuple[Problem, Run]]) -> str | None:
    computing = [sum(bool(step.writes or step.puts) for step in run.steps) for _, run in runs]
    if len({problem.n for problem, _ in runs}) > 1 and max(computing) <= 1 and not _copies(runs):
        return (
            "every run has a single state that computes, however long the problem: the whole algorithm in one operation"
        )
    return None


def _copies(runs: list[tuple[Problem, Run]]) -> bool:
    """Whether nothing is computed: the answers stand in what is given."""
    return all(run.answer in map(str, run.given.values()) for _, run in runs)


def _of_lines(task: Task, runs: Runs) -> str | None:
    for finding in measure(task, runs).findings:
        where = f"state {finding.kind!r} is not {finding.rule}: {finding.what}"
        return f"{where}, in lines such as {cut(finding.line, 60)!r}"
    return None
