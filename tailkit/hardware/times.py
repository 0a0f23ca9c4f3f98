"""How long a run may take, by card.

In: a model's shape, a recipe, the tokens of a run, what it is planned for. Out: a `Time` for each card that it may be:
the one that is here or was named, or those that are sold with the memory that was asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tailkit.arithmetic.card import Card
from tailkit.arithmetic.shape import SMOLLM2, Shape
from tailkit.arithmetic.speed import CHIPS, Spread, chip_of, evaluation_hours, of_memory, training_rate
from tailkit.hardware.work import Workload
from tailkit.recipe import NANO, Recipe

NANO_TOKENS = 9_500
"""Tokens a second of training nano, measured on 2 CPU cores."""
SMOLLM2_TOKENS = (170, 340)
"""The same of SmolLM2-135M, in fp32 and, on a processor with AVX512-BF16, in bf16."""
FROM_DATA_SHEETS = "an estimate from data sheets and others' measurements, see tailkit/arithmetic/speed.py"


@dataclass(frozen=True)
class Time:
    """Tokens a second and hours of training, hours of evaluation, each as (low, high); None: not known."""

    device: str
    tokens_per_second: Spread
    training: Spread
    evaluation: Spread | None
    source: str


def times(
    of: Shape,
    chosen: Recipe,
    work: Workload,
    decoded: int,
    *,
    card: Card | None,
    memory: float,
    on_gpu: bool,
    speed: float | None = None,
) -> list[Time]:
    """Times on `card`, on cards of `memory` GiB where none is given, or on this CPU; none for what is not known.

    `decoded` rows are decoded at once. `speed` is of training, as a user gives it.
    """
    if not on_gpu:
        rate = (speed, speed) if speed else _on_two_cores(of, chosen.model.name)
        source = "as given" if speed else "measured on 2 CPU cores"
        return [_trained("this CPU", rate, work, None, source)] if rate else []
    found = list(_by_card(of, chosen, work, decoded, card=card, memory=memory))
    if not speed:
        return found
    evaluation = found[0].evaluation if card and found else None
    return [_trained(card.title if card else f"a GPU of {memory:g} GiB", (speed, speed), work, evaluation, "as given")]


def _on_two_cores(of: Shape, model: str) -> Spread | None:
    """Tokens a second of training on a CPU, for the models of which it was measured."""
    if model == NANO:
        return NANO_TOKENS, NANO_TOKENS
    return SMOLLM2_TOKENS if of == SMOLLM2["135M"] else None


def _by_card(
    of: Shape, chosen: Recipe, work: Workload, decoded: int, *, card: Card | None, memory: float
) -> Iterator[Time]:
    there = chip_of(card) if card else None
    chips = {card.title: there} if card and there else {} if card else {name: CHIPS[name] for name in of_memory(memory)}
    if chosen.model.precision == "fp32":
        return  # What the table holds is the speed in 16 bits.
    for title, chip in chips.items():
        evaluation = evaluation_hours(
            of, chosen, chip, tokens=work.evaluated, rows=decoded, longest=work.longest_evaluated
        )
        yield _trained(title, training_rate(of, chip), work, evaluation, FROM_DATA_SHEETS)


def _trained(device: str, rate: Spread, work: Workload, evaluation: Spread | None, source: str) -> Time:
    slow, fast = rate
    hours = (_short(work.tokens / fast / 3600), _short(work.tokens / slow / 3600))
    asked = evaluation and (_short(evaluation[0]), _short(evaluation[1]))
    return Time(device, (round(slow), round(fast)), hours, asked, source)


def _short(hours: float) -> float:
    """As many digits as an estimate has, and no time that is none."""
    return round(hours, 1) if hours >= 1 else max(0.01, round(hours, 2)) if hours else 0.0
