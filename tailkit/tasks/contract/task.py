"""The record of a task: what its file gives, and what follows from that.

In: the names of a task's file. Out: problems, recorded runs, traces, answers.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from tailkit.errors import UsageError, unknown
from tailkit.records import Baseline, Bounds, Example, Line, Nouns, Problem, Run
from tailkit.tape import Program, check, record
from tailkit.tape.answer import extract
from tailkit.tape.render import VARIANTS, Trace, render
from tailkit.tasks.contract.guard import Guard

LONGER = 2
"""A problem of one's own may be so many times as long as the longest of L."""


@dataclass(frozen=True)
class Task:
    """One task, as its file gives it (the file's names are in capitals for data).

    `settings` are choices of how a program runs, such as how fine its states are. They go into
    every problem's data, but are no part of its key. `guard` calls the file of a user's own task;
    the kit's files have none. `unfill` turns the words of a query back into data. `heuristics` are rules
    that answer without working the problem out, by what they look at. `beside`: the files
    that a user's file imports from its folder. `function`: which one of the file it is, for a plain Python
    function; `configure` makes what its settings change.
    """

    id: str
    about: str
    paradigm: str
    version: int
    ranges: dict[str, Bounds]
    queries: list[str]
    core: dict[str, Line]
    styled: dict[str, Line]
    sample: Callable[[Random, int, int], dict[str, Any]]
    length: Callable[[dict[str, Any]], int]
    key: Callable[[dict[str, Any]], str]
    support: Callable[[int, int], int | None]
    program: Program
    oracle: Callable[[dict[str, Any]], str]
    equal: Callable[[str, str, dict[str, Any]], bool]
    file: Path
    fill: Callable[[dict[str, Any]], dict[str, Any]] = dict
    unfill: Callable[[dict[str, str]], dict[str, Any]] | None = None
    settings: dict[str, int] = field(default_factory=dict)
    baselines: dict[str, Baseline] = field(default_factory=dict)
    heuristics: dict[str, Callable[[dict[str, Any]], str]] = field(default_factory=dict)
    nouns: Nouns = field(default_factory=Nouns)
    guard: Guard | None = None
    beside: tuple[Path, ...] = ()
    function: str | None = None
    configure: "Callable[[Task], Task] | None" = None

    @property
    def own(self) -> bool:
        """Whether the file is a user's, not the kit's."""
        return self.guard is not None

    @property
    def fingerprint(self) -> list[Any]:
        """What data of this task depend on: its version, and all code of a task from elsewhere."""
        files = [self.file, *self.beside] if self.own else []
        return [self.version, *(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)]

    @property
    def variants(self) -> list[str]:
        return [*VARIANTS, *self.baselines]

    def check_variant(self, variant: str) -> str:
        """Return `variant` if this task has it, else raise `UsageError`."""
        if variant not in self.variants:
            raise unknown(f"variant of {self.id}", variant, self.variants)
        return variant

    def with_settings(self, settings: dict[str, int]) -> "Task":
        """This task with other settings; raises `UsageError` for one that it does not have."""
        for name, value in settings.items():
            if name not in self.settings:
                raise unknown(f"setting of {self.id}", name, self.settings)
            if value < 0:
                raise UsageError(f"setting {name} of {self.id} is {value}", "Give 0 or more.")
        made = replace(self, settings=self.settings | settings)
        return made.configure(made) if made.configure else made

    @property
    def where(self) -> str:
        """The file of a user's own task as `tasks.add` takes it: FILE.py, or FILE.py:FUNCTION."""
        return f"{self.file}:{self.function}" if self.function else str(self.file)

    def words(self, data: dict[str, Any]) -> dict[str, Any]:
        """What the query templates are filled with."""
        return self.fill({name: value for name, value in data.items() if name not in self.settings})

    def problem(self, rng: Random, range_name: str, bounds: Bounds) -> Problem:
        """Draw a problem whose length lies within `bounds`, and a query text for it."""
        data = self.sample(rng, *bounds) | self.settings
        return self.problem_of(data, range_name, rng.choice(self.queries).format(**self.words(data)))

    def problem_at(self, rng: Random, n: int, tries: int = 20_000) -> Problem:
        """Draw a problem of length `n`, from the range that holds it; raises `UsageError` if none comes."""
        inside = [(name, bounds) for name, bounds in self.ranges.items() if bounds[0] <= n <= bounds[1]]
        for name, bounds in inside or [("S", (n, n))]:
            for _ in range(tries):
                try:
                    data = self.sample(rng, *bounds) | self.settings
                except (ValueError, UsageError) as error:
                    # A length that makes no sense for this task; a guard has put the error into words.
                    if isinstance(error, ValueError) or isinstance(error.__cause__, ValueError):
                        break
                    raise
                if self.length(data) == n:
                    return self.problem_of(data, name, rng.choice(self.queries).format(**self.words(data)))
        raise UsageError(f"{self.id} has no problem of length {n}", f"Its lengths: {self._lengths}.")

    def check_length(self, n: int) -> int:
        """Return `n` if a problem of this length can be drawn and solved here and now, else raise `UsageError`."""
        longest = LONGER * self.ranges["L"][1]
        if n > longest:
            raise UsageError(
                f"a problem of length {n} is too long to show", f"The longest is {longest}; lengths: {self._lengths}."
            )
        return n

    @property
    def _lengths(self) -> str:
        return ", ".join(f"{name} {low}–{high}" for name, (low, high) in self.ranges.items())

    def shortest(self, rng: Random) -> Problem:
        """One of the shortest problems of S."""
        return min((self.problem(rng, "S", self.ranges["S"]) for _ in range(100)), key=lambda problem: problem.n)

    def problem_of(self, data: dict[str, Any], range_name: str, query: str) -> Problem:
        """The problem with this data, as it stands in a data set."""
        problem = Problem(self.id, range_name, self.length(data), data, query, self.key(data), self.oracle(data))
        if self.guard:
            for what, text in (("a query", query), ("an answer of oracle", problem.answer), ("a key", problem.key)):
                self.guard.text(what, text, data)
        return problem

    def problem_in(self, example: Example) -> Problem:
        """The problem of a row of a data set."""
        return self.problem_of(json.loads(example.problem), example.range, example.query)

    def record(self, problem: Problem) -> Run:
        with self.guard.calling("the program", problem.data) if self.guard else nullcontext():
            return record(self.program, problem.data)

    def check(self, run: Run, problem: Problem) -> None:
        """Check a recorded run, event by event; raises `ProgramError`, `UsageError` for a task of one's own."""
        with self.guard.calling("the program", problem.data) if self.guard else nullcontext():
            check(run, self.program, problem.data)

    def trace(self, run: Run, problem: Problem, variant: str) -> Trace:
        """A recorded run as text with spans; a baseline is all answer."""
        if not self.guard:
            return self._trace(run, problem, variant)
        with self.guard.calling(f"the wording of variant {variant}", problem.data):
            trace = self._trace(run, problem, variant)
        self.guard.text(f"a trace of variant {variant}", trace.text, problem.data)
        return trace

    def trace_of(self, problem: Problem, variant: str) -> Trace:
        """The trace of a problem: its program is run, recorded and put into text."""
        return self.trace(self.record(problem), problem, variant)

    def _trace(self, run: Run, problem: Problem, variant: str) -> Trace:
        if variant in self.baselines:
            return Trace([(self.baselines[variant].write(problem.data, run.answer), "answer", len(run.steps))])
        style = VARIANTS[self.check_variant(variant)]
        return render(run, self.styled if style.styled else self.core, style)

    def answer_in(self, completion: str, variant: str) -> str | None:
        """The answer that a completion gives, None if it gives none or two that differ."""
        return self.baselines[variant].read(completion) if variant in self.baselines else extract(completion)
