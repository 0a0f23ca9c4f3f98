"""A trained model on one problem: what `tailkit solve` streams, and how it checks it."""

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from tailkit import dataset, decode, models, pipeline, recipe, tasks
from tailkit.cli import app, display
from tailkit.errors import DoesNotFit, TailkitError, UsageError
from tailkit.models import Loaded
from tailkit.records import RANGES, Problem
from tailkit.run.folder import RunDir
from tailkit.use import solve
from tests.conftest import SMALL_OVERRIDES, Cli


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run with data, and an adapter that changes nothing."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    made = RunDir.create(folder, "addition", recipe.load("nano", SMALL_OVERRIDES, task="addition"))
    pipeline.make_data(made, workers=1)
    with pipeline.training_stage(made).making():
        loaded = models.load_base(made.recipe.model)
        models.add_adapter(loaded, made.recipe.lora, seed=0)
        models.save_adapter(loaded, made.adapter)
    return made


@pytest.fixture(scope="module")
def nano() -> Loaded:
    return models.load_base(recipe.Model(name="nano", precision="fp32"))


def test_a_fresh_problem_is_new_and_follows_from_the_seed(run: RunDir) -> None:
    used = {row.key for name in ("train", "eval-S", "eval-M", "eval-L") for row in dataset.read_checked(run.data, name)}
    drawn = [problem_of(solve.fresh(run, "S", None, seed)) for seed in range(20)]
    assert not {one.key for one in drawn} & used
    assert problem_of(solve.fresh(run, "S", None, 3)) == drawn[3]
    assert len({one.key for one in drawn}) > 10
    assert problem_of(solve.fresh(run, "L", 7, 0)).n == 7
    with pytest.raises(UsageError, match="known: S, M, L"):
        solve.fresh(run, "X", None, 0)


def test_a_range_without_fresh_problems_gives_a_used_one(tmp_path: Path) -> None:
    ranges = ["data.ranges.derangement.S=[3,8]", "data.ranges.derangement.L=[12,12]"]
    few = RunDir.create(
        tmp_path / "few", "derangement", recipe.load("nano", [*SMALL_OVERRIDES, *ranges], task="derangement")
    )
    pipeline.make_data(few, workers=1)
    keys = {name: {row.key for row in few.evaluation_set(name)} for name in RANGES}
    drawn = solve.fresh(few, "L", None, 0)
    assert problem_of(drawn).key in keys["L"]
    assert "not fresh" in drawn.remark
    assert "range L" in drawn.remark
    assert "evaluated this one; outside of what was trained" in drawn.remark


def problem_of(asked: solve.Asked) -> Problem:
    assert asked.problem is not None
    return asked.problem


@pytest.mark.parametrize("n", [101, 10**9])
def test_a_length_that_the_task_lacks_is_refused_with_its_own(run: RunDir, n: int) -> None:
    with pytest.raises(UsageError, match="S 10–30, M 31–40, L 41–50"):
        solve.fresh(run, "L", n, 0)
    with pytest.raises(UsageError, match="lengths: S 3–5, M 6–10, L 11–20"):
        tasks.load("dijkstra").problem_at(Random(0), 25)


def test_a_query_of_the_data_is_read_again(run: RunDir) -> None:
    for row in run.evaluation_set("S"):
        asked = solve.asked(run, row.query)
        assert asked.gold is not None
        assert asked.gold.text == row.completion
        assert (asked.read_as, asked.remark) == (None, "")


def test_a_question_outside_of_the_training_says_why(run: RunDir) -> None:
    assert "cannot be read as a problem of addition" in solve.asked(run, "12 - 5").remark
    assert solve.asked(run, "1 + 12 = ?").remark == ""
    asked = solve.asked(run, "12345+12")
    assert asked.read_as == "12345 + 12 = ?"
    assert asked.remark == "outside of what was trained: 5 digits here, 1–2 digits in training"


def test_what_is_no_text_is_refused(run: RunDir) -> None:
    for question in ("", "  ", "3 + \udcff"):
        with pytest.raises(UsageError):
            solve.asked(run, question)


def test_the_stream_grows_to_what_greedy_decoding_prints(run: RunDir, nano: Loaded) -> None:
    asked, seen = solve.fresh(run, "S", None, 0), list[str]()
    made = solve.solve(nano, run, asked, seen.append)
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert seen[-1] == made.text
    assert asked.gold is not None
    assert made.steps == len(asked.gold.steps)
    assert made.wrong_at is not None
    with pytest.raises(DoesNotFit, match="tokens"):
        solve.solve(nano, run, solve.asked(run, "x" * 5000), seen.append)


@pytest.mark.parametrize(
    ("printed", "answer", "right"), [("So it is 15.5.", "15.5", True), ("The answer is 15", "15", False)]
)
def test_completions_of_another_form_are_checked_by_their_answer(
    run: RunDir, monkeypatch: pytest.MonkeyPatch, printed: str, answer: str, right: bool
) -> None:
    data = run.recipe.data.model_copy(update={"completions": "mine.jsonl"})
    other = RunDir(run.path, run.task, run.recipe.model_copy(update={"data": data}))
    asked = solve.asked(other, "3.5 + 12")
    assert asked.gold is None
    monkeypatch.setattr(decode, "stream", lambda *_: [1, 0])
    codec = SimpleNamespace(prompt_ids=lambda _: [1], context=99, text=lambda _: printed, stop_id=0)
    made = solve.solve(SimpleNamespace(codec=codec), other, asked, print)
    assert (made.answer, made.right) == (answer, right)
    assert f"answer {answer}, {'right' if right else 'wrong: it is 15.5'}; 2 tokens" in display.outcome(made, asked)


