"""Holds a task to the contract on a few problems, before anything is written.

In: a task. Out: nothing, or a `UsageError` with the reason.
"""

import json
from random import Random
from string import Formatter
from typing import Any

from tailkit.tape import check
from tailkit.tasks.contract.registry import refusal
from tailkit.tasks.contract.task import Task


def verify(task: Task, bounds: dict[str, tuple[int, int]] | None = None, count: int = 3) -> None:
    """Hold a task to the contract on a few problems of each range; raises `UsageError` with the reason.

    Lengths, keys and queries are as declared, the run checks, program and oracle agree, and
    every variant gives the answer. The contract test does the same on many more problems.
    """
    for name, (low, high) in (bounds or task.ranges).items():
        rng = Random(f"verify/{task.id}/{name}")
        for _ in range(count):
            data: Any = None
            try:
                state = rng.getstate()
                data = task.sample(rng, low, high) | task.settings
                reason = _breach(task, data, name, low, high)
                rng.setstate(state)
                if task.sample(rng, low, high) | task.settings != data:
                    reason = "sample draws from elsewhere than its stream: the same one gives other data"
            except Exception as error:  # noqa: BLE001 - the task's own code may raise anything
                reason = f"{type(error).__name__}: {error}"
            if reason:
                raise refusal(task.id, task.file, f"{reason}; the problem was {json.dumps(data, default=str)[:200]}")


def _breach(task: Task, data: dict[str, Any], range_name: str, low: int, high: int) -> str | None:
    """In what a problem breaks the contract, None if it does not."""
    if json.loads(json.dumps(data)) != data:
        return "sample gives data that JSON does not keep"
    words = task.words(data)
    texts = [query.format(**words) for query in task.queries]
    for query in task.queries:
        left_out = words.keys() - {field for _, field, _, _ in Formatter().parse(query)}
        if left_out:
            return f"a query template leaves out {{{min(left_out)}}}: {query[:60]!r}"
    if len(set(texts)) < len(texts):
        return "two query templates give the same text"
    problem = task.problem_of(data, range_name, texts[0])
    if not low <= problem.n <= high:
        return f"length {problem.n} is not within {low}–{high}"
    run = task.record(problem)
    check(run, task.program, data)
    if not task.equal(run.answer, problem.answer, data):
        return f"the program answers {run.answer!r}, the oracle {problem.answer!r}"
    for variant in task.variants:
        answer = task.answer_in(task.trace(run, problem, variant).text, variant)
        if answer is None or not task.equal(answer, problem.answer, data):
            return f"variant {variant} gives {answer!r}, not {problem.answer!r}"
    return None
