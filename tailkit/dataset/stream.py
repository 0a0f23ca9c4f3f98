"""Streams of candidate problems, made by worker processes, without repetition.

In: a `Source`. Out: rows in an order that no number of workers changes, no problem twice,
or, where a range has too few problems, no problem twice in the same words.
Candidates come in chunks, each from a random stream of its own named by (seed, task, version,
range, split, chunk). Workers make chunks; one process takes them in order and drops repeats.
"""

import contextlib
import hashlib
import itertools
import json
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import NamedTuple

from tailkit import tasks
from tailkit.records import Example, Problem
from tailkit.run.processes import serve, signals_held
from tailkit.tape import ProgramError

CHUNK = 100
AHEAD = 16
# Drawing gives up after this many candidates in a row that bring nothing new.
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
    settings: tuple[tuple[str, int], ...] = ()


class Candidate(NamedTuple):
    """A row, with the digests of its problem and of its problem in its words."""

    problem: bytes
    wording: bytes
    row: Example


@dataclass
class Seen:
    """Digests of what was used: problems, problems in their words, and problems kept from training."""

    problems: set[bytes] = field(default_factory=set)
    wordings: set[bytes] = field(default_factory=set)
    held_out: set[bytes] = field(default_factory=set)


def make_chunk(source: Source, chunk: int) -> list[Candidate]:
    """The candidates of one chunk; raises `ProgramError` where program and oracle disagree."""
    task = tasks.load(source.task).with_settings(dict(source.settings))
    rng = Random(f"{source.seed}/{source.task}/{task.version}/{source.range}/{source.split}/{chunk}")
    return [_candidate(task, task.problem(rng, source.range, source.bounds), source) for _ in range(CHUNK)]


def _candidate(task: tasks.Task, problem: Problem, source: Source) -> Candidate:
    run = task.record(problem)
    if not task.equal(run.answer, problem.answer, problem.data):
        raise ProgramError(f"{task.id}: program {run.answer!r}, oracle {problem.answer!r} for {problem.data}")
    completion = task.trace(run, problem, source.variant).text
    data = json.dumps(problem.data, sort_keys=True, ensure_ascii=False)
    row = Example(
        task=task.id,
        paradigm=task.paradigm,
        task_version=task.version,
        range=source.range,
        n=problem.n,
        split=source.split,
        variant=source.variant,
        key=problem.key,
        query=problem.query,
        completion=completion,
        answer=problem.answer,
        problem=data,
    )
    return Candidate(_digest(problem.key), _digest(f"{problem.key}\n{problem.query}"), row)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).digest()


@contextlib.contextmanager
def pool_of(workers: int) -> Iterator[ProcessPoolExecutor | None]:
    """Worker processes, none for one worker; they do not inherit this process's state."""
    if workers <= 1:
        yield None
        return
    known = (os.getpid(), tasks.added())
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_know, initargs=known) as pool:
        with signals_held():
            # A worker is started for each; what the terminal sends while they load is for this process alone.
            for _ in range(workers):
                pool.submit(int)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def _know(parent: int, files: list[Path]) -> None:
    serve(parent)
    for file in files:
        tasks.add(file)


def chunks(source: Source, pool: ProcessPoolExecutor | None, count: int) -> Iterator[list[Candidate]]:
    """All chunks of a source in order; workers make ahead what `count` rows will probably need."""
    if pool is None:
        yield from (make_chunk(source, number) for number in itertools.count())
    assert pool is not None
    probably, number = -(-count // CHUNK), 0
    waiting: deque[Future[list[Candidate]]] = deque()
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
    source: Source, count: int, seen: Seen, pool: ProcessPoolExecutor | None, *, reworded: bool = False
) -> Iterator[Example]:
    """Up to `count` rows of distinct problems; fewer where long drawing brings no new ones.

    With `reworded` a problem may come again in other words. Long is PATIENCE draws in a row, or
    twenty for each row that is wanted of a small range.
    """
    patience = max(PATIENCE, 20 * min(count, 100_000))
    taken = missed = 0
    if not count:
        return
    for chunk in chunks(source, pool, count):
        for problem, wording, row in chunk:
            known = wording in seen.wordings if reworded else problem in seen.problems
            if known or problem in seen.held_out:
                missed += 1
                if missed >= patience:
                    return
                continue
            missed = 0
            seen.problems.add(problem)
            seen.wordings.add(wording)
            yield row
            taken += 1
            if taken == count:
                return
