"""What data a recipe asks for.

In: a task and a recipe. Out: an `Order`, and for each of its ranges a `Quota`.
"""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from tailkit import tasks
from tailkit.dataset.holdout import ONE_IN, is_shared, wordings_trained
from tailkit.errors import UsageError, cut, unknown
from tailkit.imported import replay
from tailkit.imported.completions import check_completions
from tailkit.recipe import Recipe, parse_mix
from tailkit.recipe.spelling import EVERY_FUNCTION, FUNCTION_SETTINGS
from tailkit.records import RANGES, Bounds, RowCounts
from tailkit.run.files import file_digest


@dataclass(frozen=True)
class Order:
    """What to write: rows by range for training, rows a range for evaluation, and how.

    `short`: training rows at most of a range that has too few problems. `settings` are the task's.
    `others` are orders of other tasks, whose training rows come into the same file. `completions`
    is a jsonl file, with its sha256, that gives the training rows instead of the task. `replay` are
    training rows of other sources, by name of a generator or path of a file; `replay_files` the sha256 of each file.
    """

    task: str
    bounds: dict[str, Bounds]
    variant: str
    seed: int
    train: dict[str, int]
    eval: int
    short: int = 20_000
    settings: dict[str, int] = field(default_factory=dict)
    eval_ranges: tuple[str, ...] = RANGES
    write_train: bool = True
    others: tuple["Order", ...] = ()
    completions: tuple[str, str] | None = None
    replay: dict[str, int] = field(default_factory=dict)
    replay_files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Quota:
    """What one range can give: about how many rows for training and evaluation, and how.

    `times`: how often a problem may come in training, each time in other words. `scarce`: it has to.
    `shared`: the range is too small to keep problems from training.
    """

    train: int
    eval: int
    times: int
    scarce: bool
    shared: bool


def quota(order: Order, name: str) -> Quota:
    """What a range can give of what is asked; a range of unknown support is taken to have enough."""
    task = tasks.load(order.task).with_settings(order.settings)
    support, wanted = task.support(*order.bounds[name]), order.train[name]
    if support is None:
        return Quota(wanted, order.eval, times=1, scarce=False, shared=False)
    shared = is_shared(task, order.bounds[name])
    held = support if shared else support // ONE_IN
    free = support if shared else support - held
    times = wordings_trained(len(task.queries)) if shared else len(task.queries)
    rows = wanted if wanted <= free else min(wanted, order.short, free * times)
    return Quota(rows, min(order.eval, held), times, scarce=rows > free, shared=shared)


def shares(total: int, mix: str) -> dict[str, int]:
    """Rows of each range for a mixture; they add up to `total` (largest remainders get the rest)."""
    weights = dict(zip(RANGES, parse_mix(mix), strict=True))
    exact = {name: total * weight / sum(weights.values()) for name, weight in weights.items()}
    rows = {name: int(value) for name, value in exact.items()}
    for name in sorted(RANGES, key=lambda r: rows[r] - exact[r])[: total - sum(rows.values())]:
        rows[name] += 1
    return rows


def order_of(task_name: str, recipe: Recipe) -> Order:
    """The data that a recipe asks for; raises `UsageError` for an unknown task or variant."""
    task = tasks.load(task_name).with_settings(recipe.settings(task_name))
    named = [("tasks", name) for name in recipe.tasks]
    named += [(f"data.{key}", name) for key in ("ranges", "settings") for name in getattr(recipe.data, key)]
    for section, name in named:
        known = [*tasks.names(), *[EVERY_FUNCTION] * (section == "data.settings")]
        if name not in known:
            raise unknown(f"task under {section}:", name, known)
    for name in recipe.data.settings.get(EVERY_FUNCTION, {}):
        if name not in FUNCTION_SETTINGS:
            raise unknown(f"setting in data.settings.{EVERY_FUNCTION}:", name, FUNCTION_SETTINGS)
    bounds = recipe.ranges(task.id, task.ranges)
    if not bounds["S"][1] < bounds["M"][0] <= bounds["M"][1] < bounds["L"][0]:
        shown = ", ".join(f"{name} {low}–{high}" for name, (low, high) in bounds.items())
        raise UsageError(f"data.ranges.{task.id}: S, M and L overlap: {shown}", "Each must lie above the one before.")
    taught = _taught_by(task, recipe)
    # Equal shares, and what is left over to the first ones: the rows do not depend on how many tasks there are.
    rows = {
        name: recipe.data.train // len(taught) + (i < recipe.data.train % len(taught)) for i, name in enumerate(taught)
    }
    order = Order(
        task=task.id,
        bounds=bounds,
        variant=task.check_variant(recipe.data.variant),
        seed=recipe.data.seed,
        train=shares(rows.get(task.id, 0), recipe.data.mix),
        eval=recipe.data.eval,
        short=recipe.data.short,
        settings=task.settings,
        write_train=recipe.trains,
        completions=_completions(recipe),
        replay=recipe.data.replay,
        replay_files=replay.digests(recipe.data.replay),
    )
    others = [name for name in taught if name != task.id]
    if not others:
        return order
    alone = recipe.data.model_copy(update={"teach": "task", "replay": {}})
    lone = {name: alone.model_copy(update={"train": rows[name]}) for name in others}
    return replace(
        order, others=tuple(order_of(name, recipe.model_copy(update={"data": lone[name]})) for name in others)
    )


def _taught_by(task: tasks.Task, recipe: Recipe) -> list[str]:
    """The tasks that a run trains on (data.teach); raises `UsageError` if a paradigm has no other task."""
    if recipe.data.teach == "task":
        return [task.id]
    rest = [name for name in tasks.names() if name != task.id and tasks.load(name).paradigm == task.paradigm]
    if not rest:
        raise UsageError(f"data.teach={recipe.data.teach}: {task.id} is the only task of {task.paradigm}", "Leave it.")
    return rest if recipe.data.teach == "rest" else [task.id, *rest]


def _completions(recipe: Recipe) -> tuple[str, str] | None:
    """The jsonl file to train on, and its sha256; raises `UsageError` if it is not there."""
    if recipe.data.completions is None:
        return None
    path = Path(recipe.data.completions).expanduser()
    if not os.path.isfile(path):
        raise UsageError(
            f"data.completions: {cut(path)} does not exist", "Name a jsonl file with query and completion."
        )
    digest = file_digest(path)
    # Here, so that a wrong line is told before anything is run or written.
    check_completions(path, digest)
    return str(path), digest


def rows_of(task_name: str, recipe: Recipe) -> dict[str, dict[str, RowCounts]]:
    """By task and range the rows to train on and to evaluate."""
    order = order_of(task_name, recipe)
    return {part.task: {name: _counts(part, name) for name in RANGES} for part in (order, *order.others)}


def _counts(order: Order, range_name: str) -> RowCounts:
    given = quota(order, range_name)
    return RowCounts(given.train, given.eval)


def partial_order(task_name: str, recipe: Recipe, range_name: str | None, split: str | None) -> Order:
    """The part of a recipe's data that `tailkit data` is asked for: one range, one split, or all."""
    if range_name is not None and range_name not in RANGES:
        raise unknown("range", range_name, RANGES)
    if split not in (None, "train", "eval"):
        raise unknown("split", split or "", ("train", "eval"))
    order = order_of(task_name, recipe)
    wanted = () if split == "train" else (range_name,) if range_name else RANGES
    return replace(order, eval_ranges=wanted, write_train=split != "eval")
