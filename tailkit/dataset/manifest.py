"""The manifest of a data set: its order, its files, and where its problems did not suffice.

In: an order and what was written. Out: a `Manifest`, which writes and reads `manifest.json`.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from tailkit import __version__, tasks
from tailkit.dataset.holdout import ONE_IN, is_shared
from tailkit.dataset.identity import plain
from tailkit.dataset.order import Order, quota
from tailkit.errors import TailkitError, UsageError, cut
from tailkit.records import RANGES
from tailkit.run.files import writing

MANIFEST = "manifest.json"
TRAIN = "train"
"""The training set: `train.parquet`."""


def evaluation(range_name: str) -> str:
    """The evaluation set of a range: `eval-S.parquet` for S."""
    return f"eval-{range_name}"


NAMES = (TRAIN, *map(evaluation, RANGES))
"""All sets that a data folder may hold."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class FileFacts(_Record):
    """One parquet file: its rows, in all, by range and by task; the bytes of a completion; its sha256."""

    sha256: str
    rows: int
    by_range: dict[str, int] = {}
    by_task: dict[str, int] = {}
    bytes_mean: float = 0
    bytes_max: int = 0


class Manifest(_Record):
    """`manifest.json`. What older versions did not write has a default; what newer ones add is passed over.

    `order` is the whole order as plain values. `distinct_problems`: how many each range has, None where
    that is unknown. `shared`: ranges with too few problems to keep any from training, in this data set or
    another one; `overlap`: how many evaluation problems of such a range are in training here.
    `shortages`: a sentence for each range that could not give what was asked for.
    """

    task: str
    task_version: int = 1
    variant: str
    seed: int
    order: dict[str, Any]
    ranges: dict[str, tuple[int, int]]
    scaled_ranges: dict[str, tuple[int, int]] = {}
    distinct_problems: dict[str, int | None] = {}
    shared: list[str] = []
    overlap: dict[str, int] = {}
    files: dict[str, FileFacts]
    shortages: list[str] = []
    versions: dict[str, str] = {}
    length_unit: str = "bytes of a completion in UTF-8, the tokens of the bundled tokenizer"

    def write(self, folder: Path) -> None:
        with writing(folder / MANIFEST) as file:
            file.write(json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a data folder; raises `UsageError` if there is none, `TailkitError` if it is no manifest."""
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{path} is missing: no data yet, or unfinished ones", "`tailkit data` makes them.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        reason = f"{place}: {first['msg']}" if place else first["msg"]
        raise TailkitError(f"{path} is no manifest of data ({cut(reason, 160)})", "Restore it from a copy.") from None
    except OSError as error:
        raise TailkitError(f"{path} cannot be read: {error.strerror}", "Restore it from a copy.") from None


def manifest_of(order: Order, files: dict[str, FileFacts], overlap: dict[str, int]) -> Manifest:
    """The manifest of what was written for an order: the facts of each file, and the overlap by range."""
    import pyarrow

    task = tasks.load(order.task)
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
        shortages=_shortages(order, files, overlap),
        versions={"tailkit": __version__, "pyarrow": pyarrow.__version__},
    )


def _short_of_rows(order: Order, trained: FileFacts) -> list[str]:
    """A sentence for each task that gave fewer training rows than asked for, where more than the own one teaches."""
    wanted = {part.task: sum(part.train.values()) for part in (order, *order.others)}
    reason = "the file has no more" if order.completions else "its problems in their words run out"
    return [
        f"{task}: {trained.by_task.get(task, 0):,} of {rows:,} train rows; {reason}"
        for task, rows in wanted.items()
        if trained.by_task.get(task, 0) < rows
    ]


def _shortages(order: Order, files: dict[str, FileFacts], overlap: dict[str, int]) -> list[str]:
    """A sentence for each range that could not give what was asked for, or not without overlap."""
    told = []
    for name in order.eval_ranges:
        told += _short(order, files, evaluation(name), name)
    if order.write_train and (order.others or order.completions):
        told += _short_of_rows(order, files[TRAIN])
    elif order.write_train:
        for name in RANGES:
            told += _short(order, files, TRAIN, name)
    for name in RANGES:
        if quota(order, name).shared and (name in order.eval_ranges or (order.write_train and order.train[name])):
            also = _overlap(overlap.get(name, 0))
            told.append(f"{order.task} {name}: too few problems to keep evaluation and training apart; {also}")
    return told


def _short(order: Order, files: dict[str, FileFacts], set_name: str, range_name: str) -> list[str]:
    """A sentence if a range gave fewer rows to a set than were asked for."""
    support, given = tasks.load(order.task).support(*order.bounds[range_name]), quota(order, range_name)
    trains = set_name == TRAIN
    asked, expected = (order.train[range_name], given.train) if trains else (order.eval, given.eval)
    got = files[set_name].by_range.get(range_name, 0)
    if got >= asked:
        return []
    reason = "drawing brought no new ones" if support is None else f"it has {support:,} distinct problems"
    if support and not given.shared:
        reason += f", one in {ONE_IN} of them for evaluation"
    if support and got < 0.8 * expected:
        reason += ", but drawing brought no more"
    return [f"{order.task} {range_name}: {got:,} of {asked:,} {set_name} rows; {reason}"]


def _overlap(count: int) -> str:
    if count:
        return f"{count} evaluation problems are in training too, in other words"
    return "data that another command makes may have the same ones in training, in other words"
