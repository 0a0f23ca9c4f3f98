"""Figures of a report, drawn with matplotlib in colours that the colour-blind can tell apart.

In: `Facts`. Out: figures, as SVG that takes its ink from the page (so that it can be read on dark and light
ones), or as PNG files.
"""

import io
import math
import re
import warnings
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tailkit.records import MODULES, Nouns
from tailkit.report import words
from tailkit.report.facts import Facts
from tailkit.run.files import whole
from tailkit.score import Summary, wilson
from tailkit.screen import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

# Okabe and Ito's palette; its yellow is too light for lines.
COLOURS = {"state": "#0072B2", "fetch": "#E69F00", "compute": "#009E73", "transition": "#CC79A7", "answer": "#56B4E9"}
INK = "#222222"
GREY = "#888888"
CUT, UNFOUND = "cut off", "no answer"
WRONG_PARTS = {**COLOURS, UNFOUND: "#D55E00", CUT: "#999999"}
"""What a wrong answer may come from, with its colour."""
SERIES = (INK, "#E69F00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999")
MARKS = "osD^vP*X"
WIDTH = 4.8
"""Inches: so wide that a page of 400 points shows a figure almost at its full size."""
MOST_POINTS = 10
LEGEND_COLUMNS = 3
LONGEST = 40
"""Characters of a name in a figure."""


def style(number: int) -> dict[str, Any]:
    """Colour and mark of a series, by its number; print and the colour-blind tell them apart by the mark."""
    return {"color": SERIES[number % len(SERIES)], "marker": MARKS[number % len(MARKS)]}


def label(name: str) -> str:
    """A short text for a figure, on one line; a legend would leave out one that begins with an underscore."""
    shown = visible(name).replace("\n", " ")
    shown = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
    return f" {shown}" if shown.startswith("_") else shown


def axes(width: float, height: float, down: int = 1, across: int = 1) -> "tuple[Figure, list[Axes]]":
    """A figure of so many inches and its panels, row by row."""
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams.update({
        "svg.hashsalt": "tailkit", "svg.fonttype": "none", "font.size": 9, "text.parse_math": False,
        "figure.facecolor": "white", "legend.frameon": False, "axes.unicode_minus": True,
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
    })  # fmt: skip
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(down, across, figsize=(width, height), layout="constrained", squeeze=False)
    for panel in panels.flat:
        panel.spines[["top", "right"]].set_visible(False)
    return figure, list(panels.flat)


def svg(figure: "Figure", title: str) -> str:
    """The figure as an SVG element for a page: ink in the page's own colour, no ground, `title` for screen readers."""
    import matplotlib.pyplot as plt

    buffer = io.StringIO()
    with warnings.catch_warnings():
        # A name may have characters that matplotlib's font lacks; the page's fonts show them.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = re.sub(r"<metadata>.*?</metadata>", "", buffer.getvalue(), flags=re.DOTALL).replace(INK, "currentColor")
    return f'<svg role="img" aria-label="{escape(visible(title))}"' + text[text.index("<svg") + len("<svg") :]


def png(figure: "Figure", path: Path, software: str | None = None) -> None:
    """Write the figure to a PNG file, whole or not at all; `software` is noted in it."""
    with whole(path) as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure.savefig(temporary, format="png", dpi=150, metadata={"Software": software})


