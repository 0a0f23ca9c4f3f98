"""What a run will cost, before anything is downloaded: tokens, steps, memory, disk, hours.

In: a task, a recipe and the memory of a GPU. Out: a `Plan` with a verdict and what to change.
"""

import json
import math
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from tailkit import chat, tasks, tokens
from tailkit.errors import EnvironmentMissing, UsageError
from tailkit.hardware import cost
from tailkit.hardware.cost import GIB, QWEN, Memory, Shape, shape_of
from tailkit.nano import MODEL_DIR
from tailkit.recipe import NANO, Recipe, parse_mix
from tailkit.records import RANGES, Problem

SAMPLE, SAMPLE_TOKENS = 200, 400_000
# Tokens a character of a symbolic trace by Qwen2.5's tokenizer: 0.69 measured, 0.6-0.78 over the tasks.
TOKENS_A_CHARACTER = 0.69
# Readings, not measured here: torchtune's QLoRA of an 8-billion model on a 24 GB card; nano on 2 CPU cores
# was measured.
GPU_TOKENS, GPU_PARAMETERS = 2413, 8.0e9
NANO_TOKENS = 13_000
COMFORT = 0.9


@dataclass(frozen=True)
class Work:
    """The tokens of a run. `exact`: counted by the model's own tokenizer, not estimated."""

    rows: int
    tokens: int
    mean: float
    longest: int
    evaluated: int
    longest_evaluated: int
    exact: bool


@dataclass(frozen=True)
class Plan:
    """What a run will cost. Memory in GiB as (low, high), disk in GB, `verdict` one of fits, tight, does not fit."""

    task: str
    model: str
    parameters: int
    work: Work
    steps: int
    rows_at_once: int
    training: dict[str, tuple[float, float]]
    evaluation: dict[str, tuple[float, float]]
    rows_decoded: int
    memory: float
    disk: dict[str, float]
    free_disk: float
    tokens_per_second: float
    speed_from: str
    hours: float
    verdict: str
    advice: list[str]


def shape(model: str) -> Shape:
    """The shape of a model by name: nano, a folder, one of Qwen2.5, or what the hub's cache holds."""
    path = MODEL_DIR if model == NANO else Path(model).expanduser()
    if (path / "config.json").is_file():
        return _read(path / "config.json")
    family, _, rest = model.rpartition("/")[2].partition("-")
    size = rest.split("-")[0]
    if family == "Qwen2.5" and size in QWEN:
        return QWEN[size]
    for config in _hub_cache().glob(f"models--{model.replace('/', '--')}/snapshots/*/config.json"):
        return _read(config)
    known = ", ".join(f"Qwen2.5-{name}" for name in QWEN)
    raise EnvironmentMissing(
        f"the sizes of {model} are not known here", f"Name a folder with its config.json, or one of {known}."
    )


def _read(path: Path) -> Shape:
    try:
        return shape_of(json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, ValueError) as error:
        raise UsageError(f"{path} does not describe a decoder that tailkit can plan: {error}") from None


def _hub_cache() -> Path:
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or home / "hub")


def counter(model: str) -> tuple[tokens.Count, bool]:
    """What counts tokens for a model without asking the hub, and whether it is the model's own tokenizer."""
    found = [MODEL_DIR if model == NANO else Path(model).expanduser()]
    found += _hub_cache().glob(f"models--{model.replace('/', '--')}/snapshots/*")
    for folder in found:
        if (folder / "tokenizer.json").is_file():
            return tokens.counter(str(folder)), True
    return (lambda text: math.ceil(TOKENS_A_CHARACTER * len(text))), False


