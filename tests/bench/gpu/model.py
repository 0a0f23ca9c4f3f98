"""The model of the GPU bench: a Qwen2.5-7B, or a Qwen2 of two layers, with random weights and known output.

In: a size. Out: a folder as `from_pretrained` reads it, made on the device.
"""

from pathlib import Path
from typing import Any

SIZES: dict[str, dict[str, Any]] = {
    "7b": {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
           "num_key_value_heads": 4, "vocab_size": 152064},
    "tiny": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
             "num_key_value_heads": 2, "vocab_size": 4096},
}  # fmt: skip
STOP = 258
"""The stop token of nano's tokenizer, which the model has."""


def make_model(folder: Path, size: str) -> None:
    """A Qwen2 of random weights in bf16 whose greedy decoding counts: after id i comes i + 1, after the last the stop.

    So it is known what it prints, and how much of a gold trace it reproduces can be set. The layers
    are near nothing; they cost what those of the real model cost.
    """
    import torch
    from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

    from tailkit.nano import MODEL_DIR
    from tailkit.run.files import whole

    config = Qwen2Config(
        **SIZES[size], max_position_embeddings=32768, tie_word_embeddings=False, initializer_range=0.001,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
    )  # fmt: skip
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = Qwen2ForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    with torch.no_grad():
        rows = model.model.embed_tokens.weight.normal_()
        model.lm_head.weight.copy_(rows.roll(1, 0))
        model.lm_head.weight[STOP] = rows[-1]
        model.lm_head.weight[0].zero_()
    with whole(folder) as temporary:
        model.save_pretrained(temporary)
        AutoTokenizer.from_pretrained(MODEL_DIR).save_pretrained(temporary)


def counted(vocabulary: int, length: int) -> list[int]:
    """The last `length` ids that the model counts through, with the stop token."""
    return [*range(vocabulary - length + 1, vocabulary), STOP]
