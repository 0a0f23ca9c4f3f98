"""Binary search: every target of every list is found."""

from hypothesis import given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("binary_search")


@given(st.sets(st.integers(-50, 50), min_size=1, max_size=40).map(sorted), st.data())
def test_any_target_of_any_list_is_found(numbers: list[int], choice: st.DataObject) -> None:
    target = choice.draw(st.sampled_from(numbers))
    data = {"numbers": numbers, "target": target}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    assert run.answer == TASK.oracle(data) == str(numbers.index(target))


def lines_of(variant: str) -> list[str]:
    problem = TASK.problem_of({"numbers": [2, 3, 5, 7, 9], "target": 9}, "S", "")
    return TASK.trace(TASK.record(problem), problem, variant).text.splitlines()


def test_an_interval_is_shown_whole_with_its_indices() -> None:
    assert lines_of("tail") == [
        "0:2,1:3,2:5,3:7,4:9,5:_>",
        "0+4=4/2=2>",
        "0,4;2:5?9=<>",
        "3+4 =7/2=3>",
        "3:7,4:9;3:7?9=<>",
        "4+4 =8/2=4>",
        "4:9;4:9?9==",
        "Answer: 4",
    ]


def test_merged_halvings_print_the_interval_and_no_middle() -> None:
    assert lines_of("no-atomic") == ["0:2,1:3,2:5,3:7,4:9,5:_>", "2,3,5,7,9,9=>", "4+4 9,9=4", "Answer: 4"]


def test_a_target_in_the_middle_is_merged_as_well() -> None:
    problem = TASK.problem_of({"numbers": [2, 3, 5], "target": 3}, "S", "")
    run = TASK.record(problem)
    assert TASK.trace(run, problem, "no-atomic").text.splitlines() == ["0:2,1:3,2:5,3:_>", "2,3,5,3=1", "Answer: 1"]
