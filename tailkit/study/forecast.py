"""What the cells of a study will take, before anything is run.

In: a cell. Out: hours of training and disk, as `tailkit plan` tells them for its run.
"""

from dataclasses import dataclass

from tailkit import dataset, hardware
from tailkit.study.grid import Cell
from tailkit.study.launch import is_done


@dataclass(frozen=True)
class Forecast:
    """Hours of training and GB of disk (without the model's download) of a cell."""

    label: str
    folder: str
    done: bool
    hours: float
    disk: float
    speed_from: str


def forecast(cell: Cell) -> Forecast:
    """What a cell will take; nothing if it is done."""
    found = hardware.make(cell.task, cell.recipe, dataset.rows_of(cell.task, cell.recipe))
    disk = sum(found.disk.values()) - found.disk["download"]
    done = is_done(cell)
    left, room = (0.0, 0.0) if done else (found.hours, disk)
    return Forecast(cell.label, str(cell.folder), done, left, room, found.speed_from)
