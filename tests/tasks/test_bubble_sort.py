"""Bubble sort: any list is sorted, in no more passes than it needs."""

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.records import Run
from tailkit.tape import check, record

TASK = tasks.load("bubble_sort")


def sort(numbers: list[int]) -> Run:
    return record(TASK.program, {"numbers": numbers})


def comparisons(numbers: list[int]) -> list[tuple[int | str, ...]]:
    return [step.at for step in sort(numbers).steps if step.kind == "compare"]


@given(st.lists(st.integers(-999, 999), min_size=1, max_size=9, unique=True))
@example([0])
@example([2, 1])
@example([-1, -10, -100])
@example([5, 1, 2, 3, 4])
@example([2, 3, 4, 5, 1])
def test_any_list_comes_out_in_ascending_order(numbers: list[int]) -> None:
    run = sort(numbers)
    check(run, TASK.program, {"numbers": numbers})
    assert [int(number) for number in run.answer.split(",")] == sorted(numbers)


def test_passes_get_shorter_and_one_without_a_swap_is_the_last() -> None:
    assert comparisons([7]) == []
    assert comparisons([1, 2, 3, 4]) == [(0, 1), (1, 2), (2, 3)]
    assert comparisons([4, 1, 2, 3]) == [(0, 1), (1, 2), (2, 3), (0, 1), (1, 2)]
    assert comparisons([4, 3, 2, 1]) == [(0, 1), (1, 2), (2, 3), (0, 1), (1, 2), (0, 1)]


def trace(numbers: list[int], variant: str) -> list[str]:
    problem = TASK.problem_of({"numbers": numbers}, "S", "")
    return TASK.trace(TASK.record(problem), problem, variant).text.splitlines()


@given(st.lists(st.integers(-999, 999), min_size=1, max_size=6, unique=True))
@example([2, 1])
def test_the_last_state_shows_the_list_in_order(numbers: list[int]) -> None:
    last = sort(numbers).steps[-1]
    assert last.contents == (*sorted(numbers), "_")
    items = [f"{place}:{value}" for place, value in enumerate([*sorted(numbers), "_"])]
    assert trace(numbers, "tail")[-2] == f"sorted {','.join(items)}"


def test_without_fetches_the_list_stands_there_once_only() -> None:
    assert trace([512, -34, 7], "no-fetch") == [
        "list 0:512,1:-34,2:7,3:_>",
        "0,1/1>",
        "1,2/1>",
        "end/1:0>",
        "list >",
        "0,1/0>",
        "end/0:0>",
        "sorted ",
        "Answer: -34,7,512",
    ]


def test_the_two_orders_of_two_numbers_are_two_problems() -> None:
    assert TASK.key({"numbers": [1, -2]}) != TASK.key({"numbers": [-2, 1]})
    assert TASK.support(2, 2) == 1999 * 1998
