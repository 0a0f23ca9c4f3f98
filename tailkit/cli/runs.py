"""The commands that look over several runs: list them, free their disk, compare them."""

import os
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tailkit.cli.options import AsJson, TasksFrom, app, home, print_json
from tailkit.errors import UsageError
from tailkit.records import RANGES
from tailkit.screen import note, out

if TYPE_CHECKING:
    from tailkit.use.runs import RunState

CLEAN = "clean"
WHY = {"failed": "has failed", "not readable": "cannot be read"}


@app.command("runs")
def runs_command(
    what: Annotated[str, typer.Argument(metavar="FOLDER|clean", help="Where to look.")] = "runs",
    below: Annotated[Path | None, typer.Argument(parser=home, metavar="FOLDER", help="Where `clean` looks.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="`clean` does not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the run folders below ./runs: task, variant, model, state, accuracy, age, size.

    `tailkit runs clean` removes the checkpoints of finished runs, which nothing needs any more, and nothing else.

    Examples: [bold]tailkit runs[/bold] · tailkit runs runs/cells --json · tailkit runs clean · tailkit runs clean other
    """
    from tailkit.use import runs

    if what != CLEAN and below is not None:
        raise UsageError("runs takes one folder", "Or write: tailkit runs clean FOLDER")
    folder = below or (_runs() if what in (CLEAN, "runs") else home(what))
    if not folder.is_dir() and folder != Path("runs"):
        raise UsageError(f"{folder} is no folder", "`tailkit run TASK` makes a run below ./runs.")
    states = runs.states(folder)
    if what == CLEAN:
        _clean(states, folder, yes)
    elif as_json:
        print_json([asdict(state) for state in states])
    elif not states:
        out.print(f"no runs below {folder}; `tailkit run addition` makes one")
    else:
        _list(states, folder)


def _runs() -> Path:
    """The folder that runs are made in, also for somebody who stands in it."""
    inside = Path.cwd().name == "runs" and not Path("runs").is_dir()
    return Path() if inside else Path("runs")


def _list(states: "list[RunState]", folder: Path) -> None:
    from tailkit.report import terminal, words
    from tailkit.report.tables import Grid

    rows = []
    for state in states:
        name = os.path.relpath(state.folder, folder)
        shares = [words.percent(state.accuracy[name]) if name in state.accuracy else "" for name in RANGES]
        when = datetime.fromisoformat(state.changed).astimezone().strftime("%Y-%m-%d %H:%M")
        known = [state.task, state.variant, state.model, state.words]
        rows.append([str(folder) if name == "." else name, *known, *shares, when, words.size(state.size)])
    head = ["run", "task", "variant", "model", "state", *RANGES, "when", "size"]
    caption = f"Below {folder}, the newest last. S, M, L: pass@1 in %."
    least = ("task", "variant", "model", "when", "size")
    out.print(terminal.Fitted(Grid(head, rows), caption, left=5, least=least, folded="run"))
    for state in states:
        if state.reason:
            out.print(f"{state.folder} {WHY[state.state]}: {state.reason}")


def _clean(states: "list[RunState]", folder: Path, yes: bool) -> None:
    from tailkit.report import words
    from tailkit.use import runs

    chosen = runs.removable(states)
    kept = [state for state in states if state.checkpoints and state not in chosen]
    if kept:
        size = words.size(sum(state.checkpoints for state in kept))
        note(f"kept: checkpoints of {len(kept)} unfinished run{'s' * (len(kept) > 1)} ({size}), to go on from")
    if not chosen:
        out.print(f"no checkpoints of finished runs below {folder}")
        return
    for state in chosen:
        out.print(f"{state.folder}/checkpoints  {words.size(state.checkpoints)}")
    if not yes and not _agreed(f"Remove these checkpoints ({words.size(sum(one.checkpoints for one in chosen))})?"):
        out.print("nothing was removed")
        return
    out.print(f"freed {words.size(runs.clean(states))}")


def _agreed(question: str) -> bool:
    """Whether the user says yes; raises `UsageError` where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise UsageError("nothing was removed: there is nobody to ask", "--yes does not ask.")
    return typer.confirm(question, err=True)


@app.command("compare")
def compare_command(
    folders: Annotated[
        list[Path], typer.Argument(parser=home, help="Two or more evaluated run folders; cells of studies too.")
    ],
    file: Annotated[
        Path,
        typer.Option("--out", parser=home, help="What to write: a page (.html), or the figure alone (.svg, .png)."),
    ] = Path("compare.html"),
    as_json: AsJson = False,
    tasks_from: TasksFrom = None,
) -> None:
    """Compare runs: accuracy over length in one figure, and a table with intervals against the first one.

    With --json nothing is written.

    Examples: [bold]tailkit compare runs/addition-nano-tail runs/addition-nano-direct[/bold] ·
    tailkit compare runs/cells/addition-* --out addition.png
    """
    from tailkit.report import terminal
    from tailkit.study import compare

    if not as_json:
        compare.check_target(file)
    compared = compare.compare(folders)
    if as_json:
        print_json(compared.plain())
        return
    compare.write(compared, file)
    least = ("problems", "length", "its interval", "95 % interval")
    out.print(terminal.Fitted(compare.table(compared), compare.SHORT, least=least, folded="run"))
    for told in compared.notes:
        out.print(told)
    for told in compare.spoken(compared):
        out.print(f"differs: {told}")
    out.print(f"written: {file}")
