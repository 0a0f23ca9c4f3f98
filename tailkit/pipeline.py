"""One run from end to end: data → train → evaluate → report, each stage only if it is needed.

In: a run folder. Out: its files. The stages do not know each other; here they meet.
"""

import json
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tailkit import __version__, dataset, score, tasks
from tailkit.dataset import Order
from tailkit.dataset.imported import generations_from
from tailkit.errors import UsageError
from tailkit.models import tokens
from tailkit.records import RANGES, Example, Generation, Score
from tailkit.run import files
from tailkit.run.files import writing
from tailkit.run.folder import RunDir
from tailkit.run.processes import run_apart
from tailkit.screen import note


def write_data(orders: dict[Path, Order], workers: int) -> dict[Path, dict[str, Any]]:
    """Write the data sets of one or more orders, each to its folder; return their manifests.

    All tasks are held to the contract before anything is written.
    """
    for order in orders.values():
        task = tasks.load(order.task).with_settings(order.settings)
        task.check_variant(order.variant)
        tasks.verify(task, order.bounds)
    manifests = {}
    with dataset.pool_of(workers) as pool:
        for number, (folder, order) in enumerate(orders.items(), start=1):
            place = f" ({number}/{len(orders)})" if len(orders) > 1 else ""
            manifests[folder] = dataset.write(order, folder, pool, f"data {order.task}{place}")
    return manifests


def make_data(run: RunDir, workers: int) -> None:
    """`data/`: the training set, three evaluation sets and the manifest."""
    order = dataset.order_of(run.task, run.recipe)
    names = [*(["train"] if run.recipe.trains else []), *(f"eval-{name}" for name in RANGES)]
    outputs = [run.data / "manifest.json", *(run.data / f"{name}.parquet" for name in names)]
    # Another model's scores are for the problems that were here.
    with run.stage("data", _origin(order), outputs, [run.others]) as needed:
        if needed:
            write_data({run.data: order}, workers)


def _origin(order: Order) -> list[Any]:
    """What data depend on: the kit, the task's file, the order."""
    return [__version__, tasks.load(order.task).fingerprint, asdict(order)]


def is_finished(run: RunDir) -> bool:
    """Whether a run is evaluated, and every stage rests on the one before as it is today."""

    def stands(stage: str, depends: list[Any]) -> bool:
        return run.digest(stage) == files.digest_of(stage, *depends)

    made = stands("data", _origin(dataset.order_of(run.task, run.recipe))) and (run.data / "manifest.json").exists()
    trained = made and (not run.recipe.trains or stands("train", _trained_from(run)))
    return trained and stands("eval", _evaluated_from(run)) and (run.path / "summary.json").exists()


def train(run: RunDir) -> None:
    """`adapter/`, `train.jsonl` and `held-out.jsonl`; the work is done in a process of its own."""
    if not run.recipe.trains:
        note(f"no training: {run.recipe.model.name} is evaluated as it is")
        return
    with training_stage(run) as needed:
        if needed:
            run_apart(_train, run.path)


def training_stage(run: RunDir) -> AbstractContextManager[bool]:
    """The stage that makes `adapter/`, `train.jsonl` and `held-out.jsonl`."""
    return run.stage("train", _trained_from(run), [run.adapter], [run.metrics], [run.checkpoints])


def _trained_from(run: RunDir) -> list[Any]:
    """What an adapter depends on: the training set, the base model, how it is trained."""
    trained, recipe = dataset.read_manifest(run.data)["files"]["train"]["sha256"], run.recipe
    return [trained, recipe.model.model_dump(), recipe.lora.model_dump(), recipe.train.model_dump()]


def train_here(run: RunDir) -> None:
    """Train in this very process."""
    from tailkit import train as training

    training.train(run, dataset.read_checked(run.data, "train"), dataset.read_checked(run.data, "eval-S"))


def _train(folder: Path) -> None:
    train_here(RunDir.open(folder))


def evaluation_sets(run: RunDir) -> dict[str, list[Example]]:
    return {name: dataset.read_checked(run.data, f"eval-{name}") for name in RANGES}


def evaluate(run: RunDir) -> None:
    """`generations-*.jsonl`, `scores.jsonl` and `summary.json`."""
    generations = [run.generations(name) for name in RANGES]
    outputs = [run.scores, run.path / "summary.json", *generations]
    with run.stage("eval", _evaluated_from(run), outputs) as needed:
        if needed:
            _evaluate(run, evaluation_sets(run))


