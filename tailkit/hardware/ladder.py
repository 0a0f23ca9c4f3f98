"""Which recipe a machine takes that is not told one: the largest that fits.

In: a task, what this machine has. Out: a `Choice`, the recipe and why, in one line. It depends on the machine and the
task alone, not on what is free at the moment, so that the same command goes on with the same run.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tailkit import recipe
from tailkit.arithmetic import host
from tailkit.arithmetic.card import Card, Reading
from tailkit.arithmetic.host import processors
from tailkit.errors import EnvironmentMissing
from tailkit.hardware.plan import GPU_MEMORY, Plan, make
from tailkit.hardware.work import Rows, is_here
from tailkit.recipe import NANO, Recipe


class Rung(NamedTuple):
    """The GB of the cards that a recipe is for, and the GiB from which on it is tried."""

    size: float
    least: float


# Recipes for GPUs, the largest first.
RUNGS = {"hobby": Rung(GPU_MEMORY, 20), "16gb": Rung(16, 14), "12gb": Rung(12, 11), "8gb": Rung(8, 0)}
LARGEST, SMALLEST = "hobby", "8gb"
LAPTOP, CORES = "laptop", 8
"""The recipe for machines without a GPU, but with so many cores; the small model of the kit is for all others."""

RowsOf = Callable[[str, Recipe], dict[str, Rows]]


@dataclass(frozen=True)
class Choice:
    """A recipe's name, and why it is this one."""

    recipe: str
    why: str

    def __str__(self) -> str:
        return f"recipe {self.recipe}: {self.why} (--recipe takes another)"


def choose(
    task: str | None, overrides: Sequence[str], reading: Reading, rows_of: RowsOf, memory: float | None = None
) -> Choice:
    """The recipe of a task on the card that was read, or on any with `memory` GiB; else of this CPU.

    Without a task, as for the several tasks of a study, it goes by memory alone. Raises as `recipe.load` does.
    """
    card = reading.card
    room = memory or (card.memory if card else 0)
    title = f"a GPU of {memory:g} GiB" if memory else card.title if card else ""
    if room:
        return _for_gpu(task, overrides, rows_of, room, title)
    if reading.problem:
        return Choice(LARGEST, f"there is a GPU, but {reading.problem}; it is meant for {GPU_MEMORY:g} GB")
    return _for_cpu()


def planned_for(name: str, chosen: Recipe, card: Card | None) -> tuple[Card | None, float | None]:
    """What a recipe is planned for: the card that is here, or the GB of those that it is meant for; on a CPU neither.

    `name` is the recipe's. nano runs on a CPU, whatever is here.
    """
    if chosen.model.name == NANO:
        return None, None
    if card or chosen.model.precision != "nf4":
        return card, None
    rung = RUNGS.get(Path(name).stem)
    return None, rung.size if rung else GPU_MEMORY


def for_gpu(reading: Reading) -> str:
    """The recipe for GPUs that goes with the memory of a card; the largest where none is known."""
    room = reading.card.memory if reading.card else 0
    return next((name for name, rung in RUNGS.items() if room >= rung.least), SMALLEST) if room else LARGEST


def _for_gpu(task: str | None, overrides: Sequence[str], rows_of: RowsOf, room: float, title: str) -> Choice:
    allowed = [name for name, rung in RUNGS.items() if room >= rung.least]
    if task is None:
        return Choice(allowed[0], f"by the memory of {title}")
    tight, least = "", 0.0
    for name, plan in _planned(task, overrides, rows_of, room, allowed):
        if plan is None:
            return Choice(name, f"by the memory of {title}")
        if plan.in_memory == "fits":
            return Choice(name, f"{_model(plan)} is the largest that fits {title}")
        if plan.in_memory == "tight":
            tight = name
        least = plan.least
    if tight:
        return Choice(tight, f"{title} may just hold it; `tailkit plan` says what would take less")
    return Choice(NANO, f"{title} is too small for {SMALLEST}, which takes at least {least:.1f} GiB")


def _planned(
    task: str, overrides: Sequence[str], rows_of: RowsOf, room: float, names: Sequence[str]
) -> Iterator[tuple[str, Plan | None]]:
    """The plans of recipes; None for one whose model's sizes are not known here."""
    for name in names:
        chosen = recipe.load(name, overrides, task=task)
        try:
            yield name, make(task, chosen, rows_of(task, chosen), room)
        except EnvironmentMissing:
            yield name, None


def _model(plan: Plan) -> str:
    return plan.model.rpartition("/")[2]


def _for_cpu() -> Choice:
    where = "on macOS it runs on the CPU" if host.is_mac() else host.why_no_gpu()
    if processors() < CORES or LAPTOP not in recipe.names():
        return Choice(NANO, f"the bundled model; {where}")
    model = recipe.load(LAPTOP, task=None).model.name
    if is_here(model):
        return Choice(LAPTOP, f"{where}, but there are {processors()} cores, and {model} is here")
    return Choice(NANO, f"the bundled model; {where}, and {LAPTOP} has {model} to download first")
