"""Two or more runs side by side: accuracy over length in one figure, and a table with intervals.

In: evaluated run folders, cells of studies too. Out: a `Comparison`, and a page or a figure of it.
"""

from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from tailkit import pipeline, recipe, tasks
from tailkit.errors import UsageError, cut, quoted
from tailkit.records import RANGES, Bounds, Nouns
from tailkit.report import page, words
from tailkit.report.figures import GREY, WIDTH, are_joined, axes, line, over_length, png, style, svg
from tailkit.report.tables import Grid
from tailkit.run.files import writing
from tailkit.run.folder import RunDir
from tailkit.run.manifest import read_manifest
from tailkit.score import Summary, read_summaries
from tailkit.study.results import Effect, Share, newcombe

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAD = ("run", "range", "length", "problems", "pass@1 %", "95 % interval", "difference", "its interval", "tokens")
KINDS = (".html", ".svg", ".png")
MADE = "made by tailkit compare"
"""By what a file of ours is known."""
DASHES = ("-", "--", ":", "-.")
SHORT = "Difference: against the first run, in percentage points. Tokens: mean of a completion."
CAPTION = (
    "Difference: against the first run, in percentage points, with its 95 % hybrid score interval (Newcombe 1998, "
    "method 10) over problems; another training may differ by more. Tokens: mean of a completion; runs that differ "
    "in it had unequal amounts of text to learn from and to get wrong."
)


@dataclass(frozen=True)
class Compared:
    """One run: a name of its own, the bounds and figures of each range, and the keys of its problems.

    `is_other`: the figures are of another model, on this run's problems.
    """

    name: str
    run: RunDir
    bounds: dict[str, Bounds]
    summaries: dict[str, Summary]
    problems: dict[str, list[str]]
    is_other: bool = False


@dataclass(frozen=True)
class Comparison:
    """Runs, the first of which the others are held against.

    `notes`: what a reader must know before comparing. `differences`: keys of the recipes that are not the
    same in all runs, with the value of each run.
    """

    runs: list[Compared]
    notes: list[str]
    differences: dict[str, list[JsonValue]]

    @property
    def own(self) -> list[Compared]:
        """The runs without other models, whose recipes they do not follow."""
        return [one for one in self.runs if not one.is_other]

    def effect(self, one: Compared, name: str) -> Effect | None:
        """The accuracy of a run in a range less that of the first; None for the first, and for other lengths."""
        first = self.runs[0]
        same = one is not first and one.bounds[name] == first.bounds[name]
        if not same or name not in first.summaries or not (one.summaries[name].total and first.summaries[name].total):
            return None
        return newcombe(_share(one.summaries[name]), _share(first.summaries[name]))

    def plain(self) -> dict[str, object]:
        """What `tailkit compare --json` prints."""
        names = [one.name for one in self.own]
        differences = {key: dict(zip(names, values, strict=True)) for key, values in self.differences.items()}
        return {"runs": [self._plain(one) for one in self.runs], "notes": self.notes, "differences": differences}

    def _plain(self, one: Compared) -> dict[str, object]:
        ranges = {}
        for name, summary in one.summaries.items():
            effect = self.effect(one, name)
            ranges[name] = {"length": one.bounds[name], **asdict(summary), "difference": effect and asdict(effect)}
        return {"name": one.name, "folder": str(one.run.path), "task": one.run.task, "ranges": ranges}


