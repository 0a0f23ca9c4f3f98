"""The application and what its commands share: arguments, options, output."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from tailkit import tasks
from tailkit.screen import out

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


DEFAULT_WORKERS = min(os.cpu_count() or 1, 8)
TaskName = Annotated[str, typer.Argument(help="A task; `tailkit tasks` lists them.")]
RecipeName = Annotated[
    str | None, typer.Option("--recipe", help="A recipe's name or YAML file (default: by hardware).")
]
Overrides = Annotated[list[str] | None, typer.Argument(help="Overrides of the recipe: section.key=value …")]
Out = Annotated[Path | None, typer.Option("--out", help="The run folder (default: runs/TASK-RECIPE-VARIANT).")]
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Processes that make data; the bytes do not depend on it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for another program to read.")]
TasksFrom = Annotated[
    Path | None,
    typer.Option(
        "--tasks-from",
        help="A task file of your own, or a folder of them; its code is run.",
        is_eager=True,
        callback=lambda path: path and tasks.add(path),
    ),
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
RunFolder = Annotated[Path, typer.Argument(help="A run folder, as `tailkit run` makes it.")]


def print_json(content: Any) -> None:
    """Plain JSON, also where the stream's encoding lacks some of its characters."""
    is_unicode = out.encoding.lower().startswith("utf")
    print(json.dumps(content, indent=2, ensure_ascii=not is_unicode), file=out.file)
