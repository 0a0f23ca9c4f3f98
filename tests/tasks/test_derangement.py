"""Derangements: counted by hand for small n, by the sum formula for large ones, whole and in limbs."""

from itertools import permutations
from math import factorial
from random import Random

import pytest

from tailkit import tasks
from tailkit.tape import check, lint, record

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


def test_finer_products_than_whole_ones_pass_16_000_tokens() -> None:
    """Nearly all of these bytes are digits, and Qwen2.5 gives each digit a token."""
    sizes = {}
    for limb in (0, 4, 20):
        task = TASK.with_settings({"limb": limb})
        problem = task.problem(Random(0), "L", (100, 100))
        sizes[limb] = len(task.trace(task.record(problem), problem, "tail").text)
    assert sizes[0] < 16_000 < sizes[20] < sizes[4]


@pytest.mark.parametrize("limb", [0, 1, 3])
def test_the_way_up_ends_where_its_line_says_that_the_level_is_n(limb: int) -> None:
    task = TASK.with_settings({"limb": limb})
    problem = task.problem(Random(0), "S", (12, 12))
    run = task.record(problem)
    levels = [step for step in run.steps if step.kind in ("return", "level")]
    assert [(step.at[0], step.values[0]) for step in levels] == [(k, 12) for k in range(1, 13)]
    assert levels[-1].next == (("limbs", ()) if limb else None)


@pytest.mark.parametrize("limb", [1, 2, 20])
def test_limbs_are_local_and_print_all_that_they_use(limb: int) -> None:
    task = TASK.with_settings({"limb": limb})
    runs = {name: [task.record(task.problem(Random(0), name, (n, n)))] for name, n in (("S", 9), ("L", 31))}
    for words, literal in ((task.core, True), (task.styled, False)):
        measured = lint.measure(runs, words, literal=literal)
        assert not measured.findings
        assert measured.local == measured.transitions > 50


def test_a_merged_way_up_prints_n_and_the_values_at_its_ends() -> None:
    problem = TASK.problem_of({"n": 6, "limb": 0}, "S", "")
    text = TASK.trace(TASK.record(problem), problem, "no-atomic").text
    assert text.splitlines()[1:] == ["0=1>", "1/6,1=265", "Answer: 265"]
