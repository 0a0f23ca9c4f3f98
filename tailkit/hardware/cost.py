"""What a model costs in memory, from its shape alone.

In: the shape of a decoder with gated MLPs (Qwen2, Llama, LFM2 and their like) and the sizes of a pass.
Out: bytes, part by part, as a low and a high estimate. On a CPU they were held against measured
runs of nano; on a GPU nothing was measured yet: `python -m tests.bench.gpu` puts both side by side.
"""

import math
from dataclasses import dataclass, fields
from typing import Any

from tailkit import recipe

GIB = 2**30
# NF4 with double quantisation: 4 bits, an 8-bit constant for 64 weights, an fp32 one for 256 of those.
NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
BYTES = {"nf4": NF4_BYTES, "bf16": 2.0, "fp32": 4.0}
# AdamW in fp32: weight, gradient, two moments.
ADAPTER_BYTES = 16
# TRL's chunked loss holds the logits of 256 tokens (trl 1.14, sft_trainer): in bf16, twice in fp32, and
# with the gradient twice more.
LOSS_TOKENS, LOSS_BYTES = 256, (10, 18)
# Unsloth's fused loss takes chunks of up to 4 GiB, or half of what is free, at 16 bytes a logit (unsloth_zoo
# 2026.10, fused_losses/cross_entropy_loss).
FUSED_TARGET, FUSED_BYTES = 4 * GIB, 16
# CUDA's context, cuBLAS workspaces: not seen by torch's allocator, but taken from the card. A reading.
CONTEXT = 0.6 * GIB
# Memory that the allocator holds in pieces too small to use. A reading.
FRAGMENTS = 0.08
# Python with torch, transformers and TRL on a CPU, in all of a process' memory. Measured with nano: 0.58 GiB
# while decoding, 0.74 GiB while training.
LIBRARIES = (0.5 * GIB, 0.75 * GIB)


