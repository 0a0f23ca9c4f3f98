"""Calls the functions of a user's task file, so that whatever they do is named.

In: a function of the file. Out: the same function, guarded: what it prints goes to standard error;
an error, an exit, a call without end or a result of the wrong kind is a `UsageError` that names it.
"""

import functools
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailkit.errors import UsageError, cut
from tailkit.records import Baseline, Line
from tailkit.tape import ProgramError, mistakes
from tailkit.tasks.contract.refusal import REASON, of_problem, refusal, unfit

SECONDS = 10.0
"""How long one call may take, such as an oracle's for one problem."""
IMPORT_SECONDS = 60.0
"""How long running the file may take: it may import large libraries."""
START_SECONDS = 120.0
"""How long Python itself may take to start, on a machine that has much else to do."""

Teller = Callable[[str, str, float], None]
"""Is told what is about to be called, for which problem, and how many seconds it may take."""


class OutOfTime(BaseException):
    """A call took too long. No `Exception`, so that a file's own `except Exception` does not catch it."""


@dataclass(frozen=True)
class Form:
    """What a function of a task file gives: in words, and how to tell."""

    text: str
    fits: Callable[[Any], bool]


KINDS = {
    "sample": Form("a dict", lambda value: isinstance(value, dict)),
    "length": Form("an int", lambda value: type(value) is int),
    "key": Form("a str", lambda value: type(value) is str),
    "support": Form("an int from 1 up, or None", lambda value: value is None or (type(value) is int and value > 0)),
    "oracle": Form("a str", lambda value: type(value) is str),
    "equal": Form("True or False", lambda value: type(value) is bool),
    "fill": Form("a dict", lambda value: isinstance(value, dict)),
    "unfill": Form("a dict", lambda value: isinstance(value, dict)),
    "write": Form("a str", lambda value: type(value) is str),
    "read": Form("a str or None", lambda value: value is None or type(value) is str),
}


@dataclass(frozen=True)
class Guard:
    """Stands between the kit and one task file."""

    name: str
    file: Path
    tell: Teller | None = None

    def calling(self, what: str, data: Any = None) -> "Call":
        """Call some of the file's code in a `with`: whatever it must not do is a `UsageError` that names `what`.

        `data` is the problem that it works on. Only Ctrl-C passes through.
        """
        return Call(self, what, data, SECONDS)

    def running(self) -> "Call":
        """The same for running the file itself."""
        return Call(self, "the file", None, IMPORT_SECONDS)

    def function(self, name: str, function: Callable[..., Any], like: str = "") -> Callable[..., Any]:
        """A function of the file, guarded; it gives what the one called `like` does. The kit's own need no guard."""
        module = getattr(function, "__module__", None) or ""
        if module.startswith("tailkit.tasks.shelf."):
            return function
        kind = KINDS[like or name.rsplit(".", maxsplit=1)[-1]]

        @functools.wraps(function)
        def call(*values: Any) -> Any:
            data = next((value for value in values if isinstance(value, dict)), None)
            with self.calling(name, data):
                result = function(*values)
            if not kind.fits(result):
                shown = "" if result is None else f" ({cut(repr(result), 40)})"
                given = f"{mistakes.kind_of(result)}{shown}, not {kind.text}"
                raise self.refusal(f"{name} gives {given}{_problem(data)}")
            return result

        return call

    def lines(self, name: str, lines: dict[str, Line]) -> dict[str, Line]:
        """CORE or STYLED, its wordings guarded."""
        return Wordings(self, name, {kind: self._line(f"{name}[{kind!r}]", line) for kind, line in lines.items()})

    def _line(self, name: str, line: Line) -> Line:
        guarded: dict[str, Any] = {}
        for part in ("name", "show", "fetch", "write", "put"):
            if wording := getattr(line, part):
                guarded[part] = self._wording(f"{name}, {part}", wording)
        return line._replace(**guarded)

    def _wording(self, name: str, wording: Callable[..., str]) -> Callable[..., str]:
        # Called once or more for each state: what it prints, and its time, are watched by whoever renders.
        def call(*values: Any) -> str:
            try:
                text = wording(*values)
            except Exception as error:
                raise self.refusal(f"{name}: {mistakes.failure(wording, values, error)}") from error
            if type(text) is not str:
                raise self.refusal(f"{name} gives {mistakes.kind_of(text)}, not a str")
            return text

        return call

    def baselines(self, baselines: dict[str, Baseline]) -> dict[str, Baseline]:
        return {
            name: Baseline(
                *(self.function(f"BASELINES[{name!r}].{part}", getattr(pair, part)) for part in pair._fields)
            )
            for name, pair in baselines.items()
        }

    def heuristics(self, rules: dict[str, Callable[..., str]]) -> dict[str, Callable[..., str]]:
        return {name: self.function(f"HEURISTICS[{name!r}]", rule, "oracle") for name, rule in rules.items()}

    def text(self, what: str, text: str, data: Any) -> None:
        """Raise `UsageError` for a problem's text that cannot be trained on."""
        if reason := unfit(text):
            raise self.refusal(f"{what} {reason}{_problem(data)}")

    def refusal(self, reason: str) -> UsageError:
        return refusal(self.name, self.file, reason)


