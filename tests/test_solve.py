"""A trained model on one problem: what `tailkit solve` streams, and how it checks it."""

import json
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from tailkit import dataset, models, pipeline, recipe, tasks
from tailkit.cli import display
from tailkit.errors import DoesNotFit, UsageError
from tailkit.models import Loaded
from tailkit.run.folder import RunDir
from tailkit.use import solve
from tailkit.use.reading import problem_in
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


def test_a_fresh_problem_is_in_no_data_set_and_follows_from_the_seed(run: RunDir) -> None:
    used = {row.key for name in ("train", "eval-S", "eval-M", "eval-L") for row in dataset.read_checked(run.data, name)}
    drawn = [solve.fresh(run, "S", None, seed) for seed in range(20)]
    assert not {one.key for one in drawn} & used
    assert solve.fresh(run, "S", None, 3) == drawn[3]
    assert len({one.key for one in drawn}) > 10
    assert solve.fresh(run, "L", 7, 0).n == 7
    with pytest.raises(UsageError, match="known: S, M, L"):
        solve.fresh(run, "X", None, 0)


def test_a_query_of_the_data_is_read_again(run: RunDir) -> None:
    for row in dataset.read_checked(run.data, "eval-M"):
        problem = solve.asked(run, row.query)
        assert problem is not None
        assert solve.gold_of(run, problem).text == row.completion


@pytest.mark.parametrize("name", tasks.names())
def test_every_wording_of_every_task_is_read_back(name: str) -> None:
    task = tasks.load(name)
    for seed, template in enumerate(task.queries):
        data = task.sample(Random(seed), *task.ranges["S"]) | task.settings
        text = template.format(**task.words(data))
        problem = problem_in(task, text)
        assert problem is not None, text
        assert (problem.data, problem.answer) == (data, task.oracle(data)), text


@pytest.mark.parametrize(
    "question", ["What is the meaning of 42?", "12 - 5", "-3 + 5 = ?", "", "1 + = ?", "Add x to y", "{x1} + {x2} = ?"]
)
def test_what_is_no_problem_of_the_task_is_not_read(question: str) -> None:
    assert problem_in(tasks.load("addition"), question) is None


def test_capitals_spaces_and_the_last_mark_do_not_matter() -> None:
    for question in ("what is  3.5 plus 12", "What is 3.5 plus 12 ?", "3.5+12", "3.5 + 12"):
        problem = problem_in(tasks.load("addition"), question)
        assert problem is not None
        assert problem.answer == "15.5"


def test_a_question_outside_of_the_training_is_marked(run: RunDir) -> None:
    assert "none of the wordings" in solve.trained_range(run, None)
    assert solve.trained_range(run, solve.asked(run, "1 + 12 = ?")) == ""
    assert "trained were 1–2" in solve.trained_range(run, solve.asked(run, "12345 + 12 = ?"))


def test_the_stream_grows_to_what_greedy_decoding_prints(run: RunDir, nano: Loaded) -> None:
    gold = solve.gold_of(run, solve.fresh(run, "S", None, 0))
    seen: list[str] = []
    found = solve.solve(nano, run, gold.problem.query, gold, seen.append)
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert seen[-1] == found.text
    assert found.steps == len(gold.steps)
    assert found.wrong_at is not None
    with pytest.raises(UsageError, match="empty"):
        solve.solve(nano, run, "  ", None, seen.append)
    with pytest.raises(DoesNotFit, match="tokens"):
        solve.solve(nano, run, "x" * 5000, None, seen.append)


def shown(gold: solve.Gold, text: str, chunk: int) -> str:
    live = display.Live(gold)
    parts = [live.more(text[:end]).plain for end in range(chunk, len(text) + 1, chunk)]
    return "".join([*parts, live.end(text).plain])


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_lines_are_marked_right_up_to_the_first_difference_however_they_come(run: RunDir, chunk: int) -> None:
    gold = solve.gold_of(run, solve.fresh(run, "L", None, 1))
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


def test_solve_through_the_command_line(cli: Cli, run: RunDir) -> None:
    done = cli("solve", str(run.path), "--random", "M")
    assert done.returncode == 0, done.stderr
    assert "BAD " in done.stdout
    assert "steps right" in done.stdout
    assert "\x1b" not in done.stdout
    found = json.loads(cli("solve", str(run.path), "Add 3 to 4, please.", "--json").stdout)
    assert (found["gold"], found["right"]) == (None, None)
    assert found["tokens"] > 0


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [(["--random", "X"], 2, "S, M, L"), ([], 2, "--random"), (["q", "--random", "S"], 2, "or"), ([""], 2, "empty")],
)
def test_bad_requests_are_refused_in_short(cli: Cli, run: RunDir, arguments: list[str], code: int, named: str) -> None:
    done = cli("solve", str(run.path), *arguments)
    assert done.returncode == code, done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_without_an_adapter_says_what_to_do(cli: Cli, run: RunDir, tmp_path: Path) -> None:
    for command in (["solve", "--random", "S"], ["export", "--merged", "out"]):
        bare = tmp_path / command[0]
        bare.mkdir()
        for path in ("recipe.yaml", "env.json"):
            (bare / path).write_bytes((run.path / path).read_bytes())
        (bare / "data").symlink_to(run.data)
        done = cli(command[0], str(bare), *command[1:], cwd=tmp_path)
        assert done.returncode in (1, 2), done.stderr
        assert "tailkit run" in done.stderr
