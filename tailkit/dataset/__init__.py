"""Data sets: what to write, and writing it, with a manifest.

In: an `Order`, which a task and a recipe make. Out: `train.parquet`, `eval-S/M/L.parquet`, `manifest.json`.
Evaluation problems are drawn first; training never uses one of them.
"""

import contextlib
import itertools
import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tailkit import tasks
from tailkit.dataset.files import read, read_checked, read_manifest, write_parquet
from tailkit.dataset.imported import imported_rows
from tailkit.dataset.manifest import contrast, manifest_of, plain
from tailkit.dataset.order import Order, Quota, order_of, partial_order, quota, rows_of, shares
from tailkit.dataset.stream import Seen, Source, distinct_rows, pool_of
from tailkit.errors import TailkitError, UsageError
from tailkit.nano.workshop import replay
from tailkit.records import RANGES, Example
from tailkit.run.files import cannot_write, file_digest, writing
from tailkit.screen import Bar, note

__all__ = [
    "Order",
    "Quota",
    "order_of",
    "partial_order",
    "pool_of",
    "quota",
    "read",
    "read_checked",
    "read_manifest",
    "rows_of",
    "shares",
    "write",
]

Pool = ProcessPoolExecutor | None


def write(order: Order, folder: Path, pool: Pool = None, title: str = "") -> dict[str, Any]:
    """Write the data sets of an order and their manifest; return the manifest.

    Raises `UsageError` for an unwritable folder.
    """
    task = tasks.load(order.task)
    if _prepare(order, folder):
        return read_manifest(folder)
    quotas = {name: quota(order, name) for name in RANGES}
    total = sum(quotas[name].eval for name in order.eval_ranges) + _train_rows(order)
    seen, files = Seen(), {}
    with Bar(title or f"data {order.task}", total, "rows") as bar:
        evaluated = {}
        for name in RANGES:
            before = set(seen.problems)
            rows = distinct_rows(_source(order, name, "eval"), quotas[name].eval, seen, pool)
            if name in order.eval_ranges:
                files[f"eval-{name}"] = write_parquet(folder / f"eval-{name}.parquet", rows, bar)
            else:
                deque(rows, maxlen=0)
            evaluated[name] = seen.problems - before
            if not quotas[name].overlap:
                seen.held_out |= evaluated[name]
        seen.problems = set()
        if order.write_train:
            evaluation = [row for name in order.eval_ranges for row in read(folder / f"eval-{name}.parquet")]
            files["train"] = write_parquet(folder / "train.parquet", _training(order, seen, pool, evaluation), bar)
    for name, figures in files.items():
        if not figures["rows"]:
            raise TailkitError(
                f"task {task.id}: not one problem was found for {name}",
                f"Look at key, sample and support in {task.file}.",
            )
    overlap = {name: len(found) for name in RANGES if (found := evaluated[name] & seen.problems)}
    manifest = manifest_of(order, task, files, overlap)
    with writing(folder / "manifest.json") as file:
        file.write(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    for shortage in manifest["shortages"]:
        note(f"note: {shortage}")
    return manifest


def _train_rows(order: Order) -> int:
    """How many training rows an order asks for, as far as its ranges can give them."""
    if not order.write_train:
        return 0
    own = 0 if order.completions else sum(quota(one, name).train for one in (order, *order.others) for name in RANGES)
    return own + sum(order.replay.values())


def _training(order: Order, seen: Seen, pool: Pool, evaluation: list[Example]) -> Iterator[tuple[Any, ...]]:
    """All training rows: the task's own, those of other tasks behind them, or those of a jsonl file; then replay."""
    if order.completions:
        rows = imported_rows(Path(order.completions[0]), tasks.load(order.task), order.variant, evaluation)
        # As many as any other training set has, so that the two can be compared.
        yield from itertools.islice(rows, sum(order.train.values()))
    else:
        yield from _made(order, seen, pool)
    for program, count in sorted(order.replay.items()):
        what = (f"nano/{program}", "", 0, "", 0, "train", "", "")
        for query, completion in itertools.islice(replay.stream(program, order.seed), count):
            yield (*what, query, completion, "", "null")


def _made(order: Order, seen: Seen, pool: Pool) -> Iterator[tuple[Any, ...]]:
    """The training rows that tasks make."""
    # Keys are those of one task; another one's may read the same.
    for one, known in [(order, seen), *((other, Seen()) for other in order.others)]:
        for name in RANGES:
            wanted = quota(one, name)
            yield from distinct_rows(_source(one, name, "train"), wanted.train, known, pool, reworded=wanted.reworded)


def _source(order: Order, name: str, split: str) -> Source:
    return Source(order.task, name, order.bounds[name], split, order.variant, order.seed, tuple(order.settings.items()))


def _prepare(order: Order, folder: Path) -> bool:
    """Make the folder ready, and tell whether it holds this order's finished data already.

    Unfinished data are made anew; finished data of another order are never touched.
    """
    finished: dict[str, Any] = {}
    with contextlib.suppress(UsageError):
        finished = read_manifest(folder)
    if finished and finished.get("order") != plain(order):
        raise UsageError(f"{folder} holds other data: {contrast(finished, order)}", "Choose another folder with --out.")
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