def whole_numbers(axis: "Axis") -> None:
    """Ticks of an axis at whole numbers only, with commas."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axis.set_major_formatter(lambda value, _: words.number(value))


class Point(NamedTuple):
    """Accuracy over some neighbouring lengths: their middle, the share right, and the bounds of its interval, in %."""

    n: float
    share: float
    low: float
    high: float


def points(summaries: Sequence[Summary]) -> list[Point]:
    """A point a length; of a range with many lengths, so many neighbours are put together that few points are left."""
    made = []
    for summary in summaries:
        lengths = sorted(summary.by_n)
        parts = min(len(lengths), MOST_POINTS)
        for part in range(parts):
            group = lengths[part * len(lengths) // parts : (part + 1) * len(lengths) // parts]
            right = sum(summary.by_n[n].right for n in group)
            total = sum(summary.by_n[n].total for n in group)
            low, high = wilson(right, total)
            made.append(Point((group[0] + group[-1]) / 2, 100 * right / total, 100 * low, 100 * high))
    return sorted(made)


def are_joined(summaries: Sequence[Summary]) -> bool:
    """Whether a point stands for several lengths."""
    return any(len(summary.by_n) > MOST_POINTS for summary in summaries)


def accuracy(facts: Facts) -> "Figure":
    """Accuracy over length with 95 % intervals; the trained lengths are shaded, other models' lines are broken."""
    figure, (panel,) = axes(WIDTH, 3.2)
    for name, (low, high) in facts.bounds.items():
        if name in facts.trained_ranges:
            panel.axvspan(low - 0.5, high + 0.5, color="#0072B2", alpha=0.12, lw=0, label=f"trained on ({name})")
        panel.text((low + high) / 2, 104, name, ha="center")
        panel.axvline(high + 0.5, color=GREY, lw=0.6, alpha=0.6)
    if facts.summaries:
        line(panel, facts.summaries, f"this run ({facts.variant})", how=style(0))
    for number, (name, summaries) in enumerate(facts.others.items(), start=1):
        line(panel, summaries, name, how=style(number), dashes=":", aside=0.1 * number)
    over_length(panel, facts.task.nouns)
    figure.legend(loc="outside lower center", ncols=LEGEND_COLUMNS)
    return figure


def over_length(panel: "Axes", nouns: Nouns) -> None:
    """Make a panel one of accuracy in % over length."""
    panel.set(xlabel=label(words.axis(nouns)), ylabel="right (pass@1), %", ylim=(-3, 112), yticks=range(0, 101, 20))
    whole_numbers(panel.xaxis)


def line(
    panel: "Axes",
    summaries: Sequence[Summary],
    name: str,
    *,
    how: dict[str, Any],
    dashes: str = "-",
    aside: float = 0.0,
) -> None:
    """Draw a model's accuracy over length with its intervals; `aside` moves it, so that its bars cover no others."""
    made = points(summaries)
    errors = [[point.share - point.low for point in made], [point.high - point.share for point in made]]
    panel.errorbar(
        [point.n + aside for point in made], [point.share for point in made], yerr=errors, ls=dashes, **how,
        ms=4, lw=1.2, elinewidth=0.8, capsize=2, label=label(name),
    )  # fmt: skip


def loss(facts: Facts) -> "Figure":
    """Training loss over steps; on a logarithmic scale where it spans more than a factor of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter

    figure, (panel,) = axes(WIDTH, 2.4)
    rows = [row for row in facts.metrics if math.isfinite(row.loss)]
    losses = [max(row.loss, 1e-9) for row in rows]
    panel.plot([row.step for row in rows], losses, color=INK, lw=1.2, marker="o" if len(rows) < 3 else "")
    panel.set(xlabel="optimizer step", ylabel="loss, nats a token")
    if max(losses) > 10 * min(losses):
        panel.set(yscale="log")
        few = max(losses) < 1000 * min(losses)
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,), numticks=8))
        panel.yaxis.set_minor_formatter(NullFormatter())
    panel.yaxis.set_major_formatter(lambda value, _: words.number(value))
    whole_numbers(panel.xaxis)
    return figure


def first_wrong(facts: Facts) -> "Figure":
    """By range, the share of all problems that are wrong, by the module of the first wrong step."""
    shares = {
        part: [100 * _count(summary, part) / max(summary.total, 1) for summary in facts.summaries]
        for part in WRONG_PARTS
    }
    return stacked([summary.range for summary in facts.summaries], shares, "% of problems")


def _count(summary: Summary, part: str) -> int:
    return {CUT: summary.cut, UNFOUND: summary.unfound}.get(part, summary.first_wrong.get(part, 0))


def stacked(names: list[str], shares: dict[str, list[float]], xlabel: str) -> "Figure":
    """Bars from left to right: for each name the shares in % of what wrong answers come from, in WRONG_PARTS' order."""
    figure, (panel,) = axes(WIDTH, 1.3 + 0.3 * len(names))
    places, left = list(range(len(names))), [0.0] * len(names)
    for part, widths in shares.items():
        if part in MODULES or any(widths):
            panel.barh(places, widths, left=left, color=WRONG_PARTS[part], label=part, height=0.6)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    panel.set(xlabel=xlabel, xlim=(0, 100), yticks=places, yticklabels=[label(name) for name in names])
    panel.invert_yaxis()
    figure.legend(ncols=4, loc="outside upper center")
    return figure
