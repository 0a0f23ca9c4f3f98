"""`tailkit run addition` from data to report through the real entry point, small enough for minutes."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tailkit import hardware
from tailkit.records import RANGES
from tailkit.run.folder import RunDir
from tailkit.train.checkpoints import SEAL
from tests import ready
from tests.conftest import SMALL_OVERRIDES, Cli

ADAPTER = Path("adapter") / "adapter_model.safetensors"


def smaller(*overrides: str) -> list[str]:
    """A small run with other values; its folder is missing."""
    return ["run", "addition", "--recipe", "nano", *SMALL_OVERRIDES, *overrides, "--workers", "1", "--out"]


DIRECT = smaller("data.variant=direct", "data.train=16")
"""16 steps on rows of a few tokens."""

Whole = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def whole(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A run on whole traces, of a few steps."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    done = cli(*smaller("data.train=8", "train.epochs=1"), str(folder))
    assert done.returncode == 0, done.stderr
    return folder, done


@pytest.fixture(scope="module")
def finished(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "small"
    done = cli(*DIRECT, str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path / "run"


def test_a_run_leaves_all_its_files(whole: Whole) -> None:
    folder, done = whole
    for name in ("recipe.yaml", "env.json", "train.jsonl", "scores.jsonl", "report.html", "report.md", "accuracy.png"):
        assert (folder / name).stat().st_size > 100, name
    assert not (folder / "checkpoints").exists()
    assert not list(folder.rglob("*.tmp"))
    summaries = json.loads((folder / "summary.json").read_text())
    assert [(s["range"], s["total"]) for s in summaries] == [(name, 6) for name in RANGES]
    assert all(sum(total for _, total, _, _ in s["by_n"].values()) == 6 for s in summaries)
    assert all(sum(s["first_wrong"].values()) == s["total"] - s["right"] - s["cut"] for s in summaries)
    assert "| S | 1–2 | 6 |" in (folder / "adapter" / "README.md").read_text()
    assert "100.00 % of the likeliest tokens the same" in (folder / "run.log").read_text()
    assert "train: 4/4" in (folder / "run.log").read_text()
    took = re.search(r"training took up to ([\d.]+) GiB of memory", (folder / "run.log").read_text())
    assert took is not None
    # On a CPU torch alone takes more than the least.
    assert (0 if hardware.has_gpu() else 0.1) < float(took[1]) < 4
    assert "pass@1" in done.stdout
    assert "scaled down" in done.stderr
    assert "scaled down" in (folder / "report.md").read_text()
    paths = re.search(r"Greedy decoding, S: (.*); M: (.*); L: (.*)\.", (folder / "report.md").read_text())
    assert paths
    assert all(sum(map(int, re.findall(r"\d+", one))) == 6 for one in paths.groups())
    assert "masked  | <|im_start|>user" in done.stderr
    assert re.search(r"trained \| Answer: [0-9.]+<\|im_end\|>", done.stderr)


def test_piped_output_holds_no_control_characters(whole: Whole) -> None:
    _, done = whole
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stdout + done.stderr)


def test_a_finished_run_is_not_made_again(cli: Cli, copied: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in copied.rglob("*") if path.is_file()}
    assert cli(*DIRECT, str(copied)).returncode == 0
    kept = {path for path, time_ in before.items() if path.stat().st_mtime_ns == time_}
    assert {path.name for path in before.keys() - kept} == {
        "report.html",
        "report.md",
        "accuracy.png",
        "README.md",
        "run.log",
    }


def test_the_resolved_recipe_makes_the_same_adapter_again(cli: Cli, finished: Path, tmp_path: Path) -> None:
    recipe = str(finished / "recipe.yaml")
    assert cli("train", "addition", "--recipe", recipe, "--out", str(tmp_path / "b")).returncode == 0
    assert (tmp_path / "b" / ADAPTER).read_bytes() == (finished / ADAPTER).read_bytes()


def test_after_ctrl_c_and_kill_9_a_run_gives_the_same_adapter(cli: Cli, finished: Path, tmp_path: Path) -> None:
    """8 steps an epoch: order and state of the second epoch must be those of an unbroken run."""
    folder = tmp_path / "stopped"
    command = ["train", *DIRECT[1:], str(folder)]

    def started(steps: str) -> ready.Started:
        """The command in a process of its own, when it has a whole checkpoint of one of these steps."""
        process = ready.start(command, tmp_path, {**os.environ})
        deadline = time.monotonic() + 120
        while not list(folder.glob(f"checkpoints/checkpoint-{steps}/{SEAL}")) and time.monotonic() < deadline:
            time.sleep(0.01)
        return process

    process = started("[246]")
    os.kill(process.pid, signal.SIGINT)
    done = process.wait()
    assert done.returncode == 130, done.stderr
    assert "goes on" in done.stderr
    assert not (folder / "adapter").exists()

    process = started("1[02]")
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[-1:]
    os.kill(process.pid, signal.SIGKILL)
    done = process.wait()
    assert "going on from step" in done.stderr
    deadline = time.monotonic() + 20
    while Path(f"/proc/{child}/cmdline").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{child}/cmdline").exists()

    again = cli(*command)
    assert again.returncode == 0, again.stderr
    assert re.search(r"going on from step 1\d", again.stderr)
    assert (folder / ADAPTER).read_bytes() == (finished / ADAPTER).read_bytes()
    steps = [json.loads(line)["step"] for line in (folder / "train.jsonl").read_text().splitlines()]
    assert steps == sorted(set(steps))


def test_a_killed_evaluation_goes_on_where_it_was(cli: Cli, copied: Path) -> None:
    scores = (copied / "scores.jsonl").read_text()
    lines = (copied / "generations-M.jsonl").read_text().splitlines(keepends=True)
    kept = [json.dumps({**json.loads(line), "tokens": 7}) + "\n" for line in lines[:4]]
    (copied / "generations-M.jsonl").write_text("".join(kept) + lines[4][:20])
    (copied / "generations-L.jsonl").unlink()
    # A kill leaves the partial marker of the stage and not the final one.
    marker = copied / ".stages" / "eval.json"
    marker.rename(marker.with_name("eval.partial.json"))
    done = cli("eval", str(copied))
    assert done.returncode == 0, done.stderr
    after = (copied / "generations-M.jsonl").read_text().splitlines(keepends=True)
    assert after[:4] == kept
    assert re.search("eval S: 6/6", (copied / "run.log").read_text())
    assert len(after) == len(lines)

    def essence(text: str) -> list[tuple[object, ...]]:
        return [(s["range"], s["index"], s["given"], s["right"]) for s in map(json.loads, text.splitlines())]

    assert essence((copied / "scores.jsonl").read_text()) == essence(scores)


def test_edited_generations_are_refused_until_asked_for_again(cli: Cli, copied: Path) -> None:
    path = copied / "generations-S.jsonl"
    whole = path.read_text()
    path.write_text(whole.replace('"text": "', '"text": "stale', 1))
    for command in ("eval", "report"):
        done = cli(command, str(copied))
        assert (done.returncode, done.stderr.count("\n")) == (1, 2)
        assert "generations-S.jsonl is not what was written" in done.stderr
    assert cli("eval", str(copied), "--again").returncode == 0
    assert path.read_text() == whole


def test_eval_may_change_how_it_decodes_and_nothing_else(cli: Cli, copied: Path) -> None:
    before = (copied / "scores.jsonl").read_text()
    refused = cli("eval", str(copied), "train.epochs=5")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 2)
    done = cli("eval", str(copied), "decode.method=plain", "decode.batch=8")
    assert done.returncode == 0, done.stderr
    assert RunDir.open(copied).recipe.decode.method == "plain"
    assert (copied / "scores.jsonl").read_text() == before
    assert "6 generated" in (copied / "run.log").read_text()


def test_an_adapter_that_is_not_the_trained_one_is_refused(cli: Cli, copied: Path) -> None:
    from safetensors.numpy import save_file

    weights = load_file(copied / ADAPTER)
    save_file({name: values + 0.1 for name, values in weights.items()}, copied / ADAPTER)
    before = {path: path.read_bytes() for path in copied.rglob("*.json*") if path.is_file()}
    for command in (["eval"], ["report"], ["solve", "--random", "S"], ["export", "--merged", str(copied / "m")]):
        done = cli(command[0], str(copied), *command[1:])
        assert (done.returncode, done.stderr.count("\n")) == (1, 2)
        assert "adapter_model.safetensors is not what was written" in done.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_json_output_is_json_alone(cli: Cli, copied: Path) -> None:
    for command in (["eval", str(copied)], ["report", str(copied)], ["tasks"], ["recipes"], ["show", "addition"]):
        done = cli(*command, "--json")
        assert done.returncode == 0, done.stderr
        json.loads(done.stdout)


def test_a_run_folder_of_another_recipe_or_task_is_left_alone(cli: Cli, copied: Path) -> None:
    before = {path: path.read_bytes() for path in copied.rglob("*") if path.is_file()}
    done = cli(*DIRECT, str(copied), "train.epochs=3")
    assert (done.returncode, done.stderr.count("\n")) == (2, 2)
    assert "train.epochs" in done.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_data_changed_behind_the_run_are_refused(cli: Cli, copied: Path) -> None:
    path = copied / "data" / "eval-M.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    done = cli("report", str(copied))
    assert (done.returncode, done.stderr.count("\n")) == (1, 2)
    assert "eval-M.parquet" in done.stderr


def test_two_processes_never_work_in_one_folder(cli: Cli, copied: Path) -> None:
    with RunDir.open(copied).at_work():
        done = cli("report", str(copied))
    assert (done.returncode, done.stderr.count("\n")) == (2, 2)
    assert "another tailkit process" in done.stderr


def test_a_lost_generations_file_is_made_again(cli: Cli, copied: Path) -> None:
    (copied / "generations-M.jsonl").unlink()
    assert cli("eval", str(copied)).returncode == 0
    assert cli("report", str(copied)).returncode == 0
