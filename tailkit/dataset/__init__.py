"""Data sets: what to write, and writing it, with a manifest.

In: an `Order`, which a task and a recipe make. Out: `train.parquet`, `eval-S/M/L.parquet`, `manifest.json`.
Which problems training may have, and which evaluation, `holdout` says.
"""

import itertools
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tailkit import tasks
from tailkit.dataset import guesses
from tailkit.dataset.identity import identity, manifest_of
from tailkit.dataset.order import Order, Quota, order_of, partial_order, quota, rows_of, shares
from tailkit.dataset.parquet import write_parquet
from tailkit.dataset.stream import Draws, Seen, distinct_rows, pool_of
from tailkit.dataset.target import Writing, claim, drop_journal, reserved
from tailkit.errors import TailkitError, UsageError
from tailkit.imported import replay
from tailkit.imported.completions import completed_rows
from tailkit.records import RANGES, Example
from tailkit.run.examples import read, read_checked
from tailkit.run.manifest import TRAIN, Manifest, evaluation, parquet, read_manifest
from tailkit.screen import Bar, note

__all__ = [
    "Manifest",
    "Order",
    "Quota",
    "claim",
    "identity",
    "order_of",
    "partial_order",
    "quota",
    "read",
    "read_checked",
    "read_manifest",
    "rows_of",
    "shares",
    "write",
    "write_all",
]

Pool = ProcessPoolExecutor | None


def write_all(orders: Mapping[Path, Order], workers: int = 1) -> dict[Path, Manifest]:
    """Write the data sets of each order to its folder; return their manifests. Finished ones are not made again.

    Raises `UsageError`, before anything is written, if one of the folders holds other data or files
    that tailkit did not write there, is being written by another process, or cannot be written.
    """
    manifests = {}
    # Workers start last: what is refused ends at once, and leaves none behind that is still loading.
    with reserved(orders) as unfinished, pool_of(workers if unfinished else 1) as pool:
        for number, (folder, order) in enumerate(orders.items(), start=1):
            place = f" ({number}/{len(orders)})" if len(orders) > 1 else ""
            if folder in unfinished:
                manifests[folder] = _write(order, folder, pool, f"data {order.task}{place}")
            else:
                note(f"{folder} holds these data already")
                drop_journal(folder)
                manifests[folder] = read_manifest(folder)
    return manifests


def write(order: Order, folder: Path, workers: int = 1) -> Manifest:
    """Write the data sets of one order, as `write_all` does."""
    return write_all({folder: order}, workers)[folder]


def _write(order: Order, folder: Path, pool: Pool, title: str) -> Manifest:
    """Write all sets of an order, each from its own draws, and the manifest at the end."""
    total = sum(quota(order, name).eval for name in order.eval_ranges) + _train_rows(order)
    evaluated, trained, files = {name: Seen() for name in order.eval_ranges}, Seen(), {}
    place = Writing(folder)
    place.begin()
    with Bar(title, total, "rows") as bar:
        for name, seen in evaluated.items():
            # How many of its problems are held is not known before; a shared range has just its own.
            given = quota(order, name)
            count = given.eval if given.shared else order.eval
            rows = distinct_rows(_source(order, name, "eval"), count, seen, pool)
            files[evaluation(name)] = write_parquet(place, evaluation(name), rows, bar)
        if order.write_train:
            asked = [row for name in order.eval_ranges for row in read(parquet(folder, evaluation(name)))]
            files[TRAIN] = write_parquet(place, TRAIN, _training(order, trained, pool, asked), bar)
    for name, facts in files.items():
        if not facts.rows:
            raise TailkitError(
                f"task {order.task}: not one problem was found for {name}",
                f"Look at key, sample and support in {tasks.load(order.task).file}.",
            )
    both = {name: len(seen.problems.keys() & trained.problems.keys()) for name, seen in evaluated.items()}
    overlap = {name: count for name, count in both.items() if count}
    manifest = manifest_of(order, files, overlap, guesses.of_files(order, folder, files))
    place.finish(manifest)
    for shortage in manifest.shortages:
        note(f"note: {shortage}")
    return manifest


def _train_rows(order: Order) -> int:
    """How many training rows an order asks for, as far as its ranges can give them."""
    if not order.write_train:
        return 0
    own = sum(quota(part, name).train for part in (order, *order.others) for name in RANGES)
    if order.completions:
        with Path(order.completions[0]).open("rb") as file:
            own = min(sum(order.train.values()), sum(1 for line in file if line.strip()))
    files = order.replay_files
    extra = (
        min(rows, replay.size(name, files[name])) if name in files else rows for name, rows in order.replay.items()
    )
    return own + sum(extra)


def _training(order: Order, seen: Seen, pool: Pool, evaluated: list[Example]) -> Iterator[Example]:
    """All training rows: the task's own, those of other tasks after them, or those of a jsonl file; then replay."""
    if order.completions:
        rows = completed_rows(Path(order.completions[0]), tasks.load(order.task), order.variant, evaluated)
        # As many as any other training set has, so that the two can be compared.
        yield from itertools.islice(rows, sum(order.train.values()))
    else:
        yield from _made(order, seen, pool)
    yield from _replayed(order, evaluated)


def _replayed(order: Order, evaluated: list[Example]) -> Iterator[Example]:
    """The rows of other sources, which have no range; raises `UsageError` for one that the evaluation asks."""
    queries = {row.query for row in evaluated}
    apart = {name for name in RANGES if not quota(order, name).shared}
    keys = {row.key for row in evaluated if row.range in apart}
    for source, count in sorted(order.replay.items()):
        name = replay.label(source)
        for row in itertools.islice(replay.rows(source, order.seed), count):
            if source in order.replay_files and (
                row.query in queries or (row.key in keys and row.task in ("", order.task))
            ):
                raise UsageError(f"{row.where}: the evaluation asks this problem", "Leave the line out.")
            yield Example(
                task=name, paradigm="", task_version=0, range="", n=0, split="train", variant="", key="",
                query=row.query, completion=row.completion, answer="", problem="null",
            )  # fmt: skip


def _made(order: Order, seen: Seen, pool: Pool) -> Iterator[Example]:
    """The training rows that tasks make."""
    # Keys are those of one task; another one's may read the same.
    for part, known in [(order, seen), *((other, Seen()) for other in order.others)]:
        for name in RANGES:
            rows = quota(part, name)
            source = _source(part, name, "train")
            yield from distinct_rows(source, rows.train, known, pool, times=rows.times, scarce=rows.scarce)


def _source(order: Order, name: str, split: str) -> Draws:
    return Draws(
        task=order.task,
        range=name,
        bounds=order.bounds[name],
        split=split,
        variant=order.variant,
        seed=order.seed,
        settings=tuple(order.settings.items()),
        shared=quota(order, name).shared,
    )
