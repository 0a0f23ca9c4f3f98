"""Gathers what a report shows from the files of a run; nothing is scored again.

In: a run folder whose evaluation is done. Out: `Facts`.
"""

from collections import Counter
from dataclasses import asdict, dataclass

from tailkit import tasks
from tailkit.errors import UsageError
from tailkit.recipe import Recipe
from tailkit.records import RANGES, Bounds, Example, Metric, Score
from tailkit.report import headline, paper, problems
from tailkit.report.problems import Shown
from tailkit.run import lines
from tailkit.run.folder import RunDir
from tailkit.run.kept import CALLS, Calls
from tailkit.run.manifest import Manifest, read_manifest
from tailkit.score import Summary, read_summaries
from tailkit.tasks import Task

STAGES = ("data", "train", "eval")


@dataclass(frozen=True)
class Facts:
    """All that the tables, figures and pages are made from.

    `summaries`: none where only other models were scored. `others`: summaries of other models' generations for
    the same problems, by name; `calls`: what asking those of an endpoint took. `paths`: by range, how many rows were
    decoded in which way. `seconds`: by stage.
    """

    task: Task
    recipe: Recipe
    manifest: Manifest
    made_with: list[str]
    summaries: list[Summary]
    others: dict[str, list[Summary]]
    calls: dict[str, Calls]
    paper: dict[str, float]
    metrics: list[Metric]
    shown: list[Shown]
    paths: dict[str, dict[str, int]]
    seconds: dict[str, float]

    @property
    def variant(self) -> str:
        return self.recipe.data.variant

    @property
    def bounds(self) -> dict[str, Bounds]:
        """Shortest and longest length of each range."""
        return self.manifest.ranges

    @property
    def trained_ranges(self) -> list[str]:
        return headline.trained_ranges(self.manifest)

    @property
    def farthest(self) -> Summary:
        return headline.farthest(self.manifest, self.summaries)

    @property
    def headline(self) -> str:
        if not self.summaries:
            return headline.of_others(self.task, self.manifest, self.others)
        return headline.headline(self.task, self.recipe, self.manifest, self.summaries)

    def plain(self) -> dict[str, object]:
        """What `tailkit report --json` prints."""
        return {
            "task": self.task.id,
            "variant": self.variant,
            "headline": self.headline,
            "summaries": [asdict(summary) for summary in self.summaries],
            "others": {name: [asdict(summary) for summary in theirs] for name, theirs in self.others.items()},
            "calls": {name: calls.model_dump(mode="json") for name, calls in self.calls.items()},
            "paper": self.paper,
        }


def gather(run: RunDir, examples: dict[str, list[Example]], with_metrics: bool = True) -> Facts:
    """Read a run's scores and what belongs to them; raises `UsageError` if neither it nor another model has any."""
    folders = run.scored_others()
    others = {name: read_summaries(folder / run.summary.name) for name, folder in folders.items()}
    if not run.summary.is_file() and not others:
        raise UsageError(f"{run.path} has no scores yet", f"Run `tailkit eval {run.path}` first.")
    task = tasks.load(run.task).with_settings(run.recipe.settings(run.task))
    generations = {name: lines.read_generations(run.generations(name), name, len(examples[name])) for name in RANGES}
    return Facts(
        task=task,
        recipe=run.recipe,
        manifest=read_manifest(run.data),
        made_with=run.made_with,
        summaries=read_summaries(run.summary) if run.summary.is_file() else [],
        others=others,
        calls={name: Calls.read(folder / CALLS) for name, folder in folders.items() if (folder / CALLS).exists()},
        paper=paper.accuracies(task.id, run.recipe),
        metrics=lines.read(run.metrics, Metric) if with_metrics else [],
        shown=problems.choose(task, lines.read(run.scores, Score), examples, generations),
        paths={name: dict(Counter(made.path for made in rows.values())) for name, rows in generations.items()},
        seconds={stage: run.seconds(stage) for stage in STAGES},
    )
