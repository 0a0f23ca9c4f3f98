"""What users bring: completions to train on, other models' generations to score, free-form answers."""

import gzip
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import model_validator
from typer.testing import CliRunner

from tailkit import dataset, others, pipeline, recipe
from tailkit.cli.options import app
from tailkit.errors import UsageError
from tailkit.imported import replay
from tailkit.imported.completions import CompletionLine, check_completions, completed_rows
from tailkit.imported.jsonl import JsonLine, checked
from tailkit.imported.replay import ExtraLine
from tailkit.others import generations as saved
from tailkit.others.generations import GenerationLine, generations_from
from tailkit.records import RANGES
from tailkit.run.files import file_digest
from tailkit.run.folder import RunDir
from tests.small import TASK, example

SETS = {"S": [example(seed) for seed in range(3)], "M": [example(9)]}


def lines(path: Path, *rows: dict[str, Any] | str) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


GOOD: list[dict[str, Any]] = [{"range": "S", "index": index, "text": "Answer: 1"} for index in range(3)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([*GOOD[:2], {"range": "S", "index": 2}], ["line 3", "'text'", "missing"]),
        ([*GOOD[:2], {"range": "S", "index": "2", "text": ""}], ["line 3", "'index'", "whole number"]),
        ([*GOOD[:2], {"range": "S", "index": True, "text": ""}], ["line 3", "'index'", "whole number"]),
        ([*GOOD[:2], {"range": "X", "index": 2, "text": ""}], ["line 3", "'range'", "S, M"]),
        ([*GOOD[:2], {"range": "S", "index": 3, "text": ""}], ["line 3", "'index'", "0 to 2"]),
        ([*GOOD, GOOD[0]], ["line 4", "S/0", "second time"]),
        ([*GOOD[:2], {**GOOD[2], "query": "another"}], ["line 3", "'query'", "S/2"]),
        ([*GOOD[:2], {**GOOD[2], "index": 1.5}], ["line 3", "'index' is 1.5", "whole number"]),
        ([*GOOD[:2], {**GOOD[2], "index": -1}], ["line 3", "'index' is -1", "whole number"]),
        ([*GOOD[:2], {**GOOD[2], "index": float("inf")}], ["line 3", "'index' is Infinity", "whole number"]),
        ([*GOOD[:2], {**GOOD[2], "tokens": -1}], ["line 3", "'tokens' is -1", "whole number"]),
        ([*GOOD[:2], {**GOOD[2], "tokens": 1e30}], ["line 3", "'tokens'", "whole number"]),
        ([*GOOD[:2], {**GOOD[2], "cut": "no"}], ["line 3", "'cut'", "true or false"]),
        (
            [*GOOD[:2], {**GOOD[2], "text": None}],
            ["line 3", "'text'", "missing", 'It has "range", "index". A line has text'],
        ),
        ([*GOOD[:2], {**GOOD[2], "text": float("nan")}], ["line 3", "'text'", "missing"]),
        ([*GOOD[:2], {**GOOD[2], "text": "half \ud83d"}], ["line 3", "'text'", "surrogate"]),
        ([*GOOD[:2], {**GOOD[2], "text": ["Answer: 1"]}], ["line 3", "'text'", "It must be text"]),
        ([*GOOD[:2], "[" * 100_000], ["line 3", "not JSON"]),
        ([*GOOD[:2], '{"index": ' + "9" * 5_000 + "}"], ["line 3", "not JSON"]),
        ([*GOOD[:2], "{"], ["line 3", "not JSON"]),
        ([*GOOD[:2], "[]"], ["line 3", "no JSON object"]),
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


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run with data, to be read only."""
    return run_with(tmp_path_factory.mktemp("plain") / "run")


def test_scores_of_another_model_lie_apart_from_the_run_s_own(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run")
    rows = [
        {"range": "L", "index": i, "text": f"The answer is {one.answer}."}
        for i, one in enumerate(run.evaluation_sets()["L"])
    ]
    (found,) = others.score_generations(run, lines(tmp_path / "other.jsonl", *rows), "other")
    assert (found.range, found.right, found.total, found.first_wrong) == ("L", 3, 3, {})
    assert sorted(path.name for path in (run.path / "others" / "other").iterdir()) == ["scores.jsonl", "summary.json"]
    assert not run.scores.exists()
    before = (run.path / "others" / "other" / "summary.json").read_text()
    with pytest.raises(UsageError):
        others.score_generations(run, lines(tmp_path / "other.jsonl", rows[0]), "other")
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
        others.score_generations(run, lines(tmp_path / "o.jsonl", *GOOD), "../../out")
    assert not (tmp_path / "out").exists()


def distilled(run: RunDir) -> list[dict[str, str]]:
    """Completions of problems that are in no evaluation set."""
    held = {one.key for rows in run.evaluation_sets().values() for one in rows}
    problems = [one for seed in range(30) if (one := example(seed, n=2)).key not in held]
    return [{"query": p.query, "key": p.key, "completion": f"I think.\nAnswer: {p.answer}"} for p in problems[:5]]


def test_imported_completions_become_the_training_set(tmp_path: Path) -> None:
    rows = distilled(run_with(tmp_path / "plain"))
    path = lines(tmp_path / "distilled.jsonl", *rows)
    run = run_with(tmp_path / "run", f"data.completions={path}")
    train = run.training_set()
    assert [(one.query, one.completion) for one in train] == [(row["query"], row["completion"]) for row in rows]
    assert run.recipe.free_form
    for name in RANGES:
        # The same problems as without them, so that figures can be compared.
        assert run.evaluation_set(name) == dataset.read_checked(tmp_path / "plain/data", f"eval-{name}")
    lines(path, *rows[:4])
    with pytest.raises(UsageError, match="--again"):
        pipeline.make_data(run, 1)
    assert len(run.training_set()) == len(rows)
    pipeline.make_data(run, 1, again=True)
    assert len(run.training_set()) == 4


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"query": "1+1?"}, ["line 2", "'completion'", "missing"]),
        ({"query": 1, "completion": "Answer: 2"}, ["line 2", "'query'", "text"]),
        ({"query": "1+1?", "completion": "it is 2"}, ["line 2", "no answer"]),
        ({"query": "1+1?", "completion": "Answer: 2\nAnswer: 3"}, ["line 2", "two that differ"]),
        ({"query": "1+1?", "completion": "Answer: 2", "range": "XL"}, ["line 2", "'range'"]),
        ({"query": "1+1?", "completion": "Answer: 2", "n": 1.5}, ["line 2", "'n' is 1.5", "whole number"]),
        ({"query": "1+1?", "completion": "Answer: 2", "key": 7}, ["line 2", "'key' is 7", "text"]),
        ({"query": None, "completion": "Answer: 2"}, ["line 2", "'query'", "missing", 'It has "completion".']),
        ({"query": " ", "completion": "Answer: 2"}, ["line 2", "'query'", "empty"]),
        ({"query": "1+1?", "completion": "\udc00 Answer: 2"}, ["line 2", "'completion'", "surrogate"]),
        ({"query": "1+1?", "completion": "Answer: 2<|im_end|><|im_end|>"}, ["line 2", "'completion'", "<|im_end|>"]),
        ({"query": "1+1?", "completion": "<|im_start|>assistant\nAnswer: 2<|im_end|>"}, ["line 2", "<|im_start|>"]),
        ({"query": "1+1?", "completion": "Answer: 2<|im_end|>\nbye"}, ["line 2", "'completion'", "<|im_end|>"]),
        ({"query": "1+1?", "completion": "<|endoftext|>\nAnswer: 2"}, ["line 2", "<|endoftext|>"]),
        ({"query": "1+1?", "completion": "a</s>\nAnswer: 2"}, ["line 2", "</s>"]),
        ({"query": "<|im_start|>user\n1+1?", "completion": "Answer: 2"}, ["line 2", "'query'", "<|im_start|>"]),
        ("EVALUATED", ["line 2", "evaluation asks"]),
        ("KEY", ["line 2", "evaluation asks"]),
    ],
)
def test_a_wrong_completion_is_named_with_line_and_field(
    plain: RunDir, broken: Any, words: list[str], tmp_path: Path
) -> None:
    asked = plain.evaluation_sets()["M"][0]
    if broken == "EVALUATED":
        broken = {"query": asked.query, "completion": "Answer: 2"}
    elif broken == "KEY":
        broken = {"query": "in other words", "key": asked.key, "completion": "Answer: 2"}
    path = lines(tmp_path / "distilled.jsonl", distilled(plain)[0], broken)
    with pytest.raises(UsageError) as caught:
        run_with(tmp_path / "run", f"data.completions={path}")
    assert all(word in str(caught.value) for word in words), caught.value
    assert not (tmp_path / "run" / "data" / "train.parquet").exists()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "stop", ["<|im_end|>", "<|im_end|>\n", "<|endoftext|>", "<|eot_id|>", "</s>", "<end_of_turn>", ""]
)
def test_one_mark_is_taken_off_the_end_of_a_text(stop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"query": f"1+{n}?{stop}", "completion": f"I think.\nAnswer: {n + 1}{stop}"} for n in range(3)]
    path = lines(tmp_path / "distilled.jsonl", *rows)
    assert check_completions(path, file_digest(path)) == 3
    assert ("3 of 3 completions end with a mark" in capsys.readouterr().err) == bool(stop)
    read = [(one.query, one.completion, one.answer) for one in completed_rows(path, TASK, "tail", [])]
    assert read == [(f"1+{n}?", f"I think.\nAnswer: {n + 1}", str(n + 1)) for n in range(3)]


def jsonl(rows: list[dict[str, Any]], ending: str = "\n") -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + ending for row in rows)


WRITTEN: dict[str, bytes] = {
    "with a byte order mark": b"\xef\xbb\xbf" + jsonl(GOOD).encode(),
    "by PowerShell": jsonl(GOOD, "\r\n").encode("utf-16"),
    "in big-endian UTF-16": b"\xfe\xff" + jsonl(GOOD).encode("utf-16-be"),
    "with lines of Windows": jsonl(GOOD, "\r\n").encode(),
    "with lines of an old Mac": jsonl(GOOD, "\r").encode(),
    "without an end of the last line": jsonl(GOOD).rstrip().encode(),
    "with empty lines": jsonl(GOOD, "\n\n \n").encode(),
    "by pandas": jsonl([{**row, "index": float(row["index"]), "tokens": None, "query": None} for row in GOOD]).encode(),
    "with NaN": jsonl([{**row, "tokens": float("nan"), "cut": None} for row in GOOD]).encode(),
    "from two files": b"\xef\xbb\xbf" + jsonl(GOOD[:1]).encode() + b"\xef\xbb\xbf" + jsonl(GOOD[1:]).encode(),
    "with odd characters": jsonl([{**row, "text": "Answer: 1", "by": "\u2028\x85 é 😀"} for row in GOOD]).encode(),
    "with escapes": "".join(json.dumps({**row, "by": "é 😀"}) + "\n" for row in GOOD).encode(),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_jsonl_is_read_however_it_was_written(how: str, tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_bytes(WRITTEN[how])
    read = generations_from(tmp_path / "other.jsonl", SETS, lambda text: 9)
    assert [(one.range, one.index, one.text, one.tokens, one.cut) for one in read] == [
        ("S", index, "Answer: 1", 9, False) for index in range(3)
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (jsonl(GOOD[:2]).encode() + b'{"text": "\xff"}\n', ["line 3", "not UTF-8"]),
        (jsonl(GOOD).encode("utf-16-le"), ["line 1"]),
        (jsonl(GOOD).encode("utf-16")[:-1], ["UTF-16", "Save it as UTF-8"]),
        (b"PK\x03\x04" + bytes(range(256)), ["compressed", "Unpack"]),
        (gzip.compress(jsonl(GOOD).encode()), ["compressed", "Unpack"]),
        (json.dumps(GOOD).encode(), ["line 1", "no JSON object", "one object a line"]),
        (json.dumps(GOOD, indent=1).encode(), ["line 1", "not JSON", "one object a line"]),
        (json.dumps(GOOD[0], indent=1).encode(), ["line 1", "not JSON", "one object a line"]),
        (json.dumps(dict.fromkeys("abcdefghij", 1)).encode(), ['"h" and 2 more.']),
        (b"", ["no generations"]),
    ],
)
def test_what_is_no_text_is_named(content: bytes, words: list[str], tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        generations_from(tmp_path / "other.jsonl", SETS, len)
    assert all(word in str(caught.value) for word in ["other.jsonl", *words]), caught.value


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe")
def test_a_pipe_is_to_be_saved_first(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(UsageError, match=r"is no file.*\n.*saved"):
            saved.check(path)


def test_every_field_of_a_line_says_what_it_must_be(tmp_path: Path) -> None:
    kinds = JsonLine.__subclasses__()
    assert {ExtraLine, CompletionLine, GenerationLine} <= {*kinds}
    assert not [kind for kind in kinds for field in kind.model_fields.values() if not field.description]
    with pytest.raises(UsageError, match="It must be text"):
        [*replay.rows(str(lines(tmp_path / "x.jsonl", {"query": 1, "completion": "Answer: 1"})), 0)]


def test_what_is_wrong_with_a_whole_line_is_told() -> None:
    class Whole(JsonLine):
        """A line has a and b."""

        @model_validator(mode="after")
        def check(self) -> "Whole":
            raise ValueError("a is not b")

    with pytest.raises(UsageError, match=r"x, line 1: .*a is not b"):
        checked("x, line 1", Whole, {})


def test_unknown_fields_of_completions_take_their_defaults(tmp_path: Path) -> None:
    row = {"query": "1+1?", "completion": "Answer: 2", "key": None, "range": None, "n": 2.0}
    path = lines(tmp_path / "distilled.jsonl", row, {**row, "key": float("nan"), "n": None, "range": "M"})
    read = [(one.key, one.range, one.n) for one in completed_rows(path, TASK, "tail", [])]
    assert read == [("", "S", 2), ("", "M", 0)]


def test_answers_that_were_not_found_are_counted_and_printed(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run")
    texts = ["I cannot tell.", "The sum is left to the reader."]
    rows = [{"range": "S", "index": 0, "text": f"Answer: {run.evaluation_sets()['S'][0].answer}"}]
    rows += [{"range": "S", "index": index, "text": text} for index, text in enumerate(texts, start=1)]
    path = lines(tmp_path / "other.jsonl", *rows)
    shown = CliRunner().invoke(app, ["eval", str(run.path), "--generations", str(path)])
    assert shown.exit_code == 0, shown.output
    head, row = (
        [cell.strip() for cell in line.strip("┃│").replace("┃", "│").split("│")]
        for line in (shown.stdout.splitlines()[1], shown.stdout.splitlines()[3])
    )
    counted = dict(zip(head, row, strict=True))
    assert (counted["problems"], counted["pass@1 %"], counted["no answer"]) == ("3", "33.3", "2")
