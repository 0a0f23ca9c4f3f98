"""Weights from a model hub: progress, disk, downloads that go on, and all that a hub may refuse."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tailkit import recipe
from tailkit.arithmetic import host
from tailkit.errors import DoesNotFit, EnvironmentMissing, TailkitError, UsageError
from tailkit.models import download, origin, weights
from tailkit.nano import MODEL_DIR
from tailkit.screen import progress
from tests.conftest import SMALL_OVERRIDES, Cli
from tests.hub import COMMIT, Hub, served

WEIGHTS = "model.safetensors"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that has nano under another name, and an empty cache."""
    from huggingface_hub import constants

    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    for name in (*download.OFFLINE, "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    made = Hub(MODEL_DIR)
    with served(made) as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield made


def cached(hub: Hub) -> Path:
    return host.hub_cache() / f"models--{hub.model.replace('/', '--')}" / "snapshots" / COMMIT


def test_a_model_is_downloaded_once_and_is_whole(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    download.have(hub.model, COMMIT)
    assert not weights.broken(cached(hub))
    for name in (WEIGHTS, "config.json", "tokenizer.json"):
        assert (cached(hub) / name).read_bytes() == hub.files[name]
    # Where all is here, the hub is not asked.
    asked = len(hub.asked)
    download.have(hub.model, COMMIT)
    assert len(hub.asked) == asked
    assert hub.downloads(WEIGHTS) == [""]


def test_the_newest_revision_is_the_default(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    download.have(hub.model, None)
    assert not weights.broken(cached(hub))
    asked = len(hub.asked)
    assert download.look(hub.model, None) is None
    assert len(hub.asked) > asked, "it may have moved on"
    hub.refuses = (500, "", "")
    assert download.look(hub.model, None) is None
    assert "the copy in the cache is taken" in capsys.readouterr().err
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    asked = len(hub.asked)
    assert download.look(hub.model, None) is None
    assert len(hub.asked) == asked


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes that come at once."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 100_000)
    return 100_000


def test_progress_has_rate_and_time_left(
    hub: Hub, small_chunks: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "PLAIN_SECONDS", 0.0)
    monkeypatch.setattr(download, "MB", small_chunks)
    download.have(hub.model, COMMIT)
    total = len(hub.files[WEIGHTS]) // small_chunks
    assert re.search(rf"download small/model: \d+/{total}, [\d,.]+ MB/s, \d+ s, \d+ s left", capsys.readouterr().err)


@pytest.mark.parametrize("shares", [[0.5], [0.1, 0.6], [0.99]], ids=str)
def test_an_interrupted_download_goes_on_at_its_byte(
    hub: Hub, small_chunks: int, monkeypatch: pytest.MonkeyPatch, shares: list[float]
) -> None:
    """Ctrl-C at some share of it, and again; no byte comes twice."""
    (file,) = look(hub).files
    ranges, update = [""], download._Counter.update
    for share in shares:

        def interrupted(counter: Any, count: float | None = 1, most: float = share * file.size) -> None:
            update(counter, count)
            if counter.bytes > most:
                raise KeyboardInterrupt

        monkeypatch.setattr(download._Counter, "update", interrupted)
        with pytest.raises(KeyboardInterrupt):
            download.have(hub.model, COMMIT)
        assert abs(file.done - share * file.size) < 2 * small_chunks
        ranges.append(f"bytes={file.done}-")
    monkeypatch.setattr(download._Counter, "update", update)
    download.have(hub.model, COMMIT)
    assert hub.downloads(WEIGHTS) == ranges
    assert (cached(hub) / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_download_that_goes_on_says_so(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    (file,) = look(hub).files
    file.part.parent.mkdir(parents=True)
    file.part.write_bytes(hub.files[WEIGHTS][:1000])
    assert look(hub).bytes_left == len(hub.files[WEIGHTS]) - 1000
    download.have(hub.model, COMMIT)
    assert "going on with the download of small/model" in capsys.readouterr().err
    assert hub.downloads(WEIGHTS) == ["bytes=1000-"]


def look(hub: Hub) -> download.Missing:
    missing = download.look(hub.model, COMMIT)
    assert missing is not None
    return missing


def test_a_damaged_file_is_refused_and_begins_anew(hub: Hub) -> None:
    (file,) = look(hub).files
    file.part.parent.mkdir(parents=True)
    file.part.write_bytes(b"x" * 1000)
    with pytest.raises(TailkitError, match="came damaged"):
        download.have(hub.model, COMMIT)
    download.have(hub.model, COMMIT)
    assert (cached(hub) / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_the_disk_is_looked_at_before(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "free_disk", lambda _: 0.0001)
    with pytest.raises(DoesNotFit, match=r"still to be downloaded, 0\.0 GB are free") as error:
        download.have(hub.model, COMMIT)
    assert "HF_HOME" in error.value.hint
    assert hub.downloads(WEIGHTS) == []


def test_a_disk_that_fills_up_loses_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import file_download

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_download, "http_get", full)
    with pytest.raises(DoesNotFit, match="is full") as error:
        download.have(hub.model, COMMIT)
    assert "goes on" in error.value.hint


def test_a_cache_that_cannot_be_written_is_told(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    with pytest.raises(EnvironmentMissing, match=r"file/hub cannot be written: Not a directory") as error:
        download.have(hub.model, COMMIT)
    assert "HF_HOME" in error.value.hint
    assert hub.downloads(WEIGHTS) == []


@pytest.mark.parametrize("word", ["1", "true", "YES", "on"])
def test_every_word_for_offline_keeps_the_hub_unasked(hub: Hub, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", word)
    with pytest.raises(EnvironmentMissing, match="is not in the cache") as error:
        download.look(hub.model, COMMIT)
    assert "without --offline and HF_HUB_OFFLINE" in error.value.hint
    assert hub.asked == []


REFUSALS = [
    (
        (404, "RevisionNotFound", ""),
        UsageError,
        f"revision {COMMIT} of small/model is not on the hub",
        "model.revision",
    ),
    ((404, "RepoNotFound", ""), UsageError, "the hub has no model small/model", "hf auth login"),
    (
        (403, "GatedRepo", ""),
        EnvironmentMissing,
        "is gated, and this machine has no token",
        "Ask for access",
    ),
    (
        (401, "", "Invalid credentials in Authorization header"),
        EnvironmentMissing,
        "refuses the token of this machine (HTTP 401)",
        "HF_TOKEN",
    ),
    ((500, "", ""), EnvironmentMissing, "cannot give small/model now (HTTP 500)", "--offline"),
]


@pytest.mark.parametrize(("refusal", "kind", "what", "hint"), REFUSALS, ids=lambda value: str(value)[:30])
def test_what_a_hub_refuses_is_told_with_the_next_action(
    hub: Hub, refusal: tuple[int, str, str], kind: type[TailkitError], what: str, hint: str
) -> None:
    hub.refuses = refusal
    with pytest.raises(kind, match=re.escape(what)) as error:
        download.look(hub.model, COMMIT)
    assert hint in error.value.hint
    assert "\n" not in error.value.message + error.value.hint


def test_a_token_that_is_not_admitted_is_told_and_not_shown(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.refuses = (403, "GatedRepo", "")
    with pytest.raises(EnvironmentMissing, match="the token of this machine may not read it") as error:
        download.look(hub.model, COMMIT)
    assert hub.tokens[-1] == "Bearer hf_secret"
    assert "secret" not in str(error.value)


def test_a_hub_out_of_reach_is_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(EnvironmentMissing, match=r"the hub \(http://127\.0\.0\.1:9\) does not answer"):
        download.look(hub.model, COMMIT)


def test_without_safetensors_a_model_is_refused(hub: Hub) -> None:
    hub.files = {name: content for name, content in hub.files.items() if name != WEIGHTS}
    with pytest.raises(UsageError, match="has no safetensors"):
        download.look(hub.model, COMMIT)


@pytest.mark.parametrize("damage", ["nothing", "missing", "short", "config"])
def test_offline_a_half_downloaded_model_is_told(hub: Hub, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    said = {
        "nothing": "is not in the cache",
        "missing": "no safetensors",
        "short": "cut short",
        "config": "config.json",
    }
    if damage != "nothing":
        shutil.copytree(MODEL_DIR, cached(hub))
        file = cached(hub) / ("config.json" if damage == "config" else WEIGHTS)
        content = file.read_bytes()
        file.unlink()
        if damage == "short":
            file.write_bytes(content[: len(content) // 2])
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EnvironmentMissing, match=said[damage]) as error:
        download.look(hub.model, COMMIT)
    assert "without --offline" in error.value.hint
    assert hub.asked == []


def test_shards_are_held_against_their_index(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    shutil.copytree(MODEL_DIR, folder)
    assert weights.broken(folder) == ""
    shards = {f"w{number}": f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)}
    (folder / weights.INDEX).write_text(json.dumps({"weight_map": shards}))
    (folder / WEIGHTS).rename(folder / shards["w2"])
    assert weights.broken(folder) == "2 of 3 files of weights are missing, such as model-00001-of-00003.safetensors"
    with pytest.raises(UsageError, match="is not whole: 2 of 3 files"):
        origin.locate(recipe.Model(name=str(folder)))


def test_a_hub_model_is_found_whole_before_it_is_loaded(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "_has_cuda", lambda: True)
    spec = recipe.Model(name=hub.model, revision=COMMIT)
    origin.look(spec)
    assert not cached(hub).exists()
    found = origin.have(spec)
    assert (found.path, found.options) == (hub.model, {"revision": COMMIT})
    assert not weights.broken(cached(hub))


def test_the_ready_4_bit_copy_has_a_commit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "_has_cuda", lambda: True)
    chosen = recipe.load("hobby", ["model.quantised=true"], task="addition")
    found = origin.locate(chosen.model)
    assert found.path == "unsloth/Qwen2.5-7B-bnb-4bit"
    assert re.fullmatch(r"[0-9a-f]{40}", found.options["revision"])
    assert found.options["revision"] != chosen.model.revision
    # What an export merges onto are the original weights.
    whole = chosen.model.model_copy(update={"precision": "bf16"})
    assert origin.locate(whole).path == "Qwen/Qwen2.5-7B"
    with pytest.raises(UsageError, match=r"no 4-bit copy of Qwen/Qwen2\.5-3B"):
        origin.locate(recipe.load("12gb", ["model.quantised=true"], task=None).model)


def test_plan_counts_the_copy_s_download(monkeypatch: pytest.MonkeyPatch) -> None:
    from tailkit import dataset, hardware

    monkeypatch.setattr(hardware.work, "SAMPLE", 4)
    sizes = []
    for overrides in ([], ["model.quantised=true"]):
        chosen = recipe.load("hobby", [*overrides, "data.train=50"], task="addition")
        sizes.append(hardware.make("addition", chosen, dataset.rows_of("addition", chosen), 24).disk.download)
    assert sizes[0] == pytest.approx(15.2, abs=0.1)
    assert 2.5 < sizes[0] / sizes[1] < 3


@pytest.mark.slow
def test_a_run_downloads_its_model_once_and_then_needs_no_hub(tmp_path: Path, cli: Cli) -> None:
    hub, asked = Hub(MODEL_DIR), []
    model = [f"model.name={hub.model}", f"model.revision={COMMIT}", *SMALL_OVERRIDES]
    with served(hub) as address:
        for name, options in (("online", []), ("offline", ["--offline"])):
            done = cli(
                "run", "addition", "--recipe", "nano", *model, "--out", str(tmp_path / name), *options,
                HF_ENDPOINT=address, HF_HOME=str(tmp_path / "hf"),
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            assert "config file" not in done.stderr
            assert ("download small/model" in done.stderr) == (name == "online")
            asked.append(len(hub.asked))
    assert hub.downloads(WEIGHTS) == [""]
    assert asked[0] == asked[1]
    files = [tmp_path / name / "adapter" / "adapter_model.safetensors" for name in ("online", "offline")]
    assert files[0].read_bytes() == files[1].read_bytes()
