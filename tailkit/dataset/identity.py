"""What tells one data set from another: an order as plain values, in its manifest, and how two of them differ.

In: orders, of today or as an older version wrote them. Out: plain values, a `Manifest`, or a difference in words.
"""

import json
from dataclasses import MISSING, asdict, fields
from typing import Any

from tailkit import __version__, tasks
from tailkit.dataset.holdout import is_shared
from tailkit.dataset.order import Order
from tailkit.dataset.shortages import shortages
from tailkit.errors import quoted
from tailkit.records import RANGES
from tailkit.run.manifest import FileFacts, Guesses, Manifest

DATA_FORMAT = 2
"""Raised only when the same order gives other rows than before; a new version of the kit alone changes nothing."""
VARIANT_FORMATS = {"no-linear": 3, "no-fetch": 3}
"""The same, where only some variants give other rows."""


def plain(order: Order) -> dict[str, Any]:
    """A whole order as it reads in a manifest, with what its rows depend on beside it."""
    fingerprint = tasks.load(order.task).fingerprint
    number = VARIANT_FORMATS.get(order.variant, DATA_FORMAT)
    return _as_json({"format": number, "task_file": fingerprint, **asdict(order)})


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    """Values as they are once they were written to a file: tuples are lists."""
    read: dict[str, Any] = json.loads(json.dumps(values))
    return read


def manifest_of(
    order: Order, files: dict[str, FileFacts], overlap: dict[str, int], guesses: dict[str, Guesses]
) -> Manifest:
    """The manifest of what was written for an order: the facts of each file; overlap and guesses by range."""
    import pyarrow

    task = tasks.load(order.task).with_settings(order.settings)
    return Manifest(
        task=task.id,
        task_version=task.version,
        variant=order.variant,
        seed=order.seed,
        order=plain(order),
        ranges=order.bounds,
        scaled_ranges={name: bounds for name, bounds in order.bounds.items() if bounds != tuple(task.ranges[name])},
        distinct_problems={name: task.support(*order.bounds[name]) for name in RANGES},
        shared=[name for name in RANGES if is_shared(task, order.bounds[name])],
        overlap=overlap,
        files=files,
        guesses=guesses,
        shortages=shortages(order, files, overlap),
        versions={"tailkit": __version__, "pyarrow": pyarrow.__version__},
    )


def identity(order: Order) -> dict[str, Any]:
    """What an order's rows depend on, as plain values: two orders with the same identity have the same rows.

    What is as by default is left out, so that a key that a later version adds makes no data look different.
    """
    return _lean(plain(order))


def contrast(there: dict[str, Any], order: Order) -> str | None:
    """The first thing in which a plain order of before differs from what is asked for, None if nothing does.

    Another task comes first: its file differs as well, which says less.
    """
    new = identity(order)
    try:
        old = _lean(there)
    except (AttributeError, IndexError, TypeError):
        return "its order has another form"
    name = next((name for name in ["task", *new, *old] if old.get(name) != new.get(name)), None)
    if name is None:
        return None
    before, now = (side.get(name, _DEFAULTS.get(name)) for side in (old, new))
    if name == "format":
        return f"this version of tailkit makes other rows (data format {before} there, {now} here)"
    if name == "task_file":
        return f"the file of {order.task} has changed since they were written"
    return f"{name} is {quoted(before)} there, {quoted(now)} here"


def _defaults() -> dict[str, Any]:
    """The defaults of an order's fields as plain values; the first data format had no number."""
    values: dict[str, Any] = {"format": 1}
    for item in fields(Order):
        if item.default is not MISSING:
            values[item.name] = item.default
        elif item.default_factory is not MISSING:
            values[item.name] = item.default_factory()
    return _as_json(values)


_DEFAULTS = _defaults()


def _lean(order: dict[str, Any]) -> dict[str, Any]:
    """A plain order without defaults, the version that wrote it, and the place of its file of completions."""
    lean = {name: value for name, value in order.items() if name not in _DEFAULTS or value != _DEFAULTS[name]}
    lean.pop("tailkit", None)
    usual = tasks.load(order["task"]).settings if order.get("task") in tasks.names() else {}
    lean["settings"] = {name: value for name, value in order.get("settings", {}).items() if value != usual.get(name)}
    if lean.get("completions"):
        lean["completions"] = lean["completions"][-1]
    files = lean.pop("replay_files", {})
    if files:
        # What a file holds counts, not where it lies.
        lean["replay"] = {files.get(source, source): rows for source, rows in lean["replay"].items()}
    lean["others"] = [_lean(other) for other in order.get("others", [])]
    return lean
