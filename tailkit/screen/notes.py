"""Notes to the user and to a run's log, and where in a longer work this process stands.

In: lines of text. Out: standard error and log files. A stream or a log that cannot be written is no
reason to stop the work.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tailkit.screen.console import visible


@dataclass(frozen=True)
class Settings:
    """What a process shows: where its notes go too, whether it is silent, its place in a longer work.

    `place` is such as "2/4"; `after` is how long what follows will take, as a multiple of the work that
    the bar shows, None where that is not known.
    """

    logs: tuple[Path, ...] = ()
    muted: bool = False
    place: str = ""
    after: float | None = None


_now = Settings()


def settings() -> Settings:
    """The settings of this process, for another one to be `like` it."""
    return _now


@contextmanager
def like(wanted: Settings) -> Iterator[None]:
    """Show what these settings say."""
    global _now  # noqa: PLW0603 - the screen is one for the whole process
    before, _now = _now, wanted
    try:
        yield
    finally:
        _now = before


def logging_to(path: Path) -> contextlib.AbstractContextManager[None]:
    """Also append every note and every plain line of progress to a file, with the time."""
    return like(replace(_now, logs=(*_now.logs, path)))


def part(place: str = "", after: float | None = None) -> contextlib.AbstractContextManager[None]:
    """What is done now is a part of something longer, which progress tells: see `Settings`."""
    return like(replace(_now, place=", ".join(filter(None, (_now.place, place))), after=after))


def mute(wanted: bool = True) -> None:
    """Show nothing from now on in this process; the log gets everything all the same."""
    global _now  # noqa: PLW0603 - as above
    _now = replace(_now, muted=wanted)


def note(text: str) -> None:
    """One plain line to the user, and to the log."""
    if not _now.muted:
        show(text)
    log(text)


def show(text: str) -> None:
    """A line on standard error alone."""
    try:
        print(visible(text), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        pass  # the terminal was closed
    except RuntimeError:
        # A signal's handler speaks while the stream is being written to.
        with contextlib.suppress(OSError):
            os.write(2, f"{visible(text)}\n".encode(errors="backslashreplace"))


def log(text: str) -> None:
    """A line in the log alone."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    for path in _now.logs:
        with contextlib.suppress(OSError), path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{stamp} {text}\n")
