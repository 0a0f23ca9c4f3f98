"""Streams of candidates: which draws get a row, whatever the order in which workers make chunks."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit.dataset import stream
from tailkit.dataset.stream import Drawn, Draws, Seen, distinct_rows, make_chunk
from tailkit.records import Example

FEW = Draws("levenshtein", "S", (2, 3), "train", "tail", 0)
"""Of its draws, one in seven is a problem that came before."""


def fresh(source: Draws) -> Draws:
    stream._first.cache_clear()
    return source


@given(st.integers(0, 2**16), st.permutations(range(4)))
def test_the_first_draw_of_a_problem_has_its_row_in_any_order(seed: int, order: list[int]) -> None:
    source = fresh(Draws("derangement", "S", (3, 8), "train", "direct", seed))
    for _ in range(2):  # a second pass by the same process finds them all known
        made = {chunk: make_chunk(source, chunk, once=True) for chunk in order}
        known = set()
        for candidate in [each for chunk in sorted(made) for each in made[chunk] if each]:
            assert candidate.problem in known or isinstance(candidate.row, Example)
            known.add(candidate.problem)


def test_a_problem_that_came_before_is_not_run_again() -> None:
    whole = [each for chunk in range(5) for each in make_chunk(FEW, chunk)]
    fresh(FEW)
    once = [each for chunk in range(5) for each in make_chunk(FEW, chunk, once=True)]
    assert [each and each[:2] for each in once] == [each and each[:2] for each in whole]
    drawn = [each for each in once if each and isinstance(each.row, Drawn)]
    problems = {each.problem for each in whole if each}
    assert len(drawn) == sum(each is not None for each in whole) - len(problems) > 30


def test_what_is_wanted_again_after_all_gets_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a range turns out to have fewer problems than it says, they come again."""
    monkeypatch.setattr(stream, "PATIENCE", 100)
    source = Draws("derangement", "S", (3, 4), "train", "tail", 0, shared=True)
    rows = list(distinct_rows(fresh(source), 8, Seen(), None, times=4))
    assert len(rows) == 8
    assert len({row.key for row in rows}) == 2
    assert len({(row.key, row.query) for row in rows}) == 8
    assert all(row.completion for row in rows)


@pytest.mark.parametrize("count", [40, 300])
def test_rows_are_the_same_whether_problems_are_known_or_not(count: int) -> None:
    def written() -> list[Example]:
        return list(distinct_rows(FEW, count, Seen(), None))

    fresh(FEW)
    first, second = written(), written()
    for chunk in Random(0).sample(range(9), 9):
        make_chunk(FEW, chunk, once=True)
    assert first == second == written()
    assert len(first) == count


class Counting:
    """A pool that makes what it is given at once, and notes how many chunks wait."""

    def __init__(self) -> None:
        self.waiting, self.most = 0, dict[int, int]()

    def submit(self, function: Callable[..., Any], source: Draws, chunk: int, once: bool) -> Any:
        self.waiting += 1
        self.most[chunk] = self.waiting
        return SimpleNamespace(result=lambda: self._taken(function(source, chunk, once=once)), cancel=lambda: None)

    def _taken(self, made: Any) -> Any:
        self.waiting -= 1
        return made


def test_workers_are_kept_busy_however_often_problems_repeat() -> None:
    """Also after as many draws as rows are wanted; before, chunks were then made one at a time."""
    pool, pairs = Counting(), Draws("levenshtein", "S", (1, 2), "train", "direct", 0)
    rows = list(distinct_rows(fresh(pairs), 700, Seen(), cast(ProcessPoolExecutor, pool)))
    assert len(rows) == 700
    beyond = [most for chunk, most in pool.most.items() if chunk >= 24]
    assert len(beyond) > 10
    assert min(beyond) > 3


def test_few_rows_take_few_chunks() -> None:
    pool = Counting()
    assert len(list(distinct_rows(FEW, 5, Seen(), cast(ProcessPoolExecutor, pool)))) == 5
    assert len(pool.most) == 1
