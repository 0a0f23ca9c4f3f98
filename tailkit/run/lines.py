"""jsonl files of a run as records: the type that writes a file reads it.

In: a path and records, such as `Generation`s or `Score`s. Out: the same, or an error that names file, line and field.
"""

import math
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from tailkit.errors import TailkitError, quoted
from tailkit.records import Answered, Generation, HeldOut, Metric, Score, Unanswered
from tailkit.run.files import append_lines, json_line, read_lines, writing
from tailkit.run.kept import reason

Record = TypeVar("Record", Answered, Generation, HeldOut, Metric, Score, Unanswered)

_READERS: dict[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Answered, Generation, HeldOut, Metric, Score, Unanswered)
}


def read(path: Path, kind: type[Record]) -> list[Record]:
    """The records of a jsonl file, none if it is missing; raises `TailkitError` for a row that is no such record."""
    records = []
    for number, row in enumerate(read_lines(path), start=1):
        try:
            records.append(_checked(_READERS[kind].validate_python(row), row))
        except ValueError as error:
            raise TailkitError(
                f"{path}, line {number}: {reason(error) if isinstance(error, ValidationError) else error}",
                "Move the file away; the same command goes on.",
            ) from None
    return records


def _checked(record: Any, row: dict[str, Any]) -> Any:
    """The record, if reading its row has turned no value into one of another kind (true into 1, "0" into 0)."""
    for name, value in asdict(record).items():
        given = row.get(name, value)
        # A loss that is not a number equals nothing, not even itself.
        same = given == value or (isinstance(value, float) and math.isnan(value))
        if not same or isinstance(given, bool) != isinstance(value, bool):
            raise ValueError(f"{name}: {quoted(given)} is of another kind")
    return record


def write(path: Path, records: Iterable[Record]) -> None:
    """Write records to a jsonl file, which appears whole."""
    with writing(path) as file:
        file.writelines(json_line(asdict(record)) for record in records)


def append(path: Path, records: Iterable[Record]) -> None:
    """Append records to a jsonl file; they are on disk when this returns."""
    append_lines(path, [asdict(record) for record in records])


def read_generations(path: Path, range_name: str, count: int) -> dict[int, Generation]:
    """The generations of a range by row, of `count` rows; raises `TailkitError` for one of no such row."""
    rows = {}
    for number, made in enumerate(read(path, Generation), start=1):
        if made.range != range_name or made.index not in range(count):
            raise TailkitError(
                f"{path}, line {number}: no generation for a row of {range_name} (0 to {count - 1})",
                "Move the file away; `tailkit eval` makes it again.",
            )
        rows[made.index] = made
    return rows
