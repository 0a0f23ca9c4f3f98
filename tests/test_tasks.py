"""The contract that every task keeps, and what is particular to addition."""

import json
import re
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.errors import UsageError
from tailkit.records import RANGES, Problem
from tailkit.tape import check, record
from tailkit.trace import ANSWER, VARIANTS

GOLDENS = Path(__file__).parent / "goldens"
TASKS = [tasks.load(name) for name in tasks.names()]
ADDITION = tasks.load("addition")

every_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
every_range = pytest.mark.parametrize("range_name", RANGES)


def problems(task: tasks.Task, range_name: str, count: int) -> list[Problem]:
    rng = Random(f"test/{task.id}/{range_name}")
    return [task.problem(rng, range_name, task.ranges[range_name]) for _ in range(count)]


@every_task
@every_range
def test_the_same_stream_gives_the_same_problem_within_its_range(task: tasks.Task, range_name: str) -> None:
    low, high = task.ranges[range_name]
    drawn = problems(task, range_name, 50)
    assert drawn == problems(task, range_name, 50)
    assert all(low <= problem.n <= high for problem in drawn)


@every_task
@every_range
def test_runs_check_and_every_variant_gives_the_oracle_s_answer(task: tasks.Task, range_name: str) -> None:
    for problem in problems(task, range_name, 25):
        run = task.record(problem)
        check(run, task.program, problem.data)
        assert task.equal(run.answer, problem.answer)
        for variant in task.variants:
            answer = task.answer_in(task.trace(run, problem, variant).text, variant)
            assert answer is not None
            assert task.equal(answer, problem.answer)


@pytest.mark.slow
@every_task
def test_ten_thousand_runs_a_range_check_against_the_oracle(task: tasks.Task) -> None:
    for range_name in RANGES:
        for problem in problems(task, range_name, 10_000 // 3 + 1):
            run = task.record(problem)
            check(run, task.program, problem.data)
            assert task.equal(run.answer, problem.answer)


@every_task
@every_range
def test_spans_cover_the_text_without_gap_or_overlap(task: tasks.Task, range_name: str) -> None:
    for problem in problems(task, range_name, 5):
        run = task.record(problem)
        for variant in task.variants:
            trace = task.trace(run, problem, variant)
            assert [span.start for span in trace.spans] == [0, *[span.end for span in trace.spans[:-1]]]
            assert trace.spans[-1].end == len(trace.text)
            assert trace.spans[-1].module == "answer"


@every_task
def test_queries_are_many_differ_and_name_all_the_data(task: tasks.Task) -> None:
    problem = problems(task, "S", 1)[0]
    texts = {query.format(**problem.data) for query in task.queries}
    assert len(texts) == len(task.queries) >= tasks.MIN_QUERIES
    assert all(str(value) in text for text in texts for value in problem.data.values())


@every_task
def test_near_misses_are_refused(task: tasks.Task) -> None:
    problem = problems(task, "S", 1)[0]
    text = ANSWER + problem.answer
    for wrong in (
        "",
        problem.answer,
        text[:-1] + "x",
        f"{text}\n{ANSWER}{problem.answer}1",
        "answer: " + problem.answer,
    ):
        answer = task.answer_in(wrong, "tail")
        assert answer is None or not task.equal(answer, problem.answer), wrong


@every_task
def test_an_ablation_differs_from_the_full_trace_in_its_own_module_only(task: tasks.Task) -> None:
    problem = problems(task, "M", 1)[0]
    run = task.record(problem)
    parts = {variant: task.trace(run, problem, variant).parts for variant in VARIANTS}
    full = parts["tail"]
    assert parts["no-fetch"] == [part for part in full if part.module != "fetch"]
    assert not any(part.module == "transition" and part.text != "...\n" for part in parts["no-linear"])
    assert {part.step for part in parts["no-linear"]} < {part.step for part in full}
    assert {part.step for part in parts["no-atomic"]} < {part.step for part in full}
    assert [part.module for part in parts["direct"]] == ["answer"]
    assert [(part.module, part.step) for part in parts["styled"] if part.module == "compute"] == [
        (part.module, part.step) for part in full if part.module == "compute"
    ]


@every_task
def test_goldens_hold_for_the_smallest_problem_of_every_variant(task: tasks.Task) -> None:
    """A changed golden needs a reason in the commit. `python tests/test_tasks.py` writes them anew."""
    for variant in task.variants:
        assert golden(task, variant) == (GOLDENS / f"{task.id}-{variant}.txt").read_text()


GOLDEN_DATA = {"addition": {"x1": "7.5", "x2": "98.76"}}


def golden(task: tasks.Task, variant: str) -> str:
    data = GOLDEN_DATA[task.id]
    problem = task.problem_of(data, "S", task.queries[0].format(**data))
    text = task.trace(task.record(problem), problem, variant).text
    return f"{json.dumps(data)}\n{problem.query}\n\n{text}\n"


def test_an_unknown_task_or_variant_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="addition"):
        tasks.load("adition")
    with pytest.raises(UsageError, match="no-fetch"):
        ADDITION.check_variant("nofetch")


numbers = st.from_regex(re.compile(r"(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?"), fullmatch=True)


@given(numbers, numbers)
def test_addition_of_any_two_numbers_is_exact(x1: str, x2: str) -> None:
    data = {"x1": x1, "x2": x2}
    run = record(ADDITION.program, data)
    check(run, ADDITION.program, data)
    assert Fraction(run.answer) == Fraction(x1) + Fraction(x2)
    assert run.answer == ADDITION.oracle(data)
    for baseline in ADDITION.baselines.values():
        assert baseline.read(baseline.write(data, run.answer)) == run.answer


@pytest.mark.parametrize(("x1", "x2"), [("9", "1"), ("0", "0"), ("999", "0.001"), ("0.9", "0.1"), ("5", "5.0")])
def test_addition_at_its_edges(x1: str, x2: str) -> None:
    test_addition_of_any_two_numbers_is_exact.hypothesis.inner_test(x1, x2)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "wrong", ["12", "12.5", "12.355", "-12.35", "1.235e1", "12,35", "12.35.", "", "1 2.35", "１２.35"]
)
def test_addition_refuses_other_values_and_other_writings(wrong: str) -> None:
    assert ADDITION.equal("12.350", "12.35")
    assert not ADDITION.equal(wrong, "12.35")


def test_the_paper_s_baseline_formats_are_written_as_it_prints_them() -> None:
    data, answer = {"x1": "123.45", "x2": "67.89"}, "191.34"
    assert ADDITION.baselines["index-hint"].write(data, answer) == (
        "1(-c)2(-b)3(-a).4(a)5(b)+6(-b)7(-a).8(a)9(b)=1(-c)9(-b)1(-a).3(a)4(b)"
    )
    assert ADDITION.baselines["reversed"].write(data, answer) == "54.321+98.76=43.191"


def test_support_of_addition_counts_every_distinct_problem() -> None:
    forms = (
        {f"{a}" for a in range(10)}
        | {f"{a}" for a in range(10, 100)}
        | {f"{a}.{b}" for a in range(10) for b in range(10)}
    )
    assert ADDITION.support(1, 2) == len(forms) * (len(forms) + 1) // 2
    rng, seen = Random(0), set()
    for _ in range(3000):
        data = ADDITION.sample(rng, 1, 2)
        seen |= {data["x1"], data["x2"]}
    assert seen == forms


if __name__ == "__main__":
    for each in TASKS:
        for name in each.variants:
            (GOLDENS / f"{each.id}-{name}.txt").write_text(golden(each, name))
