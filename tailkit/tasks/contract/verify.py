"""Holds a task to the contract on a few problems, before anything is written.

In: a task. Out: warnings, or a `UsageError` with the reason.
"""

import ast
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from random import Random

from tailkit.errors import quoted
from tailkit.records import Bounds
from tailkit.screen import note
from tailkit.tasks.contract import breaches, isolated, task_file
from tailkit.tasks.contract.breaches import Given
from tailkit.tasks.contract.refusal import of_problem, refusal
from tailkit.tasks.contract.task import Task
from tailkit.tasks.contract.traces import Runs, of_traces

MIN_QUERIES = 20
"""With fewer templates a model learns one wording by heart."""
TRACED = 12
"""Problems of each range whose traces are held to the rules, of a task of one's own, whose wordings may do anything."""
PROCESSES, MORE_PROCESSES = 2, 8
"""How many try a user's task; more where the file has sets, since two of them may order a set alike."""


def verify(task: Task, bounds: dict[str, Bounds] | None = None, count: int = 3) -> list[str]:
    """Hold a task to the contract on `count` problems of each range, or more; returns, and notes, what is only unwise.

    Lengths, keys and queries are as declared, the run checks, program and oracle agree, every variant
    gives the answer, and the complete traces print all that they rest on. The contract test does the
    same on many more problems. A user's task is tried in processes of its own, which must all give the
    same. Raises `UsageError`.
    """
    bounds = bounds or task.ranges
    if task.own:
        _verify_apart(task, bounds, count if task.function else max(count, TRACED))
    else:
        runs: Runs = {}
        for name, (low, high) in bounds.items():
            rng = Random(f"verify/{task.id}/{name}")
            for _ in range(count):
                breaches.hold(task, rng, name, (low, high), runs)
        if reason := of_traces(task, runs):
            raise refusal(task.id, task.file, reason)
    warnings = list(_unwise(task))
    for warning in warnings:
        note(f"note: {warning}")
    return warnings


def _unwise(task: Task) -> Iterable[str]:
    if (count := len(task.queries)) < MIN_QUERIES:
        what = f"{count} query template{'s'[: count != 1]}"
        yield f"task {task.id} has {what}; with {MIN_QUERIES} or more a model learns the problem, not its wording"


def _verify_apart(task: Task, bounds: dict[str, Bounds], count: int) -> None:
    processes = MORE_PROCESSES if any(map(_has_sets, (task.file, *task.beside))) else PROCESSES
    job = isolated.Trial(task.id, task.where, bounds, task.settings, count)
    first, *others = isolated.examine([replace(job, seed=seed) for seed in range(1, processes + 1)])
    for other in others:
        for given, again in zip(first, other, strict=True):
            if given != again:
                raise refusal(task.id, task.file, _differing(given, again))


def _differing(given: Given, again: Given) -> str:
    """Which function gave something else for the same problem in another process."""
    name = next(each.name for each in fields(Given) if getattr(given, each.name) != getattr(again, each.name))
    both = " and ".join(quoted(getattr(each, name), 50) for each in (given, again))
    shown = "" if name in ("program", "wording") else f", {both}"
    problem = "" if name == "sample" else f"; {of_problem(given.sample)}"
    called = "CORE, STYLED or BASELINES" if name == "wording" else name
    return (
        f"{called} gives something else in another process{shown}: it may depend on the order of a set, a clock, "
        f"a random number not of rng, or what was drawn before{problem}"
    )


def _has_sets(file: Path) -> bool:
    """Whether a file makes sets, or hashes, whose order another process does not share."""
    try:
        tree = ast.parse(file.read_bytes())
    except task_file.BROKEN:
        return False
    return any(
        isinstance(node, ast.Set | ast.SetComp)
        or (isinstance(node, ast.Name) and node.id in ("set", "frozenset", "hash"))
        for node in ast.walk(tree)
    )
