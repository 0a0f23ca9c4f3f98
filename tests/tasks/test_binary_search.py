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


def test_an_interval_is_shown_whole_with_its_indices() -> None:
    data = {"numbers": [2, 3, 5, 7, 9], "target": 9}
    problem = TASK.problem_of(data, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()
    assert lines == [
        "0:2,1:3,2:5,3:7,4:9,5:_>",
        "0+4=4/2=2 5?9=<>",
        "3+4=7/2=3 3:7,4:9;7?9=<>",
        "4+4=8/2=4 4:9;9?9==",
        "Answer: 4",
    ]