def compare(folders: list[Path]) -> Comparison:
    """Read evaluated runs, each followed by the other models that were scored on its problems.

    Raises `TailkitError` for one that is not finished or not what was written.
    """
    places = [folder.resolve() for folder in folders]
    twice = next((folder for place, folder in zip(places, folders, strict=True) if places.count(place) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} stands there twice", "Name each run once.")
    runs = [one for folder, name in zip(folders, _names(folders), strict=True) for one in _read(folder, name)]
    if len(runs) < 2:
        raise UsageError("compare takes two or more run folders", "Example: tailkit compare runs/a runs/b")
    return Comparison(runs, _notes(runs), _differences([one for one in runs if not one.is_other]))


def _names(folders: list[Path]) -> list[str]:
    """The name of each folder or, where two have the same, its whole path."""
    names = [folder.resolve().name for folder in folders]
    return [name if names.count(name) == 1 else str(folder) for name, folder in zip(names, folders, strict=True)]


def _read(folder: Path, name: str) -> list[Compared]:
    """A run, if it is evaluated, and other models on its problems."""
    run = RunDir.open(folder)
    scored = {f"{model} ({name})": place / run.summary.name for model, place in run.scored_others().items()}
    if run.summary.exists() or not scored:
        pipeline.evaluation_stage(run).require()
    bounds = read_manifest(run.data).ranges
    problems = {range_name: [example.key for example in run.evaluation_set(range_name)] for range_name in RANGES}
    own = {name: run.summary} if run.summary.exists() else {}
    return [
        Compared(
            one, run, bounds, {summary.range: summary for summary in read_summaries(file)}, problems, one in scored
        )
        for one, file in (own | scored).items()
    ]


def _notes(runs: list[Compared]) -> list[str]:
    """What makes figures of two runs unlike."""
    first, notes = runs[0], []
    told = {id(first.run)}
    for other in runs[1:]:
        if id(other.run) in told:
            continue
        told.add(id(other.run))
        if other.run.task != first.run.task:
            notes.append(f"{other.name} is of another task: {other.run.task}, not {first.run.task}.")
            continue
        for name in RANGES:
            there, here = first.bounds[name], other.bounds[name]
            if there != here:
                lengths = f"{words.span(there)} in {first.name}, {words.span(here)} in {other.name}"
                notes.append(f"{name} has other lengths, so there is no difference: {lengths}.")
        names = [name for name in RANGES if first.bounds[name] == other.bounds[name]]
        if unlike := [name for name in names if first.problems[name] != other.problems[name]]:
            notes.append(f"{other.name} was evaluated on other problems than {first.name} in {', '.join(unlike)}.")
    return notes


def _differences(runs: list[Compared]) -> dict[str, list[JsonValue]]:
    """The keys in which the recipes differ, with the value of each run; None where a key is not there."""
    recipes = [recipe.flat(one.run.recipe.model_dump(mode="json")) for one in runs]
    values = {key: [one.get(key) for one in recipes] for one in recipes for key in one}
    return {key: given for key, given in values.items() if any(value != given[0] for value in given)}


def spoken(found: Comparison) -> list[str]:
    """What differs between the recipes, a line a key: "train.epochs: 2 (a, b), 3 (c)"."""
    told = []
    for key, values in found.differences.items():
        shown = [quoted(value, 60) for value in values]
        parts = []
        for value in dict.fromkeys(shown):
            names = [one.name for one, its in zip(found.runs, shown, strict=True) if its == value]
            parts.append(f"{value} ({', '.join(names)})")
        told.append(f"{cut(key, 80)}: {', '.join(parts)}")
    return told


def _share(summary: Summary) -> Share:
    return Share(summary.right, summary.total, [summary.accuracy], summary.tokens_mean, summary.cut)


def table(found: Comparison) -> Grid:
    """One row a run and range."""
    return Grid(list(HEAD), [_row(found, one, summary) for one in found.runs for summary in one.summaries.values()])


def _row(found: Comparison, one: Compared, summary: Summary) -> list[str]:
    effect = found.effect(one, summary.range)
    return [
        one.name,
        summary.range,
        words.span(one.bounds[summary.range]),
        summary.problems,
        words.percent(summary.accuracy),
        words.interval(summary.low, summary.high),
        f"{100 * effect.difference:+.1f}" if effect else "",
        f"{100 * effect.low:+.1f} … {100 * effect.high:+.1f}" if effect else "",
        f"{summary.tokens_mean:,.0f}",
    ]


def figure(found: Comparison) -> "Figure":
    """Accuracy over length, a line a run, with 95 % intervals; ranges are told apart where all runs have the same."""
    drawn, (panel,) = axes(WIDTH, 3.2)
    apart = min(0.1, 0.6 / len(found.runs))
    for number, one in enumerate(found.runs):
        dashes = DASHES[number // 8 % len(DASHES)]
        line(panel, list(one.summaries.values()), one.name, how=style(number), dashes=dashes, aside=apart * number)
    bounds = found.runs[0].bounds
    if all(one.bounds == bounds for one in found.runs):
        for name, (low, high) in bounds.items():
            panel.text((low + high) / 2, 104, name, ha="center")
        for name, _ in pairwise(RANGES):
            panel.axvline(bounds[name][1] + 0.5, color=GREY, lw=0.6, alpha=0.6)
    of_one_task = len({one.run.task for one in found.runs}) == 1
    over_length(panel, tasks.load(found.runs[0].run.task).nouns if of_one_task else Nouns())
    drawn.legend(loc="outside lower center", ncols=2)
    return drawn


def check_target(file: Path) -> None:
    """Raise `UsageError` for a file that is none of the kinds, or where one stands that `compare` did not make."""
    if file.suffix.lower() not in KINDS:
        raise UsageError(f"{file} is no page and no picture", f"Its name must end in {', '.join(KINDS)}.")
    if file.is_symlink() or (file.exists() and not (file.is_file() and MADE.encode() in file.read_bytes())):
        raise UsageError(
            f"{file} is there already, and not {MADE}", "Name another file with --out, or move this one away."
        )


def write(found: Comparison, file: Path) -> None:
    """Write a page or, as the file's ending says, the figure alone; raises `UsageError` as `check_target` does."""
    check_target(file)
    if file.suffix.lower() == ".png":
        png(figure(found), file, software=MADE)
        return
    drawn = svg(figure(found), "accuracy over length")
    with writing(file) as out:
        out.write(_page(found, drawn) if file.suffix.lower() == ".html" else _picture(drawn))
        out.write(f"\n<!-- {MADE} -->\n")


def _picture(drawn: str) -> str:
    """An SVG element as a file of its own, with ink for a white ground."""
    head, space, rest = drawn.partition("<svg ")
    return f'{head}{space}xmlns="http://www.w3.org/2000/svg" style="background: white; color: black" {rest}'


def _page(found: Comparison, drawn: str) -> str:
    return page.fill(
        "compare.html.j2",
        {"accuracy": drawn},
        title=" against ".join(one.name for one in found.runs),
        notes=found.notes,
        differences=spoken(found),
        grid=table(found),
        caption=CAPTION,
        joined=any(are_joined(list(one.summaries.values())) for one in found.runs),
    )
