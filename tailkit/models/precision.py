"""The number formats that this hardware computes in.

In: what a recipe asks for. Out: torch's names of it. Cards before Ampere (T4, V100, RTX 20) have no bf16: torch
emulates it slowly, and bitsandbytes' fast 4-bit kernel takes fp16 alone there.
"""

from typing import Any, Literal

from tailkit import recipe

BF16 = ("amx_bf16", "avx512_bf16")
"""What torch calls a processor's instructions for it."""


def has_fast_bf16() -> bool:
    """Whether this hardware multiplies bf16 matrices itself: a GPU, or a processor with AMX or AVX512-BF16.

    On an EPYC with AVX512-BF16 alone, bf16 made SmolLM2-135M's training 1.75 times as fast.
    """
    import torch

    if torch.cuda.is_available():
        # Not `is_bf16_supported`: Unsloth puts one there that cannot be asked to leave emulation out.
        return torch.version.hip is not None or torch.cuda.get_device_capability()[0] >= 8
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name) for name in BF16)


def computed_in(precision: str) -> Any:
    """The dtype of what is not quantised, and of products with what is: 16 bits on a GPU, 32 on a CPU.

    Unlike a GPU, a CPU is only given bf16 where the recipe says so, after loading.
    """
    import torch

    if precision == "fp32" or not torch.cuda.is_available():
        return torch.float32
    return torch.bfloat16 if has_fast_bf16() else torch.float16


def autocast_of(train: recipe.Train) -> Literal["bf16", "fp16"] | None:
    """What matrix products are cast to in training: on a GPU without bf16 fp16, whose gradients are scaled."""
    import torch

    if train.autocast != "auto":
        return "bf16" if train.autocast == "bf16" else None
    if has_fast_bf16():
        return "bf16"
    return "fp16" if torch.cuda.is_available() else None
