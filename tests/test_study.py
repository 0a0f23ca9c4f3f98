"""Studies: a grid of ordinary runs, resumable, whose page shows whatever is done."""

import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import pipeline, recipe, study, tasks
from tailkit.errors import TailkitError, UsageError
from tailkit.hardware import work
from tailkit.recipe import read_yaml
from tailkit.records import RANGES
from tailkit.run.folder import RunDir
from tailkit.run.manifest import read_manifest
from tailkit.study import launch, tables
from tailkit.study.results import Effect, Group, Share, mean_effect, newcombe
from tests.conftest import SMALL_OVERRIDES, Cli, in_chromium, started

# One step a cell; nothing is learned, and nothing needs to be.
SHORT = [f"data.ranges.addition.{name}=[{n},{n}]" for n, name in enumerate(RANGES, start=1)]
QUICK = [*SMALL_OVERRIDES, *SHORT, "data.train=8", "data.eval=2", "train.epochs=1"]
FILE = """
title: Two <b>arms</b>
tasks: [addition]
arms:
  tail: {}
  direct: {data.variant: direct}
  base: {train.epochs: 0, decode.free: 20}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    (folder / "mine.yaml").write_text(FILE)
    return folder


def command(place: Path, *more: str) -> list[str]:
    return ["study", str(place / "mine.yaml"), *QUICK, "--recipe", "nano", "--out", str(place / "runs"), *more]


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


def test_a_failure_before_its_recipe_is_written_does_not_block_a_cell(tmp_path: Path) -> None:
    cell = study.plan("table1", "nano", out=tmp_path).cells[0]
    launch._tell(cell, TailkitError("the process ended at once"))
    assert [path.name for path in cell.folder.iterdir()] == [launch.FAILED]
    assert RunDir.create(cell.folder, cell.task, cell.recipe).path == cell.folder


def test_a_finished_cell_is_not_run_again_and_an_unfinished_one_goes_on(finished: Path, place: Path, cli: Cli) -> None:
    folder = next((finished / "cells").glob("addition-direct-*"))
    before = {cell: (cell / "run.log").read_text() for cell in (finished / "cells").iterdir()}
    (folder / "summary.json").unlink()
    done = cli(*command(place))
    assert done.returncode == 0, done.stderr
    assert "3 cells, 2 of them finished" in done.stderr
    after = {cell: (cell / "run.log").read_text() for cell in before}
    assert [cell for cell in before if before[cell] != after[cell]] == [folder]
    assert "train: " not in after[folder].removeprefix(before[folder])


def test_the_untrained_base_has_no_adapter_and_is_asked_the_same_problems(finished: Path) -> None:
    runs = [RunDir.open(cell) for cell in sorted((finished / "cells").iterdir())]
    (base,) = [run for run in runs if not run.recipe.trains]
    assert not base.adapter.exists()
    assert not (base.data / "train.parquet").exists()
    digests = {read_manifest(run.data).distinct_problems["S"] for run in runs}
    assert len(digests) == 1
    rows = [json.loads(line) for line in (base.path / "generations-S.jsonl").read_text().splitlines()]
    assert all(row["tokens"] <= 20 for row in rows)


def test_a_failed_cell_is_shown_does_not_stop_the_rest_and_exits_1(place: Path, tmp_path: Path, cli: Cli) -> None:
    # A row longer than the model takes is found only when training begins.
    text = FILE.replace("direct: {data.variant: direct}", "long: {data.ranges.addition.S: [200, 210],"
                        " data.ranges.addition.M: [211, 212], data.ranges.addition.L: [213, 214]}")  # fmt: skip
    (tmp_path / "mine.yaml").write_text(text)
    shutil.copytree(place / "runs", tmp_path / "runs") if (place / "runs").exists() else None
    done = cli(*command(tmp_path, "--only", "*/long", "--only", "*/tail"))
    assert done.returncode == 1
    assert "addition/long" in done.stderr
    assert "tokens" in done.stderr.splitlines()[-2]
    page = (_page(tmp_path / "runs") / "report.md").read_text()
    assert "1 failed" in page
    assert re.search(r"\| addition \| tail \| [0-9.]+ ", page)


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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FILE.replace("[addition]", "[adition]"), ["mine.yaml", "adition", "addition"]),
        (FILE.replace("variant: direct", "variant: dirct"), ["addition/direct", "dirct", "direct"]),
        (FILE.replace("data.variant", "data.varant"), ["data.varant", "variant"]),
        (FILE.replace("arms:", "armes:"), ["mine.yaml", "armes", "arms"]),
        (FILE.replace("title: Two <b>arms</b>", ""), ["mine.yaml", "title"]),
        (FILE + "seeds: 0\n", ["mine.yaml", "seeds"]),
        (FILE + "seeds: !!python/object/apply:os.system [true]\n", ["mine.yaml", "line"]),
        (FILE.replace("tail: {}", "tail: {data.teach: rest}").replace("[addition]", "[binary_search]"), ["only task"]),
        (FILE.replace("tail: {}", "tail: {data.completions: no.jsonl}"), ["no.jsonl", "does not exist"]),
        (FILE.replace("tail: {}", "tail: {data.completions: bad.jsonl}"), ["bad.jsonl, line 1", "'query'"]),
        (FILE.replace("[addition]", "[addition, addition]"), ["tasks", "twice"]),
    ],
)
def test_a_wrong_file_is_refused_before_anything_is_written(
    text: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.yaml").write_text(text.replace("bad.jsonl", str(tmp_path / "bad.jsonl")))
    (tmp_path / "bad.jsonl").write_text("{}\n")
    with pytest.raises(UsageError) as caught:
        study.plan(str(tmp_path / "mine.yaml"), "nano", QUICK, out=tmp_path / "runs")
    assert all(word in str(caught.value) for word in words), caught.value
    assert not (tmp_path / "runs").exists()


def test_wrong_names_on_the_command_line_exit_2(cli: Cli, tmp_path: Path) -> None:
    for arguments, near in (
        (["tabel1"], "table1"),
        (["table1", "--recipe", "nanno"], "nano"),
        (["table1", "--recipe", "nano", "--only", "*/reversed", "--only", "adition/tail"], "addition/tail"),
        (["table1", "--launcher", "rya"], "ray"),
        (["table1", "--budget", "token"], "tokens"),
    ):
        done = cli("study", *arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert near in done.stderr
        assert len(done.stderr.splitlines()) <= 2
    assert not list(tmp_path.iterdir())


def test_a_cell_folder_of_another_recipe_is_refused(tmp_path: Path) -> None:
    cell = study.plan("table1", "nano", out=tmp_path).cells[0]
    RunDir.create(cell.folder, "addition", recipe.load("nano", ["lora.rank=3"], task="addition"))
    with pytest.raises(UsageError, match=r"another recipe: lora.rank is 3 there, 16 here"):
        study.plan("table1", "nano", out=tmp_path)


@pytest.mark.parametrize("name", study.names())
def test_the_kit_s_studies_hold_and_their_first_line_says_what_they_are(name: str, tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "distilled.jsonl").write_text('{"query": "1 or 2?", "completion": "Answer: <"}\n')
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        planned = study.plan(name, "paper", out=tmp_path)
    finally:
        os.chdir(here)
    assert len({cell.folder for cell in planned.cells}) == len(planned.cells)
    path = recipe.FOLDER / "studies" / f"{name}.yaml"
    assert path.read_text().startswith("# ")
    assert len(path.read_text().splitlines()) <= 20
    assert set(read_yaml(path)) >= {"title", "tasks", "arms"}


def test_studies_share_their_cells(tmp_path: Path) -> None:
    one, other = (study.plan(name, "nano", out=tmp_path) for name in ("table2", "fig6"))
    shared = {cell.folder for cell in one.cells} & {cell.folder for cell in other.cells}
    assert {cell.label for cell in one.cells if cell.folder in shared} == {
        "compare_numbers/tail/0",
        "any_substring/tail/0",
    }


def test_cells_have_the_recipe_s_values_for_their_own_task(tmp_path: Path) -> None:
    (mine := tmp_path / "mine.yaml").write_text("tasks: {lcs: {train: {epochs: 3}}, knapsack: {lora: {rank: 4}}}")
    cells = study.plan("fig4", str(mine), out=tmp_path, only=["*/tail"]).chosen
    made = {cell.task: cell.recipe for cell in cells}
    assert [made[task].train.epochs for task in ("addition", "lcs", "knapsack")] == [1, 3, 1]
    assert [made[task].lora.rank for task in ("addition", "lcs", "knapsack")] == [16, 16, 4]
    assert not any(one.tasks for one in made.values())


def test_with_the_budget_tokens_arms_train_on_as_many_tokens(tmp_path: Path) -> None:
    planned = study.plan("table1", "nano", out=tmp_path, seeds=1, budget="tokens")
    rows = {cell.arm: cell.recipe.data.train for cell in planned.cells}
    assert rows["tail"] == 4500
    # A completion's mean tokens in S, as a data set of these variants has them.
    for arm, tokens in {"index-hint": 58, "reversed": 16}.items():
        assert rows[arm] * tokens == pytest.approx(4500 * 188, rel=0.1)


def test_a_dry_run_tells_cells_hours_and_disk_and_writes_nothing(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = ["--only", "compare_numbers", "--dry-run", "--json"]
    done = cli("study", "table2", "--recipe", "hobby", *only, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert len(rows) == 5
    assert all(row["hours"] > 0 and row["disk"] > 0 for row in rows if "/base/" not in row["label"])
    assert all(row["hours"] == 0 for row in rows if "/base/" in row["label"])
    # A run that is taught by other tasks alone has rows of theirs.
    monkeypatch.setattr(work, "SAMPLE", 4)
    (rest,) = [study.forecast(cell) for cell in study.plan("figI1", "nano", out=tmp_path, only=["lcs/rest"]).chosen]
    assert rest.hours > 0
    assert not list(tmp_path.iterdir())


def test_a_cell_that_two_studies_want_at_once_is_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = study.plan("table1", "nano", out=tmp_path, seeds=1).cells
    started: list[str] = []

    def note_only(left: list[study.Cell], jobs: int) -> Iterator[launch.Ended]:
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


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_effect_lies_within_its_interval_which_turns_with_it(one: int, other: int) -> None:
    first, second = (Share(right, 200, [right / 200], 0.0, 0) for right in (one, other))
    effect, turned = newcombe(first, second), newcombe(second, first)
    assert -1 <= effect.low <= effect.difference <= effect.high <= 1
    assert effect.low < effect.high
    assert (effect.low, effect.high) == pytest.approx((-turned.high, -turned.low))


def test_the_interval_of_an_effect_is_newcombe_s_own_example() -> None:
    # Newcombe 1998, Table II, (a): 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    effect = newcombe(Share(56, 70, [0.8], 0.0, 0), Share(48, 80, [0.6], 0.0, 0))
    assert (round(effect.low, 4), round(effect.high, 4)) == (0.0524, 0.3339)


def test_the_interval_of_a_mean_shrinks_with_the_number_of_tasks() -> None:
    one = Effect(-0.2, -0.3, -0.1)
    assert mean_effect([one]) == one
    found = mean_effect([one] * 4)
    assert (found.difference, found.low, found.high) == pytest.approx((-0.2, -0.25, -0.15))


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


def test_attention_that_fails_in_one_cell_is_still_measured_in_the_others(
    finished: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = study.plan(str(place / "mine.yaml"), "nano", QUICK, out=finished)
    tried: list[str] = []

    def fail_once(cell: study.Cell) -> None:
        tried.append(cell.arm)
        if cell.arm == "tail":
            raise TailkitError("no room")

    monkeypatch.setattr(sys.modules["tailkit.study.attend"], "_attend", fail_once)
    with pytest.raises(TailkitError, match="addition/tail/0: no room"):
        study.attend(planned)
    assert tried == ["tail", "direct", "base"]


def test_on_another_machine_relative_paths_and_offline_mean_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = study.plan("table1", "nano", out=Path("runs")).cells[0]
    seen: list[tuple[Path, str]] = []

    def note_only(cell: study.Cell, added: list[Path], threads: int, quiet: bool) -> None:
        seen.append((cell.folder.absolute(), os.environ["HF_HUB_OFFLINE"]))

    monkeypatch.setattr(launch, "run_cell", note_only)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    launch._run_cell_there(cell, [], 1, tmp_path / "there", {"HF_HUB_OFFLINE": "1"})
    assert seen == [(tmp_path / "there" / cell.folder, "1")]


def test_teaching_the_rest_of_a_paradigm_leaves_the_task_itself_out(cli: Cli, tmp_path: Path) -> None:
    small = ["data.train=10", "data.eval=3", "data.teach=rest", "--recipe", "nano", "--workers", "1"]
    done = cli("data", "lcs", *small, "--out", str(tmp_path / "rest"))
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "rest" / "manifest.json").read_text())
    others = {name for name in tasks.names() if tasks.load(name).paradigm == tasks.load("lcs").paradigm} - {"lcs"}
    assert manifest["files"]["train"]["by_task"].keys() == others
    assert sum(manifest["files"]["train"]["by_task"].values()) == 10
    assert manifest["files"]["eval-S"]["by_task"] == {"lcs": 3}


@pytest.mark.browser
def test_a_study_s_page_stands_in_a_real_browser(finished: Path, tmp_path: Path) -> None:
    dom, over = in_chromium(_page(finished) / "report.html", tmp_path)
    assert over <= 0
    assert dom.count("<tr>") >= 10
    assert 'id="accuracy-figure"' in dom
    assert "Two &lt;b&gt;arms&lt;/b&gt;" in dom


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
