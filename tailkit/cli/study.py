"""The command that runs a study: a grid of runs, a table or a figure of the paper."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from tailkit.arithmetic import card
from tailkit.cli.complete import complete_study
from tailkit.cli.options import (
    AsJson,
    Offline,
    Overrides,
    RecipeName,
    TasksFrom,
    app,
    choice,
    default_recipe,
    home,
    print_json,
)
from tailkit.errors import TailkitError
from tailkit.run.folder import PAGE
from tailkit.screen import out

if TYPE_CHECKING:
    from tailkit.study.forecast import Forecast
    from tailkit.study.grid import Study
    from tailkit.study.results import Group, Results

Launcher = Literal["local", "ray"]
Budget = Literal["rows", "tokens"]
StudyName = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="A study of the kit, a YAML file, or list.", autocompletion=complete_study),
]
Studies = Annotated[
    Path, typer.Option("--out", parser=home, help="Where cells/ and studies/ go; studies there share cells.")
]


@app.command("study")
def study_command(
    name: StudyName,
    overrides: Overrides = None,
    recipe_name: RecipeName = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only cells that fit TASK/ARM/SEED, * for anything; repeatable.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="Seeds of each cell (default: the study's).")
    ] = None,
    budget: Annotated[
        Budget | None, choice("--budget", get_args(Budget), "What all arms train on as much of (default: the study's).")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Cells at once, sharing the processors.")] = 1,
    launcher: Annotated[
        Launcher, choice("--launcher", get_args(Launcher), "Where cells run; ray is for a cluster.")
    ] = "local",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell cells, hours and disk.")] = False,
    folder: Studies = Path("runs"),
    as_json: AsJson = False,
    offline: Offline = False,
    tasks_from: TasksFrom = None,
) -> None:
    """Run a study, a table or figure of the paper, and put our figures beside the paper's.

    Cells are ordinary run folders; finished ones are not run again, failed ones do not stop the rest.

    Examples: [bold]tailkit study table1[/bold] · tailkit study list · tailkit study table2 --dry-run ·
    tailkit study table2 --only 'lcs/*' --jobs 2
    """
    from tailkit import study

    if name == "list":
        _list(as_json)
        return
    chosen = recipe_name or default_recipe(None, tell=False)
    planned = study.plan(name, chosen, overrides or (), out=folder, seeds=seeds, budget=budget, only=only or ())
    if dry_run:
        _forecast(planned, chosen, as_json)
        return
    try:
        study.run(planned.chosen, jobs, launcher)
        if planned.file.attention:
            study.attend(planned)
    finally:
        found = study.draw(planned)
    _show(found, as_json)


def _show(found: "Results", as_json: bool) -> None:
    """The figures of a study; raises `TailkitError` if cells failed."""
    from tailkit.study import tables

    failed = [group for group in found.groups if group.errors]
    if as_json:
        print_json([_plain(group) for group in found.groups])
    else:
        out.print(tables.terminal(found))
        if failed or found.outside or any(group.done for group in found.groups):
            out.print(f"report: {found.study.folder / PAGE}")
    if failed:
        raise TailkitError(
            f"{sum(len(group.errors) for group in failed)} cells failed; the first, {failed[0].task}/{failed[0].arm}: "
            f"{failed[0].errors[0]}",
            "The same command tries them again.",
        )


def _list(as_json: bool) -> None:
    from tailkit import study

    files = {name: study.read(name) for name in study.names()}
    if as_json:
        print_json({name: file.model_dump() for name, file in files.items()})
        return
    for name, file in files.items():
        size = "all tasks" if file.tasks == "all" else f"{len(file.tasks)} task{'s'[: len(file.tasks) != 1]}"
        arms = ", ".join(file.arms)
        out.print(f"{name:9} {file.title}: {size}, {arms}; seeds {file.seeds}")


def _forecast(planned: "Study", recipe_name: str, as_json: bool) -> None:
    """The cells of a study, what is left to do, and what it will take."""
    from tailkit import study

    here = card.read().card
    rows = [study.forecast(cell, recipe_name, here) for cell in planned.chosen]
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    for row in rows:
        takes = "done" if row.done else f"{_hours([row])}, {row.disk:.2f} GB"
        out.print(f"{row.label:40} {takes}")
    left = list({row.folder: row for row in rows if not row.done}.values())
    out.print(
        f"{len(rows)} cells, {len(left)} runs to do: {_hours(left)} of training ({rows[0].speed_from}) "
        f"and {sum(row.disk for row in left):.1f} GB",
    )


def _hours(rows: list["Forecast"]) -> str:
    """The hours of all these cells together."""
    known = [row.hours for row in rows if row.hours]
    if len(known) < len(rows):
        return "an unknown number of hours"
    low, high = (f"{sum(each):.2f}" for each in zip(*known, strict=True)) if known else ("0", "0")
    return f"{low} hours" if low == high else f"{low}–{high} hours"


def _plain(group: "Group") -> dict[str, object]:
    shares = {
        name: asdict(share) | {"accuracy": share.accuracy, "interval": share.interval}
        for name, share in group.shares.items()
    }
    plain = {"task": group.task, "arm": group.arm, "cells": len(group.cells), "done": group.done}
    return plain | {"errors": group.errors, "ranges": shares, "paper": group.paper}
