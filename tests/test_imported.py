"""What users bring: completions to train on, other models' generations to score, free-form answers."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tailkit import dataset, pipeline, recipe
from tailkit.dataset.imported import generations_from
from tailkit.errors import UsageError
from tailkit.records import RANGES
from tailkit.run.folder import RunDir
from tailkit.score.find import find
from tailkit.tape.answer import extract
from tests.small import example

SETS = {"S": [example(seed) for seed in range(3)], "M": [example(9)]}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1+1\nAnswer: 2\n", "2"),
        ("Answer: 1\nno, wait\nAnswer: 2", "2"),
        (r"so we get $\boxed{12.5}$ in the end", "12.5"),
        (r"first \boxed{1}, then \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        ("The answer is **29.07**.", "29.07"),
        ("**Answer:** 29.07", "29.07"),
        ("we think\n\n29.07\n", "29.07"),
        ("none of the above is the\nfinal answer: none", "none"),
        ("  \n", None),
        (r"Answer: \boxed{5}", "5"),
        (r"Answer: $\boxed{12}$", "12"),
        ("**Final Answer**\n\n29.07", "29.07"),
        ("**Final Answer:**\n29.07", "29.07"),
        ("29.07\nI hope this answers your question.", "I hope this answers your question"),
        ("The answer is 5, since 2+3=5.", "5"),
        ("This answer is hard.\nThe answer: 1, 2, 3", "1, 2, 3"),
    ],
)
def test_the_answer_is_found_in_whatever_form_it_is_given(text: str, answer: str | None) -> None:
    assert find(text) == answer


def test_the_answer_of_a_trace_of_our_own_is_found_too() -> None:
    for seed in range(20):
        one = example(seed)
        assert find(one.completion) == extract(one.completion)


def lines(path: Path, *rows: dict[str, Any] | str) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


GOOD = [{"range": "S", "index": index, "text": "Answer: 1"} for index in range(3)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([*GOOD[:2], {"range": "S", "index": 2}], ["line 3", "'text'", "missing"]),
        ([*GOOD[:2], {"range": "S", "index": "2", "text": ""}], ["line 3", "'index'", "int"]),
        ([*GOOD[:2], {"range": "S", "index": True, "text": ""}], ["line 3", "'index'", "int"]),
        ([*GOOD[:2], {"range": "X", "index": 2, "text": ""}], ["line 3", "'range'", "S, M"]),
        ([*GOOD[:2], {"range": "S", "index": 3, "text": ""}], ["line 3", "'index'", "0 to 2"]),
        ([*GOOD, GOOD[0]], ["line 4", "S/0", "second time"]),
        ([*GOOD[:2], {**GOOD[2], "query": "another"}], ["line 3", "'query'", "S/2"]),
        ([*GOOD[:2], "{"], ["line 3", "not JSON"]),
        ([*GOOD[:2], "[]"], ["line 3", "no JSON object"]),
        (GOOD[:2], ["1 rows of S are missing", "first is 2"]),
        ([], ["no generations"]),
    ],
)
def test_a_wrong_generations_file_is_named_with_line_and_field(
    rows: list[Any], words: list[str], tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        generations_from(lines(tmp_path / "other.jsonl", *rows), SETS, len)
    assert all(word in str(caught.value) for word in ["other.jsonl", *words]), caught.value


def test_generations_are_scored_for_the_ranges_that_the_file_has(tmp_path: Path) -> None:
    rows = [{"range": "S", "index": i, "text": f"thus it is\n{one.answer}"} for i, one in enumerate(SETS["S"])]
    rows[1] |= {"text": "Answer: 0", "tokens": 7, "cut": True, "cost": 1.5}
    found = generations_from(lines(tmp_path / "a.jsonl", *rows[::-1]), SETS, lambda text: 99)
    assert [one.index for one in found] == [0, 1, 2]
    assert [one.tokens for one in found] == [99, 7, 99]
    assert [one.cut for one in found] == [False, True, False]


SMALL_DATA = ["data.train=12", "data.eval=3", "data.ranges.addition={S: [1, 2], M: [3, 3], L: [4, 4]}"]


def run_with(folder: Path, *overrides: str) -> RunDir:
    chosen = recipe.load("nano", [*SMALL_DATA, *overrides], task="addition")
    made = RunDir.create(folder, "addition", chosen)
    pipeline.make_data(made, 1)
    return made


def test_scores_of_another_model_lie_apart_from_the_run_s_own(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run")
    rows = [
        {"range": "L", "index": i, "text": f"The answer is {one.answer}."}
        for i, one in enumerate(pipeline.evaluation_sets(run)["L"])
    ]
    (found,) = pipeline.score_generations(run, lines(tmp_path / "other.jsonl", *rows), "other")
    assert (found.range, found.right, found.total, found.first_wrong) == ("L", 3, 3, {})
    assert sorted(path.name for path in (run.path / "others" / "other").iterdir()) == ["scores.jsonl", "summary.json"]
    assert not run.scores.exists()
    before = (run.path / "others" / "other" / "summary.json").read_text()
    with pytest.raises(UsageError):
        pipeline.score_generations(run, lines(tmp_path / "other.jsonl", rows[0]), "other")
    assert (run.path / "others" / "other" / "summary.json").read_text() == before
    assert list(run.scored_others()) == ["other"]
    # Scores that may have cost money stay, and are not shown for other problems.
    shutil.rmtree(run.data)
    elsewhere = RunDir(run.path, run.task, recipe.load("nano", [*SMALL_DATA, "data.seed=1"], task="addition"))
    pipeline.make_data(elsewhere, 1, again=True)
    assert not run.scored_others()
    assert (run.others / "other" / "summary.json").read_text() == before


def test_a_name_that_would_lead_elsewhere_is_refused(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run")
    with pytest.raises(UsageError, match="cannot name a folder"):
        pipeline.score_generations(run, lines(tmp_path / "o.jsonl", *GOOD), "../../out")
    assert not (tmp_path / "out").exists()


def distilled(run: RunDir) -> list[dict[str, str]]:
    """Completions of problems that are in no evaluation set."""
    held = {one.key for rows in pipeline.evaluation_sets(run).values() for one in rows}
    problems = [one for seed in range(30) if (one := example(seed, n=2)).key not in held]
    return [{"query": p.query, "key": p.key, "completion": f"I think.\nAnswer: {p.answer}"} for p in problems[:5]]


def test_imported_completions_become_the_training_set(tmp_path: Path) -> None:
    rows = distilled(run_with(tmp_path / "plain"))
    path = lines(tmp_path / "distilled.jsonl", *rows)
    run = run_with(tmp_path / "run", f"data.completions={path}")
    train = dataset.read_checked(run.data, "train")
    assert [(one.query, one.completion) for one in train] == [(row["query"], row["completion"]) for row in rows]
    assert run.recipe.free_form
    for name in RANGES:
        # The same problems as without them, so that figures can be compared.
        assert dataset.read_checked(run.data, f"eval-{name}") == dataset.read_checked(
            tmp_path / "plain/data", f"eval-{name}"
        )
    lines(path, *rows[:4])
    with pytest.raises(UsageError, match="--again"):
        pipeline.make_data(run, 1)
    assert len(dataset.read_checked(run.data, "train")) == len(rows)
    pipeline.make_data(run, 1, again=True)
    assert len(dataset.read_checked(run.data, "train")) == 4


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"query": "1+1?"}, ["line 2", "'completion'", "missing"]),
        ({"query": 1, "completion": "Answer: 2"}, ["line 2", "'query'", "str"]),
        ({"query": "1+1?", "completion": "it is 2"}, ["line 2", "no answer"]),
        ({"query": "1+1?", "completion": "Answer: 2\nAnswer: 3"}, ["line 2", "two that differ"]),
        ({"query": "1+1?", "completion": "Answer: 2", "range": "XL"}, ["line 2", "'range'"]),
        ("EVALUATED", ["line 2", "evaluation asks"]),
        ("KEY", ["line 2", "evaluation asks"]),
    ],
)
def test_a_wrong_completion_is_named_with_line_and_field(broken: Any, words: list[str], tmp_path: Path) -> None:
    plain = run_with(tmp_path / "plain")
    asked = pipeline.evaluation_sets(plain)["M"][0]
    if broken == "EVALUATED":
        broken = {"query": asked.query, "completion": "Answer: 2"}
    elif broken == "KEY":
        broken = {"query": "in other words", "key": asked.key, "completion": "Answer: 2"}
    path = lines(tmp_path / "distilled.jsonl", distilled(plain)[0], broken)
    with pytest.raises(UsageError) as caught:
        run_with(tmp_path / "run", f"data.completions={path}")
    assert all(word in str(caught.value) for word in words), caught.value
    assert not (tmp_path / "run" / "data" / "train.parquet").exists()
