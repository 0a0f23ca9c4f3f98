"""What tests share: the CLI through its real entry point, and a small recipe."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import ready

# An oracle's first call imports its library, which may take longer than hypothesis would wait.
settings.register_profile("kit", deadline=None)
settings.load_profile("kit")

# Tests run side by side, a process a core; more threads than that would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A process that a test starts takes the tailkit that is installed, not the one of the working directory.
os.environ["PYTHONSAFEPATH"] = "1"

GROUPS = {
    "commands": ("test_run", "test_backends", "test_study", "test_own_task", "test_export", "test_cli", "test_solve"),
    "torch": ("test_decode", "test_grouped", "test_train", "test_parquet", "test_nano", "test_attention",
              "test_distributed", "test_models", "test_doctor", "test_laptop"),
}  # fmt: skip
"""Files that one process runs, since they load the same libraries, which takes 12 s: those whose commands load
torch, and those that load it themselves. They come first, so that no process is left alone with them at the end."""
GROUP_OF = {f"{name}.py": group for group, names in GROUPS.items() for name in names}

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

RUN = ["run", "addition", "--recipe", "nano", *SMALL_OVERRIDES, "--workers", "1", "--out"]

Cli = Callable[..., subprocess.CompletedProcess[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = list(GROUP_OF)
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
    from tailkit.tasks.contract import apart, trial

    monkeypatch.setattr(apart, "examine", lambda jobs: [trial.work(job, None) for job in jobs[:1]])


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
