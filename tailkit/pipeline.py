"""One run from end to end: data → train → evaluate → report, each stage only if it is needed.

In: a run folder. Out: its files. The stages do not know each other; here they meet.
"""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tailkit import dataset, score, tasks
from tailkit.dataset import Order
from tailkit.recipe import NANO
from tailkit.records import RANGES, Example, Generation, JsonObject, Score
from tailkit.run import lines
from tailkit.run.apart import run_apart
from tailkit.run.files import writing
from tailkit.run.folder import SCORES, SUMMARY, RunDir
from tailkit.run.manifest import EVALUATIONS, MANIFEST, NAMES, TRAIN, evaluation, parquet
from tailkit.run.stages import CARD, Stage
from tailkit.screen import note, part
from tailkit.train.stage import train_here, training_stage

if TYPE_CHECKING:
    from tailkit.decode.protocol import Engine
    from tailkit.report import Facts


def write_data(orders: dict[Path, Order], workers: int) -> dict[Path, dataset.Manifest]:
    """Write the data sets of one or more orders, each to its folder; return their manifests.

    All tasks, those too that are taught beside another one, are held to the contract before anything is written.
    """
    for each in (each for order in orders.values() for each in (order, *order.others)):
        task = tasks.load(each.task).with_settings(each.settings)
        task.check_variant(each.variant)
        tasks.verify(task, each.bounds)
    return dataset.write_all(orders, workers)


def data_stage(run: RunDir) -> Stage:
    """`data/`: the training set, three evaluation sets and the manifest."""
    order = dataset.order_of(run.task, run.recipe)
    names = NAMES if run.recipe.trains else EVALUATIONS
    return Stage(
        run.path,
        "data",
        inputs=dataset.identity(order),
        outputs=(run.data / MANIFEST, *(parquet(run.data, name) for name in names)),
        command=shlex.join(["tailkit", "run", str(run.path)]),
    )


def evaluation_stage(run: RunDir) -> Stage:
    """`generations-*.jsonl`, `scores.jsonl` and `summary.json`: made from the adapter and the evaluation sets."""
    recipe = run.recipe.model_dump(mode="json")
    # How many rows are decoded at once changes nothing that they say.
    left_out = {"batch"} if run.recipe.free_form else {"batch", "free"}
    sections: JsonObject = {"decode": {key: value for key, value in recipe["decode"].items() if key not in left_out}}
    digests = run.evaluation_digests()
    if run.recipe.trains:
        digests |= {name: digest for name, digest in training_stage(run).require().outputs.items() if "adapter" in name}
    else:
        sections["model"] = recipe["model"]
    generations = [run.generations(name) for name in RANGES]
    return Stage(
        run.path,
        "eval",
        inputs={"recipe": sections, **digests},
        outputs=(*generations, run.scores, run.summary),
        command=shlex.join(["tailkit", "eval", str(run.path)]),
    )


def require_trained(run: RunDir) -> None:
    """Raise `TailkitError` unless data and (where the recipe trains) adapter are there as they were written."""
    run.made_data()
    if run.recipe.trains:
        training_stage(run).require()


def is_finished(run: RunDir) -> bool:
    """Whether a run is evaluated, and every stage rests on the one before as it is today."""
    stages = [data_stage, *([training_stage] if run.recipe.trains else []), evaluation_stage]
    return all(stage(run).is_done() for stage in stages)


def make_data(run: RunDir, workers: int, again: bool = False) -> None:
    stage = data_stage(run)
    if stage.is_needed(again):
        if stage.marker:
            # Also where the manifest is lost that says so, these files are ours.
            dataset.claim(run.data, {Path(name).stem: digest for name, digest in stage.marker.outputs.items()})
        with stage.making():
            write_data({run.data: dataset.order_of(run.task, run.recipe)}, workers)


def have_model(run: RunDir) -> None:
    """Download what is missing of the base model, which is the first thing that may fail; nothing once evaluated."""
    from tailkit.models.origin import have

    if run.recipe.model.name != NANO and not run.summary.exists():
        have(run.recipe.model)


