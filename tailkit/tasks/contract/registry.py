"""Finds tasks by their files and loads them.

In: a task's name. Out: a `Task`. A file `tasks/<id>.py` is a task: it gives the names that `Task`
lists, and nothing else in the kit names it. Files elsewhere are tasks once `add` is told.
"""

import importlib
import importlib.util
import pkgutil
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from tailkit.errors import UsageError, unknown
from tailkit.records import RANGES, Nouns
from tailkit.tasks.contract.task import Task

MIN_QUERIES = 20
FOLDER = Path(__file__).parent.parent

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
    return [module.name for module in pkgutil.iter_modules([str(FOLDER)]) if not module.ispkg]


def names() -> list[str]:
    """The ids of all tasks, in alphabetical order."""
    return sorted([*_own_names(), *_added])


@cache
def load(name: str) -> Task:
    """The task called `name`; raises `UsageError` with the nearest name if there is none."""
    if name not in names():
        raise unknown("task", name, names(), "`tailkit tasks` lists them; --tasks-from FILE adds one of your own.")
    return _from_module(
        name, _import_file(name) if name in _added else importlib.import_module(f"tailkit.tasks.{name}")
    )


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
OPTIONAL = ("fill", "SETTINGS", "BASELINES", "NOUNS")


def _from_module(name: str, module: ModuleType) -> Task:
    """A task from the names in its file; raises `UsageError` for what is missing or malformed."""
    file = Path(str(module.__file__))
    missing = [attribute for attribute in REQUIRED if not hasattr(module, attribute)]
    if missing:
        raise refusal(name, file, f"{', '.join(missing)} missing")
    given = {attribute.lower(): getattr(module, attribute) for attribute in REQUIRED}
    given |= {attribute.lower(): getattr(module, attribute) for attribute in OPTIONAL if hasattr(module, attribute)}
    if "nouns" in given:
        given["nouns"] = _nouns(name, file, given["nouns"])
    task = Task(id=name, about=(module.__doc__ or "").strip().split("\n")[0], file=file, own=name in _added, **given)
    if len(set(task.queries)) < MIN_QUERIES:
        raise refusal(name, file, f"{len(set(task.queries))} query templates, at least {MIN_QUERIES} are needed")
    if tuple(task.ranges) != RANGES:
        raise refusal(name, file, f"RANGES has {', '.join(task.ranges)}, not S, M, L")
    if task.core.keys() != task.styled.keys():
        raise refusal(name, file, f"CORE and STYLED differ in {sorted(task.core.keys() ^ task.styled.keys())}")
    return task


def _nouns(name: str, file: Path, given: Any) -> Nouns:
    """A task's words for its problems and their length; raises `UsageError` unless each has one {}."""
    words = list(given) if isinstance(given, (tuple, list)) else []
    if len(words) != 3 or not all(isinstance(text, str) and text.count("{}") == 1 for text in words):
        raise refusal(name, file, 'NOUNS is not of the form ("sums of {}", "{} digit", "{} digits")')
    return Nouns(*words)


def refusal(name: str, file: Path, reason: str) -> UsageError:
    return UsageError(f"task {name} ({file}): {reason}", "README, “Add a task”, says what a task must give.")
