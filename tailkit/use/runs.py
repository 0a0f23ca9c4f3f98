"""The run folders below a folder: what each is, how far it is, how well it does, and what it takes on disk.

In: a folder. Out: a `RunState` for each run folder in it, in order of age; a folder that cannot be
read says why. Nothing is hashed: whether outputs are whole is for the commands that read them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tailkit.errors import TailkitError
from tailkit.run.files import clear
from tailkit.run.folder import RunDir
from tailkit.run.stages import FOLDER, Marker
from tailkit.score import read_summaries

FAILED = "failed.json"
DEEPEST = 3
"""Levels below the given folder in which run folders are looked for: cells of studies lie in the second."""


@dataclass(frozen=True)
class RunState:
    """One run folder. `state` is begun, data, training, trained, evaluated, failed, or "not readable: …".

    `accuracy` holds pass@1 by range in 0 … 1; `changed` is when its recipe or a stage was last written, in
    seconds since 1970; `size` and `checkpoints` are bytes, of all its files and of those of checkpoints alone.
    """

    folder: str
    state: str
    task: str = ""
    variant: str = ""
    model: str = ""
    accuracy: dict[str, float] = field(default_factory=dict)
    changed: float = 0.0
    size: int = 0
    checkpoints: int = 0


def states(folder: Path) -> list[RunState]:
    """The state of every run folder below `folder`, the one that was last written at the end."""
    return sorted((_state(path) for path in _folders(folder, DEEPEST)), key=lambda state: state.changed)


def _folders(folder: Path, levels: int) -> Iterator[Path]:
    if (folder / "recipe.yaml").exists():
        yield folder
    elif levels and folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
                yield from _folders(path, levels - 1)


def _state(path: Path) -> RunState:
    changed = max(file.stat().st_mtime for file in [path / "recipe.yaml", *(path / FOLDER).glob("*.json")])
    sizes = {"changed": changed, "size": size_of(path), "checkpoints": size_of(path / "checkpoints")}
    try:
        run = RunDir.open(path)
        accuracy = {one.range: one.accuracy for one in read_summaries(run.summary)} if run.summary.exists() else {}
    except TailkitError as error:
        return RunState(str(path), f"not readable: {error.message}", **sizes)  # type: ignore[arg-type]
    recipe = run.recipe
    return RunState(
        str(path), _how_far(run), run.task, recipe.data.variant, recipe.model.name, accuracy, **sizes  # type: ignore[arg-type]
    )  # fmt: skip


def _how_far(run: RunDir) -> str:
    finished = {name: Marker.read(run.path / FOLDER / f"{name}.json") for name in ("data", "train", "eval")}
    if finished["eval"]:
        return "evaluated"
    if (run.path / FAILED).exists():
        return "failed"
    if finished["train"] or (finished["data"] and not run.recipe.trains):
        return "trained"
    steps = [path.name.removeprefix("checkpoint-") for path in run.checkpoints.glob("checkpoint-*")]
    if steps:
        return f"training, step {max(map(int, filter(str.isdecimal, steps)), default=0)}"
    return "data" if finished["data"] else "begun"


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder; 0 if it is not there."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def clean(found: list[RunState]) -> int:
    """Remove the checkpoints of finished trainings, which nothing needs any more; returns the bytes that it freed."""
    freed = 0
    for state in removable(found):
        with RunDir.open(Path(state.folder)).at_work():
            clear(Path(state.folder) / "checkpoints")
        freed += state.checkpoints
    return freed


def removable(found: list[RunState]) -> list[RunState]:
    """The runs whose checkpoints `clean` removes."""
    return [state for state in found if state.checkpoints and state.state in ("trained", "evaluated")]
