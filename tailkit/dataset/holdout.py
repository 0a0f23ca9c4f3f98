"""Which problems are kept for evaluation: each problem decides that itself, by a hash of its key.

In: a task, its bounds, a problem. Out: the side that it is on. No count, seed or variant comes into it,
so that no training set ever holds a problem of any evaluation set, whatever commands made the two.

A range with very few problems cannot spare any: it is *shared*. There the wordings of a problem are
divided instead, so that at least no training row is a row of an evaluation set.
"""

from collections.abc import Sequence
from hashlib import blake2b

from tailkit.records import Bounds
from tailkit.tasks import Task

ONE_IN = 5
"""One problem in five is kept for evaluation."""

FEWEST = 100
"""A range with fewer problems than this is shared: a fifth of it would measure nothing."""

WORDING_ONE_IN = 10
"""In a shared range one wording in ten is kept for evaluation, but at least one."""


def digest(*parts: str) -> bytes:
    """A hash of texts, the same on every machine."""
    return blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).digest()


def is_held(task: str, key: str) -> bool:
    """Whether a task's problem with this key is for evaluation alone."""
    return int.from_bytes(digest(task, key)) % ONE_IN == 0


def is_shared(task: Task, bounds: Bounds) -> bool:
    """Whether a range has too few problems to keep some of them from training."""
    support = task.support(*bounds)
    return support is not None and support < FEWEST


def wordings_trained(count: int) -> int:
    """How many of a shared problem's `count` wordings are for training; a single one is for both sides."""
    return count - max(1, count // WORDING_ONE_IN) or 1


def wordings(task: str, key: str, texts: Sequence[str], split: str) -> list[str]:
    """Those of a shared problem's wordings that are for one split."""
    ranked = sorted(texts, key=lambda text: digest(task, key, text))
    held = len(ranked) - wordings_trained(len(ranked))
    return ranked[held:] if split == "train" else ranked[:held] or ranked
