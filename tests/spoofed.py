"""`python -m tests.spoofed BACKEND RECIPE OVERRIDE…`: the trainer's configuration on an RTX 4090 that is not there.

Run in a process of its own, before anything of the stack is imported: torch believes in a card, and what Unsloth
imports of triton is a stand-in. Prints the resolved `SFTConfig` as JSON.
"""

import importlib.abc
import importlib.machinery
import json
import sys
import types
from typing import Any
from unittest.mock import MagicMock

CLASSES = ("JITFunction", "KernelInterface", "Config", "Autotuner", "dtype", "constexpr", "tensor", "CompiledKernel")
ERRORS = ("OutOfResources", "PTXASError")
MEMORY = 24 * 2**30


class Triton(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every module of triton, and none of them does anything."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        mine = name.split(".", maxsplit=1)[0] == "triton"
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if mine else None

    def create_module(self, spec: Any) -> Any:
        module = MagicMock(name=spec.name)
        module.__version__, module.__path__ = "3.5.0", []
        for name in CLASSES:
            setattr(module, name, type(name, (), {"__init__": lambda self, *_, **__: None}))
        for name in ERRORS:
            setattr(module, name, type(name, (Exception,), {}))
        return module

    def exec_module(self, module: Any) -> None:
        pass


def spoof() -> None:
    """Make torch believe in a card."""
    import torch

    card = types.SimpleNamespace(
        name="NVIDIA GeForce RTX 4090", major=8, minor=9, total_memory=MEMORY, multi_processor_count=128, warp_size=32
    )
    answers = {
        "is_available": True, "device_count": 1, "current_device": 0, "get_device_capability": (8, 9),
        "get_device_properties": card, "get_device_name": card.name, "mem_get_info": (MEMORY, MEMORY),
        "is_bf16_supported": True, "get_arch_list": ["sm_89"], "memory_allocated": 0, "memory_reserved": 0,
        "max_memory_allocated": 0, "max_memory_reserved": 0, "empty_cache": None, "_lazy_init": None,
    }  # fmt: skip
    for name, answer in answers.items():
        setattr(torch.cuda, name, lambda *_, answer=answer, **__: answer)
    for name in ("_cuda_getCurrentRawStream", "_cuda_getDevice", "_cuda_setDevice"):
        setattr(torch._C, name, lambda *_: 0)
    torch.version.cuda = "13.0"


def main() -> None:
    sys.meta_path.insert(0, Triton())
    spoof()
    from tailkit import recipe
    from tailkit.arithmetic.steps import Sizes
    from tailkit.models.backends import backend

    chosen = backend(sys.argv[1])
    reason = chosen.unusable()
    assert reason is None, reason
    import torch
    from transformers import TrainingArguments

    from tailkit.train import trainer

    def device(self: Any) -> Any:
        self._n_gpu = 1
        return torch.device("cpu")

    TrainingArguments._setup_devices = property(device)  # type: ignore[assignment]
    run: Any = types.SimpleNamespace(
        recipe=recipe.load(sys.argv[2], sys.argv[3:], task=None), checkpoints="checkpoints"
    )
    loaded: Any = types.SimpleNamespace(backend=chosen)
    config = trainer._config(run, loaded, Sizes(100, 10, 4, 2, packed=True))
    print("\n" + json.dumps(config.to_dict(), default=str))


if __name__ == "__main__":
    main()
