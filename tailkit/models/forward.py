"""One teacher-forced pass over known text: what greedy decoding would have printed at every place.

In: rows of (prompt, completion) ids. Out: for each row the most likely token after every prefix,
how clearly it leads, and how likely the row's own token is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tailkit.arithmetic.decoding import LOGITS_AT_ONCE, pass_rows
from tailkit.models import Loaded

# What a config names where logits are scaled or capped after the output layer (Gemma, Cohere, Granite, Falcon-H1).
SCALED = ("final_logit_softcapping", "logit_scale", "logits_scaling", "lm_head_multiplier")


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
    """Run a model over rows of (prompt ids, completion ids), as one batch padded on the right.

    The blocks run once over whole rows, the output layer over a chunk of a row at a time: the logits of a long row
    alone would take tens of GiB.
    """
    import torch

    ids, seen = _padded(loaded, rows)
    with torch.inference_mode():
        found = parts(loaded)
        if found is None:
            logits = loaded.model(input_ids=ids, attention_mask=seen).logits
            return [_row(logits[r], lambda part: part, *rows[r]) for r in range(len(rows))]
        blocks, head = found
        states = blocks(input_ids=ids, attention_mask=seen, use_cache=False).last_hidden_state
        return [_row(states[r], head, *rows[r]) for r in range(len(rows))]


def _padded(loaded: Loaded, rows: list[tuple[list[int], list[int]]]) -> tuple[Any, Any]:
    """Ids and attention mask, each (rows, longest)."""
    import torch

    longest = max(len(prompt) + len(completion) for prompt, completion in rows)
    ids = torch.full((len(rows), longest), loaded.codec.pad_id)
    seen = torch.zeros_like(ids)
    for r, (prompt, completion) in enumerate(rows):
        ids[r, : len(prompt) + len(completion)] = torch.tensor(prompt + completion)
        seen[r, : len(prompt) + len(completion)] = 1
    return ids.to(loaded.device), seen.to(loaded.device)


def parts(loaded: Loaded) -> tuple[Any, Any] | None:
    """The blocks and the output layer; None where logits are more than the output layer's product."""
    model = loaded.model.get_base_model() if hasattr(loaded.model, "get_base_model") else loaded.model
    scaled = any(getattr(model.config, name, None) not in (None, 1, 1.0) for name in SCALED)
    blocks, head = model.get_decoder(), model.get_output_embeddings()
    whole = scaled or blocks is model or head is None or loaded.backend.row_by_row
    return None if whole else (blocks, head)


def _row(states: Any, head: Callable[[Any], Any], prompt: list[int], completion: list[int]) -> Forced:
    """Read one row's figures off its hidden states (or, with an empty `head`, its logits), (tokens, size)."""
    import torch

    start = len(prompt) - 1
    own = torch.tensor(completion, device=states.device).unsqueeze(-1)
    forced = Forced([], [], [])
    for first in range(0, len(completion), LOGITS_AT_ONCE):
        last = min(first + LOGITS_AT_ONCE, len(completion))
        logits = head(states[start + first : start + last]).float()
        top = logits.topk(2, dim=-1)
        logprob = logits.gather(-1, own[first:last]).squeeze(-1) - logits.logsumexp(-1)
        forced.best.extend(top.indices[:, 0].tolist())
        forced.margin.extend((top.values[:, 0] - top.values[:, 1]).tolist())
        forced.logprob.extend(round(value, 6) for value in logprob.tolist())
    return forced


def rows_at_once(loaded: Loaded, longest: int, most: int) -> int:
    """How many rows of `longest` tokens one pass may hold."""
    return pass_rows(longest, most) if parts(loaded) else 1
