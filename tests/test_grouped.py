"""Attention of one new token in evaluation: what transformers' own gives, without copies of the cache."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailkit import decode, models, recipe
from tailkit.decode.grouped import NAME, attend, keep_groups
from tailkit.models import Loaded
from tailkit.records import Example
from tailkit.run.folder import RunDir
from tests.small import NANO, known, small_model

Outputs = list[tuple[int, str, int, bool]]


@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 4), st.integers(1, 9), st.integers(1, 2),
    st.sampled_from(["no mask", "bool", "float", "heads"]), st.sampled_from([None, 0.3]),
)  # fmt: skip
@settings(max_examples=25)
def test_grouped_attention_is_that_of_transformers(
    rows: int, kv_heads: int, groups: int, length: int, tokens: int, mask: str, scaling: float | None
) -> None:
    """Whatever the shapes; padding on the left, and masks of other kinds."""
    import torch
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    heads, length = kv_heads * groups, max(length, tokens)
    query, key, value = (
        torch.randn(rows, n, m, 8) for n, m in ((heads, tokens), (kv_heads, length), (kv_heads, length))
    )
    seen = torch.ones(rows, 1, tokens, length, dtype=torch.bool).tril(length - tokens)
    seen[0, :, :, : length // 2] &= length == 1
    given_mask = {
        "no mask": None,
        "bool": seen,
        "float": torch.where(seen, torch.randn(seen.shape), float("-inf")),
        "heads": seen.expand(-1, heads, -1, -1),
    }[mask]
    module: Any = SimpleNamespace(num_key_value_groups=groups, is_causal=True)
    found, expected = (
        function(module, query, key, value, given_mask, dropout=0.0, scaling=scaling)
        for function in (attend, sdpa_attention_forward)
    )
    assert found[0].shape == expected[0].shape == (rows, tokens, heads, 8)
    assert torch.allclose(found[0], expected[0], atol=1e-5)


def test_a_bias_of_positions_is_left_to_transformers() -> None:
    import torch

    query, key = torch.randn(2, 4, 1, 8), torch.randn(2, 2, 5, 8)
    bias = torch.randn(2, 4, 1, 5)
    module = SimpleNamespace(num_key_value_groups=2, is_causal=True)
    with_bias, without = (attend(module, query, key, key, None, position_bias=one)[0] for one in (bias, None))
    assert not torch.allclose(with_bias, without)


def generated(loaded: Loaded, folder: Path, rows: list[Example]) -> Outputs:
    over = ["decode.batch=64", "decode.method=plain", "decode.slack=1.0"]
    run = RunDir.create(folder, "addition", recipe.load("nano", over, task="addition"))
    return [(one.index, one.text, one.tokens, one.cut) for one in decode.decode(loaded, run, "S", rows, lambda _: "")]


@pytest.mark.parametrize("cache", ["full", "growing"])
@pytest.mark.parametrize("count", [8, pytest.param(600, marks=pytest.mark.slow)])
def test_evaluation_keeps_the_heads_of_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: str, count: int
) -> None:
    """As many rows of unlike length: the tokens of transformers' attention, and no step copies the cache."""
    from transformers.integrations import sdpa_attention

    spec = small_model(tmp_path / "model")
    chosen = recipe.load("nano", [f"model.name={spec.name}", "train.epochs=0"], task="addition")
    loaded, plain = decode.load(RunDir.create(tmp_path / "run", "addition", chosen)), models.load_base(spec)
    plain.model.eval()
    if cache == "growing":
        monkeypatch.setattr("tailkit.decode.plain.FULL_LENGTH", ())
    rows = [known(seed, 3 + seed % 20) for seed in range(count)]
    expected = generated(plain, tmp_path / "expected", rows)
    copied: list[int] = []
    repeat = sdpa_attention.repeat_kv

    def repeated(states: Any, times: int) -> Any:
        copied.append(states.shape[2])
        return repeat(states, times)

    monkeypatch.setattr(sdpa_attention, "repeat_kv", repeated)
    assert generated(loaded, tmp_path / "found", rows) == expected
    batches = -(-count // 64)
    # Keys and values of both layers, where the prompts are taken in: at once, or in two chunks.
    assert 4 * batches <= len(copied) <= 8 * batches


def test_grouped_attention_is_for_evaluation_alone(tmp_path: Path) -> None:
    spec = small_model(tmp_path / "model")
    assert models.load_base(spec).model.config._attn_implementation == "sdpa"
    loaded = models.load_base(NANO)
    loaded.model.config._attn_implementation = "eager"
    keep_groups(loaded.model)
    assert loaded.model.config._attn_implementation == "eager"
    models.add_adapter(loaded, recipe.Lora(rank=2, alpha=4), seed=0)
    loaded.model.get_base_model().set_attn_implementation("sdpa")
    keep_groups(loaded.model)
    assert loaded.model.get_base_model().config._attn_implementation == NAME
