"""Prime search: every interval, also without a prime, and one number alone."""

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("prime_search")


@given(st.integers(1, 1_000), st.integers(0, 60))
@example(1, 2)
@example(24, 4)  # no prime
@example(289, 0)  # 17², alone
@example(293, 0)
@example(361, 0)  # 19², beyond the paper's ranges
@example(899, 8)  # 29 · 31
def test_exactly_the_primes_of_an_interval_are_found(lower: int, width: int) -> None:
    data = {"lower": lower, "upper": lower + width}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    primes = [p for p in range(max(lower, 2), data["upper"] + 1) if all(p % d for d in range(2, p))]
    assert run.answer == TASK.oracle(data) == (",".join(map(str, primes)) or "none")


def test_s_has_as_many_problems_as_pairs_of_bounds() -> None:
    assert TASK.support(*TASK.ranges["S"]) == 4_560


def test_missing_and_doubled_primes_and_other_orders_are_refused() -> None:
    for wrong in ("5,7", "5,7,11,11", "7,5,11", "5,7,11,13", "none", "5;7;11"):
        assert not TASK.equal(wrong, "5,7,11", {})
