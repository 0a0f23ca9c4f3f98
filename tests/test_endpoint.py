"""Other people's models, asked through a server that fails in every way."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from tailkit import others, pipeline, recipe
from tailkit.cli import explained, run_command
from tailkit.cli.options import app
from tailkit.errors import TailkitError, UsageError
from tailkit.nano import MODEL_DIR
from tailkit.others import endpoint as protocol
from tailkit.others.endpoint import address
from tailkit.report.facts import gather
from tailkit.report.tables import sections
from tailkit.run import files, kept, lines, marker
from tailkit.run.folder import RunDir
from tailkit.run.kept import CALLS, Calls
from tailkit.run.stages import Stage
from tailkit.run.start import take_signals
from tailkit.score import read_summaries
from tests.endpoint import Fake, Handler, completion, error, serving

KEY = "sk-do-not-show-4711"
DATA = ["data.train=12", "data.eval=4", "data.ranges.addition={S: [1, 2], M: [3, 3], L: [4, 4]}"]
ROWS = 12


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual key, and pauses that a test can wait for."""
    monkeypatch.setenv(protocol.KEY, KEY)
    monkeypatch.setattr(protocol, "FIRST_PAUSE", 0.01)
    # Reading the certificates of all authorities takes longer than asking a server without any.
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_, **__: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    run = RunDir.create(tmp_path_factory.mktemp("made") / "run", "addition", recipe.load("nano", DATA, task="addition"))
    pipeline.make_data(run, 1)
    return run


@pytest.fixture
def run(made: RunDir, tmp_path: Path) -> RunDir:
    shutil.copytree(made.path, tmp_path / "run")
    return RunDir.open(tmp_path / "run")


class Done(NamedTuple):
    code: int
    out: str
    err: str
    error: TailkitError | None


def ask(run: RunDir | str, fake: Fake | str, *options: str, model: str = "served") -> Done:
    """`tailkit eval RUN --endpoint …` in this process."""
    url, target = fake if isinstance(fake, str) else fake.url, run if isinstance(run, str) else str(run.path)
    shown = CliRunner().invoke(app, ["eval", target, "--endpoint", url, "--model", model, *options])
    if shown.exception is None or isinstance(shown.exception, SystemExit):
        return Done(shown.exit_code, shown.stdout, shown.stderr, None)
    said = explained(shown.exception)
    return Done(said.exit_code, shown.stdout, f"{shown.stderr}{said.message}\n{said.hint}", said)


def gold(run: RunDir) -> dict[str, str]:
    return {one.query: one.answer for rows in run.evaluation_sets().values() for one in rows}


def answering(run: RunDir, **message: Any) -> Any:
    answers = gold(run)
    return lambda handler, request: handler.send(200, completion(f"Answer: {answers[request['query']]}", **message))


def replies(run: RunDir, name: str = "served") -> list[dict[str, Any]]:
    path = run.others / name / "replies.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def figures(run: RunDir, name: str = "served") -> dict[str, tuple[int, int, int | None]]:
    summaries = read_summaries(run.others / name / "summary.json")
    return {one.range: (one.right, one.total, one.rows) for one in summaries}


