"""`accelerate launch -m tailkit.train RUN_FOLDER`: trains a run in several processes, one a GPU.

In: a run folder whose data are made. Out: the adapter that `tailkit train` would make, but for rounding.
"""

import argparse
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

from tailkit import dataset, train
from tailkit.errors import Interrupted, TailkitError
from tailkit.rundir import RunDir
from tailkit.screen import mute, note
from tailkit.train import ranks

# How long another process than the first keeps its error to itself, in seconds.
PATIENCE = 10.0


def main() -> None:
    """The entry point: errors become lines on standard error and exit codes."""
    parser = argparse.ArgumentParser(prog="accelerate launch -m tailkit.train", description=__doc__)
    parser.add_argument("folder", type=Path, help="A run folder, as `tailkit run` and `tailkit train` make it.")
    folder = parser.parse_args().folder
    mute(not ranks.is_first())
    try:
        ranks.join()
        _train(RunDir.open(folder))
        ranks.leave()
    except TailkitError as error:
        _say(error)
        sys.exit(error.exit_code)


def _say(error: TailkitError) -> None:
    """Say what is wrong. If all processes found it, the first one says it, and the launcher ends the others."""
    if not ranks.is_first():
        if isinstance(error, Interrupted):
            return
        time.sleep(PATIENCE)
        mute(False)
    note(f"error: {error}")


def _train(run: RunDir) -> None:
    """Train if the run needs it, which the first process finds out; it alone keeps the run's marks."""
    if not run.recipe.trains:
        note(f"no training: {run.recipe.model.name} is evaluated as it is")
        return
    if not ranks.is_first():
        if ranks.of_first(None):
            train_here(run)
        return
    with run.at_work(), training_stage(run) as needed:
        ranks.of_first(needed)
        if needed:
            train_here(run)
        note(f"adapter: {run.adapter}")


def training_stage(run: RunDir) -> AbstractContextManager[bool]:
    """The stage that makes `adapter/`, `train.jsonl` and `held-out.jsonl`."""
    recipe = run.recipe
    trained = dataset.read_manifest(run.data)["files"]["train"]["sha256"]
    depends = [trained, recipe.model.model_dump(), recipe.lora.model_dump(), recipe.train.model_dump()]
    return run.stage("train", depends, [run.adapter], [run.metrics], [run.checkpoints])


def train_here(run: RunDir) -> None:
    """Train in this very process."""
    train.train(run, dataset.read_checked(run.data, "train"), dataset.read_checked(run.data, "eval-S"))


if __name__ == "__main__":
    main()
