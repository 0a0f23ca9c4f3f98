"""Population growth: the recurrence and the cohorts agree, before and after maturity."""

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("population_growth")


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 50), st.integers(1, 9))
@example(1, 1, 1, 1)
@example(10, 10, 1, 5)
@example(30, 1, 20, 5)
def test_any_population_is_what_its_recurrence_says(n: int, x: int, y: int, z: int) -> None:
    data = {"n": n, "x": min(x, n), "y": y, "z": z}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    sizes = [y]
    for i in range(1, n + 1):
        sizes.append(sizes[-1] + (z * sizes[i - data["x"]] if i >= data["x"] else 0))
    assert run.answer == TASK.oracle(data) == str(sizes[-1])


def test_a_pair_that_matures_in_two_units_gives_the_numbers_of_fibonacci() -> None:
    assert [TASK.oracle({"n": n, "x": 2, "y": 1, "z": 1}) for n in range(1, 8)] == ["1", "2", "3", "5", "8", "13", "21"]
