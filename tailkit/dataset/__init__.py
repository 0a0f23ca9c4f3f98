"""Data sets: what to write, and writing it, with a manifest.

In: an `Order`, which a task and a recipe make. Out: `train.parquet`, `eval-S/M/L.parquet`, `manifest.json`.
Evaluation problems are drawn first; training never uses one of them.
"""

import contextlib
import itertools
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tailkit import tasks
from tailkit.dataset.files import read, read_checked, write_parquet
from tailkit.dataset.imported import imported_rows
from tailkit.dataset.manifest import MANIFEST, NAMES, TRAIN, Manifest, contrast, evaluation, manifest_of, read_manifest
from tailkit.dataset.order import Order, Quota, order_of, partial_order, quota, rows_of, shares
from tailkit.dataset.stream import Seen, Source, distinct_rows, pool_of
from tailkit.errors import TailkitError, UsageError
from tailkit.nano.workshop import replay
from tailkit.records import RANGES, Example
from tailkit.run.files import cannot_write, file_digest
from tailkit.screen import Bar, note

__all__ = [
    "Manifest",
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


def write(order: Order, folder: Path, pool: Pool = None, title: str = "") -> Manifest:
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
                files[evaluation(name)] = write_parquet(folder / f"{evaluation(name)}.parquet", rows, bar)
            else:
                deque(rows, maxlen=0)
            evaluated[name] = seen.problems - before
            if not quotas[name].overlap:
                seen.held_out |= evaluated[name]
        seen.problems = set()
        if order.write_train:
            asked = [row for name in order.eval_ranges for row in read(folder / f"{evaluation(name)}.parquet")]
            files[TRAIN] = write_parquet(folder / f"{TRAIN}.parquet", _training(order, seen, pool, asked), bar)
    for name, facts in files.items():
        if not facts.rows:
            raise TailkitError(
                f"task {task.id}: not one problem was found for {name}",
                f"Look at key, sample and support in {task.file}.",
            )
    overlap = {name: len(both) for name in RANGES if (both := evaluated[name] & seen.problems)}
    manifest = manifest_of(order, task, files, overlap)
    manifest.write(folder)
    for shortage in manifest.shortages:
        note(f"note: {shortage}")
    return manifest


def _train_rows(order: Order) -> int:
    """How many training rows an order asks for, as far as its ranges can give them."""
    if not order.write_train:
        return 0
    own = 0 if order.completions else sum(quota(part, name).train for part in (order, *order.others) for name in RANGES)
    return own + sum(order.replay.values())


def _training(order: Order, seen: Seen, pool: Pool, evaluated: list[Example]) -> Iterator[Example]:
    """All training rows: the task's own, those of other tasks after them, or those of a jsonl file; then replay."""
    if order.completions:
        rows = imported_rows(Path(order.completions[0]), tasks.load(order.task), order.variant, evaluated)
        # As many as any other training set has, so that the two can be compared.
        yield from itertools.islice(rows, sum(order.train.values()))
    else:
        yield from _made(order, seen, pool)
    for program, count in sorted(order.replay.items()):
        for query, completion in itertools.islice(replay.stream(program, order.seed), count):
            yield Example(f"nano/{program}", "", 0, "", 0, "train", "", "", query, completion, "", "null")


def _made(order: Order, seen: Seen, pool: Pool) -> Iterator[Example]:
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
    finished = None
    with contextlib.suppress(TailkitError):
        finished = read_manifest(folder)
    if finished and (difference := contrast(finished, order)):
        raise UsageError(f"{folder} holds other data: {difference}", "Choose another folder with --out.")
    files = {folder / f"{name}.parquet": facts.sha256 for name, facts in finished.files.items()} if finished else {}
    if files and all(path.exists() and file_digest(path) == digest for path, digest in files.items()):
        note(f"{folder} holds these data already")
        return True
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (MANIFEST, *(f"{name}.parquet" for name in NAMES)):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return False
