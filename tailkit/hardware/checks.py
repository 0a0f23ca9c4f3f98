"""What would stop a run on a GPU after its data were made, looked for before.

In: a task, a recipe, what was read of the card. Out: an error with the next action, or nothing.
"""

from collections.abc import Iterator
from contextlib import suppress

from tailkit.arithmetic import card as cards
from tailkit.arithmetic import host
from tailkit.arithmetic.card import Card, Reading
from tailkit.errors import DoesNotFit, EnvironmentMissing, TailkitError
from tailkit.hardware.driver import obstacle
from tailkit.hardware.plan import Plan, make
from tailkit.hardware.work import Rows
from tailkit.recipe import NANO, Recipe

HOLDERS = 2
"""Processes that are named of those that hold a card's memory."""
BEST = 2
"""Changes that are named of those that would help."""


def check_machine(task: str, chosen: Recipe, rows: dict[str, Rows], reading: Reading) -> None:
    """Raise `EnvironmentMissing` where torch cannot use the card, `DoesNotFit` where disk or memory are too small.

    What runs on a CPU, as nano does, is not looked at.
    """
    if chosen.model.name == NANO or not host.has_gpu():
        return
    plan = None
    if reading.card is not None and reading.card.memory:
        # The sizes of some models are not known before they are here.
        with suppress(EnvironmentMissing):
            plan = make(task, chosen, rows, card=reading.card)
    for error in hindrances(plan, reading):
        raise error
    if plan and plan.verdict == "does not fit":
        hint = f"Try {'; or '.join(plan.advice[:BEST])}. `tailkit plan` says more."
        raise DoesNotFit(f"{task} does not fit: {'; '.join(plan.reasons)}", hint)


def hindrances(plan: Plan | None, reading: Reading) -> Iterator[TailkitError]:
    """What is wrong with the card that is here, whatever its size: torch cannot use it, or others do."""
    found = obstacle(reading)
    if found:
        yield EnvironmentMissing(found.what, found.repair)
    if plan and reading.card and reading.card.free < plan.least <= reading.card.memory:
        yield _taken(plan, reading.card)


def _taken(plan: Plan, card: Card) -> DoesNotFit:
    """The card has the memory, but something else holds it."""
    holders = [f"{one.name} (pid {one.pid}) holds {one.memory:.1f} GiB" for one in cards.users(card)[:HOLDERS]]
    return DoesNotFit(
        f"only {card.free:.1f} of {card.memory:.1f} GiB of the {cards.short(card.name)} are free, the run takes at "
        f"least {plan.least:.1f}: {', '.join(holders) or 'another process or container holds the rest'}",
        "End what holds it, or choose another card with CUDA_VISIBLE_DEVICES.",
    )