class Call:
    """A call of a file's code, as a context: made for speed, since every row takes about ten."""

    __slots__ = ("data", "guard", "out", "seconds", "timed", "what")

    def __init__(self, guard: Guard, what: str, data: Any, seconds: float) -> None:
        self.guard, self.what, self.data, self.seconds = guard, what, data, seconds

    def __enter__(self) -> None:
        if self.guard.tell:
            self.guard.tell(self.what, _problem(self.data), self.seconds)
        self.out, sys.stdout = sys.stdout, sys.stderr
        # An alarm that is set already is a caller's, and stays.
        self.timed = _can_ring() and not signal.getitimer(signal.ITIMER_REAL)[0]
        if self.timed:
            # Again every second: a bare `except:` in a loop swallows the first.
            signal.setitimer(signal.ITIMER_REAL, self.seconds, 1.0)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if self.timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout = self.out
        if error is not None and (reason := self._reason(error)):
            raise self.guard.refusal(reason + _problem(self.data)) from error

    def _reason(self, error: BaseException) -> str | None:
        """What went wrong; None for what passes through as it is."""
        if isinstance(error, OutOfTime):
            return f"{self.what} did not end within {self.seconds:g} s"
        if isinstance(error, SystemExit):
            return f"{self.what} calls exit(){self._line_of(error)}"
        if isinstance(error, UsageError | KeyboardInterrupt):
            return None
        text = error.message if isinstance(error, ProgramError) else mistakes.described(error)
        return f"{self.what}: {cut(text, REASON)}{self._line_of(error)}"

    def _line_of(self, error: BaseException) -> str:
        """The line of the file in which an error arose."""
        for each in filter(None, (error.__cause__, error)):
            frames = traceback.extract_tb(each.__traceback__)
            if lines := [frame.lineno for frame in frames if frame.filename == str(self.guard.file)]:
                return f" (line {lines[-1]})"
        return ""


def _problem(data: Any) -> str:
    return "" if data is None else f"; {of_problem(data)}"


class Wordings(dict[str, Line]):
    """Lines by kind of state, which name a kind that is missing."""

    def __init__(self, guard: Guard, name: str, lines: dict[str, Line]) -> None:
        super().__init__(lines)
        self.guard, self.name = guard, name

    def __missing__(self, kind: object) -> Line:
        words = cut(", ".join(map(repr, self)), 100)
        raise self.guard.refusal(f"program opens the state {kind!r}, but {self.name} words {words}")


def _can_ring() -> bool:
    """Whether an alarm raises `OutOfTime`: in the main thread, where nobody else uses the alarm."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return False
    return _rings()


@functools.cache
def _rings() -> bool:
    """Install the handler, once: a call of `signal` takes longer than most calls that it watches."""
    if signal.getsignal(signal.SIGALRM) != signal.SIG_DFL:
        return False
    signal.signal(signal.SIGALRM, _ring)
    return True


def _ring(number: int, frame: Any) -> None:
    raise OutOfTime
