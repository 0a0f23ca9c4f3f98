"""Runs one function in a fresh process, which ends with it.

In: a function of a module and plain arguments. Out: its result, or the error that it raised.
Training runs apart: what its libraries patch, and the memory that they take, goes with the process.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tailkit.errors import TailkitError
from tailkit.screen import is_muted, logging_to, logs, mute, note

START = "spawn"
"""How a new process starts; tests fork one that has its libraries already."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What launchers of several processes set, and what accelerate and torch go by.
LAUNCHERS = (
    *("WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT"),
    *("PMI_SIZE", "PMI_RANK", "MPI_LOCALRANKID", "SLURM_PROCID", "SLURM_LOCALID", "TORCHELASTIC_RUN_ID"),
    *(f"{mpi}_COMM_WORLD_{what}" for mpi in ("OMPI", "MV2") for what in ("SIZE", "RANK", "LOCAL_RANK")),
)


def forget_launcher(tell: bool) -> None:
    """Drop a launcher's variables, which would make a single process wait for others; `tell` says so."""
    there = [name for name in LAUNCHERS if os.environ.pop(name, None) is not None]
    if there and tell:
        note(
            f"note: {', '.join(there)} of a launcher are not used: this command trains in one process. For several: "
            "`accelerate launch --num_processes N -m tailkit.train RUN`"
        )


class RemoteTraceback(Exception):
    """The traceback of the other process, as text."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of `function(*arguments)` in a new process.

    What it raises is raised here. Ctrl-C and SIGTERM are passed on, and the function decides what
    they mean. If this process dies, the other one ends too. Raises `TailkitError` if it is killed.
    """
    jobs: list[Job] = []
    with passing_on_signals(lambda: jobs):
        jobs.append(Job(function, *arguments))
        return jobs[0].result()


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back while a process starts: it inherits that, and lets them through when it is ready."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # It lets them through itself when it starts, so it has to be there before.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_signals_through() -> None:
    """In a process that was started while they were held: let Ctrl-C and SIGTERM through."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


class Job:
    """A function at work in a new process. It ends when this process does; `pipe` is ready when it has ended."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        context: Any = multiprocessing.get_context(START)
        self.pipe, theirs = context.Pipe()
        self._child = context.Process(target=_work, args=(theirs, function, arguments, logs(), is_muted()))
        with signals_held():
            self._child.start()
        theirs.close()

    def result(self) -> Any:
        """Wait for the result. What the function raised is raised here; `TailkitError` if it was killed."""
        try:
            result, error, trace = self.pipe.recv()
        except EOFError:
            self._child.join()
            if -(self._child.exitcode or 0) in SIGNALS:
                raise KeyboardInterrupt from None
            raise TailkitError(
                f"the process that was at work ended at once (exit code {self._child.exitcode})",
                "If memory ran out, lower train.micro_tokens; the same command goes on where it was.",
            ) from None
        self._child.join()
        if error is not None:
            raise error from RemoteTraceback(f"\n{trace}")
        return result

    def send(self, number: int) -> None:
        """Send a signal to the process, if it still is at work."""
        if self._child.is_alive() and self._child.pid is not None:
            os.kill(self._child.pid, number)


@contextmanager
def passing_on_signals(jobs: Callable[[], list[Job]], heard: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Pass Ctrl-C and SIGTERM on to the jobs that are at work when they come, and tell `heard`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def pass_on(number: int, frame: Any) -> None:
        heard()
        for job in jobs():
            job.send(number)

    before = {number: signal.signal(number, pass_on) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _work(
    pipe: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], logged: list[Path], muted: bool
) -> None:
    mute(muted)
    # Ctrl-C at the terminal reaches the parent alone, which passes it on once.
    if hasattr(os, "setsid"):
        os.setsid()
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler)
    # Libraries print what they like; standard output belongs to the results of the command.
    sys.stdout = sys.stderr
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    with ExitStack() as stack:
        for path in logged:
            stack.enter_context(logging_to(path))
        answer: tuple[Any, BaseException | None, str]
        try:
            let_signals_through()
            answer = (function(*arguments), None, "")
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent raises it
            plain = isinstance(error, TailkitError | KeyboardInterrupt | OSError | ImportError)
            sent = error if plain else TailkitError(f"{type(error).__name__}: {error}", "Run again with --debug.")
            answer = (None, sent, traceback.format_exc())
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    pipe.send(answer)


def serve(parent: int) -> None:
    """Make this process a worker of `parent`: it leaves Ctrl-C to it, and ends when it does, however that is."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    let_signals_through()
    threading.Thread(target=_end_without, args=(parent,), daemon=True).start()


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _end_with_parent(pipe: Connection) -> None:
    """The parent never sends anything: a pipe that has something to say has lost its other end."""
    pipe.poll(None)
    os._exit(1)
