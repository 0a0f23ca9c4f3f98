"""Extra rows among those of a training: from a file of the user's, or from a generator that has a name here.

In: a name of `GENERATORS`, or the path of a jsonl or parquet file. Out: `Extra` rows, all of the same seed alike.
"""

from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from tailkit.errors import UsageError, cut, unknown
from tailkit.imported import jsonl
from tailkit.imported.completions import without_mark
from tailkit.imported.jsonl import Text
from tailkit.run.examples import COLUMNS
from tailkit.run.files import file_digest

GENERATORS = dict.fromkeys(
    ("columns", "facts", "grid", "layout", "passes", "spell", "tape", "triangle", "window"),
    "tailkit.nano.workshop.replay",
)
"""The module of each generator, imported only where a recipe names one.

Its `stream(name, seed)` gives (query, completion) pairs without end; `FAMILY/name` is what they are counted under.
"""

ENDINGS = (".jsonl", ".parquet")
FILES = f"A generator's name, or the path of a file that ends in {' or '.join(ENDINGS)}."


class Extra(NamedTuple):
    """A row: where it stands, what it asks and how it is to be answered; its problem's key and task if known."""

    where: str
    query: str
    completion: str
    key: str = ""
    task: str = ""


class ExtraLine(jsonl.JsonLine):
    """A line is a JSON object with query, completion and, if known, key."""

    query: Text = Field(description="text")
    completion: Text = Field(description="text")
    key: Text = Field("", description="text")


def is_file(source: str) -> bool:
    """Whether a source is the path of a file, not the name of a generator."""
    return source.endswith(ENDINGS)


def label(source: str) -> str:
    """What the rows of a source are counted under, such as nano/grid or the name of a file."""
    return Path(source).name if is_file(source) else f"{import_module(GENERATORS[source]).FAMILY}/{source}"


def digests(sources: Collection[str]) -> dict[str, str]:
    """The sha256 of each file among the sources, read to its end; raises `UsageError` for what is no source."""
    found = {}
    for source in sources:
        if not is_file(source):
            if source not in GENERATORS:
                raise unknown("source in data.replay", source, GENERATORS, FILES)
        elif not Path(source).is_file():
            raise UsageError(f"data.replay: {cut(source)} does not exist", FILES)
        else:
            found[source] = file_digest(Path(source))
            if not size(source, found[source]):
                raise UsageError(f"data.replay: {cut(source)} holds no rows", str(ExtraLine.__doc__))
    return found


@cache
def size(source: str, digest: str) -> int:
    """The number of rows in a file (`digest`: its sha256), all of them read; raises `UsageError` for a wrong one."""
    return sum(1 for _ in rows(source, 0))


def rows(source: str, seed: int) -> Iterator[Extra]:
    """The rows of a file in their order, or those that a generator makes from `seed`, without end."""
    if not is_file(source):
        for query, completion in import_module(GENERATORS[source]).stream(source, seed):
            yield Extra("", query, completion)
        return
    read = _of_jsonl if source.endswith(".jsonl") else _of_parquet
    for row in read(Path(source)):
        if not row.query.strip():
            raise UsageError(f"{row.where}: field 'query' is empty", "It must be the text of a problem.")
        texts = {name: without_mark(row.where, name, getattr(row, name)) for name in ("query", "completion")}
        yield row._replace(**texts)


def _of_jsonl(path: Path) -> Iterator[Extra]:
    for where, line in jsonl.read(path, ExtraLine):
        yield Extra(where, line.query, line.completion, line.key)


def _of_parquet(path: Path) -> Iterator[Extra]:
    """The rows of a data set of the kit's, or of another file with the columns query and completion."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            there = set(file.schema_arrow.names)
            completion = COLUMNS["completion"] if COLUMNS["completion"] in there else "completion"
            wanted = [name for name in ("query", completion, "key", "task") if name in there]
            if not {"query", completion} <= there:
                raise UsageError(f"{path} lacks a column query or completion", f"It has {', '.join(sorted(there))}.")
            for number, row in enumerate(_rows_of(file, wanted)):
                yield _extra(f"{path}, row {number}", row, completion)
    except (pa.ArrowException, OSError) as error:
        reason = cut(str(error).split("\n")[0], 120)
        raise UsageError(f"{path} cannot be read as parquet: {reason}", FILES) from None


def _rows_of(file: Any, columns: list[str]) -> Iterator[dict[str, object]]:
    for batch in file.iter_batches(columns=columns):
        yield from batch.to_pylist()


def _extra(where: str, row: dict[str, object], completion: str) -> Extra:
    texts = {name: row.get(name, "") for name in ("query", completion, "key", "task")}
    wrong = next((name for name in ("query", completion) if not isinstance(texts[name], str)), None)
    if wrong:
        raise UsageError(f"{where}: field {wrong!r} is {jsonl.shown(texts[wrong])}", "It must be text.")
    return Extra(where, *(str(text or "") for text in texts.values()))
