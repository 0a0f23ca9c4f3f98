"""The parquet files as others read them: data libraries and trainers, with nothing renamed or left out."""

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tailkit import dataset
from tailkit.dataset import Order, shares
from tailkit.errors import TailkitError, UsageError
from tailkit.models import chat
from tailkit.models.chatml import ChatML
from tailkit.records import Example
from tests.small import small_model

ORDER = Order("addition", {"S": (2, 3), "M": (4, 4), "L": (5, 5)}, "tail", 0, shares(12, "1:0:0"), 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data")
    dataset.write(ORDER, path)
    return path


def rows_of_datasets(path: Path, scratch: Path) -> list[dict[str, Any]]:
    import datasets

    return list(datasets.load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(scratch)))


def rows_of_pandas(path: Path, _: Path) -> list[dict[str, Any]]:
    pandas = pytest.importorskip("pandas")
    rows = pandas.read_parquet(path).to_dict("records")
    return [{**row, "messages": list(row["messages"])} for row in rows]


def rows_of_polars(path: Path, _: Path) -> list[dict[str, Any]]:
    return pytest.importorskip("polars").read_parquet(path).to_dicts()


@pytest.mark.parametrize("rows_of", [rows_of_datasets, rows_of_pandas, rows_of_polars])
def test_data_libraries_read_every_column(rows_of: Any, folder: Path, tmp_path: Path) -> None:
    there = rows_of(folder / "train.parquet", tmp_path)
    ours = dataset.read(folder / "train.parquet")
    assert len(there) == len(ours) == 12
    for row, example in zip(there, ours, strict=True):
        messages = chat.messages(example.query, example.completion)
        assert row == {**renamed(example), "messages": messages}


def renamed(example: Example) -> dict[str, Any]:
    return {{"completion": "trace"}.get(name, name): value for name, value in example._asdict().items()}


TAKEN = {
    "prompt", "completion", "text", "chosen", "rejected", "label", "labels", "conversations", "images", "image",
    "tools", "input_ids", "attention_mask", "chat_template_kwargs", "instruction", "input", "output", "system",
    "history", "response", "question", "context", "segments",
}  # fmt: skip
"""Columns in which TRL, axolotl, LLaMA-Factory, Unsloth or torchtune look for a training text of another form."""


def test_trainers_find_one_form_only(folder: Path) -> None:
    names = set(pq.read_schema(folder / "train.parquet").names)
    assert "messages" in names
    assert not names & TAKEN


def test_files_of_older_versions_are_still_read(folder: Path, tmp_path: Path) -> None:
    table = pq.read_table(folder / "train.parquet")
    former = [{"trace": "completion"}.get(name, name) for name in table.column_names]
    pq.write_table(table.rename_columns(former), tmp_path / "train.parquet")
    assert dataset.read(tmp_path / "train.parquet") == dataset.read(folder / "train.parquet")


def train_with_trl(data: str, model: str, out: str) -> str:
    """A step of TRL's trainer on a file as it is; the first text that it trains on."""
    from datasets import load_dataset
    from trl import SFTConfig, SFTTrainer

    trainer: Any = SFTTrainer(
        model=model,
        args=SFTConfig(output_dir=out, max_steps=1, per_device_train_batch_size=2, use_cpu=True, bf16=False,
                       report_to="none", save_strategy="no", disable_tqdm=True),
        train_dataset=load_dataset("parquet", data_files=data, split="train", cache_dir=out),
    )  # fmt: skip
    assert trainer.train().global_step == 1
    return trainer.processing_class.decode(trainer.train_dataset[0]["input_ids"])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    small_model(path)
    return path


@pytest.fixture
def wanted(folder: Path) -> str:
    first = dataset.read(folder / "train.parquet")[0]
    return ChatML().prompt(first.query) + first.completion


def test_trl_trains_on_it_as_it_is(folder: Path, model: Path, tmp_path: Path, wanted: str) -> None:
    assert wanted in train_with_trl(str(folder / "train.parquet"), str(model), str(tmp_path))


# Before there was one form only, TRL found the other one with hash seed 1.
@pytest.mark.slow
@pytest.mark.parametrize("hash_seed", range(6))
def test_trl_trains_on_it_with_any_hash_seed(
    folder: Path, model: Path, tmp_path: Path, wanted: str, hash_seed: int
) -> None:
    code = f"import sys\n\n{inspect.getsource(train_with_trl)}\nprint(train_with_trl(*sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(folder / "train.parquet"), str(model), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "HF_HUB_OFFLINE": "1"})  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert wanted in done.stdout


def damaged(folder: Path, tmp_path: Path, name: str, content: bytes | None) -> Path:
    """A copy of a data folder in which one file has other content; None puts a folder in its place."""
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).unlink()
    if content is None:
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("kind", ["empty", "halved", "flipped", "other", "folder", "missing"])
@pytest.mark.parametrize("name", ["train", "eval-M"])
def test_a_damaged_set_is_named_with_what_to_do(folder: Path, tmp_path: Path, name: str, kind: str) -> None:
    content = (folder / f"{name}.parquet").read_bytes()
    flipped = content[:99] + bytes([content[99] ^ 1]) + content[100:]
    changed = {"empty": b"", "halved": content[: len(content) // 2], "flipped": flipped, "other": b"PAR1 x PAR1"}
    broken = damaged(folder, tmp_path, f"{name}.parquet", changed.get(kind))
    if kind == "missing":
        (broken / f"{name}.parquet").rmdir()
    with pytest.raises(TailkitError, match=rf"{name}\.parquet") as caught:
        dataset.read_checked(broken, name)
    assert caught.value.exit_code == 1
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"files": {"train": 3}}', b"\xff\xfe", None])
def test_a_damaged_manifest_is_named_with_what_to_do(folder: Path, tmp_path: Path, content: bytes | None) -> None:
    broken = damaged(folder, tmp_path, "manifest.json", content)
    with pytest.raises(TailkitError, match=r"manifest\.json") as caught:
        dataset.read_checked(broken, "train")
    assert caught.value.exit_code == 1
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("key", ["task", "order", "files", "ranges", "variant", "seed"])
def test_a_manifest_without_a_key_that_is_needed_is_named(folder: Path, tmp_path: Path, key: str) -> None:
    import json

    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest[key]
    damaged(folder, tmp_path, "manifest.json", json.dumps(manifest).encode())
    with pytest.raises(TailkitError, match=rf"no manifest of data \({key}: "):
        dataset.read_manifest(tmp_path)


def test_unfinished_data_and_sets_that_are_not_there_are_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"manifest\.json is missing"):
        dataset.read_checked(tmp_path, "train")
    with pytest.raises(UsageError, match="has no eval-XL: it holds"):
        dataset.read_checked(folder, "eval-XL")
