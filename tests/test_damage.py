"""A finished run whose files are lost, cut, changed or replaced: noticed by who reads them, and nothing else is lost.

The run is made without training: its adapter holds a few bytes, its generations are the gold traces. All
that is asked here is decided before a model would be loaded.
"""

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tailkit import decode, pipeline, recipe
from tailkit.errors import TailkitError
from tailkit.records import RANGES
from tailkit.run import files
from tailkit.run.folder import RunDir
from tailkit.run.lines import read_generations
from tailkit.study.compare import compare
from tests.conftest import SMALL, Cli
from tests.small import ADAPTER, finished_run

EVALUATION = (*(f"generations-{name}.jsonl" for name in RANGES), "scores.jsonl", "summary.json")
DATA = ("data/manifest.json", "data/train.parquet", *(f"data/eval-{name}.parquet" for name in RANGES))
EXTRAS = ("held-out.jsonl", "train.jsonl")
REPORT = ("report.html", "report.md", "accuracy.png", "run.log", "adapter/README.md")


class Loads(Exception):
    """Stands for the moment at which a model would be loaded or trained."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("finished") / "run").path


@pytest.fixture
def run(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDir:
    def load(*_: Any) -> Any:
        raise Loads

    monkeypatch.setattr(decode, "load_engine", load)
    monkeypatch.setattr(pipeline, "run_apart", load)
    shutil.copytree(finished, tmp_path / "run")
    return RunDir.open(tmp_path / "run")


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.unlink()
    if how == "empty":
        path.touch()
    elif how == "halved":
        path.write_bytes(content[: len(content) // 2])
    elif how == "flipped":
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif how == "a folder":
        path.mkdir()
    elif how == "a link":
        outside = Path(f"{path.parent}.outside")
        outside.write_bytes(b"of another")
        path.symlink_to(outside)


pytestmark = pytest.mark.usefixtures("blank_figures")

CHANGED = ("empty", "halved", "flipped", "a folder", "a link")


def contents(run: Path) -> dict[str, bytes]:
    files = {str(path.relative_to(run)): path for path in run.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in REPORT}


def refusal(act: Callable[[], Any]) -> str:
    """What is said where an act is refused, in two lines at most."""
    with pytest.raises(TailkitError) as caught:
        act()
    assert len(str(caught.value).splitlines()) <= 2
    return str(caught.value)


@pytest.mark.parametrize("how", CHANGED)
@pytest.mark.parametrize("name", [*DATA, *ADAPTER, *EVALUATION])
def test_changed_outputs_are_refused_by_all_who_read_them(run: RunDir, name: str, how: str) -> None:
    damage(run.path / name, how)
    before = contents(run.path)
    acts = [lambda: pipeline.evaluate(run), lambda: pipeline.report(run), lambda: pipeline.run_all(run, 1)]
    if name not in EVALUATION:
        acts.append(lambda: pipeline.require_trained(run))
    for act in acts:
        assert f"{name} is not what was written" in refusal(act)
        assert contents(run.path) == before
    assert not pipeline.is_finished(run)


@pytest.mark.parametrize("name", [*DATA, *ADAPTER])
def test_a_missing_output_is_said_by_all_who_read_it(run: RunDir, name: str) -> None:
    (run.path / name).unlink()
    before = contents(run.path)
    for act in (pipeline.evaluate, pipeline.report, pipeline.require_trained):
        assert f"{name} is missing" in refusal(lambda act=act: act(run))  # type: ignore[misc]
        assert contents(run.path) == before


@pytest.mark.parametrize("name", DATA)
def test_missing_data_are_made_again_to_the_same_bytes(run: RunDir, name: str) -> None:
    before = contents(run.path)
    (run.path / name).unlink()
    pipeline.make_data(run, 1)
    assert {key: value for key, value in contents(run.path).items() if ".stages/data" not in key} == {
        key: value for key, value in before.items() if ".stages/data" not in key
    }
    assert pipeline.is_finished(run)


def test_a_missing_adapter_is_trained_again_and_says_so(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(run.adapter)
    with pytest.raises(Loads):
        pipeline.run_all(run, 1)
    assert "adapter_model.safetensors is missing" in capsys.readouterr().err
    assert run.summary.exists()


@pytest.mark.parametrize("name", ADAPTER)
def test_an_adapter_that_lacks_a_file_is_not_trained_again(run: RunDir, name: str) -> None:
    (run.path / name).unlink()
    before = contents(run.path)
    assert f"{name} is missing" in refusal(lambda: pipeline.run_all(run, 1))
    assert contents(run.path) == before
    with pytest.raises(Loads):
        pipeline.run_all(run, 1, again=True)


def test_a_report_makes_no_adapter_folder(run: RunDir) -> None:
    shutil.rmtree(run.adapter)
    refusal(lambda: pipeline.report(run))
    assert not run.adapter.exists()


@pytest.mark.parametrize("how", ["missing", *CHANGED])
@pytest.mark.parametrize("name", EXTRAS)
def test_lost_metrics_are_told_and_cost_nothing(
    run: RunDir, name: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(run.path / name, how)
    if how != "a link":
        pipeline.run_all(run, 1)
        assert name in capsys.readouterr().err


def test_scores_of_a_retrained_adapter_are_not_kept(run: RunDir) -> None:
    shutil.rmtree(run.adapter)
    with pipeline.training_stage(run).making():
        run.adapter.mkdir()
        for name in ADAPTER:
            (run.path / name).write_text(f"other {name} " * 20)
    assert "adapter" in refusal(lambda: pipeline.report(run))
    assert "--again" in refusal(lambda: pipeline.evaluate(run))
    assert run.summary.exists()
    with pytest.raises(Loads):
        pipeline.evaluate(run, again=True)
    # Nothing of the former evaluation goes before the model is there.
    assert run.summary.exists()


@pytest.mark.parametrize("how", ["missing", *CHANGED])
@pytest.mark.parametrize("stage", ["data", "train", "eval"])
def test_a_damaged_marker_costs_nothing(run: RunDir, stage: str, how: str) -> None:
    damage(run.path / ".stages" / f"{stage}.json", how)
    assert pipeline.is_finished(run)
    pipeline.run_all(run, 1)


@pytest.mark.parametrize("stage", ["data", "train", "eval"])
def test_without_both_markers_nothing_is_cleared(run: RunDir, stage: str) -> None:
    for path in (run.path / ".stages").glob(f"{stage}.*"):
        path.write_text("{")
    before = contents(run.path)
    assert f"{stage}.json" in refusal(lambda: pipeline.run_all(run, 1))
    assert contents(run.path) == before


@pytest.mark.parametrize("how", ["missing", *CHANGED])
def test_a_damaged_recipe_is_never_filled_with_defaults(run: RunDir, how: str) -> None:
    damage(run.path / "recipe.yaml", how)
    assert "recipe.yaml" in refusal(lambda: RunDir.open(run.path))


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_every_cut_of_a_recipe_is_noticed(run: RunDir, cut: int) -> None:
    path = run.path / "recipe.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-cut]))
    assert "recipe.yaml" in refusal(lambda: RunDir.open(run.path))


@pytest.mark.parametrize("how", ["missing", *CHANGED])
def test_a_damaged_env_json_is_told_and_costs_no_more(
    run: RunDir, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(run.path / "env.json", how)
    pipeline.report(run)
    if how != "flipped":
        assert capsys.readouterr().err.count("env.json does not say what the run was made with") == 1
        assert "unknown: env.json is missing or damaged" in run.path.joinpath("report.html").read_text()


@pytest.mark.parametrize("name", ["run.log", "train.jsonl", "adapter", "data", ".stages"])
def test_nothing_is_written_through_a_link_that_leaves(run: RunDir, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    (run.path / name).rename(outside)
    (run.path / name).symlink_to(outside)
    before = outside.read_bytes() if outside.is_file() else sorted(outside.iterdir())

    def work() -> None:
        with run.at_work():
            pass

    assert f"{name} is a link" in refusal(work)
    assert before == (outside.read_bytes() if outside.is_file() else sorted(outside.iterdir()))


def test_checkpoints_may_lie_on_another_disk(run: RunDir, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    run.checkpoints.symlink_to(tmp_path / "scratch")
    with run.at_work():
        assert not pipeline.training_stage(run).is_needed()


@pytest.mark.parametrize("index", [-1, 6, True, "0"])
def test_generations_of_no_row_are_never_counted(run: RunDir, index: Any) -> None:
    path = run.generations("S")
    first, *rest = path.read_text().splitlines(keepends=True)
    path.write_text("".join([json.dumps({**json.loads(first), "index": index}) + "\n", *rest]))
    assert "line 1" in refusal(lambda: read_generations(path, "S", 6))


def test_generations_of_another_range_are_never_counted(run: RunDir) -> None:
    shutil.copy(run.generations("M"), run.generations("S"))
    assert "line 1" in refusal(lambda: read_generations(run.generations("S"), "S", 6))


def test_a_new_version_with_a_new_key_finds_its_runs_finished(run: RunDir) -> None:
    for stage in ("train", "eval"):
        made = pipeline.training_stage(run) if stage == "train" else pipeline.evaluation_stage(run)
        marker = made.marker
        assert marker is not None
        section = "train" if stage == "train" else "decode"
        inputs: Any = marker.inputs
        inputs["recipe"][section].pop("seed" if stage == "train" else "method")
        marker.write(run.path / ".stages" / f"{stage}.json")
    assert pipeline.is_finished(run)


WRITTEN = ("report.html", "report.md", "accuracy.png", "adapter/README.md")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_folder_in_the_place_of_a_report_stays(run: RunDir, name: str) -> None:
    (run.path / name).unlink()
    (run.path / name).mkdir()
    (run.path / name / "mine.txt").write_text("mine")
    told = refusal(lambda: pipeline.report(run))
    assert f"{name} cannot be written: a folder is in its place" in told
    assert (run.path / name / "mine.txt").read_text() == "mine"
    assert not list(run.path.rglob("*.tmp"))


@pytest.mark.parametrize("name", WRITTEN)
def test_a_report_is_not_written_through_a_link(run: RunDir, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("of another")
    (run.path / name).unlink()
    (run.path / name).symlink_to(outside)
    pipeline.report(run)
    assert outside.read_text() == "of another"
    assert not (run.path / name).is_symlink()


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, 1), (errno.EROFS, 2), (errno.EACCES, 2)])
@pytest.mark.parametrize("name", WRITTEN)
def test_a_report_that_cannot_be_written_costs_nothing(
    run: RunDir, name: str, number: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {one: (run.path / one).read_bytes() for one in WRITTEN} | contents(run.path)
    flush = files._flush

    def fail(path: Path) -> None:
        if path.name == f".{Path(name).name}.tmp":
            raise OSError(number, os.strerror(number))
        flush(path)

    monkeypatch.setattr(files, "_flush", fail)
    with pytest.raises(TailkitError) as caught:
        pipeline.report(run)
    assert caught.value.exit_code == code
    assert name in caught.value.message
    assert len(str(caught.value).splitlines()) == 2
    assert {one: (run.path / one).read_bytes() for one in WRITTEN} | contents(run.path) == before


def test_a_report_touches_nothing_but_its_own_files(run: RunDir) -> None:
    before = contents(run.path)
    for name in WRITTEN:
        (run.path / name).unlink()
    pipeline.report(run)
    assert contents(run.path) == before
    assert all((run.path / name).is_file() for name in WRITTEN)
    assert pipeline.is_finished(run)


@pytest.mark.parametrize("command", ["run", "train", "eval"])
def test_a_folder_without_its_recipe_is_no_unknown_task(here: Cli, run: RunDir, command: str) -> None:
    (run.path / "recipe.yaml").unlink()
    done = here(command, str(run.path))
    assert done.returncode == 2
    assert f"{run.path} is no run folder: it has no recipe.yaml" in done.stderr


@pytest.mark.parametrize("more", [["train.epochs=2"], ["--recipe", "nano"], ["--out", "other"]])
def test_a_run_takes_no_other_recipe(here: Cli, run: RunDir, more: list[str]) -> None:
    done = here("run", str(run.path), *more)
    assert done.returncode == 2
    assert f"{run.path} is made with its recipe" in done.stderr


def test_a_lost_summary_is_not_called_never_evaluated(run: RunDir) -> None:
    run.summary.unlink()
    assert "summary.json is missing" in refusal(lambda: compare([run.path, run.path.parent]))


def test_a_task_whose_folder_has_its_name_goes_on(here: Cli, run: RunDir) -> None:
    run.path.rename(run.path.parent / "addition")
    over = [f"{key}={value}" for key, value in SMALL.items()]
    again = ("run", "addition", "--recipe", "nano", "--out", "addition", *over)
    assert here(*again, cwd=run.path.parent).returncode == 0


def test_a_file_in_the_way_of_a_run_is_called_a_file(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    assert "run is in the way: a file" in refusal(
        lambda: RunDir.create(tmp_path / "run", "addition", recipe.load("nano", [], task="addition"))
    )
