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
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn

PLAIN_SECONDS = 10.0
WIDE = 100
"""Columns from which on a terminal shows a bar too."""
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
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")


class Bar:
    """Progress with rate, figures and time left. Use as a context manager; `update` tells how far."""

    def __init__(self, title: str, total: int, unit: str, done: int = 0) -> None:
        self.title, self.total, self.unit, self.done = title, total, unit, done
        self._first = done
        self._begun = self._told = time.monotonic()
        self._console = Console(stderr=True)
        self._live: Progress | None = None
        self._line = ""

    def __enter__(self) -> "Bar":
        if self._console.is_terminal and not _muted:
            # Titles and figures come from names and data: no markup. Narrow terminals do without the bar itself.
            columns: list[ProgressColumn] = [TextColumn("{task.description}", markup=False)]
            columns += [BarColumn()] if self._console.width >= WIDE else []
            columns += [MofNCompleteColumn(), TextColumn("{task.fields[figures]}", markup=False)]
            self._live = Progress(*columns, console=self._console, expand=False)
            self._live.start()
            self._task = self._live.add_task(self.title, total=self.total, completed=self.done, figures="")
        return self

    def update(self, done: int, **figures: str) -> None:
        """`done` units of work are finished; `figures` are shown beside the rate, the time taken and the time left.

        More than the total shows that the total was an estimate: it grows.
        """
        self.done, self.total = done, max(self.total, done)
        elapsed = max(time.monotonic() - self._begun, 1e-9)
        rate = (done - self._first) / elapsed
        shown = [f"{rate:,.0f} {self.unit}/s" if rate >= 10 else f"{rate:.2f} {self.unit}/s"]
        shown += [f"{name} {value}" for name, value in figures.items()]
        times = f"{elapsed:.0f} s, {(self.total - done) / rate if rate else 0.0:.0f} s left"
        if self._live is not None:
            # The times come first: what a narrow terminal cuts off is at the end.
            self._live.update(self._task, completed=done, total=self.total, figures=", ".join([times, *shown]))
        self._line = f"{self.title}: {done:,}/{self.total:,}, {', '.join(shown)}, {times}"
        if time.monotonic() - self._told >= PLAIN_SECONDS:
            self._tell()

    def _tell(self) -> None:
        """The line of the last update, once: to the log where a live line is on the screen."""
        if self._line:
            self._told = time.monotonic()
            _write_log(self._line) if self._live is not None else note(self._line)
        self._line = ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell()
        if self._live is not None:
            self._live.stop()
