"""How a task file is refused: its name, its path, the reason, and where to read on, in two lines.

In: what is wrong. Out: a `UsageError`.
"""

import json
import re
from pathlib import Path
from typing import Any

from tailkit.errors import UsageError, cut
from tailkit.plain import refusal as plain
from tailkit.plain.problems import LENGTH
from tailkit.recipe.spelling import FUNCTION_SETTINGS, is_function

HINT = "“Add a task” in tailkit/tasks/README.md says what a task file must give."
ADVICE = {
    "did not end within": "Keep such arguments out with CONSTRAINTS, or draw them with sample(rng, n).",
    "draws from elsewhere": "Draw with the rng that sample is given, such as rng.randint(1, 9).",
    "more than one state holds": "Draw smaller arguments, or take it with --allow-hidden.",
    "RANGES": 'Write RANGES = {"S": (1, 3), "M": (4, 5), "L": (6, 7)}, or leave it out.',
    "QUERIES": 'Write QUERIES = ["What is f of {a}?", …], or leave it out: the docstring is asked then.',
    "sample": 'Write def sample(rng, n): return {"a": …}, with a value for each argument.',
}
"""What to do about a plain function, by a part of the reason."""
PATH, REASON, PROBLEM = 110, 210, 90
"""How many characters a path, a reason and a problem may take in a message."""

SPECIAL = re.compile(r"<\|[^|<>\s]{1,40}\|>|</?s>|<(?:bos|eos|pad|start_of_turn|end_of_turn)>")
"""What tokenizers read as a special token, such as <|im_end|>: in a text it would end or open a turn."""


def refusal(name: str, file: Path, reason: str) -> UsageError:
    said = cut(reason, REASON + PROBLEM)
    if is_function(name):
        advice = next((hint for part, hint in ADVICE.items() if part in said), plain.HINT)
        return UsageError(f"{cut(file.name, PATH)}:{cut(name.partition('-')[2], 60)}: {said}", advice)
    path = cut(file, 4_096)
    shown = path if len(path) <= PATH else f"…{path[1 - PATH :]}"
    return UsageError(f"task {cut(name, 60)} ({shown}): {said}", HINT)


def of_problem(data: Any) -> str:
    """Names the problem that something went wrong with, whatever its data are."""
    if isinstance(data, dict):
        data = {key: value for key, value in data.items() if key not in (*FUNCTION_SETTINGS, LENGTH)}
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
