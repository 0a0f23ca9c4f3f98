"""What a person at a terminal sees: results on standard output, notes and progress on standard error.

In: texts, tables, counts. Out: lines that show them as they are, whatever the width, the encoding or the stream.
"""

from tailkit.screen.console import Table, out, visible
from tailkit.screen.notes import Settings, like, logging_to, mute, note, part, settings, show
from tailkit.screen.progress import Bar

__all__ = [
    "Bar",
    "Settings",
    "Table",
    "like",
    "logging_to",
    "mute",
    "note",
    "out",
    "part",
    "settings",
    "show",
    "visible",
]
