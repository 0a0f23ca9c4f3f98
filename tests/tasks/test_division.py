"""Division: zero digits, exact ends, long divisors, cut off and never rounded."""

import re
from fractions import Fraction

from hypothesis import assume, example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("division")
numbers = st.from_regex(re.compile(r"(0|[1-9][0-9]{0,12})(\.[0-9]{1,12})?"), fullmatch=True)


@given(numbers, numbers)
@example("0", "7")
@example("0.00", "0.01")
@example("10203", "101")  # zero digits in the quotient
@example("2", "3")  # rounding would give 0.6667
@example("1", "99999")  # 0.0000
@example("1", "16")  # exact with four places
@example("1000", "8")
@example("99999", "1")
def test_any_quotient_is_exact_up_to_four_places(x1: str, x2: str) -> None:
    assume(Fraction(x2))
    data = {"x1": x1, "x2": x2}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    exact = Fraction(x1) / Fraction(x2)
    assert 0 <= exact - Fraction(run.answer) < Fraction(1, 10**4)
    assert (Fraction(run.answer) * 10**4).denominator == 1
    assert run.answer == TASK.oracle(data)


def test_every_remainder_is_less_than_the_divisor() -> None:
    run = record(TASK.program, {"x1": "98765", "x2": "13"})
    rests = [step.results[1] for step in run.steps if step.kind == "subtract"]
    assert len(rests) == 4 + 4
    assert all(0 <= rest < 13 for rest in rests)
