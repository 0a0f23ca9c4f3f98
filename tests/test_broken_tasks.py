"""A broken task file is refused by name, in two lines, before any data are written."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tailkit import dataset, pipeline, recipe, tasks
from tailkit.cli import app
from tailkit.errors import TailkitError, UsageError
from tailkit.tasks.contract import guard, isolated
from tests import broken_tasks
from tests.broken_tasks import DRAWN, GCD, ORACLE, RUN, Edit, source, write
from tests.conftest import Cli

pytestmark = pytest.mark.usefixtures("only_kit_tasks")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "tasks" / "gcd.py"


def order_of(name: str, train: int = 20) -> dataset.Order:
    return dataset.order_of(name, recipe.load("paper", [f"data.train={train}", "data.eval=3"], task=name))


def refused(edit: Edit, own: Path) -> None:
    """The file is refused by name with what the edit says, and no data folder is made."""
    tasks.add(write(own, source(edit)))
    data = own.parent / "data"
    with pytest.raises(UsageError) as refusal:
        pipeline.write_data({data: order_of("gcd")}, workers=1)
    text = str(refusal.value)
    assert edit.said in text
    assert text.startswith("task gcd (")
    assert "gcd.py): " in text
    assert "tailkit/tasks/README.md" in text
    assert len(text.splitlines()) == 2
    assert len(text) <= 500
    assert not data.exists()


@pytest.mark.usefixtures("tried_here")
@pytest.mark.parametrize("edit", broken_tasks.SHAPE.values(), ids=broken_tasks.SHAPE)
def test_names_that_are_missing_or_malformed(edit: Edit, own: Path) -> None:
    refused(edit, own)


@pytest.mark.usefixtures("tried_here")
@pytest.mark.parametrize("edit", broken_tasks.CALLS.values(), ids=broken_tasks.CALLS)
def test_functions_that_give_what_they_must_not(edit: Edit, own: Path) -> None:
    refused(edit, own)


@pytest.mark.usefixtures("tried_here")
@pytest.mark.parametrize("edit", broken_tasks.PROGRAMS.values(), ids=broken_tasks.PROGRAMS)
def test_programs_that_break_the_rules_of_the_tape(edit: Edit, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailkit.tape.machine.MOST_STATES", 1_000)
    refused(edit, own)


@pytest.mark.usefixtures("tried_here")
@pytest.mark.parametrize("edit", broken_tasks.CHEATS.values(), ids=broken_tasks.CHEATS)
def test_programs_whose_trace_does_not_show_what_it_rests_on(edit: Edit, own: Path) -> None:
    refused(edit, own)


@pytest.mark.parametrize("edit", broken_tasks.FILES.values(), ids=broken_tasks.FILES)
def test_files_that_do_not_come_to_their_end(edit: Edit, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "IMPORT_SECONDS", 1.0)
    refused(edit, own)


@pytest.fixture
def opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file itself comes to its end, so that no process is spent on that alone."""
    monkeypatch.setattr(isolated, "try_file", lambda name, file: None)


