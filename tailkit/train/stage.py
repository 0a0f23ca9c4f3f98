"""The training of a run, as a stage that knows its files.

In: a run folder whose data are made. Out: its `Stage`, and the training itself, in this very process.
"""

import shlex

from tailkit.run.folder import RunDir
from tailkit.run.stages import Stage


def training_stage(run: RunDir) -> Stage:
    """`adapter/`, with `train.jsonl` and `held-out.jsonl`: made from the training set, the model and its sections."""
    recipe = run.recipe.model_dump(mode="json")
    return Stage(
        run.path,
        "train",
        inputs={
            "recipe": {section: recipe[section] for section in ("model", "lora", "train")},
            "data/train.parquet": run.made_data().outputs["data/train.parquet"],
        },
        outputs=(run.adapter,),
        command=shlex.join(["tailkit", "run", str(run.path)]),
        extras=(run.held_out, run.metrics),
        leftovers=(run.metrics,),
        scaffold=(run.checkpoints,),
    )


def train_here(run: RunDir) -> None:
    """Train in this very process."""
    from tailkit.train import train

    train(run, run.training_set(), run.evaluation_sets())
