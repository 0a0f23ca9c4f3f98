"""Finds tasks by their files and holds each to the contract.

In: a task's name. Out: a `Task`. A file `tasks/<id>.py` is a task: it gives the names that
`Task` lists, and nothing else in the kit names it. Files elsewhere are tasks once `add` is told.
"""

import hashlib
import importlib.util
import json
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random
from string import Formatter
from types import ModuleType
from typing import Any

from tailkit.answers import extract
from tailkit.errors import UsageError, unknown
from tailkit.records import RANGES, Baseline, Line, Problem, Run
from tailkit.tape import Program, check, record
from tailkit.trace import VARIANTS, Trace, render

MIN_QUERIES = 20


@dataclass(frozen=True)
class Task:
    """One task, as its file gives it (the file's names are in capitals for data).

    `settings` are choices of how a program runs, such as how fine its states are. They go into
    every problem's data, but are no part of its key.
    """

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
    equal: Callable[[str, str, dict[str, Any]], bool]
    file: Path
    fill: Callable[[dict[str, Any]], dict[str, Any]] = dict
    settings: dict[str, int] = field(default_factory=dict)
    baselines: dict[str, Baseline] = field(default_factory=dict)

    @property
    def fingerprint(self) -> list[Any]:
        """What data of this task depend on: its version, and the whole file of a task from elsewhere."""
        elsewhere = self.id in _added
        return [self.version, hashlib.sha256(self.file.read_bytes()).hexdigest()] if elsewhere else [self.version]

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
        return replace(self, settings=self.settings | settings)

    def words(self, data: dict[str, Any]) -> dict[str, Any]:
        """What the query templates are filled with."""
        return self.fill({name: value for name, value in data.items() if name not in self.settings})

    def problem(self, rng: Random, range_name: str, bounds: tuple[int, int]) -> Problem:
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
                except ValueError:  # a length that makes no sense for this task
                    break
                if self.length(data) == n:
                    return self.problem_of(data, name, rng.choice(self.queries).format(**self.words(data)))
        raise UsageError(f"{self.id} has no problem of length {n}", "Choose another --n.")

    def shortest(self, rng: Random) -> Problem:
        """One of the shortest problems of S."""
        return min((self.problem(rng, "S", self.ranges["S"]) for _ in range(100)), key=lambda problem: problem.n)

    def problem_of(self, data: dict[str, Any], range_name: str, query: str) -> Problem:
        """The problem with this data, as it stands in a data set."""
        return Problem(self.id, range_name, self.length(data), data, query, self.key(data), self.oracle(data))

    def record(self, problem: Problem) -> Run:
        return record(self.program, problem.data)

    def trace(self, run: Run, problem: Problem, variant: str) -> Trace:
        """A recorded run as text with spans; a baseline is all answer."""
        if variant in self.baselines:
            return Trace([(self.baselines[variant].write(problem.data, run.answer), "answer", len(run.steps))])
        style = VARIANTS[self.check_variant(variant)]
        return render(run, self.styled if style.styled else self.core, style)

    def answer_in(self, completion: str, variant: str) -> str | None:
        """The answer that a completion gives, None if it gives none or two that differ."""
        return self.baselines[variant].read(completion) if variant in self.baselines else extract(completion)


_added: dict[str, Path] = {}


def add(path: Path) -> None:
    """Make a task file, or all task files of a folder, known under their names; raises `UsageError`."""
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    if not files or not all(file.is_file() and file.suffix == ".py" for file in files):
        raise UsageError(f"{path} holds no task", "--tasks-from takes a Python file, or a folder of them.")
    for file in files:
        if not file.stem.isidentifier() or file.stem in _own_names():
            raise UsageError(f"{file}: {file.stem} cannot name a task of your own", "Rename the file.")
        _added[file.stem] = file.resolve()
    load.cache_clear()


def added() -> list[Path]:
    """The files that `add` was told, for a process that works for this one."""
    return list(_added.values())


def _own_names() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]


def names() -> list[str]:
    """The ids of all tasks, in alphabetical order."""
    return sorted([*_own_names(), *_added])


