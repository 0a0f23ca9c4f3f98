"""Holds the traces of a task to what makes them TAIL, seen over several recorded runs.

In: a task, with problems and their recorded runs by range. Out: why it is refused, in words, or None.
"""

import re
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
        next(filter(None, (of_cells(task.program, problem, run) for problem, run in flat)), None)
        or next(_of_given(task, flat), None)
        or (_of_file(task, flat) if task.own and not task.function else None)
        or _of_states(task, flat)
        or _of_lines(task, runs)
        # The states of a plain function are its lines, however few.
        or (None if task.function else _of_steps(flat) or _of_answers(flat) or _of_leaks(task, flat))
    )


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
            if len(marks[array]) > 1 and not any(map(str.isalnum, "".join(marks[array]))) and text not in query:
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
    """All problems take as many states that compute, but longer ones such that compute from more."""
    short, long = _thirds(runs)
    computing = {sum(bool(step.writes or step.puts) for step in run.steps) for _, run in runs}
    most = max(computing)
    if short[0][0].n == long[-1][0].n or (most > 1 and len(computing) > 1):
        return None
    taken, size = (
        [max(count(step) for _, run in part for step in run.steps) for part in (short, long)]
        for count in (lambda step: len(decisive(step)), _largest)
    )
    grows = taken[1] - max(taken[0], FEW) >= lint.MORE_OPERANDS or size[1] - size[0] >= lint.MORE_SIZE
    if grows or (most <= 1 and not _copies(runs)):
        many = "a single state that computes" if most <= 1 else f"{most} states that compute"
        return f"every run has {many}, however long the problem: the whole algorithm in one operation"
    return None


def _largest(step: Step) -> int:
    """The characters of the largest operand that decides what a state computes."""
    return max((len(str(value)) for value in decisive(step)), default=0)


def _of_leaks(task: Task, runs: list[tuple[Problem, Run]]) -> str | None:
    """A wording that prints the answer where its state neither reads nor writes it."""
    lines = [(task.core[step.kind], step, run.answer) for _, run in runs for step in run.steps if len(run.answer) > 1]
    leaks = [
        step.kind for line, step, answer in lines if _says_word(line_of(line, step), answer) and not _has(step, answer)
    ]
    # By chance it may stand there too.
    if len(leaks) > 2 and len(leaks) > sum(len(run.answer) > 1 for _, run in runs) / 2:
        return f"CORE[{leaks[0]!r}] prints the answer, which its state neither reads nor writes"
    return None


def _says_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _has(step: Step, answer: str) -> bool:
    read = list(map(str, flat((step.at, step.operands, step.results, step.moved))))
    return any(answer in between.join(read) for between in ("", " ", ",", ", ")) or answer in map(str, flat(step.pairs))


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
        where = f"state {finding.kind!r} is not {finding.rule}: {finding.what}"
        return f"{where}, in lines such as {cut(finding.line, 60)!r}"
    return None
