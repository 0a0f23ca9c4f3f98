"""A model's sizes, and what follows from them alone: parameters, an adapter's, bytes of a KV cache.

In: the config.json of a decoder with gated MLPs (Qwen2, Llama, LFM2 and their like). Out: a `Shape`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


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
    packs: bool = True
    """Whether rows packed into one are apart, as `packs` tells."""

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

    def cache(self, width: int) -> int:
        """Bytes of one token in a KV cache, `width` bytes a value."""
        return cache_bytes(self._config, width)

    def decoded(self, width: int) -> float:
        """Bytes of one token of a row that is decoded, as `decoded_bytes` counts them."""
        return decoded_bytes(self._config, width)

    def passed(self, width: int) -> int:
        """Bytes of one token of a pass without gradients, as `passed_bytes` counts them."""
        return passed_bytes(self._config, width)

    @property
    def _config(self) -> dict[str, Any]:
        """The sizes by their names in a config.json."""
        kinds = ["conv"] * self.convolutions + ["full_attention"] * self.attending
        values = (self.heads, self.kv_heads, self.head, self.hidden, self.intermediate, self.layers, kinds)
        return dict(zip(SIZES, values, strict=True))


SIZES = (
    "num_attention_heads", "num_key_value_heads", "head_dim", "hidden_size", "intermediate_size", "num_hidden_layers",
    "layer_types",
)  # fmt: skip
"""What the functions below have to know of a config; models have these that are no `Shape`."""


def cache_bytes(config: Mapping[str, Any], width: int) -> int:
    """Bytes of one token in a KV cache. Short convolutions (LFM2) keep a fixed few, which are not counted."""
    heads = config["num_attention_heads"]
    kinds: list[str] = config.get("layer_types") or ["full_attention"] * config["num_hidden_layers"]
    size: int = config.get("head_dim") or config["hidden_size"] // heads
    kv_heads: int = config.get("num_key_value_heads") or heads
    return width * 2 * sum(kind != "conv" for kind in kinds) * kv_heads * size


def decoded_bytes(config: Mapping[str, Any], width: int) -> float:
    """Bytes of one token of a row that is decoded: its cache, and what the layer takes that is at work.

    A growing cache is copied, so that old and new of a layer stand side by side, and where known text is taken in
    with a mask, which padding makes, torch's attention gives every head a copy of its keys and values.
    """
    heads: int = config["num_attention_heads"]
    kv_heads: int = config.get("num_key_value_heads") or heads
    layers: int = config["num_hidden_layers"]
    return cache_bytes(config, width) * (1 + (2 + heads / kv_heads) / layers)


def passed_bytes(config: Mapping[str, Any], width: int) -> int:
    """Bytes of one token of a pass without gradients: the intermediate results of a block."""
    hidden: int = config["hidden_size"]
    return width * (3 * (config.get("intermediate_size") or 4 * hidden) + 8 * hidden)


def packs(layer_types: Iterable[str] | None) -> bool:
    """Whether rows packed into one are apart: layers that look back in other ways than attention see the row before.

    `layer_types` as in a config.json; without it all layers are attention.
    """
    return set(layer_types or ()) <= {"full_attention", "sliding_attention"}


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
        convolutions=(config.get("layer_types") or []).count("conv"),
        taps=config.get("conv_L_cache", 0),
        packs=packs(config.get("layer_types")),
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
# Its config.json.
SMOLLM2 = {"135M": Shape(30, 576, 1536, 9, 3, 64, 49152, tied=True, biased=False, context=8192)}
FAMILIES = {"Qwen2.5": QWEN, "SmolLM2": SMOLLM2}
"""Models whose sizes are known before anything is downloaded, by the two parts of their names."""
