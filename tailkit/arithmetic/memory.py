"""What a model takes of memory, from its shape alone.

In: a shape, the recipe's sections and the sizes of a pass.
Out: bytes, part by part, as a low and a high estimate. On a CPU they were held against measured
runs of nano; on a GPU nothing was measured yet: `python -m tests.bench.gpu` puts both side by side.
"""

from dataclasses import dataclass, fields

from tailkit import recipe
from tailkit.arithmetic.decoding import LOGITS_AT_ONCE, PREFILL_TOKENS, batch_rows, pass_rows
from tailkit.arithmetic.host import GIB
from tailkit.arithmetic.shape import Shape

# NF4 with double quantisation: 4 bits, an 8-bit constant for 64 weights, an fp32 one for 256 of those.
NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
BYTES = {"nf4": NF4_BYTES, "bf16": 2.0, "fp32": 4.0}
# AdamW: weight, gradient and two moments in fp32; or moments of a byte, with an fp32 constant for 256 of each.
ADAPTER_BYTES = {"adamw_torch_fused": 16, "adamw_8bit": 10 + 2 * 4 / 256}
# Of these a checkpoint holds all but the gradient; so many checkpoints are kept.
CHECKPOINT_BYTES = {name: size - 4 for name, size in ADAPTER_BYTES.items()}
CHECKPOINTS = 2
# TRL's chunked loss holds the logits of 256 tokens (trl 1.14, sft_trainer): in bf16, twice in fp32, and
# with the gradient twice more.
LOSS_TOKENS, LOSS_BYTES = 256, (10, 18)
# Unsloth's loss holds so many logits in fp32 at once, 0.29 GiB: those of 512 tokens with the vocabulary of Qwen2.5
# (unsloth_zoo 2026.10, fused_losses/fused_linear).
FUSED_LOGITS, FUSED_BYTES = 512 * 151936, 4
# CUDA's context, cuBLAS workspaces: not seen by torch's allocator, but taken from the card. A reading.
CONTEXT = 0.6 * GIB
# Memory that the allocator holds in pieces too small to use. A reading.
FRAGMENTS = 0.08
# Python with torch, transformers and TRL on a CPU, in all of a process' memory. Measured with nano: 0.58 GiB
# while decoding, 0.74 GiB while training.
LIBRARIES = (0.5 * GIB, 0.75 * GIB)


@dataclass(frozen=True)
class Footprint:
    """Bytes, part by part, each as (low, high)."""

    weights: tuple[float, float]
    adapter: tuple[float, float]
    activations: tuple[float, float]
    logits: tuple[float, float]
    overhead: tuple[float, float]

    @property
    def low(self) -> float:
        return self._sum(0)

    @property
    def high(self) -> float:
        return self._sum(1)

    def _sum(self, end: int) -> float:
        return float(sum(getattr(self, part.name)[end] for part in fields(self)))


def weights(shape: Shape, precision: str) -> float:
    """Bytes of the weights; in nf4 all but the linear layers of the blocks stays in 16 bits."""
    rest = 4.0 if precision == "fp32" else 2.0
    return BYTES[precision] * shape.block_weights + rest * shape.other_weights


def training(shape: Shape, of: recipe.Recipe, tokens: int, *, on_gpu: bool = True, fused: bool = False) -> Footprint:
    """Peak memory of training with `tokens` tokens in a forward pass; `fused`: whether kernels such as Unsloth's may.

    On a GPU under gradient checkpointing. Low: Unsloth, whose kernels work in place and which keeps
    the checkpoints in CPU memory. High: transformers, with all of a block's intermediate results
    kept while its gradient is made. On a CPU those of all blocks are kept.
    """
    model, lora = of.model, of.lora
    base, adapter = weights(shape, model.precision), ADAPTER_BYTES[of.train.optim] * shape.adapter(lora.rank)
    active = _checkpointed(shape, model, tokens, fused=fused) if on_gpu else _kept(shape, model, lora, tokens)
    few = shape.vocabulary * min(tokens, LOSS_TOKENS)
    most, least = LOSS_BYTES[1] * few, float(LOSS_BYTES[0] * few)
    if on_gpu:
        # The intermediate results of a block are not there yet when the loss is made.
        least = min(least, _fused_loss(shape, tokens)) if fused else least
        least = max(0.0, least - _block(shape, model, tokens))
    return Footprint(
        weights=(base, base),
        adapter=(adapter, adapter),
        activations=active,
        logits=(least, most),
        overhead=_overhead(base + adapter + active[0], on_gpu=on_gpu),
    )


