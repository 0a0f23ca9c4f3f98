"""Requests for other models: the problems of evaluation sets in the batch form of OpenAI, which vLLM reads too.

In: examples by range. Out: a jsonl file with a request a line, whose custom_id names the row, such as
addition-S-12-3f9a1c2b: task, range, index, and a hash of the query, by which another run's replies are known.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tailkit.arithmetic.decoding import REPLY_TOKENS
from tailkit.errors import UsageError
from tailkit.records import Example, JsonObject
from tailkit.run.files import writing

MODEL = "MODEL"
"""What stands in the place of a model that was not named."""
_ID = re.compile(r"(?:(?P<task>.+)[-/:])?(?P<range>[SML])[-/:](?P<index>[0-9]{1,9})(?:[-/:](?P<mark>[0-9a-f]{8}))?")


@dataclass(frozen=True)
class AskedRow:
    """What a custom_id says; `task` and `mark` are empty where it does not say them."""

    task: str
    range: str
    index: int
    mark: str


def mark_of(query: str) -> str:
    """A short hash of a query."""
    return hashlib.sha256(query.encode()).hexdigest()[:8]


def custom_id(example: Example, range_name: str, index: int) -> str:
    """The name of a row in a batch; letters, digits and dashes."""
    return f"{example.task}-{range_name}-{index}-{mark_of(example.query)}"


def place_of(text: str) -> AskedRow | None:
    """The row that a custom_id names, also one written by hand, such as S-12; None if it names none."""
    match = _ID.fullmatch(text)
    return match and AskedRow(match["task"] or "", match["range"], int(match["index"]), match["mark"] or "")


def request(query: str, model: str, most_tokens: int) -> JsonObject:
    """The body of a request: greedy, one message."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": query}],
        "temperature": 0,
        "max_tokens": most_tokens,
    }


def write(path: Path, sets: Iterable[tuple[str, list[Example]]], model: str) -> int:
    """Write a request for each row of the sets, given with their ranges; returns how many.

    Raises `UsageError` if something else is in the place of the file.
    """
    rows = [
        {
            "custom_id": custom_id(example, name, index),
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": request(example.query, model, REPLY_TOKENS),
        }
        for name, examples in sets
        for index, example in enumerate(examples)
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    check_free(path, text)
    with writing(path) as file:
        file.write(text)
    return len(rows)


def check_free(path: Path, text: str | None = None) -> None:
    """Raise `UsageError` if a file other than one with this `text` is in the way."""
    if not path.exists() or (text is not None and path.is_file() and path.read_bytes() == text.encode()):
        return
    raise UsageError(f"{path} is there already", "Name another file with --prompts, or move this one away.")
