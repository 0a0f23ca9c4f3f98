"""Tables and sentences of a report, as plain text: for its page, for Markdown and for the terminal.

In: `Facts`. Out: rows of cells and sentences; nothing in them is escaped yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tailkit.records import RANGES, Bounds
from tailkit.report import paper, words
from tailkit.report.facts import Facts
from tailkit.run.manifest import Guesses
from tailkit.score import Summary

EXPLAINED = {
    "pass@1 %": "One answer is generated for each problem, greedily; counted is how many final answers are right, "
    "whatever stands before them (pass@1, the paper's label accuracy).",
    "95 % interval": "Wilson's interval: the accuracies that this count of problems is compatible with. It does not "
    "tell how another training would come out.",
    "exact %": "The whole trace is the right one, character for character.",
    "no answer": "The model stopped, but nothing of the answer's kind was found. Counts as wrong.",
    "cut off": "The model ran out of tokens before it stopped. Counts as wrong.",
    "tokens": "Mean tokens of what was generated for a problem.",
}
"""What the columns mean, for those that the table has."""

SHORT = "Exact: the whole trace is right. Cut off: out of tokens before it stopped, so wrong. Tokens: mean."


@dataclass(frozen=True)
class Grid:
    """A table: its head and its rows."""

    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Section:
    """A further table of a report, under a title of its own. `texts`: how many of its columns are text."""

    id: str
    title: str
    grid: Grid
    note: str
    texts: int = 2


def sections(facts: Facts) -> list[Section]:
    """The tables after the main one, in the order of the report; one without rows is left out."""
    made = [
        Section("others", "Other models on the same problems", others(facts), OTHERS, texts=3),
        Section("calls", "What asking them took", calls(facts), CALLS, texts=1),
        Section("paper", "The paper's figures", papers(facts), PAPER),
    ]
    return [section for section in made if section.grid.rows]


def main(facts: Facts) -> Grid:
    """Our figures, a row a range; trained ranges are marked with a star."""
    # A completion of another form has no trace that could be the right one.
    return accuracies(facts.summaries, facts.bounds, facts.trained_ranges, exact=not facts.recipe.free_form)


def accuracies(
    summaries: Sequence[Summary], bounds: Mapping[str, Bounds], trained: Sequence[str] = (), *, exact: bool = False
) -> Grid:
    """The figures of some ranges; those in `trained` are marked. `exact`: whether there are traces to compare with."""
    head, marks = _head(summaries, exact), dict.fromkeys(trained, "*")
    return Grid(head, [_row(bounds, summary, head, marks.get(summary.range, "")) for summary in summaries])


def others(facts: Facts) -> Grid:
    """Other models' figures on the same problems, a row a model and range."""
    head = _head([summary for summaries in facts.others.values() for summary in summaries], exact=False)
    rows = [
        [name, *_row(facts.bounds, summary, head)] for name, summaries in facts.others.items() for summary in summaries
    ]
    return Grid(["model", *head], rows)


def calls(facts: Facts) -> Grid:
    """Replies, time, tokens and, with prices, cost of the models that an endpoint was asked for, a row each."""
    rows = [
        [
            name,
            f"{one.replies:,}",
            f"{one.seconds:.1f}",
            f"{one.tokens_in:,}",
            f"{one.tokens_out:,}",
            "–" if one.cost is None else f"{one.cost:,.4f}",
        ]
        for name, one in facts.calls.items()
    ]
    return Grid(["model", "replies", "seconds each", "tokens in", "tokens out", "cost"], rows)


def _head(summaries: Sequence[Summary], exact: bool) -> list[str]:
    shown = {"exact %": exact, "no answer": any(summary.unfound for summary in summaries)}
    return ["range", "length", "problems", *(name for name in EXPLAINED if shown.get(name, True))]


def _row(bounds: Mapping[str, Bounds], s: Summary, head: Sequence[str], mark: str = "") -> list[str]:
    cells = {
        "range": s.range + mark,
        "length": words.span(bounds[s.range]),
        "problems": s.problems,
        "pass@1 %": words.percent(s.accuracy),
        "95 % interval": words.interval(s.low, s.high),
        "exact %": words.percent(s.exact / max(s.total, 1)),
        "no answer": f"{s.unfound:,}",
        "cut off": f"{s.cut:,}",
        "tokens": f"{s.tokens_mean:,.0f}",
    }
    return [cells[name] for name in head]