@dataclass(frozen=True)
class Shape:
    """A model's sizes, by the names of its config.json, and the most tokens that it takes."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head: int
    vocabulary: int
    tied: bool
    biased: bool
    context: int
    convolutions: int = 0
    """Blocks that have a short convolution (LFM2) in place of attention."""
    taps: int = 0
    """Tokens that such a convolution sees."""

    @property
    def linear(self) -> list[tuple[int, int]]:
        """The linear layers of all blocks: (inputs, outputs)."""
        inner, kv = self.heads * self.head, self.kv_heads * self.head
        attention = [(self.hidden, inner), (self.hidden, kv), (self.hidden, kv), (inner, self.hidden)]
        convolution = [(self.hidden, 3 * self.hidden), (self.hidden, self.hidden)]
        gate, down = (self.hidden, self.intermediate), (self.intermediate, self.hidden)
        return self.attending * attention + self.convolutions * convolution + self.layers * [gate, gate, down]

    @property
    def attending(self) -> int:
        """Blocks that have attention."""
        return self.layers - self.convolutions

    @property
    def block_weights(self) -> int:
        """Parameters of the linear layers of all blocks: what is quantised."""
        return sum(a * b for a, b in self.linear)

    @property
    def other_weights(self) -> int:
        """Embeddings, output layer, norms, biases and convolutions: what stays in 16 bits."""
        biases = self.head * (self.heads + 2 * self.kv_heads) if self.biased else 0
        tables = self.vocabulary * self.hidden * (1 if self.tied else 2)
        # LFM2 also has norms on queries and keys.
        norms = self.hidden * (2 * self.layers + 1) + (2 * self.head * self.attending if self.convolutions else 0)
        return tables + norms + self.attending * biases + self.convolutions * self.taps * self.hidden

    @property
    def parameters(self) -> int:
        return self.block_weights + self.other_weights

    def adapter(self, rank: int) -> int:
        """Parameters of a LoRA adapter on all linear layers."""
        return rank * sum(a + b for a, b in self.linear)

    @property
    def cache(self) -> int:
        """Bytes of one token in a KV cache of 16 bits."""
        return 2 * 2 * self.attending * self.kv_heads * self.head


def shape_of(config: dict[str, Any]) -> Shape:
    """The shape in a config.json; raises `KeyError` or `ValueError` if it is of another kind."""
    if any("experts" in name for name in config):
        raise ValueError("it is a mixture of experts")
    heads = config["num_attention_heads"]
    return Shape(
        layers=config["num_hidden_layers"],
        hidden=config["hidden_size"],
        intermediate=config["intermediate_size"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head=config.get("head_dim") or config["hidden_size"] // heads,
        vocabulary=config["vocab_size"],
        # transformers leaves out what is its default; that of Qwen2 and Llama is False.
        tied=config.get("tie_word_embeddings", config.get("model_type") == "lfm2"),
        biased=config.get("model_type") == "qwen2" or bool(config.get("attention_bias")),
        context=config["max_position_embeddings"],
        convolutions=config.get("layer_types", []).count("conv"),
        taps=config.get("conv_L_cache", 0),
    )


def _qwen(layers: int, hidden: int, intermediate: int, heads: int, kv_heads: int) -> Shape:
    """A Qwen2.5 base model of this size (their config.json files, arXiv 2412.15115, table 1)."""
    small = hidden <= 2048
    return Shape(
        layers, hidden, intermediate, heads, kv_heads, hidden // heads,
        151936 if small else 152064, tied=small, biased=True, context=32768 if small else 131072,
    )  # fmt: skip


QWEN = {
    "0.5B": _qwen(24, 896, 4864, 14, 2),
    "1.5B": _qwen(28, 1536, 8960, 12, 2),
    "3B": _qwen(36, 2048, 11008, 16, 2),
    "7B": _qwen(28, 3584, 18944, 28, 4),
    "14B": _qwen(48, 5120, 13824, 40, 8),
}
INSTRUCT_CONTEXT = 32768


@dataclass(frozen=True)
class Memory:
    """Bytes, part by part, each as (low, high)."""

    weights: tuple[float, float]
    adapter: tuple[float, float]
    activations: tuple[float, float]
    logits: tuple[float, float]
    overhead: tuple[float, float]

    @property
    def low(self) -> float:
        return sum(getattr(self, part.name)[0] for part in fields(self))

    @property
    def high(self) -> float:
        return sum(getattr(self, part.name)[1] for part in fields(self))


def weights(shape: Shape, precision: str) -> float:
    """Bytes of the weights; in nf4 all but the linear layers of the blocks stays in 16 bits."""
    rest = 4.0 if precision == "fp32" else 2.0
    return BYTES[precision] * shape.block_weights + rest * shape.other_weights


def training(shape: Shape, model: recipe.Model, lora: recipe.Lora, tokens: int, *, on_gpu: bool = True) -> Memory:
    """Peak memory of training with `tokens` tokens in a forward pass.

    On a GPU under gradient checkpointing. Low: Unsloth, whose kernels work in place and which keeps
    the checkpoints in CPU memory. High: transformers, with all of a block's intermediate results
    kept while its gradient is made. On a CPU those of all blocks are kept.
    """
    base, adapter = weights(shape, model.precision), ADAPTER_BYTES * shape.adapter(lora.rank)
    active = _checkpointed(shape, model, tokens) if on_gpu else _kept(shape, model, lora, tokens)
    few = shape.vocabulary * min(tokens, LOSS_TOKENS)
    fused = _fused_loss(shape, tokens) if on_gpu and _may_be_unsloth(model) else 0
    return Memory(
        weights=(base, base),
        adapter=(adapter, adapter),
        activations=active,
        logits=(LOSS_BYTES[0] * few, max(LOSS_BYTES[1] * few, fused)),
        overhead=_overhead(base + adapter + active[0], on_gpu=on_gpu),
    )


def _checkpointed(shape: Shape, model: recipe.Model, tokens: int) -> tuple[float, float]:
    """One hidden state a block, and the intermediate results of one block."""
    width, inner = _width(model), shape.intermediate
    kept = width * tokens * shape.hidden * shape.layers
    # A 4-bit layer is unpacked while it is used.
    unpacked = 2 * max(a * b for a, b in shape.linear) if model.precision == "nf4" else 0
    low = (0 if _may_be_unsloth(model) else kept) + width * tokens * (3 * inner + 6 * shape.hidden) + unpacked
    return low, kept + width * tokens * (7 * inner + 16 * shape.hidden) + 2 * unpacked


def _kept(shape: Shape, model: recipe.Model, lora: recipe.Lora, tokens: int) -> tuple[float, float]:
    """The intermediate results of all blocks. Measured with nano: 140 KB a token, of 65 to 157 predicted.

    LoRA's dropout keeps the inputs of all linear layers once more, and which were dropped: measured 26 and 38 KB a
    token, of 25 to 49 predicted.
    """
    all_blocks, inner = _width(model) * tokens * shape.layers, shape.intermediate
    dropped = _width(model) * tokens * sum(inputs for inputs, _ in shape.linear) if lora.dropout else 0
    return all_blocks * (4 * inner + 9 * shape.hidden) + dropped, all_blocks * (
        9 * inner + 24 * shape.hidden
    ) + 2 * dropped


def _fused_loss(shape: Shape, tokens: int) -> float:
    """Bytes of the largest chunk of Unsloth's loss; it makes 1, 4, 8, 12 … chunks."""
    whole = FUSED_BYTES * shape.vocabulary * tokens
    return whole if whole <= FUSED_TARGET else whole / (4 * math.ceil(whole / FUSED_TARGET / 4))


def _may_be_unsloth(model: recipe.Model) -> bool:
    """As `models.choose` decides, on a GPU where Unsloth is installed."""
    return model.backend == "unsloth" or (model.backend == "auto" and model.precision != "fp32")


def _width(model: recipe.Model) -> int:
    return 4 if model.precision == "fp32" else 2


def _overhead(used: float, *, on_gpu: bool) -> tuple[float, float]:
    low, high = (CONTEXT, CONTEXT) if on_gpu else LIBRARIES
    return low, high + FRAGMENTS * used


def evaluation(shape: Shape, model: recipe.Model, rows: int, longest: int, *, on_gpu: bool = True) -> Memory:
    """Peak memory of decoding `rows` rows of up to `longest` tokens together."""
    base, cache = weights(shape, model.precision), rows * longest * shape.cache * _width(model) / 2
    active = _width(model) * rows * longest * shape.hidden * 4
    # The pass over the gold traces holds logits of up to 1 GiB (models/forward).
    drafts = min(GIB, 4 * shape.vocabulary * rows * longest)
    return Memory(
        weights=(base, base),
        adapter=(0, 0),
        # A growing cache is copied: old and new of one layer stand side by side.
        activations=(cache, cache * (1 + 2 / shape.layers) + active),
        logits=(4 * rows * shape.vocabulary, drafts + 8 * rows * shape.vocabulary),
        overhead=_overhead(base + cache, on_gpu=on_gpu),
    )
