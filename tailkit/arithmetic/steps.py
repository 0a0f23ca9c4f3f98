"""How the rows of a training set become forward passes and optimizer steps.

In: the lengths of rows, the recipe's section `train`. Out: `Sizes`, by which training goes and plan tells.
"""

import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tailkit.errors import UsageError
from tailkit.recipe import Train

# A packed row is at most this part of a forward pass, so that out of memory leaves something to halve,
# and this part of a step, so that steps hold about as many examples as without packing.
PACKS = 4
# Rows that TRL packs at a time: datasets' `map` hands it so many.
PACKED_AT_A_TIME = 1000


@dataclass(frozen=True)
class Lengths:
    """Tokens of the rows of a training set: of all, or of a `sample` of its `rows` with the longest."""

    sample: Sequence[int]
    rows: int
    longest: int

    @classmethod
    def of(cls, lengths: Sequence[int]) -> "Lengths":
        """All lengths of a set of one row at least."""
        return cls(lengths, len(lengths), max(lengths))

    @classmethod
    def alike(cls, length: int, rows: int) -> "Lengths":
        """Rows of one length."""
        return cls([length] * min(rows, PACKED_AT_A_TIME), rows, length)


@dataclass(frozen=True)
class Sizes:
    """How rows become steps. A unit is a row, or several packed into one of `length` tokens.

    `units` make an epoch, `batch` of them an optimizer step, in equal parts for `processes`; `micro` of them a
    forward pass.
    """

    length: int
    units: int
    batch: int
    micro: int
    packed: bool
    processes: int = 1

    @property
    def unit(self) -> str:
        return "packs" if self.packed else "rows"

    @property
    def passes(self) -> int:
        """Forward passes of a step in each process."""
        return self.batch // (self.micro * self.processes)

    @property
    def tokens(self) -> int:
        """Tokens of the largest forward pass, padding included."""
        return self.micro * self.length

    @property
    def epoch(self) -> int:
        """Steps of an epoch; the last one may have fewer units."""
        return math.ceil(self.units / self.batch)

    def steps(self, epochs: float) -> int:
        """Optimizer steps of so many epochs."""
        return math.ceil(epochs * self.epoch)

    def halved(self) -> "Sizes":
        """The same steps, with fewer units in a forward pass."""
        return replace(self, micro=divisor(self.batch // self.processes, self.micro // 2))

    def among(self, processes: int) -> "Sizes":
        """The same steps, shared by processes; raises `UsageError` if the parts would not be equal."""
        if self.batch % processes:
            fitting = [str(number) for number in range(1, self.batch + 1) if self.batch % number == 0]
            raise UsageError(
                f"the {self.batch} {self.unit} of a step (train.batch) cannot be shared by {processes} processes",
                f"Numbers of processes that can: {', '.join(fitting)}.",
            )
        return replace(self, micro=divisor(self.batch // processes, self.micro), processes=processes)


def sizes(settings: Train, lengths: Lengths, *, can_pack: bool = True) -> Sizes:
    """Units of a step and of a forward pass, from the lengths of rows and the recipe's token budget."""
    if not (settings.packing and can_pack):
        micro = divisor(settings.batch, settings.micro_tokens // lengths.longest)
        return Sizes(lengths.longest, lengths.rows, settings.batch, micro, packed=False)
    step_tokens = settings.batch * sum(lengths.sample) // len(lengths.sample)
    length = max(lengths.longest, min(settings.micro_tokens, step_tokens) // PACKS)
    packs = math.ceil(packed(lengths.sample, length) * lengths.rows / len(lengths.sample))
    # About as many examples in a step as without packing, in whole forward passes.
    batch = max(1.0, settings.batch * packs / lengths.rows)
    micro = min(round(batch), max(1, settings.micro_tokens // length))
    return Sizes(length, packs, micro * max(1, round(batch / micro)), micro, packed=True)


def divisor(whole: int, most: int) -> int:
    """The largest divisor of `whole` that is at most `most`, and at least 1."""
    return next((n for n in range(min(whole, most), 1, -1) if whole % n == 0), 1)


def packed(lengths: Sequence[int], room: int) -> int:
    """Packs of up to `room` tokens that TRL's strategy "bfd" makes of rows, none of which is longer."""
    starts = range(0, len(lengths), PACKED_AT_A_TIME)
    return sum(_best_fit(lengths[start : start + PACKED_AT_A_TIME], room) for start in starts)


def _best_fit(lengths: Iterable[int], room: int) -> int:
    """Bins of best-fit decreasing: each row, the longest first, goes where it leaves the least space."""
    spaces: list[int] = []
    bins = 0
    for length in sorted(lengths, reverse=True):
        place = bisect_left(spaces, length)
        if place == len(spaces):
            bins += 1
            left = room - length
        else:
            left = spaces.pop(place) - length
        if left:
            insort(spaces, left)
    return bins
