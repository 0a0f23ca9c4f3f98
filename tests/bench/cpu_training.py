"""How fast ways of training on this CPU are, as ratios against a bare PyTorch loop in the same run.

    python -m tests.bench.cpu_training --base SmolLM2-135M-Instruct.Q4_1.gguf
    python -m tests.bench.cpu_training                                         # a small Llama of random weights

A pass, forward and backward, over the same rows of addition, padded to the longest, with the same LoRA adapter. The
bare loop takes the model's own loss (logits at every place) in fp32. The ways take turns; of each the best round
counts, in seconds and in seconds of the processor, which other work disturbs less. `--compile` adds torch.compile,
which needs a C++ compiler and takes minutes.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from tailkit import models, recipe
from tailkit.arithmetic.steps import Sizes
from tailkit.models import Loaded
from tailkit.models.precision import has_fast_bf16
from tailkit.run.folder import RunDir
from tailkit.train import trainer as training
from tailkit.train.labelled import IGNORED, TrainingRow, encode
from tests.small import example, small_model

Loss = Callable[[], Any]


@dataclass
class Way:
    """A way to get the loss of the rows, with what each round of it took: seconds, seconds of the processor."""

    name: str
    loss: Loss
    threads: int
    took: list[tuple[float, float]] = field(default_factory=list)

    def measure(self, model: Any) -> None:
        torch.set_num_threads(self.threads)
        model.zero_grad()
        begun, used = time.perf_counter(), time.process_time()
        self.loss().backward()
        self.took.append((time.perf_counter() - begun, time.process_time() - used))

    @property
    def best(self) -> tuple[float, float]:
        seconds, used = zip(*self.took, strict=True)
        return min(seconds), min(used)


def ways(loaded: Loaded, rows: list[TrainingRow], folder: Path, *, compiled: bool) -> list[Way]:
    """The bare loop first."""
    threads, base = torch.get_num_threads(), loaded.model.get_base_model()
    chosen = recipe.load("laptop", ["train.autocast=none"], task="addition")
    run = RunDir.create(folder, "addition", chosen)
    longest = max(len(row["input_ids"]) for row in rows)
    bare = base.forward
    with patch.object(training, "train_where_labelled", lambda _: False):
        theirs, _ = training.build(run, loaded, rows, Sizes(longest, len(rows), len(rows), len(rows), packed=False))
    trl = base.forward
    base.forward = bare
    ours, _ = training.build(run, loaded, rows, Sizes(longest, len(rows), len(rows), len(rows), packed=False))
    lean = base.forward
    padded = ours.data_collator(list(ours.train_dataset))
    packed = {name: torch.tensor([[*chain(*(row[name] for row in rows))]]) for name in ("input_ids", "labels")}
    packed["position_ids"] = torch.cat([torch.arange(len(row["input_ids"])) for row in rows]).unsqueeze(0)
    count = torch.tensor(sum(label != IGNORED for row in rows for label in row["labels"]))

    def through(trainer: Any, forward: Any, inputs: dict[str, Any], dtype: torch.dtype | None = None) -> Loss:
        def loss() -> Any:
            base.forward = forward
            with torch.autocast("cpu", dtype or torch.bfloat16, enabled=dtype is not None):
                return trainer.compute_loss(trainer.model, dict(inputs), num_items_in_batch=count)

        return loss

    kit = through(ours, lean, padded)
    found = [
        Way("bare PyTorch, the logits of all places", lambda: bare(**padded).loss, threads),
        Way("TRL's chunked loss", through(theirs, trl, padded), threads),
        Way("the kit's loss", kit, threads),
        Way("the kit's loss, rows packed", through(ours, lean, packed), threads),
    ]
    found += [Way("the kit's loss, one thread", kit, 1)] if threads > 1 else []
    if has_fast_bf16():
        found.append(Way("the kit's loss, bf16", through(ours, lean, padded, torch.bfloat16), threads))
    if compiled:
        found.append(Way("the kit's loss, compiled", through(ours, torch.compile(lean), padded), threads))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, help="a GGUF file, or a folder with a model")
    parser.add_argument("--rows", type=int, default=6)
    parser.add_argument("--digits", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        spec = (
            recipe.Model(name=str(args.base), precision="fp32")
            if args.base
            else small_model(Path(folder) / "m", "Llama")
        )
        loaded = models.load_base(spec)
        models.add_adapter(loaded, recipe.Lora(), seed=0)
        rows = [encode(loaded.codec, example(seed, args.digits)) for seed in range(args.rows)]
        compared = ways(loaded, rows, Path(folder) / "run", compiled=args.compile)
        for number in range(args.rounds + 1):
            for way in compared:
                way.measure(loaded.model)
                # The first round makes kernels.
                way.took = way.took if number else []
    tokens = sum(len(row["input_ids"]) for row in rows)
    bare, bare_used = compared[0].best
    print(f"{len(rows)} rows, {tokens:,} tokens; bf16 multiplied by this processor: {has_fast_bf16()}")
    for way in compared:
        took, used = way.best
        print(
            f"{way.name:40} {tokens / took:6.0f} tokens/s, {bare / took:4.2f} times the bare loop; "
            f"{tokens / used:6.0f} a second of the processor, {bare_used / used:4.2f} times"
        )


if __name__ == "__main__":
    main()
