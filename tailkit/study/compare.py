"""Two or more runs side by side: accuracy over length in one figure, and a table with intervals.

In: evaluated run folders. Out: a `Comparison`, and a page of it.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tailkit import pipeline, recipe, tasks
from tailkit.errors import UsageError
from tailkit.records import RANGES
from tailkit.report import page
from tailkit.report.figures import GREY, WIDTH, are_joined, axes, line, over_length, style, svg
from tailkit.report.tables import Grid
from tailkit.run.files import writing
from tailkit.run.folder import RunDir
from tailkit.score import Summary, read_summaries
from tailkit.study.results import Effect, Share, newcombe

HEAD = ("run", "range", "rows", "pass@1 %", "95 % interval", "against the first", "95 % interval", "tokens")
MADE = "<!-- made by tailkit compare -->"


@dataclass(frozen=True)
class Compared:
    """One run: its name, its summaries by range, and whether its evaluation problems are those of the first."""

    name: str
    run: RunDir
    summaries: dict[str, Summary]
    problems: dict[str, str]


@dataclass(frozen=True)
class Comparison:
    """Runs, the first of which the others are held against; `notes` say what else differs."""

    runs: list[Compared]
    notes: list[str]

    def effect(self, one: Compared, name: str) -> Effect | None:
        """The accuracy of a run in a range less that of the first run; None for the first, or without problems."""
        first = self.runs[0]
        if one is first or not (one.summaries[name].total and first.summaries[name].total):
            return None
        return newcombe(_share(one.summaries[name]), _share(first.summaries[name]))


def compare(folders: list[Path]) -> Comparison:
    """Read evaluated runs; raises `TailkitError` for one that is not finished or not what was written."""
    if len({folder.resolve() for folder in folders}) < 2:
        raise UsageError("compare takes two or more run folders", "Example: tailkit compare runs/a runs/b")
    runs = [_read(folder) for folder in folders]
    notes = []
    for one in runs[1:]:
        notes += _differences(runs[0], one)
    return Comparison(runs, notes)


def _read(folder: Path) -> Compared:
    run = RunDir.open(folder)
    stage = pipeline.evaluation_stage(run)
    stage.require()
    summaries = {summary.range: summary for summary in read_summaries(run.summary)}
    problems = {name: digest for name, digest in stage.inputs.items() if name.startswith("data/eval-")}
    return Compared(folder.name, run, summaries, problems)


def _differences(first: Compared, other: Compared) -> list[str]:
    """What a reader must know before comparing two runs."""
    notes = []
    if other.run.task != first.run.task:
        notes.append(f"{other.name} is of another task: {other.run.task}, not {first.run.task}.")
    elif other.problems != first.problems:
        notes.append(f"{other.name} was evaluated on other problems than {first.name}.")
    there, here = (one.run.recipe.model_dump(mode="json") for one in (first, other))
    changes = recipe.differences(there, here)
    if changes:
        notes.append(f"{first.name} (there) and {other.name} (here): {'; '.join(changes)}.")
    return notes


def _share(summary: Summary) -> Share:
    return Share(summary.right, summary.total, [summary.accuracy], summary.tokens_mean, summary.cut)


def rows(found: Comparison) -> list[list[str]]:
    """One row a run and range, in the order of HEAD."""
    made = []
    for one in found.runs:
        for name in RANGES:
            summary, effect = one.summaries[name], found.effect(one, name)
            made.append([
                one.name if name == RANGES[0] else "",
                name,
                str(summary.total),
                f"{100 * summary.accuracy:.1f}",
                f"{100 * summary.low:.1f}–{100 * summary.high:.1f}",
                f"{100 * effect.difference:+.1f}" if effect else "",
                f"{100 * effect.low:+.1f} … {100 * effect.high:+.1f}" if effect else "",
                f"{summary.tokens_mean:.0f}",
            ])  # fmt: skip
    return made


def figure(found: Comparison) -> Any:
    """Accuracy over length, a line a run, with 95 % intervals."""
    drawn, (panel,) = axes(WIDTH, 3.2)
    for number, one in enumerate(found.runs):
        line(panel, list(one.summaries.values()), one.name, how=style(number), aside=0.1 * number)
    for name, following in pairwise(RANGES):
        lengths = [max(one.summaries[name].by_n, default=0) for one in found.runs]
        if len(set(lengths)) == 1 and found.runs[0].summaries[following].by_n:
            panel.axvline(lengths[0] + 0.5, color=GREY, lw=0.6, alpha=0.6)
    over_length(panel, tasks.load(found.runs[0].run.task).nouns)
    drawn.legend(loc="outside lower center", ncols=2)
    return drawn


def write(found: Comparison, file: Path) -> None:
    """Write the page; raises `UsageError` where a file stands that `compare` did not make."""
    if file.exists() and (not file.is_file() or MADE not in file.read_text(encoding="utf-8", errors="replace")):
        raise UsageError(f"{file} is there already", "Choose another file with --out.")
    text = page.fill(
        "compare.html.j2",
        {"accuracy": svg(figure(found), "accuracy over length")},
        title=" against ".join(one.name for one in found.runs),
        notes=found.notes,
        grid=Grid(list(HEAD), rows(found)),
        joined=any(are_joined(list(one.summaries.values())) for one in found.runs),
    )
    with writing(file) as out:
        out.write(f"{text}\n{MADE}\n")
