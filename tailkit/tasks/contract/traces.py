"""Holds the traces of a task to what makes them TAIL, seen over several recorded runs.

In: a task, with problems and their recorded runs by range. Out: why it is refused, in words, or None.
"""

import re
from itertools import takewhile
from typing import Any

from tailkit.errors import cut
from tailkit.records import Problem, Run
from tailkit.tape import ProgramError, check_alone, lint
from tailkit.tape.influence import Influence
from tailkit.tape.printed import line_of
from tailkit.tape.reads import flat
from tailkit.tasks.contract.calls import of_oracle
from tailkit.tasks.contract.cells import of_cells, of_states
from tailkit.tasks.contract.given import of_given
from tailkit.tasks.contract.task import Task

FEW = 3
"""So many operands a state may have in long problems, whatever it has in short ones."""

Runs = dict[str, list[tuple[Problem, Run]]]
"""Problems with their runs, by range, from the shortest."""


def of_traces(task: Task, runs: Runs) -> str | None:
    """What is wrong with the traces: not all that they rest on is printed, or not computed step by step."""
    pairs = [pair for each in runs.values() for pair in each]
    return (
        next(filter(None, (of_cells(task.program, *pair, addresses=not task.function) for pair in pairs)), None)
        or next(of_given(task, pairs), None)
        or (_of_file(task, pairs) if task.own and not task.function else None)
        or _of_states(task, pairs)
        or _of_lines(task, runs)
        # The states of a plain function are its lines, however few.
        or (None if task.function else _of_computing(task, pairs))
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


def _of_states(task: Task, runs: list[tuple[Problem, Run]]) -> str | None:
    """A state that knows more than it reads: alone, and after other problems, it does something else."""
    try:
        for _, run in runs:
            check_alone(run, task.program)
    except ProgramError as error:
        return error.message
    return None


def _of_computing(task: Task, runs: list[tuple[Problem, Run]]) -> str | None:
    """A trace that computes its answer in few large operations, or prints it before it is computed."""
    influence = Influence()
    return _of_steps(runs, influence) or _of_answers(runs, influence) or _of_leaks(task, runs)


def _of_steps(runs: list[tuple[Problem, Run]], influence: Influence) -> str | None:
    """All problems take as many states, or states that compute, and longer ones such that compute from more."""
    short, long = _thirds(runs)
    if short[0][0].n == long[-1][0].n:
        return None
    computing = {sum(bool(step.writes or step.puts) for step in run.steps) for _, run in runs}
    if len(computing) > 1:
        return None
    taken, size = (
        [max(count(influence.decisive(step)) for _, run in part for step in run.steps) for part in (short, long)]
        for count in (len, _largest)
    )
    single = max(computing) <= 1 and len({len(run.steps) for _, run in runs}) == 1 and not _copies(runs)
    if single and (taken[1] > taken[0] or size[1] > size[0] or _takes_all(runs)):
        return (
            "every run has a single state that computes, however long the problem: the whole algorithm in one operation"
        )
    if taken[1] - max(taken[0], FEW) >= lint.MORE_OPERANDS or size[1] - size[0] >= lint.MORE_SIZE:
        what = f"{taken[1]} operands" if taken[1] > taken[0] else f"an operand of {size[1]} characters"
        return (
            f"long problems have no more states that compute than short ones, but one that works on {what} at once: "
            f"let states work on a few digits, letters or elements each"
        )
    return None


def _takes_all(runs: list[tuple[Problem, Run]]) -> bool:
    """Whether most often one state that computes, or answers, reads all that is read."""
    all_at_once = []
    for _, run in runs:
        read = [{cell for cell in (*step.shown, *step.cells) if cell in run.given} for step in run.steps]
        computing = [cells for cells, step in zip(read, run.steps, strict=True) if step.writes or step.next is None]
        all_at_once.append(max(map(len, computing)) >= len(set().union(*read)))
    return sum(all_at_once) > len(runs) / 2


def _largest(values: list[Any]) -> int:
    """The characters of the largest value."""
    return max((len(str(value)) for value in values), default=0)


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


def _of_answers(runs: list[tuple[Problem, Run]], influence: Influence) -> str | None:
    """The answer of a longer problem is computed from more operands at once; one that is read out is not."""
    short, long = _thirds(runs)
    taken = [max(_worked_out(run, influence) for _, run in part) for part in (short, long)]
    if taken[1] - max(taken[0], FEW) >= lint.MORE_OPERANDS:
        return (
            f"the answer is computed from up to {taken[1]} operands at once in long problems, from {taken[0]} in short "
            f"ones: let states compute it, and the last one read it out"
        )
    return None


def _worked_out(run: Run, influence: Influence) -> int:
    """The operands that an answer is computed from; none where it says in turn what each of them is."""
    changes = influence.changes(run.steps[-1])
    for parts in (re.compile(r"\w+"), re.compile(r".")):
        said = parts.findall(run.answer)
        spans = [[_span(said, parts.findall(str(made[-1]))) for made in others] for others in changes.values()]
        if all(spans) and (_are_in_turn(spans) or _are_in_turn(spans[::-1])):
            return 0
    return len(changes)


def _are_in_turn(spans: list[list[tuple[int, int]]]) -> bool:
    """Whether each operand's part of the answer stands after those of the operands before it."""
    starts, ends = ([pick(each[place] for each in one) for one in spans] for place, pick in ((0, min), (1, max)))
    return all(end <= start for end, start in zip(ends, starts[1:], strict=False))


def _span(items: list[str], others: list[str]) -> tuple[int, int]:
    """Where items differ from others: from, and up to which one."""
    start = _alike(items, others)
    return start, len(items) - _alike(items[start:][::-1], others[start:][::-1])


def _alike(items: list[str], others: list[str]) -> int:
    """How many items are the same from the beginning on."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(items, others, strict=False))))


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
