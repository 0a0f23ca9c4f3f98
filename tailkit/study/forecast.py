"""What the cells of a study will take, before anything is run.

In: a cell, and the card that is here. Out: hours and disk, as `tailkit plan` tells them for its run.
"""

from dataclasses import dataclass

from tailkit import dataset, hardware
from tailkit.arithmetic.card import Card
from tailkit.study.grid import GridCell
from tailkit.study.launch import is_done


@dataclass(frozen=True)
class Forecast:
    """Hours of training and GB of disk (without the model's download) of a cell.

    Hours are (low, high), over all cards that it may be; None where the speed is not known.
    """

    label: str
    folder: str
    done: bool
    hours: tuple[float, float] | None
    disk: float
    speed_from: str


def forecast(cell: GridCell, recipe_name: str, card: Card | None = None) -> Forecast:
    """What a cell will take, whose recipe builds on that of a name; nothing if it is done."""
    here, size = hardware.planned_for(recipe_name, cell.recipe, card)
    found = hardware.make(cell.task, cell.recipe, dataset.rows_of(cell.task, cell.recipe), size, card=here)
    source = found.times[0].source if found.times else "its speed is not known"
    if is_done(cell):
        return Forecast(cell.label, str(cell.folder), done=True, hours=(0.0, 0.0), disk=0.0, speed_from=source)
    spans = [time.training for time in found.times]
    hours = (min(low for low, _ in spans), max(high for _, high in spans)) if spans else None
    return Forecast(cell.label, str(cell.folder), done=False, hours=hours, disk=found.disk.written, speed_from=source)
