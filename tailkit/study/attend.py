"""Where the models of a study's cells look: attention of write tokens on gold traces.

In: finished cells. Out: `attention.json` in each.
"""

from pathlib import Path

from tailkit import pipeline, tasks
from tailkit.errors import Interrupted, TailkitError
from tailkit.run.apart import run_apart
from tailkit.run.folder import RunDir
from tailkit.run.stages import Stage
from tailkit.screen import Bar, note
from tailkit.study.gather import ATTENTION
from tailkit.study.grid import GridCell, Study
from tailkit.study.launch import is_done

ROWS, RANGE = 50, "M"


def attend(study: Study) -> None:
    """Measure all finished cells that have no measurement yet; raises `TailkitError` at the end if one failed."""
    cells = [cell for cell in {cell.folder: cell for cell in study.cells}.values() if is_done(cell)]
    failed = []
    with Bar("attention", len(cells), "cells") as bar:
        for cell in cells:
            try:
                _attend(cell)
            except Interrupted:
                raise
            except TailkitError as error:
                failed.append(f"{cell.label}: {error.message}")
                note(f"attention of {failed[-1]}")
            bar.update(bar.done + 1)
    if failed:
        raise TailkitError(
            f"attention of {len(failed)} cells failed; the first, {failed[0]}", "The same command tries them again."
        )


def _attend(cell: GridCell) -> None:
    """Measure one cell, unless that is done."""
    run = RunDir.open(cell.folder)
    with run.at_work():
        stage = Stage(
            run.path,
            "attention",
            inputs={"rows": ROWS, "range": RANGE, **pipeline.evaluation_stage(run).require().outputs},
            outputs=(run.path / ATTENTION,),
            command="tailkit study",
        )
        if stage.is_needed(again=True):
            with stage.making():
                run_apart(_measure, run.path, tasks.added())


def _measure(folder: Path, added: list[Path]) -> None:
    from tailkit import decode
    from tailkit.study import attention

    for path in added:
        tasks.add(path)
    run = RunDir.open(folder)
    examples = run.evaluation_set(RANGE)[:ROWS]
    attention.measure(decode.load(run), tasks.load(run.task), examples).write(run.path / ATTENTION)
