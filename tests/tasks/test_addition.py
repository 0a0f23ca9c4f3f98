"""Addition: exact at all edges, and the paper's two rival formats."""

import re
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("addition")
numbers = st.from_regex(re.compile(r"(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?"), fullmatch=True)


@given(numbers, numbers)
@example("9", "1")
@example("0", "0")
@example("999", "0.001")
@example("0.9", "0.1")
@example("5", "5.0")
def test_addition_of_any_two_numbers_is_exact(x1: str, x2: str) -> None:
    data = {"x1": x1, "x2": x2}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    assert Fraction(run.answer) == Fraction(x1) + Fraction(x2)
    assert run.answer == TASK.oracle(data)
    for baseline in TASK.baselines.values():
        assert baseline.read(baseline.write(data, run.answer)) == run.answer


@pytest.mark.parametrize(
    "wrong", ["12", "12.5", "12.355", "-12.35", "1.235e1", "12,35", "12.35.", "", "1 2.35", "１２.35"]
)
def test_other_values_and_other_writings_are_refused(wrong: str) -> None:
    assert TASK.equal("12.350", "12.35", {})
    assert not TASK.equal(wrong, "12.35", {})


def test_the_paper_s_rival_formats_are_written_as_it_prints_them() -> None:
    data, answer = {"x1": "123.45", "x2": "67.89"}, "191.34"
    assert TASK.baselines["index-hint"].write(data, answer) == (
        "1(-c)2(-b)3(-a).4(a)5(b)+6(-b)7(-a).8(a)9(b)=1(-c)9(-b)1(-a).3(a)4(b)"
    )
    assert TASK.baselines["reversed"].write(data, answer) == "54.321+98.76=43.191"


def test_support_counts_every_distinct_problem() -> None:
    forms = (
        {f"{a}" for a in range(10)}
        | {f"{a}" for a in range(10, 100)}
        | {f"{a}.{b}" for a in range(10) for b in range(10)}
    )
    assert TASK.support(1, 2) == len(forms) * (len(forms) + 1) // 2
    rng, seen = Random(0), set()
    for _ in range(3000):
        data = TASK.sample(rng, 1, 2)
        seen |= {data["x1"], data["x2"]}
    assert seen == forms
