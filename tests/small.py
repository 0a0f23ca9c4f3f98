"""Rows for tests in one process: addition problems, and texts that nano was pretrained on."""

import json
from pathlib import Path
from random import Random

from tailkit import recipe, tasks
from tailkit.nano import MODEL_DIR
from tailkit.nano.workshop import primitives
from tailkit.records import Example

TASK = tasks.load("addition")
NANO = recipe.Model(name="nano", precision="fp32")


def small_qwen2(folder: Path) -> recipe.Model:
    """A small Qwen2 with nano's tokenizer and random weights, in a folder: attention alone, as the big models."""
    import torch
    from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=264, max_position_embeddings=2048, tie_word_embeddings=True,
    )  # fmt: skip
    Qwen2ForCausalLM(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(MODEL_DIR).save_pretrained(folder)
    return recipe.Model(name=str(folder), precision="fp32")


def example(seed: int, n: int = 3) -> Example:
    """An addition problem of length n with its core trace."""
    problem = TASK.problem(Random(seed), "S", (n, n))
    text = TASK.trace(TASK.record(problem), problem, "tail").text
    data = json.dumps(problem.data)
    return Example("addition", "", 1, "S", n, "eval", "tail", problem.key, problem.query, text, problem.answer, data)


def known(seed: int, size: int) -> Example:
    """A short text of nano's pretraining, which it completes the better the smaller it is."""
    rng = Random(seed)
    prompt, completion = rng.choice(primitives.PRIMITIVES[1:])[0](rng, size)
    return Example("addition", "", 1, "S", size, "eval", "tail", str(seed), prompt, completion, "", "{}")
