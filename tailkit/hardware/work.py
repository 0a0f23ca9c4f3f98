"""What a run works through: its model's shape and the tokens of its rows.

In: a task, a recipe and the rows of each range. Out: figures, from a sample and from what lies on
this machine; the hub is never asked.
"""

import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from glob import escape
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import fmean

from tailkit import tasks
from tailkit.arithmetic.decoding import room
from tailkit.arithmetic.host import hub_cache
from tailkit.arithmetic.shape import FAMILIES, INSTRUCT_CONTEXT, Shape, shape_of
from tailkit.arithmetic.steps import Lengths
from tailkit.errors import EnvironmentMissing, UsageError, cut
from tailkit.imported import replay
from tailkit.models import chat, tokens
from tailkit.models.origin import folder_of_gguf
from tailkit.nano import MODEL_DIR
from tailkit.recipe import NANO, Recipe, is_path
from tailkit.records import RANGES, Problem, RowCounts

SAMPLE, SAMPLE_TOKENS = 200, 400_000
# Rows by which the packs of a training set are counted.
MANY = 4000

_Size = Callable[[str, str], tuple[int, int]]
Rows = dict[str, RowCounts]
"""By range."""


@dataclass(frozen=True)
class Workload:
    """The tokens of a run. `exact`: counted by the model's own tokenizer, not estimated."""

    rows: int
    tokens: int
    mean: float
    longest: int
    evaluated: int
    longest_evaluated: int
    exact: bool


def shape(model: str) -> Shape:
    """The shape of a model: nano, a folder, a GGUF file that was read once, the hub's cache, or one of `FAMILIES`."""
    for folder in folders(model):
        if os.path.isfile(folder / "config.json"):
            return _read(folder / "config.json")
    if is_path(model) and not os.path.exists(os.path.expanduser(model)):
        raise UsageError(f"model {cut(model)} does not exist", "Name a hub id, a folder or a GGUF file: model.name=…")
    family, _, rest = model.rpartition("/")[2].partition("-")
    size, _, kind = rest.removesuffix(".gguf").partition("-")
    if of := FAMILIES.get(family, {}).get(size):
        shorter = family == "Qwen2.5" and kind.startswith("Instruct")
        return replace(of, context=INSTRUCT_CONTEXT) if shorter else of
    if model.endswith(".gguf"):
        raise EnvironmentMissing(
            f"{cut(model)} was not read yet", "Train with it once, or name a folder with safetensors."
        )
    known = ", ".join(f"{family}-{size}" for family, sizes in FAMILIES.items() for size in sizes)
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


def is_here(model: str) -> bool:
    """Whether a model's weights lie on this machine."""
    return any(next(folder.glob("*.safetensors"), None) for folder in folders(model))


def _read(path: Path) -> Shape:
    try:
        return shape_of(json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, ValueError) as error:
        raise UsageError(f"{path} does not describe a decoder that tailkit can plan: {error}") from None


_read_from = cache(folder_of_gguf)  # A large file takes seconds.


def local_counter(model: str) -> tuple[tokens.CountTokens, bool]:
    """What counts tokens for a model without asking the hub, and whether it is the model's own tokenizer."""
    for folder in folders(model):
        if (folder / "tokenizer.json").is_file():
            return tokens.counter(str(folder)), True
    return (lambda text: math.ceil(tokens.TOKENS_A_CHARACTER * len(text))), False


def local_chat_format(model: str) -> chat.ChatFormat:
    """The chat format of a model, by its tokenizer if it is here."""
    here = (folder for folder in folders(model) if (folder / "tokenizer.json").is_file())
    folder = next(here, None)
    return tokens.chat_format(str(folder)) if folder else chat.default()


def measure(task: str, recipe: Recipe, rows: dict[str, Rows]) -> tuple[Workload, Lengths]:
    """Count the tokens of a sample of the rows that a run of `task` has, by task; `longest` is the sample's.

    Returns also the lengths of rows to train on, in the shares that the run has of them.
    """
    count, exact = local_counter(recipe.model.name)
    form = local_chat_format(recipe.model.name)

    def size(query: str, completion: str) -> tuple[int, int]:
        """Tokens of a prompt, and of its completion with the stop token."""
        before = count(form.prompt(query))
        return before, count(form.prompt(query) + completion) - before + 1

    drawn = {name: _drawn(name, recipe, size) for name in {task: None, **rows}}
    trained = [
        (counts.train, drawn[name][one])
        for name, ranges in rows.items()
        for one, counts in ranges.items()
        if counts.train
    ]
    trained += [(number, _replayed(program, recipe.data.seed, size)) for program, number in recipe.data.replay.items()]
    total, all_rows = sum(number * part.mean for number, part in trained), sum(number for number, _ in trained)
    longest, own = max(part.longest for _, part in trained), drawn[task]
    work = Workload(
        rows=all_rows,
        tokens=round(total * recipe.train.epochs),
        mean=round(total / all_rows, 1),
        longest=longest,
        evaluated=round(sum(counts.eval * own[name].mean for name, counts in rows[task].items())),
        longest_evaluated=max(part.longest_evaluated(recipe) for part in own.values()),
        exact=exact,
    )
    return work, Lengths(_mixed(trained, all_rows), all_rows, longest)


@dataclass(frozen=True)
class _Drawn:
    """Tokens of rows of a range, each as (prompt, completion): a sample, and some of the greatest length."""

    rows: list[tuple[int, int]]
    top: list[tuple[int, int]]

    @property
    def mean(self) -> float:
        return fmean(map(sum, self.rows))

    @property
    def longest(self) -> int:
        return max(map(sum, self.rows + self.top))

    def longest_evaluated(self, recipe: Recipe) -> int:
        """The most tokens of a prompt and of what may come after it."""
        return max(prompt + room(recipe, completion) for prompt, completion in self.rows + self.top)


def _mixed(trained: list[tuple[int, _Drawn]], all_rows: int) -> list[int]:
    """Lengths of up to `MANY` rows, in shares as in the training set and in no order."""
    share = min(1.0, MANY / all_rows)
    mixed = [sum(row) for number, part in trained for row in islice(cycle(part.rows), math.ceil(share * number))]
    Random("plan").shuffle(mixed)
    return mixed


def _drawn(name: str, recipe: Recipe, size: _Size) -> dict[str, _Drawn]:
    """The tokens of a task's rows, by range."""
    task = tasks.load(name).with_settings(recipe.settings(name))
    bounds, drawn = recipe.ranges(task.id, task.ranges), {}

    def size_of(one: Problem) -> tuple[int, int]:
        return size(one.query, task.trace_of(one, recipe.data.variant).text)

    for range_name in RANGES:
        rng = Random(f"plan/{task.id}/{range_name}")
        # Long traces take long to make; few of them are enough.
        top = [size_of(task.problem_at(rng, bounds[range_name][1]))]
        often = max(4, min(SAMPLE, SAMPLE_TOKENS // sum(top[0])))
        top += [size_of(task.problem_at(rng, bounds[range_name][1])) for _ in range(often // 2)]
        rows = [size_of(task.problem(rng, range_name, bounds[range_name])) for _ in range(often)]
        drawn[range_name] = _Drawn(rows, top)
    return drawn


def _replayed(source: str, seed: int, size: _Size) -> _Drawn:
    """The tokens of rows of another source."""
    return _Drawn([size(row.query, row.completion) for row in islice(replay.rows(source, seed), SAMPLE)], [])
