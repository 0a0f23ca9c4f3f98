"""Studies: a grid of ordinary runs, resumable, whose page shows whatever is done."""

import json
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tailkit import pipeline, study
from tailkit.errors import TailkitError
from tailkit.records import RANGES
from tailkit.run.folder import RunDir
from tailkit.run.manifest import read_manifest
from tailkit.study import launch, tables
from tailkit.study.results import Group, Share
from tests.conftest import Cli, in_chromium
from tests.studies import FILE, QUICK, command


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    (folder / "mine.yaml").write_text(FILE)
    return folder


@pytest.fixture(scope="module")
def finished(cli: Cli, place: Path) -> Path:
    """A study that was run to its end, and where its runs are."""
    done = cli(*command(place, "--jobs", "2"))
    assert done.returncode == 0, done.stderr
    return place / "runs"


def _page(runs: Path) -> Path:
    """Where the page of a study with overrides lies."""
    (folder,) = (runs / "studies").glob("mine-nano-*")
    return folder


def test_cells_are_ordinary_runs_and_the_page_has_their_figures(finished: Path, cli: Cli) -> None:
    cells = sorted((finished / "cells").iterdir())
    assert [cell.name.rsplit("-", 2)[0] for cell in cells] == ["addition-direct", "addition-tail", "addition-tail"]
    for cell in cells:
        assert cli("report", str(cell)).returncode == 0
    page = (_page(finished) / "report.html").read_text()
    assert "Two &lt;b&gt;arms&lt;/b&gt;" in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "<script" not in page
    text = (_page(finished) / "report.md").read_text()
    assert re.search(r"\| addition \| base \| .* \| 1/1 \|", text)
    assert "tailkit study" in text


def test_a_cell_whose_data_were_made_anew_is_not_finished(finished: Path, place: Path, tmp_path: Path) -> None:
    shutil.copytree(next((finished / "cells").glob("addition-direct-*")), tmp_path / "cell")
    run = RunDir.open(tmp_path / "cell")
    assert pipeline.is_finished(run)
    # As a kill leaves it after the data stage: other rows, the old adapter, the old scores.
    manifest = json.loads((run.data / "manifest.json").read_text())
    manifest["files"]["train"]["sha256"] = "0" * 64
    (run.data / "manifest.json").write_text(json.dumps(manifest))
    assert not pipeline.is_finished(run)


def test_a_part_of_a_study_does_not_take_the_rest_off_its_page(finished: Path, place: Path, cli: Cli) -> None:
    done = cli(*command(place, "--only", "*/direct"))
    assert done.returncode == 0, done.stderr
    assert "1 cells, 1 of them finished" in done.stderr
    text = (_page(finished) / "report.md").read_text()
    assert all(re.search(rf"\| addition \| {arm} \| .* \| 1/1 \|", text) for arm in ("tail", "direct", "base"))


def test_a_failure_before_the_recipe_does_not_block_a_cell(tmp_path: Path) -> None:
    cell = study.plan("table1", "nano", out=tmp_path).cells[0]
    launch._tell(cell, TailkitError("the process ended at once"))
    assert [path.name for path in cell.folder.iterdir()] == [launch.FAILED]
    assert RunDir.create(cell.folder, cell.task, cell.recipe).path == cell.folder


def test_finished_cells_are_not_run_again_others_go_on(finished: Path, place: Path, cli: Cli) -> None:
    folder = next((finished / "cells").glob("addition-direct-*"))
    before = {cell: (cell / "run.log").read_text() for cell in (finished / "cells").iterdir()}
    (folder / "summary.json").unlink()
    done = cli(*command(place))
    assert done.returncode == 0, done.stderr
    assert "3 cells, 2 of them finished" in done.stderr
    after = {cell: (cell / "run.log").read_text() for cell in before}
    assert [cell for cell in before if before[cell] != after[cell]] == [folder]
    assert "train: " not in after[folder].removeprefix(before[folder])


def test_the_untrained_base_is_asked_the_same_problems(finished: Path) -> None:
    runs = [RunDir.open(cell) for cell in sorted((finished / "cells").iterdir())]
    (base,) = [run for run in runs if not run.recipe.trains]
    assert not base.adapter.exists()
    assert not (base.data / "train.parquet").exists()
    digests = {read_manifest(run.data).distinct_problems["S"] for run in runs}
    assert len(digests) == 1
    rows = [json.loads(line) for line in (base.path / "generations-S.jsonl").read_text().splitlines()]
    assert all(row["tokens"] <= 20 for row in rows)


def test_a_failed_cell_is_shown_and_does_not_stop_the_rest(place: Path, tmp_path: Path, cli: Cli) -> None:
    # A row longer than the model takes is found only when training begins.
    text = FILE.replace("direct: {data.variant: direct}", "long: {data.ranges.addition.S: [130, 130],"
                        " data.ranges.addition.M: [131, 131], data.ranges.addition.L: [132, 132]}")  # fmt: skip
    (tmp_path / "mine.yaml").write_text(text)
    shutil.copytree(place / "runs", tmp_path / "runs") if (place / "runs").exists() else None
    done = cli(*command(tmp_path, "--only", "*/long", "--only", "*/tail"))
    assert done.returncode == 1
    assert "addition/long" in done.stderr
    assert "tokens" in done.stderr.splitlines()[-2]
    page = (_page(tmp_path / "runs") / "report.md").read_text()
    assert "1 failed" in page
    assert re.search(r"\| addition \| tail \| [0-9.]+ ", page)


def test_an_arm_that_does_not_hurt_is_said_so(finished: Path, place: Path) -> None:
    found = study.gather(study.plan(str(place / "mine.yaml"), "nano", QUICK, out=finished))
    # After one step every arm has 0 of 3 right.
    assert tables.unhurt(found) == ["addition: tail itself has nothing right in S, M, L; nothing can be told there."]

    def with_shares(arm: str, right: int) -> Group:
        shares = dict.fromkeys(RANGES, Share(right, 200, [right / 200], 0.0, 0))
        return replace(next(group for group in found.groups if group.arm == arm), shares=shares)

    rights = {"tail": 150, "direct": 145, "base": 20}
    made = replace(found, groups=[with_shares(arm, right) for arm, right in rights.items()])
    assert tables.unhurt(made) == ["addition, direct: within the interval of tail in S, M, L."]


def test_attention_that_fails_in_a_cell_is_measured_in_others(
    finished: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = study.plan(str(place / "mine.yaml"), "nano", QUICK, out=finished)
    tried: list[str] = []

    def fail_once(cell: study.GridCell) -> None:
        tried.append(cell.arm)
        if cell.arm == "tail":
            raise TailkitError("no room")

    monkeypatch.setattr(sys.modules["tailkit.study.attend"], "_attend", fail_once)
    with pytest.raises(TailkitError, match="addition/tail/0: no room"):
        study.attend(planned)
    assert tried == ["tail", "direct", "base"]


@pytest.mark.browser
def test_a_study_s_page_stands_in_a_real_browser(finished: Path, tmp_path: Path) -> None:
    dom, over = in_chromium(_page(finished) / "report.html", tmp_path)
    assert over <= 0
    assert dom.count("<tr>") >= 10
    assert 'id="accuracy-figure"' in dom
    assert "Two &lt;b&gt;arms&lt;/b&gt;" in dom