@cache
def load(name: str) -> Task:
    """The task called `name`; raises `UsageError` with the nearest name if there is none."""
    if name not in names():
        raise unknown("task", name, names(), "`tailkit tasks` lists them; --tasks-from FILE adds one of your own.")
    return _from_module(name, _import_file(name) if name in _added else importlib.import_module(f"{__name__}.{name}"))


def _import_file(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tailkit_task_{name}", _added[name])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(f"task file {_added[name]}: {type(error).__name__}: {error}", "Mend the file.") from error
    return module


REQUIRED = (
    "PARADIGM VERSION RANGES QUERIES CORE STYLED sample length key support program oracle equal".split()  # noqa: SIM905
)
OPTIONAL = ("fill", "SETTINGS", "BASELINES")


def _from_module(name: str, module: ModuleType) -> Task:
    """A task from the names in its file; raises `UsageError` for what is missing or malformed."""
    file = Path(str(module.__file__))
    missing = [attribute for attribute in REQUIRED if not hasattr(module, attribute)]
    if missing:
        raise refusal(name, file, f"{', '.join(missing)} missing")
    given = {attribute.lower(): getattr(module, attribute) for attribute in REQUIRED}
    given |= {attribute.lower(): getattr(module, attribute) for attribute in OPTIONAL if hasattr(module, attribute)}
    task = Task(id=name, about=(module.__doc__ or "").strip().split("\n")[0], file=file, **given)
    if len(set(task.queries)) < MIN_QUERIES:
        raise refusal(name, file, f"{len(set(task.queries))} query templates, at least {MIN_QUERIES} are needed")
    if tuple(task.ranges) != RANGES:
        raise refusal(name, file, f"RANGES has {', '.join(task.ranges)}, not S, M, L")
    if task.core.keys() != task.styled.keys():
        raise refusal(name, file, f"CORE and STYLED differ in {sorted(task.core.keys() ^ task.styled.keys())}")
    return task


def refusal(name: str, file: Path, reason: str) -> UsageError:
    return UsageError(f"task {name} ({file}): {reason}", "README, “Add a task”, says what a task must give.")


def verify(task: Task, bounds: dict[str, tuple[int, int]] | None = None, count: int = 3) -> None:
    """Hold a task to the contract on a few problems of each range; raises `UsageError` with the reason.

    Lengths, keys and queries are as declared, the run checks, program and oracle agree, and
    every variant gives the answer. The contract test does the same on many more problems.
    """
    for name, (low, high) in (bounds or task.ranges).items():
        rng = Random(f"verify/{task.id}/{name}")
        for _ in range(count):
            data: Any = None
            try:
                state = rng.getstate()
                data = task.sample(rng, low, high) | task.settings
                reason = _breach(task, data, name, low, high)
                rng.setstate(state)
                if task.sample(rng, low, high) | task.settings != data:
                    reason = "sample draws from elsewhere than its stream: the same one gives other data"
            except Exception as error:  # noqa: BLE001 - the task's own code may raise anything
                reason = f"{type(error).__name__}: {error}"
            if reason:
                raise refusal(task.id, task.file, f"{reason}; the problem was {json.dumps(data, default=str)[:200]}")


def _breach(task: Task, data: dict[str, Any], range_name: str, low: int, high: int) -> str | None:
    """In what a problem breaks the contract, None if it does not."""
    if json.loads(json.dumps(data)) != data:
        return "sample gives data that JSON does not keep"
    words = task.words(data)
    texts = [query.format(**words) for query in task.queries]
    for query in task.queries:
        left_out = words.keys() - {field for _, field, _, _ in Formatter().parse(query)}
        if left_out:
            return f"a query template leaves out {{{min(left_out)}}}: {query[:60]!r}"
    if len(set(texts)) < len(texts):
        return "two query templates give the same text"
    problem = task.problem_of(data, range_name, texts[0])
    if not low <= problem.n <= high:
        return f"length {problem.n} is not within {low}–{high}"
    run = task.record(problem)
    check(run, task.program, data)
    if not task.equal(run.answer, problem.answer, data):
        return f"the program answers {run.answer!r}, the oracle {problem.answer!r}"
    for variant in task.variants:
        answer = task.answer_in(task.trace(run, problem, variant).text, variant)
        if answer is None or not task.equal(answer, problem.answer, data):
            return f"variant {variant} gives {answer!r}, not {problem.answer!r}"
    return None
