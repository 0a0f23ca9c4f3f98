"""The report of a run, from its scores only.

In: a run folder that has been evaluated. Out: `report.html` (self-contained), `report.md`,
`accuracy.png`, and tables for the terminal.
"""

import math

from tailkit.records import Example
from tailkit.report import figures, markdown, page, tables
from tailkit.report.facts import Facts, gather
from tailkit.run.files import writing
from tailkit.run.folder import ACCURACY, MARKDOWN, PAGE, RunDir

__all__ = ["Facts", "build", "gather", "tables"]


def build(run: RunDir, examples: dict[str, list[Example]], *, with_metrics: bool = True) -> Facts:
    """Write all files of the report and return what they show; the loss only `with_metrics` that are whole."""
    facts = gather(run, examples, with_metrics)
    accuracy = figures.accuracy(facts)
    figures.png(accuracy, run.path / ACCURACY)
    drawn = {"accuracy": figures.svg(accuracy, "accuracy over length")}
    if any(math.isfinite(row.loss) for row in facts.metrics):
        drawn["loss"] = figures.svg(figures.loss(facts), "training loss over steps")
    if any(summary.first_wrong for summary in facts.summaries):
        drawn["first_wrong"] = figures.svg(figures.first_wrong(facts), "where wrong answers first go wrong")
    with writing(run.path / PAGE) as file:
        file.write(page.render(facts, drawn))
    with writing(run.path / MARKDOWN) as file:
        file.write(markdown.write(facts))
    return facts
