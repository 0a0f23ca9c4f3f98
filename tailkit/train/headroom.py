"""What training takes of memory: kept small, tried out, read, and known when there is none left.

In: a trainer with its rows, or an error. Out: bytes, or whether memory ran out.
"""

import os
from pathlib import Path
from typing import Any

from tailkit.arithmetic.steps import Sizes
from tailkit.train import ranks

KERNELS = "16"  # For both caches, as measured; it may cost up to a tenth of the speed.


def keep_few_kernels() -> None:
    """Limit how many kernels oneDNN and torch's layer over it (ideep) keep on a CPU; called before torch is loaded.

    Each keeps up to 1,024, and batches of ever new lengths make new ones: with nano on addition memory grew
    from 1.7 to 2.2 GiB in 250 steps (in bf16 to 2.5 in 180). With these few it stays at 1.7 (1.3).
    """
    for name in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        os.environ.setdefault(name, KERNELS)


def try_longest(trainer: Any, sizes: Sizes) -> float:
    """Run the longest forward pass of the run once, forward and backward, and forget it.

    Returns the peak memory in bytes. Raises torch's OutOfMemoryError if it does not fit.
    """
    import torch
    from transformers import Trainer

    rows = sorted(trainer.train_dataset, key=lambda row: -len(row["input_ids"]))[: sizes.micro]
    on_gpu = torch.cuda.is_available()
    if trainer.args.gradient_checkpointing:
        # Trainer turns it on when it begins to train, which is after this.
        trainer.model.gradient_checkpointing_enable(trainer.args.gradient_checkpointing_kwargs)
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    with torch.random.fork_rng():
        inputs = trainer._prepare_inputs(trainer.data_collator(rows))
        trainer.model.train()
        with trainer.compute_loss_context_manager():
            if ranks.count() == 1:
                loss = trainer.compute_loss(trainer.model, inputs)
            else:
                # TRL's own would collect figures from all processes, and one without memory never sends any.
                loss = Trainer.compute_loss(trainer, trainer.model, inputs)
        loss.backward()
    trainer.model.zero_grad(set_to_none=True)
    return peak()


def peak() -> float:
    """The most memory in bytes that was taken so far: of the GPU by torch, or of the processor by this process.

    0 where it is not known: on a CPU only Linux tells.
    """
    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    # Not getrusage: what it says of a new process starts at what its parent had.
    status = Path("/proc/self/status")
    peaks = [line.split()[1] for line in status.read_text().splitlines() if "VmHWM" in line] if status.exists() else []
    return float(peaks[0]) * 1024 if peaks else 0.0


def is_exhausted(error: Exception) -> bool:
    """Whether there was no memory left: torch has an error for it; CUDA's own and Unsloth's loss only say so."""
    said = str(error).lower()
    return type(error).__name__ == "OutOfMemoryError" or "out of memory" in said or "negligible gpu memory" in said
