"""Batched greedy generation through transformers' `generate`, as wide as the memory allows.

In: rows. Out: their generations. Out of memory halves the batch; no row is lost.
"""

from typing import Any

from tailkit.arithmetic.decoding import Limit, batch_rows, prefill_chunk
from tailkit.arithmetic.shape import Blocks
from tailkit.decode.local import Local
from tailkit.decode.protocol import Emit, Job
from tailkit.decode.rows import Row
from tailkit.errors import DoesNotFit
from tailkit.models import Loaded
from tailkit.records import Generation
from tailkit.screen import note

# Architectures that a test holds to the same tokens with a cache of full length. Not all print them: GPT-Neo does not.
FULL_LENGTH = ("lfm2", "qwen2")


class Plain(Local):
    """A `Decoder`. Where memory runs out, fewer rows go at once for a while."""

    def __init__(self, job: Job[Loaded]) -> None:
        self.loaded, self.range_name, self.known = job.loaded, job.range_name, job.known
        self.limit = Limit(job.most)

    def decode(self, rows: list[Row], emit: Emit) -> None:
        """Generate for all rows, in their order, batch by batch."""
        rest = rows
        while rest:
            size = self.size(max(row.total for row in rest[: self.limit.now]))
            batch, rest = rest[:size], rest[size:]
            if not self.known.issuperset(row.index for row in batch):
                emit(self.batch(batch))

    def size(self, longest: int) -> int:
        """Rows of up to `longest` tokens whose KV cache fits into what is free of the GPU's memory."""
        import torch

        if self.loaded.device.type != "cuda":
            return self.limit.now
        torch.cuda.empty_cache()
        free, _ = torch.cuda.mem_get_info()
        # A limit that the process was given counts too; it is a share of all memory.
        limit = torch.cuda.get_per_process_memory_fraction() * torch.cuda.get_device_properties(0).total_memory
        free = min(free, int(limit) - torch.cuda.memory_allocated())
        model = self.loaded.model
        blocks, width = Blocks.in_use(model.config), model.dtype.itemsize
        return batch_rows(free, longest, self.limit.now, token=blocks.decoded(width), passed=blocks.passed(width))

    def batch(self, rows: list[Row]) -> list[Generation]:
        """Generate for rows that are decoded together."""
        new = self.new_ids(rows)
        return [row.finish(self.loaded.codec, self.range_name, ids) for row, ids in zip(rows, new, strict=True)]

    def new_ids(self, rows: list[Row]) -> list[list[int]]:
        """What comes after each row's known tokens, with padding; in halves if the memory holds no more."""
        import torch

        try:
            new = self._generate(rows)
            self.limit.held(len(rows))
            return new
        except torch.OutOfMemoryError as error:
            if len(rows) == 1:
                raise DoesNotFit(
                    f"evaluation row {self.range_name}/{rows[0].index} of up to {rows[0].total:,} tokens does not "
                    f"fit into the memory of this GPU ({str(error).split('.')[0]})",
                    "nvidia-smi shows what else is on it. Less is taken by shorter problems (data.ranges), a lower "
                    "decode.slack, model.precision=nf4 or a smaller model (model.name).",
                ) from None
        torch.cuda.empty_cache()
        half = len(rows) // 2
        self.limit.fell(len(rows))
        note(f"out of memory with {len(rows)} rows at once; going on with {half}")
        return self.new_ids(rows[:half]) + self.new_ids(rows[half:])

    def _generate(self, rows: list[Row]) -> list[list[int]]:
        import torch
        from transformers import GenerationConfig, StoppingCriteriaList

        codec, device = self.loaded.codec, self.loaded.device
        known = {"input_ids": [row.prompt + row.kept for row in rows]}
        padded = codec.tokenizer.pad(known, return_tensors="pt")
        width = padded["input_ids"].shape[1]
        rooms = torch.tensor([row.room - len(row.kept) for row in rows], device=device)
        config = GenerationConfig(
            max_new_tokens=int(rooms.max()),
            do_sample=False,
            eos_token_id=codec.stop_id,
            pad_token_id=codec.pad_id,
            # Short convolutions (LFM2) take the start of a chunk for that of a row.
            prefill_chunk_size=prefill_chunk(len(rows), width) if codec.packs else None,
        )
        with torch.inference_mode():
            output = self.loaded.model.generate(
                **padded.to(device),
                generation_config=config,
                stopping_criteria=StoppingCriteriaList([_spent(width, rooms)]),
                past_key_values=self._cache(width + int(rooms.max())),
            )
        return output[:, width:].tolist()

    def _cache(self, length: int) -> Any:
        """A cache of full length, or `None` for one that grows, which is copied at every token.

        On a GPU a cache of full length would mean compiling the model.
        """
        from transformers import StaticCache

        config = self.loaded.model.config
        if self.loaded.device.type != "cpu" or config.model_type not in FULL_LENGTH:
            return None
        return StaticCache(config=config, max_cache_len=length)


def _spent(width: int, rooms: Any) -> Any:
    """A stopping criterion: a row is done when its own budget is used up."""

    def spent(input_ids: Any, scores: Any, **_: Any) -> Any:
        return input_ids.shape[1] - width >= rooms

    return spent
