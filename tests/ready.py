"""A process that has its libraries imported, and forks a fresh copy of itself for each command line.

In, on standard input: a request a line (JSON). Out, on standard output: the process id of each, then its exit code.
Starting Python and importing torch and transformers costs seconds each time; a fork costs none,
and is as much a process of its own: what a command changes or leaves behind ends with it.
"""

import atexit
import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

TAILKIT = str(Path(sys.executable).with_name("tailkit"))

LIGHT = ["tailkit.cli", "tailkit.dataset", "tailkit.hardware"]
HEAVY = [
    *LIGHT,
    "torch._dynamo",
    "matplotlib.pyplot",
    "trl.trainer.sft_trainer",
    "peft",
    "transformers.models.lfm2.modeling_lfm2",
    "transformers.models.qwen2.tokenization_qwen2",
    "tailkit.decode",
    "tailkit.report",
    "tailkit.study",
    "tailkit.train",
    "tailkit.use.export",
]
# What these commands load is little, or they have to load it themselves; any other may train or evaluate.
LOADS_LITTLE = ("-", "data", "doctor", "lint", "plan", "recipes", "runs", "show", "tasks")

LONGEST = 900
"""Seconds that a command line may take."""


class Ready:
    """The other end of such a process: runs command lines in it, one at a time."""

    def __init__(self, modules: list[str]) -> None:
        command = [sys.executable, __file__, *modules]
        self._process = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def start(self, arguments: list[str], cwd: Path, environment: dict[str, str]) -> "Started":
        """As `subprocess.Popen([TAILKIT, *arguments])`; the next one may start when this one has ended."""
        assert self._process.stdin is not None
        scratch = tempfile.TemporaryDirectory()
        request = {"arguments": arguments, "cwd": str(cwd), "environment": environment}
        paths = {name: str(Path(scratch.name, name)) for name in ("stdout", "stderr")}
        for path in paths.values():
            Path(path).touch()  # A fork may be killed before it opens them.
        self._process.stdin.write(json.dumps({**request, **paths}).encode() + b"\n")
        return Started(self, arguments, scratch, self.number())

    def number(self) -> int:
        """The next number that the process tells."""
        if not self.has_number(LONGEST):
            self._process.kill()
            raise TimeoutError(f"a command line has not ended after {LONGEST} seconds")
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def has_number(self, seconds: float = 0) -> bool:
        """Whether there is one, now or within so many seconds."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Started:
    """A command line at work in a fork."""

    ready: Ready
    arguments: list[str]
    scratch: tempfile.TemporaryDirectory[str]
    pid: int

    def has_ended(self) -> bool:
        return self.ready.has_number()

    def send(self, number: int) -> None:
        """Send a signal, unless it has ended; its process id is not given away before `wait`."""
        if not self.has_ended():
            os.kill(self.pid, number)

    def wait(self) -> subprocess.CompletedProcess[str]:
        """What it printed and its exit code, when it has ended."""
        code = self.ready.number()
        with self.scratch as scratch:
            out, err = (Path(scratch, name).read_text() for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess([TAILKIT, *self.arguments], code, out, err)


@cache
def ready(light: bool) -> Ready:
    """The one of this process."""
    made = Ready(LIGHT if light else HEAVY)
    atexit.register(made.end)
    return made


def start(arguments: list[str], cwd: Path, environment: dict[str, str]) -> Started:
    """Start `tailkit …` with all of its environment given."""
    # Unsloth has to be imported first.
    light = not arguments or arguments[0].startswith(LOADS_LITTLE) or {"--help", "model.backend=unsloth"} & {*arguments}
    return ready(bool(light)).start(arguments, cwd, environment)


def serve() -> dict[str, Any]:
    """Fork for each request; returns it in the new process. The old one ends with its input."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            return json.loads(line)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def become(request: dict[str, Any]) -> None:
    """Make this process what a fresh one with these arguments would be."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    # Whoever started the tests in the background had them ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [TAILKIT, *request["arguments"]]


def leave(code: object) -> NoReturn:
    """End as Python does, but for taking millions of objects apart, which takes seconds."""
    # Pools of processes are wound up here; what is registered with atexit comes after that.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else code is not None)


if __name__ == "__main__":
    for module in sys.argv[1:]:
        # What is missing is missed by the commands that need it.
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    become(serve())
    from tailkit.__main__ import main
    from tailkit.run import apart

    if "torch" in sys.modules:
        apart.START = "fork"
    try:
        main()
    except SystemExit as end:
        leave(end.code)
    except BaseException:  # noqa: BLE001 - as Python does
        traceback.print_exc()
        leave(1)
    leave(0)
