"""Saved generations as batches, chat logs and programs write them."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import example as example_of
from hypothesis import strategies as st
from typer.testing import CliRunner

from tailkit import others
from tailkit.cli import explained
from tailkit.cli.options import app
from tailkit.errors import UsageError
from tailkit.others import prompts
from tailkit.others.generations import generations_from
from tailkit.run.folder import RunDir
from tests.conftest import Cli
from tests.endpoint import completion
from tests.small import example

SETS = {"S": [example(seed) for seed in range(3)], "M": [example(9)]}
ROWS = [(name, index, row) for name, rows in SETS.items() for index, row in enumerate(rows)]


def identity(name: str, index: int) -> str:
    return prompts.custom_id(SETS[name][index], name, index)


def batched(custom_id: str, body: Any, status: int | str = 200, failure: Any = None) -> dict[str, Any]:
    """A line of OpenAI's batch output; vLLM writes the same fields."""
    response = {"status_code": status, "request_id": "r-1", "body": body}
    return {"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": failure}


def said(row: Any) -> str:
    return f"<think>Answer: 0</think>Answer: {row.answer}"


WAYS: dict[str, Any] = {
    "an OpenAI batch": lambda name, index, row: batched(identity(name, index), completion(said(row))),
    "a vLLM batch": lambda name, index, row: batched(
        identity(name, index), {**completion(None), "choices": [
            {"index": 0, "logprobs": None, "finish_reason": "stop", "stop_reason": None, "message": {
                "role": "assistant", "content": said(row), "reasoning": "hm", "tool_calls": []}}]},
    ),
    "a batch with names by hand": lambda name, index, row: batched(f"{name}-{index}", completion(said(row))),
    "names with slashes": lambda name, index, row: {"custom_id": f"addition/{name}/{index}", "text": said(row)},
    "bodies beside names": lambda name, index, row: {"custom_id": identity(name, index), **completion(said(row))},
    "a chat log": lambda name, index, row: {"messages": [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": f" {row.query}\n"},
        {"role": "assistant", "content": said(row)}]},
    "a log of parts": lambda name, index, row: {"messages": [
        {"role": "user", "content": [{"type": "text", "text": row.query}]},
        {"role": "assistant", "content": [{"type": "text", "text": said(row)}]}]},
    "a ShareGPT log": lambda name, index, row: {"id": "7", "conversations": [
        {"from": "human", "value": row.query}, {"from": "gpt", "value": said(row)}]},
    "requests with responses": lambda name, index, row: {
        "request": {"model": "m", "messages": [{"role": "user", "content": row.query}]},
        "response": completion(said(row))},
    "requests of a batch with responses": lambda name, index, row: {
        "request": {"custom_id": "7", "body": {"messages": [{"role": "user", "content": row.query}]}},
        "response": completion(said(row))},
    "queries with texts": lambda name, index, row: {"query": row.query, "text": said(row)},
    "prompts with completions": lambda name, index, row: {"prompt": row.query, "completion": said(row)},
    "prompts with responses": lambda name, index, row: {"prompt": row.query, "response": said(row)},
}  # fmt: skip


