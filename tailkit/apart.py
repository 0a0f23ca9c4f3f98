"""Runs one function in a fresh process, which ends with it.

In: a function of a module and plain arguments. Out: its result, or the error that it raised.
Training runs apart: what its libraries patch, and the memory that they take, goes with the process.
"""

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tailkit.errors import TailkitError
from tailkit.screen import logging_to, logs


class RemoteTraceback(Exception):
    """The traceback of the other process, as text."""


def run_apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of `function(*arguments)` in a new process.

    What it raises is raised here. Ctrl-C and SIGTERM are passed on, and the function decides what
    they mean. If this process dies, the other one ends too. Raises `TailkitError` if it is killed.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_work, args=(theirs, function, arguments, logs()))
    child.start()
    theirs.close()
    try:
        with _passing_on_signals(child):
            result, error, trace = ours.recv()
    except EOFError:
        child.join()
        raise TailkitError(
            f"the process that was at work ended at once (exit code {child.exitcode})",
            "If memory ran out, lower train.micro_tokens; the same command goes on where it was.",
        ) from None
    child.join()
    if error is not None:
        raise error from RemoteTraceback(f"\n{trace}")
    return result


@contextmanager
def _passing_on_signals(child: Any) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def pass_on(number: int, frame: Any) -> None:
        if child.is_alive():
            os.kill(child.pid, number)

    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _work(pipe: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], logged: list[Path]) -> None:
    # Ctrl-C at the terminal reaches the parent alone, which passes it on once.
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Libraries print what they like; standard output belongs to the results of the command.
    sys.stdout = sys.stderr
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    with ExitStack() as stack:
        for path in logged:
            stack.enter_context(logging_to(path))
        answer: tuple[Any, BaseException | None, str]
        try:
            answer = (function(*arguments), None, "")
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent raises it
            plain = isinstance(error, TailkitError | KeyboardInterrupt | OSError | ImportError)
            sent = error if plain else TailkitError(f"{type(error).__name__}: {error}", "Run again with --debug.")
            answer = (None, sent, traceback.format_exc())
    pipe.send(answer)


def _end_with_parent(pipe: Connection) -> None:
    """The parent never sends anything: a pipe that has something to say has lost its other end."""
    pipe.poll(None)
    os._exit(1)
