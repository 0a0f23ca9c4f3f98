"""What a run will cost, before anything is downloaded: tokens, steps, memory, disk, hours.

In: a task, a recipe, the rows of each range, and a card or its memory. Out: a `Plan` with a verdict and what
to change. With neither, a model in 4 bits is planned for a card of 24 GB, any other for this CPU and its memory.
"""

import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tailkit.arithmetic import host
from tailkit.arithmetic import memory as need
from tailkit.arithmetic.card import Card
from tailkit.arithmetic.host import GIB
from tailkit.arithmetic.memory import Footprint
from tailkit.arithmetic.shape import QWEN, Shape
from tailkit.arithmetic.speed import Spread
from tailkit.arithmetic.steps import Lengths, Sizes, sizes
from tailkit.hardware.times import Time, times
from tailkit.hardware.work import Rows, Workload, is_here, measure, shape
from tailkit.models.backends import candidates
from tailkit.models.origin import on_hub
from tailkit.recipe import Recipe

GPU_MEMORY, COMFORT = 24.0, 0.9


@dataclass(frozen=True)
class PlannedMemory:
    """GiB of a `Footprint`, part by part and at the peak, each as (low, high)."""

    weights: Spread
    adapter: Spread
    activations: Spread
    logits: Spread
    overhead: Spread
    peak: Spread

    @classmethod
    def of(cls, found: Footprint) -> "PlannedMemory":
        parts = {name: (round(low / GIB, 2), round(high / GIB, 2)) for name, (low, high) in asdict(found).items()}
        return cls(**parts, peak=(round(found.low / GIB, 1), round(found.high / GIB, 1)))


@dataclass(frozen=True)
class PlannedDisk:
    """GB of the base model that is still to be downloaded, the data, two checkpoints, the run's own files."""

    download: float
    data: float
    checkpoints: float
    run: float

    @property
    def written(self) -> float:
        """GB that are written where the run lies."""
        return self.data + self.checkpoints + self.run


@dataclass(frozen=True)
class Plan:
    """What a run will cost; `memory` is what is there, in GiB, free disks in GB, times by card.

    `card` is the one that it is planned for, or any of a size, "" where none is used; `least` is what it
    takes of its memory at least. `verdict` is fits, tight or does not fit, `in_memory` the same without the disk;
    `reasons` say why it does not fit, and `advice` what to change.
    """

    task: str
    model: str
    card: str
    parameters: int
    work: Workload
    steps: int
    rows_at_once: int
    training: PlannedMemory
    evaluation: PlannedMemory
    rows_decoded: int
    memory: float
    least: float
    disk: PlannedDisk
    free_disk: float
    free_cache: float
    times: list[Time]
    verdict: str
    in_memory: str
    reasons: list[str]
    advice: list[str]


def make(
    task: str,
    recipe: Recipe,
    rows: dict[str, Rows],
    memory: float | None = None,
    speed: float | None = None,
    *,
    card: Card | None = None,
) -> Plan:
    """Plan a run of `task` with these rows, by task, on a card, or on any with `memory` GiB.

    `speed` is in tokens a second of training (None: what is known of the card).
    """
    of, (work, lengths) = shape(recipe.model.name), measure(task, recipe, rows)
    room, on_gpu = _room(recipe, memory, card)
    steps = _steps(of, recipe, lengths, on_gpu=on_gpu)
    training = _training(of, recipe, steps, on_gpu=on_gpu)
    decoded, evaluation = _decoded(of, recipe, work.longest_evaluated, room, on_gpu=on_gpu)
    disk, (here, there) = _disk(of, recipe, work), _free()
    # Decoding takes as many rows as there is room for, so that one has to fit.
    alone = need.evaluation(of, recipe.model, 1, work.longest_evaluated, on_gpu=on_gpu)
    least = max(training.low, alone.low if on_gpu else evaluation.low) / GIB
    too_large = _too_long(max(work.longest, work.longest_evaluated), of) | _too_large(least, room)
    remedies = too_large | _too_much(disk, here, there)
    held = "fits" if max(training.high, alone.high) <= COMFORT * room * GIB else "tight"
    options = [] if held == "fits" else _savings(recipe, work.longest, of, work.longest_evaluated, on_gpu=on_gpu)
    return Plan(
        task=task,
        model=recipe.model.name,
        card=card.title if card else f"a GPU of {room:g} GiB" if on_gpu else "",
        parameters=of.parameters,
        work=work,
        steps=steps.steps(recipe.train.epochs),
        rows_at_once=round(steps.micro * work.rows / steps.units),
        training=PlannedMemory.of(training),
        evaluation=PlannedMemory.of(evaluation),
        rows_decoded=decoded,
        memory=round(room, 1),
        least=round(least, 2),
        disk=disk,
        free_disk=here,
        free_cache=there,
        times=times(of, recipe, work, decoded, card=card, memory=room, on_gpu=on_gpu, speed=speed),
        verdict="does not fit" if remedies else held,
        in_memory="does not fit" if too_large else held,
        reasons=list(remedies),
        advice=[one for one in remedies.values() if one] + options,
    )


def _room(recipe: Recipe, memory: float | None, card: Card | None) -> tuple[float, bool]:
    """GiB of memory that a run is planned for, and whether they are a GPU's."""
    asked = memory or (card.memory if card else 0)
    on_gpu = bool(asked or card) or recipe.model.precision == "nf4"
    return asked or (GPU_MEMORY if on_gpu else host.memory() / GIB), on_gpu


def _steps(of: Shape, recipe: Recipe, lengths: Lengths, *, on_gpu: bool) -> Sizes:
    """How training takes its rows: by the backend that the recipe prefers."""
    preferred = candidates(recipe.model, on_gpu=on_gpu)[0]
    return sizes(recipe.train, lengths, can_pack=of.packs and preferred.packs(on_gpu=on_gpu))


