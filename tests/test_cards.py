"""What loading, training and evaluation ask of a GPU, on one that is spoofed: an RTX 4090 and a T4."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tailkit import decode, models, recipe
from tailkit.models.precision import autocast_of
from tailkit.run.folder import RunDir
from tests.small import small_qwen2

Card = Callable[[str], None]
CAPABILITY = {"RTX 4090": (8, 9), "T4": (7, 5)}


class Loading(Exception):
    """Stands for the load of weights, with what it was asked for."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Card:
    """Makes torch believe in a card; a T4 has bf16 only where emulation counts."""
    import torch

    def spoof(name: str) -> None:
        major = CAPABILITY[name][0]
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *_: CAPABILITY[name])
        monkeypatch.setattr(
            torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation or major >= 8
        )

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

    small_qwen2(tmp_path / "m")
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
