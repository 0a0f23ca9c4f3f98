"""The command line: Typer commands, one call each; errors become one or two lines and an exit code."""

import json
import os
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tailkit import __version__, recipe, tasks
from tailkit.errors import DoesNotFit, EnvironmentMissing, Interrupted, TailkitError, UsageError, unknown
from tailkit.records import RANGES
from tailkit.trace import VARIANTS

app = typer.Typer(
    name="tailkit",
    help="Teach a small model an algorithm by imitating a Turing machine (TAIL, arXiv 2507.13332).",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
out = Console()

MODULE_STYLES = {
    "state": "bold blue",
    "fetch": "yellow",
    "compute": "bold green",
    "transition": "magenta",
    "answer": "bold cyan",
}

TaskName = Annotated[str, typer.Argument(help="A task; `tailkit tasks` lists them.")]
RecipeName = Annotated[
    str | None, typer.Option("--recipe", help="A recipe's name or YAML file [default: by hardware].")
]
Overrides = Annotated[list[str] | None, typer.Argument(help="Overrides of the recipe: section.key=value …")]
Out = Annotated[Path | None, typer.Option("--out", help="The run folder [default: runs/TASK-RECIPE-VARIANT].")]
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Processes that make data; the bytes do not depend on it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for another program to read.")]
RunFolder = Annotated[Path, typer.Argument(help="A run folder, as `tailkit run` makes it.")]

MAX_SHOWN = 2000
DEFAULT_WORKERS = min(os.cpu_count() or 1, 8)


def _print_json(content: Any) -> None:
    print(json.dumps(content, indent=2, ensure_ascii=False))


def _default_recipe() -> str:
    from tailkit.hardware import has_gpu

    return "hobby" if has_gpu() else "nano"


def _open(task: str, recipe_name: str | None, overrides: list[str] | None, folder: Path | None) -> Any:
    """The run folder of a task and a recipe, all names checked before anything is written."""
    from tailkit import pipeline
    from tailkit.rundir import RunDir

    name = recipe_name or _default_recipe()
    chosen = recipe.load(name, overrides or ())
    pipeline.order_of(task, chosen)
    return RunDir.create(folder or pipeline.default_folder(task, name, chosen.data.variant), task, chosen)


@app.command()
def run(
    task: TaskName,
    overrides: Overrides = None,
    recipe_name: RecipeName = None,
    folder: Out = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Data, fine-tuning, evaluation and report of a task: all that is missing, in order.

    Stopped with Ctrl-C or killed, the same command goes on where it was.

    Examples: [bold]tailkit run addition[/bold] · tailkit run addition data.variant=direct ·
    tailkit run addition --recipe my.yaml train.epochs=2 --out runs/mine
    """
    from tailkit import pipeline
    from tailkit.report import tables

    opened = _open(task, recipe_name, overrides, folder)
    with opened.at_work():
        facts = pipeline.run_all(opened, workers)
    out.print(tables.terminal(facts))
    out.print(f"report: {opened.path / 'report.html'}", soft_wrap=True)


@app.command()
def data(
    task: TaskName,
    overrides: Overrides = None,
    recipe_name: Annotated[str | None, typer.Option("--recipe", help="Take ranges and sizes from this recipe.")] = None,
    range_name: Annotated[str | None, typer.Option("--range", help="Only this range: S, M or L.")] = None,
    split: Annotated[str | None, typer.Option("--split", help="Only this split: train or eval.")] = None,
    count: Annotated[
        int | None, typer.Option("--count", min=1, help="Training rows; with --split eval rows a range.")
    ] = None,
    variant: Annotated[str | None, typer.Option("--variant", help="How runs are rendered.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of all random streams.")] = None,
    mix: Annotated[str | None, typer.Option("--mix", help="Shares S:M:L of the training set, such as 8:1:1.")] = None,
    workers: Workers = DEFAULT_WORKERS,
    folder: Annotated[Path | None, typer.Option("--out", help="Where to write [default: data/TASK].")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a task's data sets as parquet, with a manifest.

    Examples: [bold]tailkit data addition --count 100000[/bold] · tailkit data addition --mix 8:1:1 ·
    tailkit data addition --split eval --range L --count 200 --out eval-data
    """
    from tailkit import dataset, pipeline

    if mix is not None and (range_name is not None or split == "eval"):
        raise UsageError("--mix goes with neither --range nor --split eval", "--range M is the mixture 0:1:0.")
    asked = {"variant": variant, "seed": seed, "mix": mix or _only(range_name)}
    asked["eval" if split == "eval" else "train"] = count
    given = [f"data.{key}={value}" for key, value in asked.items() if value is not None]
    chosen = recipe.load(recipe_name or "paper", [*(overrides or []), *given])
    order = pipeline.partial_order(task, chosen, range_name, split)
    target = folder or Path("data") / task
    manifest = dataset.write(order, target, workers)
    if as_json:
        _print_json(manifest)
        return
    for name, figures in manifest["files"].items():
        out.print(f"{target / name}.parquet  {figures['rows']:,} rows  sha256 {figures['sha256'][:16]}", soft_wrap=True)


def _only(range_name: str | None) -> str | None:
    return None if range_name not in RANGES else ":".join("1" if name == range_name else "0" for name in RANGES)


@app.command()
def show(
    task: TaskName,
    variant: Annotated[str, typer.Option("--variant", help="How the run is rendered.")] = "tail",
    n: Annotated[
        int | None, typer.Option("--n", min=1, help="Length of the problem [default: the shortest of S].")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Which problem.")] = 0,
    plain: Annotated[bool, typer.Option("--plain", help="No colours: just the text.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a problem and its trace, coloured by module.

    Examples: [bold]tailkit show addition --n 12[/bold] · tailkit show addition --variant no-fetch --seed 3
    """
    from tailkit.tape import check

    found = tasks.load(task)
    found.check_variant(variant)
    length = n if n is not None else found.ranges["S"][0]
    if length > MAX_SHOWN:
        raise UsageError(f"--n {length} is too long to show", f"The longest is {MAX_SHOWN}.")
    problem = found.problem(Random(f"show/{seed}/{length}"), "S", (length, length))
    recorded = found.record(problem)
    check(recorded, found.program, problem.data)
    trace = found.trace(recorded, problem, variant)
    if as_json:
        spans = [span._asdict() for span in trace.spans]
        _print_json({**asdict(problem), "variant": variant, "completion": trace.text, "spans": spans})
    elif plain:
        print(f"{problem.query}\n\n{trace.text}")
    else:
        text = Text()
        for part in trace.parts:
            text.append(part.text, MODULE_STYLES[part.module])
        legend = Text.assemble(*[(f"{module} ", style) for module, style in MODULE_STYLES.items()])
        out.print(Text(problem.query, "bold"), Text(), text, Text(), legend, sep="\n", soft_wrap=True)


@app.command("tasks")
def list_tasks(as_json: AsJson = False) -> None:
    """List the tasks with their paradigm, ranges and variants.

    Example: [bold]tailkit tasks[/bold]
    """
    found = [tasks.load(name) for name in tasks.names()]
    if as_json:
        _print_json([{"task": t.id, "paradigm": t.paradigm, "ranges": t.ranges, "variants": t.variants} for t in found])
        return
    table = Table("task", "paradigm", *RANGES, "about")
    for t in found:
        table.add_row(t.id, t.paradigm, *[f"{low}–{high}" for low, high in t.ranges.values()], t.about)
    out.print(table)
    extra = sorted({name for t in found for name in t.baselines})
    for name, style in VARIANTS.items():
        out.print(f"{name:11} {style.about}", highlight=False)
    out.print(f"baselines of single tasks: {', '.join(extra)}", highlight=False)


@app.command()
def train(
    task: TaskName,
    overrides: Overrides = None,
    recipe_name: RecipeName = None,
    folder: Out = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Make the data of a run, if they are missing, and fine-tune; go on from the last checkpoint.

    Example: [bold]tailkit train addition train.epochs=2 --out runs/longer[/bold]
    """
    from tailkit import pipeline

    opened = _open(task, recipe_name, overrides, folder)
    with opened.at_work():
        pipeline.make_data(opened, workers)
        pipeline.train(opened)
    out.print(f"adapter: {opened.adapter}", soft_wrap=True)


@app.command("eval")
def evaluate(folder: RunFolder, as_json: AsJson = False) -> None:
    """Generate for the evaluation sets of a trained run, and score; go on where it was.

    Example: [bold]tailkit eval runs/addition-nano-tail[/bold]
    """
    from tailkit import pipeline
    from tailkit.rundir import RunDir

    opened = RunDir.open(folder)
    with opened.at_work():
        pipeline.evaluate(opened)
    summaries = opened.read_json("summary.json")
    if as_json:
        _print_json(summaries)
        return
    for s in summaries:
        interval = f"{100 * s['low']:.1f}–{100 * s['high']:.1f}"
        out.print(f"{s['range']}: pass@1 {100 * s['accuracy']:.1f} % ({interval}) of {s['total']}", highlight=False)


@app.command()
def report(folder: RunFolder, as_json: AsJson = False) -> None:
    """Write the report of an evaluated run: report.html, report.md, accuracy.png.

    Example: [bold]tailkit report runs/addition-nano-tail[/bold]
    """
    from tailkit import pipeline
    from tailkit.report import tables
    from tailkit.rundir import RunDir

    opened = RunDir.open(folder)
    with opened.at_work():
        facts = pipeline.report(opened)
    if as_json:
        _print_json(
            {"task": facts.task.id, "variant": facts.variant, "summaries": facts.summaries, "paper": facts.paper}
        )
        return
    out.print(tables.terminal(facts))
    out.print(f"report: {opened.path / 'report.html'}", soft_wrap=True)


@app.command()
def recipes(
    action: Annotated[str, typer.Argument(help="list, show or copy")] = "list",
    name: Annotated[str | None, typer.Argument(help="A recipe's name.")] = None,
    target: Annotated[Path | None, typer.Argument(help="Where `copy` writes.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the kit's recipes, show one with all defaults filled in, or copy one to change it.

    Examples: [bold]tailkit recipes[/bold] · tailkit recipes show nano · tailkit recipes copy nano mine.yaml
    """
    from tailkit.rundir import writing

    if action == "list":
        about = {one: recipe.path_of(one).read_text().split("\n")[0].lstrip("# ") for one in recipe.names()}
        if as_json:
            _print_json(about)
        for one, text in about.items() if not as_json else ():
            out.print(f"{one:8} {text}", highlight=False, soft_wrap=True)
    elif action == "show" and name is not None:
        chosen = recipe.load(name)
        _print_json(chosen.model_dump(mode="json")) if as_json else print(recipe.dump(chosen), end="")
    elif action == "copy" and name is not None and target is not None:
        if target.suffix not in (".yaml", ".yml"):
            raise UsageError(f"{target} is no name for a recipe", "It must end in .yaml.")
        if target.exists():
            raise UsageError(f"{target} is there already", "Choose another file name.")
        with writing(target) as file:
            file.write(recipe.path_of(name).read_text())
        out.print(f"{target}: use it with `--recipe {target}`", soft_wrap=True)
    elif action in ("show", "copy"):
        raise UsageError(f"recipes {action} lacks a name", "Write: recipes show NAME, or recipes copy NAME FILE.")
    else:
        raise unknown("action", action, ("list", "show", "copy"))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check versions, model, memory, disk and GPU; exit 3 with the repair if something is missing.

    Example: [bold]tailkit doctor[/bold]
    """
    from tailkit.hardware import examine

    findings = examine()
    if as_json:
        _print_json([asdict(finding) for finding in findings])
    else:
        for f in findings:
            out.print(f"{'ok ' if f.ok else 'BAD'} {f.what}: {f.value} {f.repair}", highlight=False, soft_wrap=True)
    bad = [finding for finding in findings if not finding.ok]
    if bad:
        raise EnvironmentMissing(f"{bad[0].what}: {bad[0].value}", bad[0].repair)


def _version(value: bool) -> None:
    if value:
        print(f"tailkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """The entry point: run a command, turn errors into lines on standard error and exit codes."""
    debug = "--debug" in sys.argv
    sys.argv[1:] = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app()
    except SystemExit as end:
        # Typer ends a command that Ctrl-C stopped with this code, and says nothing.
        if end.code == Interrupted.exit_code:
            _fail(Interrupted("interrupted", "The same command goes on where it was."), debug)
        raise
    except TailkitError as error:
        _fail(error, debug)
    except ImportError as error:
        _fail(EnvironmentMissing(str(error), "Install tailkit again, then run `tailkit doctor`."), debug)
    except Exception as error:  # noqa: BLE001 - the last resort keeps the message short
        if type(error).__name__ == "OutOfMemoryError":
            _fail(DoesNotFit("out of GPU memory", "Lower train.micro_batch or decode.batch."), debug)
        _fail(TailkitError(f"{type(error).__name__}: {error}", "Run again with --debug for the traceback."), debug)


def _fail(error: TailkitError, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
