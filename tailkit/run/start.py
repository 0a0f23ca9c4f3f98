"""What a process that a user started does first: output that takes any text, one answer to the signals that stop it.

In: standard streams and signals as the process got them. Out: the same, prepared. Loads nothing but
Python's own modules, so that Ctrl-C is answered from the first moment on.
"""

import _thread
import codecs
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, NoReturn

SYSTEM = sys.platform
WINDOWS = (
    "error: tailkit runs on Linux and macOS; on Windows it runs in WSL 2, which sees NVIDIA's cards too\n"
    "`wsl --install` sets it up; then install tailkit in its Linux.\n"
)
NO_SYSTEM = 3
"""The exit code where the system is not one that tailkit runs on."""
INTERRUPTED = 130
"""The exit code of a process that was stopped."""
MESSAGE = "error: interrupted\nThe same command goes on where it was.\n"

STOPS = [signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Signals that stop a process: Ctrl-C, a scheduler's request, a terminal that was closed."""

AGAIN = 5.0
"""Seconds after which a process that was asked to stop, but is still at work, is asked once more."""

# What these look like in encodings that lack them; anything else is shown as its code.
_LIKENESS = {
    **dict.fromkeys("–—−‐‑━─", "-"),
    **dict.fromkeys("‘’′", "'"),
    **dict.fromkeys("“”″", '"'),
    **{"…": "...", "·": "*", "×": "x", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≈": "~", "±": "+-"},
    **dict.fromkeys("\u00a0\u2009\u202f", " "),
}
_heard: list[int] = []


def refuse_windows() -> None:
    """End here where the system lacks what runs rest on: signals that can be answered, locks, flushed folders."""
    if SYSTEM == "win32":
        sys.stderr.write(WINDOWS)
        sys.exit(NO_SYSTEM)


def prepare_output() -> None:
    """Have standard output and error take any text: what their encoding lacks is written in ASCII.

    Streams that were closed become the null device, so that no file of ours takes their place.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    codecs.register_error("tailkit", _in_ascii)
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open to the end
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="tailkit")


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_LIKENESS.get(char) or ascii(char)[1:-1] for char in lacking), error.end


def take_signals() -> None:
    """Have each of `STOPS` raise `KeyboardInterrupt`, but for those that are ignored, as `nohup` has it."""
    sys.unraisablehook = _unraisable
    for number in heeded():
        signal.signal(number, _interrupt)


def heeded() -> list[signal.Signals]:
    """Those of `STOPS` that this process does not ignore."""
    return [number for number in STOPS if signal.getsignal(number) is not signal.SIG_IGN]


def is_stopping() -> bool:
    """Whether this process was asked to stop, even if a library made another error of that or swallowed it."""
    return bool(_heard)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    _heard.append(number)
    timer = threading.Timer(AGAIN, _thread.interrupt_main, (number,))
    timer.daemon = True
    timer.start()
    raise KeyboardInterrupt


def _unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    # An interrupt in a destructor goes no further; it comes again.
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)


def end_interrupted(message: str = MESSAGE) -> NoReturn:
    """Say that the work was stopped, and end at once: at the interpreter's own end another signal would be a traceback.

    Nothing is left to do then: all `finally` clauses have run, and child processes end with their parent.
    """
    for text, stream in (("", sys.stdout), (f"{message.rstrip()}\n", sys.stderr)):
        try:
            stream.write(text)
            stream.flush()
        except (OSError, RuntimeError, ValueError):
            pass  # nobody is there any more to read it
    os._exit(INTERRUPTED)
