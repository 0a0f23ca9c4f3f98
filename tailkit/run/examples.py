"""The rows of a data set: `train.parquet` and `eval-S/M/L.parquet` as `Example`s.

In: a file, or a set of a data folder that must be the one of its manifest. Out: its rows.
"""

from pathlib import Path

from tailkit.errors import TailkitError, UsageError, cut
from tailkit.records import Example
from tailkit.run.files import is_whole
from tailkit.run.manifest import parquet, read_manifest

COLUMNS = {name: name for name in Example._fields} | {"completion": "trace"}
"""The column of each field of an `Example`; `messages` comes beside them.

Trainers take a column `completion` for their own, beside a `prompt`: TRL then trains on it or on
`messages`, as the hash seed has it. Files of older versions have that name.
"""

RESTORE = "Restore it from a copy, or move it away; the command that made it makes it again."


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
