"""The commands that look over several runs: list them, free their disk, compare them."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tailkit.cli.options import AsJson, TasksFrom, app, home, out, print_json
from tailkit.errors import UsageError
from tailkit.records import RANGES
from tailkit.screen import Table

GB = 1e9


@app.command()
def runs(
    folder: Annotated[
        Path, typer.Argument(parser=home, help="Where to look; `clean` removes checkpoints below ./runs.")
    ] = Path("runs"),
    below: Annotated[Path, typer.Option("--below", parser=home, help="Where `clean` looks.")] = Path("runs"),
    yes: Annotated[bool, typer.Option("--yes", help="`clean` does not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the run folders below ./runs: task, variant, model, state, accuracy, age, size.

    `tailkit runs clean` removes the checkpoints of finished trainings, which nothing needs any more.

    Examples: [bold]tailkit runs[/bold] · tailkit runs runs/cells --json · tailkit runs clean
    """
    from tailkit.use import runs as use

    if folder == Path("clean") and not folder.is_dir():
        _clean(below, yes)
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", "`tailkit run addition` makes runs/addition-…")
    states = use.states(folder)
    if as_json:
        print_json([asdict(state) for state in states])
        return
    if not states:
        out.print(f"no run folders below {folder}; `tailkit run addition` makes one")
        return
    table = Table("run", "variant", "model", "state", *RANGES, "when", "MB")
    for state in states:
        shares = [f"{100 * state.accuracy[name]:.0f}" if name in state.accuracy else "" for name in RANGES]
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(state.changed))
        name = str(Path(state.folder).relative_to(folder)) if Path(state.folder) != folder else str(folder)
        table.add_row(name, state.variant, state.model, state.state, *shares, when, f"{state.size / 1e6:.0f}")
    out.print(table)
    out.print("S, M, L: pass@1 in %. `tailkit compare RUN RUN` puts runs side by side.")


def _clean(folder: Path, yes: bool) -> None:
    from tailkit.use import runs as use

    states = use.states(folder)
    chosen = use.removable(states)
    size = sum(state.checkpoints for state in chosen)
    if not chosen:
        out.print(f"no checkpoints of finished trainings below {folder}")
        return
    for state in chosen:
        out.print(f"{state.folder}/checkpoints: {state.checkpoints / GB:.2f} GB")
    if not yes and not typer.confirm(f"Remove these checkpoints ({size / GB:.2f} GB)?"):
        raise UsageError("nothing was removed", "--yes does not ask.")
    out.print(f"freed {use.clean(states) / GB:.2f} GB")


@app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(parser=home, help="Two or more evaluated run folders.")],
    file: Annotated[Path, typer.Option("--out", parser=home, help="The page to write.")] = Path("compare.html"),
    as_json: AsJson = False,
    tasks_from: TasksFrom = None,
) -> None:
    """Compare runs: accuracy over length in one figure, and a table with intervals against the first one.

    Example: [bold]tailkit compare runs/addition-nano-tail runs/addition-nano-direct[/bold]
    """
    from tailkit.study import compare as comparing

    compared = comparing.compare(folders)
    if as_json:
        rows = [dict(zip(comparing.HEAD, row, strict=True)) for row in comparing.rows(compared)]
        print_json({"rows": rows, "notes": compared.notes})
        return
    comparing.write(compared, file)
    table = Table(*comparing.HEAD)
    for row in comparing.rows(compared):
        table.add_row(*row)
    out.print(table)
    for note in compared.notes:
        out.print(note)
    out.print(f"page: {file}")
