"""Runs the cells of a study: one after the other, several side by side, or through Ray.

In: cells. Out: their run folders. A finished cell is not run again, an unfinished one goes on; a
failed one leaves `failed.json` in its folder and does not stop the rest.
"""

import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from tailkit import pipeline, score, screen, tasks
from tailkit.arithmetic.host import processors
from tailkit.errors import EnvironmentMissing, Interrupted, TailkitError, UsageError
from tailkit.models.download import OFFLINE
from tailkit.run.apart import Child, passing_on_signals
from tailkit.run.folder import RECIPE, RunDir
from tailkit.run.kept import FAILED, Failure
from tailkit.screen import Bar, note
from tailkit.study.grid import GridCell

# A killed worker's cell goes on from its last checkpoint; so often it may happen to a cell.
RETRIES = 3

Ended = tuple[GridCell, TailkitError | None]
"""A cell that has ended, and its error if it failed."""


def is_done(cell: GridCell) -> bool:
    """Whether a cell is finished, with today's version of its task."""
    return (cell.folder / RECIPE).exists() and pipeline.is_finished(RunDir.open(cell.folder))


def run(cells: list[GridCell], jobs: int, launcher: str) -> None:
    """Run all cells that are not finished; raises `Interrupted` after a Ctrl-C, `EnvironmentMissing` without Ray."""
    # Cells of one study may share a folder.
    left = list({cell.folder: cell for cell in cells if not is_done(cell)}.values())
    note(f"{len(cells)} cells, {len(cells) - len(left)} of them finished or shared")
    if not left:
        return
    start = through_ray if launcher == "ray" else side_by_side
    # With one cell at a time it is the cell's own progress that changes on the screen.
    with Bar("cells", len(left), "cells", live=jobs > 1 or launcher == "ray") as bar:
        for cell, error in start(left, jobs):
            _tell(cell, error)
            bar.update(bar.done + 1)


def _tell(cell: GridCell, error: TailkitError | None) -> None:
    """Say how a cell ended, and keep the reason of a failure in its folder."""
    if error is None:
        (cell.folder / FAILED).unlink(missing_ok=True)
        summaries = score.read_summaries(RunDir.open(cell.folder).summary)
        figures = ", ".join(f"{summary.range} {100 * summary.accuracy:.1f} %" for summary in summaries)
        note(f"{cell.label}: {figures}")
        return
    Failure(error=error.message, hint=error.hint).write(cell.folder / FAILED)
    note(f"{cell.label} failed: {error.message}")


def side_by_side(cells: list[GridCell], jobs: int) -> Iterator[Ended]:
    """Run cells here, `jobs` at once, each in a process of its own; yields each as it ends."""
    waiting, working, stopped = list(cells), dict[object, tuple[GridCell, Child[None]]](), list[int]()
    quiet, threads = jobs > 1, max(1, processors() // jobs)
    with passing_on_signals(lambda: [job for _, job in working.values()], stopped.append):
        while working or (waiting and not stopped):
            while waiting and len(working) < jobs and not stopped:
                cell = waiting.pop(0)
                note(f"{cell.label} in {cell.folder}")
                job = Child(run_cell, cell, tasks.added(), threads, quiet)
                working[job.pipe] = cell, job
                if stopped:  # A signal that came while the job began has not reached it.
                    job.send(stopped[0])
            for pipe in wait([job.pipe for _, job in working.values()], timeout=1.0):
                cell, job = working.pop(pipe)
                error = _error_of(job.result)
                if isinstance(error, Interrupted):
                    stopped.append(signal.SIGINT)
                # What the signal itself broke off is no failure.
                elif error is None or not stopped:
                    yield cell, error
    if stopped:
        raise Interrupted("the study was stopped; what was finished is kept", "The same command goes on with it.")


def _error_of(result: Callable[[], object]) -> TailkitError | None:
    """What went wrong with a cell, None if nothing did."""
    try:
        result()
    except KeyboardInterrupt:
        return Interrupted("stopped", "")
    except TailkitError as error:
        return error
    except (ImportError, OSError) as error:
        return TailkitError(f"{type(error).__name__}: {error}", "Run the cell by itself with --debug.")
    return None


def run_cell(cell: GridCell, added: list[Path], threads: int, quiet: bool) -> None:
    """One cell as an ordinary run, in a process that was started for it."""
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    screen.mute(quiet)
    for file in added:
        tasks.add(file)
    opened = RunDir.create(cell.folder, cell.task, cell.recipe)
    with opened.at_work():
        pipeline.run_all(opened, workers=1)


def through_ray(cells: list[GridCell], jobs: int) -> Iterator[Ended]:
    """Run cells on a Ray cluster; their folders must lie where all its machines see them.

    On a cluster with GPUs each cell takes one, else `jobs` cells share the processors of a machine.
    A cell whose worker is killed goes on with another worker.
    """
    try:
        import ray
    except ImportError:
        raise EnvironmentMissing("Ray is not installed", "pip install 'tailkit[ray]'") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False)
    threads = max(1, processors() // jobs)
    on_gpus = "GPU" in ray.cluster_resources()
    needs: dict[str, Any] = {"num_cpus": 1, "num_gpus": 1} if on_gpus else {"num_cpus": threads}
    # A process for each cell: what training patches, and its memory, goes with it.
    remote = ray.remote(**needs, max_retries=RETRIES, max_calls=1)(_run_cell_there)
    here, settings = Path.cwd(), {name: os.environ[name] for name in OFFLINE if name in os.environ}
    working = {remote.remote(cell, tasks.added(), threads, here, settings): cell for cell in cells}
    try:
        while working:
            done, _ = ray.wait(list(working))
            for reference in done:
                yield working.pop(reference), _error_on_cluster(ray, reference)
    except KeyboardInterrupt:
        for reference in working:
            ray.cancel(reference, force=False)
        raise Interrupted("the study was stopped; what was finished is kept", "The same command goes on.") from None


def _run_cell_there(cell: GridCell, added: list[Path], threads: int, here: Path, settings: dict[str, str]) -> None:
    """One cell on a machine of a cluster, where relative paths mean what they mean in `here`."""
    os.chdir(here)
    os.environ.update(settings)
    run_cell(cell, added, threads, quiet=True)


def _error_on_cluster(ray: Any, reference: Any) -> TailkitError | None:
    try:
        ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        return cause if isinstance(cause, TailkitError) else UsageError(str(cause).split("\n", maxsplit=1)[0], "")
    except ray.exceptions.RayError as error:
        return TailkitError(str(error).split("\n", maxsplit=1)[0], "The same command tries it again.")
    return None
