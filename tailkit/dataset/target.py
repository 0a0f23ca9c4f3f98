"""Where data sets go: only to a folder in which nothing stands in the way, and one process at a time.

In: an order and a folder. Out: whether its data are finished there, or a folder to write to. A
journal beside the data names the files that tailkit wrote, so that those of an interrupted try are
told from the user's own; it goes when the manifest stands.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tailkit.dataset.identity import contrast
from tailkit.dataset.order import Order
from tailkit.errors import TailkitError, UsageError
from tailkit.run.files import LOCK, cannot_write, is_whole, locked, temporary_of, writing
from tailkit.run.manifest import MANIFEST, NAMES, FileFacts, Manifest, parquet, read_manifest

JOURNAL = ".tailkit-data.json"
ELSEWHERE = "Choose another folder with --out, or move it away."


@contextmanager
def reserved(orders: Mapping[Path, Order]) -> Iterator[list[Path]]:
    """Keep the folders whose data are not finished to this process; yields them.

    Raises `UsageError`, before any folder is touched, if one holds other data or files in the way, or
    is being written by another process.
    """
    unfinished = [folder for folder, order in orders.items() if not _looks_finished(order, folder)]
    with ExitStack() as locks:
        for folder in unfinished:
            locks.enter_context(locked(folder))
        # Once more: another process may have written there before the lock was ours.
        yield [folder for folder in unfinished if not is_finished(orders[folder], folder)]


def _looks_finished(order: Order, folder: Path) -> bool:
    try:
        return is_finished(order, folder)
    except UsageError:
        if (folder / LOCK).is_file():
            # What seems to be in the way may be what another process is writing right now.
            with locked(folder):
                pass
        raise


def is_finished(order: Order, folder: Path) -> bool:
    """Whether a folder holds all data of an order; touches nothing.

    Raises `UsageError` if it holds those of another order, or a file in the way that tailkit did not write there.
    """
    manifest = _manifest(folder)
    if manifest:
        difference = contrast(manifest.order, order)
        if difference:
            raise UsageError(f"{folder} holds other data: {difference}", "Choose another folder with --out.")
        written = {name: facts.sha256 for name, facts in manifest.files.items()}
        if all(is_whole(parquet(folder, name), digest) for name, digest in written.items()):
            return True
    else:
        written = _journal(folder)
    for name in NAMES:
        path = parquet(folder, name)
        if os.path.lexists(path) and not (name in written and is_whole(path, written[name])):
            known = "not what tailkit wrote (changed or damaged)" if name in written else "not of tailkit's writing"
            raise UsageError(f"{path} is in the way: {known}", ELSEWHERE)
    if not os.path.lexists(folder / JOURNAL):
        for path in _temporaries(folder):
            if os.path.lexists(path):
                raise UsageError(f"{path} is in the way: not of tailkit's writing", ELSEWHERE)
    return False


def _manifest(folder: Path) -> Manifest | None:
    """The manifest in a folder, None if there is none; raises `UsageError` if it is no data set's."""
    if not os.path.lexists(folder / MANIFEST):
        return None
    try:
        return read_manifest(folder)
    except TailkitError as error:
        raise UsageError(f"{error.message}: it is in the way", ELSEWHERE) from None


def _temporaries(folder: Path) -> list[Path]:
    return [temporary_of(path) for path in (folder / MANIFEST, *(parquet(folder, name) for name in NAMES))]


class _Journal(BaseModel):
    """`.tailkit-data.json`: the sha256 of each set that an unfinished try has written."""

    tailkit_data: dict[str, str]


def _journal(folder: Path) -> dict[str, str]:
    """What the journal in a folder names; nothing if there is none."""
    path = folder / JOURNAL
    if not os.path.lexists(path):
        return {}
    try:
        return _Journal.model_validate_json(path.read_bytes()).tailkit_data
    except (OSError, ValidationError):
        raise UsageError(f"{path} is in the way: not of tailkit's writing, or damaged", ELSEWHERE) from None


def claim(folder: Path, written: dict[str, str]) -> None:
    """Note files, by set name and sha256, as written by tailkit where no manifest may say so any more."""
    with writing(folder / JOURNAL) as file:
        file.write(_Journal(tailkit_data=written).model_dump_json() + "\n")


def drop_journal(folder: Path) -> None:
    """Remove the journal that a kill just before the end left beside finished data."""
    with suppress(OSError):
        (folder / JOURNAL).unlink(missing_ok=True)


class Writing:
    """A folder while its data are written: `begin`, `add` for each file before it appears, `finish`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[str, str] = {}

    def begin(self) -> None:
        """Remove what an interrupted try left, all of which is ours, and note that data are unfinished here."""
        written = _journal(self.folder)
        with suppress(UsageError):
            written |= {name: facts.sha256 for name, facts in read_manifest(self.folder).files.items()}
        claim(self.folder, written)
        try:
            for path in (self.folder / MANIFEST, *(parquet(self.folder, name) for name in NAMES)):
                path.unlink(missing_ok=True)
                temporary_of(path).unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        claim(self.folder, {})

    def add(self, name: str, digest: str) -> None:
        """Note a set that is about to appear, so that it is known as ours."""
        self._written[name] = digest
        claim(self.folder, self._written)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, if all its files are there; raises `TailkitError` if one is not."""
        for name, facts in manifest.files.items():
            self._check(name, facts)
        manifest.write(self.folder / MANIFEST)
        drop_journal(self.folder)

    def _check(self, name: str, facts: FileFacts) -> None:
        path = parquet(self.folder, name)
        if not is_whole(path, facts.sha256):
            raise TailkitError(f"{path} was changed or removed while data were written", "Run the command again.")