def _checkpointed(shape: Shape, model: recipe.Model, tokens: int, *, fused: bool) -> tuple[float, float]:
    """One hidden state a block, and the intermediate results of one block."""
    width, inner = value_bytes(model), shape.intermediate
    kept = width * tokens * shape.hidden * shape.layers
    low = (0 if fused else kept) + _block(shape, model, tokens)
    # Counted up to a pass of 32,732 tokens: 683 KB a token with Qwen2.5-7B, of 694 predicted.
    return low, kept + width * tokens * (10 * inner + 16 * shape.hidden) + 2 * _unpacked(shape, model)


def _block(shape: Shape, model: recipe.Model, tokens: int) -> float:
    """The least that the intermediate results of one block take, with its largest layer unpacked."""
    return value_bytes(model) * tokens * (3 * shape.intermediate + 6 * shape.hidden) + _unpacked(shape, model)


def _unpacked(shape: Shape, model: recipe.Model) -> float:
    """Bytes of the largest layer; one in 4 bits is unpacked while it is used."""
    return 2.0 * max(a * b for a, b in shape.linear) if model.precision == "nf4" else 0.0


def _kept(shape: Shape, model: recipe.Model, lora: recipe.Lora, tokens: int) -> tuple[float, float]:
    """The intermediate results of all blocks. Measured with nano: 140 KB a token, of 65 to 157 predicted.

    LoRA's dropout keeps the inputs of all linear layers once more, and which were dropped: measured 26 and 38 KB a
    token, of 25 to 49 predicted.
    """
    all_blocks, inner = value_bytes(model) * tokens * shape.layers, shape.intermediate
    dropped = value_bytes(model) * tokens * sum(inputs for inputs, _ in shape.linear) if lora.dropout else 0
    return all_blocks * (4 * inner + 9 * shape.hidden) + dropped, all_blocks * (
        9 * inner + 24 * shape.hidden
    ) + 2 * dropped


def _fused_loss(shape: Shape, tokens: int) -> float:
    """Bytes of a chunk of Unsloth's loss; a long pass with a small vocabulary takes larger ones."""
    return FUSED_BYTES * min(tokens * shape.vocabulary, max(FUSED_LOGITS, tokens * shape.hidden))


def value_bytes(model: recipe.Model) -> int:
    """Bytes of a value that is computed with."""
    return 4 if model.precision == "fp32" else 2


def _overhead(used: float, *, on_gpu: bool) -> tuple[float, float]:
    low, high = (CONTEXT, CONTEXT) if on_gpu else LIBRARIES
    return low, high + FRAGMENTS * used


def evaluation(shape: Shape, model: recipe.Model, rows: int, longest: int, *, on_gpu: bool = True) -> Footprint:
    """Peak memory of decoding `rows` rows of up to `longest` tokens together."""
    base, width, tokens = weights(shape, model.precision), value_bytes(model), rows * longest
    cache = tokens * shape.cache(width)
    prefill = min(tokens, PREFILL_TOKENS) * shape.passed(width)
    return Footprint(
        weights=(base, base),
        adapter=(0, 0),
        activations=(cache, tokens * shape.decoded(width) + prefill),
        logits=(4 * rows * shape.vocabulary, _drafts(shape, model, rows, longest) + 8 * rows * shape.vocabulary),
        overhead=_overhead(base + cache, on_gpu=on_gpu),
    )


def _drafts(shape: Shape, model: recipe.Model, rows: int, longest: int) -> float:
    """The pass over gold traces: a block's intermediate results of all its tokens, the logits of a chunk of a row."""
    tokens, width = longest * pass_rows(longest, rows), value_bytes(model)
    # Logits as the output layer gives them, in fp32, and what their sum takes.
    logits = (width + 8) * shape.vocabulary * min(LOGITS_AT_ONCE, longest)
    return logits + tokens * shape.passed(width)


def decoded_rows(shape: Shape, model: recipe.Model, longest: int, most: int, room: float) -> int:
    """Rows of up to `longest` tokens that decoding takes at once on a GPU of `room` bytes."""
    free, width = room - CONTEXT - weights(shape, model.precision), value_bytes(model)
    return batch_rows(free, longest, most, token=shape.decoded(width), passed=shape.passed(width))
