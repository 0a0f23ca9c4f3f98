"""The command line itself: bad input, odd folders, Ctrl-C and pipes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tailkit.cli import run_command
from tailkit.records import RANGES
from tests.conftest import SMALL_OVERRIDES, Cli, started


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["run", "adition"], 2, "addition"),
        (["run", "addition", "data.variant=tial"], 2, "tail"),
        (["run", "addition", "train.epoch=1"], 2, "epochs"),
        (["run", "addition", "--recipe", "nanno"], 2, "nano"),
        (["run", "addition", "--recipe", "hobby"], 3, "GPU"),
        (["run", "addition", "--out", "/proc/nowhere"], 2, "/proc/nowhere"),
        (["data", "addition", "--range", "X"], 2, "S, M, L"),
        (["data", "addition", "--split", "test"], 2, "eval"),
        (["data", "addition", "--count", "-5"], 2, "--count"),
        (["data", "addition", "--mix", "much"], 2, "8:1:1"),
        (["data", "addition", "--mix", "1:1:1", "--range", "S"], 2, "neither"),
        (["data", "addition", "--mix", "1:1:1", "--split", "eval"], 2, "neither"),
        (["data", "addition", "data.ranges.adition.S=[2,3]"], 2, "addition"),
        (["data", "addition", "data.ranges.addition.S=[2,40]"], 2, "overlap"),
        (["show", "addition", "--n", "5000"], 2, "The longest is 100"),
        (["recipes", "copy", "nano", "mine"], 2, ".yaml"),
        (["show", "addition", "--variant", "nofetch"], 2, "no-fetch"),
        (["eval", "nowhere"], 2, "recipe.yaml"),
        (["report", "nowhere"], 2, "recipe.yaml"),
        (["recipes", "show", "nanno"], 2, "nano"),
        (["recipes", "paint"], 2, "copy"),
        (["run", "addition", "--recipe", "nano", "train.report_to=mlflow"], 3, "pip install mlflow"),
        (["run", "addition", "--recipe", "nano", "model.name=./nowhere"], 2, "nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_input_gets_a_short_message_and_its_exit_code(
    cli: Cli, tmp_path: Path, arguments: list[str], code: int, named: str
) -> None:
    done = cli(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    if "Usage" not in done.stderr:
        assert done.stderr.count("\n") <= 4


LONG = "y" * 3000
DEEP = "/".join(["d" * 200] * 15)


@pytest.mark.parametrize(
    "arguments",
    [
        ["tasks", "--tokenizer", DEEP],
        ["show", "addition", "--set", LONG],
        ["show", "addition", "--compare", LONG],
        ["show", LONG],
        ["data", "addition", "--variant", LONG, "--out", "d"],
        ["data", "addition", "--tasks-from", DEEP],
        *([command, DEEP] for command in ("solve", "eval", "report", "runs", "export", "study", LONG)),
        ["compare", DEEP, DEEP],
        ["export", "r", "--quant", LONG],
        ["recipes", "show", DEEP],
        ["recipes", "copy", "nano", DEEP],
        ["plan", "addition", "--recipe", DEEP],
        ["plan", "addition", f"train.{LONG}=3"],
        ["plan", "addition", "--memory", LONG],
        ["plan", "addition", f"--{LONG}"],
    ],
    ids=lambda arguments: " ".join(argument[:12] for argument in arguments),
)
def test_no_value_however_long_makes_a_long_message(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tailkit", *arguments])
    assert run_command() in (2, 3)
    said = capsys.readouterr().err
    assert 0 < len(said) <= 500
    assert len(said.splitlines()) <= 2


def test_a_row_longer_than_the_context_does_not_fit(cli: Cli, tmp_path: Path) -> None:
    ranges = [f"data.ranges.addition.{name}=[{n},{n}]" for name, n in zip(RANGES, (130, 131, 132), strict=True)]
    done = cli(
        "train", "addition", "--recipe", "nano", "data.train=4", "data.eval=1", *ranges, "--out", str(tmp_path / "r")
    )
    assert done.returncode == 4, done.stderr
    assert "tokens" in done.stderr
    assert not (tmp_path / "r" / "adapter").exists()


def test_a_folder_that_a_kill_left_half_made_is_used_again(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / ".recipe.yaml.tmp").write_text("half")
    (tmp_path / "r" / "env.json").write_text("{}")
    quick = [*SMALL_OVERRIDES, "data.variant=direct", "data.train=4", "train.epochs=1"]
    done = cli("train", "addition", "--recipe", "nano", *quick, "--out", str(tmp_path / "r"))
    assert done.returncode == 0, done.stderr


def test_ctrl_c_while_data_are_made_says_how_to_go_on(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("tailkit")), "data", "addition", "--out", str(tmp_path / "d")]
    with started(command) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "d").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "goes on" in stderr
    assert not (tmp_path / "d" / "manifest.json").exists()


def test_debug_shows_the_traceback_and_keeps_the_exit_code(cli: Cli) -> None:
    done = cli("show", "adition", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_recipes_can_be_copied_and_are_never_overwritten(cli: Cli, tmp_path: Path) -> None:
    assert cli("recipes", "copy", "nano", "mine.yaml", cwd=tmp_path).returncode == 0
    assert cli("recipes", "show", "mine.yaml", cwd=tmp_path).stdout == cli("recipes", "show", "nano").stdout
    assert cli("recipes", "copy", "nano", "mine.yaml", cwd=tmp_path).returncode == 2


def test_the_shell_completes_commands(cli: Cli) -> None:
    done = cli(_TAILKIT_COMPLETE="complete_bash", COMP_WORDS="tailkit da", COMP_CWORD="1")
    assert "data" in done.stdout.split()


def test_output_cut_off_by_a_pipe_is_no_error() -> None:
    command = f"{Path(sys.executable).with_name('tailkit')} show addition --n 50 --plain | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env=dict(os.environ))
    assert "Traceback" not in done.stderr
    assert done.stdout
