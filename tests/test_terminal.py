"""What a person at a terminal meets: brackets that are no markup, Ctrl-C at any moment, narrow and plain screens."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tailkit
from tailkit.cli import run_command
from tailkit.run import start
from tailkit.screen import Bar, console, out, part, progress
from tests.conftest import SMALL_OVERRIDES, Cli

MODULES = sorted(Path(tailkit.__file__).parent.rglob("*.py"))
CONSOLE = Path(console.__file__)
TAILKIT = [sys.executable, "-m", "tailkit"]
posix = pytest.mark.skipif(not hasattr(os, "killpg"), reason="signals of POSIX")


@pytest.mark.parametrize("text", ["[1, 2]", "[bold]x[/bold]", "[/b]", "a :smile: b", "[link=x]y", r"\[x]", "[red]"])
def test_what_comes_from_elsewhere_is_shown_as_it_is(text: str) -> None:
    with out.capture() as shown:
        out.print(text, soft_wrap=True)
    assert shown.get() == f"{text}\n"


# What could take a text for markup, or a table that cuts its cells.
ELSEWHERE = re.compile(
    r"\bConsole\(|from rich import|import rich\b|rich\.(print|table|prompt|panel|markup|progress|markdown)\b"
    r"|from_markup|typer\.(echo|secho|style|progressbar)|markup=True|highlight=True"
)


def test_only_one_module_makes_consoles_and_tables() -> None:
    assert [path for path in MODULES if ELSEWHERE.search(path.read_text(encoding="utf-8"))] == [CONSOLE]


def test_a_path_with_brackets_is_named_whole(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "a[b] [/c]"
    done = cli("data", "addition", "--count", "4", "data.eval=3", "--workers", "1", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    assert str(folder / "train.parquet") in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "cp1252", "utf-8"])
def test_no_encoding_ends_a_command(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (["recipes"], ["show", "word_flip", "--n", "12"]):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "argv", ["tailkit", *command])
        monkeypatch.setattr(sys, "stdout", stream)
        start.prepare_output()
        assert run_command() == 0
        stream.flush()
        assert stream.detach().getvalue().decode(encoding)


def test_a_process_takes_the_encoding_of_its_environment() -> None:
    command, environment = [*TAILKIT, "recipes"], {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("ascii")


def test_progress_never_goes_past_its_total(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("rows", 6, "rows") as bar:
        for done in range(1, 25):
            bar.update(done)
    shown = capsys.readouterr().err
    assert shown.startswith("rows: 24/24, ")
    assert "left" not in shown
    assert shown.count("\n") == 1


def test_progress_tells_the_time_left_for_stage_and_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    with part(after=2.25), Bar("train", 12, "steps", done=6) as bar:
        now = 30.0
        bar.update(9)
        assert str(bar.line(80)).startswith("train 9/12  30 s left, whole run 5 min, 0.10 steps/s")
    assert "30 s, 30 s left, whole run 5 min" in capsys.readouterr().err


def test_a_broken_pipe_ends_quietly() -> None:
    command = f"{sys.executable} -m tailkit recipes show nano | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("path", ["x" * 300, "a/\udcff/b", "y/" * 2500])
def test_an_impossible_path_is_one_or_two_lines(cli: Cli, tmp_path: Path, path: str) -> None:
    done = cli("data", "addition", "--count", "2", "data.eval=1", "--workers", "1", "--out", path, cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) <= 2
    assert len(done.stderr) < 600
    assert "Traceback" not in done.stderr


MOMENTS = [(moment, number) for moment in (0.0, 0.05, 0.3, 1.0) for number in (signal.SIGINT, signal.SIGTERM)]


@posix
@pytest.mark.parametrize(
    ("moment", "number"), [*MOMENTS[::3], *(pytest.param(*each, marks=pytest.mark.slow) for each in MOMENTS)]
)
def test_a_signal_at_any_moment_is_one_message_and_130(tmp_path: Path, moment: float, number: int) -> None:
    """At `moment` seconds after the first line of the command: imports, data, the start of a process."""
    command = [*TAILKIT, "run", "addition", "--recipe", "nano", *SMALL_OVERRIDES, "--out", str(tmp_path / "r")]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )  # fmt: skip
    assert process.stderr is not None
    first = process.stderr.readline()
    time.sleep(moment)
    os.killpg(process.pid, number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, first + stderr
    assert "Traceback" not in stderr
    assert "goes on" in stderr


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_process_that_they_work_for(tmp_path: Path, number: int) -> None:
    command = [*TAILKIT, "data", "lcs", "--count", "90000", "--workers", "2", "--out", str(tmp_path / "d")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 60
    workers: list[str] = []
    while len(workers) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
        workers = [pid for pid in children.read_text().split() if b"spawn_main" in command_of(pid)]
    assert len(workers) == 2
    time.sleep(0.3)
    process.send_signal(number)
    process.wait(timeout=60)
    while any(b"spawn_main" in command_of(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in workers if b"spawn_main" in command_of(pid)]


def command_of(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("name", ["WORLD_SIZE", "LOCAL_RANK", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE"])
def test_a_launcher_s_variables_are_dropped_and_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tailkit.run.apart import forget_launcher

    monkeypatch.setenv(name, "2")
    forget_launcher(tell=True)
    assert name not in os.environ
