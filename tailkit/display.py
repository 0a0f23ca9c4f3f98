"""What `tailkit show` and `tailkit tasks` print: coloured traces, two side by side, the table of tasks.

In: tasks, problems and traces. Out: Rich renderables.
"""

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tailkit.records import RANGES, Problem
from tailkit.tasks import Task
from tailkit.trace import Trace

MODULE_STYLES = {
    "state": "bold blue",
    "fetch": "yellow",
    "compute": "bold green",
    "transition": "magenta",
    "answer": "bold cyan",
}


def coloured(trace: Trace) -> Text:
    """A trace's text, coloured by module."""
    return Text.assemble(*[(text, MODULE_STYLES[module]) for text, module, _ in trace.parts])


def legend() -> Text:
    return Text.assemble(*[(f"{module} ", style) for module, style in MODULE_STYLES.items()])


def trace_page(problem: Problem, traces: dict[str, Trace]) -> Group:
    """A problem's query and its trace; several variants stand side by side."""
    if len(traces) == 1:
        body: Text | Table = coloured(*traces.values())
    else:
        body = Table(*traces, expand=True)
        body.add_row(*map(coloured, traces.values()))
    return Group(Text(problem.query, "bold"), Text(), body, Text(), legend())


def support_of(task: Task) -> list[str]:
    """How many distinct problems each range has, short enough for a table."""
    counts = [task.support(*task.ranges[name]) for name in RANGES]
    return ["?" if count is None else f"{count:,}" if count < 10**6 else f"{count:.0e}" for count in counts]


def task_table(found: list[Task], tokens: dict[str, dict[str, dict[str, int]]]) -> Table:
    """One row a task. `tokens` holds medians by task, style and range."""
    table = Table(padding=(0, 0))
    for head in ("task", "paradigm", "S", "M", "L", "problems", "core tokens", "styled tokens"):
        table.add_column(head, no_wrap=head != "paradigm", justify="right" if "tokens" in head else "left")
    for task in found:
        ranges = [f"{low}–{high}" for low, high in task.ranges.values()]
        counts = ["/".join(str(tokens[task.id][style][name]) for name in RANGES) for style in ("tail", "styled")]
        table.add_row(task.id, task.paradigm, *ranges, "/".join(support_of(task)), *counts)
    return table


def task_facts(task: Task, tokens: dict[str, dict[str, int]]) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "task": task.id,
        "about": task.about,
        "paradigm": task.paradigm,
        "ranges": task.ranges,
        "distinct_problems": {name: task.support(*task.ranges[name]) for name in RANGES},
        "variants": task.variants,
        "tokens": tokens,
    }
