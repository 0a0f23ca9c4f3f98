"""Cells side by side, on a cluster, stopped, killed and started again."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tailkit import study
from tailkit.errors import TailkitError
from tailkit.study import launch
from tests.conftest import Cli, started
from tests.studies import command


@pytest.mark.slow
def test_a_killed_study_goes_on(tmp_path: Path, cli: Cli) -> None:
    arms = "{quick: {data.variant: direct}, long: {data.train: 4000}}"
    (tmp_path / "mine.yaml").write_text(f"title: t\ntasks: [addition]\narms: {arms}\n")
    whole = [str(Path(sys.executable).with_name("tailkit")), *command(tmp_path)]
    process, cells = started(whole), tmp_path / "runs" / "cells"
    (checkpoint,) = _when(lambda: list(cells.glob("addition-tail-*/checkpoints/checkpoint-*"))[:1])
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130, told
    assert "goes on" in told
    (quick,) = cells.glob("addition-direct-*")
    step = max(int(path.name.split("-")[1]) for path in checkpoint.parent.glob("checkpoint-*"))
    log, before = checkpoint.parent.parent / "run.log", (quick / "run.log").read_text()
    again = started(whole)
    _when(lambda: f"going on from step {step} " in log.read_text())
    again.kill()
    _, told = again.communicate()
    assert "2 cells, 1 of them finished" in told
    assert (quick / "run.log").read_text() == before


def _when(found: Callable[[], Any], patience: float = 120.0) -> Any:
    """What `found` gives, as soon as it gives something."""
    end = time.monotonic() + patience
    while not (value := found()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return value


def test_a_cell_that_two_studies_want_at_once_is_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = study.plan("table1", "nano", out=tmp_path, seeds=1).cells
    started: list[str] = []

    def note_only(left: list[study.GridCell], jobs: int) -> Iterator[launch.Ended]:
        started.extend(cell.label for cell in left)
        return iter(())

    monkeypatch.setattr(launch, "side_by_side", note_only)
    launch.run([cells[0], replace(cells[0], arm="same"), cells[1]], 1, "local")
    assert started == ["addition/same/0", "addition/index-hint/0"]


def test_without_ray_the_environment_is_said_to_miss_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(TailkitError, match="Ray is not installed") as caught:
        list(launch.through_ray(study.plan("table1", "nano", out=tmp_path).cells, 1))
    assert caught.value.exit_code == 3


def test_relative_paths_and_offline_hold_on_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = study.plan("table1", "nano", out=Path("runs")).cells[0]
    seen: list[tuple[Path, str]] = []

    def note_only(cell: study.GridCell, added: list[Path], threads: int, quiet: bool) -> None:
        seen.append((cell.folder.absolute(), os.environ["HF_HUB_OFFLINE"]))

    monkeypatch.setattr(launch, "run_cell", note_only)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    launch._run_cell_there(cell, [], 1, tmp_path / "there", {"HF_HUB_OFFLINE": "1"})
    assert seen == [(tmp_path / "there" / cell.folder, "1")]


@pytest.mark.slow
def test_on_a_ray_cluster_a_cell_outlives_its_killed_worker(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="pip install 'tailkit[ray]'")
    (tmp_path / "mine.yaml").write_text(
        "title: t\ntasks: [addition]\narms: {tail: {}, direct: {data.variant: direct}}\n"
    )
    more = [*command(tmp_path, "--launcher", "ray", "--jobs", "2"), "data.train=800"]
    process = started([str(Path(sys.executable).with_name("tailkit")), *more])
    _when(lambda: list((tmp_path / "runs" / "cells").glob("addition-tail-*/checkpoints/checkpoint-*")))
    workers = _ray_workers()
    assert len(workers) == 2
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    _, told = process.communicate(timeout=400)
    assert process.returncode == 0, told
    logs = [path.read_text() for path in (tmp_path / "runs" / "cells").glob("*/run.log")]
    assert any("going on from step" in log for log in logs), logs


def _ray_workers() -> list[int]:
    """Processes that work on a cell for Ray, which gives them the name of the function."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            name = path.read_bytes()
        except OSError:
            continue
        if name.startswith(b"ray::_run_cell"):
            found.append(int(path.parent.name))
    return found
