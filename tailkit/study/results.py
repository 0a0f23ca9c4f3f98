"""The figures of a study: accuracy by task, arm and range over all seeds, and the difference that an arm makes.

`gather` fills them from the scores of cells; here are the intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from tailkit.recipe import Recipe
from tailkit.score import Summary, wilson
from tailkit.study.grid import GridCell, Study


@dataclass(frozen=True)
class Share:
    """Problems right of a task, arm and range, all seeds together; `seeds` has the accuracy of each.

    `low` and `high` bound the 95 % Wilson interval over all problems. It knows nothing of other
    trainings: how far the seeds lie apart is the better guide to that.
    """

    right: int
    total: int
    seeds: list[float]
    tokens: float
    cut: int
    unfound: int = 0

    @property
    def accuracy(self) -> float:
        return fmean(self.seeds)

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.right, self.total)


@dataclass(frozen=True)
class Group:
    """A task and an arm: its cells, how they stand, and the share of each range that is known."""

    task: str
    arm: str
    recipe: Recipe
    cells: list[GridCell]
    done: int
    errors: list[str]
    shares: dict[str, Share]
    paper: dict[str, float]
    first_wrong: dict[str, dict[str, int]]
    shortages: list[str]

    @property
    def state(self) -> str:
        """What is to be said of cells that are not done."""
        failed, missing = len(self.errors), len(self.cells) - self.done - len(self.errors)
        parts = [f"{failed} failed"] * (failed > 0) + [f"{missing} not run yet"] * (missing > 0)
        return ", ".join(parts)


@dataclass(frozen=True)
class Effect:
    """The accuracy of an arm less that of the reference, in 0 … 1, with Newcombe's 95 % interval."""

    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Outside:
    """Another model's generations, scored for the problems of a cell."""

    name: str
    task: str
    summaries: dict[str, Summary]


@dataclass(frozen=True)
class Looks:
    """Attention mass of write tokens, mean over the seeds: [layer][head], in 0 … 1, on `fetched` and `originals`."""

    layers: list[int]
    fetched: list[list[float]]
    originals: list[list[float]]

    @property
    def operands(self) -> list[list[float]]:
        """Mass on the fetched operands and on their originals together."""
        pairs = zip(self.fetched, self.originals, strict=True)
        return [[a + b for a, b in zip(one, other, strict=True)] for one, other in pairs]

    @property
    def mean_fetched(self) -> float:
        return fmean(fmean(row) for row in self.fetched)

    @property
    def mean_originals(self) -> float:
        return fmean(fmean(row) for row in self.originals)

    @property
    def mean_operands(self) -> float:
        return self.mean_fetched + self.mean_originals

    @property
    def sharpest(self) -> tuple[int, int, float]:
        """Layer, head and mass of the head with most mass on operands."""
        heads = [(mass, layer, head) for layer, row in enumerate(self.operands) for head, mass in enumerate(row)]
        mass, layer, head = max(heads)
        return self.layers[layer], head, mass


@dataclass(frozen=True)
class Results:
    """All figures of a study; `attention` by task and arm, where it was measured."""

    study: Study
    groups: list[Group]
    outside: list[Outside]
    attention: dict[tuple[str, str], Looks]

    @property
    def tasks(self) -> list[str]:
        return list(dict.fromkeys(group.task for group in self.groups))

    @property
    def arms(self) -> list[str]:
        return list(dict.fromkeys(group.arm for group in self.groups))

    def group(self, task: str, arm: str) -> Group | None:
        return next((one for one in self.groups if (one.task, one.arm) == (task, arm)), None)

    def effect(self, task: str, arm: str, range_name: str) -> Effect | None:
        """What an arm changes against the reference; None unless both are known."""
        shares = [
            group.shares[range_name]
            for name in (arm, self.study.reference)
            if (group := self.group(task, name)) and range_name in group.shares
        ]
        return newcombe(*shares) if len(shares) == 2 else None


def mean_effect(effects: Sequence[Effect]) -> Effect:
    """The mean of independent differences, with an interval from theirs (MOVER, Zou and Donner 2008)."""
    middle = fmean(one.difference for one in effects)
    down = sum((one.difference - one.low) ** 2 for one in effects) ** 0.5 / len(effects)
    up = sum((one.high - one.difference) ** 2 for one in effects) ** 0.5 / len(effects)
    return Effect(middle, middle - down, middle + up)


def newcombe(one: Share, other: Share) -> Effect:
    """The difference of two proportions with the 95 % hybrid score interval (Newcombe 1998, method 10)."""
    (p, (low, high)), (q, (least, most)) = ((x.right / x.total, x.interval) for x in (one, other))
    down, up = ((p - low) ** 2 + (most - q) ** 2) ** 0.5, ((high - p) ** 2 + (q - least) ** 2) ** 0.5
    return Effect(p - q, p - q - down, p - q + up)