def train(run: RunDir, again: bool = False) -> None:
    """Fine-tune, if need be; the work is done in a process of its own."""
    if not run.recipe.trains:
        note(f"no training: {run.recipe.model.name} is evaluated as it is")
        return
    stage = training_stage(run)
    if stage.is_needed(again):
        with stage.making():
            run_apart(_train, run.path)


def _train(folder: Path) -> None:
    train_here(RunDir.open(folder))


def evaluate(run: RunDir, again: bool = False) -> None:
    """Generate and score, if need be. The model is loaded before anything of a former evaluation is touched."""
    from tailkit import decode

    stage = evaluation_stage(run)
    if not stage.is_needed(again):
        return
    sets = run.evaluation_sets()
    loaded = decode.load_engine(run)
    if run.recipe.trains:
        decode.check_reloaded(run, loaded, sets[RANGES[0]], training_stage(run).has_whole(run.held_out))
    run.keep_recipe()
    with stage.making():
        _generate(run, loaded, sets)


def _generate(run: RunDir, loaded: "Engine", sets: dict[str, list[Example]]) -> None:
    from tailkit import decode

    task, scores = tasks.load(run.task), []
    for name in RANGES:
        judged: dict[int, Score] = {}
        with part(after=_after(run, evaluation(name))):
            decode.decode(loaded, run, name, sets[name], _judge(run, task, sets[name], judged))
        scores += [judged[index] for index in sorted(judged)]
    write_scores(run.path, scores, {name: len(sets[name]) for name in RANGES})


def write_scores(folder: Path, scores: list[Score], sizes: Mapping[str, int]) -> None:
    """`scores.jsonl` and `summary.json`, for ranges with so many rows."""
    lines.write(folder / SCORES, scores)
    score.write_summaries(folder / SUMMARY, [score.summarize(name, scores, sizes[name]) for name in sizes])


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


def report(run: RunDir) -> "Facts":
    """`report.html`, `report.md`, `accuracy.png`, the adapter's card; returns what they show.

    A run without scores of its own has a report of other models', if there are any.
    """
    from tailkit.report import build
    from tailkit.report.model_card import write_card

    others_alone = not run.summary.exists() and bool(run.scored_others())
    if not others_alone:
        evaluation_stage(run).require()
    with_metrics = run.recipe.trains and training_stage(run).has_whole(run.metrics)
    facts = build(run, run.evaluation_sets(), with_metrics=with_metrics)
    if run.recipe.trains and not others_alone:
        with writing(run.adapter / CARD) as file:
            file.write(write_card(run))
    return facts


def run_all(run: RunDir, workers: int, again: bool = False) -> "Facts":
    """All stages in order; those that are done and unchanged are skipped. `again`: make again what does not fit."""
    note(f"run folder: {run.path}")
    scaled = run.recipe.data.ranges.get(run.task)
    if scaled:
        paper = tasks.load(run.task).with_settings(run.recipe.settings(run.task)).ranges
        shown = ", ".join(f"{name} {low}–{high}" for name, (low, high) in run.recipe.ranges(run.task, paper).items())
        note(f"ranges are scaled down for this model: {shown}")
    have_model(run)
    make_data(run, workers, again)
    with part(after=_after(run, TRAIN)):
        train(run, again)
    evaluate(run, again)
    return report(run)


def _after(run: RunDir, name: str) -> float:
    """How long the sets after one of a run's will take, as a multiple of what that takes.

    By the bytes of their completions, as if a row took as long to evaluate as to train on: an estimate.
    """
    files = dataset.read_manifest(run.data).files
    sizes = {key: facts.rows * facts.bytes_mean for key, facts in files.items()}
    sizes[TRAIN] = sizes.get(TRAIN, 0) * run.recipe.train.epochs
    later = sum(sizes[key] for key in NAMES[NAMES.index(name) + 1 :])
    return later / sizes[name] if sizes[name] else 0.0
