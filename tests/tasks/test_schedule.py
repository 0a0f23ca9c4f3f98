"""Schedule: ties, jobs that find no place, more queues than jobs need, shortcuts that fail."""

from collections import Counter
from itertools import combinations
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record
from tailkit.tasks.schedule import (
    latest_bounds,
    queue_bounds,
)

TASK = tasks.load("schedule")


def fits(chosen: tuple[list[int], ...], queues: int) -> bool:
    """No time unit sees more jobs due than there were places up to it."""
    return all(sum(due <= time for due, _ in chosen) <= queues * time for time, _ in chosen)


def greatest_benefit(data: dict[str, Any]) -> int:
    jobs = data["jobs"]
    choices = [chosen for size in range(len(jobs) + 1) for chosen in combinations(jobs, size)]
    return max(sum(benefit for _, benefit in chosen) for chosen in choices if fits(chosen, data["queues"]))


@given(
    st.lists(st.lists(st.integers(1, 4), min_size=2, max_size=2), min_size=1, max_size=7),
    st.integers(1, 3),
)
def test_no_choice_of_jobs_earns_more(jobs: list[list[int]], queues: int) -> None:
    data = {"jobs": jobs, "queues": queues}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    assert run.answer == TASK.oracle(data) == str(greatest_benefit(data))


def test_a_job_goes_down_to_time_1_and_is_dropped() -> None:
    data = {"jobs": [[2, 9], [2, 8], [2, 7]], "queues": 1}
    run = record(TASK.program, data)
    assert [step.at for step in run.steps if step.kind == "slot"] == [(1, 2), (2, 2), (2, 1), (3, 2), (3, 1)]
    assert [step.at for step in run.steps if step.kind == "drop"] == [(3,)]
    assert run.answer == "17"


def test_the_order_of_the_jobs_does_not_make_another_problem() -> None:
    jobs = [[1, 9], [2, 3], [1, 3]]
    assert TASK.key({"jobs": jobs, "queues": 2}) == TASK.key({"jobs": jobs[::-1], "queues": 2})
    assert TASK.key({"jobs": jobs, "queues": 2}) != TASK.key({"jobs": jobs, "queues": 1})


def test_most_problems_must_leave_jobs_out_and_some_need_not() -> None:
    for bounds in TASK.ranges.values():
        rng = Random(f"schedule/{bounds}")
        drawn = [TASK.sample(rng, *bounds) for _ in range(200)]
        full = Counter(TASK.oracle(data) == str(sum(benefit for _, benefit in data["jobs"])) for data in drawn)
        assert full[False] > 120
        assert full[True] > 2


def test_there_are_fewer_queues_than_jobs() -> None:
    for n in range(2, 60):
        for latest in range(latest_bounds(n)[0], latest_bounds(n)[1] + 1):
            fewest, most = queue_bounds(n, latest)
            assert 1 <= fewest <= most < n


def test_the_support_of_two_jobs_is_what_sampling_reaches() -> None:
    rng = Random("schedule/support")
    assert len({TASK.key(TASK.sample(rng, 2, 2)) for _ in range(5_000)}) == TASK.support(2, 2) == 171


def test_each_job_is_laid_out_once_after_the_last_of_its_benefit() -> None:
    data = {"jobs": [[2, 9], [1, 4], [2, 4], [1, 9], [3, 4]], "queues": 1}
    problem = TASK.problem_of(data, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()
    assert lines[1:7] == ["1:9@2;_,1>", "2:4@1;_,2>", "3:4@2;2,3>", "4:9@1;1,4>", "5:4@3;3,5>", "6:_>"]


def test_the_line_that_takes_or_drops_a_job_says_what_comes_next() -> None:
    rng = Random(0)
    for _ in range(20):
        run = record(TASK.program, TASK.sample(rng, 10, 20))
        done = [step for step in run.steps if step.kind in ("take", "drop")]
        assert len(done) == sum(step.kind == "job" for step in run.steps) - 1
        for step in done:
            benefit, *job = step.values[1:] if step.kind == "take" else step.values
            after = ("class", (benefit - 1,)) if benefit > 1 else ("total", ())
            assert step.next == (after if job == ["_"] else ("slot", tuple(job)))


def test_no_state_reads_more_for_more_jobs_no_length_is_given() -> None:
    for n in (5, 50):
        run = record(TASK.program, TASK.sample(Random(n), n, n))
        assert max(len(step.values) for step in run.steps) == 4
        assert sum(cell[0] == "free" for cell in run.given) == 9


def test_a_merged_class_does_not_tell_which_places_were_tried() -> None:
    run = record(TASK.program, TASK.sample(Random(0), 20, 20))
    for macro in run.macros:
        jobs = sum(step.kind in ("take", "drop") for step in run.steps[macro.first : macro.end])
        assert len(macro.operands or ()) == 2 * jobs + 10
        assert len(macro.results or ()) == 10
