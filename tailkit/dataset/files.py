"""The parquet files of a data set, written in groups so that memory stays flat.

In: examples. Out: a file that is whole or absent, and its facts; back again the examples, of a file
that is the one of its manifest.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tailkit.dataset.folder import Writing, parquet
from tailkit.dataset.manifest import FileFacts, read_manifest
from tailkit.errors import TailkitError, UsageError, cut
from tailkit.models import chat
from tailkit.records import Example
from tailkit.run.files import file_digest, is_whole, whole
from tailkit.screen import Bar

ROW_GROUP = 5_000
COLUMNS = {name: name for name in Example._fields} | {"completion": "trace"}
"""The column of each field of an `Example`; `messages` comes beside them.

Trainers take a column `completion` for their own, beside a `prompt`: TRL then trains on it or on
`messages`, as the hash seed has it. Files of older versions have that name.
"""

RESTORE = "Restore it from a copy, or move it away; the command that made it makes it again."


@dataclass
class _Tally:
    """What is counted while a file is written."""

    rows: int = 0
    by_range: Counter[str] = field(default_factory=Counter)
    by_task: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    longest: int = 0

    def add(self, group: list[Example]) -> None:
        sizes = [len(row.completion.encode()) for row in group]
        self.rows += len(group)
        self.by_range.update(row.range for row in group)
        self.by_task.update(row.task for row in group)
        self.bytes += sum(sizes)
        self.longest = max(self.longest, *sizes)

    def facts(self, digest: str) -> FileFacts:
        return FileFacts(
            sha256=digest,
            rows=self.rows,
            by_range=dict(self.by_range),
            by_task=dict(self.by_task),
            bytes_mean=round(self.bytes / self.rows, 1) if self.rows else 0,
            bytes_max=self.longest,
        )


def write_parquet(place: Writing, name: str, rows: Iterable[Example], bar: Bar) -> FileFacts:
    """Write the rows of a set in groups, so that memory stays flat; raises as `whole` does."""
    import pyarrow.parquet as pq

    tally, shown = _Tally(), _shown(rows, bar)
    with whole(parquet(place.folder, name)) as temporary:
        with pq.ParquetWriter(temporary, _schema(), compression="zstd") as writer:
            while group := list(itertools.islice(shown, ROW_GROUP)):
                writer.write_table(_table(group, writer.schema))
                tally.add(group)
        digest = file_digest(temporary)
        place.add(name, digest)
    return tally.facts(digest)


def _shown(rows: Iterable[Example], bar: Bar) -> Iterator[Example]:
    for row in rows:
        bar.update(bar.done + 1)
        yield row


def _schema() -> Any:
    import pyarrow as pa

    message = pa.struct([("role", pa.string()), ("content", pa.string())])
    kinds = {name: pa.int64() if kind is int else pa.string() for name, kind in Example.__annotations__.items()}
    columns = [(column, kinds[name]) for name, column in COLUMNS.items()]
    return pa.schema([*columns, ("messages", pa.list_(message))])


def _table(group: list[Example], schema: Any) -> Any:
    import pyarrow as pa

    columns: dict[str, list[Any]] = {column: [getattr(row, name) for row in group] for name, column in COLUMNS.items()}
    columns["messages"] = [chat.messages(row.query, row.completion) for row in group]
    return pa.table(columns, schema=schema)


def read_checked(folder: Path, name: str) -> list[Example]:
    """The rows of a set, whose file must be the one that the manifest was written for.

    Raises `UsageError` if the set or the manifest is missing, `TailkitError` if one of them is damaged.
    """
    manifest, path = read_manifest(folder), parquet(folder, name)
    if name not in manifest.files:
        raise UsageError(f"{folder} has no {name}: it holds {', '.join(manifest.files)}", "Take a folder that has it.")
    if path.is_file() and not is_whole(path, manifest.files[name].sha256):
        raise TailkitError(f"{path} is not the file of its manifest: changed or damaged", RESTORE)
    return read(path)


def read(path: Path) -> list[Example]:
    """The rows of a data file; raises `TailkitError` if it is missing, damaged or of another form."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise TailkitError(f"{path} is {'no file' if path.exists() else 'missing'}", RESTORE)
    try:
        with pq.ParquetFile(path) as file:
            there = file.schema_arrow.names
            columns = [column if column in there else name for name, column in COLUMNS.items()]
            table = file.read(columns=columns)
            rows = zip(*(table[column].to_pylist() for column in columns), strict=True)
    except (pa.ArrowException, OSError, KeyError) as error:
        reason = cut(str(error).split("\n")[0], 120)
        raise TailkitError(f"{path} cannot be read as a data set: {reason}", RESTORE) from None
    return [Example(*row) for row in rows]
