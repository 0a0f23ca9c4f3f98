"""Data sets: what to write, and writing it, with a manifest.

In: an `Order`, from a task and a recipe. Out: `train.parquet`, `eval-S/M/L.parquet`, `manifest.json`.
Evaluation problems are drawn first; training never uses one of them.
"""

import contextlib
import itertools
import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tailkit import __version__, tasks
from tailkit.dataset.files import read, read_checked, read_manifest, write_parquet
from tailkit.dataset.stream import Seen, Source, distinct_rows, pool_of
from tailkit.errors import TailkitError, UsageError
from tailkit.imported import imported_rows
from tailkit.recipe import parse_mix
from tailkit.records import RANGES, Example
from tailkit.rundir import cannot_write, file_digest, writing
from tailkit.screen import Bar, note

__all__ = ["Order", "Quota", "pool_of", "quota", "read", "read_checked", "read_manifest", "shares", "write"]

Pool = ProcessPoolExecutor | None


@dataclass(frozen=True)
class Order:
    """What to write: rows by range for training, rows a range for evaluation, and how.

    `short`: training rows at most of a range that has too few problems. `settings` are the task's.
    `others` are orders of other tasks, whose training rows come into the same file. `completions`
    is a jsonl file, with its sha256, that gives the training rows instead of the task.
    """

    task: str
    bounds: dict[str, tuple[int, int]]
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


@dataclass(frozen=True)
class Quota:
    """What one range can give: rows for training and evaluation, and whether it has enough problems.

    `reworded`: training repeats problems in other words. `overlap`: the range has too few problems
    to keep those of the evaluation from training, and evaluation takes all that there are.
    """

    train: int
    eval: int
    reworded: bool
    overlap: bool


def quota(order: Order, name: str) -> Quota:
    """Evaluation has problems of its own where a range has at least twice as many as it asks for."""
    task = tasks.load(order.task)
    support, wanted = task.support(*order.bounds[name]), order.train[name]
    if support is None:
        return Quota(wanted, order.eval, reworded=False, overlap=False)
    held = min(order.eval, support)
    overlap = wanted > 0 and support < 2 * order.eval
    free = support if overlap else support - held
    rows = wanted if wanted <= free else min(wanted, order.short)
    if rows <= free and not overlap:
        return Quota(rows, held, reworded=False, overlap=False)
    # The evaluation's own wordings are never trained on.
    wordings = free * len(task.queries) - (held if overlap else 0)
    return Quota(min(rows, wordings), held, reworded=True, overlap=overlap)


def shares(total: int, mix: str) -> dict[str, int]:
    """Rows of each range for a mixture; they add up to `total` (largest remainders get the rest)."""
    weights = dict(zip(RANGES, parse_mix(mix), strict=True))
    exact = {name: total * weight / sum(weights.values()) for name, weight in weights.items()}
    rows = {name: int(value) for name, value in exact.items()}
    for name in sorted(RANGES, key=lambda r: rows[r] - exact[r])[: total - sum(rows.values())]:
        rows[name] += 1
    return rows


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
    manifest = _manifest(order, task, files, overlap)
    with writing(folder / "manifest.json") as file:
        file.write(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    for shortage in manifest["shortages"]:
        note(f"note: {shortage}")
    return manifest


def _train_rows(order: Order) -> int:
    """How many training rows an order asks for, as far as its ranges can give them."""
    if not order.write_train or order.completions:
        return 0
    return sum(quota(one, name).train for one in (order, *order.others) for name in RANGES)


def _training(order: Order, seen: Seen, pool: Pool, evaluation: list[Example]) -> Iterator[tuple[Any, ...]]:
    """All training rows: the task's own, those of other tasks behind them; or those of a jsonl file."""
    if order.completions:
        rows = imported_rows(Path(order.completions[0]), tasks.load(order.task), order.variant, evaluation)
        # As many as any other training set has, so that the two can be compared.
        yield from itertools.islice(rows, sum(order.train.values()))
        return
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
    fingerprint = tasks.load(order.task).fingerprint
    return json.loads(json.dumps({"tailkit": __version__, "task_file": fingerprint, **asdict(order)}))


def _contrast(finished: dict[str, Any], order: Order) -> str:
    """The first thing in which a finished data set differs from what is asked for."""
    there, here = finished.get("order", {}), _plain(order)
    name = next(name for name in here if there.get(name) != here[name])
    return f"{name} is {there.get(name)!r} there, {here[name]!r} here"


def _manifest(order: Order, task: tasks.Task, files: dict[str, Any], overlap: dict[str, int]) -> dict[str, Any]:
    import pyarrow

    support = {name: task.support(*order.bounds[name]) for name in RANGES}
    return {
        "task": task.id,
        "task_version": task.version,
        "variant": order.variant,
        "seed": order.seed,
        "order": _plain(order),
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
