"""Finds tasks by their files and loads them.

In: a task's name. Out: a `Task`. A file `tasks/<id>.py` is a task: it gives the names that the
contract lists, and nothing else in the kit names it. Files elsewhere are tasks once `add` is told.
"""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from tailkit.errors import UsageError, cut, unknown
from tailkit.recipe.spelling import EVERY_FUNCTION, id_of, parts_of
from tailkit.screen import note
from tailkit.tasks.contract import isolated, task_file
from tailkit.tasks.contract.assemble import REQUIRED, task_of
from tailkit.tasks.contract.guard import Guard, Teller
from tailkit.tasks.contract.task import Task

FOLDER = Path(__file__).parent.parent
TAKES = "--tasks-from takes a Python file, or a folder of them."
TAKEN = ("all", EVERY_FUNCTION)
"""What means something else on the command line or in a recipe."""

_added: dict[str, Path] = {}


def known(name: str) -> str:
    """What a task is called: FILE.py:FUNCTION is made known, and gives its id; any other name is its own.

    Raises `UsageError` for a file that cannot be read, or has no such function.
    """
    if parts_of(name):
        add(Path(name))
    elif name.endswith((".yaml", ".yml")):
        shown = _short(Path(name))
        raise UsageError(f"{shown} is a recipe or study, no task", f"Name a task first: TASK --recipe {shown}.")
    elif name.endswith(".py") and name not in names():
        raise UsageError(f"{_short(Path(name))} is a file, no task", "Name a function of it: FILE.py:FUNCTION.")
    elif ":" in name and Path(name.rpartition(":")[0]).is_file():
        raise UsageError(f"{_short(Path(name))} is no function of a Python file", "FILE.py:FUNCTION names one.")
    return id_of(name)


def add(path: Path) -> None:
    """Make a task file, or all task files of a folder, known under their names; raises `UsageError`.

    FILE.py:FUNCTION is a plain Python function.
    Files of a folder that define none of a task's names are skipped with a note: tasks may import
    them. A file that is added later takes the place of one of the same name.
    """
    if parts := parts_of(str(path.expanduser())):
        _add_function(*parts)
        return
    for file in _task_files(path.expanduser()):
        if not file.stem.isidentifier() or file.stem in (*_own_names(), *TAKEN):
            raise UsageError(f"{_short(file)}: {cut(file.stem, 60)} cannot name a task of your own", "Rename the file.")
        _added[file.stem] = file.resolve()
    load.cache_clear()


def _add_function(file: Path, function: str) -> None:
    from tailkit.plain.made import either

    name = id_of(f"{file}:{function}")
    if not file.is_file():
        raise UsageError(f"{_short(file)} does not exist", "FILE.py:FUNCTION names a function of a Python file.")
    place = file.resolve()
    if name in _added and _added[name] != place.with_name(f"{place.name}:{function}"):
        raise UsageError(f"{name} is two functions, of {_short(file)} and {_short(_added[name])}", "Rename a file.")
    either(place, function)
    _added[name] = place.with_name(f"{place.name}:{function}")
    load.cache_clear()


def _task_files(path: Path) -> list[Path]:
    """The files at `path` that look like tasks; raises `UsageError` if there are none."""
    try:
        path.stat()
        files = sorted(path.glob("*.py")) if path.is_dir() else [path]
        files = [file for file in files if file.is_file() and file.suffix == ".py"]
        tasks = [file for file in files if _looks_like_task(file)]
    except FileNotFoundError:
        raise UsageError(f"{_short(path)} does not exist", TAKES) from None
    except OSError as error:
        raise UsageError(f"{_short(path)} cannot be read: {error.strerror or error}", TAKES) from error
    if not files:
        raise UsageError(f"{_short(path)} is no Python file, and no folder with one in it", TAKES)
    if not tasks:
        names = f"{', '.join(REQUIRED[:4])} … {REQUIRED[-1]}"
        raise UsageError(f"{_short(path)} holds no task: it defines none of the names {names}", TAKES)
    if others := [file.name for file in files if file not in tasks and not file.name.startswith("_")]:
        note(f"note: no task in {_short(path)}, and skipped: {cut(', '.join(others), 200)}")
    return tasks


def _looks_like_task(file: Path) -> bool:
    """Whether a file gives any of a task's names. One that cannot be read as Python is refused when it is loaded."""
    names = task_file.names_in(file)
    return names is None or not names.isdisjoint(REQUIRED)


def _short(path: Path) -> str:
    text = str(path)
    return repr(text) if not text.isprintable() else text if len(text) <= 200 else f"…{text[-199:]}"


def added() -> list[Path]:
    """The files that `add` was told, for a process that works for this one."""
    return list(_added.values())


def file_of(name: str) -> Path | None:
    """The file of a user's own task; None for one of the kit's, or an unknown one."""
    return _added.get(name)


def _own_names() -> list[str]:
    return [module.name for module in pkgutil.iter_modules([str(FOLDER)]) if not module.ispkg]


def names() -> list[str]:
    """The ids of all tasks, in alphabetical order."""
    return sorted([*_own_names(), *_added])


@cache
def load(name: str) -> Task:
    """The task called `name`; raises `UsageError` with the nearest name if there is none.

    A user's file is first run in a process of its own, which it may end or never leave.
    """
    if name not in names():
        raise unknown("task", name, names(), "`tailkit tasks` lists them; --tasks-from FILE adds one of your own.")
    if name in _added:
        isolated.try_file(name, _added[name])
        return open_file(name, _added[name])
    module = importlib.import_module(f"tailkit.tasks.{name}")
    return task_of(name, Path(str(module.__file__)), module, None)


def open_file(name: str, file: Path, tell: Teller | None = None) -> Task:
    """Run a user's task file in this process, and make its task; raises `UsageError`."""
    if parts := parts_of(str(file)):
        from tailkit.tasks.contract import function

        return function.task_of(name, *parts, Guard(name, parts[0], tell))
    guard = Guard(name, file, tell)
    return task_of(name, file, task_file.execute(file, guard), guard, tuple(task_file.beside(file)))
