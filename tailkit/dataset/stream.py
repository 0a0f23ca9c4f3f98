"""Streams of candidate problems, made by worker processes, without repetition.

In: a `Source`. Out: parquet rows of distinct problems in an order that no number of workers changes.
Candidates come in chunks, each from a random stream of its own named by (seed, task, version,
range, split, chunk). Workers make chunks; one process takes them in order and drops repeats.
"""

import contextlib
import hashlib
import itertools
import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import astuple, dataclass, field
from multiprocessing import get_context
from random import Random
from typing import Any

from tailkit import tasks
from tailkit.records import Example

CHUNK = 100
AHEAD = 16
# A range counts as exhausted when this many candidates in a row bring nothing new.
PATIENCE = 50 * CHUNK


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


@contextlib.contextmanager
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


def chunks(source: Source, pool: ProcessPoolExecutor | None, count: int) -> Iterator[list[Any]]:
    """All chunks of a source in order; workers make ahead what `count` rows will probably need."""
    if pool is None:
        yield from (make_chunk(source, number) for number in itertools.count())
    assert pool is not None
    probably, number = -(-count // CHUNK), 0
    waiting: deque[Future[list[Any]]] = deque()
    try:
        while True:
            while not waiting or (number < probably and len(waiting) < AHEAD):
                waiting.append(pool.submit(make_chunk, source, number))
                number += 1
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def distinct_rows(
    source: Source, count: int, seen: Seen, pool: ProcessPoolExecutor | None
) -> Iterator[tuple[Any, ...]]:
    """Up to `count` rows of distinct problems; fewer where drawing long enough brings no new ones.

    Long enough is PATIENCE draws in a row, or twenty for each problem that a small range has.
    """
    support = tasks.load(source.task).support(*source.bounds)
    patience = max(PATIENCE, 20 * min(support or 0, 100_000))
    taken = missed = 0
    if not count:
        return
    for chunk in chunks(source, pool, count):
        for digest, row in chunk:
            if digest in seen.used or digest in seen.held_out:
                missed += 1
                if missed >= patience:
                    return
                continue
            missed = 0
            seen.used.add(digest)
            yield row
            taken += 1
            if taken == count:
                return
