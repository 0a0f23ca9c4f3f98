"""The GPU bench: its pieces go on where they were stopped; all of it on a model of two layers, where there is time."""

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bench import bundle
from tests.bench.gpu import __main__ as bench
from tests.bench.gpu.pieces import LIMIT, Piece, chosen, pieces

KNOWN = pieces("7b")
Done = subprocess.CompletedProcess[str]


def named(*names: str) -> list[Piece]:
    return [piece for piece in KNOWN if piece.name in names]


def of(folder: Path, card: str = "RTX 4090") -> bench.Bench:
    made = bench.Bench(folder, card, "7b", 24.0)
    made.model.mkdir(parents=True, exist_ok=True)
    return made


def measuring(asked: list[str], failing: str = "") -> Callable[[Piece], Done]:
    def measure(piece: Piece) -> Done:
        asked.append(piece.name)
        if piece.name == failing:
            return Done([], 1, "", "Traceback\nOutOfMemoryError: CUDA out of memory")
        return Done([], 0, f'a line of a library\n{{"tokens_per_second": {100 * len(asked)}}}\n', "")

    return measure


def test_every_piece_takes_less_than_ten_minutes() -> None:
    assert len({piece.name for piece in KNOWN}) == len(KNOWN)
    assert all(0 < piece.seconds < LIMIT < 600 for piece in KNOWN)


def test_the_bench_goes_on_where_it_was_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted, asked = named("train-trl-2048", "train-hf-2048", "decode-plain"), list[str]()
    assert bench.work(of(tmp_path), wanted[:1], measuring(asked))
    # It was killed in the middle of a line.
    with (tmp_path / "results.jsonl").open("a") as file:
        file.write('{"piece": "train-hf-20')
    assert bench.work(of(tmp_path), wanted, measuring(asked))
    assert asked == [piece.name for piece in wanted]
    assert bench.work(of(tmp_path), wanted, measuring(asked))
    assert len(asked) == 3
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [line["tokens_per_second"] for line in lines] == [100, 200, 300]
    assert "| train-hf-2048 | 200 | 2.00 |" in (tmp_path / "table.md").read_text()
    assert f"train-hf-2048: about {wanted[1].seconds} s" in capsys.readouterr().out
    # Figures of another card are others.
    assert bench.work(of(tmp_path, "T4"), wanted[:1], measuring(asked))
    assert asked[3:] == ["train-trl-2048"]
    assert "200" not in (tmp_path / "table.md").read_text()


def test_a_piece_that_fails_is_said_and_tried_again(tmp_path: Path) -> None:
    wanted, asked = named("train-trl-2048", "train-hf-2048"), list[str]()
    assert not bench.work(of(tmp_path), wanted, measuring(asked, failing="train-trl-2048"))
    assert "CUDA out of memory" in (tmp_path / "table.md").read_text()
    assert bench.work(of(tmp_path), wanted, measuring(asked))
    assert asked == ["train-trl-2048", "train-hf-2048", "train-trl-2048"]
    assert "CUDA out of memory" not in (tmp_path / "table.md").read_text()


def test_a_piece_that_hangs_is_ended(tmp_path: Path) -> None:
    def hanging(piece: Piece) -> Done:
        raise subprocess.TimeoutExpired([], LIMIT)

    assert not bench.work(of(tmp_path), named("decode-plain"), hanging)
    assert f"not done after {LIMIT} s" in (tmp_path / "results.jsonl").read_text()


def test_without_a_model_nothing_is_measured(tmp_path: Path) -> None:
    asked: list[str] = []
    without = bench.Bench(tmp_path, "RTX 4090", "7b", 24.0)
    assert not bench.work(without, chosen(KNOWN, ["decode-*"]), measuring(asked, failing="model"))
    assert asked == ["model"]


