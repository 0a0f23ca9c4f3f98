"""The examples of plain functions are tasks that keep all rules."""

import json
from pathlib import Path
from random import Random

import pytest

from tailkit import recipe, tasks
from tailkit.arithmetic.decoding import budget
from tailkit.errors import UsageError
from tailkit.nano import MODEL_DIR
from tailkit.records import RANGES
from tailkit.run.manifest import read_manifest
from tailkit.tasks import Task
from tests.conftest import Cli

EXAMPLES = sorted((recipe.FOLDER / "examples").glob("*.py"))
pytestmark = pytest.mark.usefixtures("only_kit_tasks", "tried_here")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_a_task_that_keeps_the_rules(file: Path) -> None:
    task = tasks.load(tasks.known(f"{file}:{file.stem}")).with_settings({})
    assert len(task.queries) >= tasks.MIN_QUERIES
    assert tasks.verify(task) == []
    for name in RANGES:
        for seed in range(10):
            problem = task.problem(Random(seed), name, task.ranges[name])
            assert task.record(problem).answer == problem.answer


def test_the_examples_are_of_six_paradigms() -> None:
    loaded = [tasks.load(tasks.known(f"{file}:{file.stem}")) for file in EXAMPLES]
    assert len({task.paradigm for task in loaded}) >= 6


def made(file: Path, *overrides: str) -> tuple[Task, recipe.Recipe]:
    name = tasks.known(f"{file}:{file.stem}")
    chosen = recipe.load("nano", overrides, task=name)
    return tasks.load(name).with_settings(chosen.settings(name)), chosen


@pytest.mark.parametrize("file", [file for file in EXAMPLES if "RANGES" not in file.read_text()], ids=lambda f: f.stem)
def test_what_nano_is_asked_of_an_example_it_can_take(file: Path) -> None:
    task, chosen = made(file)
    window = json.loads((MODEL_DIR / "config.json").read_text())["max_position_embeddings"]
    for seed in range(10):
        problem = task.problem_at(Random(seed), task.ranges["L"][1])
        # A token is a byte.
        gold = len(task.trace(task.record(problem), problem, "tail").text.encode())
        assert len(problem.query.encode()) + 100 + budget(gold, chosen.decode.slack) <= window


def test_ranges_follow_from_the_tokens_of_a_trace(tmp_path: Path) -> None:
    file = recipe.FOLDER / "examples" / "balanced.py"
    asked = "data.settings.balanced-balanced.trace_tokens"
    tops = {tokens: made(file, f"{asked}={tokens}")[0].ranges["L"][1] for tokens in (0, 300, 1000, 2000)}
    assert tops[300] < tops[1000] < tops[2000] == tops[0]
    # What the recipe says of every function holds where nothing is said of this one, and of no other task.
    assert made(file)[0].ranges["L"][1] == tops[1000]
    assert recipe.load("nano", [], task="addition").settings("addition") == {}
    assert made(file)[1].of("balanced-balanced").data.settings == {"balanced-balanced": {"trace_tokens": 1000}}


def test_ranges_of_a_file_are_its_own() -> None:
    assert made(recipe.FOLDER / "examples" / "hanoi.py")[0].ranges["L"] == (5, 5)


@pytest.mark.parametrize("before", ["", "*, "])
def test_an_argument_is_not_called_as_a_setting(tmp_path: Path, before: str) -> None:
    (tmp_path / "f.py").write_text(
        f'def f(a: int, {before}trace_tokens: int) -> int:\n    """Count."""\n    return trace_tokens\n'
    )
    with pytest.raises(UsageError, match="rename the argument"):
        tasks.load(tasks.known(f"{tmp_path / 'f.py'}:f"))


def test_no_own_task_is_called_python(tmp_path: Path) -> None:
    (tmp_path / "python.py").write_text("VERSION = 1\n")
    with pytest.raises(UsageError, match="python cannot name a task"):
        tasks.add(tmp_path / "python.py")


def test_the_manifest_is_of_the_ranges_that_were_chosen(here: Cli, tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text(
        "def f(n: int) -> int:\n"
        '    """Count down from {n}."""\n'
        "    steps = 0\n    while n > 0:\n        n -= 1\n        steps += 1\n    return steps\n"
    )
    out = tmp_path / "data"
    done = here("data", f"{tmp_path}/f.py:f", "--recipe", "nano", "data.eval=4", "--count", "20", "--out", str(out))
    assert done.returncode == 0, done.stderr
    manifest = read_manifest(out)
    assert manifest.scaled_ranges == {}
    low, high = manifest.ranges["L"]
    assert manifest.distinct_problems["L"] == high - low + 1
    # The recipe says it; the commands that are suggested need not.
    assert "trace_tokens" not in (done.stdout + done.stderr).split("next:", 1)[1]


def test_settings_of_every_function_are_checked(here: Cli) -> None:
    done = here("data", "addition", "data.settings.python.trace_token=3", "--count", "9")
    assert done.returncode == 2
    assert "trace_token" in done.stderr
    assert "did you mean 'trace_tokens'" in done.stderr
