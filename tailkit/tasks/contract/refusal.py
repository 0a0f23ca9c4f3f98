"""How a task file is refused: its name, its path, the reason, and where to read on, in two lines.

In: what is wrong. Out: a `UsageError`.
"""

import json
import re
from pathlib import Path
from typing import Any

from tailkit.errors import UsageError, cut
from tailkit.plain import refusal as plain
from tailkit.recipe.spelling import FUNCTION_SETTINGS, is_function

HINT = "“Add a task” in tailkit/tasks/README.md says what a task file must give."
PATH, REASON, PROBLEM = 110, 210, 90
"""How many characters a path, a reason and a problem may take in a message."""

SPECIAL = re.compile(r"<\|[^|<>\s]{1,40}\|>|</?s>|<(?:bos|eos|pad|start_of_turn|end_of_turn)>")
"""What tokenizers read as a special token, such as <|im_end|>: in a text it would end or open a turn."""


def refusal(name: str, file: Path, reason: str) -> UsageError:
    said = cut(reason, REASON + PROBLEM)
    if is_function(name):
        return UsageError(f"{cut(file.name, PATH)}:{cut(name.partition('-')[2], 60)}: {said}", plain.HINT)
    path = cut(file, 4_096)
    shown = path if len(path) <= PATH else f"…{path[1 - PATH :]}"
    return UsageError(f"task {cut(name, 60)} ({shown}): {said}", HINT)


def of_problem(data: Any) -> str:
    """Names the problem that something went wrong with, whatever its data are."""
    if isinstance(data, dict):
        data = {key: value for key, value in data.items() if key not in FUNCTION_SETTINGS}
    try:
        text = json.dumps(data, default=repr)
    except Exception:  # noqa: BLE001 - no JSON, or a repr of the user's own
        text = f"a {type(data).__name__} that JSON does not keep"
    return f"the problem was {cut(text, PROBLEM - 20)}"


def unfit(text: str) -> str | None:
    """Why a text cannot be trained on, None if it can."""
    if match := SPECIAL.search(text):
        return f"holds the special token {match[0]}"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"holds {text[error.start : error.end]!r}, which is half a character"
    return None
