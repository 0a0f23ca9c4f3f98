"""The commands that make something: data, adapters, scores, reports."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, get_args

import typer

from tailkit import recipe, tasks
from tailkit.arithmetic import card
from tailkit.cli.options import (
    DATA_RECIPE,
    DEFAULT_WORKERS,
    Again,
    AllowHidden,
    AsJson,
    Offline,
    Out,
    Overrides,
    RecipeName,
    RunFolder,
    Split,
    TaskName,
    TaskOrAll,
    TasksFrom,
    WithSource,
    Workers,
    app,
    choice,
    default_recipe,
    home,
    open_folder,
    print_json,
    say_next,
    settings_of,
    variant_option,
)
from tailkit.errors import EnvironmentMissing, UsageError
from tailkit.records import RANGES, RangeName
from tailkit.run.folder import PAGE, SUMMARY, RunDir
from tailkit.run.manifest import Manifest
from tailkit.screen import note, out


def _open(task: str, recipe_name: str | None, overrides: list[str] | None, folder: Path | None) -> RunDir:
    """The run folder of a task and a recipe; names and model are checked before anything is written."""
    from tailkit import dataset
    from tailkit.run.naming import default_folder

    reading = card.read()
    if opened := open_folder(task, given=bool(overrides or recipe_name or folder)):
        _check_machine(opened.task, opened.recipe, opened.path, reading)
        return opened
    name = recipe_name or default_recipe(task, overrides or (), reading)
    chosen = recipe.load(name, overrides or (), task=task)
    dataset.order_of(task, chosen)
    tracker = chosen.train.report_to
    if tracker != "none" and find_spec(tracker) is None:
        raise EnvironmentMissing(f"train.report_to={tracker}: {tracker} is not installed", f"pip install {tracker}")
    target = folder or default_folder(task, name, chosen)
    _check_machine(task, chosen, target, reading)
    return RunDir.create(target, task, chosen)


def _check_machine(task: str, chosen: recipe.Recipe, target: Path, reading: card.Reading) -> None:
    """Raise before data are made what would stop the run after; one that was evaluated needs no model any more."""
    if chosen.model.name == recipe.NANO or (target / SUMMARY).exists():
        return
    from tailkit import dataset, hardware
    from tailkit.models.origin import locate, look

    locate(chosen.model)
    hardware.check_machine(task, chosen, dataset.rows_of(task, chosen), reading)
    look(chosen.model)


@app.command()
def run(
    task: TaskName,
    overrides: Overrides = None,
    recipe_name: RecipeName = None,
    folder: Out = None,
    workers: Workers = DEFAULT_WORKERS,
    again: Again = False,
    offline: Offline = False,
    tasks_from: TasksFrom = None,
    with_source: WithSource = False,
    allow_hidden: AllowHidden = False,
) -> None:
    """Data, fine-tuning, evaluation and report of a task: all that is missing, in order.

    Stopped with Ctrl-C or killed, the same command goes on where it was; so does `tailkit run FOLDER`.

    Examples: [bold]tailkit run addition[/bold] · tailkit run addition data.variant=direct ·
    tailkit run addition --recipe my.yaml train.epochs=2 --out runs/mine
    """
    from tailkit import pipeline
    from tailkit.report import terminal

    asked = [*(overrides or []), *settings_of(task, with_source, allow_hidden)]
    opened = _open(task, recipe_name, asked, folder)
    with opened.at_work():
        facts = pipeline.run_all(opened, workers, again)
    out.print(terminal.show(facts))
    out.print(f"report: {opened.path / PAGE}")
    next_steps(opened)


def next_steps(run: RunDir) -> None:
    """Say what to do next with a run, as far as it is."""
    from tailkit.use import suggest

    say_next(suggest.after(run, default_recipe(run.task, tell=False)))


DataOut = Annotated[
    Path | None,
    typer.Option("--out", parser=home, help="Where to write (default: data/TASK); with all, a folder a task."),
]
Prompts = Annotated[
    Path | None,
    typer.Option("--prompts", parser=home, help="Also write the evaluation problems there, as OpenAI's batch form."),
]
PromptModel = Annotated[str | None, typer.Option("--model", help="The model that --prompts names in each request.")]


@app.command()
def data(
    task: TaskOrAll,
    overrides: Overrides = None,
    recipe_name: RecipeName = None,
    range_name: Annotated[RangeName | None, choice("--range", get_args(RangeName), "Only this range.")] = None,
    split: Annotated[Split | None, choice("--split", get_args(Split), "Only this split.")] = None,
    count: Annotated[
        int | None, typer.Option("--count", min=1, help="Training rows; with --split eval rows a range.")
    ] = None,
    variant: Annotated[str | None, variant_option("--variant", "How runs are rendered")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of all random streams.")] = None,
    mix: Annotated[str | None, typer.Option("--mix", help="Shares of S, M and L in training, such as 8:1:1.")] = None,
    workers: Workers = DEFAULT_WORKERS,
    folder: DataOut = None,
    prompts: Prompts = None,
    model: PromptModel = None,
    as_json: AsJson = False,
    tasks_from: TasksFrom = None,
    with_source: WithSource = False,
    allow_hidden: AllowHidden = False,
) -> None:
    """Write the data sets of a task, or of all tasks, as parquet, with a manifest.

    One problem in five is kept for evaluation, always the same ones, whatever the command; files that
    tailkit did not write are never touched.

    Examples: [bold]tailkit data addition --count 100000[/bold] · tailkit data all --recipe paper ·
    tailkit data addition --split eval --range L --count 200 --out eval-data ·
    tailkit data addition --split eval --prompts requests.jsonl --model gpt-x
    """
    from tailkit import dataset, pipeline
    from tailkit.use import suggest

    _check(mix, range_name, split, prompts, model)
    asked = {"variant": variant, "seed": seed, "mix": mix or _only(range_name)}
    asked["eval" if split == "eval" else "train"] = count
    given = [f"data.{key}={value}" for key, value in asked.items() if value is not None]
    given += settings_of(task, with_source, allow_hidden)
    names, parent = (tasks.names(), folder or Path("data")) if task == "all" else ([task], None)
    folders = [parent / name if parent else folder or Path("data") / name for name in names]
    chosen = {name: recipe.load(recipe_name or DATA_RECIPE, [*(overrides or []), *given], task=name) for name in names}
    orders = [dataset.partial_order(name, made, range_name, split) for name, made in chosen.items()]
    manifests = pipeline.write_data(dict(zip(folders, orders, strict=True)), workers)
    _write_prompts(prompts, manifests, model, _asked(task, recipe_name, [*given, *(overrides or [])]))
    if as_json:
        made = [manifest.model_dump(mode="json") for manifest in manifests.values()]
        print_json(made if parent else made[0])
    else:
        _list_files(manifests)
        say_next([] if parent else suggest.after_data(task, _own(orders[0].settings, recipe_name, task)))


def _own(settings: dict[str, int], recipe_name: str | None, task: str) -> dict[str, int]:
    """The settings that the recipe does not give by itself."""
    usual = recipe.load(recipe_name or DATA_RECIPE, task=task).settings(task)
    return {name: value for name, value in settings.items() if value != usual.get(name)}


def _list_files(manifests: dict[Path, Manifest]) -> None:
    for target, manifest in manifests.items():
        for name, facts in manifest.files.items():
            out.print(f"{target / name}.parquet  {facts.rows:,} rows  sha256 {facts.sha256[:16]}")


def _check(mix: str | None, range_name: str | None, split: str | None, prompts: Path | None, model: str | None) -> None:
    """Raise `UsageError` for options of `data` that do not go together."""
    if mix is not None and (range_name is not None or split == "eval"):
        raise UsageError("--mix goes with neither --range nor --split eval", "--range M is the mixture 0:1:0.")
    if prompts is not None and split == "train":
        raise UsageError("--prompts are of the evaluation problems, not of --split train", "Add --split eval.")
    if model is not None and prompts is None:
        raise UsageError("--model is the one that requests name", "Add --prompts FILE.")


def _asked(task: str, recipe_name: str | None, values: list[str]) -> list[str]:
    """What names the problems of a task to another command."""
    from tailkit.use import suggest

    named = ["TASK"] if task == "all" else suggest.spelled(task)
    return [*named, *(["--recipe", recipe_name] if recipe_name else []), *values]


def _write_prompts(path: Path | None, manifests: dict[Path, Manifest], model: str | None, asked: list[str]) -> None:
    """The problems of evaluation sets, for which a user `asked` so, as requests for another model."""
    from tailkit import dataset
    from tailkit.others import prompts
    from tailkit.run.manifest import evaluation

    if path is None:
        return
    sets = [
        (name, dataset.read_checked(folder, evaluation(name)))
        for folder, manifest in manifests.items()
        for name in RANGES
        if evaluation(name) in manifest.files
    ]
    count = prompts.write(path, sets, model or prompts.MODEL)
    reads = f"`tailkit eval {' '.join(asked)} --generations FILE --name {model or 'NAME'}` reads the replies"
    note(f"{path}: {count:,} requests; {reads}, also of a run with the same problems in the task's place")
    if model is None:
        note(f"note: their model is called {prompts.MODEL}; --model NAME puts another name there")


def _only(range_name: str | None) -> str | None:
    return None if range_name is None else ":".join("1" if name == range_name else "0" for name in RANGES)


@app.command()
def train(
    task: TaskName,
    overrides: Overrides = None,
    recipe_name: RecipeName = None,
    folder: Out = None,
    workers: Workers = DEFAULT_WORKERS,
    again: Again = False,
    offline: Offline = False,
    tasks_from: TasksFrom = None,
    with_source: WithSource = False,
    allow_hidden: AllowHidden = False,
) -> None:
    """Make the data of a run, if they are missing, and fine-tune; go on from the last checkpoint.

    Example: [bold]tailkit train addition train.epochs=2 --out runs/longer[/bold]
    """
    from tailkit import pipeline

    asked = [*(overrides or []), *settings_of(task, with_source, allow_hidden)]
    opened = _open(task, recipe_name, asked, folder)
    with opened.at_work():
        pipeline.have_model(opened)
        pipeline.make_data(opened, workers, again)
        pipeline.train(opened, again)
    if opened.recipe.trains:
        out.print(f"adapter: {opened.adapter}")
    next_steps(opened)


@app.command()
def report(folder: RunFolder, as_json: AsJson = False, tasks_from: TasksFrom = None) -> None:
    """Write the report of an evaluated run: report.html, report.md, accuracy.png.

    Example: [bold]tailkit report runs/addition-nano-tail[/bold]
    """
    from tailkit import pipeline
    from tailkit.report import terminal

    opened = RunDir.open(folder)
    with opened.at_work():
        facts = pipeline.report(opened)
    if as_json:
        print_json(facts.plain())
        return
    out.print(terminal.show(facts))
    out.print(f"report: {opened.path / PAGE}")
    next_steps(opened)
