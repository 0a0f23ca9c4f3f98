"""A model's sizes, and what follows from them alone: parameters, an adapter's, bytes of a KV cache.

In: the config.json of a decoder with gated MLPs (Qwen2, Llama, LFM2 and their like). Out: a `Shape`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

NAMES = (
    "num_attention_heads", "num_key_value_heads", "head_dim", "hidden_size", "intermediate_size", "num_hidden_layers",
    "layer_types",
)  # fmt: skip


@dataclass(frozen=True)
class Blocks:
    """The sizes of a model's blocks, which any decoder has: what a token takes of memory follows from them."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head: int
    convolutions: int = field(default=0, kw_only=True)
    """Blocks that have a short convolution (LFM2) in place of attention."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Blocks":
        """The sizes in a config.json; raises `KeyError` for one that lacks them."""
        heads, hidden = config["num_attention_heads"], config["hidden_size"]
        return cls(
            layers=config["num_hidden_layers"],
            hidden=hidden,
            intermediate=config.get("intermediate_size") or 4 * hidden,
            heads=heads,
            kv_heads=config.get("num_key_value_heads") or heads,
            head=config.get("head_dim") or hidden // heads,
            convolutions=(config.get("layer_types") or []).count("conv"),
        )

    @classmethod
    def in_use(cls, config: Any) -> "Blocks":
        """The sizes of a model that is loaded, by its config, which may have other names for them in its file."""
        return cls.of({name: getattr(config, name, None) for name in NAMES})

    @property
    def attending(self) -> int:
        """Blocks that have attention."""
        return self.layers - self.convolutions

    def cache(self, width: int) -> int:
        """Bytes of one token in a KV cache, `width` bytes a value. What convolutions keep is not counted."""
        return width * 2 * self.attending * self.kv_heads * self.head

    def decoded(self, width: int) -> float:
        """Bytes of one token of a row that is decoded: its cache, and what the layer takes that is at work.

        A growing cache is copied, so that old and new of a layer stand side by side, and where known text is taken in
        with a mask, which padding makes, torch's attention gives every head a copy of its keys and values.
        """
        return self.cache(width) * (1 + (2 + self.heads / self.kv_heads) / self.layers)

    def passed(self, width: int) -> int:
        """Bytes of one token of a pass without gradients: the intermediate results of a block."""
        return width * (3 * self.intermediate + 8 * self.hidden)


@dataclass(frozen=True)
class Shape(Blocks):
    """A model's sizes, and the most tokens that it takes."""

    vocabulary: int
    tied: bool
    biased: bool
    context: int
    taps: int = 0
    """Tokens that a short convolution sees."""
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


def packs(layer_types: Iterable[str] | None) -> bool:
    """Whether rows packed into one are apart: layers that look back in other ways than attention see the row before.

    `layer_types` as in a config.json; without it all layers are attention.
    """
    return set(layer_types or ()) <= {"full_attention", "sliding_attention"}


def shape_of(config: dict[str, Any]) -> Shape:
    """The shape in a config.json; raises `KeyError` or `ValueError` if it is of another kind."""
    if any("experts" in name for name in config):
        raise ValueError("it is a mixture of experts")
    return Shape(
        **asdict(Blocks.of(config)),
        vocabulary=config["vocab_size"],
        # transformers leaves out what is its default; that of Qwen2 and Llama is False.
        tied=config.get("tie_word_embeddings", config.get("model_type") == "lfm2"),
        biased=config.get("model_type") == "qwen2" or bool(config.get("attention_bias")),
        context=config["max_position_embeddings"],
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
