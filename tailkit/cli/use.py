"""The commands that use a trained run: watch it solve a problem, export it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tailkit.cli.options import AsJson, Offline, RunFolder, TasksFrom, app, out, print_json
from tailkit.errors import UsageError


@app.command()
def solve(
    folder: RunFolder,
    query: Annotated[str | None, typer.Argument(help="A problem in your own words.")] = None,
    random: Annotated[str | None, typer.Option("--random", help="A fresh problem of this range: S, M or L.")] = None,
    n: Annotated[int | None, typer.Option("--n", min=1, help="The length of the fresh problem.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Which fresh problem.")] = 0,
    as_json: AsJson = False,
    offline: Offline = False,
    tasks_from: TasksFrom = None,
) -> None:
    """Watch a trained model solve a problem; a fresh one is checked step by step against its recorded run.

    Examples: [bold]tailkit solve runs/addition-nano-tail --random L[/bold] ·
    tailkit solve runs/addition-nano-tail "Add 2.07 to 27.0 and give the exact result."
    """
    from tailkit import decode, pipeline
    from tailkit.cli import display
    from tailkit.run.folder import RunDir
    from tailkit.use import solve as solving

    if (query is None) == (random is None):
        raise UsageError("solve takes a query or --random RANGE", "Example: tailkit solve RUN --random L")
    run = RunDir.open(folder)
    pipeline.require_trained(run)
    problem = solving.known(run, query) if query is not None else solving.fresh(run, random or "", n, seed)
    gold = solving.gold_of(run, problem) if problem else None
    asked = problem.query if problem else query or ""
    loaded = decode.load(run)
    if as_json:
        found = solving.solve(loaded, run, asked, gold, lambda _: None)
        print_json({"query": asked, **asdict(found), "gold": gold.text if gold else None})
        return
    out.print(asked, soft_wrap=True)
    out.print()
    live = display.Live(gold)
    found = solving.solve(loaded, run, asked, gold, lambda text: out.print(live.more(text), end="", soft_wrap=True))
    out.print(live.end(found.text), soft_wrap=True)
    out.print(Text(display.outcome(found, gold)), soft_wrap=True)


@app.command()
def export(
    folder: RunFolder,
    merged: Annotated[Path | None, typer.Option("--merged", help="A folder for the merged model.")] = None,
    gguf: Annotated[Path | None, typer.Option("--gguf", help="A GGUF file, made by llama.cpp.")] = None,
    ollama: Annotated[Path | None, typer.Option("--ollama", help="A folder for Ollama: GGUF and Modelfile.")] = None,
    quant: Annotated[str, typer.Option("--quant", help="f16, bf16, f32 or q8_0, for GGUF.")] = "f16",
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
        out.print(f"written: {target}", soft_wrap=True)
