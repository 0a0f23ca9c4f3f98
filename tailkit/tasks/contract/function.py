"""Makes the task of a plain Python function, FILE.py:FUNCTION.

In: a file, a function's name, the guard of the file. Out: a `Task`; its oracle is the function itself.
"""

import ast
import multiprocessing
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tailkit.errors import UsageError, cut
from tailkit.plain.made import VERSION, Recorded, either, problems_of, recorded
from tailkit.plain.problems import Problems
from tailkit.plain.queries import templates
from tailkit.plain.ranges import Chosen, choose
from tailkit.plain.values import same
from tailkit.recipe.spelling import FUNCTION_SETTINGS
from tailkit.records import RANGES, Nouns
from tailkit.screen import note
from tailkit.tasks.contract import task_file
from tailkit.tasks.contract.assemble import in_queries, in_ranges
from tailkit.tasks.contract.guard import Guard
from tailkit.tasks.contract.task import Task


def task_of(name: str, file: Path, function: str, guard: Guard) -> Task:
    """The task of a function; raises `UsageError` for what cannot be recorded, before its file is run."""
    made = either(file, function)
    module = task_file.execute(file, guard)
    for argument in (*made.source.entry.args.args, *made.source.entry.args.kwonlyargs):
        if argument.arg in FUNCTION_SETTINGS:
            raise guard.refusal(f"{argument.arg} is the name of a setting; rename the argument")
    made, lengths = _with_lengths(made, module, guard)
    queries = getattr(module, "QUERIES", None)
    if queries is None:
        queries = templates(made.source)
    queries = [queries] if isinstance(queries, str) else list(queries)
    for reason in in_queries(queries):
        raise guard.refusal(reason)
    return Task(
        id=name,
        about=_about(made),
        paradigm=str(getattr(module, "PARADIGM", "plain Python")),
        version=VERSION,
        queries=queries,
        core=guard.lines("the wording", made.emitted.core),
        styled=guard.lines("the styled wording", made.emitted.styled),
        program=made.emitted.program,
        equal=same,
        file=file,
        function=function,
        guard=guard,
        beside=tuple(task_file.beside(file)),
        nouns=Nouns(),
        settings=dict(FUNCTION_SETTINGS),
        configure=lambda task: _configured(lengths.in_task(task), made, queries),
        **lengths.fields(0),
    )


def _with_lengths(made: Recorded, module: Any, guard: Guard) -> tuple[Recorded, "_Lengths"]:
    """The function with its lengths; one whose values are too large for a state is recorded without limits."""
    lengths = _Lengths(made, module, guard)
    try:
        lengths.fields(0)
    except UsageError as error:
        if made.hides or "--allow-hidden" not in error.hint:
            raise
        made = replace(recorded(made.source.file, made.source.entry.name, hidden_too=True), hides=error)
        lengths = _Lengths(made, module, guard)
    return made, lengths


class _Lengths:
    """How long the problems of a function are: by the ranges of its file, or by the tokens that a trace may have."""

    def __init__(self, made: Recorded, module: Any, guard: Guard) -> None:
        self.made, self.module, self.guard = made, module, guard
        self.own = getattr(module, "RANGES", None)
        for reason in in_ranges(self.own) if self.own is not None else ():
            raise guard.refusal(reason)
        self._said: set[str] = set()
        self._fields: dict[int, dict[str, Any]] = {}
        self._notes: dict[int, list[str]] = {}

    def in_task(self, task: Task) -> Task:
        """The task with the ranges of its settings; what has to be known of them is said once."""
        tokens = task.settings["trace_tokens"]
        made = replace(task, **self.fields(tokens))
        # A worker leaves it to its parent.
        if multiprocessing.parent_process() is None:
            for text in [one for one in self._notes[tokens] if one not in self._said]:
                note(f"note: {text}")
                self._said.add(text)
        return made

    def fields(self, trace_tokens: int) -> dict[str, Any]:
        """What a task says of its problems: the ranges, and guarded functions."""
        if trace_tokens not in self._fields:
            problems, ranges = problems_of(self.made.source, self.module), self.own
            notes = [
                f"{self.made.source.file.name}, line {each.line}: {each.before} is written out: {each.after}"
                for each in self.made.emitted.table.notes
            ]
            if ranges is None:
                with self.guard.calling("choosing S, M and L"):
                    choice = choose(problems, self.made.emitted, trace_tokens)
                problems, ranges = choice.problems, choice.ranges
                notes.insert(0, _chosen(self.made, choice, trace_tokens))
            self._fields[trace_tokens] = _drawn(problems, ranges, self.guard)
            self._notes[trace_tokens] = notes
        return self._fields[trace_tokens]


def _drawn(problems: Problems, ranges: dict[str, Any], guard: Guard) -> dict[str, Any]:
    """The ranges of a task, and its functions about problems, guarded."""
    calls: dict[str, Callable[..., Any]] = {
        "sample": problems.sample, "length": problems.length, "key": problems.key, "support": problems.support,
        "oracle": problems.answer, "fill": problems.words,
    }  # fmt: skip
    if not problems.own:  # what a length means is the sample's own
        calls["unfill"] = problems.read
    titles = {"oracle": "the call"} | ({} if problems.own else {"sample": "drawing arguments"})
    guarded = {each: guard.function(titles.get(each, each), call, each) for each, call in calls.items()}
    return {"ranges": {each: tuple(ranges[each]) for each in RANGES}, **guarded}


def _about(made: Recorded) -> str:
    text = re.sub(r"\{(\w+)[^{}]*\}", r"\1", " ".join((ast.get_docstring(made.source.entry) or "").split()))
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


FEW = 100
"""A training set of fewer problems repeats each of them many times, in other words."""


def _chosen(made: Recorded, choice: Chosen, asked: int) -> str:
    """How S, M and L were chosen, where so many tokens were asked for (0: any)."""
    bounds = ", ".join(f"{each} {low}–{high}" for each, (low, high) in choice.ranges.items())
    problems = choice.problems
    unit = " (digits)" if problems.measure == "digits" else " (the number itself)"
    too_few = f" (in {asked:,} there are no three lengths)" if 0 < asked < choice.tokens else ""
    unit = unit if problems.numbers_alone and not problems.own else ""
    why = f"so that a trace has at most about {choice.tokens:,} tokens{too_few}"
    why = (
        f"as long as {'CONSTRAINTS allow' if problems.constraints else 'sample has problems'}" if choice.ended else why
    )
    return f"{made.source.file.name} has no RANGES; {made.source.entry.name} takes {bounds}{unit}, {why}{_few(choice)}"


def _few(choice: Chosen) -> str:
    """What to do where so short numbers give few problems."""
    support = choice.problems.support(*choice.ranges["S"])
    if support is None or support >= FEW or choice.ended:
        return ""
    return (
        f"; S has only {support} problems: RANGES with sample(rng, n), or data.settings.python.trace_tokens, give more"
    )