def hold_no_key(folder: Path, done: Done) -> None:
    """The key is in no file, and not on the screen."""
    assert KEY not in done.out + done.err
    assert not [path for path in folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_every_row_is_asked_greedily_once_and_scored(run: RunDir) -> None:
    with serving(answering(run, reasoning_content="17 + 4, or no")) as fake:
        done = ask(run, fake, "--price-in", "100", "--price-out", "1000")
        assert done.code == 0, done.err
        assert len(fake.requests) == ROWS
        assert all(
            (one["temperature"], one["max_tokens"], len(one["messages"])) == (0, 4096, 1) for one in fake.requests
        )
        assert set(fake.keys) == {f"Bearer {KEY}"}
        # Done is done: the server is not even looked at.
        again = ask(run, fake)
        assert (again.code, len(fake.requests), len(fake.gets)) == (0, ROWS, 1)
    kept = Calls.read(run.others / "served" / CALLS)
    assert (kept.replies, kept.tokens_in, kept.tokens_out) == (ROWS, 120, 240)
    # The second call had no prices, and asked nothing.
    assert kept.cost == pytest.approx(0.252)
    (table,) = [each for each in sections(gather(run, run.evaluation_sets())) if each.id == "calls"]
    assert table.grid.rows == [["served", "12", f"{kept.seconds:.1f}", "120", "240", "0.2520"]]
    assert figures(run) == dict.fromkeys("SML", (4, 4, None))
    assert {one["reasoning"] for one in replies(run)} == {"17 + 4, or no"}
    assert "120 tokens in, 240 out, cost 0.2520" in done.err
    assert list(run.scored_others()) == ["served"]
    hold_no_key(run.path, done)


def test_what_stands_after_the_reasoning_counts(run: RunDir) -> None:
    answers = gold(run)

    def answer(handler: Handler, request: dict[str, Any]) -> None:
        right = answers[request["query"]]
        texts = [f"<think>Answer: 0</think>\nAnswer: {right}", f"Answer: {right}", "Answer: 0"]
        given = texts[request["number"] % 3]
        handler.send(200, completion(given, reasoning=f"Answer: {right}" if given == "Answer: 0" else "Answer: 0"))

    with serving(answer) as fake:
        ask(run, fake, "--concurrency", "1")
    assert sum(right for right, _, _ in figures(run).values()) == 8


def test_requests_run_side_by_side_but_no_more_than_asked_for(run: RunDir) -> None:
    plain = answering(run)

    def answer(handler: Handler, request: dict[str, Any]) -> None:
        time.sleep(0.05)
        plain(handler, request)

    with serving(answer) as fake:
        assert ask(run, fake, "--concurrency", "4").code == 0
        assert fake.most == 4


SOON = (datetime.now(UTC) - timedelta(seconds=5)).replace(microsecond=0)


@pytest.mark.parametrize(
    ("status", "headers", "least"),
    [
        (429, {}, 0.0),
        (429, {"Retry_After": "0.3"}, 0.3),
        (429, {"Retry_After": format_datetime(SOON, usegmt=True)}, 0.0),
        (429, {"retry_after_ms": "200"}, 0.2),
        (500, {}, 0.0),
        (503, {"Retry_After": "0"}, 0.0),
        (529, {}, 0.0),
    ],
)
def test_what_passes_is_tried_again(run: RunDir, status: int, headers: dict[str, str], least: float) -> None:
    plain = answering(run)

    def answer(handler: Handler, request: dict[str, Any]) -> None:
        if request["try"] < 3 and request["number"] < 4:
            handler.send(status, error("busy"), **headers)
        else:
            plain(handler, request)

    begun = time.monotonic()
    with serving(answer) as fake:
        assert ask(run, fake).code == 0
        assert len(fake.requests) == ROWS + 2
    assert time.monotonic() - begun >= 2 * least
    assert not (run.others / "served" / "unanswered.jsonl").exists()


def test_a_server_that_asks_for_hours_is_left_to_the_next_call(run: RunDir) -> None:
    with serving(lambda handler, request: handler.send(429, error("slow down"), Retry_After="7200")) as fake:
        done = ask(run, fake)
        assert done.code == 1
        assert "status 429: slow down" in done.err
        assert len(fake.requests) == 3


def failing(kind: str, handler: Handler) -> None:
    """A reply that is none."""
    bodies = {
        "empty text": completion("  \n"),
        "null text": completion(None),
        "no choices": {**completion("x"), "choices": []},
        "filter": completion("", "content_filter"),
        "half filtered": completion("Answer: 1 and", "content_filter"),
        "refusal": completion(None, refusal="I will not."),
        "other JSON": {"result": "Answer: 1"},
        "a list": ["Answer: 1"],
        "an error": error("upstream is away"),
    }
    if kind in bodies:
        handler.send(200, bodies[kind])
    elif kind == "half a reply":
        handler.send_half()
    elif kind == "a hang":
        handler.hang()
    elif kind == "torn JSON":
        handler.send(200, b'{"choices": [{"mess')
    elif kind == "HTML":
        handler.send(200, b"<html>Sign in</html>", kind="text/html")
    elif kind == "filter as an error":
        handler.send(400, error("The response was filtered: content management policy", "content_filter"))
    elif kind == "500 for ever":
        handler.send(500, b"<html>Internal Server Error</html>", kind="text/html")
    elif kind == "too long":
        handler.send(400, error("This model's maximum context length is 10 tokens", "context_length_exceeded"))


FAILURES = {
    "empty text": "an empty text", "null text": "an empty text", "no choices": "no choices",
    "filter": "content filter", "half filtered": "content filter", "refusal": "refused: I will not.",
    "other JSON": "no chat completion", "a list": "no chat completion", "an error": "upstream is away",
    "half a reply": "no connection", "a hang": "no reply within 1.5 s", "torn JSON": "no JSON",
    "HTML": "text/html", "filter as an error": "content filter", "500 for ever": "status 500",
    "too long": "maximum context length",
}  # fmt: skip


@pytest.mark.parametrize("kind", FAILURES)
def test_no_answer_is_none_and_is_asked_again_by_the_next_call(run: RunDir, kind: str) -> None:
    plain, broken = answering(run), run.evaluation_sets()["M"][1].query
    healed = False

    def answer(handler: Handler, request: dict[str, Any]) -> None:
        if request["query"] == broken and not healed:
            failing(kind, handler)
        else:
            plain(handler, request)

    with serving(answer) as fake:
        done = ask(run, fake, *(["--timeout", "1.5"] if kind == "a hang" else []))
        assert done.code == 1
        assert f"1 of {ROWS} rows have no answer" in done.err
        assert FAILURES[kind] in done.err
        assert len(replies(run)) == ROWS - 1
        # What is there is scored, and says that it is a part.
        assert figures(run) == {"S": (4, 4, None), "M": (3, 3, 4), "L": (4, 4, None)}
        assert "3 of 4" in done.out
        before, healed = len(fake.requests), True
        fake.released.set()
        again = ask(run, fake)
        assert (again.code, len(fake.requests)) == (0, before + 1)
    assert figures(run) == dict.fromkeys("SML", (4, 4, None))
    hold_no_key(run.path, done)


def test_a_reply_cut_off_while_thinking_is_an_answer_cut_off(run: RunDir) -> None:
    with serving(lambda h, request: h.send(200, completion("", "length", reasoning_content="hm " * 9))) as fake:
        assert ask(run, fake).code == 0
        assert len(fake.requests) == ROWS
    assert [one.cut for one in read_summaries(run.others / "served" / "summary.json")] == [4, 4, 4]


def test_an_endpoint_that_is_down_is_named_with_what_to_do(run: RunDir) -> None:
    done = ask(run, "http://127.0.0.1:9/v1")
    assert done.code == 1
    assert "http://127.0.0.1:9/v1 does not answer" in done.err
    assert "Start the server" in done.err
    assert not replies(run)


def test_an_endpoint_that_goes_down_loses_nothing(run: RunDir) -> None:
    plain = answering(run)

    def answer(handler: Handler, request: dict[str, Any]) -> None:
        if request["number"] > 5:
            failing("half a reply", handler)
        else:
            plain(handler, request)

    with serving(answer) as fake:
        done = ask(run, fake, "--concurrency", "1")
        assert (done.code, len(replies(run))) == (1, 5)
        assert "does not answer" in done.err
        fake.answer = plain
        assert ask(run, fake).code == 0
    assert len({(one["range"], one["index"]) for one in replies(run)}) == len(replies(run)) == ROWS


@pytest.mark.parametrize("kind", ["HTML", "other JSON", "torn JSON", "a list"])
@pytest.mark.parametrize("models", [None, ["served"]])
def test_another_protocol_is_told_after_a_few_rows(run: RunDir, kind: str, models: list[str] | None) -> None:
    with serving(lambda handler, request: failing(kind, handler), models) as fake:
        done = ask(run, fake)
        assert len(fake.requests) == 3
    assert done.code == 2
    assert "does not speak OpenAI's protocol" in done.err
    assert "such as http" in done.err


def test_a_model_that_is_not_there_is_named_with_the_nearest(run: RunDir) -> None:
    listed = ["llama-3.1-8b", "qwen-2.5-7b"]
    with serving(answering(run), listed) as fake:
        done = ask(run, fake, model="llama-3.1-7b")
        assert (done.code, len(fake.requests)) == (2, 0)
        assert "did you mean 'llama-3.1-8b'?" in done.err
        assert ask(run, fake, "--unlisted", model="llama-3.1-7b").code == 0
    missing = error("The model `x` does not exist", "model_not_found")
    with serving(lambda handler, request: handler.send(404, missing), None) as fake:
        done = ask(run, fake, model="x")
        assert (done.code, len(fake.requests)) == (2, 1)
        assert "'x'" in done.err
    with serving(answering(run), ["x:latest"]) as fake:
        assert ask(run, fake, model="x").code == 0


@pytest.mark.parametrize(("status", "code"), [(401, 3), (403, 3)])
def test_a_key_that_is_refused_is_not_shown(run: RunDir, status: int, code: int) -> None:
    said = error(f"Incorrect API key provided: {KEY}")
    with serving(lambda handler, request: handler.send(status, said), None) as fake:
        done = ask(run, fake)
        assert (done.code, len(fake.requests)) == (code, 1)
    assert "refuses the key in OPENAI_API_KEY" in done.err
    hold_no_key(run.path, done)


def test_a_key_that_a_server_repeats_gets_into_no_file(run: RunDir) -> None:
    escaped = json.dumps(completion(f"{KEY} Answer: 1")).replace("-", "\\u002d").encode()
    with serving(lambda handler, request: handler.send(200, escaped)) as fake:
        done = ask(run, fake)
    assert len(replies(run)) == ROWS
    hold_no_key(run.path, done)


def test_a_key_comes_from_a_variable_of_any_name(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(protocol.KEY)
    with serving(answering(run)) as fake:
        done = ask(run, fake, "--key-from", "sk_given_by_mistake")
        assert (done.code, fake.requests) == (3, [])
        assert "sk_given_by_mistake" not in done.err
        monkeypatch.setenv("MY_KEY", f"{KEY}\n")
        assert ask(run, fake, "--key-from", "MY_KEY").code == 0
        assert set(fake.keys) == {f"Bearer {KEY}"}
        monkeypatch.setenv("MY_KEY", f"{KEY}\nX: y")
        done = ask(run, fake, "--key-from", "MY_KEY", "--name", "other")
        assert done.code == 3
    hold_no_key(run.path, done)


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("http://localhost:8000", "http://localhost:8000/v1"),
        ("http://localhost:8000/", "http://localhost:8000/v1"),
        ("http://localhost:8000/v1/", "http://localhost:8000/v1"),
        (" https://api.x.org/openai/v1/chat/completions", "https://api.x.org/openai/v1"),
        ("http://[::1]:8000/v1/models", "http://[::1]:8000/v1"),
    ],
)
def test_addresses_are_taken_as_people_have_them(given: str, root: str) -> None:
    assert address(given) == root


