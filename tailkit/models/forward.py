"""One teacher-forced pass over known text: what greedy decoding would have printed at every place.

In: rows of (prompt, completion) ids. Out: for each row the most likely token after every prefix,
how clearly it leads, and how likely the row's own token is.
"""

from dataclasses import dataclass
from typing import Any

from tailkit.arithmetic.decoding import pass_rows
from tailkit.models import Loaded


@dataclass(frozen=True)
class Forced:
    """A row's completion under teacher forcing; all lists are as long as the completion.

    `best[i]` is the most likely token at place i after the row's own tokens before i; `margin[i]`
    its logit less that of the second; `logprob[i]` the log-probability of the row's own token, in nats.
    """

    best: list[int]
    margin: list[float]
    logprob: list[float]

    def first_difference(self, completion: list[int]) -> int:
        """The first place at which greedy decoding leaves the completion; its length if it never does."""
        return next((i for i, (a, b) in enumerate(zip(self.best, completion, strict=True)) if a != b), len(completion))


def teacher_forced(loaded: Loaded, rows: list[tuple[list[int], list[int]]]) -> list[Forced]:
    """Run a model over rows of (prompt ids, completion ids), as one batch padded on the right."""
    import torch

    longest = max(len(prompt) + len(completion) for prompt, completion in rows)
    ids = torch.full((len(rows), longest), loaded.codec.pad_id)
    seen = torch.zeros_like(ids)
    for r, (prompt, completion) in enumerate(rows):
        ids[r, : len(prompt) + len(completion)] = torch.tensor(prompt + completion)
        seen[r, : len(prompt) + len(completion)] = 1
    first = min(len(prompt) for prompt, _ in rows) - 1
    with torch.inference_mode():
        # Only the logits from the shortest prompt's end on are needed.
        logits = loaded.model(
            input_ids=ids.to(loaded.device), attention_mask=seen.to(loaded.device), logits_to_keep=longest - first
        ).logits
        return [_row(logits[r], *rows[r], first) for r in range(len(rows))]


def _row(logits: Any, prompt: list[int], completion: list[int], first: int) -> Forced:
    """Read one row's figures off its logits, which begin at place `first` of the row."""
    import torch

    start = len(prompt) - 1 - first
    kept = logits[start : start + len(completion)].float()
    top = kept.topk(2, dim=-1)
    own = torch.tensor(completion, device=kept.device).unsqueeze(-1)
    logprob = kept.gather(-1, own).squeeze(-1) - kept.logsumexp(-1)
    return Forced(
        top.indices[:, 0].tolist(),
        (top.values[:, 0] - top.values[:, 1]).tolist(),
        [round(v, 6) for v in logprob.tolist()],
    )


def rows_at_once(loaded: Loaded, longest: int, most: int) -> int:
    """How many rows of `longest` tokens one pass may hold, so that the logits stay small."""
    on_gpu = loaded.device.type != "cpu"
    return pass_rows(longest, loaded.model.config.vocab_size, most, on_gpu=on_gpu)