def written(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("way", WAYS)
def test_replies_are_placed_however_they_were_written(way: str, tmp_path: Path) -> None:
    path = written(tmp_path / "other.jsonl", [WAYS[way](*place) for place in reversed(ROWS)])
    read = generations_from(path, SETS, lambda text: 9)
    assert [(one.range, one.index, one.text) for one in read] == sorted((n, i, said(row)) for n, i, row in ROWS)


def test_what_a_reply_cost_and_whether_it_was_cut_is_read(tmp_path: Path) -> None:
    rows = [
        batched(identity("S", 0), completion("so far", "length")),
        batched(identity("S", 1), completion("Answer: 1")),
    ]
    read = generations_from(written(tmp_path / "other.jsonl", rows), SETS, len)
    assert [(one.cut, one.tokens) for one in read] == [(True, 20), (False, 20)]


def test_reasoning_counts_where_no_tokens_are_told(tmp_path: Path) -> None:
    untold = {**completion("Answer: 1", reasoning_content="hm " * 9), "usage": {"completion_tokens": -1}}
    rows = [
        batched(identity("S", 0), untold, "200"),
        {"range": "S", "index": 1, "text": "Answer: 1", "reasoning": "hm " * 9, "tokens": None},
        {"range": "S", "index": 2, "text": "Answer: 1", "reasoning": {"effort": "high"}},
    ]
    read = generations_from(written(tmp_path / "other.jsonl", rows), SETS, len)
    assert [(one.text, one.tokens) for one in read] == [("Answer: 1", 36)] * 2 + [("Answer: 1", 9)]


FAILED: dict[str, Any] = {
    "status 429": batched(identity("S", 1), {"error": {"message": "too many"}}, "429"),
    "status 400": batched(identity("S", 1), {"error": {"message": "too long"}}, 400),
    "no such model": batched(identity("S", 1), None, 200, {"code": "x", "message": "no such model"}),
    "an empty text": batched(identity("S", 1), completion("")),
    "content filter": batched(identity("S", 1), completion("half", "content_filter")),
    "batch_expired": {"custom_id": identity("S", 1), "response": None, "error": {"message": "batch_expired"}},
    "no chat completion": {"messages": [{"role": "user", "content": SETS["S"][1].query}]},
}


@pytest.mark.parametrize("reason", FAILED)
def test_a_failed_line_is_missing_and_told(reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = batched(identity("S", 0), completion("Answer: 1"))
    # The answer of a second try counts.
    path = written(tmp_path / "other.jsonl", [good, FAILED[reason]])
    assert [one.index for one in generations_from(path, SETS, len)] == [0]
    told = capsys.readouterr().err
    assert "1 lines hold no answer" in told
    assert reason in told
    assert "line 2" in told
    assert "S 1 of 3, M 0 of 1" in told
    with pytest.raises(UsageError, match="no generations"):
        generations_from(written(tmp_path / "none.jsonl", [FAILED[reason]]), SETS, len)


OTHER = example(77)


@pytest.mark.parametrize(
    "line",
    [
        batched(prompts.custom_id(OTHER, "S", 2), completion("Answer: 1")),
        batched("addition-S-3", completion("Answer: 1")),
        batched("addition-L-0", completion("Answer: 1")),
        {"query": OTHER.query, "text": "Answer: 1"},
        {"messages": [{"role": "user", "content": OTHER.query}, {"role": "assistant", "content": "Answer: 1"}]},
        {"custom_id": "S-2", "query": OTHER.query, "text": "Answer: 1"},
    ],
)
def test_replies_of_another_run_are_refused(line: Any, tmp_path: Path) -> None:
    good = batched(identity("S", 0), completion("Answer: 1"))
    with pytest.raises(UsageError) as caught:
        generations_from(written(tmp_path / "other.jsonl", [good, line]), SETS, len)
    assert "line 2" in caught.value.message
    assert "another run" in caught.value.hint
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (batched("request-7", completion("Answer: 1")), ["custom_id", "names no row", "--prompts"]),
        ({"text": "Answer: 1"}, ["'range'", "missing"]),
        (batched(identity("S", 0), completion("Answer: 1")), ["second time"]),
    ],
)
def test_lines_without_a_place_of_their_own_are_named(line: Any, words: list[str], tmp_path: Path) -> None:
    good = batched(identity("S", 0), completion("Answer: 1"))
    with pytest.raises(UsageError) as caught:
        generations_from(written(tmp_path / "other.jsonl", [good, line]), SETS, len)
    assert all(word in str(caught.value) for word in ["line 2", *words]), caught.value


def test_a_batch_of_many_tasks_serves_each_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [batched(f"lcs-S-{index}-0123abcd", completion("Answer: 1")) for index in range(3)]
    path = written(tmp_path / "other.jsonl", [*rows, batched(identity("S", 0), completion("Answer: 1"))])
    assert len(generations_from(path, SETS, len)) == 1
    assert "3 of lcs" in capsys.readouterr().err
    with pytest.raises(UsageError, match="3 of lcs"):
        generations_from(written(tmp_path / "none.jsonl", rows), SETS, len)


