"""Compare numbers: ties by value, shared beginnings, and how often they are drawn."""

import re
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("compare_numbers")
numbers = st.from_regex(re.compile(r"(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?"), fullmatch=True)


@given(numbers, numbers)
@example("3.5", "3.50")
@example("7", "7.000")
@example("7", "7.001")
@example("0", "0.0")
@example("10", "9.99")
@example("12", "12")
def test_any_two_numbers_are_compared_by_value(x1: str, x2: str) -> None:
    for data in ({"x1": x1, "x2": x2}, {"x1": x2, "x2": x1}, {"x1": x1, "x2": x1}):
        run = record(TASK.program, data)
        check(run, TASK.program, data)
        one, other = Fraction(data["x1"]), Fraction(data["x2"])
        assert run.answer == TASK.oracle(data) == (">" if one > other else "<" if one < other else "=")


@pytest.mark.parametrize("range_name", ["S", "M", "L"])
def test_ties_late_decisions_and_both_orders_are_common(range_name: str) -> None:
    rng = Random(0)
    answers, late = [], 0
    for _ in range(2000):
        data = TASK.sample(rng, *TASK.ranges[range_name])
        answers.append(TASK.oracle(data))
        run = record(TASK.program, data)
        late += answers[-1] != "=" and sum(step.kind == "digit" and step.values[0].isdigit() for step in run.steps) > 3
    assert answers.count("=") >= 100
    assert late >= 600
    assert max(answers.count("<"), answers.count(">")) < 0.47 * len(answers)


def test_short_numbers_are_as_frequent_as_long_ones() -> None:
    rng = Random(0)
    drawn = [TASK.length(TASK.sample(rng, *TASK.ranges["L"])) for _ in range(3000)]
    assert min(drawn.count(n) for n in range(21, 51)) > 50


def test_the_sign_counts_alone_and_between_the_numbers() -> None:
    data = {"x1": "2.5", "x2": "3"}
    for right in ("<", "2.5 < 3", "2.5<3", "3 > 2.5"):
        assert TASK.equal(right, "<", data)
    for wrong in (">", "2.5 > 3", "3 < 2.5", "2.5 < 3 < 4", "2 < 3", "2.5 <", "< 3", "2.5 3", "less"):
        assert not TASK.equal(wrong, "<", data)


@pytest.mark.parametrize(("x1", "x2"), [("2", "10"), ("12.5", "12.507"), ("123", "923")])
def test_a_merged_comparison_prints_both_numbers_whole(x1: str, x2: str) -> None:
    """However early it is decided: how much of them is printed does not tell where they differ."""
    problem = TASK.problem_of({"x1": x1, "x2": x2}, "S", "")
    merged = TASK.trace(TASK.record(problem), problem, "no-atomic").text.splitlines()[2]
    assert merged.endswith(f"{','.join(x1)},_,{','.join(x2)},_=<")
