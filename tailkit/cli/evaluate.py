"""The command that evaluates: a run's own model, or other models on the same problems."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tailkit import recipe, tasks
from tailkit.arithmetic.decoding import REPLIES_AT_ONCE, REPLY_SECONDS, REPLY_TOKENS
from tailkit.cli.complete import complete_recipe, complete_task
from tailkit.cli.make import next_steps
from tailkit.cli.options import (
    DATA_RECIPE,
    DEFAULT_WORKERS,
    RECIPE_RULE,
    Again,
    AllowHidden,
    AsJson,
    Offline,
    Overrides,
    TasksFrom,
    WithSource,
    Workers,
    app,
    home,
    open_folder,
    out,
    print_json,
    say_next,
    settings_of,
)
from tailkit.errors import UsageError
from tailkit.run.folder import RunDir
from tailkit.score import Summary

if TYPE_CHECKING:
    from tailkit.others.asking import Limits
    from tailkit.others.endpoint import Endpoint


def _other(option: str, help_text: str, **more: Any) -> Any:
    return typer.Option(option, help=help_text, rich_help_panel="Other models", **more)


def _finite(option: typer.CallbackParam, value: float | None) -> float | None:
    """The value of an option; raises `UsageError` for one that is no number of anything (inf, nan)."""
    if value is not None and not math.isfinite(value):
        raise UsageError(f"{option.opts[0]} is {value}", "Give a number, or leave it out.")
    return value


RunOrTask = Annotated[
    str,
    typer.Argument(
        parser=tasks.known,
        metavar="RUN|TASK",
        help="A run folder; for other models also a task, whose evaluation sets are made if need be.",
        autocompletion=complete_task,
    ),
]
Generations = Annotated[
    Path | None, _other("--generations", "Score the generations in this jsonl file.", parser=home, metavar="FILE")
]
Address = Annotated[str | None, _other("--endpoint", "Ask the server there (OpenAI's protocol).", metavar="URL")]
ModelName = Annotated[str | None, _other("--model", "The model that the endpoint is asked for.")]
OtherName = Annotated[str | None, _other("--name", "What to call the model (default: as it is, or as the file is).")]
Concurrency = Annotated[int, _other("--concurrency", "Requests at once.", min=1, max=1000)]
MostTokens = Annotated[int, _other("--max-tokens", "Tokens of a reply at most, its reasoning included.", min=1)]
Timeout = Annotated[float, _other("--timeout", "Seconds to wait for a reply.", min=0.001, callback=_finite)]
KeyFrom = Annotated[
    str | None, _other("--key-from", "The environment variable that holds the key (default: OPENAI_API_KEY).")
]
Unlisted = Annotated[bool, _other("--unlisted", "Ask for a model even if the server does not list it.")]
PriceIn = Annotated[float | None, _other("--price-in", "Price of a million tokens read.", min=0, callback=_finite)]
PriceOut = Annotated[
    float | None, _other("--price-out", "Price of a million tokens generated.", min=0, callback=_finite)
]
MaxCost = Annotated[
    float | None, _other("--max-cost", "Stop before all calls together cost more.", min=0, callback=_finite)
]
MaxTokens = Annotated[
    int | None, _other("--max-tokens-total", "Stop before all calls together take more tokens.", min=1)
]
TaskRecipe = Annotated[
    str | None,
    _other("--recipe", f"For a task: whose ranges. {RECIPE_RULE}", autocompletion=complete_recipe),
]
TaskOut = Annotated[Path | None, _other("--out", "For a task: the run folder (default: below runs/).", parser=home)]


@app.command("eval")
def evaluate(
    run_or_task: RunOrTask,
    overrides: Overrides = None,
    generations: Generations = None,
    endpoint: Address = None,
    model: ModelName = None,
    name: OtherName = None,
    concurrency: Concurrency = REPLIES_AT_ONCE,
    max_tokens: MostTokens = REPLY_TOKENS,
    timeout: Timeout = REPLY_SECONDS,
    key_from: KeyFrom = None,
    unlisted: Unlisted = False,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    max_cost: MaxCost = None,
    max_tokens_total: MaxTokens = None,
    recipe_name: TaskRecipe = None,
    folder: TaskOut = None,
    workers: Workers = DEFAULT_WORKERS,
    again: Again = False,
    as_json: AsJson = False,
    offline: Offline = False,
    tasks_from: TasksFrom = None,
    with_source: WithSource = False,
    allow_hidden: AllowHidden = False,
) -> None:
    """Generate for the evaluation sets of a trained run, and score; go on where it was.

    Overrides may change how it decodes (decode.…); the run folder then keeps them. With --endpoint or
    --generations other models are scored on the same problems; a task alone will do for these.

    Examples: [bold]tailkit eval runs/addition-nano-tail[/bold] ·
    tailkit eval runs/addition-nano-tail decode.method=plain decode.batch=16 ·
    tailkit eval runs/addition-nano-tail --generations other.jsonl --name other-model ·
    tailkit eval addition data.eval=50 --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-7B-Instruct
    """
    from tailkit.others.asking import Limits
    from tailkit.others.endpoint import Endpoint

    _check(generations, endpoint, model, name)
    if generations is None and endpoint is None:
        _evaluate_run(run_or_task, overrides, recipe_name or folder, again, as_json)
        return
    limits = Limits(concurrency, price_in, price_out, max_cost, max_tokens_total)
    asked = generations or Endpoint.at(
        str(endpoint), str(model), key_from, most_tokens=max_tokens, timeout=timeout, unlisted=unlisted
    )
    given = [*(overrides or []), *settings_of(run_or_task, with_source, allow_hidden)]
    opened = _opened(run_or_task, recipe_name, given, folder)
    _evaluate_other(opened, asked, limits, name, workers, again, as_json)


def _check(generations: Path | None, endpoint: str | None, model: str | None, name: str | None) -> None:
    """Raise `UsageError` for options that do not go together, and for generations that cannot be read."""
    from tailkit.others import generations as saved

    if generations is not None and endpoint is not None:
        raise UsageError("--generations and --endpoint are two ways to the same", "Take one of them.")
    if (endpoint is None) != (model is None):
        raise UsageError("--endpoint and --model go together", "Add the other one: --endpoint URL --model NAME.")
    if model is not None and not model.strip():
        raise UsageError("--model is empty", "Name the model as the server does.")
    if name is not None and generations is None and endpoint is None:
        raise UsageError("--name is of another model", "Add --generations FILE, or --endpoint URL --model NAME.")
    if generations is not None:
        # Before a folder is made for them.
        saved.check(generations)


def _opened(run_or_task: str, recipe_name: str | None, overrides: list[str] | None, folder: Path | None) -> RunDir:
    """The run folder or, of a task, one without training, whose evaluation sets are those of any run of its recipe."""
    from tailkit import dataset
    from tailkit.run.naming import default_folder

    if opened := open_folder(run_or_task, given=bool(overrides or recipe_name or folder)):
        return opened
    name = recipe_name or DATA_RECIPE
    chosen = recipe.load(name, [*(overrides or []), "train.epochs=0"], task=run_or_task)
    dataset.order_of(run_or_task, chosen)
    return RunDir.create(folder or default_folder(run_or_task, name, chosen), run_or_task, chosen)


def _evaluate_other(
    run: RunDir, asked: "Path | Endpoint", limits: "Limits", name: str | None, workers: int, again: bool, as_json: bool
) -> None:
    """Score another model, the generations in a file or an endpoint, and show how it does, even if rows are missing."""
    from tailkit import others, pipeline
    from tailkit.use import suggest

    problem = None
    with run.at_work():
        if not run.recipe.trains:
            pipeline.make_data(run, workers)
        if isinstance(asked, Path):
            summaries = others.score_generations(run, asked, asked.stem if name is None else name, again)
        else:
            called = others.folder_name(asked.model) if name is None else name
            summaries, problem = others.ask(run, asked, limits, called, again)
    _show(run, summaries, as_json, exact=False)
    if problem is not None:
        raise problem
    if not as_json:
        say_next(suggest.after_others(run))


def _evaluate_run(
    folder: str, overrides: list[str] | None, misplaced: str | Path | None, again: bool, as_json: bool
) -> None:
    """Evaluate the run's own model."""
    from tailkit import pipeline, score

    if misplaced is not None:
        raise UsageError(
            "--recipe and --out are for the evaluation of other models", "Add --endpoint or --generations."
        )
    opened = RunDir.open(home(folder))
    with opened.at_work():
        opened.override(overrides or [], "decode")
        # Other settings are the user's word that the generations of the former ones may go.
        pipeline.evaluate(opened, again or bool(overrides))
        summaries = score.read_summaries(opened.summary)
    _show(opened, summaries, as_json, exact=not opened.recipe.free_form)
    if not as_json:
        next_steps(opened)


def _show(run: RunDir, summaries: list[Summary], as_json: bool, *, exact: bool) -> None:
    from tailkit.report import headline, tables, terminal
    from tailkit.run.manifest import read_manifest

    if as_json:
        print_json([asdict(summary) for summary in summaries])
        return
    manifest = read_manifest(run.data)
    grid = tables.accuracies(summaries, manifest.ranges, headline.trained_ranges(manifest), exact=exact)
    out.print(terminal.Fitted(grid, tables.SHORT if exact else ""))