@pytest.mark.parametrize(
    "given",
    ["localhost:8000", "ftp://x/v1", "http://", "http://me:hush@host/v1", "https://x/v1?key=hush", "http://x:y/v1"],
)
def test_other_addresses_are_refused_without_their_secrets(run: RunDir, given: str) -> None:
    done = ask(run, given)
    assert done.code == 2
    assert "--endpoint" in done.err
    assert "hush" not in done.err


def test_a_model_that_takes_other_options_is_asked_as_it_likes(run: RunDir) -> None:
    plain = answering(run)

    def answer(handler: Handler, request: dict[str, Any]) -> None:
        if "max_tokens" in request:
            said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            handler.send(400, error(said, "unsupported_parameter", "max_tokens"))
        elif "temperature" in request:
            said = "Unsupported value: 'temperature' does not support 0 with this model."
            handler.send(400, error(said, "unsupported_value", "temperature"))
        else:
            plain(handler, request)

    with serving(answer) as fake:
        done = ask(run, fake, "--max-tokens", "99")
        assert (done.code, len(fake.requests)) == (0, ROWS + 2)
        assert fake.requests[-1]["max_completion_tokens"] == 99
    assert "not greedy" in done.err


@pytest.mark.parametrize("concurrency", ["1", "4"])
def test_a_budget_stops_before_it_is_passed_and_can_be_raised(run: RunDir, concurrency: str) -> None:
    options = ("--max-tokens", "50", "--concurrency", concurrency)
    with serving(answering(run)) as fake:
        done = ask(run, fake, *options, "--max-tokens-total", "400")
        used = 30 * len(replies(run))
        assert done.code == 4
        # A row may take its bytes, the frame, and 50: what is left was too little for the worst case.
        assert 100 <= used <= 400
        assert "rows are answered" in done.err
        assert len(fake.requests) == len(replies(run))
        dear = ("--price-in", "1e6", "--price-out", "1e6")
        assert ask(run, fake, *options, *dear, "--max-cost", "100").code == 4
        assert len(replies(run)) * 30 == used
        assert ask(run, fake, *options, *dear, "--max-cost", "10000").code == 0
    assert figures(run) == dict.fromkeys("SML", (4, 4, None))


