"""Weights of the model hub: looked for before a run, and downloaded with progress, so that Ctrl-C loses nothing.

In: a hub id and its revision. Out: a folder of the hub's own cache, where transformers finds the same files.
Own code for weights alone: huggingface_hub (1.33) begins a file anew in every process, and Qwen2.5-7B's are of 4 GB.
Here a file that was interrupted goes on at the byte where it ended, and is held against its sha256.
"""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailkit.arithmetic.host import existing, free_disk, hub_cache
from tailkit.errors import DoesNotFit, EnvironmentMissing, TailkitError, UsageError, cut
from tailkit.models.weights import broken
from tailkit.run.files import NO_SPACE, file_digest
from tailkit.screen import Bar, note

OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
WANTED = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]
UNWANTED = ["*/*", "consolidated*"]
"""Other forms of the same weights."""
MB = 10**6
COMMIT = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True)
class Weights:
    """A file of weights that is still to come: `done` bytes of it are here already."""

    name: str
    size: int
    sha256: str
    part: Path
    blob: Path

    @property
    def done(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0


@dataclass(frozen=True)
class Missing:
    """What is still to be downloaded of a model at one commit."""

    model: str
    commit: str
    files: list[Weights]

    @property
    def bytes_left(self) -> int:
        return sum(one.size - one.done for one in self.files)


def offline() -> bool:
    """Whether the hub must not be asked, by the words that huggingface_hub takes for yes."""
    return any(os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE") for name in OFFLINE)


def look(model: str, revision: str | None) -> Missing | None:
    """What is missing of a hub model; None if all of it is here.

    Raises `EnvironmentMissing` or `UsageError` where the hub cannot or will not give it, `DoesNotFit` where the disk
    is too small.
    """
    here = _snapshot(model, revision)
    is_whole = here is not None and not broken(here)
    # A commit stays what it is; a branch may have moved on.
    if is_whole and (offline() or COMMIT.fullmatch(revision or "")):
        return None
    if offline():
        what = f"is only in part in the cache: {broken(here)}" if here else "is not in the cache"
        without = " and ".join(["--offline", *(name for name in OFFLINE if name in os.environ)])
        raise EnvironmentMissing(f"model {cut(model)} {what}", f"Run once without {without}, which downloads it.")
    try:
        with _explained(model, revision):
            missing = _listed(model, revision)
    except EnvironmentMissing as error:
        if not is_whole:
            raise
        note(f"note: {error.message}; the copy in the cache is taken")
        return None
    newest = _snapshot(model, missing.commit)
    if newest is not None and not broken(newest):
        return None
    free, needed = free_disk(hub_cache()) * 1e9, missing.bytes_left
    if needed > free:
        raise DoesNotFit(
            f"{needed / 1e9:.1f} GB of {cut(model)} are still to be downloaded, {free / 1e9:.1f} GB are free on the "
            f"disk of {existing(hub_cache())}",
            "Free some there, or name a larger disk: HF_HOME=FOLDER.",
        )
    return missing


def have(model: str, revision: str | None) -> None:
    """Download what is missing of a hub model; raises as `look` does, and `TailkitError` for a file that is damaged."""
    missing = look(model, revision)
    if missing is None:
        return
    # It warns of every try of several.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    if any(one.done for one in missing.files):
        note(f"going on with the download of {model}")
    with _explained(model, revision):
        _download(missing)
        _the_rest(missing, revision)


def _snapshot(model: str, revision: str | None) -> Path | None:
    """The folder of the cache for a revision, whatever is in it."""
    folder = hub_cache() / f"models--{model.replace('/', '--')}"
    reference = folder / "refs" / (revision or "main")
    commit = reference.read_text().strip() if reference.is_file() else revision
    path = folder / "snapshots" / (commit or "-")
    return path if path.is_dir() else None


def _listed(model: str, revision: str | None) -> Missing:
    """The weights of a revision, as the hub lists them, that are not whole in the cache."""
    from huggingface_hub import HfApi
    from huggingface_hub.utils import filter_repo_objects

    api = HfApi()
    told = api.model_info(model, revision=revision)
    assert told.sha is not None, "the hub names the commit of every revision"
    blobs = hub_cache() / f"models--{model.replace('/', '--')}" / "blobs"
    tree = {each.path: each for each in api.list_repo_tree(model, revision=told.sha, recursive=True)}
    files = []
    for name in filter_repo_objects(tree, allow_patterns=["*.safetensors"], ignore_patterns=UNWANTED):
        lfs = getattr(tree[name], "lfs", None)
        if lfs is not None and not (blobs / lfs.sha256).is_file():
            files.append(Weights(name, lfs.size, lfs.sha256, blobs / f"{lfs.sha256}.tailkit", blobs / lfs.sha256))
    if not any(name.endswith(".safetensors") for name in tree):
        raise UsageError(f"model {cut(model)} has no safetensors on the hub", "Choose one that has: model.name=…")
    return Missing(model, told.sha, sorted(files, key=lambda one: one.name))


class _Counter:
    """Stands for the progress bar of huggingface_hub; what it counts goes to ours."""

    def __init__(self, bar: Bar, before: int) -> None:
        self.bar, self.bytes = bar, before

    def __call__(self, **_: Any) -> "_Counter":
        return self

    def __enter__(self) -> "_Counter":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, count: float | None = 1) -> None:
        self.bytes += int(count or 0)
        self.bar.update(self.bytes // MB)


def _download(missing: Missing) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    total, before = sum(one.size for one in missing.files), sum(one.done for one in missing.files)
    with Bar(f"download {missing.model}", total // MB, "MB", before // MB) as bar:
        counter: Any = _Counter(bar, before)
        for file in missing.files:
            file.part.parent.mkdir(parents=True, exist_ok=True)
            url = hf_hub_url(missing.model, file.name, revision=missing.commit)
            with file.part.open("ab") as part:
                done = part.tell()
                http_get(
                    url, part, resume_size=done, headers=build_hf_headers(), expected_size=file.size, tqdm_class=counter
                )
            if file_digest(file.part) != file.sha256:
                file.part.unlink()
                raise TailkitError(f"{file.name} of {missing.model} came damaged", "The same command loads it again.")
            file.part.replace(file.blob)


def _the_rest(missing: Missing, revision: str | None) -> None:
    """The small files, and the links to all of them, by huggingface_hub, which finds the weights in its cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        snapshot_download(
            missing.model,
            revision=revision,
            cache_dir=hub_cache(),
            allow_patterns=WANTED,
            ignore_patterns=UNWANTED,
        )
    finally:
        if shown:
            enable_progress_bars()


@contextmanager
def _explained(model: str, revision: str | None) -> Iterator[None]:
    """The hub's errors in words, with what to do next; no token is shown."""
    import httpx
    from huggingface_hub import constants, errors

    again = "The same command goes on where it was; --offline takes what is in the cache."
    try:
        yield
    except errors.RevisionNotFoundError:
        raise UsageError(
            f"revision {cut(revision)} of {cut(model)} is not on the hub: it is gone, or never was",
            "Name another: model.revision=… (null: the newest).",
        ) from None
    except errors.GatedRepoError:
        raise EnvironmentMissing(
            f"model {cut(model)} is gated, and {_token()}",
            f"Ask for access at {constants.ENDPOINT}/{model}, then `hf auth login` with a token that may read it.",
        ) from None
    except errors.RepositoryNotFoundError:
        raise UsageError(
            f"the hub has no model {cut(model)}, or it is private and {_token()}",
            "Check the name; for a private one `hf auth login`.",
        ) from None
    except errors.HfHubHTTPError as error:
        code = error.response.status_code if error.response is not None else 0
        if code in (401, 403):
            raise EnvironmentMissing(
                f"the hub refuses the token of this machine (HTTP {code})",
                "`hf auth login` with a valid one, or unset HF_TOKEN: open models need none.",
            ) from None
        raise EnvironmentMissing(f"the hub cannot give {cut(model)} now (HTTP {code})", again) from None
    except httpx.HTTPError as error:
        raise EnvironmentMissing(
            f"the hub ({constants.ENDPOINT}) does not answer: {cut(error) or type(error).__name__}", again
        ) from None
    except OSError as error:
        if error.errno == NO_SPACE:
            raise DoesNotFit(f"the disk of {hub_cache()} is full", f"Free some. {again}") from None
        if error.errno is None:
            raise EnvironmentMissing(f"the download of {cut(model)} broke off: {cut(error)}", again) from None
        raise EnvironmentMissing(
            f"the hub's cache {hub_cache()} cannot be written: {error.strerror}", "Name another folder: HF_HOME=FOLDER."
        ) from None


def _token() -> str:
    from huggingface_hub import get_token

    return "the token of this machine may not read it" if get_token() else "this machine has no token"
