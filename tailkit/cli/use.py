"""The commands that use a trained run: watch it solve a problem, export it."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.text import Text

from tailkit.cli.options import AsJson, Offline, Range, RunFolder, TasksFrom, app, choice, home, out, print_json
from tailkit.errors import UsageError
from tailkit.screen import note
from tailkit.use import QUANTS


@app.command()
def solve(
    folder: RunFolder,
    query: Annotated[str | None, typer.Argument(help="A problem in your own words.")] = None,
    random: Annotated[Range | None, choice("--random", get_args(Range), "A fresh problem of this range.")] = None,
    n: Annotated[int | None, typer.Option("--n", min=1, help="The length of the fresh problem.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Which fresh problem.")] = 0,
    chat: Annotated[bool, typer.Option("--chat", help="Stay open for more questions, a line each.")] = False,
    as_json: AsJson = False,
    offline: Offline = False,
    tasks_from: TasksFrom = None,
) -> None:
    """Watch a trained model solve a problem, each step checked against its recorded run.

    A question of your own is checked too, where it is in one of the task's wordings.

    Examples: [bold]tailkit solve runs/addition-nano-tail --random L[/bold] ·
    tailkit solve runs/addition-nano-tail "Add 2.07 to 27.0 and give the exact result." ·
    tailkit solve runs/addition-nano-tail --chat
    """
    from tailkit import decode, pipeline
    from tailkit.run.folder import RunDir
    from tailkit.use import solve as solving

    if n is not None and random is None:
        raise UsageError("--n is the length of a fresh problem", "Name its range too: --random L --n 12")
    if [query is not None, random is not None].count(True) != 1 and not (chat and query is None and random is None):
        raise UsageError("solve takes a query or --random RANGE", "Example: tailkit solve RUN --random L")
    run = RunDir.open(folder)
    pipeline.require_trained(run)
    problem = solving.fresh(run, random, n, seed) if random is not None else None
    if query is not None and not query.strip():
        raise UsageError("the query is empty", "Write a problem, or take --random.")
    note(f"loading {run.recipe.model.name} …")
    loaded = decode.load(run)
    if problem is not None:
        _watch(loaded, run, problem.query, problem, as_json)
    elif query is not None:
        _watch(loaded, run, query, solving.asked(run, query), as_json)
    while chat:
        note("a problem, or an empty line to end:")
        line = sys.stdin.readline().strip()
        if line in ("", "exit", "quit"):
            return
        _watch(loaded, run, line, solving.asked(run, line), as_json)


def _watch(loaded: Any, run: Any, question: str, problem: Any, as_json: bool) -> None:
    """Show a model at work on one question, and what came of it."""
    from tailkit.cli import display
    from tailkit.use import solve as solving

    gold = solving.gold_of(run, problem) if problem else None
    unlike = solving.trained_range(run, problem)
    if as_json:
        made = solving.solve(loaded, run, question, gold, lambda _: None)
        print_json({"query": question, **asdict(made), "gold": gold.text if gold else None, "note": unlike})
        return
    out.print(question)
    out.print()
    live = display.Live(gold)
    made = solving.solve(loaded, run, question, gold, lambda text: out.print(live.more(text), end=""))
    out.print(live.end(made.text))
    out.print(Text(display.outcome(made, gold)))
    if unlike:
        out.print(Text(unlike, "yellow"))


@app.command()
def export(
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
    from tailkit.use import export as exporting

    run = RunDir.open(folder)
    pipeline.require_trained(run)
    if not (merged or gguf or ollama):
        raise UsageError("export lacks a target", "Name --merged DIR, --gguf FILE or --ollama DIR.")
    with run.at_work():
        if merged:
            exporting.merged(run, merged)
        if gguf:
            exporting.gguf(run, gguf, quant)
        if ollama:
            exporting.ollama(run, ollama, quant)
    for target in filter(None, (merged, gguf, ollama)):
        out.print(f"written: {target}")
