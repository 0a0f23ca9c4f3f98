"""Processes beside this one: one function in a fresh process, which ends with it, and workers that serve.

In: a function of a module and plain arguments. Out: its result, or the error that it raised.
Training and whatever else loads a model beside another one run apart: what their libraries patch, and the memory
that they take, goes with the process.
"""

import multiprocessing
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, Generic, TypeVar, TypeVarTuple

from tailkit import screen
from tailkit.errors import Interrupted, TailkitError, cut
from tailkit.run.start import STOPS, heeded, is_stopping, prepare_output, take_signals
from tailkit.screen import note

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

START = "spawn"
"""How a new process starts; tests fork one that has its libraries already."""

# What launchers of several processes set, and what accelerate and torch go by.
LAUNCHERS = re.compile(
    r"WORLD_SIZE|RANK|LOCAL_RANK|LOCAL_WORLD_SIZE|GROUP_RANK|GROUP_WORLD_SIZE|ROLE_\w+|MASTER_ADDR|MASTER_PORT|"
    r"FORK_LAUNCHED|(PMI|PMIX|MPI|OMPI|MV2|TORCHELASTIC|FSDP|PARALLELISM_CONFIG|MEGATRON_LM)_\w+|"
    r"ACCELERATE_(USE_(DEEPSPEED|FSDP|MEGATRON_LM|PARALLELISM_CONFIG)|MIXED_PRECISION|DEEPSPEED_\w+)"
)


def forget_launcher(tell: bool) -> None:
    """Drop a launcher's variables, which would make a single process wait for others; `tell` says so."""
    there = [name for name in sorted(os.environ) if LAUNCHERS.fullmatch(name)]
    for name in there:
        del os.environ[name]
    if there and tell:
        shown = ", ".join(there[:3]) + (f" and {len(there) - 3} more" if len(there) > 3 else "")
        note(
            f"note: {shown} of a launcher: not used, since this command trains in one process. For several: "
            "`accelerate launch --num_processes N -m tailkit.train RUN`"
        )


class RemoteTraceback(Exception):
    """The traceback of the other process, as text."""


def run_apart(function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
    """The result of `function(*arguments)` in a new process.

    What it raises is raised here. Ctrl-C, SIGTERM and SIGHUP are passed on, and the function decides what
    they mean; if it ends otherwise than with `Interrupted`, `KeyboardInterrupt` is raised.
    If this process dies, the other one ends too. Raises `TailkitError` if it is killed.
    """
    jobs, heard = list[Child[Result]](), list[int]()
    with passing_on_signals(lambda: jobs, heard.append):
        jobs.append(Child(function, *arguments))
        if heard:  # A signal that came while the process began has not reached it.
            jobs[0].send(heard[0])
        try:
            result = jobs[0].result()
        except Interrupted:
            raise
        except Exception:
            if not heard:
                raise
    if heard:
        raise KeyboardInterrupt
    return result


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold the signals that stop a process back while another one starts: that inherits it until it is ready."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        # Python's resource tracker inherits it for good; it lets some of them through here when it starts.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_signals_through() -> None:
    """In a process that was started while they were held: let them through."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


class Child(Generic[Result]):
    """A function at work in a new process. It ends when this process does; `pipe` is ready when it has ended."""

    def __init__(self, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> None:
        context: Any = multiprocessing.get_context(START)
        self.pipe, theirs = context.Pipe()
        self._child = context.Process(target=_work, args=(theirs, function, arguments, screen.settings()))
        with signals_held():
            self._child.start()
        theirs.close()

    def result(self) -> Result:
        """Wait for the result. What the function raised is raised here; `TailkitError` if it was killed."""
        try:
            answer: tuple[Result, BaseException | None, str] = self.pipe.recv()
        except EOFError:
            self._child.join()
            if -(self._child.exitcode or 0) in STOPS:
                raise KeyboardInterrupt from None
            raise TailkitError(
                f"the process that was at work ended at once (exit code {self._child.exitcode})",
                "If memory ran out, lower train.micro_tokens or end other programs; then run it again.",
            ) from None
        self._child.join()
        result, error, trace = answer
        if error is not None:
            raise error from RemoteTraceback(f"\n{trace}")
        return result

    def send(self, number: int) -> None:
        """Send a signal to the process, if it still is at work."""
        # Windows sends Ctrl-C to all processes of a console itself, and knows no other signal that can be answered.
        if os.name != "nt" and self._child.is_alive() and self._child.pid is not None:
            os.kill(self._child.pid, number)


@contextmanager
def passing_on_signals(jobs: Callable[[], Sequence["Child[Any]"]], heard: Callable[[int], None]) -> Iterator[None]:
    """Pass the signals that stop a process on to the jobs that are at work when they come, and tell `heard`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def pass_on(number: int, frame: FrameType | None) -> None:
        heard(number)
        for job in jobs():
            job.send(number)

    before = {number: signal.signal(number, pass_on) for number in heeded()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _work(
    pipe: Connection, function: Callable[..., object], arguments: tuple[object, ...], settings: screen.Settings
) -> None:
    # Ctrl-C at the terminal reaches the parent alone, which passes it on once.
    if hasattr(os, "setsid"):
        os.setsid()
    take_signals()
    prepare_output()
    # Libraries print what they like; standard output belongs to the results of the command.
    sys.stdout = sys.stderr
    _end_with_parent()
    with screen.like(settings):
        answer: tuple[object, BaseException | None, str]
        try:
            let_signals_through()
            answer = (function(*arguments), None, "")
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent raises it
            answer = (None, _portable(error), traceback.format_exc())
    _leave_signals()
    pipe.send(answer)


def _portable(error: BaseException) -> BaseException:
    """The error as another process can read it."""
    if isinstance(error, Interrupted):
        return error
    if is_stopping():
        return KeyboardInterrupt()  # whatever a library has made of it
    if isinstance(error, TailkitError | KeyboardInterrupt | OSError | ImportError):
        return error
    return TailkitError(f"{type(error).__name__}: {cut(error)}", "Run again with --debug.")


def serve() -> None:
    """Make this process a worker: it leaves signals to its parent, and ends when that does, however that is."""
    _leave_signals()
    let_signals_through()
    _end_with_parent()


def _leave_signals() -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def _end_with_parent() -> None:
    """From now on this process ends at once when its parent has ended, also when that was killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
