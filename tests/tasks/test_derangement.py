"""Derangements: counted by hand for small n, by the sum formula for all n of the paper."""

from itertools import permutations
from math import factorial

import pytest

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("derangement")


@pytest.mark.parametrize("n", range(1, 8))
def test_small_numbers_are_those_of_counted_permutations(n: int) -> None:
    counted = sum(all(k != p for k, p in enumerate(order)) for order in permutations(range(n)))
    assert record(TASK.program, {"n": n}).answer == TASK.oracle({"n": n}) == str(counted)


@pytest.mark.parametrize("n", [1, 2, 3, 30, 31, 60, 61, 100])
def test_large_numbers_are_those_of_the_sum_formula(n: int) -> None:
    run = record(TASK.program, {"n": n})
    check(run, TASK.program, {"n": n})
    assert int(run.answer) == sum((-1) ** k * factorial(n) // factorial(k) for k in range(n + 1))
