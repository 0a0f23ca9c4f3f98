"""Memory of training a large model in 4 bits, counted without a GPU and without its weights.

In: a model's sizes, the recipe, rows. Out: the peak of all tensors alive in the longest pass, forward and backward.
Weights are fakes of torch's FakeTensorMode, which have a size and no content; the model, PEFT, TRL's trainer and
`headroom.try_longest` are the real ones. What is not: bitsandbytes' layers are filled by hand with packed fakes,
attention is taken to keep what FlashAttention keeps, and a figure read from a fake is 1.
"""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import bitsandbytes as bnb
import torch
from bitsandbytes.functional import QuantState
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers import Qwen2Config, Qwen2ForCausalLM

from tailkit import models, recipe
from tailkit.arithmetic.steps import Lengths, Sizes, sizes
from tailkit.models.backends import backend
from tailkit.run.folder import RunDir
from tailkit.train import headroom
from tailkit.train import trainer as training

IGNORED = -100
BLOCK, SECOND_BLOCK = 64, 256
READ, MULTIPLY = torch.ops.aten._local_scalar_dense.default, torch.ops.bitsandbytes.gemm_4bit.default


class Count(TorchDispatchMode):
    """Counts the bytes of all tensors that are alive: `now`, and the most there were, `peak`."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._alive: set[int] = set()

    def add(self, tensor: Any) -> None:
        if not isinstance(tensor, torch.Tensor):
            return
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key not in self._alive:
            self._alive.add(key)
            self.now += size
            self.peak = max(self.peak, self.now)
            weakref.finalize(storage, self._gone, key, size)

    def _gone(self, key: int, size: int) -> None:
        self._alive.discard(key)
        self.now -= size

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is READ and isinstance(args[0], FakeTensor):
            return 1
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            self.add(tensor)
        if func is MULTIPLY:
            # A layer of many tokens is unpacked within the kernel.
            self.peak = max(self.peak, self.now + args[0].itemsize * args[2][0] * args[2][1])
        return made


class FourBits(bnb.nn.Linear4bit):
    """A layer of bitsandbytes in NF4 with double quantisation, whose weights are fakes."""

    def __init__(self, layer: torch.nn.Linear) -> None:
        torch.nn.Module.__init__(self)
        self.in_features, self.out_features, self.bias = layer.in_features, layer.out_features, layer.bias
        count = layer.weight.numel()
        second = QuantState(
            torch.empty(-(-count // BLOCK // SECOND_BLOCK)), code=torch.empty(256), blocksize=SECOND_BLOCK,
            dtype=torch.float32,
        )  # fmt: skip
        packed: Any = torch.nn.Parameter(torch.empty(count // 2, 1, dtype=torch.uint8), requires_grad=False)
        packed.quant_state = QuantState(
            torch.empty(count // BLOCK, dtype=torch.uint8), shape=layer.weight.shape, code=torch.empty(16),
            blocksize=BLOCK, quant_type="nf4", dtype=torch.bfloat16, offset=torch.empty(()), state2=second,
        )  # fmt: skip
        packed.quant_type, packed.compress_statistics = "nf4", True
        self.weight, self.quant_state, self.quant_storage = packed, None, torch.uint8
        self.compute_dtype, self.compute_type_is_set, self.support_avx512bf16_for_cpu = torch.bfloat16, True, False

    def constants(self) -> list[Any]:
        weight: Any = self.weight
        state = weight.quant_state
        return [state.absmax, state.code, state.offset, state.state2.absmax, state.state2.code]


class Flash(torch.autograd.Function):
    """What FlashAttention keeps: its inputs, its output, and a number for every query."""

    @staticmethod
    def forward(ctx: Any, query: Any, key: Any, value: Any) -> Any:
        output, sums = torch.empty_like(query), query.new_empty(query.shape[:3], dtype=torch.float32)
        ctx.save_for_backward(query, key, value, output, sums)
        return output

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        return tuple(torch.empty_like(tensor) for tensor in ctx.saved_tensors[:3])


def attention(query: Any, key: Any, value: Any, **_: Any) -> Any:
    """Stands for torch's attention, whose CPU kernels take memory in other ways."""
    return Flash.apply(query, key, value)


def quantised(config: Qwen2Config) -> Any:
    """A Qwen2 whose blocks are in 4 bits, the rest in bf16: all of it fakes."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        model: Any = Qwen2ForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    for name, layer in list(model.named_modules()):
        if isinstance(layer, torch.nn.Linear) and layer is not model.lm_head:
            parent, _, leaf = name.rpartition(".")
            setattr(model.get_submodule(parent), leaf, FourBits(layer))
    model.requires_grad_(False)
    model.is_loaded_in_4bit = True
    return model


@contextmanager
def as_on_a_gpu() -> Iterator[None]:
    """Training is set up as on a GPU, but stays where it is; fakes cannot be moved."""
    config = training._config

    def checkpointed(*args: Any) -> Any:
        made = config(*args)
        made.gradient_checkpointing = True
        return made

    with (
        patch.object(training, "_config", checkpointed),
        patch.object(training, "train_where_labelled", lambda _: False),
        patch.object(torch.nn.Module, "to", lambda self, *_, **__: self),
        patch("torch.nn.functional.scaled_dot_product_attention", attention),
    ):
        yield


def peak(config: Qwen2Config, run: RunDir, lengths: list[int]) -> tuple[float, Sizes]:
    """Bytes of weights, adapter, and all else that is alive at the peak of the longest pass over such rows.

    Returns also the sizes of the passes.
    """
    codec = models.load_codec(recipe.Model(name="nano"))
    rows = [{"input_ids": [5] * n, "labels": [IGNORED] * 20 + [5] * (n - 20)} for n in lengths]
    plan = sizes(run.recipe.train, Lengths.of(lengths))
    with as_on_a_gpu():
        with FakeTensorMode(allow_non_fake_inputs=True):
            loaded = models.Loaded(quantised(config), codec, "Qwen2", backend("hf"))
            models.add_adapter(loaded, run.recipe.lora, 0)
        trainer, _ = training.build(run, loaded, rows, plan)
        count = Count()
        for module in loaded.model.modules():
            held = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
            for tensor in held + (module.constants() if isinstance(module, FourBits) else []):
                count.add(tensor)
        with FakeTensorMode(allow_non_fake_inputs=True):
            for weight in loaded.model.parameters():
                # From the second pass of a step on, the gradients of the first are there.
                weight.grad = torch.zeros_like(weight) if weight.requires_grad else None
                count.add(weight.grad)
        with count:
            headroom.try_longest(trainer, plan)
    return float(count.peak), plan
