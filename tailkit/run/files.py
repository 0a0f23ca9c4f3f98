"""Files and folders that are whole or absent, jsonl files that grow row by row, locks, and hashes.

In: paths and plain values. Out: what is on disk when a call returns, also after a power cut.
Own code, since the libraries that write files whole are no longer kept (atomicwrites) or know
neither folders nor symbolic links. A path is never written through a link: a link in the place
of a file is replaced, and a jsonl file that is a link is refused.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tailkit.errors import TailkitError, UsageError, cut
from tailkit.records import JsonObject

try:
    import fcntl
except ImportError:  # Windows has no such locks.
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"
NO_SPACE = errno.ENOSPC
"""errno of a full disk."""


def digest_of(*parts: object) -> str:
    """A hash of plain values, the same on every machine."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(path: Path, digest: str) -> bool:
    """Whether a file is there and has this sha256."""
    try:
        return path.is_file() and file_digest(path) == digest
    except OSError:
        return False


def temporary_of(path: Path) -> Path:
    """Where a file or folder lies until it is whole; what a killed process left there is cleared."""
    return path.with_name(f".{path.name}.tmp")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path to write a file or a folder to, which then appears at `path`, or not at all.

    Raises `UsageError` if it cannot be written, `TailkitError` if the disk is full.
    """
    temporary = temporary_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear(temporary)
        yield temporary
        _flush(temporary)
        if temporary.is_dir():
            _share(temporary)
            clear(path)
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    except Exception as error:
        # Libraries that write through other languages have errors of their own for a full disk.
        if "No space left" not in str(error):
            raise
        raise cannot_write(path, OSError(NO_SPACE, "No space left on device")) from error
    finally:
        with suppress(OSError):
            clear(temporary)


def _share(folder: Path) -> None:
    """Let those read the files of a folder who may read the folder; safetensors writes for its owner alone."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(folder.stat().st_mode & 0o666)


@contextmanager
def writing(path: Path) -> Iterator[IO[str]]:
    """A text file in UTF-8 that appears whole at `path`, or not at all; raises as `whole` does."""
    with whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def cannot_write(path: Path, error: OSError) -> TailkitError:
    """What to say where a file cannot be written."""
    if error.errno == NO_SPACE:
        return TailkitError(
            f"{cut(path)} cannot be written: the disk is full", "Free some space; the same command goes on."
        )
    reason = error.strerror or str(error).split("\n")[0]
    if error.errno == errno.EISDIR:
        return UsageError(f"{cut(path)} cannot be written: a folder is in its place", "Move it away, and try again.")
    return UsageError(f"{cut(path)}: {reason}", "Choose another path, or make this one readable and writable.")


def _flush(path: Path) -> None:
    """Have a file, or all files of a folder, on disk."""
    for one in [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]:
        with one.open("rb") as file:
            os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    """Have a folder's names on disk, where the system can."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a folder, made if need be, to this process while it writes there; raises `UsageError` if it is taken."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"another tailkit process is at work in {folder}", "Wait for it, or choose another --out."
                ) from None
        yield
    finally:
        os.close(lock)


def json_line(row: Mapping[str, object]) -> str:
    """A row of a jsonl file; a lone surrogate, which UTF-8 does not have, is escaped as JSON does it."""
    text = json.dumps(row, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode()


def append_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Append rows to a jsonl file, and have them on disk when this returns; a torn last line is dropped before.

    Raises `UsageError` if the file cannot be written or is a link, `TailkitError` if the disk is full.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        with os.fdopen(descriptor, "r+b") as file:
            file.truncate(_whole_length(file))
            file.seek(0, os.SEEK_END)
            file.write("".join(map(json_line, rows)).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(path, error) from error


def _whole_length(file: IO[bytes]) -> int:
    """How many bytes of a jsonl file are whole lines."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 65_536)
        file.seek(start)
        place = file.read(end - start).rfind(b"\n")
        if place >= 0:
            return start + place + 1
        end = start
    return 0


def read_lines(path: Path) -> list[JsonObject]:
    """The rows of a jsonl file, none if it is missing; a torn last line is left out.

    Raises `TailkitError` that names file and line for a line that is no JSON object.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TailkitError(
            f"{path} cannot be read: {error.strerror}", "Move it away; the same command goes on."
        ) from None
    rows = []
    # Not splitlines: a generated text may hold characters that it takes for line ends.
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            row = json.loads(line.decode("utf-8", "surrogatepass"))
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise TailkitError(
                f"{path}, line {number}: no JSON object", "Move the file away; the same command goes on."
            )
        rows.append(row)
    return rows


def clear(path: Path) -> None:
    """Remove a folder, a file or a link if it is there; a kill never leaves half a folder under its name."""
    doomed = path.with_name(f".{path.name}.old.tmp")
    if doomed.is_dir():
        shutil.rmtree(doomed)
    if path.is_dir() and not path.is_symlink():
        path.rename(doomed)
        shutil.rmtree(doomed)
    else:
        path.unlink(missing_ok=True)
