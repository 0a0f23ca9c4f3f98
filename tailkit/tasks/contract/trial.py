"""What a process does that tries a task file: run the file, and examine the task on a few problems.

In: a `Trial` as a line of standard input. Out: lines of JSON on standard output: what is called next,
and at last what the task's functions gave, why the file is refused, or what it raised.
"""

import json
import os
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any, TextIO

from tailkit.errors import TailkitError
from tailkit.records import Bounds
from tailkit.tasks.contract import breaches, guard
from tailkit.tasks.contract.breaches import Given
from tailkit.tasks.contract.isolated import Trial
from tailkit.tasks.contract.refusal import refusal
from tailkit.tasks.contract.registry import open_file
from tailkit.tasks.contract.task import Task
from tailkit.tasks.contract.traces import Runs, of_traces

SAMPLES = 25
"""Problems of each range that are drawn in every process; fewer of them are traced."""

CHECKING_SECONDS = 120.0
"""How long the checks of all recorded runs may take; long ones have thousands of states."""


def main() -> None:
    report = _take_standard_streams()

    def say(kind: str, content: Any) -> None:
        report.write(json.dumps([kind, content]) + "\n")
        report.flush()

    job = Trial(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with_parent, args=(sys.stdin,), daemon=True).start()
    sys.stdin = open(os.devnull)  # noqa: SIM115 - for as long as the process lives
    clock, guard.SECONDS, guard.IMPORT_SECONDS = time.time, job.seconds, job.import_seconds
    time.time = lambda: clock() + 1009.5 * job.seed
    try:
        say("gives", [asdict(given) for given in work(job, lambda *call: say("calls", call))])
    except TailkitError as error:
        say("refuses", [error.message, error.hint])
    except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt too: nobody pressed Ctrl-C here
        say("raises", type(error).__name__)
    # Threads of the file's own do not keep the process.
    os._exit(0)


def _take_standard_streams() -> TextIO:
    """Standard output for the report alone; what the file prints, also from C, goes nowhere."""
    report = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return report


def _end_with_parent(pipe: TextIO) -> None:
    pipe.read()
    os._exit(1)


def work(job: Trial, tell: guard.Teller | None) -> list[Given]:
    """What a task file's functions gave for the problems of a job; raises `UsageError`."""
    task = open_file(job.name, Path(job.file), tell)
    return examine(task.with_settings(job.settings), job.bounds, job.count, job.seed) if job.bounds else []


def examine(task: Task, bounds: dict[str, Bounds], count: int, seed: int = 0) -> list[Given]:
    """Hold a task to the contract on problems of each range; return what its functions gave for each.

    Each problem has a random stream of its own, so that the order, which `seed` decides, must not
    matter. The first `count` of a range are recorded, checked and traced in every variant. Raises
    `UsageError`.
    """
    places = [(name, number) for name in bounds for number in range(max(SAMPLES, count))]
    given: dict[tuple[str, int], Given] = {}
    runs: Runs = {}
    for name, number in Random(seed).sample(places, len(places)):
        rng = Random(f"trial/{task.id}/{name}/{number}")
        given[name, number] = breaches.hold(task, rng, name, bounds[name], runs if number < count else None)
    in_order = [given[place] for place in places]
    by_length = {name: sorted(runs[name], key=lambda pair: pair[0].n) for name in bounds if name in runs}
    reason = breaches.of_answers(task, in_order) or breaches.of_support(task, bounds, in_order)
    if task.guard and task.guard.tell:
        task.guard.tell("checking the traces", "", CHECKING_SECONDS)
    if reason := reason or of_traces(task, by_length):
        raise refusal(task.id, task.file, reason)
    return in_order
