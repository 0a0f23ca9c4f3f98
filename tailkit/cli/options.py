"""The application and what its commands share: arguments, options, output."""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tailkit import recipe, tasks
from tailkit.arithmetic.host import processors
from tailkit.cli.complete import (
    complete_override,
    complete_recipe,
    complete_task,
    complete_tasks,
    complete_variant,
    starting,
)
from tailkit.errors import UsageError, unknown
from tailkit.run.folder import RECIPE, RunDir
from tailkit.screen import note, out
from tailkit.tape.render import VARIANTS
from tailkit.use.suggest import Suggestion

if TYPE_CHECKING:
    from tailkit.arithmetic.card import Reading

app = typer.Typer(
    name="tailkit",
    help="Teach a small model an algorithm by imitating a Turing machine (TAIL, arXiv 2507.13332).",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _stay_offline(wanted: bool) -> bool:
    if wanted:
        os.environ.update({"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"})
    return wanted


def home(text: str) -> Path:
    """A path on the command line; `~` is home, also where the shell leaves it, as in --out=~/x."""
    return Path(os.path.expanduser(text))


def choice(option: str, values: Iterable[str], help_text: str) -> Any:
    """An option that takes one of a few words; another word is refused with the nearest of them."""
    known, parse = [*values], one_of(f"value of {option}:", values)

    def complete(incomplete: str) -> list[str]:
        return starting(known, incomplete)

    return typer.Option(option, parser=parse, metavar="|".join(known), autocompletion=complete, help=help_text)


def one_of(what: str, known: Iterable[str], hint: str = "") -> Callable[[str], str]:
    """Takes one of a few words; raises `UsageError` with the nearest for another."""
    words = [*known]

    def parse(text: str) -> str:
        if text not in words:
            raise unknown(what, text, words, hint)
        return text

    return parse


def variant_option(option: str, help_text: str) -> Any:
    """An option that takes a variant. A task may have baselines of its own, so the task checks it."""
    known = f"{', '.join(VARIANTS)}, or a baseline of the task"
    return typer.Option(option, autocompletion=complete_variant, help=f"{help_text} ({known}).")


def default_recipe(
    task: str | None,
    overrides: Iterable[str] = (),
    reading: "Reading | None" = None,
    memory: float | None = None,
    *,
    tell: bool = True,
) -> str:
    """The recipe of a command that is not told one: the largest that fits this machine, or a card of `memory` GiB.

    `reading` is what is known of the card that is here. `tell`: it and the reason become a note.
    """
    from tailkit import dataset, hardware
    from tailkit.arithmetic import card

    chosen = hardware.choose(task, [*overrides], reading or card.read(), dataset.rows_of, memory)
    if tell:
        recipe.load(chosen.recipe, [*overrides], task=task)  # What is wrong with an override is said alone.
        note(str(chosen))
    return chosen.recipe


DATA_RECIPE = "paper"
RECIPE_RULE = (
    "Default: the largest that fits this machine's GPU (hobby with 24 GB, 16gb, 12gb, 8gb), without one laptop where "
    f"its model is here and there are 8 cores, else {recipe.NANO}; "
    f"but `data`, and `eval` of a task, take {DATA_RECIPE}, so that problems are the same on every machine."
)
Split = Literal["train", "eval"]

DEFAULT_WORKERS = min(processors(), 8)
TaskName = Annotated[
    str,
    typer.Argument(
        parser=tasks.known,
        metavar="TASK",
        help="A task (`tailkit tasks` lists them), or a Python function: FILE.py:FUNCTION.",
        autocompletion=complete_task,
    ),
]
TaskOrAll = Annotated[
    str,
    typer.Argument(
        parser=tasks.known,
        metavar="TASK",
        help="A task (`tailkit tasks` lists them), all, or a Python function: FILE.py:FUNCTION.",
        autocompletion=complete_tasks,
    ),
]
RecipeName = Annotated[
    str | None,
    typer.Option("--recipe", help=f"A recipe's name or YAML file. {RECIPE_RULE}", autocompletion=complete_recipe),
]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(help="Overrides of the recipe: section.key=value …", autocompletion=complete_override),
]
Out = Annotated[
    Path | None, typer.Option("--out", parser=home, help="The run folder (default: runs/TASK-RECIPE-VARIANT).")
]
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Processes that make data; the bytes do not depend on it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for another program to read.")]
TasksFrom = Annotated[
    Path | None,
    typer.Option(
        "--tasks-from",
        parser=home,
        help="A task file of your own, or a folder of them; its code is run.",
        is_eager=True,
        callback=lambda path: path and tasks.add(path),
    ),
]
WithSource = Annotated[
    bool, typer.Option("--with-source", help="Of a Python function: its source stands in each query, too.")
]
AllowHidden = Annotated[
    bool, typer.Option("--allow-hidden", help="Of a Python function: what hides a loop is one state, not refused.")
]
Again = Annotated[
    bool,
    typer.Option(
        "--again", help="Make again what was made from something else or has changed; the old is kept until then."
    ),
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline",
        help="Never ask the model hub; what is not in its cache is missing.",
        is_eager=True,
        callback=_stay_offline,
    ),
]
RunFolder = Annotated[Path, typer.Argument(parser=home, help="A run folder, as `tailkit run` makes it.")]


def open_folder(name: str, *, given: bool) -> RunDir | None:
    """The run folder that stands where a task could; None for a task's name.

    `given`: whether the command has overrides or options for a new run; a run folder refuses them.
    """
    path, is_run, is_task = home(name), (home(name) / RECIPE).exists(), name in tasks.names()
    if is_task and (given or not is_run):
        return None
    if not (is_run or path.is_dir() or _is_path(name)):
        return None
    run = RunDir.open(path)
    if given:
        raise UsageError(
            f"{path} is made with its recipe: overrides, and options of a new run, are for a task", "Leave them out."
        )
    return run


def _is_path(name: str) -> bool:
    return os.sep in name and ".py" not in name


def options_of(with_source: bool, allow_hidden: bool) -> list[str]:
    """The settings of a plain Python function that its options ask for."""
    return ["with_source=1"] * with_source + ["allow_hidden=1"] * allow_hidden


def settings_of(task: str, with_source: bool, allow_hidden: bool) -> list[str]:
    """The same as overrides of a recipe."""
    return [f"data.settings.{task}.{each}" for each in options_of(with_source, allow_hidden)]


def print_json(content: object, indent: int | None = 2) -> None:
    """Plain JSON, also where the stream's encoding lacks some of its characters; on one line without `indent`."""
    is_unicode = out.encoding.lower().startswith("utf")
    print(json.dumps(content, indent=indent, ensure_ascii=not is_unicode), file=out.file, flush=True)


def say_next(suggestions: list[Suggestion]) -> None:
    """Commands to go on with, on standard error: what each is for stands beside it, above it where that is too wide."""
    if not suggestions:
        return
    width = max(len(one.command) for one in suggestions)
    if width + max(len(one.about) for one in suggestions) + 6 <= shutil.get_terminal_size().columns:
        shown = [f"  {one.command:{width}}  # {one.about}" for one in suggestions]
    else:
        shown = [f"  # {one.about}\n  {one.command}" for one in suggestions]
    note("\n".join(["next:", *shown]))
