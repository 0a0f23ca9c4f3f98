"""Finds tasks by their files and holds each to the contract.

In: a task's name. Out: a `Task`. A file `tasks/<id>.py` is a task: it gives the names that
`Task` lists, and nothing else in the kit names it.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from random import Random
from types import ModuleType
from typing import Any

from tailkit.errors import UsageError, unknown
from tailkit.records import RANGES, Baseline, Line, Part, Problem, Run
from tailkit.tape import Program, record
from tailkit.trace import VARIANTS, Trace, extract, render

MIN_QUERIES = 20


@dataclass(frozen=True)
class Task:
    """One task, as its file gives it (the file's names are in capitals for data)."""

    id: str
    about: str
    paradigm: str
    version: int
    ranges: dict[str, tuple[int, int]]
    queries: list[str]
    core: dict[str, Line]
    styled: dict[str, Line]
    sample: Callable[[Random, int, int], dict[str, Any]]
    length: Callable[[dict[str, Any]], int]
    key: Callable[[dict[str, Any]], str]
    support: Callable[[int, int], int | None]
    program: Program
    oracle: Callable[[dict[str, Any]], str]
    equal: Callable[[str, str], bool]
    baselines: dict[str, Baseline] = field(default_factory=dict)

    @property
    def variants(self) -> list[str]:
        return [*VARIANTS, *self.baselines]

    def check_variant(self, variant: str) -> str:
        """Return `variant` if this task has it, else raise `UsageError`."""
        if variant not in self.variants:
            raise unknown(f"variant of {self.id}", variant, self.variants)
        return variant

    def problem(self, rng: Random, range_name: str, bounds: tuple[int, int]) -> Problem:
        """Draw a problem whose length lies within `bounds`, and a query text for it."""
        data = self.sample(rng, *bounds)
        return self.problem_of(data, range_name, rng.choice(self.queries).format(**data))

    def problem_of(self, data: dict[str, Any], range_name: str, query: str) -> Problem:
        """The problem with this data, as it stands in a data set."""
        return Problem(self.id, range_name, self.length(data), data, query, self.key(data), self.oracle(data))

    def record(self, problem: Problem) -> Run:
        return record(self.program, problem.data)

    def trace(self, run: Run, problem: Problem, variant: str) -> Trace:
        """A recorded run as text with spans; a baseline is all answer."""
        if variant in self.baselines:
            return Trace([Part(self.baselines[variant].write(problem.data, run.answer), "answer", len(run.steps))])
        style = VARIANTS[self.check_variant(variant)]
        return render(run, self.styled if style.styled else self.core, style)

    def answer_in(self, completion: str, variant: str) -> str | None:
        """The answer that a completion gives, None if it gives none or two that differ."""
        return self.baselines[variant].read(completion) if variant in self.baselines else extract(completion)


def names() -> list[str]:
    """The ids of all tasks, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


@cache
def load(name: str) -> Task:
    """The task called `name`; raises `UsageError` with the nearest name if there is none."""
    if name not in names():
        raise unknown("task", name, names(), "`tailkit tasks` lists them.")
    return _from_module(name, importlib.import_module(f"{__name__}.{name}"))


def _from_module(name: str, module: ModuleType) -> Task:
    def get(attribute: str) -> Any:
        if not hasattr(module, attribute):
            raise UsageError(f"task {name}: {module.__file__} has no {attribute}", "README, “Add a task”, lists them.")
        return getattr(module, attribute)

    task = Task(
        id=name,
        about=(module.__doc__ or "").strip().split("\n")[0],
        paradigm=get("PARADIGM"),
        version=get("VERSION"),
        ranges=get("RANGES"),
        queries=get("QUERIES"),
        core=get("CORE"),
        styled=get("STYLED"),
        sample=get("sample"),
        length=get("length"),
        key=get("key"),
        support=get("support"),
        program=get("program"),
        oracle=get("oracle"),
        equal=get("equal"),
        baselines=getattr(module, "BASELINES", {}),
    )
    if len(set(task.queries)) < MIN_QUERIES:
        raise UsageError(f"task {name}: {len(set(task.queries))} query templates, at least {MIN_QUERIES} are needed")
    if tuple(task.ranges) != RANGES or task.core.keys() != task.styled.keys():
        raise UsageError(f"task {name}: RANGES must be S, M, L; CORE and STYLED must word the same states")
    return task
