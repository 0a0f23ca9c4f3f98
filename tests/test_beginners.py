"""What beginners type, and the way on that they are shown."""

from pathlib import Path

import pytest

from tests.conftest import Cli


@pytest.mark.parametrize(("arguments", "said", "advice"), [
    (["addition"], "no such command 'addition'", "`tailkit run addition`"),
    (["run", "mine.yaml"], "mine.yaml is a recipe or study, no task", "TASK --recipe mine.yaml"),
    (["data", "addition", "data.ranges.S=[2,3]"], "names no task", "data.ranges.TASK.S=[2,3]"),
    (["data", "addition", "--data.train=24"], "no such option: --data.train", "no dashes: data.train=VALUE"),
    (["study"], "missing argument 'STUDY'", "`tailkit study list`"),
    (["data", "additon"], "unknown task 'additon'", "did you mean 'addition'?"),
])  # fmt: skip
def test_a_slip_is_answered_with_what_to_type(here: Cli, arguments: list[str], said: str, advice: str) -> None:
    done = here(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert advice in done.stderr


@pytest.mark.parametrize(("text", "said"), [
    ("data:\n  train: 5\n   eval: 3\n", "line 3: not a plain YAML file: a key where none can stand"),
    ("data: {train: 5, train: 6}\n", 'line 1: not a plain YAML file: the key "train" stands twice'),
    ("data:\n\ttrain: 5\n", "line 2: not a plain YAML file: a tab: YAML is indented by spaces"),
    ("data:\n  train: 5\n eval: 3\n", "line 3: not a plain YAML file: a line that is indented unlike"),
    ("tasks:\n  additon:\n    data: {train: 3}\n", "unknown task under tasks: 'additon'; did you mean 'addition'?"),
])  # fmt: skip
def test_a_slip_in_a_recipe_is_answered(here: Cli, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    done = here("data", "addition", "--recipe", str(tmp_path / "mine.yaml"))
    assert done.returncode == 2
    assert said in done.stderr


def test_the_command_after_prompts_reads_their_replies(here: Cli, tmp_path: Path) -> None:
    """With the recipe and values that the problems were made with, since others ask other problems."""
    requests = tmp_path / "requests.jsonl"
    made = here("data", "addition", "--recipe", "nano", "--split", "eval", "data.eval=2", "--workers", "1",
                "--prompts", str(requests), "--model", "m", "--out", str(tmp_path / "data"))  # fmt: skip
    assert made.returncode == 0, made.stderr
    told = " ".join(made.stderr.split())
    assert "`tailkit eval addition --recipe nano data.eval=2 --generations FILE --name m`" in told
