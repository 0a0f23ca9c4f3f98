"""Tries a user's task file in processes of its own, where it can neither end nor hang this one.

In: a task file. Out: what its functions gave, by process, or a `UsageError`. The processes have
different hash seeds, clocks and orders of problems, so that a result that depends on one of them shows.
"""

import json
import multiprocessing
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tailkit.arithmetic.host import processors
from tailkit.errors import TailkitError, UsageError
from tailkit.records import Bounds
from tailkit.tasks.contract import guard
from tailkit.tasks.contract.breaches import Given
from tailkit.tasks.contract.refusal import refusal

GRACE = 3.0
"""Seconds beyond the limit of a call before its process is killed: most calls stop by themselves."""

# -P: what lies in the working folder is no module of Python's.
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from tailkit.tasks.contract import trial; trial.main()"
)


@dataclass(frozen=True)
class Trial:
    """What one process is to do: run the file, and examine the task on `count` problems of each range."""

    name: str
    file: str
    bounds: dict[str, Bounds] = field(default_factory=dict)
    settings: dict[str, int] = field(default_factory=dict)
    count: int = 0
    seed: int = 0
    seconds: float = field(default_factory=lambda: guard.SECONDS)
    import_seconds: float = field(default_factory=lambda: guard.IMPORT_SECONDS)


def try_file(name: str, file: Path) -> None:
    """Run a task file once, somewhere else; raises `UsageError` for what it must not do."""
    if multiprocessing.parent_process() is None:  # a worker gets what its parent has tried
        examine([Trial(name, str(file))])


def examine(jobs: list[Trial]) -> list[list[Given]]:
    """What each job gives, problem by problem, some of them worked on at once; raises the first one's `UsageError`."""
    results: list[list[Given]] = []
    at_once = max(2, processors())
    for first in range(0, len(jobs), at_once):
        with _started(jobs[first : first + at_once]) as children:
            results += [child.result() for child in children]
    return results


@contextmanager
def _started(jobs: list[Trial]) -> Iterator[list["_Child"]]:
    children: list[_Child] = []
    try:
        for job in jobs:
            children.append(_Child(job))
        yield children
    finally:
        for child in children:
            child.end()


class _Child:
    """A process at work on a job. It tells what it calls before it does so, and ends with this process."""

    def __init__(self, job: Trial) -> None:
        self.job = job
        command = [sys.executable, "-P", "-c", _CHILD, json.dumps(sys.path)]
        # Minutes apart for a clock, hours for a date; Ctrl-C is for this process.
        environment = os.environ | {"PYTHONHASHSEED": str(job.seed), "TZ": f"TRY{(-11, 13)[job.seed % 2]}:17:29"}
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(asdict(job)) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended; `result` says so

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def result(self) -> list[Given]:
        """What the process found; raises `UsageError` if it refuses the file, ends, or comes to no end."""
        what, problem, seconds = "starting Python", "", guard.START_SECONDS
        while True:
            try:
                line = self._lines.get(timeout=seconds + GRACE)
            except queue.Empty:
                raise self._refusal(f"{what} did not end within {seconds:g} s{problem}") from None
            if not line:
                code = self.process.wait()
                raise self._refusal(f"{what} ended the process (exit code {code}){problem}")
            kind, content = json.loads(line)
            if kind == "calls":
                what, problem, seconds = content
            elif kind == "gives":
                return [Given(**given) for given in content]
            elif kind == "refuses":
                raise UsageError(*content)
            else:
                raise self._refusal(f"{what} raises {content}{problem}")

    def _refusal(self, reason: str) -> TailkitError:
        return refusal(self.job.name, Path(self.job.file), reason)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
