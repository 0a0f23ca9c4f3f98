"""A folder of data: nothing of the user's is touched, one process writes at a time, what is there is whole."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tailkit import dataset, pipeline, tasks
from tailkit.dataset import Order, shares
from tailkit.dataset.identity import DATA_FORMAT, contrast, identity, plain
from tailkit.dataset.target import JOURNAL, Writing
from tailkit.errors import TailkitError, UsageError
from tailkit.run.files import LOCK, locked
from tests.conftest import Cli
from tests.test_kills import SEAMS, in_a_fork, needs_fork

ORDER = Order(
    "addition", {"S": (2, 3), "M": (4, 4), "L": (5, 5)}, "direct", 0, shares(30, "1:0:0"), 4, eval_ranges=("S", "L")
)
FILES = ("train.parquet", "eval-S.parquet", "eval-L.parquet", "manifest.json")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("finished")
    dataset.write(ORDER, path)
    return path


def copied(source: Path, target: Path) -> Path:
    target.mkdir(exist_ok=True)
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


def everything(folder: Path) -> dict[str, Any]:
    """All that is in a folder, with times: nothing may differ after a refusal."""
    state: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else "folder"
        state[str(path.relative_to(folder))] = (content, info.st_mtime_ns, info.st_ino)
    return state


def refused(order: Order, folder: Path, match: str) -> None:
    before = everything(folder)
    with pytest.raises(UsageError, match=match) as caught:
        dataset.write(order, folder)
    assert everything(folder) == before
    assert len(str(caught.value).splitlines()) == 2


def a_file(path: Path) -> None:
    path.write_text("mine")


def an_empty_file(path: Path) -> None:
    path.touch()


def a_folder(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("mine")


def a_link(path: Path) -> None:
    (path.parent / "elsewhere").write_text("mine")
    path.symlink_to("elsewhere")


def a_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("put", [a_file, an_empty_file, a_folder, a_link, a_dangling_link])
@pytest.mark.parametrize(
    "name", ["train.parquet", "eval-S.parquet", "eval-M.parquet", "manifest.json", JOURNAL, ".train.parquet.tmp"]
)
def test_what_tailkit_did_not_write_is_never_touched(tmp_path: Path, name: str, put: Callable[[Path], None]) -> None:
    put(tmp_path / name)
    refused(ORDER, tmp_path, "in the way")


def test_other_files_beside_the_data_are_no_matter(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "other.parquet").write_text("mine")
    dataset.write(ORDER, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, "notes.txt", "other.parquet", LOCK}


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"name": "my app", "files": ["a"]}', '{"task"', "\ud83d"])
def test_a_manifest_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    refused(ORDER, tmp_path, "manifest.json is no manifest of data")


def test_a_copy_of_data_without_its_manifest_is_the_user_s(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "train.parquet").write_bytes((finished / "train.parquet").read_bytes())
    refused(ORDER, tmp_path, "train.parquet is in the way")


@pytest.mark.parametrize("name", FILES[:3])
@pytest.mark.parametrize("change", [b"", b"edited by hand", None])
def test_a_set_that_was_edited_is_refused(finished: Path, tmp_path: Path, name: str, change: bytes | None) -> None:
    path = copied(finished, tmp_path) / name
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:] if change is None else change)
    refused(ORDER, tmp_path, rf"{name} is in the way: not what tailkit wrote")


@pytest.mark.parametrize("name", FILES[:3])
def test_a_set_that_is_lost_is_made_again_to_the_same_bytes(finished: Path, tmp_path: Path, name: str) -> None:
    (copied(finished, tmp_path) / name).unlink()
    dataset.write(ORDER, tmp_path)
    assert contents(tmp_path) == contents(finished)


def test_finished_data_of_another_order_are_refused(finished: Path, tmp_path: Path) -> None:
    copied(finished, tmp_path)
    refused(replace(ORDER, seed=1), tmp_path, "holds other data: seed is 0 there, 1 here")
    refused(replace(ORDER, eval_ranges=("S",)), tmp_path, "eval_ranges is")
    refused(replace(ORDER, task="division"), tmp_path, "task is 'addition' there, 'division' here")


def test_no_folder_is_written_if_one_of_them_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "train.parquet").write_text("mine")
    before = everything(tmp_path)
    with pytest.raises(UsageError, match=r"b/train\.parquet"):
        dataset.write_all({tmp_path / name: ORDER for name in "abc"})
    assert everything(tmp_path) == before


def test_data_all_looks_at_all_folders_before_it_writes(
    here: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "verify", lambda *_: [])
    (tmp_path / "word_flip").mkdir()
    (tmp_path / "word_flip" / "eval-L.parquet").write_text("mine")
    before = everything(tmp_path)
    done = here("data", "all", "--recipe", "nano", "--count", "1", "data.eval=1", "--out", str(tmp_path))
    assert done.returncode == 2
    assert "word_flip/eval-L.parquet is in the way" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert everything(tmp_path) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def killed_at(seam: int, folder: Path, tell: Path | None = None) -> None:
    """Write data, and be killed just before the given call of the file system; `tell` gets how many there were."""
    count = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == seam:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return wrapper

    for module, name in SEAMS:
        setattr(module, name, counted(getattr(module, name)))
    dataset.write(ORDER, folder)
    if tell is not None:
        tell.write_text(str(count))


@needs_fork
@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_data_killed_at_any_seam_are_made_again(finished: Path, tmp_path: Path, step: int) -> None:
    assert in_a_fork(lambda: killed_at(0, tmp_path / "unbroken", tmp_path / "seams")) == 0
    seams = int((tmp_path / "seams").read_text())
    assert seams > 30
    for seam in range(1, seams + 1, step):
        folder = tmp_path / str(seam)
        assert in_a_fork(lambda seam=seam, folder=folder: killed_at(seam, folder)) == -signal.SIGKILL  # type: ignore[misc]
        dataset.write(ORDER, folder)
        assert contents(folder) == contents(finished), f"other files after a kill at seam {seam}"


@needs_fork
def test_killed_while_a_lost_set_is_made_again(finished: Path, tmp_path: Path) -> None:
    for seam in range(5, 40, 11):
        folder = copied(finished, tmp_path / str(seam))
        (folder / "eval-S.parquet").unlink()
        assert in_a_fork(lambda seam=seam, folder=folder: killed_at(seam, folder)) == -signal.SIGKILL  # type: ignore[misc]
        dataset.write(ORDER, folder)
        assert contents(folder) == contents(finished), f"other files after a kill at seam {seam}"


def unfinished(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left when the manifest could not be written any more."""
    with monkeypatch.context() as patch:
        patch.setattr(Writing, "finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            dataset.write(ORDER, folder)
    assert not (folder / "manifest.json").exists()
    assert (folder / "train.parquet").exists()


def test_an_interrupted_try_gives_way_to_another_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished(tmp_path, monkeypatch)
    dataset.write(replace(ORDER, eval_ranges=("M",), write_train=False), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"eval-M.parquet", "manifest.json", LOCK}


def test_a_file_put_in_place_of_an_unfinished_one_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished(tmp_path, monkeypatch)
    (tmp_path / "train.parquet").write_text("mine")
    refused(ORDER, tmp_path, r"train\.parquet is in the way")


def test_the_manifest_comes_only_if_all_files_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = Writing.finish

    def finish(self: Writing, manifest: dataset.Manifest) -> None:
        (self.folder / "eval-L.parquet").unlink()
        check(self, manifest)

    monkeypatch.setattr(Writing, "finish", finish)
    with pytest.raises(TailkitError, match=r"eval-L\.parquet was changed or removed"):
        dataset.write(ORDER, tmp_path)
    assert not (tmp_path / "manifest.json").exists()


def test_a_folder_that_is_being_written_is_refused(tmp_path: Path) -> None:
    with locked(tmp_path / "a"), pytest.raises(UsageError, match="another tailkit process is at work in"):
        dataset.write_all({tmp_path / name: ORDER for name in "ba"})
    assert sorted(path.name for path in tmp_path.rglob("*")) == [LOCK, LOCK, "a", "b"]
    with locked(tmp_path / "a"):
        # What the other process is just writing is nothing that stands in the way.
        (tmp_path / "a" / "train.parquet").write_text("half")
        with pytest.raises(UsageError, match="another tailkit process"):
            dataset.write(ORDER, tmp_path / "a")


def test_finished_data_need_no_lock(finished: Path) -> None:
    with locked(finished):
        assert dataset.write(ORDER, finished) == dataset.read_manifest(finished)


def test_data_are_not_written_into_a_folder_at_work(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(UsageError, match="another tailkit process"):
        pipeline.write_data({tmp_path: ORDER}, 1)


@pytest.mark.parametrize("delay", [0.2, *(pytest.param(delay, marks=pytest.mark.slow) for delay in (0, 0.7, 1.5))])
def test_two_commands_in_one_folder_leave_the_first_s_result(tmp_path: Path, delay: float) -> None:
    command = [str(Path(sys.executable).with_name("tailkit")), "data", "addition", "--workers", "1"]
    out, count = ["--out", str(tmp_path / "d")], "1500" if delay < 1 else "5000"
    first = subprocess.Popen([*command, "--count", count, "data.eval=9", *out], stderr=subprocess.PIPE, text=True)
    until((tmp_path / "d" / LOCK).exists)
    time.sleep(delay)
    second = subprocess.run([*command, "--count", "70", *out], capture_output=True, text=True, check=False)
    errors = first.communicate()[1]
    assert first.returncode == 0, errors
    assert second.returncode == 2
    assert len(second.stderr.splitlines()) == 2
    assert len(dataset.read_checked(tmp_path / "d", "train")) == int(count)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "data"):
        refused_by_system(folder)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere" / "deep")
    refused_by_system(tmp_path / "link")


def refused_by_system(folder: Path) -> None:
    with pytest.raises(UsageError, match=folder.name) as caught:
        dataset.write(ORDER, folder)
    assert len(str(caught.value).splitlines()) == 2


# What data are the same, whatever the version


def older(folder: Path, **changes: Any) -> None:
    """Rewrite a manifest's order as another version would have written it; None takes a key out."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    for name, value in changes.items():
        manifest["order"] = {**manifest["order"], name: value} if value is not None else {
            key: kept for key, kept in manifest["order"].items() if key != name
        }  # fmt: skip
    path.write_text(json.dumps(manifest))


def test_another_version_of_the_kit_takes_finished_data(finished: Path, tmp_path: Path) -> None:
    older(copied(finished, tmp_path), tailkit="0.0.9", short=None, replay=None, completions=None, others=None)
    before = everything(tmp_path)
    assert dataset.write(ORDER, tmp_path).versions["tailkit"]
    assert everything(tmp_path) == before


def test_data_of_another_format_are_refused_by_name(finished: Path, tmp_path: Path) -> None:
    older(copied(finished, tmp_path), format=None, tailkit="0.1.0")
    refused(ORDER, tmp_path, rf"makes other rows \(data format 1 there, {DATA_FORMAT} here\)")


def test_a_key_that_a_newer_version_wrote_is_no_default(finished: Path, tmp_path: Path) -> None:
    older(copied(finished, tmp_path), shuffled=True)
    refused(ORDER, tmp_path, "shuffled is true there, null here")


@pytest.mark.parametrize("order", [{"settings": 3}, {"others": [3]}, {"task": ["x"]}, {"completions": 3}])
def test_an_order_of_another_form_is_refused(finished: Path, tmp_path: Path, order: dict[str, Any]) -> None:
    older(copied(finished, tmp_path), **order)
    refused(ORDER, tmp_path, "holds other data")


def test_identity_leaves_out_defaults_and_places() -> None:
    full, lean = plain(ORDER), identity(ORDER)
    assert lean.items() <= {**full, "settings": {}}.items()
    assert "short" not in lean
    assert "short" in identity(replace(ORDER, short=7))
    here, there = (replace(ORDER, completions=(place, "0" * 64)) for place in ("/a/x.jsonl", "x.jsonl"))
    assert identity(here) == identity(there) != identity(ORDER)
    others = replace(ORDER, others=(replace(ORDER, task="division"),))
    assert contrast(plain(others), others) is None
    assert "others" in (contrast(plain(ORDER), others) or "")