def test_a_budget_knows_what_a_server_puts_before_each_query(run: RunDir) -> None:
    usage = {"usage": {"prompt_tokens": 500, "completion_tokens": 20}}
    with serving(lambda handler, request: handler.send(200, {**completion("Answer: 1"), **usage})) as fake:
        assert ask(run, fake, "--max-tokens", "50", "--max-tokens-total", "1300").code == 4
    assert len(replies(run)) == 2


def test_rows_without_an_answer_count_in_the_budget(run: RunDir) -> None:
    with serving(lambda handler, request: handler.send(200, completion(""))) as fake:
        for _ in range(4):
            assert ask(run, fake, "--max-tokens", "50", "--max-tokens-total", "400").code == 4
        assert 30 * len(fake.requests) <= 400


def test_a_limit_of_cost_needs_prices(run: RunDir) -> None:
    done = ask(run, "http://127.0.0.1:9/v1", "--max-cost", "5", "--price-in", "1")
    assert done.code == 2
    assert "--price-out" in done.err


def test_a_task_alone_has_its_evaluation_sets_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with serving(lambda handler, request: handler.send(200, completion("Answer: 7"))) as fake:
        done = ask("addition", fake, "data.eval=2", "--workers", "1")
        assert done.code == 0, done.err
        assert len(fake.requests) == 6
        (folder,) = Path("runs").iterdir()
        assert sorted(path.name for path in (folder / "data").glob("*.parquet")) == [
            "eval-L.parquet", "eval-M.parquet", "eval-S.parquet"
        ]  # fmt: skip
        # The paper's ranges, whatever this machine could train.
        assert RunDir.open(folder).recipe.data.ranges == {}
        assert ask("addition", fake, "data.eval=2", "--name", "second").code == 0
    assert sorted(RunDir.open(folder).scored_others()) == ["second", "served"]


