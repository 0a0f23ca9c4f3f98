"""Data sets: what to write, and writing it, with a manifest.

In: an `Order`, from a task and a recipe. Out: `train.parquet`, `eval-S/M/L.parquet`, `manifest.json`.
Evaluation problems are drawn first; training never uses one of them.
"""

import contextlib
import json
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tailkit import __version__, tasks
from tailkit.dataset.files import read, read_checked, read_manifest, write_parquet
from tailkit.dataset.stream import Seen, Source, distinct_rows, pool_of
from tailkit.errors import UsageError
from tailkit.recipe import parse_mix
from tailkit.records import RANGES
from tailkit.rundir import cannot_write, file_digest, writing
from tailkit.screen import Bar, note

__all__ = ["Order", "read", "read_checked", "read_manifest", "shares", "write"]


@dataclass(frozen=True)
class Order:
    """What to write: rows by range for training, rows a range for evaluation, and how."""

    task: str
    bounds: dict[str, tuple[int, int]]
    variant: str
    seed: int
    train: dict[str, int]
    eval: int
    eval_ranges: tuple[str, ...] = RANGES
    write_train: bool = True


def shares(total: int, mix: str) -> dict[str, int]:
    """Rows of each range for a mixture; they add up to `total` (largest remainders get the rest)."""
    weights = dict(zip(RANGES, parse_mix(mix), strict=True))
    exact = {name: total * weight / sum(weights.values()) for name, weight in weights.items()}
    rows = {name: int(value) for name, value in exact.items()}
    for name in sorted(RANGES, key=lambda r: rows[r] - exact[r])[: total - sum(rows.values())]:
        rows[name] += 1
    return rows


def write(order: Order, folder: Path, workers: int = 1) -> dict[str, Any]:
    """Write the data sets of an order and their manifest; return the manifest.

    Evaluation problems are drawn first, and training never uses one of them. Raises
    `UsageError` for an unwritable folder or unknown variant.
    """
    task = tasks.load(order.task)
    task.check_variant(order.variant)
    if _prepare(order, folder):
        return read_manifest(folder)
    seen, files = Seen(), {}
    total = order.eval * len(order.eval_ranges) + (sum(order.train.values()) if order.write_train else 0)
    with pool_of(workers) as pool, Bar(f"data {order.task}", total, "rows") as bar:
        for name in RANGES:
            source = Source(order.task, name, order.bounds[name], "eval", order.variant, order.seed)
            rows = distinct_rows(source, _eval_rows(order, name, task), seen, pool)
            if name in order.eval_ranges:
                files[f"eval-{name}"] = write_parquet(folder / f"eval-{name}.parquet", rows, bar)
            else:
                deque(rows, maxlen=0)
        seen.held_out, seen.used = seen.used, set()
        if order.write_train:
            sources = [Source(order.task, r, order.bounds[r], "train", order.variant, order.seed) for r in RANGES]
            rows = (row for s in sources for row in distinct_rows(s, order.train[s.range], seen, pool))
            files["train"] = write_parquet(folder / "train.parquet", rows, bar)
    manifest = _manifest(order, task, files)
    with writing(folder / "manifest.json") as file:
        file.write(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    for shortage in manifest["shortages"]:
        note(f"note: {shortage}")
    return manifest


def _eval_rows(order: Order, name: str, task: tasks.Task) -> int:
    """Evaluation leaves at least half of a small range's problems to training, if it trains on it."""
    support = task.support(*order.bounds[name])
    half = order.train[name] > 0 and support is not None
    return min(order.eval, max(1, support // 2)) if half and support is not None else order.eval


def _prepare(order: Order, folder: Path) -> bool:
    """Make the folder ready, and tell whether it holds this order's finished data already.

    Unfinished data are made anew; finished data of another order are never touched.
    """
    finished: dict[str, Any] = {}
    with contextlib.suppress(UsageError):
        finished = read_manifest(folder)
    if finished and finished.get("order") != _plain(order):
        raise UsageError(
            f"{folder} holds other data: {_contrast(finished, order)}", "Choose another folder with --out."
        )
    files = {folder / f"{name}.parquet": figures["sha256"] for name, figures in finished.get("files", {}).items()}
    if files and all(path.exists() and file_digest(path) == digest for path, digest in files.items()):
        note(f"{folder} holds these data already")
        return True
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("manifest.json", "train.parquet", *(f"eval-{name}.parquet" for name in RANGES)):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return False


def _plain(order: Order) -> dict[str, Any]:
    """An order as it reads in a manifest."""
    return json.loads(json.dumps(asdict(order)))


def _contrast(finished: dict[str, Any], order: Order) -> str:
    """The first thing in which a finished data set differs from what is asked for."""
    there, here = finished.get("order", {}), _plain(order)
    name = next(name for name in here if there.get(name) != here[name])
    return f"{name} is {there.get(name)!r} there, {here[name]!r} here"


def _manifest(order: Order, task: tasks.Task, files: dict[str, Any]) -> dict[str, Any]:
    import pyarrow

    support = {name: task.support(*order.bounds[name]) for name in RANGES}
    shortages = []
    for name, figures in files.items():
        ranges = order.train if name == "train" else {name[-1]: order.eval}
        for range_name, wanted in ranges.items():
            got = figures["by_range"].get(range_name, 0)
            if got < wanted:
                known = support[range_name]
                reason = (
                    "drawing brought no new ones" if known is None else f"the range has {known:,} distinct problems"
                )
                kept = ", half of them kept for training" if name != "train" and order.train[range_name] else ""
                shortages.append(f"{task.id} {range_name}: {got:,} of {wanted:,} {name} rows; {reason}{kept}")
    return {
        "task": task.id,
        "task_version": task.version,
        "variant": order.variant,
        "seed": order.seed,
        "order": _plain(order),
        "ranges": {name: list(bounds) for name, bounds in order.bounds.items()},
        "scaled_ranges": {n: list(b) for n, b in order.bounds.items() if b != tuple(task.ranges[n])},
        "distinct_problems": support,
        "files": files,
        "shortages": shortages,
        "versions": {"tailkit": __version__, "pyarrow": pyarrow.__version__},
        "length_unit": "bytes of a completion in UTF-8, the tokens of the bundled tokenizer",
    }
