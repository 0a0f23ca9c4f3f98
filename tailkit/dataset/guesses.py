"""What answers reach that need no trace: the same one for every problem, or a simple heuristic.

In: a task, and problems with their answers, of a data set's files or drawn. Out: `Guesses`, shares that are right.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tailkit import tasks
from tailkit.dataset.order import Order
from tailkit.records import RANGES
from tailkit.run.manifest import TRAIN, FileFacts, Guesses, evaluation, parquet
from tailkit.tasks import Task

MOST = 1_000
"""Problems of a range that are looked at: enough for a share in percent."""

Posed = tuple[dict[str, Any], str]
"""The data of a problem, and its answer."""


def measure(task: Task, problems: Iterable[Posed]) -> Guesses | None:
    """The shares of problems that guesses answer right; None without problems."""
    answered = list(problems)
    if not answered:
        return None
    count = len(answered)
    # Of answers that are equally frequent the first in order, so that a manifest is always the same.
    constant, times = min(Counter(answer for _, answer in answered).items(), key=lambda each: (-each[1], each[0]))
    heuristics = {
        name: round(sum(task.equal(rule(data), answer, data) for data, answer in answered) / count, 4)
        for name, rule in task.heuristics.items()
    }
    best = round(times / count, 4)
    return Guesses(problems=count, constant=constant, best_constant=best, simple_heuristics=heuristics)


def of_files(order: Order, folder: Path, files: dict[str, FileFacts]) -> dict[str, Guesses]:
    """The same by range, for the evaluation problems that were written, or else for training problems."""
    task = tasks.load(order.task).with_settings(order.settings)
    sets = {name: evaluation(name) if evaluation(name) in files else TRAIN for name in RANGES}
    measured = {
        name: measure(task, islice(_problems(parquet(folder, file), task, name), MOST))
        for name, file in sets.items()
        if file in files
    }
    return {name: guesses for name, guesses in measured.items() if guesses}


def _problems(path: Path, task: Task, range_name: str) -> Iterator[Posed]:
    """The problems of a task and a range in a data file; rows that others made have none."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["task", "range", "problem", "answer"]):
            for row in batch.to_pylist():
                if row["task"] == task.id and row["range"] == range_name and row["problem"] != "null":
                    yield json.loads(row["problem"]), row["answer"]