def test_other_settings_do_not_mix_with_former_replies(run: RunDir) -> None:
    with serving(answering(run), None) as fake:
        ask(run, fake, "--max-tokens", "50", "--max-tokens-total", "400")
        kept = replies(run)
        for changed in (("--max-tokens", "60"), ("--max-tokens", "50", "--name", "served")):
            done = ask(run, fake, *changed, model="served" if "60" in changed else "another")
            assert done.code == 2
            assert "--again" in done.err
        assert replies(run) == kept
        assert ask(run, fake, "--max-tokens", "60", "--again").code == 0
    assert len(replies(run)) == ROWS


def test_replies_are_kept_until_other_ones_are_whole(run: RunDir) -> None:
    plain, other = answering(run), ("--max-tokens", "60", "--again", "--concurrency", "1")

    def goes_down(handler: Handler, request: dict[str, Any]) -> None:
        if request["number"] > ROWS + 6:
            failing("half a reply", handler)
        else:
            plain(handler, request)

    with serving(plain, None) as fake:
        ask(run, fake)
        paid, calls = replies(run), Calls.read(run.others / "served" / CALLS)
        fake.answer = lambda handler, _: handler.send(401, error("no"))
        assert (ask(run, fake, *other).code, replies(run)) == (3, [])
        # The first command finds its replies again, whether the other one has none or some.
        assert ask(run, fake).code == 0
        assert (replies(run), len(fake.requests)) == (paid, ROWS + 1)
        fake.answer = goes_down
        assert (ask(run, fake, *other).code, len(replies(run))) == (1, 5)
        asked = len(fake.requests)
        done = ask(run, fake, "--again")
        assert (done.code, replies(run)) == (0, paid)
        assert "another --name asks anew" in done.err
        assert Calls.read(run.others / "served" / CALLS) == calls
        assert figures(run) == dict.fromkeys("SML", (4, 4, None))
        assert len(fake.requests) == asked
        # What the other one has is kept, too.
        fake.answer = plain
        assert ask(run, fake, *other).code == 0
        assert len(fake.requests) == asked + ROWS - 5
    assert not list((run.path / ".stages" / "others" / "served").glob("*.old"))


