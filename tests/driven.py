"""`python -m tests.driven CARD FOLDER`: Unsloth's real code on a card that is not there, as far as it goes on a CPU.

In: RTX 4090 or T4, a folder. Out: a line of JSON for each stage that was passed: load, adapter, build, save.
Run in a process of its own. Torch believes in the card, tensors that are meant for it stay in main memory, bitsandbytes
quantises with its CPU kernels, triton is a stand-in whose kernels do nothing. So a pass through the model has no
meaning, and nothing is trained.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from tests import spoofed

CARDS = {"RTX 4090": ("NVIDIA GeForce RTX 4090", (8, 9)), "T4": ("Tesla T4", (7, 5))}


def spoof(card: str) -> None:
    """Make torch, transformers and Unsloth believe in a card; nothing of them may have been imported."""
    # Where weights are loaded by threads, they would ask for the card itself.
    os.environ["HF_DEACTIVATE_ASYNC_LOAD"] = "1"
    import bitsandbytes
    import torch

    # With its CPU kernels loaded; Unsloth looks whether those of CUDA are there.
    bitsandbytes.cextension.lib = bitsandbytes.functional.lib = MagicMock()
    sys.meta_path.insert(0, spoofed.Triton())
    spoofed.spoof()
    name, capability = CARDS[card]
    properties: Any = torch.cuda.get_device_properties(0)
    properties.name, (properties.major, properties.minor) = name, capability
    answers = {"get_device_capability": capability, "get_device_name": name, "is_bf16_supported": capability[0] >= 8}
    for asked, answer in answers.items():
        setattr(torch.cuda, asked, lambda *_, answer=answer, **__: answer)


def in_main_memory() -> Any:
    """A mode under which every tensor that is meant for the card stays where it is."""
    import torch
    from torch.overrides import TorchFunctionMode

    def cpu(given: Any) -> Any:
        on_card = isinstance(given, torch.device) and given.type == "cuda"
        return "cpu" if on_card or (isinstance(given, str) and given.startswith("cuda")) else given

    class InMainMemory(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if func is torch.Tensor.cuda:
                return args[0]
            moves = func is torch.device or (func is torch.Tensor.to and len(args) > 1)
            place = 0 if func is torch.device else 1
            if moves and type(args[place]) is int:
                args = (*args[:place], "cpu", *args[place + 1 :])
            more = {
                name: "cpu" if name == "device" and type(one) is int else cpu(one)
                for name, one in (kwargs or {}).items()
            }
            return func(*map(cpu, args), **more)

    return InMainMemory()


def tell(stage: str, **figures: Any) -> None:
    print("\n" + json.dumps({"stage": stage, **figures}), flush=True)


def dtypes(model: Any, *, trained: bool) -> list[str]:
    return sorted({str(weight.dtype) for weight in model.parameters() if weight.requires_grad == trained})


def drive(folder: Path) -> None:
    from tailkit import models, recipe
    from tailkit.arithmetic.steps import Lengths, sizes
    from tailkit.models.backends import backend
    from tailkit.run.folder import RunDir

    through = backend("unsloth")
    reason = through.unusable()
    assert reason is None, reason
    import torch
    from accelerate import PartialState
    from transformers import TrainingArguments

    from tailkit.train import one_step
    from tailkit.train import trainer as training

    def device(self: Any) -> Any:
        self._n_gpu, self.distributed_state = 1, PartialState(cpu=True)
        return torch.device("cpu")

    TrainingArguments._setup_devices = property(device)  # type: ignore[assignment]
    one_step._make(folder / "model")
    over = [f"model.name={folder / 'model'}", "model.revision=null", "model.backend=unsloth", "train.batch=2"]
    run = RunDir.create(folder / "run", "addition", recipe.load("hobby", over, task=None))
    codec = models.load_codec(run.recipe.model)
    rows = one_step._rows(codec)
    lengths = [len(row["input_ids"]) for row in rows]
    plan = sizes(run.recipe.train, Lengths(lengths, 2, sum(lengths)), can_pack=through.packs(on_gpu=True))
    loaded = models.load_base(run.recipe.model, codec, through=through, longest=plan.length)
    layers = sum(type(module).__name__ == "Linear4bit" for module in loaded.model.modules())
    tell("load", layers=layers, dtypes=dtypes(loaded.model, trained=True) + dtypes(loaded.model, trained=False))
    models.add_adapter(loaded, run.recipe.lora, 0)
    tell("adapter", dtypes=dtypes(loaded.model, trained=True))
    trainer, _ = training.build(run, loaded, rows, plan)
    args = trainer.args
    tell(
        "build", trainer=type(trainer).__mro__[1].__name__, optim=args.optim, bf16=args.bf16, fp16=args.fp16,
        rows=len(trainer.train_dataset), dtypes=dtypes(loaded.model, trained=True),
    )  # fmt: skip
    models.save_adapter(loaded, folder / "adapter")
    tell("save", files=sorted(path.name for path in (folder / "adapter").iterdir()))


def main() -> None:
    spoof(sys.argv[1])
    with in_main_memory():
        drive(Path(sys.argv[2]))


if __name__ == "__main__":
    main()
