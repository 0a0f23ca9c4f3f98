"""Data sets: problems without repetition or leakage, rendered, as parquet with a manifest.

In: a task, a recipe's data section, a folder. Out: `train.parquet`, `eval-S/M/L.parquet`, `manifest.json`.
Candidates come in chunks, each from a random stream of its own named by (seed, task, range,
split, chunk). Workers make chunks, one process takes them in order and drops repeats: so the
bytes do not depend on the number of workers.
"""

import hashlib
import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, fields
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from tailkit import __version__, chat, tasks
from tailkit.errors import TailkitError, UsageError
from tailkit.recipe import parse_mix
from tailkit.records import RANGES, Example
from tailkit.rundir import cannot_write, file_digest, writing
from tailkit.screen import Bar, note

CHUNK = 250
ROW_GROUP = 5_000
# A range counts as exhausted when this many candidates in a row bring nothing new.
PATIENCE = 20 * CHUNK
AGAIN = "Delete it and run the command that made it again."
COLUMNS = [f.name for f in fields(Example)]


@dataclass(frozen=True)
class Source:
    """Where candidates come from: everything that names a random stream."""

    task: str
    range: str
    bounds: tuple[int, int]
    split: str
    variant: str
    seed: int


@dataclass
class Seen:
    """Digests of the problem keys already used; `held_out` are those of the evaluation sets."""

    held_out: set[bytes] = field(default_factory=set)
    used: set[bytes] = field(default_factory=set)


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


def make_chunk(source: Source, chunk: int) -> list[tuple[bytes, tuple[Any, ...]]]:
    """The candidates of one chunk: (digest of the key, parquet row)."""
    task = tasks.load(source.task)
    rng = Random(f"{source.seed}/{source.task}/{task.version}/{source.range}/{source.split}/{chunk}")
    rows = []
    for _ in range(CHUNK):
        problem = task.problem(rng, source.range, source.bounds)
        trace = task.trace(task.record(problem), problem, source.variant)
        example = Example(
            task=task.id,
            paradigm=task.paradigm,
            task_version=task.version,
            range=source.range,
            n=problem.n,
            split=source.split,
            variant=source.variant,
            key=problem.key,
            query=problem.query,
            completion=trace.text,
            answer=problem.answer,
            problem=json.dumps(problem.data, sort_keys=True, ensure_ascii=False),
        )
        rows.append((_digest(problem.key), astuple(example)))
    return rows


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).digest()


@contextmanager
def pool_of(workers: int) -> Iterator[ProcessPoolExecutor | None]:
    """Worker processes, none for one worker; they do not inherit this process's state."""
    if workers <= 1:
        yield None
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def chunks(source: Source, pool: ProcessPoolExecutor | None, ahead: int = 8) -> Iterator[list[Any]]:
    """All chunks of a source in order, a few of them made ahead."""
    if pool is None:
        number = 0
        while True:
            yield make_chunk(source, number)
            number += 1
    waiting: deque[Future[list[Any]]] = deque(pool.submit(make_chunk, source, n) for n in range(ahead))
    number = ahead
    while True:
        waiting.append(pool.submit(make_chunk, source, number))
        number += 1
        yield waiting.popleft().result()


def distinct_rows(
    source: Source, count: int, seen: Seen, pool: ProcessPoolExecutor | None
) -> Iterator[tuple[Any, ...]]:
    """Up to `count` rows of distinct problems; fewer only where the range has no more."""
    taken = missed = 0
    if not count:
        return
    for chunk in chunks(source, pool):
        for digest, row in chunk:
            if digest in seen.used or digest in seen.held_out:
                missed += 1
                if missed >= PATIENCE:
                    return
                continue
            missed = 0
            seen.used.add(digest)
            yield row
            taken += 1
            if taken == count:
                return


