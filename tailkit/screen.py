"""What long work shows: one live line on a terminal, plain lines now and then in a file.

In: counts and figures. Out: text on standard error, without control characters unless it is a terminal.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

PLAIN_SECONDS = 10.0
_log: list[Path] = []
_muted = False


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Also append every note and every plain line of progress to a file, with the time."""
    _log.append(path)
    try:
        yield
    finally:
        _log.pop()


def logs() -> list[Path]:
    """The files that notes go to now."""
    return list(_log)


def mute(wanted: bool = True) -> None:
    """Show nothing from now on in this process; the log gets everything all the same."""
    global _muted  # noqa: PLW0603 - the screen is one for the whole process
    _muted = wanted


def is_muted() -> bool:
    return _muted


def note(text: str) -> None:
    """One plain line to the user, and to the log."""
    if not _muted:
        print(text, file=sys.stderr, flush=True)
    _write_log(text)


def _write_log(text: str) -> None:
    for path in _log:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")


class Bar:
    """Progress with rate, figures and time left. Use as a context manager; `update` tells how far."""

    def __init__(self, title: str, total: int, unit: str, done: int = 0) -> None:
        self.title, self.total, self.unit, self.done = title, total, unit, done
        self._first = done
        self._begun = self._told = time.monotonic()
        self._console = Console(stderr=True)
        self._live: Progress | None = None

    def __enter__(self) -> "Bar":
        if self._console.is_terminal and not _muted:
            self._live = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[figures]}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=self._console,
            )
            self._live.start()
            self._task = self._live.add_task(self.title, total=self.total, completed=self.done, figures="")
        return self

    def update(self, done: int, **figures: str) -> None:
        """`done` units of work are finished; `figures` are shown beside the rate."""
        self.done = done
        elapsed = max(time.monotonic() - self._begun, 1e-9)
        rate = (done - self._first) / elapsed
        text = ", ".join(
            [f"{rate:,.0f} {self.unit}/s" if rate >= 10 else f"{rate:.2f} {self.unit}/s"]
            + [f"{name} {value}" for name, value in figures.items()]
        )
        if self._live is not None:
            self._live.update(self._task, completed=done, figures=text)
        if time.monotonic() - self._told >= PLAIN_SECONDS or done >= self.total:
            self._told = time.monotonic()
            left = (self.total - done) / rate if rate else 0.0
            line = f"{self.title}: {done:,}/{self.total:,}, {text}, {elapsed:.0f} s, {left:.0f} s left"
            _write_log(line) if self._live is not None else note(line)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