def _evaluated_from(run: RunDir) -> list[Any]:
    """What generations depend on: the model, how it decodes, the evaluation sets."""
    sets = dataset.read_manifest(run.data)["files"]
    # How many rows are decoded at once changes nothing that they say.
    decoding = run.recipe.decode.model_dump(exclude={"batch"} if run.recipe.free_form else {"batch", "free"})
    model = run.digest("train") if run.recipe.trains else run.recipe.model.model_dump()
    return [model, decoding, [sets[f"eval-{name}"]["sha256"] for name in RANGES]]


def _evaluate(run: RunDir, sets: dict[str, list[Example]]) -> None:
    from tailkit import decode

    task, loaded, scores = tasks.load(run.task), decode.load(run), []
    if run.recipe.trains:
        decode.check_reloaded(run, loaded, sets[RANGES[0]])
    for name in RANGES:
        judged: dict[int, Score] = {}
        decode.decode(loaded, run, name, sets[name], _judge(run, task, sets[name], judged))
        scores += [judged[index] for index in sorted(judged)]
    _write_scores(run.path, scores, RANGES)


def _write_scores(folder: Path, scores: list[Score], ranges: Iterable[str]) -> None:
    """`scores.jsonl` and `summary.json`."""
    with writing(folder / "scores.jsonl") as file:
        file.writelines(files.json_line(asdict(one)) for one in scores)
    with writing(folder / "summary.json") as file:
        summaries = [asdict(score.summarize(name, scores)) for name in ranges]
        file.write(json.dumps(summaries, indent=2, ensure_ascii=False) + "\n")


def _judge(
    run: RunDir, task: tasks.Task, examples: list[Example], judged: dict[int, Score]
) -> Callable[[list[Generation]], str]:
    """Judges each generation once, into `judged`, and tells the accuracy so far."""
    judge = score.judge_answer if run.recipe.free_form else score.judge

    def accuracy(generations: list[Generation]) -> str:
        for one in generations:
            if one.index not in judged:
                judged[one.index] = judge(task, examples[one.index], one)
        return f"{100 * sum(one.right for one in judged.values()) / len(judged):.1f} %"

    return accuracy


def score_generations(run: RunDir, path: Path, name: str) -> list[dict[str, Any]]:
    """Score another model's saved generations for a run's evaluation sets, into `others/NAME/`.

    Returns the summaries of the ranges that the file has. Raises `UsageError`, before anything is
    written, for a line with a wrong or missing field, for a row twice and for a row missing.
    """
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise UsageError(f"{name!r} cannot name a folder", "Take letters, digits, dots and dashes: --name MODEL.")
    task, sets = tasks.load(run.task), evaluation_sets(run)
    generations = generations_from(path, sets, tokens.counter(run.recipe.model.name))
    folder = run.others / name
    scores = [score.judge_answer(task, sets[one.range][one.index], one) for one in generations]
    _write_scores(folder, scores, [one for one in RANGES if any(found.range == one for found in scores)])
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def report(run: RunDir) -> Any:
    """`report.html`, `report.md`, `accuracy.png`, the adapter's card; returns what they show."""
    from tailkit import report as reporting
    from tailkit.report.card import write_card

    facts = reporting.build(run, evaluation_sets(run))
    if run.recipe.trains:
        with writing(run.adapter / "README.md") as file:
            file.write(write_card(run))
    return facts


def run_all(run: RunDir, workers: int) -> Any:
    """All stages in order; those that are done and unchanged are skipped."""
    note(f"run folder: {run.path}")
    scaled = run.recipe.data.ranges.get(run.task)
    if scaled:
        paper = tasks.load(run.task).ranges
        shown = ", ".join(f"{name} {low}–{high}" for name, (low, high) in run.recipe.ranges(run.task, paper).items())
        note(f"ranges are scaled down for this model: {shown}")
    make_data(run, workers)
    train(run)
    evaluate(run)
    return report(run)


def default_folder(task: str, recipe_name: str, variant: str) -> Path:
    """Where a run goes without --out."""
    return Path("runs") / f"{task}-{Path(recipe_name).stem}-{variant}"
