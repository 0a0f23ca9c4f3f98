"""Population growth: the recurrence and the cohorts agree, before and after maturity."""

import re

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


def test_pairs_that_mature_in_two_units_give_fibonacci() -> None:
    assert [TASK.oracle({"n": n, "x": 2, "y": 1, "z": 1}) for n in range(1, 8)] == ["1", "2", "3", "5", "8", "13", "21"]


def test_a_unit_multiplies_in_one_state_and_adds_in_another() -> None:
    problem = TASK.problem_of({"n": 3, "x": 2, "y": 5, "z": 4}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()
    assert lines[1:-2] == ["4,2*_,5=5>", "3,1*5,4=20>", "3,1+5,20=25>", "2,0*5,4=20>", "2,0+25,20=45>"]


def test_a_merged_block_leaves_what_is_read_later_and_no_product() -> None:
    problem = TASK.problem_of({"n": 5, "x": 2, "y": 3, "z": 2}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "no-atomic").text.splitlines()
    assert lines[1:-2] == ["6,4*_,3,2=3,9>", "4,2*3,2,9=15,33>", "2,0*15,2,33=63>"]


def test_every_query_says_when_the_first_ones_are_born() -> None:
    said = re.compile(r"(time|from|step|round|season|age|exactly) {?x\b|i-{x}")
    assert all(said.search(query) for query in TASK.queries)
