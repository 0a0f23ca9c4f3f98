"""The run folders below a folder: what each is, how far it is, how well it does, and what it takes on disk.

In: a folder. Out: a `RunState` for each run folder in it, those of studies too, the newest last; one that
cannot be read says why. Of its outputs the summary alone is checked: the others are for the commands that read them.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from tailkit.errors import TailkitError, UsageError
from tailkit.records import Metric
from tailkit.run import lines
from tailkit.run.files import clear, is_whole
from tailkit.run.folder import RECIPE, RunDir
from tailkit.run.kept import FAILED, Failure
from tailkit.run.marker import FOLDER, Marker
from tailkit.score import read_summaries
from tailkit.screen import note

DEEPEST = 3
"""Levels below the given folder in which run folders are looked for: cells of studies lie in the second."""

HowFar = Literal["begun", "data", "training", "trained", "evaluating", "evaluated", "failed", "not readable"]


@dataclass(frozen=True)
class RunState:
    """One run folder.

    `step` of `steps` is how far an unfinished training is, 0 where that is unknown; `reason` says why a
    run failed or cannot be read. `accuracy` holds pass@1 by range in 0 … 1; `changed` is when its recipe or
    a stage was last written (ISO 8601, UTC); `size` and `checkpoints` are bytes, of all its files and of
    its checkpoints alone.
    """

    folder: str
    state: HowFar
    task: str = ""
    variant: str = ""
    model: str = ""
    step: int = 0
    steps: int = 0
    reason: str = ""
    accuracy: dict[str, float] = field(default_factory=dict)
    changed: str = ""
    size: int = 0
    checkpoints: int = 0

    @property
    def words(self) -> str:
        """The state with what is known of it: "training, step 40 of 120"."""
        of = f" of {self.steps}" if self.steps else ""
        return (
            f"{self.state}{f', step {self.step}{of}' if self.step else ''}{f': {self.reason}' if self.reason else ''}"
        )


def states(folder: Path) -> list[RunState]:
    """The state of every run folder below `folder`, the one that was last written at the end."""
    return sorted(map(_state, _folders(folder, DEEPEST)), key=lambda state: state.changed)


def _folders(folder: Path, levels: int) -> Iterator[Path]:
    if os.path.lexists(folder / RECIPE):
        yield folder
        return
    with suppress(OSError):
        for path in sorted(folder.iterdir()) if levels else ():
            # A link to a run is a run; the folders behind other links may be anything, and anywhere.
            linked = path.is_symlink() and not os.path.lexists(path / RECIPE)
            if path.is_dir() and not linked and not path.name.startswith("."):
                yield from _folders(path, levels - 1)


def _state(path: Path) -> RunState:
    try:
        known = _known(RunDir.open(path, with_task=False))
    except (TailkitError, OSError) as error:
        reason = error.message if isinstance(error, TailkitError) else str(error)
        no_file = not (path / RECIPE).is_file()
        known = RunState(str(path), "not readable", reason="its recipe.yaml is no file" if no_file else reason)
    checkpoints = sum(map(size_of, _checkpoints(path)))
    return replace(known, changed=_changed(path), size=size_of(path), checkpoints=checkpoints)


def _known(run: RunDir) -> RunState:
    """What the files of a run say; raises `TailkitError` for damaged ones."""
    data, model, state = run.recipe.data, run.recipe.model, _how_far(run)
    known = RunState(str(run.path), state, run.task, data.variant, model.name)
    if state == "training":
        step, steps = _progress(run)
        return replace(known, step=step, steps=steps)
    if state == "failed":
        return replace(known, reason=Failure.read(run.path / FAILED).error)
    if state == "evaluated":
        marker = Marker.of(run.path, "eval")
        if marker is None or not is_whole(run.summary, marker.outputs.get(run.summary.name, "")):
            raise TailkitError(f"{run.summary.name} is not what was written (changed or damaged)")
        return replace(known, accuracy={one.range: one.accuracy for one in read_summaries(run.summary)})
    return known


def _how_far(run: RunDir) -> HowFar:
    def there(name: str) -> bool:
        return Marker.of(run.path, name) is not None

    if there("eval"):
        return "evaluated"
    if _has_failed(run):
        return "failed"
    if there("eval.partial"):
        return "evaluating"
    if there("train"):
        return "trained"
    if there("train.partial"):
        return "training"
    return "data" if there("data") else "begun"


def _has_failed(run: RunDir) -> bool:
    """Whether a study said that this cell failed, and nothing has gone on since then."""
    with suppress(OSError):
        failed = (run.path / FAILED).stat().st_mtime
        return all(file.stat().st_mtime <= failed for file in (run.path / FOLDER).glob("*.json"))
    return False


def _progress(run: RunDir) -> tuple[int, int]:
    """The step that a training is at, and how many it has; 0 where that is unknown."""
    metrics = lines.read(run.metrics, Metric) if run.metrics.is_file() else []
    done, steps = metrics[-1].step if metrics else 0, 0
    for checkpoint in _checkpoints(run.path):
        with suppress(OSError, ValueError, KeyError, TypeError):
            state = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
            done, steps = max(done, int(state["global_step"])), int(state["max_steps"])
    return done, steps


def _changed(path: Path) -> str:
    times = [0.0]
    for file in (path / RECIPE, *(path / FOLDER).glob("*.json")):
        with suppress(OSError):
            times.append(file.lstat().st_mtime)
    return datetime.fromtimestamp(max(times), UTC).isoformat(timespec="seconds")


def _checkpoints(path: Path) -> list[Path]:
    """The checkpoints of a run; what else lies in their folder is none of ours."""
    return [
        folder
        for folder in sorted((path / "checkpoints").glob("checkpoint-*"))
        if folder.name.removeprefix("checkpoint-").isdecimal() and folder.is_dir() and not folder.is_symlink()
    ]


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder, links not followed; 0 if it is not there."""
    size = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(where, name)).st_size
    return size


def removable(found: list[RunState]) -> list[RunState]:
    """The runs whose checkpoints `clean` removes: their training is finished, so that nothing needs them."""
    return [state for state in found if state.checkpoints and state.state in ("trained", "evaluating", "evaluated")]


def clean(found: list[RunState]) -> int:
    """Remove the checkpoints of finished trainings, and nothing else; returns the bytes that it freed.

    A run that another process is at work on is told and left alone.
    """
    freed = 0
    for state in removable(found):
        folder = Path(state.folder)
        try:
            with RunDir.open(folder, with_task=False).at_work():
                # It may have begun to train again since it was looked at.
                freed += _remove(folder) if removable([_state(folder)]) else 0
        except UsageError as error:
            note(f"{folder} is left alone: {error.message}")
    return freed


def _remove(folder: Path) -> int:
    freed = 0
    for checkpoint in _checkpoints(folder):
        freed += size_of(checkpoint)
        clear(checkpoint)
    with suppress(OSError):
        (folder / "checkpoints").rmdir()
    return freed