@pytest.mark.usefixtures("opens")
@pytest.mark.parametrize("edit", broken_tasks.CHANGING.values(), ids=broken_tasks.CHANGING)
def test_files_that_give_other_bytes_on_each_run(edit: Edit, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "'xx'" not in edit.new:  # sets of more than two are hardly ever ordered alike
        monkeypatch.setattr("tailkit.tasks.contract.verify.MORE_PROCESSES", 3)
    refused(edit, own)


@pytest.mark.usefixtures("opens")
@pytest.mark.parametrize("edit", broken_tasks.ENDLESS.values(), ids=broken_tasks.ENDLESS)
def test_calls_that_never_come_back(edit: Edit, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SECONDS", 1.0)
    monkeypatch.setattr(isolated, "GRACE", 0.5)
    monkeypatch.setattr("tailkit.tasks.contract.verify.PROCESSES", 1)
    refused(edit, own)


PATHS = {
    "missing.py": "does not exist",
    "none": "no folder with one in it",
    "notes.txt": "is no Python file",
    "helper.py": "holds no task: it defines none of the names",
    "helpers": "holds no task",
    "addition.py": "cannot name a task of your own",
    "all.py": "cannot name a task of your own",
    "my-task.py": "cannot name a task of your own",
    "folder.py": "no folder with one in it",
    f"{'x' * 300}.py": "cannot be read: File name too long",
}


@pytest.mark.parametrize("name", PATHS, ids=lambda name: name[:12])
def test_paths_without_a_task_are_refused_by_name(tmp_path: Path, name: str) -> None:
    for file in ("addition.py", "all.py", "my-task.py", "notes.txt"):
        write(tmp_path / file, GCD)
    for folder in ("none", "folder.py"):
        (tmp_path / folder).mkdir()
    write(tmp_path / "helpers" / "helper.py", write(tmp_path / "helper.py", "def help(): pass\n").read_text())
    with pytest.raises(UsageError, match=PATHS[name]) as refusal:
        tasks.add(tmp_path / name)
    assert name[-20:] in str(refusal.value)
    assert len(str(refusal.value)) <= 500
    assert len(str(refusal.value).splitlines()) == 2


def test_show_holds_a_file_to_its_oracle_too(own: Path) -> None:
    write(own, GCD.replace(RUN, "return b, max(a % b - 1, 0), a // b"))
    with pytest.raises(UsageError, match="the oracle"):
        CliRunner().invoke(app, ["show", "gcd", "--tasks-from", str(own), "--n", "3"], catch_exceptions=False)


@pytest.mark.usefixtures("tried_here")
def test_data_without_a_single_row_are_no_success(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailkit.dataset.stream.PATIENCE", 100)
    tasks.add(write(own, GCD.replace(DRAWN, "return {'a': 10 ** (low - 1), 'b': 1}")))
    with pytest.raises(TailkitError, match="not one problem was found"):
        pipeline.write_data({own.parent / "data": order_of("gcd")}, workers=1)
    assert not (own.parent / "data" / "manifest.json").exists()


# One problem in many: the trial of the file does not see it, making the rows does.
RARE = {
    "exit()": ("exit()", "oracle calls exit()"),
    "an error": ("raise RuntimeError('x')", "oracle: RuntimeError: x"),
    "no text": ("return 7", "oracle gives int (7), not a str"),
    "a special token": ("return '<|im_end|>'", "holds the special token <|im_end|>"),
    "a loop without end": ("while True: pass", "oracle did not end within 1 s"),
}


def rare(what: str) -> str:
    return GCD.replace(ORACLE, f"if data['a'] == 78:\n        {what}\n    {ORACLE}")


@pytest.mark.usefixtures("opens")
@pytest.mark.parametrize("what", RARE)
def test_a_rare_fault_is_named_when_its_row_is_made(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr("tailkit.tasks.contract.verify.PROCESSES", 1)
    code, said = RARE[what]
    tasks.add(write(own, rare(code)))
    order = order_of("gcd", train=2_000)
    monkeypatch.setattr(guard, "SECONDS", 1.0)
    with pytest.raises(UsageError, match=re.escape(said)) as refusal:
        pipeline.write_data({tmp_path / "data": order}, workers=1)
    assert '"a": 78' in str(refusal.value)
    assert not (tmp_path / "data" / "manifest.json").exists()


@pytest.mark.parametrize(
    "edit",
    [
        broken_tasks.FILES["exit()"],
        broken_tasks.ENDLESS["KeyboardInterrupt"],
        Edit(ORACLE, f"if data['a'] == 78:\n        exit()\n    {ORACLE}", "oracle calls exit()"),
    ],
    ids=["exit", "KeyboardInterrupt", "rare"],
)
def test_the_command_line_refuses_a_file_with_exit_code_2(cli: Cli, own: Path, tmp_path: Path, edit: Edit) -> None:
    write(own, source(edit))
    done = cli("data", "gcd", "--tasks-from", str(own), "--count", "700", "data.eval=3", "--mix", "1:0:0",
               "--workers", "2", "--out", str(tmp_path / "data"))  # fmt: skip
    assert done.returncode == 2, done.stderr
    error = done.stderr[done.stderr.index("error: ") :]
    assert "task gcd (" in error
    assert edit.said in error
    assert len(error.strip().splitlines()) == 2
    assert not (tmp_path / "data" / "manifest.json").exists()


def hanging(own: Path) -> isolated.Trial:
    write(own, source(broken_tasks.ENDLESS["a sampler that swallows errors"]))
    return isolated.Trial("gcd", str(own), {"S": (1, 2)}, {}, 1)


@pytest.fixture
def heeding_ctrl_c() -> Iterator[None]:
    """Whoever started the tests in the background had them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding_ctrl_c")
def test_ctrl_c_ends_a_trial_and_its_processes(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[str]] = []

    class Watched(subprocess.Popen):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)

    def interrupt() -> None:
        while len(started) < 2:
            time.sleep(0.01)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        isolated.examine([hanging(own), hanging(own)])
    assert [process.poll() for process in started] == [-signal.SIGKILL] * 2


@pytest.mark.skipif(not Path("/proc").exists(), reason="no /proc to look a process up in")
def test_a_trial_ends_with_the_process_that_asked_for_it(own: Path) -> None:
    code = (
        "from tailkit.tasks.contract import isolated\n"
        f"child = isolated._Child(isolated.Trial(**{hanging(own).__dict__!r}))\n"
        "print(child.process.pid, flush=True)\nchild.result()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    status = Path(f"/proc/{child}/status")
    for _ in range(100):
        if not status.exists() or "zombie" in status.read_text():
            return
        time.sleep(0.05)
    pytest.fail("the trial goes on without its parent")
