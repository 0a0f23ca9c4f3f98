"""What is pretrained, and how: the figures of a pretraining run, and the model that it begins with.

In: a `Pretraining`. Out: a small LFM2.
"""

from dataclasses import dataclass
from typing import Any

from tailkit.nano.workshop.batches import PAD_ID, STOP_ID


@dataclass(frozen=True)
class Pretraining:
    """A pretraining run; `smallest` and `largest` in characters of a text's strings, the rest in tokens and steps.

    Texts grow until `grow` tokens, and from `turn` tokens on their mixture is that of `stage`. The rate is held
    until `hold` tokens and then falls to zero. In `layers`, c is a convolution and a is attention. `start` is the
    folder of a model to begin with; without it the first weights are random.
    """

    tokens: int = 42_000_000
    seed: int = 0
    learning_rate: float = 7e-3
    weight_decay: float = 0.02
    warmup: int = 100
    hold: int = 15_600_000
    smallest: int = 4
    largest: int = 16
    grow: int = 20_800_000
    turn: int = 21_500_000
    stage: int = 2
    layers: str = "cacaca"
    hidden: int = 128
    theta: float = 10000.0
    start: str = ""


def new_model(plan: Pretraining) -> Any:
    """An LFM2 in miniature: short convolutions, which see the bytes just before, and attention take turns."""
    from transformers import Lfm2Config, Lfm2ForCausalLM, set_seed

    set_seed(plan.seed)
    config = Lfm2Config(
        vocab_size=264,
        hidden_size=plan.hidden,
        intermediate_size=3 * plan.hidden,
        block_auto_adjust_ff_dim=False,
        num_hidden_layers=len(plan.layers),
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=4096,
        layer_types=[{"c": "conv", "a": "full_attention"}[layer] for layer in plan.layers],
        rope_parameters={"rope_type": "default", "rope_theta": plan.theta},
        initializer_range=0.05,
        pad_token_id=PAD_ID,
        bos_token_id=None,
        eos_token_id=STOP_ID,
        tie_word_embeddings=True,
    )
    return Lfm2ForCausalLM.from_pretrained(plan.start) if plan.start else Lfm2ForCausalLM(config)
