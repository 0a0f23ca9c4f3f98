"""What a study runs: its file, and the cells of its grid.

In: a study's name or file, a recipe. Out: a `Study` with one `GridCell` for each task, arm and seed.
A cell is an ordinary run. Its folder is named by what decides its result, so that studies which
need the same run share it.
"""

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tailkit import dataset, recipe, tasks
from tailkit.errors import UsageError, unknown
from tailkit.hardware.work import local_counter
from tailkit.recipe import Count, Recipe
from tailkit.run.files import digest_of
from tailkit.run.folder import RECIPE, RunDir

FOLDER = recipe.FOLDER / "studies"
SAMPLE = 200


class StudyFile(BaseModel):
    """The keys of a study's file. An arm is a treatment: what it changes in the recipe.

    The first arm is the one that the others are compared with. With the budget `tokens` all arms
    train on as many tokens of completions as the first one, with `rows` on as many rows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    about: str = ""
    tasks: Annotated[list[str], Field(min_length=1)] | Literal["all"]
    arms: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
    seeds: Count = 1
    budget: Literal["rows", "tokens"] = "rows"
    attention: bool = Field(False, description="measure where write tokens look")


@dataclass(frozen=True)
class GridCell:
    """One run of a study."""

    task: str
    arm: str
    seed: int
    recipe: Recipe
    folder: Path

    @property
    def label(self) -> str:
        return f"{self.task}/{self.arm}/{self.seed}"


@dataclass(frozen=True)
class Study:
    """A study with a recipe: `cells` are those of the whole grid, in order, `chosen` the ones to run.

    Its page, which shows all cells that are done, goes to `folder`.
    """

    name: str
    file: StudyFile
    recipe_name: str
    cells: list[GridCell]
    chosen: list[GridCell]
    folder: Path
    command: str

    @property
    def reference(self) -> str:
        """The arm that the others are compared with."""
        return next(iter(self.file.arms))


def names() -> list[str]:
    """The names of the studies that ship with the kit."""
    return recipe.names_in(FOLDER)


def read(name: str) -> StudyFile:
    """A study's file, by the kit's name or by path; raises `UsageError` that names file and key."""
    path = recipe.find("study", name, FOLDER, "`tailkit study list` lists the kit's; a file of your own ends in .yaml.")
    content = recipe.read_yaml(path)
    try:
        file = StudyFile.model_validate(content)
    except ValidationError as error:
        # A misspelt key also leaves one missing; the one that is there is what to fix.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        key = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            raise unknown(f"key in {path}:", key, StudyFile.model_fields, "recipes/studies/ has examples.") from None
        raise UsageError(f"{path}: {key}: {first['msg']}", "recipes/studies/ has examples.") from None
    listed = [tasks.known(name) for name in file.tasks] if isinstance(file.tasks, list) else []
    if len(set(listed)) < len(listed):
        raise UsageError(f"{path}: tasks: one stands there twice", "Name each once; seeds says how often it is run.")
    for task in listed:
        if task not in tasks.names():
            raise unknown(f"task in {path}:", task, tasks.names(), "`tailkit tasks` lists them.")
    return file.model_copy(update={"tasks": listed}) if listed else file


def plan(
    name: str,
    recipe_name: str,
    overrides: Iterable[str] = (),
    *,
    out: Path = Path("runs"),
    seeds: int | None = None,
    budget: str | None = None,
    only: Iterable[str] = (),
) -> Study:
    """The study `name` with a recipe; raises `UsageError` before anything is run.

    `only` chooses the cells whose label (task/arm/seed) fits one of its patterns, or begins with it.
    """
    asked, changed = list(overrides), {"seeds": seeds, "budget": budget}
    file = read(name).model_copy(update={key: value for key, value in changed.items() if value is not None})
    named = tasks.names() if file.tasks == "all" else list(file.tasks)
    labels = [(task, arm, seed) for task in named for arm in file.arms for seed in range(file.seeds)]
    wanted = _wanted(name, ["/".join(map(str, one)) for one in labels], list(only))
    grid = CellMaker(file, recipe_name, asked, out / "cells")
    cells = []
    for one in labels:
        try:
            cells.append(grid.cell(name, *one))
        except UsageError:
            # What is not asked for now may still lack something, such as a file of completions.
            if "/".join(map(str, one)) in wanted:
                raise
    parts = [Path(name).stem, Path(recipe_name).stem, *(["tokens"] if file.budget == "tokens" else [])]
    # Other figures belong on another page.
    stem = "-".join([*parts, *([digest_of(asked)[:8]] if asked else [])])
    chosen = [cell for cell in cells if cell.label in wanted]
    command = _command(name, recipe_name, asked, {**changed, "out": None if out == Path("runs") else out})
    return Study(name, file, recipe_name, cells, chosen, out / "studies" / stem, command)


def _wanted(name: str, labels: list[str], patterns: list[str]) -> set[str]:
    """The labels that fit one of the patterns, all where there are none; raises `UsageError` for one that fits none."""
    found = set() if patterns else set(labels)
    for pattern in patterns:
        fitting = {label for label in labels if fnmatch(label, pattern) or fnmatch(label, f"{pattern}/*")}
        if not fitting:
            known = sorted({label.rpartition("/")[0] for label in labels})
            raise unknown(f"cell of {name}", pattern, known, "--only takes task/arm/seed, * stands for anything.")
        found |= fitting
    return found


def _command(name: str, recipe_name: str, overrides: list[str], changed: dict[str, object]) -> str:
    """The command that repeats a study."""
    options = [text for key, value in changed.items() if value is not None for text in (f"--{key}", str(value))]
    return shlex.join(["tailkit", "study", name, "--recipe", recipe_name, *options, *overrides])


@dataclass(frozen=True)
class CellMaker:
    """What all cells of a study have in common; `parent` is where their folders go."""

    file: StudyFile
    recipe_name: str
    overrides: list[str]
    parent: Path

    def cell(self, name: str, task: str, arm: str, seed: int) -> GridCell:
        """One cell; raises `UsageError` if its recipe is wrong or its folder belongs to another one."""
        try:
            made = self.recipe(task, arm, seed)
            dataset.order_of(task, made)
        except UsageError as error:
            raise UsageError(f"study {name}, {task}/{arm}: {error.message}", error.hint) from None
        kept = made.of(task)
        # What tells a folder from others is what its recipe changes in the defaults.
        digest = digest_of(task, kept.model_dump(mode="json", exclude_defaults=True))[:8]
        folder = self.parent / f"{task}-{kept.data.variant}-{seed}-{digest}"
        if (folder / RECIPE).exists():
            RunDir.create(folder, task, kept)
        return GridCell(task, arm, seed, kept, folder)

    def recipe(self, task: str, arm: str, seed: int) -> Recipe:
        """The recipe of a cell. The seed decides the data as well as the training."""
        first = next(iter(self.file.arms))
        made, reference = (self._loaded(task, one, seed) for one in (arm, first))
        if self.file.budget == "rows" or arm == first:
            return made
        # As many rows as hold the tokens of the first arm's completions.
        rows = round(reference.data.train * _tokens(task, reference) / _tokens(task, made))
        return made.model_copy(update={"data": made.data.model_copy(update={"train": max(1, rows)})})

    def _loaded(self, task: str, arm: str, seed: int) -> Recipe:
        own = [f"{key}={json.dumps(value)}" for key, value in self.file.arms[arm].items()]
        return recipe.load(
            self.recipe_name, [*self.overrides, *own, f"data.seed={seed}", f"train.seed={seed}"], task=task
        )


def _tokens(task: str, made: Recipe) -> float:
    """Mean tokens of the completions that a recipe trains on."""
    decides: Any = {"model": True, "data": {"variant", "mix", "ranges", "settings"}}
    return _sampled(task, made.model_dump_json(include=decides))


@cache
def _sampled(name: str, decides: str) -> float:
    """Mean tokens of a sample of each range, weighted by the mixture of a recipe in JSON."""
    made = Recipe.model_validate_json(decides)
    task, (count, _) = tasks.load(name).with_settings(made.settings(name)), local_counter(made.model.name)
    means = []
    for range_name, within in made.ranges(name, task.ranges).items():
        rng = Random(f"study/{name}/{range_name}")
        drawn = [task.problem(rng, range_name, within) for _ in range(SAMPLE)]
        means.append(fmean(count(task.trace_of(one, made.data.variant).text) for one in drawn))
    return fmean(means, recipe.parse_mix(made.data.mix))
