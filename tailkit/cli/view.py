"""The commands that show what the kit has: traces, tasks, recipes."""

import os
import shlex
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Annotated

import typer

from tailkit import recipe, tasks
from tailkit.cli.complete import complete_recipe, starting
from tailkit.cli.options import (
    AllowHidden,
    AsJson,
    TaskName,
    TasksFrom,
    WithSource,
    app,
    home,
    one_of,
    options_of,
    print_json,
    variant_option,
)
from tailkit.errors import UsageError, cut, quoted
from tailkit.screen import out


def setting(text: str) -> tuple[str, int]:
    """A setting as it is written, NAME=NUMBER; raises `UsageError`."""
    name, _, number = text.partition("=")
    if not (number.isascii() and number.isdigit()):
        raise UsageError(f"--set {quoted(text)} is no setting", "Write --set NAME=NUMBER.")
    return name, int(number)


@app.command()
def show(
    task: TaskName,
    variant: Annotated[str, variant_option("--variant", "How the run is rendered")] = "tail",
    n: Annotated[
        int | None, typer.Option("--n", min=1, help="Length of the problem (default: the shortest of S).")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Which problem.")] = 0,
    plain: Annotated[bool, typer.Option("--plain", help="No colours: just the text.")] = False,
    compare: Annotated[str | None, variant_option("--compare", "Another variant, side by side")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="A setting of the task: NAME=NUMBER.")] = None,
    as_json: AsJson = False,
    tasks_from: TasksFrom = None,
    with_source: WithSource = False,
    allow_hidden: AllowHidden = False,
) -> None:
    """Show a problem and its trace, coloured by module.

    Examples: [bold]tailkit show addition --n 12[/bold] · tailkit show lcs --compare no-fetch --seed 3
    """
    from tailkit.cli import display

    asked = [*(settings or []), *options_of(with_source, allow_hidden)]
    found = tasks.load(task).with_settings(dict(map(setting, asked)))
    wanted = [found.check_variant(name) for name in (variant, compare) if name is not None]
    if found.own:
        tasks.verify(found)
    rng = Random(f"show/{seed}/{n}")
    problem = found.shortest(Random(f"show/{seed}")) if n is None else found.problem_at(rng, found.check_length(n))
    recorded = found.record(problem)
    found.check(recorded, problem)
    traces = {name: found.trace(recorded, problem, name) for name in wanted}
    if as_json:
        spans = {name: [span._asdict() for span in trace.spans] for name, trace in traces.items()}
        texts = {name: trace.text for name, trace in traces.items()}
        print_json({**asdict(problem), "variant": variant, "completion": texts[variant], "spans": spans[variant]})
    elif plain:
        print(problem.query, *[trace.text for trace in traces.values()], sep="\n\n")
    else:
        out.print(display.trace_page(problem, traces), soft_wrap=compare is None)


@app.command("tasks")
def list_tasks(
    tokens: Annotated[bool, typer.Option("--tokens", help="Count the tokens of traces too; takes seconds.")] = False,
    tokenizer: Annotated[
        str | None,
        typer.Option("--tokenizer", help="Count them by this one: nano (bytes), a folder's, or a hub id's."),
    ] = None,
    as_json: AsJson = False,
    tasks_from: TasksFrom = None,
) -> None:
    """List the tasks: paradigm, ranges, distinct problems, variants; with --tokens the length of a trace too.

    Examples: [bold]tailkit tasks[/bold] · tailkit tasks --tokens · tailkit tasks --tokenizer Qwen/Qwen2.5-7B
    """
    from tailkit.cli import display

    listed = [tasks.load(name) for name in tasks.names()]
    medians = _medians(listed, tokenizer or recipe.NANO) if tokens or tokenizer else {}
    if as_json:
        print_json([display.task_facts(task, medians.get(task.id)) for task in listed])
    else:
        out.print(display.task_table(listed, medians) if medians else display.task_lines(listed))


def _medians(listed: list[tasks.Task], tokenizer: str) -> dict[str, dict[str, dict[str, int]]]:
    """Tokens of a trace at the top of a range, by task, style and range."""
    from tailkit.models import tokens
    from tailkit.screen import Bar

    count, medians = tokens.counter(tokenizer), {}
    with Bar(f"tokens of {tokenizer}", len(listed), "tasks") as bar:
        for task in listed:
            medians[task.id] = {style: tokens.at_top(task, style, count) for style in ("tail", "styled")}
            bar.update(len(medians))
    return medians


ACTIONS = ("list", "show", "copy")
SHOW_OR_COPY = "Write: recipes show NAME, or recipes copy NAME FILE."


@app.command()
def recipes(
    action: Annotated[
        str,
        typer.Argument(
            parser=one_of("action", ACTIONS, SHOW_OR_COPY),
            metavar="|".join(ACTIONS),
            autocompletion=lambda incomplete: starting(ACTIONS, incomplete),
            help="What to do.",
        ),
    ] = "list",
    name: Annotated[
        str | None, typer.Argument(help="A recipe's name or YAML file.", autocompletion=complete_recipe)
    ] = None,
    target: Annotated[Path | None, typer.Argument(parser=home, help="Where `copy` writes.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="`show` also prints what has its default.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the kit's recipes; show one, each key explained, as a recipe again; or copy one to change it.

    Examples: [bold]tailkit recipes[/bold] · tailkit recipes show nano --all · tailkit recipes copy nano mine.yaml
    """
    if action == "list":
        _list_recipes(as_json)
    elif name is None or (target is None) is (action == "copy"):
        raise UsageError(
            f"recipes {action} takes {'a name and a file' if action == 'copy' else 'a name'}", SHOW_OR_COPY
        )
    elif target is not None:
        _copy_recipe(name, target)
    else:
        chosen = recipe.load(name, task=None)
        whole = chosen.model_dump(mode="json")
        print_json(whole) if as_json else print(recipe.explain(chosen, everything=everything), end="")


def _list_recipes(as_json: bool) -> None:
    about = {name: _text_of(name).split("\n")[0].lstrip("# ") for name in recipe.names()}
    if as_json:
        print_json(about)
        return
    for name, text in about.items():
        out.print(f"{name:8} {text}")


def _copy_recipe(name: str, target: Path) -> None:
    from tailkit.run.files import writing

    if target.suffix not in recipe.ENDINGS:
        raise UsageError(f"{cut(target)} is no name for a recipe", "It must end in .yaml.")
    if os.path.lexists(target):
        raise UsageError(f"{cut(target)} is there already", "Choose another file name.")
    with writing(target) as file:
        file.write(_text_of(name))
    out.print(f"{target}: use it with `--recipe {shlex.quote(str(target))}`")


def _text_of(name: str) -> str:
    """A recipe's file as it is; raises `UsageError` if it is none."""
    path = recipe.path_of(name)
    recipe.read_yaml(path)
    return path.read_text(encoding="utf-8-sig")
