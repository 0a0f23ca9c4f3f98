"""What tests share: the CLI through its real entry point, and a small recipe."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import ready

# An oracle's first call imports its library, which may take longer than hypothesis would wait.
settings.register_profile("kit", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=600)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "kit"))

# Tests run side by side, a process a core; more threads than that would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A process that a test starts takes the tailkit that is installed, not the one of the working directory.
os.environ["PYTHONSAFEPATH"] = "1"

GROUPS = {
    "commands": ("test_run", "test_study", "test_backends", "test_notebook", "test_own_task", "test_cli"),
    "torch": ("test_decode", "test_grouped", "test_train", "test_arithmetic", "test_export", "test_models",
              "test_parquet", "test_attention", "test_solve", "test_plan", "test_doctor", "test_cards", "test_choices",
              "test_nano", "test_distributed", "test_laptop"),
}  # fmt: skip
"""Files that one process runs, since they load the same libraries, which takes 12 s: those whose commands load
torch, and those that load it themselves. They come first, so that no process is left alone with them at the end.
A fast test anywhere else starts no command that trains or evaluates, and does not load torch."""
GROUP_OF = {f"{name}.py": group for group, names in GROUPS.items() for name in names}
LONG = ("test_tasks", "test_broken_tasks", "test_holdout", "test_plain_corpus", "test_damage", "test_dataset")
"""Files that take longest of the others. They come next, for the same reason."""

SMALL = {
    "data.train": 24,
    "data.eval": 6,
    "train.epochs": 2,
    # So that a run that goes on needs the state of the random numbers too.
    "lora.dropout": 0.1,
    "train.batch": 2,
    "train.save_every": 2,
    "decode.batch": 6,
    "decode.slack": 1.0,
    "data.ranges.addition.S": "[1,2]",
    "data.ranges.addition.M": "[3,3]",
    "data.ranges.addition.L": "[4,4]",
}
SMALL_OVERRIDES = [f"{key}={value}" for key, value in SMALL.items()]

Cli = Callable[..., subprocess.CompletedProcess[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = [*GROUP_OF, *(f"{name}.py" for name in LONG)]
    items.sort(key=lambda item: order.index(item.path.name) if item.path.name in order else len(order))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each file of tests, or group of them, goes to one process."""
    from xdist.scheduler import LoadFileScheduling

    class ByGroup(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return GROUP_OF.get(Path(file).name, file)

    return ByGroup(config, log)


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """What a command sets in this process, such as --offline, ends with its test."""
    before = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    yield
    for name in os.environ.keys() - before.keys() - {"PYTEST_CURRENT_TEST"}:
        del os.environ[name]
    os.environ.update({name: value for name, value in before.items() if os.environ.get(name) != value})


@pytest.fixture(scope="session")
def cli() -> Cli:
    """Run `tailkit …` in a process of its own; returns what it printed and its exit code.

    The process is forked from one that has its libraries, unless it gets an environment of its own:
    libraries read theirs when they are imported.
    """

    def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "COLUMNS": "120", **environment}
        if environment.keys() <= {"COLUMNS"}:
            return ready.start(list(arguments), cwd or Path.cwd(), env).wait()
        command = [ready.TAILKIT, *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, check=False)

    return run


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """As `cli`, but in this process, with the libraries that it has and whatever a test has replaced."""
    from tailkit.cli import run_command

    def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["tailkit", *arguments])
            for name, value in {"COLUMNS": "120", **environment}.items():
                patch.setenv(name, value)
            patch.chdir(cwd or Path.cwd())
            capsys.readouterr()
            code = run_command()
            printed = capsys.readouterr()
        return subprocess.CompletedProcess(list(arguments), code, printed.out, printed.err)

    return run


@pytest.fixture
def blank_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports have figures of a few bytes, as those of `finished_run`."""
    from tests.small import draw_nothing

    draw_nothing(monkeypatch)


@pytest.fixture
def only_kit_tasks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Task files that this test adds are known to it alone."""
    from tailkit import tasks
    from tailkit.tasks.contract import registry

    monkeypatch.setattr(registry, "_added", {})
    tasks.load.cache_clear()
    yield
    tasks.load.cache_clear()


@pytest.fixture
def tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Task files are tried in this process, which takes a hundredth of the time of another one."""
    from tailkit.tasks.contract import isolated, trial

    monkeypatch.setattr(isolated, "examine", lambda jobs: [trial.work(job, None) for job in jobs[:1]])


def started(command: list[str]) -> subprocess.Popen[str]:
    """A process that Ctrl-C reaches, even where the tests themselves run in the background."""
    return subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )


def in_chromium(page: Path, scratch: Path, width: int = 1000) -> tuple[str, int]:
    """A page as Debian's Chromium builds it at so many points width, and how many points wider than that it is."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Debian's chromium is not installed")
    # The page itself has no script; the copy tells its width in an attribute.
    tell = "<script>document.body.dataset.over = document.documentElement.scrollWidth - innerWidth</script></body>"
    copy = scratch / "page.html"
    copy.write_text(page.read_text().replace("</body>", tell))
    call = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={scratch / 'profile'}",
            "--disable-background-networking", "--virtual-time-budget=2000", f"--window-size={width},800",
            "--dump-dom", copy.as_uri()]  # fmt: skip
    dom = subprocess.run(call, capture_output=True, text=True, check=True, timeout=60).stdout
    (over,) = re.findall(r'data-over="(-?\d+)"', dom)
    return dom, int(over)
