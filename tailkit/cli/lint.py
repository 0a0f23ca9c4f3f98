"""The command that measures what makes a trace TAIL: linear, fetched, atomic.

In: the name of a task, or all. Out: a table or JSON, and exit code 1 where a trace does not print all that it rests on.
"""

from dataclasses import asdict
from random import Random
from typing import Annotated, Any

import typer

from tailkit import tasks
from tailkit.cli.options import AllowHidden, AsJson, TaskOrAll, TasksFrom, WithSource, app, options_of, out, print_json
from tailkit.cli.view import setting
from tailkit.screen import Bar
from tailkit.tape.lint import Growth, Measure
from tailkit.tasks import Task
from tailkit.tasks.contract import traces

ALL = "all"


@app.command()
def lint(
    name: TaskOrAll,
    count: Annotated[int, typer.Option("--count", min=2, help="Problems of each range that are traced.")] = 10,
    settings: Annotated[list[str] | None, typer.Option("--set", help="A setting of the task: NAME=NUMBER.")] = None,
    as_json: AsJson = False,
    tasks_from: TasksFrom = None,
    with_source: WithSource = False,
    allow_hidden: AllowHidden = False,
) -> None:
    """Measure what makes a trace TAIL: transitions that are local, operands that are printed, states without a loop.

    Exit code 1 if a transition or an operation rests on what its state does not print; a hidden loop is shown only.

    Examples: [bold]tailkit lint addition[/bold] · tailkit lint all · tailkit lint division --set digitwise=0
    """
    names = tasks.names() if name == ALL else [name]
    asked = dict(map(setting, [*(settings or []), *options_of(with_source, allow_hidden)]))
    chosen = [tasks.load(each).with_settings(asked) for each in names]
    measured: dict[str, Measure] = {}
    with Bar("lint", len(chosen), "tasks") as bar:
        for task in chosen:
            measured[task.id] = traces.measure(task, _runs(task, count))
            bar.update(len(measured))
    if as_json:
        print_json({each: _facts(measure) for each, measure in measured.items()})
    else:
        from tailkit.cli import display

        out.print(display.lint_table(measured))
        for each, measure in measured.items():
            for line in display.lint_lines(each, measure):
                out.print(line)
    if any(measure.findings for measure in measured.values()):
        raise typer.Exit(1)


def _runs(task: Task, count: int) -> traces.Runs:
    """Problems of each range with their runs; of half of them the length is the greatest."""
    found: traces.Runs = {}
    for name, (low, high) in task.ranges.items():
        rng = Random(f"lint/{task.id}/{name}")
        drawn = [task.problem(rng, name, (low, high)) for _ in range(count - count // 2)]
        drawn += [task.problem_at(rng, high) for _ in range(count // 2)]
        found[name] = [(problem, task.record(problem)) for problem in drawn]
    return found


def _facts(measure: Measure) -> dict[str, Any]:
    return {
        "transitions": measure.transitions,
        "local": measure.local,
        "lines_back": measure.lines_back,
        "values": measure.values,
        "printed": measure.printed,
        "findings": [asdict(finding) for finding in measure.findings],
        "states": [_state(growth) for growth in measure.growth],
    }


def _state(growth: Growth) -> dict[str, Any]:
    return asdict(growth) | {"hides_a_loop": growth.hides_a_loop}
