"""Memory of training Qwen2.5-7B in 4 bits: counted tensor by tensor, it lies in the range that `plan` predicts."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tailkit import recipe
from tailkit.arithmetic import memory as need
from tailkit.arithmetic.host import GIB
from tailkit.arithmetic.shape import QWEN, shape_of
from tailkit.run.folder import RunDir

if TYPE_CHECKING:
    from transformers import Qwen2Config

SIZES: dict[str, Any] = {
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "hidden_size": 3584,
    "intermediate_size": 18944,
}


def config(layers: int, vocabulary: int) -> "Qwen2Config":
    """Qwen2.5-7B with so many blocks and so large a vocabulary."""
    from transformers import Qwen2Config

    return Qwen2Config(
        **SIZES, num_hidden_layers=layers, vocab_size=vocabulary, max_position_embeddings=131072,
        tie_word_embeddings=False,
    )  # fmt: skip


def held(folder: Path, of: "Qwen2Config", lengths: list[int], *overrides: str) -> float:
    """The counted peak in GiB, after it was held against the plan's range for training through transformers."""
    from tests import counted

    over = ["train.autocast=bf16", "train.batch=1", *overrides]
    run = RunDir.create(folder / "run", "addition", recipe.load("hobby", over, task="addition"))
    found, passes = counted.peak(of, run, lengths)
    shape = shape_of(of.to_dict())
    # AdamW's two moments come with the first step, CUDA's context is seen by no tensor.
    whole = found + 8 * shape.adapter(run.recipe.lora.rank) + need.CONTEXT
    predicted = need.training(shape, run.recipe, passes.tokens, fused=False)
    assert predicted.low < whole < predicted.high, (predicted.low / GIB, whole / GIB, predicted.high / GIB)
    weights = need.weights(shape, "nf4")
    assert found > weights
    return found / GIB


@pytest.mark.slow
def test_counted_memory_of_three_blocks_is_as_predicted(tmp_path: Path) -> None:
    """Without checkpointing it would not be: the longest pass is tried as it will be trained."""
    held(tmp_path, config(3, 32768), [2048, 2048], "train.packing=false", "train.micro_tokens=2048")


@pytest.mark.slow
@pytest.mark.parametrize(("length", "expected"), [(1024, 6.40), (2048, 6.75), (4096, 7.89)])
def test_counted_memory_of_7b_is_as_predicted(tmp_path: Path, length: int, expected: float) -> None:
    of = config(28, 152064)
    assert shape_of(of.to_dict()).parameters == QWEN["7B"].parameters
    found = held(tmp_path, of, [length] * 2, "train.packing=false", f"train.micro_tokens={length}")
    assert found == pytest.approx(expected, rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize(("length", "batch", "expected"), [(1022, 8, 10.43), (1169, 28, 26.16)])
def test_counted_memory_of_packed_rows_is_as_predicted(
    tmp_path: Path, length: int, batch: int, expected: float
) -> None:
    """Four packs in a pass of 8,176 and 32,732 tokens."""
    over = ("train.packing=true", f"train.batch={batch}", f"train.micro_tokens={length * batch}")
    found = held(tmp_path, config(28, 152064), [length] * batch, *over)
    assert found == pytest.approx(expected, rel=0.03)
