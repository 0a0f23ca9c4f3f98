"""Whether a reloaded model is the one that was trained, told by its figures on held-out rows.

In: a model and examples. Out: a portrait, and how far another portrait is from it.
"""

from dataclasses import dataclass

from tailkit.models import Loaded
from tailkit.models.forward import rows_at_once, teacher_forced
from tailkit.records import Example, HeldOut

ROWS = 32

# How far log-probabilities (mean over a row's tokens, in nats) may lie apart. In fp32 both sides
# run the same products. In 16 and 4 bits kernels and the shape of a batch change the rounding.
BOUNDS = {"fp32": 1e-3, "bf16": 0.05, "nf4": 0.05}


@dataclass(frozen=True)
class Likeness:
    """`difference`: the largest one between two rows' mean log-probabilities, in nats a token.

    `agreement`: the share of tokens for which both find the same most likely one.
    """

    difference: float
    agreement: float

    def holds(self, precision: str) -> bool:
        return self.difference <= BOUNDS[precision]


def portrait(loaded: Loaded, examples: list[Example]) -> list[HeldOut]:
    """For each of the first rows: the mean log-probability of its gold completion, and the likeliest tokens."""
    loaded.model.eval()
    rows = [(loaded.codec.prompt_ids(e.query), loaded.codec.completion_ids(e.completion)) for e in examples[:ROWS]]
    longest = max((len(prompt) + len(completion) for prompt, completion in rows), default=1)
    at_once = 1 if loaded.backend.row_by_row else rows_at_once(loaded, longest, ROWS)
    portraits = []
    for start in range(0, len(rows), at_once):
        for forced in teacher_forced(loaded, rows[start : start + at_once]):
            mean = sum(forced.logprob) / len(forced.logprob)
            portraits.append(HeldOut(round(mean, 6), forced.best))
    return portraits


def compare(one: list[HeldOut], other: list[HeldOut]) -> Likeness:
    """How alike two portraits of the same rows are."""
    pairs = list(zip(one, other, strict=True))
    same = sum(a == b for x, y in pairs for a, b in zip(x.best, y.best, strict=True))
    total = sum(len(x.best) for x, _ in pairs)
    difference = max((abs(x.logprob - y.logprob) for x, y in pairs), default=0.0)
    return Likeness(difference, same / total if total else 1.0)