def test_no_piece_is_begun_that_would_end_too_late(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted, asked = named("train-trl-2048", "train-hf-2048"), list[str]()
    minutes = (wanted[0].seconds + 5) / 60
    assert bench.work(of(tmp_path), wanted, measuring(asked), minutes)
    assert asked == ["train-trl-2048", "train-hf-2048"]
    assert bench.work(of(tmp_path, "T4"), wanted, measuring(asked), (wanted[0].seconds - 5) / 60)
    assert len(asked) == 2
    assert "not begun" in capsys.readouterr().out


def test_pieces_are_chosen_by_pattern_with_the_model() -> None:
    names = [piece.name for piece in chosen(KNOWN, ["decode-verified-*", "train-trl-2048"])]
    assert names[:2] == ["model", "train-trl-2048"]
    assert len(names) == 6
    assert chosen(KNOWN, []) == KNOWN
    with pytest.raises(KeyError, match="trains"):
        chosen(KNOWN, ["decode-plain", "trains-*"])


def test_the_bench_lists_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.work(of(tmp_path), named("decode-plain"), measuring([]))
    bench.show(of(tmp_path), KNOWN)
    shown = capsys.readouterr().out
    assert f"{'decode-plain':24} done" in shown
    assert f"{'decode-verified-100':24} about" in shown
    assert "no piece takes more than" in shown


def test_a_wheel_is_slimmed_to_what_is_opened(tmp_path: Path) -> None:
    wheel = tmp_path / "bitsandbytes-1.0-py3-none-any.whl"
    names = [f"bitsandbytes/libbitsandbytes_{name}.so" for name in ("cpu", "cuda128", "cuda130", "rocm72")]
    names += ["bitsandbytes/nn.py", "studio/page.js"]
    record = "bitsandbytes-1.0.dist-info/RECORD"
    with zipfile.ZipFile(wheel, "w") as made:
        for name in names:
            made.writestr(name, name)
        made.writestr(record, "".join(f"{name},sha256=x,1\n" for name in [*names, record]))
    bundle.slim(wheel, "130")
    with zipfile.ZipFile(wheel) as slim:
        assert slim.namelist() == [names[0], names[2], names[4], record]
        assert slim.read(names[2]).decode() == names[2]
        assert [row.split(",")[0] for row in slim.read(record).decode().split()] == slim.namelist()


def measured(folder: Path, memory: str) -> dict[str, dict[str, Any]]:
    """What `python -m tests.bench.gpu --tiny` writes, by piece."""
    command = [sys.executable, "-m", "tests.bench.gpu", "--tiny", "--rows", "40", "--device-memory", memory]
    # The bench is no part of what is installed.
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    without = importlib.util.find_spec("unsloth") is None
    done = subprocess.run([*command, "--out", str(folder)], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == without, done.stdout + done.stderr
    rows = map(json.loads, (folder / "results.jsonl").read_text().splitlines())
    return {row["piece"]: row for row in rows if not (without and "unsloth" in row["piece"])}


def check(results: dict[str, dict[str, Any]], optimizer: str) -> None:
    for name, row in results.items():
        assert "not a measurement" in row["model"]
        assert "failed" not in row, row
        assert name in ("model", "attention") or row["tokens_per_second"] > 0
        # Plain and verified decoding print the one text that the model counts out, whatever the drafts.
        assert not name.startswith("decode") or row["right"] == row["rows"] == 40
        assert not name.startswith(("train-hf", "train-unsloth")) or row["predicted_gib"][1] > 0
    assert results["train-hf-64"]["optimizer"] == "AdamW"
    assert results["train-hf-64"]["trainer"] == "SFTTrainer"
    if "train-unsloth-64" in results:
        assert results["train-unsloth-64"]["optimizer"] == "AdamW"
        assert results["train-unsloth-8bit-64"]["optimizer"] == optimizer
        assert results["train-unsloth-64"]["trainer"].startswith(("Unsloth", "SFT"))


@pytest.mark.slow
def test_the_bench_tells_optimizers_of_8_bits_apart() -> None:
    """transformers makes both of one class of bitsandbytes."""
    import torch
    from bitsandbytes.optim import AdamW

    from tests.bench.gpu.measure import named

    weights = [torch.nn.Parameter(torch.zeros(4))]
    assert named(AdamW(weights, optim_bits=8)) == "AdamW8bit"
    assert named(torch.optim.AdamW(weights)) == named(AdamW(weights)) == "AdamW"


@pytest.mark.slow
def test_the_bench_measures_training_and_decoding_on_a_cpu(tmp_path: Path) -> None:
    # Unsloth takes torch's optimizer on a CPU, whatever was asked for.
    check(measured(tmp_path / "bench", "0"), "AdamW")


@pytest.mark.gpu
def test_the_bench_measures_training_and_decoding_on_a_gpu(tmp_path: Path) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    results = measured(tmp_path / "bench", "24")
    check(results, "AdamW8bit")
    assert all(row["peak_gib"] > 0 for name, row in results.items() if name.startswith(("train", "decode")))
