"""What to do next: a few commands that fit how far a run is, ready to be copied.

In: a run, or a data set. Out: `Suggestion`s.
"""

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tailkit import recipe, tasks
from tailkit.errors import TailkitError
from tailkit.recipe import Recipe
from tailkit.run.folder import PAGE, RECIPE, SUMMARY, RunDir
from tailkit.run.naming import default_folder

MOST_OVERRIDES = 3
"""A run that differs in more from the kit's recipes is repeated from its own."""

FLAGS = {"with_source=1": "--with-source", "allow_hidden=1": "--allow-hidden"}
"""The options that set something of a plain Python function."""


@dataclass(frozen=True)
class Suggestion:
    """A command for the shell, and what it is for."""

    command: str
    about: str


def after_data(task: str, settings: Mapping[str, int]) -> list[Suggestion]:
    """What to do with a task of which there are data, made with these settings."""
    made = tasks.load(task)
    changed = [f"{name}={value}" for name, value in settings.items() if value != made.settings.get(name)]
    flags = [FLAGS[each] for each in changed if made.function and each in FLAGS]
    others = [each for each in changed if not (made.function and each in FLAGS)]
    name, *file = spelled(task)
    show = _command("show", name, *file, *flags, *(word for each in others for word in ("--set", each)))
    run = _command("run", name, *(f"data.settings.{task}.{each}" for each in others), *file, *flags)
    return [
        Suggestion(show, "a problem and its trace, coloured"),
        Suggestion(run, "data, training, evaluation and report in one go"),
    ]


def after(run: RunDir, default: str) -> list[Suggestion]:
    """What to do with a run, as far as it is. `default`: the recipe that this machine takes."""
    here = str(run.path)
    try_it = Suggestion(_command("solve", here, "--random", "L"), "watch it solve a problem that it has never seen")
    if not run.summary.exists():
        return [Suggestion(_command("run", here), "evaluate it and write the report"), try_it]
    return [_report(run), try_it, *_another(run, default), *_export(run)]


def after_others(run: RunDir) -> list[Suggestion]:
    """What to do where other models were scored on a run's problems."""
    report = Suggestion(_command("report", str(run.path)), "a page with these figures")
    if run.summary.exists():
        return [report, Suggestion(_command("compare", str(run.path)), "the run and other models side by side")]
    return [report]


def _report(run: RunDir) -> Suggestion:
    page = run.path / PAGE
    if not page.exists() or page.stat().st_mtime < run.summary.stat().st_mtime:
        return Suggestion(_command("report", str(run.path)), "a page with figures, and where answers go wrong")
    return Suggestion(shlex.join(_opening(page)), "look at the report")


def _opening(page: Path) -> list[str]:
    """What opens a page in a browser; Python can, where nothing else is known to."""
    if sys.platform == "darwin":
        return ["open", str(page)]
    screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if screen and shutil.which("xdg-open"):
        return ["xdg-open", str(page)]
    return ["python" if sys.platform == "win32" else "python3", "-m", "webbrowser", page.resolve().as_uri()]


def _another(run: RunDir, default: str) -> list[Suggestion]:
    """Another variant to compare with or, if its run is there, the comparison."""
    if not run.recipe.trains or run.recipe.data.completions is not None:
        return []
    variant = "direct" if run.recipe.data.variant != "direct" else "tail"
    name, overrides = _base(run, f"data.variant={variant}", default)
    other = default_folder(run.task, name, recipe.load(name, overrides, task=run.task))
    compare = _command("compare", str(run.path), str(other))
    if (other / SUMMARY).exists():
        return [Suggestion(compare, f"beside the same with data.variant={variant}")]
    given = [] if name == default else ["--recipe", name]
    name, *file = spelled(run.task)
    command = _command("run", name, *given, *overrides, *file)
    return [Suggestion(command, "another variant to compare, then:"), Suggestion(compare, "both side by side")]


def _export(run: RunDir) -> list[Suggestion]:
    if not run.recipe.trains:
        return []
    return [Suggestion(_command("export", str(run.path), "--merged", "my-model"), "a model of its own")]


def _base(run: RunDir, override: str, default: str) -> tuple[str, list[str]]:
    """A recipe's name and the overrides that give the recipe of a run with another value."""
    own = str(run.path / RECIPE)
    wanted = recipe.load(own, [override], task=run.task).of(run.task)
    known = {
        name: _overrides(recipe.load(name, task=run.task).of(run.task), wanted) for name in (default, *recipe.names())
    }
    for name, overrides in sorted(known.items(), key=lambda one: len(one[1])):
        if len(overrides) <= MOST_OVERRIDES and _gives(name, overrides, run.task, wanted):
            return name, overrides
    return own, [override]


def _overrides(base: Recipe, wanted: Recipe) -> list[str]:
    return [f"{key}={_plain(value)}" for key, value in recipe.changed(base, wanted).items()]


def _gives(name: str, overrides: list[str], task: str, wanted: Recipe) -> bool:
    try:
        return recipe.load(name, overrides, task=task).of(task) == wanted
    except TailkitError:
        return False


def _plain(value: object) -> str:
    """A value as an override has it."""
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w./-]*", value) else json.dumps(value)


def spelled(task: str) -> list[str]:
    """A task as a command takes it, with the option that names a file of the user's own."""
    file = tasks.file_of(task)
    if file is None:
        return [task]
    return [os.path.relpath(file)] if ":" in file.name else [task, "--tasks-from", os.path.relpath(file)]


def _command(*words: str) -> str:
    return shlex.join(["tailkit", *words])
