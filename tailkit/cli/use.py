"""The commands that use a trained run: watch it solve a problem, export it."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.text import Text

from tailkit.cli.options import AsJson, Offline, RunFolder, TasksFrom, app, choice, home, print_json
from tailkit.errors import DoesNotFit, UsageError
from tailkit.records import RANGES, RangeName
from tailkit.screen import note, out
from tailkit.use import QUANTS

if TYPE_CHECKING:
    from tailkit.decode.protocol import Engine
    from tailkit.run.folder import RunDir
    from tailkit.use.solve import Asked


@app.command("solve")
def solve_command(
    folder: RunFolder,
    query: Annotated[str | None, typer.Argument(help="A problem in your own words.")] = None,
    random: Annotated[
        RangeName | None, choice("--random", get_args(RangeName), "A fresh problem of this range.")
    ] = None,
    n: Annotated[int | None, typer.Option("--n", min=1, help="The length of the fresh problem.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Which fresh problem.")] = 0,
    chat: Annotated[
        bool, typer.Option("--chat", help="Stay open for more problems from standard input, a line each.")
    ] = False,
    as_json: AsJson = False,
    offline: Offline = False,
    tasks_from: TasksFrom = None,
) -> None:
    """Watch a trained model solve a problem, each step checked against its recorded run.

    A question of your own is checked too, if it can be read as a problem of the task.

    Examples: [bold]tailkit solve runs/addition-nano-tail --random L[/bold] ·
    tailkit solve runs/addition-nano-tail "Add 2.07 and 27.0" · tailkit solve runs/addition-nano-tail --chat
    """
    from tailkit import decode, pipeline
    from tailkit.run.folder import RunDir
    from tailkit.use import solve

    run = RunDir.open(folder)
    if n is not None and random is None:
        raise UsageError("--n is the length of a fresh problem, so it goes with --random", "Write: --random L --n 12")
    if query is not None and random is not None:
        raise UsageError("solve takes a query or --random RANGE, not both", "Leave one of them out.")
    if query is None and random is None and not chat:
        raise UsageError("solve lacks a problem", "Write one, or take --random L, or --chat to write several.")
    pipeline.require_trained(run)
    first = None if query is None else solve.asked(run, query)
    first = first if random is None else solve.fresh(run, random, n, seed)
    note(f"loading {run.recipe.model.name} …")
    loaded = decode.load_engine(run)
    if first:
        _watch(loaded, run, first, as_json)
    if chat:
        _chat(loaded, run, seed, as_json)


def _chat(loaded: "Engine", run: "RunDir", seed: int, as_json: bool) -> None:
    """Solve what standard input says, a problem a line; what is wrong with one does not end it."""
    from tailkit.use import solve

    note("a problem a line, or S, M or L for a fresh one; an empty line or `exit` ends")
    for number, line in enumerate(iter(_line, ""), start=seed + 1):
        try:
            fresh = line in RANGES
            asked = solve.fresh(run, line, None, number) if fresh else solve.asked(run, line)
            _watch(loaded, run, asked, as_json)
        except (UsageError, DoesNotFit) as error:
            note(f"error: {error}")


def _line() -> str:
    """The next line from the user, without the spaces around it; empty at the end."""
    if sys.stdin.isatty():
        print("> ", end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline().strip()
    return "" if line in ("exit", "quit") else line


def _watch(loaded: "Engine", run: "RunDir", asked: "Asked", as_json: bool) -> None:
    """Show a model at work on one question, and what came of it."""
    from tailkit.cli import display
    from tailkit.use import solve

    if as_json:
        record = asdict(asked) | {"read_as": asked.read_as, "gold": asked.gold and asked.gold.text}
        record |= asdict(solve.solve(loaded, run, asked, lambda _: None))
        print_json(record, indent=None)
        return
    out.print(Text(asked.question, "bold"))
    if asked.read_as:
        out.print(Text(f"read as: {asked.read_as}", "dim"))
    out.print()
    live = display.Live(asked.gold)
    outcome = solve.solve(loaded, run, asked, lambda text: out.print(live.more(text), end=""))
    out.print(live.end(outcome.text))
    out.print(Text(display.outcome(outcome, asked)))
    if asked.remark:
        out.print(Text(asked.remark, "yellow"))


@app.command("export")
def export_command(
    folder: RunFolder,
    merged: Annotated[Path | None, typer.Option("--merged", parser=home, help="A folder for the merged model.")] = None,
    gguf: Annotated[Path | None, typer.Option("--gguf", parser=home, help="A GGUF file, made by llama.cpp.")] = None,
    ollama: Annotated[
        Path | None, typer.Option("--ollama", parser=home, help="A folder for Ollama: GGUF and Modelfile.")
    ] = None,
    quant: Annotated[str, choice("--quant", QUANTS, "How the weights of a GGUF file are kept.")] = "f16",
    offline: Offline = False,
    tasks_from: TasksFrom = None,
) -> None:
    """Export a trained run as a model of its own, scored again on held-out rows.

    Examples: [bold]tailkit export RUN --merged my-model[/bold] · tailkit export RUN --gguf my-model.gguf
    """
    from tailkit import pipeline
    from tailkit.run.folder import RunDir
    from tailkit.use import export

    run = RunDir.open(folder)
    pipeline.require_trained(run)
    if not (merged or gguf or ollama):
        raise UsageError("export lacks a target", "Name --merged DIR, --gguf FILE or --ollama DIR.")
    with run.at_work():
        if merged:
            export.merged(run, merged)
        if gguf:
            export.gguf(run, gguf, quant)
        if ollama:
            export.ollama(run, ollama, quant)
    for target in filter(None, (merged, gguf, ollama)):
        out.print(f"written: {target}")
