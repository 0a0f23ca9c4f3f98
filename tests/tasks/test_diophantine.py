"""Diophantine equations: all solutions, in any order, and no other."""

import re
from itertools import pairwise
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("diophantine")
coefficients = st.integers(2, 20)


@given(coefficients, coefficients, st.integers(1, 200))
@example(4, 6, 11)  # no solutions
@example(20, 3, 12)  # only a = 0
@example(5, 5, 10)  # equal coefficients
@example(2, 2, 200)
def test_exactly_the_pairs_that_solve_the_equation_are_found(x1: int, x2: int, n: int) -> None:
    data = {"x1": x1, "x2": x2, "n": n}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    wanted = [f"({a},{(n - a * x1) // x2})" for a in range(n // x1 + 1) if (n - a * x1) % x2 == 0]
    assert run.answer == TASK.oracle(data) == (";".join(wanted) or "none")


def test_every_pair_matters_their_order_does_not() -> None:
    answer = "(0,3);(4,0)"
    assert TASK.equal("(4,0); (0,3)", answer, {})
    for wrong in ("(0,3)", "(0,3);(0,3);(4,0)", "(3,0);(4,0)", "none", "(0,3),(4,0)"):
        assert not TASK.equal(wrong, answer, {})


def test_both_solvable_and_unsolvable_problems_are_common() -> None:
    rng = Random(0)
    for low, high in TASK.ranges.values():
        unsolvable = sum(TASK.oracle(TASK.sample(rng, low, high)) == "none" for _ in range(300))
        assert 9 < unsolvable < 105


@pytest.mark.parametrize("n", [30, 60, 150])
def test_merged_steps_end_with_nothing_that_is_needed_no_more(n: int) -> None:
    problem = TASK.problem_at(Random(n), n)
    lines = TASK.trace_of(problem, "no-atomic").text.splitlines()
    merged = [line for line in lines if line[0].isdigit()]
    for line, following in pairwise(merged):
        left = following.partition(":")[2].partition(",")[0]
        assert line.partition("=")[2].startswith(left)
    # What is left in the end is read by nothing, so only solutions stand there.
    assert set(re.sub(r"\(\d+,\d+\)", "", merged[-1].partition("=")[2])) <= set(",>")
