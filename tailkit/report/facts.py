"""Gathers what a report shows from the files of a run; nothing is scored again.

In: a run folder whose evaluation is done. Out: `Facts`.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from tailkit import tasks
from tailkit.dataset.manifest import TRAIN, Manifest, read_manifest
from tailkit.errors import UsageError
from tailkit.recipe import dump
from tailkit.records import RANGES, Example, Generation, Metric, Score, Span
from tailkit.report import paper
from tailkit.run import lines
from tailkit.run.folder import RunDir
from tailkit.score import Summary, read_summaries
from tailkit.tasks import Task

SHOWN_EXAMPLES = 2


@dataclass(frozen=True)
class Shown:
    """One evaluated problem in full: its generation, coloured as far as it follows the gold trace."""

    score: Score
    path: str
    query: str
    text: str
    gold: str
    spans: list[Span]


@dataclass(frozen=True)
class Facts:
    """All that the tables, figures and pages are made from."""

    task: Task
    variant: str
    bounds: dict[str, tuple[int, int]]
    scaled: bool
    trained_on: list[str]
    summaries: list[Summary]
    paper: dict[str, float]
    metrics: list[Metric]
    shown: list[Shown]
    paths: dict[str, dict[str, int]]
    manifest: Manifest
    recipe: str
    environment: dict[str, Any]
    seconds: dict[str, float]
    model: str

    def plain(self) -> dict[str, Any]:
        """What `tailkit report --json` prints."""
        summaries = [asdict(summary) for summary in self.summaries]
        return {"task": self.task.id, "variant": self.variant, "summaries": summaries, "paper": self.paper}


def gather(run: RunDir, examples: dict[str, list[Example]], with_metrics: bool = True) -> Facts:
    """Read a run's scores and what belongs to them; raises `UsageError` if it is not evaluated."""
    if not run.summary.is_file():
        raise UsageError(f"{run.path} has no scores yet", f"Run `tailkit eval {run.path}` first.")
    task = tasks.load(run.task)
    generations = {name: lines.read_generations(run.generations(name), name, len(examples[name])) for name in RANGES}
    manifest = read_manifest(run.data)
    return Facts(
        task=task,
        variant=run.recipe.data.variant,
        bounds=manifest.ranges,
        scaled=bool(manifest.scaled_ranges),
        trained_on=_trained_on(manifest),
        summaries=read_summaries(run.summary),
        paper=paper.figures(task.id, run.recipe),
        metrics=lines.read(run.metrics, Metric) if with_metrics else [],
        shown=_shown(run, task, examples, generations),
        paths={name: dict(Counter(one.path for one in rows.values())) for name, rows in generations.items()},
        manifest=manifest,
        recipe=dump(run.recipe),
        environment=run.read_json("env.json"),
        seconds={stage: run.seconds(stage) or 0.0 for stage in ("data", "train", "eval")},
        model=run.recipe.model.name,
    )


def _trained_on(manifest: Manifest) -> list[str]:
    """The ranges of the run's own task that it was trained on."""
    trained = manifest.files.get(TRAIN)
    if trained is None or manifest.task not in trained.by_task:
        return []
    return [name for name in RANGES if trained.by_range.get(name)]


def _shown(
    run: RunDir, task: Task, examples: dict[str, list[Example]], generations: dict[str, dict[int, Generation]]
) -> list[Shown]:
    """For each range the shortest right problem and the shortest wrong ones."""
    scores = lines.read(run.scores, Score)
    shown = []
    for name in RANGES:
        found = generations[name]
        rows = sorted((s for s in scores if s.range == name), key=lambda s: (len(found[s.index].text), s.index))
        chosen = [s for s in rows if s.right][:1] + [s for s in rows if not s.right][:SHOWN_EXAMPLES]
        shown += [_show(task, examples[name][s.index], s, found[s.index]) for s in chosen]
    return shown


def _show(task: Task, example: Example, score: Score, generation: Generation) -> Shown:
    problem = task.problem_of(json.loads(example.problem), example.range, example.query)
    trace = task.trace(task.record(problem), problem, example.variant)
    return Shown(score, generation.path, example.query, generation.text, example.completion, trace.spans)


def coloured(shown: Shown) -> list[tuple[str, str]]:
    """The generation as (text, module) pieces; the first character that differs is an "error".

    Behind the first difference there is no gold trace to follow, so the rest is "after". Where the
    difference is a line break or the end of the text, a sign stands for it.
    """
    end = shown.score.offset if shown.score.offset is not None else len(shown.text)
    pieces = [(shown.text[span.start : min(span.end, end)], span.module) for span in shown.spans if span.start < end]
    if shown.score.offset is not None:
        first = shown.text[end : end + 1]
        pieces += [({"": "▯", "\n": "↵\n"}.get(first, first), "error"), (shown.text[end + 1 :], "after")]
    return [(text, module) for text, module in pieces if text]
