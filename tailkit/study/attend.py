"""Where the models of a study's cells look: attention of write tokens on gold traces.

In: finished cells. Out: `attention.json` in each.
"""

from dataclasses import asdict
from pathlib import Path

from tailkit import dataset, tasks
from tailkit.apart import run_apart
from tailkit.rundir import RunDir
from tailkit.screen import Bar
from tailkit.study.grid import Study
from tailkit.study.launch import is_done
from tailkit.study.results import ATTENTION

ROWS, RANGE = 50, "M"


def attend(study: Study) -> None:
    """Measure all finished cells that have no measurement yet."""
    cells = [cell for cell in {cell.folder: cell for cell in study.cells}.values() if is_done(cell)]
    with Bar("attention", len(cells), "cells") as bar:
        for cell in cells:
            run = RunDir.open(cell.folder)
            with (
                run.at_work(),
                run.stage("attention", [run.digest("eval"), ROWS, RANGE], [run.path / ATTENTION]) as needed,
            ):
                if needed:
                    run_apart(_measure, run.path, tasks.added())
            bar.update(bar.done + 1)


def _measure(folder: Path, added: list[Path]) -> None:
    from tailkit import attention, decode

    for path in added:
        tasks.add(path)
    run = RunDir.open(folder)
    examples = dataset.read_checked(run.data, f"eval-{RANGE}")[:ROWS]
    found = attention.measure(decode.load(run), tasks.load(run.task), examples)
    run.write_json(ATTENTION, asdict(found))