def measure(task_name: str, recipe: Recipe) -> Work:
    """Count the tokens of a sample of the rows that a recipe asks for."""
    task = tasks.load(task_name).with_settings(recipe.data.settings.get(task_name, {}))
    task.check_variant(recipe.data.variant)
    bounds, (count, exact) = recipe.ranges(task.id, task.ranges), counter(recipe.model.name)
    mix = dict(zip(RANGES, parse_mix(recipe.data.mix), strict=True))
    lengths: dict[str, list[int]] = {}
    longest: dict[str, int] = {}
    for name in RANGES:
        rng = Random(f"plan/{task.id}/{name}")

        def size(one: Problem) -> int:
            return count(chat.prompt(one.query) + task.trace(task.record(one), one, recipe.data.variant).text) + 1

        # Long traces take long to make; few of them are enough.
        top = [size(task.problem_at(rng, bounds[name][1]))]
        often = max(4, min(SAMPLE, SAMPLE_TOKENS // top[0]))
        top += [size(task.problem_at(rng, bounds[name][1])) for _ in range(often // 10)]
        lengths[name] = [size(task.problem(rng, name, bounds[name])) for _ in range(often)]
        longest[name] = max(lengths[name] + top)
    trained = {name: share for name, share in mix.items() if share}
    mean = sum(share * fmean(lengths[name]) for name, share in trained.items()) / sum(trained.values())
    return Work(
        rows=recipe.data.train,
        tokens=round(mean * recipe.data.train * recipe.train.epochs),
        mean=round(mean, 1),
        longest=max(longest[name] for name in trained),
        evaluated=round(recipe.data.eval * sum(map(fmean, lengths.values()))),
        longest_evaluated=round(max(longest.values()) * recipe.decode.slack) + 16,
        exact=exact,
    )


def make(task: str, recipe: Recipe, memory: float, speed: float | None = None) -> Plan:
    """Plan a run on a GPU with `memory` GiB, at `speed` tokens a second (None: a reading)."""
    sizes, work = shape(recipe.model.name), measure(task, recipe)
    at_once = tokens_at_once(recipe, work.longest)
    training = cost.training(sizes, recipe.model, recipe.lora, at_once)
    rows, evaluation = _decoded(sizes, recipe, work.longest_evaluated, memory)
    fits = _verdict(training, evaluation, memory)
    if max(work.longest, work.longest_evaluated) > sizes.context:
        fits = "does not fit"
    rate, speed_from = _speed(speed, recipe.model.name, sizes)
    batch = recipe.train.batch
    return Plan(
        task=task,
        model=recipe.model.name,
        parameters=sizes.parameters,
        work=work,
        steps=math.ceil(recipe.data.train / batch) * math.ceil(recipe.train.epochs),
        rows_at_once=max(1, at_once // work.longest),
        training=_gib(training),
        evaluation=_gib(evaluation),
        rows_decoded=rows,
        memory=memory,
        disk=_disk(sizes, recipe, work),
        free_disk=round(shutil.disk_usage(Path.cwd()).free / 1e9, 1),
        tokens_per_second=round(rate),
        speed_from=speed_from,
        hours=round(work.tokens / rate / 3600, 2),
        verdict=fits,
        advice=[] if fits == "fits" else advice(recipe, work.longest, sizes, max(work.longest_evaluated, work.longest)),
    )


def _speed(given: float | None, model: str, sizes: Shape) -> tuple[float, str]:
    """Tokens a second of training, and where the figure comes from."""
    if given:
        return given, "as given"
    if model == NANO:
        return NANO_TOKENS, "measured on 2 CPU cores"
    return GPU_TOKENS * GPU_PARAMETERS / sizes.parameters, "a reading, not measured: torchtune on a 24 GB card"


def tokens_at_once(recipe: Recipe, longest: int) -> int:
    """Tokens of the largest forward pass: what the recipe allows, but at least the longest row."""
    plan = recipe.train
    if plan.packing:
        return max(longest, plan.micro_tokens)
    return longest * max(1, min(plan.batch, plan.micro_tokens // longest))


def _decoded(sizes: Shape, recipe: Recipe, longest: int, memory: float) -> tuple[int, Memory]:
    """Rows that are decoded together, and their memory: the recipe's, or as many as fit."""
    rows = recipe.decode.batch
    while True:
        found = cost.evaluation(sizes, recipe.model, rows, longest)
        if rows == 1 or found.high <= COMFORT * memory * GIB:
            return rows, found
        rows //= 2


def _verdict(training: Memory, evaluation: Memory, memory: float) -> str:
    high, low = max(training.high, evaluation.high), max(training.low, evaluation.low)
    if high <= COMFORT * memory * GIB:
        return "fits"
    return "tight" if low <= memory * GIB else "does not fit"


def _gib(memory: Memory) -> dict[str, tuple[float, float]]:
    parts = {name: (round(low / GIB, 2), round(high / GIB, 2)) for name, (low, high) in asdict(memory).items()}
    return parts | {"peak": (round(memory.low / GIB, 1), round(memory.high / GIB, 1))}


def _disk(sizes: Shape, recipe: Recipe, work: Work) -> dict[str, float]:
    """GB that a run writes: the download, the data, two checkpoints, the run's own files."""
    local = recipe.model.name == NANO or Path(recipe.model.name).expanduser().exists()
    adapter = sizes.adapter(recipe.lora.rank)
    # Rows are kept as text, about 1.5 bytes a token, and compress well; generations do not.
    return {
        "download": 0.0 if local else round(2 * sizes.parameters / 1e9, 1),
        "data": round(3 * work.mean * work.rows / 1e9, 2),
        "checkpoints": round(2 * 12 * adapter / 1e9, 2),
        "run": round((4 * adapter + 6 * work.evaluated) / 1e9, 2),
    }


def predicted_peak(recipe: Recipe, longest: int) -> tuple[float, float]:
    """The predicted peak of training in GiB, low and high, for rows of up to `longest` tokens."""
    found = cost.training(shape(recipe.model.name), recipe.model, recipe.lora, tokens_at_once(recipe, longest))
    return round(found.low / GIB, 2), round(found.high / GIB, 2)


def advice(recipe: Recipe, longest: int, sizes: Shape | None = None, context: int = 0) -> list[str]:
    """What to change so that a run takes less memory, the most effective first, with what it would save."""
    sizes = sizes or shape(recipe.model.name)
    if context > sizes.context:
        return [f"data.ranges: rows take up to {context:,} tokens, the model at most {sizes.context:,}"]

    def high(model: Any = recipe.model, lora: Any = recipe.lora, tokens: int = 0, of: Shape = sizes) -> float:
        return cost.training(of, model, lora, tokens or tokens_at_once(recipe, longest)).high

    options = {f"train.micro_tokens={longest}: one row at once": high(tokens=longest)}
    options["data.ranges: rows half as long, one at once"] = high(tokens=longest // 2)
    if recipe.model.precision != "nf4":
        options["model.precision=nf4"] = high(model=recipe.model.model_copy(update={"precision": "nf4"}))
    if recipe.lora.rank > 8:
        options["lora.rank=8"] = high(lora=recipe.lora.model_copy(update={"rank": 8}))
    for name, smaller in QWEN.items():
        if smaller.parameters < sizes.parameters:
            options[f"model.name=Qwen/Qwen2.5-{name} model.revision=null"] = high(of=smaller)
    saved = sorted(((high() - after) / GIB, option) for option, after in options.items())
    return [f"{option} (saves about {gib:.1f} GiB)" for gib, option in reversed(saved) if gib > 0]
