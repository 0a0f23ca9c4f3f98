"""Makes the task of a plain Python function, FILE.py:FUNCTION.

In: a file, a function's name, the guard of the file. Out: a `Task`; its oracle is the function itself.
"""

import ast
import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tailkit.errors import cut
from tailkit.plain.made import VERSION, Recorded, either, problems_of, recorded
from tailkit.plain.problems import same
from tailkit.plain.queries import templates
from tailkit.plain.ranges import Chosen, choose
from tailkit.records import RANGES, Nouns
from tailkit.screen import note
from tailkit.tasks.contract import source
from tailkit.tasks.contract.guard import Guard
from tailkit.tasks.contract.shape import _in_queries, _in_ranges
from tailkit.tasks.contract.task import Task

SETTINGS = {"with_source": 0, "allow_hidden": 0}


def task_of(name: str, file: Path, function: str, guard: Guard) -> Task:
    """The task of a function; raises `UsageError` for what cannot be recorded, before its file is run."""
    made = either(file, function)
    module = source.execute(file, guard)
    problems = problems_of(made.source, module)
    ranges = getattr(module, "RANGES", None)
    if ranges is None:
        with guard.calling("choosing S, M and L"):
            choice = choose(problems, made.emitted)
        problems, ranges = choice.problems, choice.ranges
        _say(_chosen(made, choice))
    for each in made.emitted.table.notes:
        _say(f"{file.name}, line {each.line}: {each.before} is written out: {each.after}")
    for reason in _in_ranges(ranges):
        raise guard.refusal(reason)
    queries = list(getattr(module, "QUERIES", None) or templates(made.source))
    for reason in _in_queries(queries):
        raise guard.refusal(reason)
    calls: dict[str, Callable[..., Any]] = {
        "sample": problems.sample, "length": problems.length, "key": problems.key, "support": problems.support,
        "oracle": problems.answer, "fill": problems.words,
    }  # fmt: skip
    if not problems.own:  # what a length means is the sample's own
        calls["unfill"] = problems.read
    guarded: dict[str, Any] = {each: guard.function(each, call) for each, call in calls.items()}
    return Task(
        id=name,
        about=_about(made),
        paradigm=str(getattr(module, "PARADIGM", "plain Python")),
        version=VERSION,
        ranges={each: tuple(ranges[each]) for each in RANGES},
        queries=queries,
        core=guard.lines("the wording", made.emitted.core),
        styled=guard.lines("the styled wording", made.emitted.styled),
        program=made.emitted.program,
        equal=same,
        file=file,
        function=function,
        guard=guard,
        beside=tuple(source.beside(file)),
        nouns=Nouns(),
        settings=dict(SETTINGS),
        configure=lambda task: _configured(task, made, queries),
        **guarded,
    )


def _about(made: Recorded) -> str:
    text = " ".join((ast.get_docstring(made.source.entry) or "").split())
    return cut(text or made.source.entry.name, 100)


def _configured(task: Task, made: Recorded, queries: list[str]) -> Task:
    """The task with what its settings say: the source in the queries, hidden loops as single states."""
    shown = made.source.shown.replace("{", "{{").replace("}", "}}")
    texts = [f"{query}\n\n{shown}" for query in queries] if task.settings["with_source"] else queries
    if not task.settings["allow_hidden"]:
        if made.hides:
            raise made.hides
        return replace(task, queries=texts)
    assert task.guard is not None
    assert task.function is not None
    whole = recorded(task.file, task.function, hidden_too=True).emitted
    return replace(task, queries=texts, program=whole.program, core=whole.core, styled=whole.styled)


def _chosen(made: Recorded, choice: Chosen) -> str:
    """How S, M and L were chosen."""
    bounds = ", ".join(f"{each} {low}–{high}" for each, (low, high) in choice.ranges.items())
    problems = choice.problems
    unit = " (digits)" if problems.measure == "digits" else " (the number itself)"
    unit = unit if problems.numbers_alone and not problems.own else ""
    return (
        f"{made.source.file.name} has no RANGES; {made.source.entry.name} takes {bounds}{unit}, so that a trace has "
        f"at most about {choice.tokens:,} tokens"
    )


def _say(text: str) -> None:
    """Say something about a function; a worker leaves that to its parent."""
    if multiprocessing.parent_process() is None:
        note(f"note: {text}")
