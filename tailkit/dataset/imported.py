"""What users bring as jsonl: completions to train on, and other models' generations to score.

In: a file with a JSON object a line. Out: training rows, or `Generation`s. A line that will not do is
named with its field, before anything is written.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tailkit.errors import UsageError
from tailkit.records import RANGES, Example, Generation
from tailkit.tape.answer import ANSWER, extract
from tailkit.tasks import Task

COMPLETION = "A line is a JSON object with query, completion and, if known, key, range and n."
GENERATION = "A line is a JSON object with range, index (row of eval-RANGE.parquet), text; if known query, tokens, cut."


def objects(path: Path, form: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON objects of a jsonl file, each with its place; raises `UsageError` that names file and line."""
    try:
        # Not splitlines: a text may hold characters that it takes for line ends.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UsageError(f"{path} cannot be read: {reason}", form) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except ValueError:
            raise UsageError(f"{where}: not JSON", form) from None
        if not isinstance(row, dict):
            raise UsageError(f"{where}: no JSON object", form)
        yield where, row


def field(where: str, row: dict[str, Any], name: str, kind: type, default: Any = None) -> Any:
    """A field of a row; raises `UsageError` if it is missing (and has no default) or of another kind."""
    value = row.get(name, default)
    if value is None:
        raise UsageError(f"{where}: field {name!r} is missing", f"It has {', '.join(row) or 'no fields'}.")
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UsageError(f"{where}: field {name!r} is {json.dumps(value)[:60]}", f"It must be a {kind.__name__}.")
    return value


def imported_rows(path: Path, task: Task, variant: str, evaluation: list[Example]) -> Iterator[Example]:
    """Training rows such as completions distilled from another model.

    Nothing is let through that evaluation asks for, or that gives no answer where evaluation looks for
    one: raises `UsageError` for the first such line.
    """
    queries, keys = {row.query for row in evaluation}, {row.key for row in evaluation}
    for where, row in _completions(path):
        if row.query in queries or row.key in keys:
            raise UsageError(f"{where}: the evaluation asks this problem", "Leave the line out.")
        yield Example(
            task=task.id,
            paradigm=task.paradigm,
            task_version=task.version,
            range=row.range,
            n=row.n,
            split="train",
            variant=variant,
            key=row.key,
            query=row.query,
            completion=row.completion,
            answer=row.answer,
            problem="null",
        )


class Completion(NamedTuple):
    """A line of a file of completions, with the answer that it gives."""

    query: str
    completion: str
    key: str
    range: str
    n: int
    answer: str


@cache
def check_completions(path: Path, digest: str) -> int:
    """The number of lines in a file of completions (`digest`: its sha256); raises `UsageError` for a wrong one."""
    count = sum(1 for _ in _completions(path))
    if not count:
        raise UsageError(f"{path} holds no rows", COMPLETION)
    return count


def _completions(path: Path) -> Iterator[tuple[str, Completion]]:
    """The lines of a file of completions, each with its place; raises `UsageError` for the first wrong one."""
    for where, row in objects(path, COMPLETION):
        query, completion = field(where, row, "query", str), field(where, row, "completion", str)
        range_name, answer = field(where, row, "range", str, RANGES[0]), extract(completion)
        if range_name not in RANGES:
            raise UsageError(f"{where}: field 'range' is {range_name!r}", f"It must be one of {', '.join(RANGES)}.")
        if answer is None:
            raise UsageError(
                f"{where}: field 'completion' has no answer, or two that differ", f"It must have a line {ANSWER}…"
            )
        key, n = field(where, row, "key", str, ""), field(where, row, "n", int, 0)
        yield where, Completion(query, completion, key, range_name, n, answer)


def generations_from(path: Path, sets: dict[str, list[Example]], count: Callable[[str], int]) -> list[Generation]:
    """Saved generations for evaluation sets (by range), one for each row of every range that the file has.

    `count` gives the tokens of a text whose line does not say them. Raises `UsageError` for the first
    line with a wrong or missing field or the query of another row, a row twice, or a row missing.
    """
    found: dict[tuple[str, int], Generation] = {}
    for where, row in objects(path, GENERATION):
        name, index = field(where, row, "range", str), field(where, row, "index", int)
        if name not in sets:
            raise UsageError(f"{where}: field 'range' is {name!r}", f"It must be one of {', '.join(sets)}.")
        if not 0 <= index < len(sets[name]):
            raise UsageError(f"{where}: field 'index' is {index}", f"{name} has rows 0 to {len(sets[name]) - 1}.")
        if (name, index) in found:
            raise UsageError(f"{where}: row {name}/{index} for the second time", "Leave one of them out.")
        asked = sets[name][index].query
        if field(where, row, "query", str, asked) != asked:
            raise UsageError(f"{where}: field 'query' is not that of row {name}/{index}", f"That row asks: {asked}")
        text = field(where, row, "text", str)
        tokens = field(where, row, "tokens", int, -1)
        cut = field(where, row, "cut", bool, False)
        found[name, index] = Generation(name, index, text, tokens if tokens >= 0 else count(text), cut, "imported")
    if not found:
        raise UsageError(f"{path} holds no generations", GENERATION)
    for name in {name for name, _ in found}:
        missing = [index for index in range(len(sets[name])) if (name, index) not in found]
        if missing:
            raise UsageError(
                f"{path}: {len(missing)} rows of {name} are missing, the first is {missing[0]}", GENERATION
            )
    return [found[place] for place in sorted(found)]
