"""The files of a data set: parquet, written in groups so that memory stays flat, and the manifest.

In: rows in the order of `Example`'s fields. Out: a file that is whole or absent, and its figures.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from tailkit.errors import TailkitError, UsageError
from tailkit.models import chat
from tailkit.records import Example
from tailkit.run.files import cannot_write, file_digest
from tailkit.screen import Bar

ROW_GROUP = 5_000
COLUMNS = [f.name for f in fields(Example)]
AGAIN = "Run the command that makes it again: `tailkit run` or `tailkit data`; delete what is broken first."


def write_parquet(path: Path, rows: Iterator[tuple[Any, ...]], bar: Bar) -> dict[str, Any]:
    """Write rows in groups, so that memory stays flat; return the file's figures."""
    import pyarrow.parquet as pq

    figures: dict[str, Any] = {"rows": 0, "by_range": {}, "by_task": {}, "bytes_mean": 0, "bytes_max": 0}
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with pq.ParquetWriter(temporary, _schema(), compression="zstd") as writer:
            group: list[tuple[Any, ...]] = []
            for row in rows:
                group.append(row)
                bar.update(bar.done + 1)
                if len(group) == ROW_GROUP:
                    _write_group(writer, group, figures)
                    group = []
            _write_group(writer, group, figures)
        temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    if figures["rows"]:
        figures["bytes_mean"] = round(figures["bytes_mean"] / figures["rows"], 1)
    return {**figures, "sha256": file_digest(path)}


def _schema() -> Any:
    import pyarrow as pa

    integers = {"task_version", "n"}
    message = pa.struct([("role", pa.string()), ("content", pa.string())])
    columns = [(name, pa.int64() if name in integers else pa.string()) for name in COLUMNS]
    return pa.schema([*columns, ("messages", pa.list_(message))])


def _write_group(writer: Any, group: list[tuple[Any, ...]], figures: dict[str, Any]) -> None:
    import pyarrow as pa

    if not group:
        return
    columns = dict(zip(COLUMNS, map(list, zip(*group, strict=True)), strict=True))
    sizes = [len(text.encode()) for text in columns["completion"]]
    figures["rows"] += len(group)
    figures["bytes_mean"] += sum(sizes)
    figures["bytes_max"] = max(figures["bytes_max"], *sizes)
    for count, column in (("by_range", "range"), ("by_task", "task")):
        for name in columns[column]:
            figures[count][name] = figures[count].get(name, 0) + 1
    turns = [chat.messages(q, c) for q, c in zip(columns["query"], columns["completion"], strict=True)]
    writer.write_table(pa.table({**columns, "messages": turns}, schema=writer.schema))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a data folder; raises `UsageError` if there is none or it is broken."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or "files" not in manifest:
        raise UsageError(f"{folder}/manifest.json is missing or broken: unfinished data", AGAIN)
    return manifest


def read_checked(folder: Path, name: str) -> list[Example]:
    """The rows of a data set's file, which must be the one that the manifest was written for."""
    manifest, path = read_manifest(folder), folder / f"{name}.parquet"
    if path.exists() and file_digest(path) != manifest["files"][name]["sha256"]:
        raise TailkitError(f"{path} is not the file of its manifest: corrupt or changed", AGAIN)
    return read(path)


def read(path: Path) -> list[Example]:
    """The rows of a data file; raises `TailkitError` if it is missing, corrupt or of another form."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, columns=COLUMNS)
    except FileNotFoundError:
        raise TailkitError(f"{path} does not exist", AGAIN) from None
    except (pa.ArrowException, OSError) as error:
        reason = str(error).split("\n")[0][:120]
        raise TailkitError(f"{path} cannot be read as a data set: {reason}", AGAIN) from None
    return [Example(**row) for row in table.to_pylist()]
