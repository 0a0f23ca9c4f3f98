"""The GPU bench, on a model of two layers: on a GPU with `-m gpu`, on a CPU with `-m slow`."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def measured(folder: Path, memory: str) -> dict[str, dict[str, dict[str, Any]]]:
    """What `python -m tests.bench.gpu --tiny` writes."""
    command = [sys.executable, "-m", "tests.bench.gpu", "--tiny", "--rows", "40", "--device-memory", memory]
    # The bench is no part of what is installed.
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run([*command, "--out", str(folder)], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    assert (folder / "table.md").read_text() in done.stdout
    return json.loads((folder / "results.json").read_text())


def check(results: dict[str, dict[str, dict[str, Any]]]) -> None:
    wanted = {"plain", "hf"} | ({"unsloth"} if importlib.util.find_spec("unsloth") else set())
    for one in results["training"].values():
        assert all("tokens_per_second" in one[name] for name in wanted), one
    # Plain and verified decoding print the one text that the model counts out, whatever the drafts.
    assert [share["outputs"] for share in results["decoding"].values()] == [1, 1, 1, 1]


@pytest.mark.slow
def test_the_bench_measures_training_and_decoding_on_a_cpu(tmp_path: Path) -> None:
    check(measured(tmp_path / "bench", "0"))


@pytest.mark.gpu
def test_the_bench_measures_training_and_decoding_on_a_gpu(tmp_path: Path) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    check(measured(tmp_path / "bench", "24"))
