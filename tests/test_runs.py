"""Several runs: listed, cleaned, compared, and kept apart by the names of their folders."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tailkit import pipeline, recipe
from tailkit.cli import app
from tailkit.errors import TailkitError, UsageError
from tailkit.run.folder import RunDir
from tailkit.run.naming import default_folder
from tailkit.study import compare
from tailkit.use import runs
from tests.conftest import Cli
from tests.small import finished_run


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place") / "runs"
    finished_run(folder / "good")
    finished_run(folder / "cells" / "bad", "train.epochs=3", right=2)
    finished_run(folder / "other", "data.seed=7", right=4)
    finished_run(folder / "cells" / "good", "data.variant=direct", right=1)
    return folder


@pytest.fixture
def copied(place: Path, tmp_path: Path) -> RunDir:
    """A finished run that a test may change."""
    shutil.copytree(place / "good", tmp_path / "runs" / "run")
    return RunDir.open(tmp_path / "runs" / "run")


def state_of(run: RunDir) -> runs.RunState:
    (state,) = runs.states(run.path)
    return state


def forget(run: RunDir, *stages: str) -> None:
    """Make stages as if they had never begun."""
    for stage in stages:
        for path in (run.path / ".stages").glob(f"{stage}*.json"):
            path.unlink()


def break_off(run: RunDir, stage: str) -> None:
    """Make a stage as if it had begun, but not ended."""
    marker = (run.path / ".stages" / f"{stage}.json").read_bytes()
    forget(run, stage)
    (run.path / ".stages" / f"{stage}.partial.json").write_bytes(marker)


def checkpoint(run: RunDir, step: int, steps: int = 24) -> Path:
    folder = run.checkpoints / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "optimizer.pt").write_bytes(b"x" * 1000)
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": step, "max_steps": steps}))
    return folder


def test_runs_are_listed_with_their_accuracy(cli: Cli, place: Path) -> None:
    listed = json.loads(cli("runs", str(place), "--json").stdout)
    known = {os.path.relpath(one["folder"], place): one for one in listed}
    assert {name: one["state"] for name, one in known.items()} == dict.fromkeys(
        ("good", "other", "cells/bad", "cells/good"), "evaluated"
    )
    assert known["cells/bad"]["accuracy"] == pytest.approx(dict.fromkeys("SML", 2 / 6))
    assert (known["cells/good"]["task"], known["cells/good"]["variant"]) == ("addition", "direct")
    assert all(one["size"] > 10_000 for one in listed)
    assert set(listed[0]) == set(runs.RunState.__dataclass_fields__)
    shown = cli("runs", str(place), COLUMNS="80").stdout
    assert all(name in shown for name in ("cells/bad", "33.3", "evaluated", "good"))
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_run_says_how_far_it_is(copied: RunDir) -> None:
    break_off(copied, "eval")
    assert state_of(copied).state == "evaluating"
    forget(copied, "eval")
    assert state_of(copied).state == "trained"
    break_off(copied, "train")
    checkpoint(copied, 8)
    assert state_of(copied).words == "training, step 8 of 24"
    (copied.path / "failed.json").write_text(json.dumps({"error": "out of memory", "hint": ""}))
    assert (state_of(copied).state, state_of(copied).reason) == ("failed", "out of memory")
    os.utime(copied.path / "failed.json", (1, 1))
    assert state_of(copied).state == "training"
    (copied.path / "failed.json").unlink()
    forget(copied, "train")
    assert state_of(copied).state == "data"
    forget(copied, "data")
    assert state_of(copied).state == "begun"


def test_a_run_without_training_is_never_called_trained(tmp_path: Path) -> None:
    chosen = recipe.load("nano", ["train.epochs=0", "data.eval=2"], task="addition")
    run = RunDir.create(tmp_path / "run", "addition", chosen)
    assert state_of(run).state == "begun"
    pipeline.make_data(run, workers=1)
    assert state_of(run).state == "data"


def test_runs_are_found_from_inside_their_folder(cli: Cli, copied: RunDir) -> None:
    assert "run" in cli("runs", cwd=copied.path.parent).stdout
    assert "no runs below" in cli("runs", cwd=copied.path).stdout


def test_broken_and_foreign_folders_are_listed_with_a_reason(tmp_path: Path, copied: RunDir) -> None:
    for name in ("cut", "binary", "folder/recipe.yaml", "fifo", "summary"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    (tmp_path / "runs" / "cut" / "recipe.yaml").write_text("task: addition\n")
    (tmp_path / "runs" / "binary" / "recipe.yaml").write_bytes(bytes(range(256)))
    os.mkfifo(tmp_path / "runs" / "fifo" / "recipe.yaml")
    (tmp_path / "runs" / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "runs" / "loop").symlink_to(tmp_path)
    shutil.copytree(copied.path, tmp_path / "runs" / "summary", dirs_exist_ok=True)
    (tmp_path / "runs" / "summary" / "summary.json").write_text("[]")
    listed = {Path(one.folder).name: one for one in runs.states(tmp_path / "runs")}
    assert listed.pop("run").state == "evaluated"
    assert set(listed) == {"cut", "binary", "folder", "fifo", "summary"}
    assert all(one.state == "not readable" and one.reason for one in listed.values())
    done = CliRunner().invoke(app, ["runs", str(tmp_path / "runs")])
    assert done.exit_code == 0
    assert f"{tmp_path / 'runs' / 'cut'} cannot be read: " in done.stdout


def test_a_linked_run_is_listed_and_links_are_not_followed(tmp_path: Path, copied: RunDir) -> None:
    (tmp_path / "look").mkdir()
    (tmp_path / "look" / "linked").symlink_to(copied.path)
    (tmp_path / "look" / "elsewhere").symlink_to(copied.path.parent)
    assert [one.folder for one in runs.states(tmp_path / "look")] == [str(tmp_path / "look" / "linked")]


def test_a_run_of_a_task_whose_file_is_gone_is_listed(copied: RunDir) -> None:
    (copied.path / ".stages" / "task.json").write_text(json.dumps({"file": "/nowhere/gcd.py", "sha256": "0"}))
    RunDir(copied.path, "gcd", copied.recipe).keep_recipe()
    assert (state_of(copied).state, state_of(copied).task) == ("evaluated", "gcd")


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_no_runs_are_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["runs", *arguments])
    assert done.exit_code == 0
    assert done.stdout == ("[]\n" if arguments else "no runs below runs; `tailkit run addition` makes one\n")
    for wrong in (["nowhere"], ["clean", "nowhere"], ["runs", "more"]):
        assert isinstance(CliRunner().invoke(app, ["runs", *wrong]).exception, UsageError)


def test_clean_removes_checkpoints_of_finished_runs_alone(copied: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished = RunDir(copied.path.with_name("unfinished"), copied.task, copied.recipe)
    shutil.copytree(copied.path, unfinished.path)
    for run in (copied, unfinished):
        checkpoint(run, 4)
        checkpoint(run, 8)
        (run.checkpoints / "notes.txt").write_text("mine")
        (run.checkpoints / "checkpoint-mine").mkdir()
    forget(unfinished, "train", "eval")
    ours = {path for number in (4, 8) for path in (copied.checkpoints / f"checkpoint-{number}").rglob("*")}
    ours |= {path.parent for path in ours}
    before = sorted({*copied.path.rglob("*")} - ours)
    monkeypatch.chdir(copied.path.parent.parent)
    done = CliRunner().invoke(app, ["runs", "clean", "--yes"])
    assert done.exit_code == 0, done.exception
    assert "freed 2 kB" in done.stdout
    assert sorted(copied.path.rglob("*")) == before
    assert {path.name for path in unfinished.checkpoints.glob("checkpoint-?")} == {"checkpoint-4", "checkpoint-8"}
    assert "unfinished" in done.stderr
    assert "no checkpoints of finished runs" in CliRunner().invoke(app, ["runs", "clean"]).stdout


def test_clean_frees_the_disk_that_a_link_leads_to(copied: RunDir, tmp_path: Path) -> None:
    (tmp_path / "large disk").mkdir()
    (tmp_path / "large disk" / "mine").write_text("mine")
    copied.checkpoints.symlink_to(tmp_path / "large disk")
    checkpoint(copied, 4)
    assert runs.clean(runs.states(copied.path)) > 1000
    assert [path.name for path in (tmp_path / "large disk").iterdir()] == ["mine"]
    assert copied.checkpoints.is_symlink()


def test_clean_asks_and_leaves_a_run_at_work_alone(copied: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = checkpoint(copied, 4)
    command = ["runs", "clean", str(copied.path)]
    refused = CliRunner().invoke(app, command, input="y\n")
    assert isinstance(refused.exception, UsageError)
    assert "--yes" in str(refused.exception)
    monkeypatch.setattr("tailkit.cli.runs._agreed", lambda _: False)
    assert "nothing was removed" in CliRunner().invoke(app, command).stdout
    with copied.at_work():
        done = CliRunner().invoke(app, [*command, "--yes"])
    assert "is left alone: another tailkit process is at work" in done.stderr
    assert kept.is_dir()
    monkeypatch.setattr("tailkit.cli.runs._agreed", lambda _: True)
    assert "freed 1 kB" in CliRunner().invoke(app, command).stdout
    assert not copied.checkpoints.exists()


def compared(place: Path, *names: str) -> compare.Comparison:
    return compare.compare([place / name for name in names])


def test_two_runs_are_compared_with_intervals(here: Cli, place: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = here("compare", str(place / "good"), str(place / "cells" / "bad"), "--out", str(page))
    assert done.returncode == 0, done.stderr
    assert "-66.7" in done.stdout
    assert "train.epochs: 2.0 (good), 3.0 (bad)" in done.stdout
    assert "other problems" not in done.stdout
    assert all(part in page.read_text() for part in ("<svg", "-66.7", "train.epochs", "Newcombe"))
    again = here("compare", str(place / "good"), str(place / "other"), "--out", str(page))
    assert again.returncode == 0
    assert "other was evaluated on other problems than good in S, M, L." in again.stdout


def test_another_variant_is_compared_on_the_same_problems(place: Path) -> None:
    found = compared(place, "good", "cells/good", "cells/bad")
    # Two folders of the same name are told apart.
    assert [one.name for one in found.runs] == [str(place / "good"), str(place / "cells" / "good"), "bad"]
    assert found.notes == []
    assert found.differences == {"data.variant": ["tail", "direct", "tail"], "train.epochs": [2.0, 2.0, 3.0]}
    rows = compare.table(found).rows
    assert [row[6] for row in rows] == ["", "", "", "-83.3", "-83.3", "-83.3", "-66.7", "-66.7", "-66.7"]


def test_compare_prints_records_for_programs(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["compare", str(place / "good"), str(place / "other"), "--json"])
    made = json.loads(done.stdout)
    good, other = made["runs"]
    assert (good["name"], good["task"], good["ranges"]["S"]["difference"]) == ("good", "addition", None)
    assert other["ranges"]["L"]["difference"]["difference"] == pytest.approx(-2 / 6)
    assert other["ranges"]["L"]["length"] == [4, 4]
    assert made["differences"] == {"data.seed": {"good": 0, "other": 7}}
    assert not list(tmp_path.iterdir())


def test_other_lengths_and_tasks_are_said(place: Path) -> None:
    found = compared(place, "good", "other")
    first, other = found.runs
    longer = compare.Compared("long", other.run, {**other.bounds, "L": (5, 9)}, other.summaries, first.problems)
    assert compare._notes([first, longer]) == [
        "L has other lengths, so there is no difference: 4 in good, 5–9 in long."
    ]
    assert compare.Comparison([first, longer], [], {}).effect(longer, "L") is None
    assert compare.Comparison([first, longer], [], {}).effect(longer, "S") is not None
    strange = compare.Compared("lcs", RunDir(Path(), "lcs", other.run.recipe), {}, {}, {})
    assert compare._notes([first, strange]) == ["lcs is of another task: lcs, not addition."]


@pytest.mark.parametrize("name", ["page.html", "figure.svg", "figure.png"])
def test_compare_replaces_its_own_files_alone(place: Path, tmp_path: Path, name: str) -> None:
    found, file = compared(place, "good", "other"), tmp_path / "new" / name
    compare.write(found, file)
    first = file.read_bytes()
    compare.write(found, file)
    assert file.read_bytes() == first
    file.write_bytes(b"mine")
    with pytest.raises(UsageError, match="is there already"):
        compare.write(found, file)
    assert file.read_bytes() == b"mine"
    file.unlink()
    file.symlink_to(tmp_path / "other")
    with pytest.raises(UsageError, match="is there already"):
        compare.write(found, file)


def test_compare_takes_whole_runs_alone(place: Path, tmp_path: Path, copied: RunDir) -> None:
    good = place / "good"
    forget(copied, "eval")
    copied.summary.unlink()
    for folders in (
        [good],
        [good, good],
        [good, place / "cells" / ".." / "good"],
        [good, tmp_path],
        [good, copied.path],
    ):
        with pytest.raises(UsageError):
            compare.compare(folders)
    with pytest.raises(UsageError, match="must end in"):
        compare.check_target(tmp_path / "page.txt")


def test_the_accuracy_of_a_changed_summary_is_not_listed(copied: RunDir) -> None:
    text = copied.summary.read_text()
    copied.summary.write_text(re.sub(r'"accuracy": [\d.]+', '"accuracy": 0.999', text))
    assert copied.summary.read_text() != text
    state = state_of(copied)
    assert (state.state, state.accuracy) == ("not readable", {})
    assert "summary.json is not what was written" in state.reason


def test_a_changed_summary_is_not_compared(place: Path, copied: RunDir) -> None:
    copied.summary.write_text(copied.summary.read_text().replace("6", "5"))
    with pytest.raises(TailkitError, match="is not what was written"):
        compare.compare([place / "good", copied.path])


def folder(*overrides: str, task: str = "addition", name: str = "nano") -> str:
    return str(default_folder(task, name, recipe.load(name, overrides, task=task)))


def test_other_values_make_another_folder() -> None:
    assert folder() == "runs/addition-nano-tail"
    assert folder("data.variant=direct") == "runs/addition-nano-direct"
    assert folder("train.epochs=2") == "runs/addition-nano-tail-epochs=2"
    assert folder("train.epochs=1") == folder()
    assert folder("train.epochs=2", "lora.rank=8") == folder("lora.rank=8", "train.epochs=2")
    assert folder("train.seed=7") != folder("data.seed=7")
    assert folder("train.learning_rate=1e-5") == "runs/addition-nano-tail-learning_rate=0.00001"
    assert folder("data.ranges.addition.S=[2,3]") == "runs/addition-nano-tail-S=2,3"
    assert folder("data.mix=1:1:1") != folder("data.mix=11:1:0")


VALUES: dict[str, list[Any]] = {
    "train.epochs": [1, 2, 0.5, 2.5],
    "train.seed": [0, 7],
    "data.seed": [0, 7],
    "train.batch": [8, 16, 32],
    "decode.batch": [8, 16],
    "train.learning_rate": [1e-4, 2e-4, 1e-12],
    "train.packing": ["true", "false"],
    "data.mix": ["1:0:0", "8:1:1", "81:1:0"],
    "data.variant": ["tail", "direct"],
    "data.ranges.addition.S": ["[2,3]", "[2,4]"],
    "model.name": ["nano", "Qwen/Qwen2.5-0.5B", "Qwen/Qwen2.5/0.5B", "Qwen/a-seed=7"],
}


@given(
    st.dictionaries(st.sampled_from(list(VALUES)), st.integers(0, 9)),
    st.dictionaries(st.sampled_from(list(VALUES)), st.integers(0, 9)),
    st.randoms(),
)
def test_a_folder_s_name_tells_recipes_apart(one: dict[str, int], other: dict[str, int], rng: Any) -> None:
    made = []
    for chosen in (one, other):
        overrides = [f"{key}={VALUES[key][place % len(VALUES[key])]}" for key, place in chosen.items()]
        rng.shuffle(overrides)
        loaded = recipe.load("nano", overrides, task="addition")
        name = default_folder("addition", "nano", loaded).name
        assert len(name) <= 80
        assert not set(name) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,+=")
        made.append((name, loaded.of("addition")))
    assert (made[0][0] == made[1][0]) == (made[0][1] == made[1][1])


def test_a_recipe_s_file_may_have_any_name(tmp_path: Path, place: Path) -> None:
    for stem in ("my recipe [x]", "x" * 200, "größe"):
        file = tmp_path / f"{stem}.yaml"
        file.write_text("train:\n  epochs: 2\n")
        name = Path(folder(name=str(file))).name
        assert len(name.encode()) <= 200
        assert not set(name) & set(" []/")
    own = str(place / "good" / "recipe.yaml")
    assert folder(name=own) == "runs/addition-good-tail"
    assert folder("data.variant=direct", name=own) == "runs/addition-good-direct"


def test_a_second_run_with_other_values_does_not_collide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pipeline, "make_data", lambda *_: None)
    monkeypatch.setattr(pipeline, "train", lambda *_: None)
    for overrides in ([], ["train.epochs=2"], ["train.epochs=2", "data.seed=1"], ["train.epochs=2"]):
        done = CliRunner().invoke(app, ["train", "addition", "--recipe", "nano", *overrides])
        assert done.exit_code == 0, done.exception
    names = {path.name for path in (tmp_path / "runs").iterdir()}
    assert names == {
        "addition-nano-tail",
        "addition-nano-tail-epochs=2",
        "addition-nano-tail-data.seed=1-epochs=2",
    }
