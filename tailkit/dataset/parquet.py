"""The parquet files of a data set, written in groups so that memory stays flat.

In: examples. Out: a file that is whole or absent, and its facts. `run.examples` reads it.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tailkit.dataset.target import Writing
from tailkit.models import chat
from tailkit.records import Example
from tailkit.run.examples import COLUMNS
from tailkit.run.files import file_digest, whole
from tailkit.run.manifest import FileFacts, parquet
from tailkit.screen import Bar

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP = 5_000


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


def _schema() -> "pa.Schema":
    import pyarrow as pa

    message = pa.struct([("role", pa.string()), ("content", pa.string())])
    kinds = {name: pa.int64() if kind is int else pa.string() for name, kind in Example.__annotations__.items()}
    columns = [(column, kinds[name]) for name, column in COLUMNS.items()]
    return pa.schema([*columns, ("messages", pa.list_(message))])


def _table(group: list[Example], schema: "pa.Schema") -> "pa.Table":
    import pyarrow as pa

    columns: dict[str, list[object]] = {
        column: [getattr(row, name) for row in group] for name, column in COLUMNS.items()
    }
    columns["messages"] = [chat.messages(row.query, row.completion) for row in group]
    return pa.table(columns, schema=schema)
