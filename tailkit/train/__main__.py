"""`accelerate launch -m tailkit.train RUN_FOLDER`: trains a run in several processes, one a GPU.

In: a run folder whose data are made. Out: the adapter that `tailkit train` would make, but for rounding.
"""

import argparse
import sys
import time
from pathlib import Path

from tailkit.arithmetic.host import use_expandable_segments
from tailkit.errors import Interrupted, TailkitError
from tailkit.run.folder import RunDir
from tailkit.run.start import end_interrupted, is_stopping, prepare_output, refuse_windows, take_signals
from tailkit.screen import mute, note
from tailkit.train import headroom, ranks
from tailkit.train.stage import train_here, training_stage

# How long a process keeps to itself an error that another one may have to explain, in seconds.
PATIENCE = 10.0


def main() -> None:
    """The entry point: errors become lines on standard error and exit codes."""
    refuse_windows()
    prepare_output()
    take_signals()
    use_expandable_segments()
    parser = argparse.ArgumentParser(prog="accelerate launch -m tailkit.train", description=__doc__)
    parser.add_argument("folder", type=Path, help="A run folder, as `tailkit run` and `tailkit train` make it.")
    folder = parser.parse_args().folder
    mute(not ranks.is_first())
    headroom.keep_few_kernels()
    try:
        ranks.join()
        _train(RunDir.open(folder))
        ranks.leave()
    except Interrupted as error:
        _say(error)
        sys.exit(error.exit_code)
    except BaseException as error:
        if is_stopping():
            end_interrupted() if ranks.is_first() else end_interrupted("")
        if isinstance(error, TailkitError):
            _say(error)
            sys.exit(error.exit_code)
        # It may be that another process has ended; that one says why, and the launcher ends this one.
        if isinstance(error, RuntimeError) and ranks.count() > 1:
            time.sleep(PATIENCE)
        raise


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
    with run.at_work():
        stage = training_stage(run)
        if ranks.of_first(stage.is_needed()):
            with stage.making():
                train_here(run)
        note(f"adapter: {run.adapter}")


if __name__ == "__main__":
    main()
