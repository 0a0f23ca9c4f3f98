"""The manifest of a data set: its order, its files, and where its problems did not suffice.

In: an order and what was written. Out: plain values for `manifest.json`.
"""

import json
from dataclasses import asdict
from typing import Any

from tailkit import __version__, tasks
from tailkit.dataset.order import Order
from tailkit.records import RANGES


def plain(order: Order) -> dict[str, Any]:
    """An order as it reads in a manifest."""
    fingerprint = tasks.load(order.task).fingerprint
    return json.loads(json.dumps({"tailkit": __version__, "task_file": fingerprint, **asdict(order)}))


def contrast(finished: dict[str, Any], order: Order) -> str:
    """The first thing in which a finished data set differs from what is asked for."""
    there, here = finished.get("order", {}), plain(order)
    name = next(name for name in here if there.get(name) != here[name])
    return f"{name} is {there.get(name)!r} there, {here[name]!r} here"


def manifest_of(order: Order, task: tasks.Task, files: dict[str, Any], overlap: dict[str, int]) -> dict[str, Any]:
    import pyarrow

    support = {name: task.support(*order.bounds[name]) for name in RANGES}
    return {
        "task": task.id,
        "task_version": task.version,
        "variant": order.variant,
        "seed": order.seed,
        "order": plain(order),
        "ranges": {name: list(bounds) for name, bounds in order.bounds.items()},
        "scaled_ranges": {n: list(b) for n, b in order.bounds.items() if b != tuple(task.ranges[n])},
        "distinct_problems": support,
        "overlap": overlap,
        "files": files,
        "shortages": _shortages(order, files, support, overlap),
        "versions": {"tailkit": __version__, "pyarrow": pyarrow.__version__},
        "length_unit": "bytes of a completion in UTF-8, the tokens of the bundled tokenizer",
    }


def _short_of_rows(order: Order, figures: dict[str, Any]) -> list[str]:
    """A sentence for each task that gave fewer training rows than asked for, where more than the own one teaches."""
    wanted = {one.task: sum(one.train.values()) for one in (order, *order.others)}
    reason = "the file has no more" if order.completions else "its problems in their words run out"
    got = {task: figures["by_task"].get(task, 0) for task in wanted}
    return [
        f"{task}: {got[task]:,} of {rows:,} train rows; {reason}" for task, rows in wanted.items() if got[task] < rows
    ]


def _shortages(
    order: Order, files: dict[str, Any], support: dict[str, int | None], overlap: dict[str, int]
) -> list[str]:
    """A sentence for each range that could not give what was asked for."""
    told = []
    for name, figures in files.items():
        if name == "train" and (order.others or order.completions):
            told += _short_of_rows(order, figures)
            continue
        for range_name, wanted in (order.train if name == "train" else {name[-1]: order.eval}).items():
            got, known = figures["by_range"].get(range_name, 0), support[range_name]
            if got < wanted:
                reason = "drawing brought no new ones" if known is None else f"it has {known:,} distinct problems"
                if known is not None and got < min(known, wanted, order.short):
                    reason += ", but drawing brought no more"
                told.append(f"{order.task} {range_name}: {got:,} of {wanted:,} {name} rows; {reason}")
    for range_name, count in overlap.items():
        told.append(
            f"{order.task} {range_name}: too few problems to keep them apart; "
            f"{count} evaluation problems are in training too, in other words"
        )
    return told
