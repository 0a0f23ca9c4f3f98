"""What a run works through: its model's shape, the tokens of its rows, its forward passes and steps.

In: a task, a recipe and the rows of each range. Out: figures, from a sample and from what lies on
this machine; the hub is never asked.
"""

import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from glob import escape
from itertools import islice
from pathlib import Path
from random import Random
from statistics import fmean

from tailkit import tasks
from tailkit.errors import EnvironmentMissing, UsageError, cut
from tailkit.hardware.cost import INSTRUCT_CONTEXT, QWEN, Shape, shape_of
from tailkit.imported import replay
from tailkit.models import chat, tokens
from tailkit.models.source import folder_of_gguf
from tailkit.nano import MODEL_DIR
from tailkit.recipe import NANO, Recipe, Train, is_path
from tailkit.records import RANGES, Problem

SAMPLE, SAMPLE_TOKENS = 200, 400_000
# Tokens a character of a symbolic trace by Qwen2.5's tokenizer: 0.69 measured, 0.6-0.78 over the tasks.
TOKENS_A_CHARACTER = 0.69
# As in train/rows: a packed row is at most this part of a forward pass and of a step.
PACKS = 4

Rows = dict[str, tuple[int, int]]
"""Of each range: rows to train on, rows to evaluate."""


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
class Passes:
    """Tokens and rows of a forward pass, padding included, and the optimizer steps of a training."""

    tokens: int
    rows: int
    steps: int


def shape(model: str) -> Shape:
    """The shape of a model: nano, a folder, a GGUF file that was read once, the hub's cache, or a Qwen2.5."""
    for folder in folders(model):
        if os.path.isfile(folder / "config.json"):
            return _read(folder / "config.json")
    if is_path(model) and not os.path.exists(os.path.expanduser(model)):
        raise UsageError(f"model {cut(model)} does not exist", "Name a hub id, a folder or a GGUF file: model.name=…")
    family, _, rest = model.rpartition("/")[2].partition("-")
    size, _, kind = rest.removesuffix(".gguf").partition("-")
    if family == "Qwen2.5" and size in QWEN:
        return replace(QWEN[size], context=INSTRUCT_CONTEXT) if kind.startswith("Instruct") else QWEN[size]
    if model.endswith(".gguf"):
        raise EnvironmentMissing(
            f"{cut(model)} was not read yet", "Train with it once, or name a folder with safetensors."
        )
    known = ", ".join(f"Qwen2.5-{name}" for name in QWEN)
    raise EnvironmentMissing(
        f"the sizes of {cut(model)} are not known here", f"Name a folder with its config.json, or one of {known}."
    )


def folders(model: str) -> Iterator[Path]:
    """Where a model's files may lie on this machine."""
    path = MODEL_DIR if model == NANO else Path(model).expanduser()
    yield path
    if path.suffix == ".gguf" and os.path.isfile(path):
        yield _read_from(path)
    yield from hub_cache().glob(f"models--{escape(model.replace('/', '--'))}/snapshots/*")


def _read(path: Path) -> Shape:
    try:
        return shape_of(json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, ValueError) as error:
        raise UsageError(f"{path} does not describe a decoder that tailkit can plan: {error}") from None


_read_from = cache(folder_of_gguf)  # A large file takes seconds.


def hub_cache() -> Path:
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or home / "hub")


def counter(model: str) -> tuple[tokens.Count, bool]:
    """What counts tokens for a model without asking the hub, and whether it is the model's own tokenizer."""
    for folder in folders(model):
        if (folder / "tokenizer.json").is_file():
            return tokens.counter(str(folder)), True
    return (lambda text: math.ceil(TOKENS_A_CHARACTER * len(text))), False


def measure(task: str, recipe: Recipe, rows: dict[str, Rows]) -> Work:
    """Count the tokens of a sample of the rows that a run of `task` has, by task; `longest` is the sample's."""
    count, exact = counter(recipe.model.name)
    lengths = {name: _lengths(name, recipe, count) for name in {task: None, **rows}}
    trained = [
        (number, lengths[name][one]) for name, ranges in rows.items() for one, (number, _) in ranges.items() if number
    ]
    trained += [(number, _replayed(program, recipe.data.seed, count)) for program, number in recipe.data.replay.items()]
    total, all_rows = sum(number * found.mean for number, found in trained), sum(number for number, _ in trained)
    own = lengths[task]
    return Work(
        rows=all_rows,
        tokens=round(total * recipe.train.epochs),
        mean=round(total / all_rows, 1),
        longest=max(found.longest for _, found in trained),
        evaluated=round(sum(number * own[name].mean for name, (_, number) in rows[task].items())),
        longest_evaluated=round(max(found.longest for found in own.values()) * recipe.decode.slack) + 16,
        exact=exact,
    )


@dataclass(frozen=True)
class _Lengths:
    """Tokens of the rows of a range: mean and longest of a sample."""

    mean: float
    longest: int


def _lengths(name: str, recipe: Recipe, count: tokens.Count) -> dict[str, _Lengths]:
    """The tokens of a task's rows, by range."""
    task = tasks.load(name).with_settings(recipe.data.settings.get(name, {}))
    bounds, found = recipe.ranges(task.id, task.ranges), {}

    def size(one: Problem) -> int:
        return count(chat.prompt(one.query) + task.trace(task.record(one), one, recipe.data.variant).text) + 1

    for range_name in RANGES:
        rng = Random(f"plan/{task.id}/{range_name}")
        # Long traces take long to make; few of them are enough.
        top = [size(task.problem_at(rng, bounds[range_name][1]))]
        often = max(4, min(SAMPLE, SAMPLE_TOKENS // top[0]))
        top += [size(task.problem_at(rng, bounds[range_name][1])) for _ in range(often // 2)]
        drawn = [size(task.problem(rng, range_name, bounds[range_name])) for _ in range(often)]
        found[range_name] = _Lengths(fmean(drawn), max(drawn + top))
    return found


def _replayed(source: str, seed: int, count: tokens.Count) -> _Lengths:
    """The tokens of rows of another source."""
    drawn = [count(chat.prompt(row.query) + row.completion) + 1 for row in islice(replay.rows(source, seed), SAMPLE)]
    return _Lengths(fmean(drawn), max(drawn))


def passes(plan: Train, rows: int, mean: float, longest: int) -> Passes:
    """How rows become forward passes and steps, as train/rows does it; of packing it is an estimate."""
    if not plan.packing:
        micro = _divisor(plan.batch, plan.micro_tokens // longest)
        return Passes(micro * longest, micro, math.ceil(plan.epochs * math.ceil(rows / plan.batch)))
    length = max(longest, min(plan.micro_tokens, int(plan.batch * mean)) // PACKS)
    packs = math.ceil(rows * mean / length)
    batch = max(1.0, plan.batch * packs / rows)
    micro = min(round(batch), max(1, plan.micro_tokens // length))
    step = micro * max(1, round(batch / micro))
    at_once = max(1, round(micro * length / mean))
    return Passes(micro * length, at_once, math.ceil(plan.epochs * math.ceil(packs / step)))


def _divisor(whole: int, most: int) -> int:
    return next((n for n in range(min(whole, most), 1, -1) if whole % n == 0), 1)
