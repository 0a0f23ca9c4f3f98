"""Streams of candidate problems of one split, made by worker processes, without repetition.

In: a `Draws`. Out: rows in an order that no number of workers changes, no problem twice,
or, where a range has too few problems, no problem twice in the same words.
Candidates come in chunks, each from a random stream of its own named by (seed, task, version,
range, split, chunk). Workers make chunks; one process takes them in order and drops repeats. A worker that knows
a problem from an earlier chunk does not run its program again.
"""

import contextlib
import itertools
import json
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tailkit import tasks
from tailkit.dataset.holdout import ONE_IN, digest, is_held, wordings
from tailkit.records import Bounds, Example
from tailkit.run.apart import serve, signals_held
from tailkit.tape import ProgramError

CHUNK = 100
AHEAD = 16
# Drawing gives up after this many draws in a row that bring nothing new.
PATIENCE = 50 * CHUNK
# Where problems have to come again, they do after this many.
AGAIN = 30
# Problems that a worker remembers, at about 150 bytes each.
REMEMBERED = 500_000


@dataclass(frozen=True)
class Draws:
    """Where candidates come from: everything that names a random stream.

    `shared`: the splits share the problems of this range, and divide their wordings.
    """

    task: str
    range: str
    bounds: Bounds
    split: str
    variant: str
    seed: int
    settings: tuple[tuple[str, int], ...] = ()
    shared: bool = False


class Drawn(NamedTuple):
    """A problem as data and query, of which no row is made yet: another draw before had it."""

    data: dict[str, Any]
    query: str


class Candidate(NamedTuple):
    """A row, or what one is made of, with the digests of its problem and of its problem in its words."""

    problem: bytes
    wording: bytes
    row: Example | Drawn


@dataclass
class Seen:
    """Digests of what was used: problems, how often each, and problems in their words."""

    problems: Counter[bytes] = field(default_factory=Counter)
    wordings: set[bytes] = field(default_factory=set)


def make_chunk(source: Draws, chunk: int, *, once: bool = False) -> list[Candidate | None]:
    """The draws of one chunk, None for a problem of the other split.

    `once`: a problem is probably wanted once, so one that came before, as far as this process knows, is left
    `Drawn`. Raises `ProgramError` where program and oracle disagree.
    """
    task, first = _task(source), _first(source) if once else {}
    rng = Random(f"{source.seed}/{source.task}/{task.version}/{source.range}/{source.split}/{chunk}")
    made: list[Candidate | None] = []
    for place in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        drawn = _draw(task, rng, source)
        if drawn and place <= first.get(drawn.problem, place):
            if drawn.problem in first or len(first) < REMEMBERED:
                first[drawn.problem] = place
            drawn = drawn._replace(row=_row(task, source, *drawn.row))
        made.append(drawn)
    return made


def _task(source: Draws) -> tasks.Task:
    return tasks.load(source.task).with_settings(dict(source.settings))


@lru_cache(maxsize=1)
def _first(source: Draws) -> dict[bytes, int]:
    """The first draw of each problem of a source, by its number, as far as this process has made them."""
    return {}


def _draw(task: tasks.Task, rng: Random, source: Draws) -> Candidate | None:
    data = task.sample(rng, *source.bounds) | task.settings
    key, words = task.key(data), task.words(data)
    if source.shared:
        query = rng.choice(wordings(task.id, key, [text.format(**words) for text in task.queries], source.split))
    elif is_held(task.id, key) == (source.split == "eval"):
        query = rng.choice(task.queries).format(**words)
    else:
        return None
    return Candidate(digest(key), digest(key, query), Drawn(data, query))


def _row(task: tasks.Task, source: Draws, data: dict[str, Any], query: str) -> Example:
    problem = task.problem_of(data, source.range, query)
    run = task.record(problem)
    if not task.equal(run.answer, problem.answer, problem.data):
        raise ProgramError(f"{task.id}: program {run.answer!r}, oracle {problem.answer!r} for {problem.data}")
    return Example(
        task=task.id,
        paradigm=task.paradigm,
        task_version=task.version,
        range=source.range,
        n=problem.n,
        split=source.split,
        variant=source.variant,
        key=problem.key,
        query=query,
        completion=task.trace(run, problem, source.variant).text,
        answer=problem.answer,
        problem=json.dumps(problem.data, sort_keys=True, ensure_ascii=False),
    )


@contextlib.contextmanager
def pool_of(workers: int) -> Iterator[ProcessPoolExecutor | None]:
    """Worker processes, none for one worker; they do not inherit this process's state."""
    if workers <= 1:
        yield None
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_know, initargs=(tasks.added(),))
    with signals_held():
        # A worker is started for each; what the terminal sends while they load is for this process alone.
        for _ in range(workers):
            pool.submit(int)
    try:
        yield pool
    except BaseException:
        # A worker may be in the middle of a long chunk, which nobody waits for.
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _know(files: list[Path]) -> None:
    serve()
    for file in files:
        tasks.add(file)


def chunks(source: Draws, pool: ProcessPoolExecutor | None, count: int, once: bool) -> Iterator[list[Candidate | None]]:
    """All chunks of a source in order; workers make ahead what `count` draws need."""
    if pool is None:
        yield from (make_chunk(source, number, once=once) for number in itertools.count())
    assert pool is not None
    probably, number = -(-count // CHUNK), 0
    waiting: deque[Future[list[Candidate | None]]] = deque()
    try:
        while True:
            # Beyond what was expected, an eighth of it at most is made in vain.
            while len(waiting) < (AHEAD if number < probably else min(AHEAD, 1 + number // 8)):
                waiting.append(pool.submit(make_chunk, source, number, once=once))
                number += 1
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def distinct_rows(
    source: Draws,
    count: int,
    seen: Seen,
    pool: ProcessPoolExecutor | None,
    *,
    times: int = 1,
    scarce: bool = False,
) -> Iterator[Example]:
    """Up to `count` rows, no problem more than `times` times and never twice in the same words.

    A problem comes again when long drawing brings no new ones, so that all come about equally often;
    where they are `scarce`, which is known before, a little drawing is enough. Fewer rows come where
    long drawing brings nothing at all. Long is PATIENCE draws in a row, or twenty for each row that is
    wanted of a small range; more for evaluation, which most draws are not for.
    """
    share = ONE_IN if source.split == "eval" and not source.shared else 1
    # One in five draws is for the other split; how many come again is not known.
    draws = count if source.shared else share * count if source.split == "eval" else count * ONE_IN // (ONE_IN - 1)
    patience = share * max(PATIENCE, 20 * min(count, 100_000))
    level, taken, missed = 1, 0, 0
    made = chunks(source, pool, draws, once=not scarce)
    if not count:
        return
    for candidate in itertools.chain.from_iterable(made):
        if candidate is None or seen.problems[candidate.problem] >= level or candidate.wording in seen.wordings:
            missed += 1
            if missed >= (AGAIN if scarce and level < times else patience):
                if level == times:
                    return
                level, missed = level + 1, 0
            continue
        missed = 0
        seen.problems[candidate.problem] += 1
        seen.wordings.add(candidate.wording)
        row = candidate.row
        yield row if isinstance(row, Example) else _row(_task(source), source, *row)
        taken += 1
        if taken == count:
            return
