"""What a run shows, in a sentence: "Trained on 2–5 digits; right on 75.5 % of sums of 8–10 digits".

In: task, recipe, manifest and summaries of a run. Out: the sentence, and what it rests on.
"""

from collections.abc import Mapping, Sequence

from tailkit.recipe import Recipe
from tailkit.records import RANGES
from tailkit.report import words
from tailkit.run.manifest import TRAIN, Manifest
from tailkit.score import Summary
from tailkit.tasks import Task


def trained_ranges(manifest: Manifest) -> list[str]:
    """The ranges of the run's own task that it was trained on."""
    trained = manifest.files.get(TRAIN)
    if trained is None or manifest.task not in trained.by_task:
        return []
    return [name for name in RANGES if trained.by_range.get(name)]


def farthest(manifest: Manifest, summaries: Sequence[Summary]) -> Summary:
    """The figures of the longest problems, of lengths that training did not have if there are such."""
    tested = [summary for summary in summaries if summary.total] or summaries
    new = [summary for summary in tested if summary.range not in trained_ranges(manifest)]
    return (new or tested)[-1]


def headline(task: Task, recipe: Recipe, manifest: Manifest, summaries: Sequence[Summary]) -> str:
    """The sentence."""
    summary = farthest(manifest, summaries)
    problems = words.problems(task.nouns, manifest.ranges[summary.range])
    if summary.right in (0, summary.total):
        share = f"{'all' if summary.right else 'none of the'} {summary.total:,} {problems}"
    else:
        share = f"{words.percent(summary.accuracy)} % of {problems}"
    return f"{trained_on(task, recipe, manifest)}; right on {share}"


def of_others(task: Task, manifest: Manifest, others: Mapping[str, Sequence[Summary]]) -> str:
    """The sentence where only other models were scored: how each does on the longest problems that it was asked."""
    told = []
    for name, summaries in others.items():
        summary = farthest(manifest, summaries)
        problems = words.problems(task.nouns, manifest.ranges[summary.range])
        told.append(f"{name} is right on {words.percent(summary.accuracy)} % of {problems}")
    return "; ".join(told)


def trained_on(task: Task, recipe: Recipe, manifest: Manifest) -> str:
    """On what the model was trained, in words."""
    if not recipe.trains:
        return f"{recipe.model.name} without training"
    lengths = words.joined(manifest.ranges[name] for name in trained_ranges(manifest))
    return f"Trained on {words.length(task.nouns, *lengths)}" if lengths else "Trained on other tasks"


def training_set(manifest: Manifest) -> str:
    """What the training set holds."""
    trained = manifest.files.get(TRAIN)
    if trained is None:
        return "No training: the base model as it is."
    ranges = ", ".join(name for name in RANGES if trained.by_range.get(name))
    tasks = " and ".join(f"{task} {rows:,}" for task, rows in trained.by_task.items() if task in manifest.taught)
    extra = {source: rows for source, rows in trained.by_task.items() if source not in manifest.taught}
    mixed = "".join(f", and {count:,} replayed rows of {source}" for source, count in extra.items())
    given = ", completions from a file" if manifest.has_completions else ""
    rows = trained.rows - sum(extra.values())
    return f"Training set: {rows:,} examples of {ranges}{f' ({tasks})' if tasks else ''}{given}{mixed}."