def _training(of: Shape, recipe: Recipe, steps: Sizes, *, on_gpu: bool) -> Footprint:
    fused = any(one.fused for one in candidates(recipe.model, on_gpu=on_gpu))
    return need.training(of, recipe, steps.tokens, on_gpu=on_gpu, fused=fused)


def _too_long(longest: int, sizes: Shape) -> dict[str, str]:
    """Reason and remedy, where rows are longer than the model takes."""
    if longest <= sizes.context:
        return {}
    reason = f"rows take up to {longest:,} tokens, the model at most {sizes.context:,}"
    return {reason: "data.ranges: shorter problems, or a model that takes longer rows"}


def _too_large(low: float, room: float) -> dict[str, str]:
    """Reason, where even the low estimate is more than the memory; the remedies are `_savings`."""
    return {f"it takes at least {low:.1f} GiB of memory, {room:.1f} GiB are there": ""} if low > room else {}


def _too_much(disk: PlannedDisk, here: float, there: float) -> dict[str, str]:
    """Reason and remedy, where the disk is too small here or where the hub's cache lies."""
    same = os.stat(host.existing(Path.cwd())).st_dev == os.stat(host.existing(host.hub_cache())).st_dev
    needs = [(Path.cwd(), round(disk.written + (disk.download if same else 0), 1), here)]
    if not same:
        needs.append((host.hub_cache(), disk.download, there))
    larger = "; HF_HOME=FOLDER puts the download on another disk" if disk.download else ""
    return {
        f"{need:g} GB are written to the disk of {place}, {free:g} GB are free": f"to free {need - free:.1f} GB there"
        + larger
        for place, need, free in needs
        if need > free
    }


def _free() -> tuple[float, float]:
    """Free GB here, and where the hub's cache lies."""
    here, there = map(host.free_disk, (Path.cwd(), host.hub_cache()))
    return round(here, 1), round(there, 1)


def _decoded(of: Shape, recipe: Recipe, longest: int, memory: float, *, on_gpu: bool) -> tuple[int, Footprint]:
    """Rows that are decoded together, and their memory. On a CPU decoding takes the rows that the recipe says."""
    rows = recipe.decode.batch
    if on_gpu:
        rows = need.decoded_rows(of, recipe.model, longest, rows, memory * GIB)
    return rows, need.evaluation(of, recipe.model, rows, longest, on_gpu=on_gpu)


def _disk(sizes: Shape, recipe: Recipe, work: Workload) -> PlannedDisk:
    adapter, (model, _) = sizes.adapter(recipe.lora.rank), on_hub(recipe.model)
    weights = need.weights(sizes, "bf16" if model == recipe.model.name else "nf4")
    # Rows are kept as text, about 1.5 bytes a token, and compress well; generations do not.
    return PlannedDisk(
        download=0.0 if is_here(model) else round(weights / 1e9, 1),
        data=round(3 * work.mean * work.rows / 1e9, 2),
        checkpoints=round(need.CHECKPOINTS * need.CHECKPOINT_BYTES[recipe.train.optim] * adapter / 1e9, 2),
        run=round((4 * adapter + 6 * work.evaluated) / 1e9, 2),
    )


def predicted_peak(recipe: Recipe, longest: int) -> tuple[float, float]:
    """The predicted peak of training on a GPU in GiB, low and high, for rows of `longest` tokens."""
    found = _peak_of(shape(recipe.model.name), recipe, longest)
    return round(found.low / GIB, 2), round(found.high / GIB, 2)


def _peak_of(of: Shape, recipe: Recipe, length: int, *, on_gpu: bool = True) -> Footprint:
    """Memory of training on rows of one length."""
    steps = _steps(of, recipe, Lengths.alike(length, recipe.data.train), on_gpu=on_gpu)
    return _training(of, recipe, steps, on_gpu=on_gpu)


def advice(recipe: Recipe, longest: int) -> list[str]:
    """What to change so that training on a GPU takes less memory, the most effective first, with what it saves."""
    return _savings(recipe, longest, shape(recipe.model.name))


def _savings(recipe: Recipe, longest: int, sizes: Shape, decoded: int = 0, *, on_gpu: bool = True) -> list[str]:
    """Ranked: what would lower the high estimate, of training and of decoding one row of `decoded` tokens."""

    def high(other: Recipe = recipe, of: Shape = sizes, rows: float = 1) -> float:
        one = need.evaluation(of, other.model, 1, math.ceil(rows * decoded), on_gpu=on_gpu).high if decoded else 0
        return max(one, _peak_of(of, other, math.ceil(rows * longest), on_gpu=on_gpu).high)

    def changed(section: str, **values: Any) -> Recipe:
        return recipe.model_copy(update={section: getattr(recipe, section).model_copy(update=values)})

    alone = changed("train", micro_tokens=longest)
    options = {f"train.micro_tokens={longest}: one row at once": high(alone)}
    options["data.ranges: rows half as long, one at once"] = high(
        changed("train", micro_tokens=math.ceil(longest / 2)), rows=0.5
    )
    if recipe.model.precision != "nf4":
        options["model.precision=nf4"] = high(changed("model", precision="nf4"))
    if recipe.lora.rank > 8:
        options["lora.rank=8"] = high(changed("lora", rank=8))
    for name, smaller in QWEN.items():
        if smaller.parameters < sizes.parameters:
            options[f"model.name=Qwen/Qwen2.5-{name} model.revision=null"] = high(of=smaller)
    saved = sorted(((high() - after) / GIB, option) for option, after in options.items())
    return [f"{option} (saves about {gib:.1f} GiB)" for gib, option in reversed(saved) if gib > 0]
