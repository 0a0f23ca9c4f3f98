"""Scores: right by the task's own rule, and where a wrong trace first goes wrong."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import score, tasks
from tailkit.records import Example, Generation
from tailkit.run.files import append_lines, read_lines
from tailkit.tasks.shelf.equality import same_decimal, same_integer, same_set

TASK = tasks.load("addition")
EVIL = "<script>document.title='hacked'</script>&\"'"


def example(variant: str = "tail") -> Example:
    problem = TASK.problem(Random(3), "S", (3, 3))
    text = TASK.trace(TASK.record(problem), problem, variant).text
    data = json.dumps(problem.data)
    return Example("addition", "", 1, "S", 3, "eval", variant, problem.key, problem.query, text, problem.answer, data)


def generation(text: str, *, cut: bool = False) -> Generation:
    return Generation("S", 0, text, len(text), cut)


def test_the_gold_trace_is_right_and_exact() -> None:
    for variant in TASK.variants:
        row = example(variant)
        judged = score.judge(TASK, row, generation(row.completion))
        assert (judged.right, judged.exact, judged.module) == (True, True, None)


def test_a_changed_character_is_blamed_on_its_module() -> None:
    row = example()
    problem = TASK.problem_of(json.loads(row.problem), "S", row.query)
    for span in TASK.trace(TASK.record(problem), problem, "tail").spans:
        text = row.completion[: span.start] + "§" + row.completion[span.start + 1 :]
        judged = score.judge(TASK, row, generation(text))
        assert (judged.exact, judged.module, judged.step) == (False, span.module, span.step)


def test_a_right_answer_after_a_wrong_trace_is_not_exact() -> None:
    row = example()
    judged = score.judge(TASK, row, generation(row.completion.replace("last:", "tsal:")))
    assert (judged.right, judged.exact, judged.module) == (True, False, "transition")
    assert judged.state == "x2"


def test_cut_off_is_told_apart_from_wrong() -> None:
    row = example()
    for end in (0, 20, len(row.completion)):
        judged = score.judge(TASK, row, generation(row.completion[:end], cut=True))
        assert (judged.right, judged.cut, judged.exact) == (False, True, False)
    summary = score.summarize("S", [judged])
    assert (summary.cut, summary.right, summary.total) == (1, 0, 1)


def test_two_answers_that_differ_are_no_answer() -> None:
    row = example()
    assert score.judge(TASK, row, generation(f"{row.completion}\nAnswer: {row.answer}")).right
    assert not score.judge(TASK, row, generation(f"{row.completion}\nAnswer: 1{row.answer}")).right


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_intervals_hold_the_share_and_stay_in_bounds(right: int, total: int) -> None:
    right = min(right, total)
    low, high = score.wilson(right, total)
    assert 0 <= low <= right / total <= high <= 1


def test_wilson_intervals_agree_with_published_values() -> None:
    # Newcombe (1998), table I: 81 of 263 and 15 of 148.
    assert score.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert score.wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_jsonl_holds_any_character_and_drops_a_torn_last_line(tmp_path: Path) -> None:
    rows = [{"text": text} for text in ("a\u2028b", "a\u2029b", "a\x85b", "a\nb")]
    append_lines(tmp_path / "g.jsonl", rows)
    with (tmp_path / "g.jsonl").open("a") as file:
        file.write('{"text": "to')
    assert read_lines(tmp_path / "g.jsonl") == rows


def test_scores_do_not_depend_on_their_order() -> None:
    row = example()
    scores = [score.judge(TASK, row._replace(n=n), generation(row.completion[: n * 40])) for n in range(5)]
    assert score.summarize("S", scores) == score.summarize("S", scores[::-1])


def test_an_answer_of_thousands_of_digits_is_wrong_and_no_crash() -> None:
    for equal in (same_integer, same_decimal):
        assert not equal("1" * 5_000, "7")
        assert equal("0" * 5_000 + "7", "7")
    assert same_decimal("-0.0", "0")
    assert not same_decimal("-1.5", "1.5")
    assert same_set("( 0, 2 );(5,1)", "(5,1);(0,2)")