def write(order: Order, folder: Path, workers: int = 1) -> dict[str, Any]:
    """Write the data sets of an order and their manifest; return the manifest.

    Evaluation problems are drawn first, and training never uses one of them. Raises
    `UsageError` for an unwritable folder or unknown variant.
    """
    task = tasks.load(order.task)
    task.check_variant(order.variant)
    _prepare(folder)
    seen, files = Seen(), {}
    total = order.eval * len(order.eval_ranges) + (sum(order.train.values()) if order.write_train else 0)
    with pool_of(workers) as pool, Bar(f"data {order.task}", total, "rows") as bar:
        for name in RANGES:
            source = Source(order.task, name, order.bounds[name], "eval", order.variant, order.seed)
            rows = distinct_rows(source, _eval_rows(order, name, task), seen, pool)
            if name in order.eval_ranges:
                files[f"eval-{name}"] = _write_parquet(folder / f"eval-{name}.parquet", rows, bar)
            else:
                deque(rows, maxlen=0)
        seen.held_out, seen.used = seen.used, set()
        if order.write_train:
            sources = [Source(order.task, r, order.bounds[r], "train", order.variant, order.seed) for r in RANGES]
            rows = (row for s in sources for row in distinct_rows(s, order.train[s.range], seen, pool))
            files["train"] = _write_parquet(folder / "train.parquet", rows, bar)
    manifest = _manifest(order, task, files)
    with writing(folder / "manifest.json") as file:
        file.write(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    for shortage in manifest["shortages"]:
        note(f"note: {shortage}")
    return manifest


def _eval_rows(order: Order, name: str, task: tasks.Task) -> int:
    """Evaluation leaves at least half of a small range's problems to training."""
    support = task.support(*order.bounds[name])
    return order.eval if support is None else min(order.eval, max(1, support // 2))


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def _write_parquet(path: Path, rows: Iterator[tuple[Any, ...]], bar: Bar) -> dict[str, Any]:
    """Write rows in groups, so that memory stays flat; return the file's figures."""
    import pyarrow.parquet as pq

    figures: dict[str, Any] = {"rows": 0, "by_range": {}, "bytes_mean": 0, "bytes_max": 0}
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with pq.ParquetWriter(temporary, _schema(), compression="zstd") as writer:
            group: list[tuple[Any, ...]] = []
            for row in rows:
                group.append(row)
                bar.update(bar.done + 1)
                if len(group) == ROW_GROUP:
                    _write_group(writer, group, figures)
                    group = []
            _write_group(writer, group, figures)
        temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    if figures["rows"]:
        figures["bytes_mean"] = round(figures["bytes_mean"] / figures["rows"], 1)
    return {**figures, "sha256": file_digest(path)}


def _schema() -> Any:
    import pyarrow as pa

    integers = {"task_version", "n"}
    message = pa.struct([("role", pa.string()), ("content", pa.string())])
    columns = [(name, pa.int64() if name in integers else pa.string()) for name in COLUMNS]
    return pa.schema([*columns, ("messages", pa.list_(message))])


def _write_group(writer: Any, group: list[tuple[Any, ...]], figures: dict[str, Any]) -> None:
    import pyarrow as pa

    if not group:
        return
    columns = dict(zip(COLUMNS, map(list, zip(*group, strict=True)), strict=True))
    sizes = [len(text.encode()) for text in columns["completion"]]
    figures["rows"] += len(group)
    figures["bytes_mean"] += sum(sizes)
    figures["bytes_max"] = max(figures["bytes_max"], *sizes)
    for name in columns["range"]:
        figures["by_range"][name] = figures["by_range"].get(name, 0) + 1
    turns = [chat.messages(q, c) for q, c in zip(columns["query"], columns["completion"], strict=True)]
    writer.write_table(pa.table({**columns, "messages": turns}, schema=writer.schema))


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
                shortages.append(
                    f"{task.id} {range_name}: {got:,} of {wanted:,} {name} rows;"
                    f" the range has {'no more' if known is None else f'{known:,}'} distinct problems"
                )
    return {
        "task": task.id,
        "task_version": task.version,
        "variant": order.variant,
        "seed": order.seed,
        "ranges": {name: list(bounds) for name, bounds in order.bounds.items()},
        "scaled_ranges": {n: list(b) for n, b in order.bounds.items() if b != tuple(task.ranges[n])},
        "distinct_problems": support,
        "files": files,
        "shortages": shortages,
        "versions": {"tailkit": __version__, "pyarrow": pyarrow.__version__},
        "length_unit": "bytes of a completion in UTF-8, the tokens of the bundled tokenizer",
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a data folder; raises `UsageError` if there is none or it is broken."""
    try:
        return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        raise UsageError(
            f"{folder}/manifest.json is missing or broken",
            "The data are unfinished; make them again with `tailkit data`.",
        ) from None


def read_checked(folder: Path, name: str) -> list[Example]:
    """The rows of a data set's file, which must be the one that the manifest was written for."""
    manifest, path = read_manifest(folder), folder / f"{name}.parquet"
    if path.exists() and file_digest(path) != manifest["files"][name]["sha256"]:
        raise TailkitError(f"{path} is not the file of its manifest: corrupt or changed", AGAIN)
    return read(path)


def read(path: Path) -> list[Example]:
    """The rows of a data file; raises `TailkitError` if it is missing, corrupt or of another form."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, columns=COLUMNS)
    except FileNotFoundError:
        raise TailkitError(f"{path} does not exist", AGAIN) from None
    except (pa.ArrowException, OSError) as error:
        reason = str(error).split("\n")[0][:120]
        raise TailkitError(f"{path} cannot be read as a data set: {reason}", AGAIN) from None
    return [Example(**row) for row in table.to_pylist()]
