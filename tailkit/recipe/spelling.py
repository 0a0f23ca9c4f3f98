"""How a plain function is named: FILE.py:FUNCTION on a command line and in a recipe, an id in folders.

In: a name. Out: a file and a function, or an id. Nothing is read.
"""

import re
from pathlib import Path

SPELLED = re.compile(r"(?P<file>.*\.py):(?P<function>[^:/\\]+)", flags=re.DOTALL)


def parts_of(name: str) -> tuple[Path, str] | None:
    """The file and the function of FILE.py:FUNCTION; None for any other name."""
    match = SPELLED.fullmatch(name)
    return (Path(match["file"]), match["function"]) if match else None


EVERY_FUNCTION = "python"
"""What stands in a recipe for all plain functions, of which only its user knows the names."""

FUNCTION_SETTINGS = {"with_source": 0, "allow_hidden": 0, "trace_tokens": 0}
"""The settings of plain functions: the source in each query; hidden loops as one state each; the tokens of the longest
trace, by which ranges are chosen (0: as many as `plain.ranges` says)."""


def is_function(task: str) -> bool:
    """Whether an id is that of a plain function; those of other tasks are identifiers."""
    return "-" in task


def id_of(name: str) -> str:
    """What a task is called in folders and recipes: gcd.py:gcd is gcd-gcd; other names are as they are."""
    parts = parts_of(name)
    return f"{re.sub(r'[^0-9A-Za-z_]', '_', parts[0].stem)}-{parts[1]}" if parts else name
