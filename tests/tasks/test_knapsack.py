"""Knapsack: ties, items that are too heavy, nothing that fits, and no call opened twice."""

from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("knapsack")
numbers = st.integers(1, 12)


@given(st.lists(st.tuples(numbers, numbers).map(list), min_size=1, max_size=7), st.integers(0, 40))
@example([[5, 5], [5, 5]], 5)  # a tie
@example([[9, 12], [8, 12]], 7)  # nothing fits
@example([[1, 1]], 1)
@example([[2, 3]] * 6, 6)
def test_any_knapsack_is_packed_for_the_greatest_value(items: list[list[int]], capacity: int) -> None:
    data = {"items": items, "capacity": capacity}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    chosen = [
        [item for item, taken in zip(items, mask, strict=True) if taken] for mask in product((0, 1), repeat=len(items))
    ]
    best = max(sum(value for _, value in some) for some in chosen if sum(weight for weight, _ in some) <= capacity)
    assert run.answer == TASK.oracle(data) == str(best)
    opened = [step.at for step in run.steps if step.kind == "open"]
    assert len(opened) == len(set(opened))


def test_items_in_another_order_are_the_same_problem() -> None:
    assert TASK.key({"items": [[1, 2], [3, 4]], "capacity": 2}) == TASK.key({"items": [[3, 4], [1, 2]], "capacity": 2})


def test_a_remembered_value_is_fetched_and_what_stays_free_is_written() -> None:
    problem = TASK.problem_of({"items": [[3, 4], [2, 3], [2, 5]], "capacity": 3}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()
    assert lines[3:10] == [
        "=1,3:0;0:0+4=4>",
        "1,1:_;1-3=no>",
        "=1,1:0;no=0>",
        "=2,3:4;1:0+3=4>",
        "2,1:_;1-2=no>",
        "1,1:0>",
        "=2,1:0;no=0>",
    ]