def meanings(grid: Grid) -> list[tuple[str, str]]:
    """What the columns of a table mean."""
    return [(name, EXPLAINED[name]) for name in grid.head if name in EXPLAINED]


def papers(facts: Facts) -> Grid:
    """The paper's figures, with its own lengths."""
    rows = [[name, words.span(facts.task.ranges[name]), f"{figure:.1f}"] for name, figure in facts.paper.items()]
    return Grid(["range", "length there", "pass@1 %"], rows)


CALLS = (
    "All calls together, those without an answer too. Seconds: of a reply, on the mean, as many at once as were asked. "
    "Cost: by the prices that the last call was given."
)
OTHERS = (
    "Their completions may have any form: the answer is looked for wherever it stands, and the trace is not compared."
)
PAPER = (
    f"{paper.SOURCE}. Model, training and lengths are not those of this run, so the figures stand here for "
    "orientation and are not compared with it."
)


def subtitle(facts: Facts) -> str:
    return f"{facts.task.about} Variant {facts.variant}, model {facts.recipe.model.name}."


def lead(facts: Facts) -> str:
    """The headline's count, with its interval."""
    if not facts.summaries:
        return "Other models on the evaluation problems of this run, whose own model was not evaluated."
    far = facts.farthest
    return (
        f"{far.right:,} of the {far.total:,} problems of range {far.range} are right; "
        f"95 % interval {words.interval(far.low, far.high)} %."
    )


def notes(facts: Facts) -> list[str]:
    """What must be said with the table, so that nobody compares unlike things."""
    told = []
    if facts.trained_ranges:
        told.append(
            "* Lengths of the training set. The problems themselves were held out: no evaluation problem is trained on"
            + (", but for those named below." if facts.manifest.overlap else ".")
        )
    if facts.manifest.scaled_ranges and not facts.task.own:
        theirs = ", ".join(f"{name} {words.span(bounds)}" for name, bounds in facts.task.ranges.items())
        told.append(f"The ranges are scaled down: the paper has {theirs}.")
    told += guesses(facts.manifest.guesses)
    return told + [f"{shortage}." for shortage in facts.manifest.shortages]


def guesses(measured: Mapping[str, Guesses]) -> list[str]:
    """What answers reach that need no trace, so that an accuracy is not taken for more than it shows."""
    if not measured:
        return []
    constant = {name: each.best_constant for name, each in measured.items()}
    told = f"Without a trace: the same answer for all problems is right on {_by_range(constant)} at most"
    for rule in next(iter(measured.values())).simple_heuristics:
        shares = {name: each.simple_heuristics.get(rule, 0) for name, each in measured.items()}
        told += f"; the heuristic “{rule}” on {_by_range(shares)}"
    return [f"{told}."]


def _by_range(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {words.percent(share)}" for name, share in shares.items()) + " %"


def first_wrong(facts: Facts) -> Grid:
    """Range, module and count of the first wrong steps of wrong answers, most frequent first."""
    rows = [
        [summary.range, module, str(count)]
        for summary in facts.summaries
        for module, count in sorted(summary.first_wrong.items(), key=lambda item: -item[1])
    ]
    return Grid(["range", "module", "count"], rows)


def states(facts: Facts) -> str:
    """The states in which wrong answers first go wrong, most frequent first."""
    told = [
        f"{summary.range}: " + ", ".join(f"{state} {count}" for state, count in summary.first_wrong_states.items())
        for summary in facts.summaries
        if summary.first_wrong_states
    ]
    return f"States in which it happens, most frequent first. {'; '.join(told)}." if told else ""


def decoding(facts: Facts) -> str:
    """Which path the rows of each range took in greedy decoding."""
    if not facts.summaries:
        return ""
    counts = [
        f"{name}: " + ", ".join(f"{count:,} {path}" for path, count in sorted(paths.items(), key=lambda one: -one[1]))
        for name, paths in facts.paths.items()
    ]
    return f"Greedy decoding, {'; '.join(counts)}."


def support(facts: Facts) -> str:
    """How many distinct problems each range has."""
    known = {name: facts.manifest.distinct_problems.get(name) for name in RANGES}
    told = [f"{name} {'an unknown number' if count is None else words.number(count)}" for name, count in known.items()]
    return f"Distinct problems: {', '.join(told)}."


def times(facts: Facts) -> str:
    """How long each stage took."""
    return ", ".join(f"{stage} {words.duration(seconds)}" for stage, seconds in facts.seconds.items()) + "."
