"""What loading, training and evaluation ask of a GPU, on one that is spoofed: an RTX 4090 and a T4."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tailkit import decode, models, recipe
from tailkit.errors import EnvironmentMissing
from tailkit.models.backends import backend
from tailkit.models.precision import autocast_of
from tailkit.run.folder import RunDir
from tests.small import small_model

Card = Callable[[str], None]
CAPABILITY = {"RTX 4090": (8, 9), "T4": (7, 5)}


class Loading(Exception):
    """Stands for the load of weights, with what it was asked for."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Card:
    """Makes torch believe in a card. Unsloth's `is_bf16_supported` takes no argument, and a T4 emulates bf16."""
    import torch

    def spoof(name: str) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *_: CAPABILITY[name])
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)

    return spoof


def asked(spec: recipe.Model, load: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What transformers is asked for."""
    from transformers import AutoModelForCausalLM

    def loading(*_: Any, **options: Any) -> Any:
        raise Loading(options)

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", loading)
    with pytest.raises(Loading) as caught:
        load()
    return caught.value.options


@pytest.mark.parametrize(("name", "half"), [("RTX 4090", "bfloat16"), ("T4", "float16")])
@pytest.mark.parametrize("precision", ["nf4", "bf16", "fp32"])
def test_a_card_without_bf16_computes_in_fp16(
    card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, half: str, precision: str
) -> None:
    """In training through transformers, and in evaluation."""
    import torch

    small_model(tmp_path / "m")
    chosen = recipe.load("nano", [f"model.name={tmp_path / 'm'}", f"model.precision={precision}"], task="addition")
    run = RunDir.create(tmp_path / "run", "addition", chosen)
    card(name)
    dtype = torch.float32 if precision == "fp32" else getattr(torch, half)
    for load in (lambda: models.load_base(chosen.model), lambda: decode.load(run)):
        options = asked(chosen.model, load, monkeypatch)
        assert options["dtype"] == dtype
        quantised = options["quantization_config"]
        assert (quantised.bnb_4bit_compute_dtype if quantised else None) == (dtype if precision == "nf4" else None)


@pytest.mark.parametrize(("name", "expected"), [("RTX 4090", "bf16"), ("T4", "fp16"), (None, None)])
def test_training_casts_to_what_the_card_multiplies(
    card: Card, monkeypatch: pytest.MonkeyPatch, name: str | None, expected: str | None
) -> None:
    monkeypatch.setattr("torch.cpu.get_capabilities", dict, raising=False)
    if name:
        card(name)
    assert autocast_of(recipe.Train()) == expected
    assert autocast_of(recipe.Train(autocast="bf16")) == "bf16"
    assert autocast_of(recipe.Train(autocast="none")) is None


@pytest.mark.parametrize(("in_four", "precision"), [(False, "nf4"), (True, "nf4"), (False, "bf16")])
def test_a_model_that_unsloth_could_not_quantise_is_refused(
    card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_four: bool, precision: Any
) -> None:
    """Where bitsandbytes has no library for this CUDA, Unsloth goes on in 16 bits."""
    small_model(tmp_path / "m")
    made = SimpleNamespace(is_loaded_in_4bit=in_four)
    fast = SimpleNamespace(from_pretrained=lambda *_, **__: (made, None))
    monkeypatch.setitem(sys.modules, "unsloth", SimpleNamespace(FastLanguageModel=fast))
    card("RTX 4090")
    spec = recipe.Model(name=str(tmp_path / "m"), precision=precision)
    if precision == "nf4" and not in_four:
        with pytest.raises(EnvironmentMissing, match="4 bits"):
            backend("unsloth").load(spec, 64)
    else:
        assert backend("unsloth").load(spec, 64) is made


def resolved(folder: Path, backend: str, *overrides: str) -> dict[str, Any]:
    """The trainer's configuration on a spoofed card, with a backend, from a process of its own."""
    root = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root), "XDG_CACHE_HOME": str(folder)}
    command = [sys.executable, "-m", "tests.spoofed", backend, "hobby", *overrides]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr
    config: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return config


# What Unsloth needs in another way: see its `trained_with`. There is no evaluation in training.
DIFFER = {"loss_type", "gradient_checkpointing_kwargs", "dataset_num_proc"}
EVALUATION = {"eval_accumulation_steps", "per_device_eval_batch_size"}


def test_what_a_backend_changes_of_a_training_is_declared() -> None:
    """The rest of the configuration is written once, whatever trains."""
    hf, unsloth = (backend(name).trained_with(on_gpu=True) for name in ("hf", "unsloth"))
    assert hf.keys() == unsloth.keys() == DIFFER
    for name in ("hf", "unsloth"):
        assert backend(name).trained_with(on_gpu=False)["loss_type"] == "chunked_nll"


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("unsloth") is None, reason="Unsloth is not installed")
@pytest.mark.parametrize("optim", ["adamw_torch_fused", "adamw_8bit"])
def test_backends_train_with_the_same_configuration(tmp_path: Path, optim: str) -> None:
    """Unsloth's own classes, as they are on a GPU: optimizer, filters, caches and padding have other defaults there."""
    hf, unsloth = (resolved(tmp_path, name, f"train.optim={optim}") for name in ("hf", "unsloth"))
    assert unsloth.keys() - hf.keys(), "it is not Unsloth's configuration"
    differ = {name for name in hf.keys() & unsloth.keys() if hf[name] != unsloth[name]}
    assert differ - EVALUATION == DIFFER
    assert hf["optim"] == unsloth["optim"] == optim
    assert (hf["bf16"], hf["gradient_checkpointing"], hf["use_cpu"]) == (True, True, False)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("unsloth") is None, reason="Unsloth is not installed")
@pytest.mark.parametrize(("name", "half"), [("RTX 4090", "bfloat16"), ("T4", "float16")])
def test_unsloth_loads_adapts_builds_and_saves_on_a_card(tmp_path: Path, name: str, half: str) -> None:
    """Its real code, up to the first pass, which looks cosines up by a CUDA device's number and calls triton."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "tests.driven", name, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"stage"')]
    load, adapter, build, save = lines
    # Seven layers in each of two blocks.
    assert load["layers"] == 14
    assert set(load["dtypes"]) == {"torch.uint8", f"torch.{half}"}
    # Master weights, whatever the card multiplies.
    assert adapter["dtypes"] == build["dtypes"] == ["torch.float32"]
    assert (build["bf16"], build["fp16"]) == (half == "bfloat16", half == "float16")
    assert (build["trainer"], build["optim"], build["rows"]) == ("UnslothSFTTrainer", "adamw_torch_fused", 1)
    assert {"adapter_model.safetensors", "adapter_config.json"} <= set(save["files"])