def shown(gold: solve.Gold, text: str, chunk: int) -> str:
    live = display.Live(gold)
    parts = [live.more(text[:end]).plain for end in range(chunk, len(text) + 1, chunk)]
    return "".join([*parts, live.end(text).plain])


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_lines_are_marked_right_up_to_the_first_difference(run: RunDir, chunk: int) -> None:
    gold = solve.gold_of(run, problem_of(solve.fresh(run, "L", None, 1)))
    right = shown(gold, gold.text, chunk)
    assert [line[:4] for line in right.splitlines()] == ["ok  "] * len(gold.text.splitlines())
    lines = gold.text.split("\n")
    spoiled = "\n".join([*lines[:3], lines[3] + "9", *lines[4:]])
    marks = [line[:4] for line in shown(gold, spoiled, chunk).splitlines()]
    assert marks == ["ok  "] * 3 + ["BAD "] + ["    "] * (len(lines) - 4)
    assert f"expected: {lines[3]}" in shown(gold, spoiled, chunk)
    # An answer that stops short, or runs on, is no right one.
    assert "BAD" in shown(gold, gold.text[:-1], chunk)
    assert "BAD" in shown(gold, gold.text + "0", chunk)


def test_solve_through_the_command_line(here: Cli, run: RunDir) -> None:
    done = here("solve", str(run.path), "--random", "M")
    assert done.returncode == 0, done.stderr
    assert "BAD " in done.stdout
    assert "steps right" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == "loading nano …\n"
    made = json.loads(here("solve", str(run.path), "Add 3 and 4", "--json").stdout)
    assert (made["read_as"], made["problem"]["answer"]) == ("Add 3 and 4 together!", "7")
    assert made["gold"].endswith("Answer: 7")
    assert made["tokens"] > 0


@pytest.fixture
def chat(run: RunDir, nano: Loaded, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Talk to `tailkit solve RUN --chat`, here in this process."""
    monkeypatch.setattr(decode, "load_engine", lambda _: nano)
    monkeypatch.setattr(solve.decoding, "FREE_ROOM", 4)
    return lambda text, *more: CliRunner().invoke(app, ["solve", str(run.path), "--chat", *more], input=text)


def test_chat_solves_line_by_line_and_survives_what_is_wrong(chat: Callable[..., Any]) -> None:
    done = chat(f"3 + 4\n12 - 5\n{'x' * 5000}\nS\n\n9 + 9\n", "1 + 1 = ?")
    assert done.exit_code == 0, done.exception
    assert done.stdout.index("1 + 1 = ?") < done.stdout.index("read as: 3 + 4 = ?") < done.stdout.index("12 - 5")
    assert done.stdout.count("steps right") == 3
    assert done.stdout.count("not checked") == 1
    assert "9 + 9" not in done.stdout
    assert "error: the query takes" in done.stderr
    assert done.stderr.count("loading") == 1


@pytest.mark.parametrize("end", ["", "exit\n3 + 3\n"])
def test_chat_ends_with_its_input_or_by_a_word(chat: Callable[..., Any], end: str) -> None:
    done = chat(f"2 + 2 = ?\n{end}", "--json")
    assert done.exit_code == 0
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["question"] == "2 + 2 = ?"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--random", "X"], "S, M, L"),
        ([], "--chat"),
        (["q", "--random", "S"], "not both"),
        ([""], "empty"),
        (["--n", "7"], "--random L --n"),
        (["3 + 4 = ?", "--n", "7"], "goes with --random"),
    ],
)
def test_bad_requests_are_refused_in_short(run: RunDir, arguments: list[str], named: str) -> None:
    done = CliRunner().invoke(app, ["solve", str(run.path), *arguments])
    assert isinstance(done.exception, UsageError)
    assert named in str(done.exception)


def test_a_damaged_adapter_is_named_before_anything_is_loaded(run: RunDir, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(run.path, copy)
    weights = copy / "adapter" / "adapter_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    done = CliRunner().invoke(app, ["solve", str(copy), "--random", "S"])
    assert isinstance(done.exception, TailkitError)
    assert str(weights) in str(done.exception)
    weights.unlink()
    done = CliRunner().invoke(app, ["solve", str(copy), "--random", "S"])
    assert f"{weights} is missing" in str(done.exception)


def test_a_run_without_an_adapter_says_what_to_do(here: Cli, run: RunDir, tmp_path: Path) -> None:
    for command in (["solve", "--random", "S"], ["export", "--merged", "out"]):
        bare = tmp_path / command[0]
        bare.mkdir()
        for path in ("recipe.yaml", "env.json"):
            (bare / path).write_bytes((run.path / path).read_bytes())
        (bare / "data").symlink_to(run.data)
        done = here(command[0], str(bare), *command[1:], cwd=tmp_path)
        assert done.returncode in (1, 2), done.stderr
        assert "tailkit run" in done.stderr
