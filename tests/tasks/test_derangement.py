"""Derangements: counted by hand for small n, by the sum formula for large ones, whole and in limbs."""

from itertools import permutations
from math import factorial
from random import Random

import pytest

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("derangement")


@pytest.mark.parametrize("n", range(1, 8))
def test_small_numbers_are_those_of_counted_permutations(n: int) -> None:
    counted = sum(all(k != p for k, p in enumerate(order)) for order in permutations(range(n)))
    assert record(TASK.program, {"n": n, "limb": 0}).answer == TASK.oracle({"n": n}) == str(counted)


@pytest.mark.parametrize("limb", [0, 1, 2, 4, 50])
@pytest.mark.parametrize("n", [1, 2, 3, 30, 31, 61])
def test_any_granularity_gives_the_number_of_the_sum_formula(n: int, limb: int) -> None:
    data = {"n": n, "limb": limb}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    assert int(run.answer) == sum((-1) ** k * factorial(n) // factorial(k) for k in range(n + 1))


def test_a_whole_product_is_the_finest_granularity_below_16_000_tokens() -> None:
    """Nearly all of these bytes are digits, and Qwen2.5 gives each digit a token."""
    sizes = {}
    for limb in (0, 4, 20):
        task = TASK.with_settings({"limb": limb})
        problem = task.problem(Random(0), "L", (100, 100))
        sizes[limb] = len(task.trace(task.record(problem), problem, "tail").text)
    assert sizes[0] < 16_000 < sizes[20] < sizes[4]
