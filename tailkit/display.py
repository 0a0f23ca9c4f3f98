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
        body = Table(expand=True)
        for name in traces:
            body.add_column(name, overflow="fold")
        body.add_row(*map(coloured, traces.values()))
    return Group(Text(problem.query, "bold"), Text(), body, Text(), legend())


def task_table(found: list[Task], tokens: dict[str, dict[str, dict[str, int]]]) -> Table:
    """One row a range of each task. `tokens` holds medians by task, style and range."""
    table = Table(padding=(0, 1, 0, 0))
    for head in ("task", "paradigm", "", "length"):
        table.add_column(head, no_wrap=True)
    for head in ("problems", "core tokens", "styled tokens"):
        table.add_column(head, justify="right")
    for task in found:
        for name, (low, high) in task.ranges.items():
            titles = (task.id, task.paradigm) if name == RANGES[0] else ("", "")
            counts = [f"{tokens[task.id][style][name]:,}" for style in ("tail", "styled")]
            table.add_row(*titles, name, f"{low}–{high}", _rounded(task.support(low, high)), *counts)
        table.add_section()
    return table


def _rounded(count: int | None) -> str:
    """A count short enough for a table; "many" where a task does not count its problems."""
    return "many" if count is None else f"{count:,}" if count < 10**6 else f"10^{len(str(count)) - 1}"


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