KEYS = (
    "text", "range", "index", "custom_id", "query", "prompt", "completion", "response", "error", "messages", "request",
    "conversations", "body", "choices", "message", "role", "from", "content", "value", "status_code", "usage",
)  # fmt: skip
WORDS = st.sampled_from(["S", "user", "assistant", "Answer: 1", identity("S", 0), ROWS[0][2].query, "text"])
SCALARS = st.none() | st.booleans() | st.integers(-1, 3) | st.floats(width=16) | WORDS
LINES = st.dictionaries(
    st.sampled_from(KEYS),
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=LINES)
@example_of(line={"messages": [{"role": ["user"], "content": "1"}, {"role": {}, "content": "Answer: 1"}]})
@example_of(line={"messages": [{"role": "user", "content": [{"text": {}}, 1]}], "range": ["S"]})
def test_a_line_of_any_shape_is_read_or_refused(line: Any, tmp_path: Path) -> None:
    with suppress(UsageError):
        (made,) = generations_from(written(tmp_path / "any.jsonl", [line]), SETS, len)
        assert made.range in SETS


@pytest.mark.parametrize("text", [None, '{"reply": "Answer: 1"}\n', "Answer: 1\n"])
def test_a_file_of_no_known_form_makes_no_folder(text: str | None, cli: Cli, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "x.jsonl").write_text(text)
    refused = cli("eval", "addition", "--generations", "x.jsonl", "data.eval=2", cwd=tmp_path)
    assert refused.returncode == 2
    assert "x.jsonl" in refused.stderr
    assert "A line has text, and range with index" in refused.stderr
    assert not (tmp_path / "runs").exists()


def test_prompts_and_replies_go_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    small = ["data.eval=3", "data.ranges.addition={S: [1, 2], M: [3, 3], L: [4, 4]}", "--recipe", "nano"]
    make = ["data", "addition", *small, "--split", "eval", "--prompts", "requests.jsonl", "--workers", "1"]
    made = CliRunner().invoke(app, [*make, "--model", "gpt-x"])
    assert made.exit_code == 0, made.output
    requests = [json.loads(line) for line in Path("requests.jsonl").read_text().splitlines()]
    assert len({one["custom_id"] for one in requests}) == 9
    for one in requests:
        assert (one["method"], one["url"], one["body"]["model"]) == ("POST", "/v1/chat/completions", "gpt-x")
        assert one["body"]["temperature"] == 0
    # A reply to all but the last, in any order.
    written(Path("replies.jsonl"), [batched(one["custom_id"], completion("Answer: 1")) for one in requests[-2::-1]])
    shown = CliRunner().invoke(app, ["eval", "addition", *small, "--generations", "replies.jsonl", "--name", "gpt-x"])
    assert shown.exit_code == 0, shown.output
    assert "2 of 3" in shown.stdout
    (folder,) = Path("runs").iterdir()
    run = RunDir.open(folder)
    sets = run.evaluation_sets()
    assert [one["body"]["messages"] for one in requests] == [
        [{"role": "user", "content": row.query}] for name in "SML" for row in sets[name]
    ]
    assert list(run.scored_others()) == ["gpt-x"]
    # All of them, under the same name, need a word.
    written(Path("replies.jsonl"), [batched(one["custom_id"], completion("Answer: 1")) for one in requests])
    with pytest.raises(UsageError, match="--again"):
        others.score_generations(run, Path("replies.jsonl"), "gpt-x")
    whole = others.score_generations(run, Path("replies.jsonl"), "gpt-x", again=True)
    assert [one.rows for one in whole] == [None, None, None]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--prompts", "there.txt", "--split", "eval"], "is there already"),
        (["--prompts", "x.jsonl", "--split", "train"], "--split eval"),
        (["--model", "m"], "--prompts"),
    ],
)
def test_prompts_that_cannot_be_written_are_refused(
    options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.txt").write_text("mine")
    arguments = ["data", "addition", "--recipe", "nano", "data.eval=1", "--count", "2", "--workers", "1", *options]
    shown = CliRunner().invoke(app, arguments)
    said = explained(shown.exception or RuntimeError())
    assert said.exit_code == 2
    assert words in f"{said.message} {said.hint}"
    assert Path("there.txt").read_text() == "mine"
