"""Knapsack: ties, items that are too heavy, nothing that fits, no call opened twice, greedy rules that fail."""

from itertools import pairwise, product
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record
from tailkit.tasks.knapsack import APART

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
    opened = [step.at for step in run.steps if step.kind == "look" and step.writes]
    assert len(opened) == len(set(opened))


def test_items_in_another_order_are_the_same_problem() -> None:
    assert TASK.key({"items": [[1, 2], [3, 4]], "capacity": 2}) == TASK.key({"items": [[3, 4], [1, 2]], "capacity": 2})


def test_what_is_remembered_is_fetched_what_stays_free_written() -> None:
    problem = TASK.problem_of({"items": [[3, 4], [2, 3], [2, 5]], "capacity": 3}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()
    assert lines[3:10] == [
        "=1,3:0;0:0+4;1=4>",
        "1,1:_;1-3=no>",
        "=1,1:0;no;1=0>",
        "=2,3:4;1:0+3;1=4>",
        "2,1:_;1-2=no>",
        "1,1:0;no>",
        "=2,1:0;no;1=0>",
    ]


def test_a_call_returns_to_where_its_line_says() -> None:
    """Where an item was left out the free capacity is looked up next, unless there is none; else the call returns."""
    rng = Random(0)
    for _ in range(20):
        steps = record(TASK.program, TASK.sample(rng, 4, 8)).steps
        for step, follower in pairwise(steps):
            if step.writes and step.kind == "look":
                continue
            i, c = step.at[0], step.at[-1] if step.kind == "look" else step.values[0]
            free = step.values[-1]
            wanted = ("return", (i + 1,)) if free in ("no", c) else ("look", (i, free))
            assert (follower.kind, follower.at) == wanted


def test_a_merged_call_prints_its_items_and_its_value_alone() -> None:
    rng = Random(1)
    for _ in range(20):
        data = TASK.sample(rng, 3, 6)
        run = record(TASK.program, data)
        assert run.macros
        for macro in run.macros:
            assert macro.operands
            assert len(macro.operands) == 6
            assert macro.results == (("dp", 2, run.steps[macro.first].at[1]),)


def test_two_items_reach_all_problems_that_are_counted() -> None:
    rng = Random(0)
    near = [item for item in product(range(1, 13), repeat=2) if abs(item[0] - item[1]) <= APART]
    assert TASK.support(1, 1) == len(near)
    assert len({TASK.key(TASK.sample(rng, 1, 1)) for _ in range(2_000)}) == len(near)
