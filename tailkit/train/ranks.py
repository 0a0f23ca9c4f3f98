"""The processes that train together, as `accelerate launch` or torchrun started them, or this one alone.

In: what this process knows. Out: what all of them know. A process alone sends nothing to nobody.
"""

import os
from typing import Any

from tailkit.errors import UsageError
from tailkit.screen import note

# Other ways to share a training, which `accelerate config` may have chosen.
OTHER_WAYS = ("DEEPSPEED", "FSDP", "MEGATRON_LM")


def join() -> None:
    """Meet the other processes; raises `UsageError` if the launcher is set to share a model among them."""
    for way in OTHER_WAYS:
        if os.environ.get(f"ACCELERATE_USE_{way}", "false").lower() == "true":
            raise UsageError(
                f"accelerate is set to {way}; every process here has the whole model", "Set it to MULTI_GPU."
            )
    # What is computed in bf16 is for the recipe to say.
    os.environ["ACCELERATE_MIXED_PRECISION"] = "no"
    if "MASTER_PORT" in os.environ and "LOCAL_RANK" not in os.environ:
        note("accelerate has started one process alone; with --multi_gpu it starts several, on processors too")
    import torch
    from accelerate import PartialState

    if not torch.cuda.is_available():
        # Left to itself it is "cpu:0", which torch does not read a checkpoint to.
        os.environ["ACCELERATE_TORCH_DEVICE"] = "cpu"
    PartialState(cpu=not torch.cuda.is_available())


def leave() -> None:
    """Wait for the other processes, and part from them."""
    import torch.distributed as dist

    wait()
    if count() > 1:
        dist.destroy_process_group()


def wait() -> None:
    """Wait until every process is here."""
    in_any(False)


def count() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1")) if "LOCAL_RANK" in os.environ else 1


def is_first() -> bool:
    """Whether this is the process that writes and speaks for all."""
    return "LOCAL_RANK" not in os.environ or int(os.environ.get("RANK", "0")) == 0


def of_first(value: Any) -> Any:
    """The value that the first process has; all have to ask for it."""
    import torch.distributed as dist

    box = [value]
    if count() > 1:
        dist.broadcast_object_list(box, src=0)
    return box[0]


def in_any(flag: bool) -> bool:
    """Whether the flag is set in any process; all have to ask for it."""
    if count() == 1:
        return flag
    import torch
    from accelerate import PartialState

    flags = torch.tensor(int(flag), device=PartialState().device)
    torch.distributed.all_reduce(flags, torch.distributed.ReduceOp.MAX)
    return bool(flags)
