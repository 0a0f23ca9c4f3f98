"""Progress of long work: one live line on a terminal, plain lines now and then in a file.

In: counts and figures. Out: text on standard error, without control characters unless it is a terminal.
"""

import contextlib
import os
import sys
import time
from types import TracebackType

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from tailkit.screen import notes
from tailkit.screen.console import Screen, visible

PLAIN_SECONDS = 10.0
WIDE, BAR = 100, 20
"""Columns from which on a terminal shows a bar too, and the bar's own."""


class Bar:
    """Progress with rate, figures and time left. Use as a context manager; `update` tells how far.

    `live`: whether it may be a line that changes; only one at a time can be.
    """

    def __init__(self, title: str, total: int, unit: str, done: int = 0, *, live: bool = True) -> None:
        settings = notes.settings()
        self.title = visible(f"[{settings.place}] {title}" if settings.place else title)
        self.total, self.unit, self.done = max(total, done), unit, done
        self._after, self._first, self._figures = settings.after, done, dict[str, str]()
        self._begun = self._told = time.monotonic()
        self._is_new = False
        self._live = _live_line(self) if live and not settings.muted and _on_terminal() else None

    def __enter__(self) -> "Bar":
        if self._live is not None:
            self._live.start()
        return self

    def update(self, done: int, **figures: str) -> None:
        """`done` units of work are finished; `figures` are shown beside the rate, the time taken and the time left.

        More than the total shows that the total was an estimate: it grows.
        """
        self.done, self.total, self._figures, self._is_new = done, max(self.total, done), figures, True
        if time.monotonic() - self._told >= PLAIN_SECONDS:
            self._tell()

    def _tell(self) -> None:
        """The figures of the last update, once: to the log where a live line is on the screen."""
        if self._is_new:
            line = ", ".join(
                [f"{self.title}: {self.done:,}/{self.total:,}", *self._rates(), self._taken(), *self._left()]
            )
            notes.log(line) if self._live is not None else notes.note(line)
            self._told, self._is_new = time.monotonic(), False

    def _rate(self) -> float:
        """Units a second; 0 as long as nothing was done."""
        return (self.done - self._first) / max(time.monotonic() - self._begun, 1e-9)

    def _rates(self) -> list[str]:
        """Rate and figures."""
        rate = self._rate()
        shown = [f"{rate:,.0f} {self.unit}/s" if rate >= 10 else f"{rate:.2f} {self.unit}/s"] if rate else []
        return shown + [f"{name} {value}" for name, value in self._figures.items()]

    def _taken(self) -> str:
        return spell(time.monotonic() - self._begun)

    def _left(self) -> list[str]:
        """The time that is left for this and, where it can be estimated, for all that follows too."""
        rate = self._rate()
        if not rate or self.done >= self.total:
            return []
        left = (self.total - self.done) / rate
        whole = [f"whole run {spell(left + self._after * self.total / rate)}"] if self._after else []
        return [f"{spell(left)} left", *whole]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.line(options.max_width)

    def line(self, width: int) -> Text:
        """The live line: what matters most comes first, and what does not fit as a whole is left out."""
        head = f"{self.title} {self.done:,}/{self.total:,}"
        filled = BAR * self.done // max(self.total, 1)
        drawn = f" {'━' * filled}{'·' * (BAR - filled)}" if width >= WIDE else ""
        line = head + drawn
        for detail in [*self._left(), *self._rates(), self._taken()]:
            joined = f"{line}{', ' if line != head + drawn else '  '}{visible(detail)}"
            if cell_len(joined) > width:
                break
            line = joined
        return Text(line if cell_len(line) <= width else set_cell_size(line, width), no_wrap=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell()
        if self._live is not None:
            with contextlib.suppress(OSError):
                self._live.stop()


def spell(seconds: float) -> str:
    """A span of time for a person: 45 s, 12 min, 3 h 20 min."""
    seconds = max(0.0, seconds)
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60:,} h {minutes % 60} min"


def _on_terminal() -> bool:
    """Whether standard error is a terminal that can change a line."""
    try:
        return sys.stderr.isatty() and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")
    except ValueError:
        return False


def _live_line(bar: Bar) -> Live:
    # Standard output is not redirected: what is printed there may go elsewhere.
    return Live(bar, console=Screen(stderr=True, force_terminal=True), redirect_stdout=False)
