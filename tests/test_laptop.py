"""The recipe laptop, a pretrained model on a CPU: what it resolves to, its loss, and when it computes in bf16."""

import math
import re
from pathlib import Path
from typing import Any

import pytest

from tailkit import dataset, hardware, models, recipe
from tailkit.arithmetic.steps import Sizes
from tailkit.errors import EnvironmentMissing
from tailkit.hardware.times import SMOLLM2_TOKENS, _on_two_cores
from tailkit.hardware.work import shape
from tailkit.models.origin import locate
from tailkit.models.precision import autocast_of
from tailkit.records import RANGES
from tailkit.run.folder import RunDir
from tailkit.train import loss as loss_module
from tailkit.train import trainer as training
from tailkit.train.labelled import IGNORED, encode
from tailkit.train.loss import cross_entropy
from tests.small import example, small_model

LAPTOP = recipe.load("laptop", task="addition")


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)


def test_laptop_has_a_wide_s_and_a_pinned_model() -> None:
    bounds: dict[Any, tuple[int, int]] = {**LAPTOP.data.ranges["addition"]}
    shortest, longest = bounds["S"]
    assert longest - shortest >= 9
    assert [bounds[name][0] for name in RANGES[1:]] == [bounds[name][1] + 1 for name in RANGES[:-1]]
    assert re.fullmatch("[0-9a-f]{40}", LAPTOP.model.revision or "")
    assert shape(LAPTOP.model.name).parameters == 134_515_008


def test_a_hub_model_in_full_precision_needs_no_gpu(no_gpu: None) -> None:
    source = locate(LAPTOP.model)
    assert source.path == LAPTOP.model.name
    assert source.options == {"revision": LAPTOP.model.revision}
    with pytest.raises(EnvironmentMissing, match="needs an NVIDIA GPU") as caught:
        locate(LAPTOP.model.model_copy(update={"precision": "nf4"}))
    assert "--recipe laptop" in str(caught.value)


def test_plan_tells_the_hours_of_smollm2_on_a_cpu() -> None:
    rows = dataset.rows_of("addition", LAPTOP)
    plan = hardware.make("addition", LAPTOP, rows)
    (time,) = plan.times
    assert time.tokens_per_second == SMOLLM2_TOKENS
    assert time.device == "this CPU"
    other = shape("Qwen/Qwen2.5-0.5B")
    assert _on_two_cores(other, "Qwen/Qwen2.5-0.5B") is None


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [("amx_bf16", "bf16"), ("avx512_bf16", "bf16"), ("avx512_f", None), ("amx_int8", None), ("amx_fp16", None)],
)
def test_a_cpu_casts_to_bf16_only_where_it_multiplies_it(
    no_gpu: None, monkeypatch: pytest.MonkeyPatch, instructions: str, expected: str | None
) -> None:
    flags = dict.fromkeys(("amx_bf16", "avx512_bf16", "avx512_f", "amx_int8", "amx_fp16"), False)
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: flags | {instructions: True}, raising=False)
    assert autocast_of(LAPTOP.train) == expected


@pytest.mark.parametrize("chunk", [3, 1000])
@pytest.mark.parametrize("items", [None, 40])
def test_the_loss_is_that_of_all_logits(monkeypatch: pytest.MonkeyPatch, chunk: int, items: int | None) -> None:
    import torch

    monkeypatch.setattr(loss_module, "LOSS_TOKENS", chunk)
    generator = torch.Generator().manual_seed(0)
    head = torch.nn.Linear(8, 50).requires_grad_(False)
    labels = torch.randint(50, (3, 11), generator=generator)
    labels[:, :4] = IGNORED
    labels[2] = IGNORED
    results = []
    for lean in (True, False):
        states = torch.randn(3, 11, 8, generator=torch.Generator().manual_seed(1), requires_grad=True)
        if lean:
            loss = cross_entropy(states, head, labels, items)
        else:
            total = torch.nn.functional.cross_entropy(
                head(states).flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum"
            )
            loss = total / (items or 14)
        (3 * loss).backward()
        assert states.grad is not None
        results.append((loss.item(), states.grad))
    assert math.isclose(results[0][0], results[1][0], rel_tol=1e-5)
    assert torch.allclose(results[0][1], results[1][1], atol=1e-7)


def test_a_loss_of_nothing_is_zero_and_has_a_gradient() -> None:
    import torch

    states = torch.randn(1, 4, 8, requires_grad=True)
    loss = cross_entropy(states, torch.nn.Linear(8, 50), torch.full((1, 4), IGNORED))
    loss.backward()
    assert loss.item() == 0
    assert states.grad is not None
    assert not states.grad.any()


def test_training_runs_the_output_layer_once_where_trained(tmp_path: Path, no_gpu: None) -> None:
    """And its loss and gradients are those of the model's own forward pass over all logits."""
    import torch

    spec = small_model(tmp_path / "m", "Llama")
    loaded = models.load_base(spec)
    models.add_adapter(loaded, recipe.Lora(rank=4, alpha=8), seed=0)
    for name, weights in loaded.model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.1, generator=torch.Generator().manual_seed(1))
    rows = [encode(loaded.codec, example(seed, 1 + seed % 3)) for seed in range(4)]
    padded = [row["input_ids"] for row in rows]
    whole = loaded.model.get_base_model().forward
    chosen = recipe.load("laptop", [f"model.name={spec.name}", "train.autocast=none"], task="addition")
    run = RunDir.create(tmp_path / "run", "addition", chosen)
    trainer, _ = training.build(run, loaded, rows, Sizes(max(map(len, padded)), 4, 4, 4, packed=False))
    inputs = trainer.data_collator(list(trainer.train_dataset))
    seen: list[int] = []
    hook = loaded.model.get_output_embeddings().register_forward_hook(
        lambda layer, given, logits: seen.append(logits.shape[:-1].numel())
    )
    count = sum(label != IGNORED for row in rows for label in row["labels"])

    def gradients(loss: Any) -> Any:
        loaded.model.zero_grad()
        loss.backward()
        return torch.cat([p.grad.flatten() for p in loaded.model.parameters() if p.grad is not None])

    lean = trainer.compute_loss(trainer.model, dict(inputs), num_items_in_batch=torch.tensor(count))
    lean_gradients = gradients(lean)
    assert sum(seen) == count
    hook.remove()
    full = whole(**{name: inputs[name] for name in ("input_ids", "attention_mask", "labels")}).loss
    assert lean.item() == pytest.approx(full.item(), rel=1e-5)
    assert torch.allclose(lean_gradients, gradients(full), rtol=1e-3, atol=1e-6)
