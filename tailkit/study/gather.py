"""Reads the scores of whatever cells of a study are done.

In: a `Study`. Out: `Results`.
"""

from collections import Counter
from contextlib import suppress
from statistics import fmean
from typing import Any

from tailkit import score
from tailkit.dataset import order_of
from tailkit.errors import TailkitError
from tailkit.recipe import Recipe
from tailkit.records import RANGES
from tailkit.report import paper
from tailkit.run.folder import SUMMARY, RunDir
from tailkit.run.kept import FAILED, Failure
from tailkit.run.manifest import read_manifest
from tailkit.study.attention import Mass
from tailkit.study.grid import GridCell, Study
from tailkit.study.launch import is_done
from tailkit.study.results import Group, Looks, Outside, Results, Share

ATTENTION = "attention.json"


def gather(study: Study) -> Results:
    """Read the scores of all cells that are done."""
    grouped: dict[tuple[str, str], list[GridCell]] = {}
    for cell in study.cells:
        grouped.setdefault((cell.task, cell.arm), []).append(cell)
    groups = [_group(task, arm, cells) for (task, arm), cells in grouped.items()]
    looks = (
        {place: looks for place, cells in grouped.items() if (looks := _looks(cells))} if study.file.attention else {}
    )
    return Results(study, groups, _outside(study), looks)


def _looks(cells: list[GridCell]) -> Looks | None:
    """The attention of a task and an arm, None where it was not measured."""
    files = [cell.folder / ATTENTION for cell in cells if is_done(cell) and (cell.folder / ATTENTION).exists()]
    found = list(map(Mass.read, files))
    if not found:
        return None
    return Looks(found[0].layers, _mean([mass.fetched for mass in found]), _mean([mass.originals for mass in found]))


def _mean(tables: list[list[list[float]]]) -> list[list[float]]:
    """The mean of tables of the same shape, place by place."""
    return [[fmean(values) for values in zip(*rows, strict=True)] for rows in zip(*tables, strict=True)]


def _group(task: str, arm: str, cells: list[GridCell]) -> Group:
    done = [cell for cell in cells if is_done(cell)]
    summaries = [summary for cell in done for summary in score.read_summaries(RunDir.open(cell.folder).summary)]
    by_range = {name: [summary for summary in summaries if summary.range == name] for name in RANGES}
    errors = [
        Failure.read(cell.folder / FAILED).error
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
        paper=paper.accuracies(task, cells[0].recipe),
        first_wrong={
            name: dict(sum((Counter(part.first_wrong) for part in parts), Counter()))
            for name, parts in by_range.items()
        },
        shortages=read_manifest(RunDir.open(done[0].folder).data).shortages if done else [],
    )


def _share(parts: list[score.Summary]) -> Share:
    return Share(
        right=sum(part.right for part in parts),
        total=sum(part.total for part in parts),
        seeds=[part.accuracy for part in parts],
        tokens=fmean(part.tokens_mean for part in parts),
        cut=sum(part.cut for part in parts),
        unfound=sum(part.unfound for part in parts),
    )


def _outside(study: Study) -> list[Outside]:
    """Other models' scores for the problems of the cells: in the cells themselves, and in runs beside them."""
    cells = {cell.folder: cell for cell in study.cells}
    found = [one for cell in cells.values() for one in _others(RunDir(cell.folder, cell.task, cell.recipe))]
    asked = [_problems(cell.task, cell.recipe) for cell in cells.values()]
    known = {(one.task, one.name) for one in found}
    for file in sorted(study.folder.parent.parent.glob("*/others/*/summary.json")):
        with suppress(TailkitError):
            run = RunDir.open(file.parents[2])
            if _problems(run.task, run.recipe) in asked:
                found += [one for one in _others(run) if (one.task, one.name) not in known]
                known |= {(one.task, one.name) for one in found}
    return found


def _problems(task: str, recipe: Recipe) -> tuple[Any, ...]:
    """What decides the problems of the evaluation sets."""
    order = order_of(task, recipe)
    return task, order.bounds, order.seed, order.eval, order.settings


def _others(run: RunDir) -> list[Outside]:
    """What `tailkit eval --generations` or `--endpoint` left in a run."""
    scored = {name: score.read_summaries(folder / SUMMARY) for name, folder in run.scored_others().items()}
    return [Outside(name, run.task, {one.range: one for one in summaries}) for name, summaries in scored.items()]