def test_what_is_taken_back_clears_no_checkpoints_unasked(tmp_path: Path) -> None:
    made, checkpoints = tmp_path / "adapter", tmp_path / "checkpoints"
    old, new = (
        Stage(tmp_path, "train", {"seed": seed}, (made,), "tailkit train", leftovers=(checkpoints,)) for seed in (1, 2)
    )
    with old.making():
        made.write_text("old")
    with suppress(ValueError), new.making():
        checkpoints.write_text("hours")
        raise ValueError("stopped")
    with pytest.raises(UsageError, match="--again"):
        old.is_needed()
    assert (checkpoints.read_text(), made.exists()) == ("hours", False)
    assert not old.is_needed(again=True)
    assert made.read_text() == "old"


def test_a_full_disk_is_said_of_the_file_that_it_stopped(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    append = lines.append

    def full(path: Path, *_: Any) -> Any:
        raise files.cannot_write(path, OSError(files.NO_SPACE, ""))

    def fills(path: Path, rows: Any) -> None:
        if len(replies(run)) == 3:
            monkeypatch.setattr(marker, "writing", full)
            monkeypatch.setattr(kept, "writing", full)
            full(path)
        append(path, rows)

    monkeypatch.setattr(lines, "append", fills)
    with serving(answering(run)) as fake:
        done = ask(run, fake)
    assert (done.code, len(replies(run))) == (1, 3)
    assert "replies.jsonl cannot be written: the disk is full" in done.err


def test_scores_of_a_file_are_not_replaced_by_an_endpoint_s(run: RunDir, tmp_path: Path) -> None:
    path = tmp_path / "served.jsonl"
    path.write_text(json.dumps({"range": "S", "index": 0, "text": "Answer: 0"}) + "\n")
    others.score_generations(run, path, "served")
    with serving(answering(run)) as fake:
        for options in ((), ("--again",)):
            done = ask(run, fake, *options)
            assert (done.code, fake.requests) == (2, [])
            assert "--name" in done.err
        assert figures(run) == {"S": (0, 1, 4)}
        # Nor the other way round.
        assert ask(run, fake, "--name", "other").code == 0
        with pytest.raises(UsageError, match="--name"):
            others.score_generations(run, path, "other", again=True)
    assert figures(run, "other") == dict.fromkeys("SML", (4, 4, None))


def test_a_torn_last_reply_is_asked_again(run: RunDir) -> None:
    with serving(answering(run)) as fake:
        ask(run, fake, "--max-tokens", "50", "--max-tokens-total", "400")
        path = run.others / "served" / "replies.jsonl"
        whole = len(replies(run))
        path.write_bytes(path.read_bytes()[:-20])
        before = len(fake.requests)
        assert ask(run, fake, "--max-tokens", "50").code == 0
        assert len(fake.requests) - before == ROWS - whole + 1
    assert len(replies(run)) == ROWS


def forked(arguments: list[str], said: Path) -> int:
    """The id of a forked process that runs a command line; its standard error goes to a file."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT), 2)
            sys.stderr, sys.stdout = os.fdopen(2, "w", buffering=1), open(os.devnull, "w")  # noqa: SIM115
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            take_signals()
            sys.argv = ["tailkit", *arguments]
            code = run_command()
        finally:
            os._exit(code)
    return child


@pytest.mark.skipif(not hasattr(os, "fork"), reason="stops a process that was forked")
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_call_loses_only_rows_in_flight(run: RunDir, stop: signal.Signals, tmp_path: Path) -> None:
    plain = answering(run)

    def answer(handler: Handler, request: dict[str, Any]) -> None:
        if request["number"] > 6:
            handler.hang()
        else:
            plain(handler, request)

    with serving(answer) as fake:
        command = ["eval", str(run.path), "--endpoint", fake.url, "--model", "served", "--concurrency", "2"]
        child = forked(command, tmp_path / "said")
        until = time.monotonic() + 60
        while len(fake.requests) < 8 and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(child, stop)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = (tmp_path / "said").read_text()
        assert code == (130 if stop == signal.SIGINT else -signal.SIGKILL), said
        assert len(replies(run)) == 6
        if stop == signal.SIGINT:
            assert "The same command goes on" in said
            assert "Traceback" not in said
        fake.answer = plain
        before = len(fake.requests)
        assert ask(run, fake).code == 0
        assert len(fake.requests) - before == ROWS - 6
    assert figures(run) == dict.fromkeys("SML", (4, 4, None))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--endpoint", "http://x/v1"], "--model"),
        (["--model", "m"], "--endpoint"),
        (["--endpoint", "http://x/v1", "--model", "m", "--generations", "f"], "Take one"),
        (["--name", "m"], "--generations"),
        (["--endpoint", "http://x/v1", "--model", " "], "--model is empty"),
        *[
            (["--endpoint", "http://x/v1", "--model", "m", option, value], f"{option} is {value}")
            for option, value in (("--price-in", "inf"), ("--max-cost", "inf"), ("--timeout", "inf"))
        ],
        (["--endpoint", "http://x/v1", "--model", "m", "--name", "é" * 120], "200 bytes at most: --name"),
        (["--endpoint", "http://x/v1", "--model", "m", "--name", ""], "200 bytes at most: --name"),
        (["--recipe", "nano"], "--endpoint"),
        (["--endpoint", "http://x/v1", "--model", "m", "decode.batch=2"], "Leave them out"),
    ],
)
def test_options_that_do_not_go_together_are_named(run: RunDir, arguments: list[str], words: str) -> None:
    shown = CliRunner().invoke(app, ["eval", str(run.path), *arguments])
    said = explained(shown.exception or RuntimeError())
    assert said.exit_code == 2
    assert words in f"{said.message}\n{said.hint}"


def test_an_unknown_task_is_named_with_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = ask("additon", "http://127.0.0.1:9/v1")
    assert done.code == 2
    assert "did you mean 'addition'?" in done.err


def test_without_the_client_the_extra_is_named(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    done = ask(run, "http://127.0.0.1:9/v1")
    assert done.code == 3
    assert "tailkit[endpoint]" in done.err


def test_debug_shows_no_key_either(
    run: RunDir, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(lambda handler, request: handler.send(401, error(f"bad key {KEY}")), None) as fake:
        monkeypatch.setattr(
            sys, "argv", ["tailkit", "--debug", "eval", str(run.path), "--endpoint", fake.url, "--model", "m"]
        )
        assert run_command() == 3
    said = capsys.readouterr()
    assert "Traceback" in said.err
    assert KEY not in said.out + said.err


@pytest.mark.slow
def test_transformers_serve_is_asked_with_the_bundled_model(run: RunDir, tmp_path: Path) -> None:
    for module in ("fastapi", "uvicorn"):
        pytest.importorskip(module, reason="transformers serve needs pip install 'transformers[serving]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(MODEL_DIR), "--host", "127.0.0.1"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    options = ["--port", str(port), "--device", "cpu", "--dtype", "float32"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen([*command, *options], stdout=log, stderr=log, env=environment)
    try:
        until, done = time.monotonic() + 120, None
        while (done is None or "does not answer" in done.err) and time.monotonic() < until:
            time.sleep(0.5)
            done = ask(run, f"http://127.0.0.1:{port}", "--max-tokens", "32", model=str(MODEL_DIR))
        assert done is not None
        assert done.code == 0, done.err
    finally:
        server.terminate()
        server.wait(20)
    (name,) = (path.name for path in run.others.iterdir())
    assert len(replies(run, name)) == ROWS
    assert all(one["text"] and 0 < one["tokens"] <= 32 for one in replies(run, name))


@pytest.mark.usefixtures("only_kit_tasks")
def test_a_plain_function_is_asked_as_any_task(tmp_path: Path) -> None:
    gcd = recipe.FOLDER / "examples" / "gcd.py"
    with serving(lambda handler, _: handler.send(200, completion("Answer: 1"))) as fake:
        done = ask(f"{gcd}:gcd", fake, "--with-source", "data.eval=2", "--out", str(tmp_path / "run"))
    assert done.code == 0, done.err
    assert len(fake.requests) == 6
    assert all("def gcd" in one["messages"][0]["content"] for one in fake.requests)
