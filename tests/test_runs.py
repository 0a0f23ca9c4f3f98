"""Several runs: listed, cleaned, compared, and kept apart by the names of their folders."""

import json
from pathlib import Path

import pytest

from tailkit import recipe
from tailkit.run.naming import default_folder
from tailkit.use import runs
from tests.conftest import Cli
from tests.small import finished_run


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place") / "runs"
    finished_run(folder / "good")
    finished_run(folder / "cells" / "bad", "train.epochs=3", right=2)
    finished_run(folder / "other", "data.seed=7", right=4)
    return folder


def test_runs_are_listed_with_their_accuracy(cli: Cli, place: Path) -> None:
    found = {Path(one["folder"]).name: one for one in json.loads(cli("runs", str(place), "--json").stdout)}
    assert {name: one["state"] for name, one in found.items()} == dict.fromkeys(("good", "bad", "other"), "evaluated")
    assert found["bad"]["accuracy"] == pytest.approx(dict.fromkeys("SML", 2 / 6))
    assert all(one["size"] > 10_000 for one in found.values())
    shown = cli("runs", str(place)).stdout
    assert "good" in shown
    assert "100" in shown


def test_a_broken_folder_is_listed_with_its_reason(cli: Cli, place: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "recipe.yaml").write_text("task: addition\n")
    done = cli("runs", str(tmp_path))
    assert done.returncode == 0
    assert "not readable" in " ".join(done.stdout.split())


def test_clean_removes_checkpoints_of_finished_runs_alone(cli: Cli, tmp_path: Path) -> None:
    run = finished_run(tmp_path / "runs" / "a")
    unfinished = finished_run(tmp_path / "runs" / "b")
    for one in (run, unfinished):
        (one.checkpoints / "checkpoint-4").mkdir(parents=True)
        (one.checkpoints / "checkpoint-4" / "optimizer.pt").write_bytes(b"x" * 1000)
    for marker in (unfinished.path / ".stages").glob("[te]*.json"):
        marker.unlink()
    before = sorted(path for path in run.path.rglob("*") if "checkpoint" not in str(path))
    assert [one.folder for one in runs.removable(runs.states(tmp_path))] == [str(run.path)]
    done = cli("runs", "clean", "--yes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not run.checkpoints.exists()
    assert unfinished.checkpoints.exists()
    assert sorted(path for path in run.path.rglob("*") if "checkpoint" not in str(path)) == before


def test_two_runs_are_compared_with_intervals(cli: Cli, place: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = cli("compare", str(place / "good"), str(place / "cells" / "bad"), "--out", str(page))
    assert done.returncode == 0, done.stderr
    assert "-66.7" in done.stdout
    assert "train.epochs is" in done.stdout
    assert "<svg" in page.read_text()
    assert "other problems" not in done.stdout
    again = cli("compare", str(place / "good"), str(place / "other"), "--out", str(page))
    assert again.returncode == 0
    assert "other problems" in " ".join(again.stdout.split())


def test_compare_never_overwrites_a_file_of_another(cli: Cli, place: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("mine")
    done = cli("compare", str(place / "good"), str(place / "other"), "--out", str(tmp_path / "mine.html"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 2)
    assert (tmp_path / "mine.html").read_text() == "mine"


def test_compare_takes_whole_runs_alone(cli: Cli, place: Path, tmp_path: Path) -> None:
    for folders in ([place / "good"], [place / "good", place / "good"], [place / "good", tmp_path]):
        done = cli("compare", *map(str, folders), cwd=tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (2, 2), done.stderr


def folder(*overrides: str, task: str = "addition") -> str:
    return str(default_folder(task, "nano", recipe.load("nano", overrides, task=task)))


def test_other_values_make_another_folder() -> None:
    assert folder() == "runs/addition-nano-tail"
    assert folder("data.variant=direct") == "runs/addition-nano-direct"
    assert folder("train.epochs=2") == "runs/addition-nano-tail-epochs=2.0"
    assert folder("train.epochs=1") == folder()
    assert folder("train.epochs=2", "lora.rank=8") == folder("lora.rank=8", "train.epochs=2")
    long = folder("data.ranges.addition.S=[2,3]", "train.epochs=2")
    assert long.startswith("runs/addition-nano-tail-")
    assert len(long) < 100
    assert long != folder("data.ranges.addition.S=[2,4]", "train.epochs=2")
