"""The figures of a study, from the scores of whatever cells are done.

In: a `Study`. Out: `Results`: accuracy by task, arm and range over all seeds, with intervals; the
difference that each arm makes; tokens; where wrong traces first go wrong.
"""

from collections import Counter
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from tailkit.recipe import Recipe
from tailkit.records import RANGES
from tailkit.report import paper
from tailkit.rundir import RunDir
from tailkit.score import wilson
from tailkit.study.grid import Cell, Study
from tailkit.study.launch import FAILED, is_done

ATTENTION = "attention.json"


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
    cells: list[Cell]
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
    summaries: dict[str, dict[str, Any]]


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


def newcombe(one: Share, other: Share) -> Effect:
    """The difference of two proportions with the 95 % hybrid score interval (Newcombe 1998, method 10)."""
    (p, (low, high)), (q, (least, most)) = ((x.right / x.total, x.interval) for x in (one, other))
    down, up = ((p - low) ** 2 + (most - q) ** 2) ** 0.5, ((high - p) ** 2 + (q - least) ** 2) ** 0.5
    return Effect(p - q, p - q - down, p - q + up)


def gather(study: Study) -> Results:
    """Read the scores of all cells that are done."""
    grouped: dict[tuple[str, str], list[Cell]] = {}
    for cell in study.cells:
        grouped.setdefault((cell.task, cell.arm), []).append(cell)
    groups = [_group(task, arm, cells) for (task, arm), cells in grouped.items()]
    folders = {cell.folder: cell for cell in study.cells}
    outside = [found for cell in folders.values() for found in _outside(cell)]
    looks = (
        {place: looks for place, cells in grouped.items() if (looks := _looks(cells))} if study.file.attention else {}
    )
    return Results(study, groups, outside, looks)


def _looks(cells: list[Cell]) -> Looks | None:
    """The attention of a task and an arm, None where it was not measured."""
    runs = [RunDir.open(cell.folder) for cell in cells if is_done(cell) and (cell.folder / ATTENTION).exists()]
    found = [run.read_json(ATTENTION) for run in runs]
    if not found:
        return None
    return Looks(found[0]["layers"], *(_mean([one[name] for one in found]) for name in ("fetched", "originals")))


def _mean(tables: list[list[list[float]]]) -> list[list[float]]:
    """The mean of tables of the same shape, place by place."""
    return [[fmean(values) for values in zip(*rows, strict=True)] for rows in zip(*tables, strict=True)]


def _group(task: str, arm: str, cells: list[Cell]) -> Group:
    done = [cell for cell in cells if is_done(cell)]
    runs = [RunDir.open(cell.folder).read_json("summary.json") for cell in done]
    by_range = {name: [one for run in runs for one in run if one["range"] == name] for name in RANGES}
    errors = [
        RunDir(cell.folder, task, cell.recipe).read_json(FAILED)["error"]
        for cell in cells
        if cell not in done and (cell.folder / FAILED).exists()
    ]
    return Group(
        task=task,
        arm=arm,
        recipe=cells[0].recipe,
        cells=cells,
        done=len(done),
        errors=errors,
        shares={name: _share(parts) for name, parts in by_range.items() if parts},
        paper=paper.figures(task, cells[0].recipe),
        first_wrong={
            name: dict(sum((Counter(one["first_wrong"]) for one in parts), Counter()))
            for name, parts in by_range.items()
        },
        shortages=RunDir.open(done[0].folder).read_json("data/manifest.json")["shortages"] if done else [],
    )


def _share(parts: list[dict[str, Any]]) -> Share:
    return Share(
        right=sum(one["right"] for one in parts),
        total=sum(one["total"] for one in parts),
        seeds=[one["accuracy"] for one in parts],
        tokens=fmean(one["tokens_mean"] for one in parts),
        cut=sum(one["cut"] for one in parts),
    )


def _outside(cell: Cell) -> list[Outside]:
    """What `tailkit eval --generations` left in a cell."""
    found = []
    for path in sorted((cell.folder / "others").glob("*/summary.json")):
        rows = RunDir(path.parent, cell.task, cell.recipe).read_json(path.name)
        found.append(Outside(path.parent.name, cell.task, {one["range"]: one for one in rows}))
    return found
