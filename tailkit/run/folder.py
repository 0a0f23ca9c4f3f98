"""The run folder: its paths, its recipe, and who may write there.

In: a path, a task and a recipe. Out: a folder that belongs to one task and one recipe; `stages`
says how far it is. `recipe.yaml` ends with a hash of itself, so that a part of it is never taken
for the whole.
"""

import hashlib
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from tailkit import tasks
from tailkit.errors import TailkitError, UsageError, quoted
from tailkit.recipe import Recipe, build, differences, dump, load, read_yaml
from tailkit.records import RANGES, Example
from tailkit.run.environment import Environment
from tailkit.run.examples import read_checked
from tailkit.run.files import LOCK, file_digest, is_whole, locked, writing
from tailkit.run.kept import FAILED, TaskFile
from tailkit.run.manifest import EVALUATIONS, TRAIN, evaluation, parquet
from tailkit.run.marker import FOLDER, Marker
from tailkit.run.stages import Stage
from tailkit.screen import logging_to, note

RECIPE, ENVIRONMENT, LOG = "recipe.yaml", "env.json", "run.log"
SCORES, SUMMARY = "scores.jsonl", "summary.json"
"""Also of another model, in a folder of `others/`."""
PAGE, MARKDOWN, ACCURACY = "report.html", "report.md", "accuracy.png"
"""Also of a study."""
TASK_FILE = f"{FOLDER}/task.json"
SEAL = "# whole: sha256 "


class RunDir:
    """One run: a folder that belongs to one task and one recipe."""

    def __init__(self, path: Path, task: str, recipe: Recipe) -> None:
        self.path, self.task, self.recipe = path, task, recipe

    @classmethod
    def create(cls, path: Path, task: str, recipe: Recipe) -> "RunDir":
        """Open `path` for this task and recipe, making it if need be.

        Raises `UsageError` if the folder cannot be written or belongs to another task or recipe.
        """
        run = cls(path, task, recipe.of(task))
        if (path / RECIPE).exists():
            return run._existing()
        if path.exists() and (not path.is_dir() or any(not _is_ours(inside) for inside in path.iterdir())):
            what = "no run folder, and not empty" if path.is_dir() else "a file"
            raise UsageError(f"{path} is in the way: {what}", "Choose another one with --out.")
        with locked(path):
            if (path / RECIPE).exists():
                return run._existing()
            # The recipe comes last: with it the folder is a whole run folder.
            Environment.here().write(run.path / ENVIRONMENT)
            run._keep_task_file()
            run.keep_recipe()
        return run

    def _existing(self) -> "RunDir":
        """The run folder that is there; raises `UsageError` if it is of another task or recipe."""
        existing = RunDir.open(self.path)
        changes = differences(existing.recipe.model_dump(mode="json"), self.recipe.model_dump(mode="json"))
        if existing.task != self.task:
            changes = [f"task {existing.task}, not {self.task}"]
        if changes:
            raise UsageError(
                f"{self.path} is the run of another recipe: {changes[0]}", "Choose another one with --out."
            )
        return existing

    def keep_recipe(self) -> None:
        """Write `recipe.yaml`."""
        text = f"# tailkit run {self.task}, resolved\ntask: {self.task}\n{dump(self.recipe)}"
        with writing(self.path / RECIPE) as file:
            file.write(f"{text}{SEAL}{_sha256(text)}\n")

    def override(self, overrides: Iterable[str], section: str) -> None:
        """Change keys of one section of the recipe, in memory; raises `UsageError` for any other section."""
        asked = list(overrides)
        other = next((override for override in asked if not override.startswith(f"{section}.")), None)
        if other is not None:
            raise UsageError(
                f"{quoted(other)} cannot be changed any more: {self.path} is made with its recipe",
                f"Only {section}.… can; for the rest start another run with --out.",
            )
        self.recipe = load(str(self.path / RECIPE), asked, task=self.task)

    @classmethod
    def open(cls, path: Path, *, with_task: bool = True) -> "RunDir":
        """Open an existing run folder; raises `UsageError` if it is none, `TailkitError` if its recipe is damaged.

        Without its task, only the recipe can be used: a list of runs needs no more.
        """
        file = path / RECIPE
        if not file.is_file():
            raise UsageError(f"{path} is no run folder: it has no recipe.yaml", "`tailkit run TASK` makes one.")
        try:
            text, seal, digest = file.read_text(encoding="utf-8").rpartition(SEAL)
        except (OSError, UnicodeDecodeError):
            text = seal = digest = ""
        if not seal or digest.strip() != _sha256(text):
            raise TailkitError(
                f"{file} is not what tailkit wrote there (cut off or changed)",
                f"Restore it; for another recipe start another run: `tailkit run TASK --recipe {file} --out …`.",
            )
        content = read_yaml(file)
        run = cls(path, content["task"], build({key: content[key] for key in content if key != "task"}, str(file)))
        if with_task:
            run._know_task_file()
        run.recipe = run.recipe.of(run.task)
        return run

    def _keep_task_file(self) -> None:
        """Note where the file of a task of the user's own lies, so that later commands find it."""
        task = tasks.load(self.task)
        if task.own:
            kept = TaskFile(file=str(task.file), sha256=file_digest(task.file), function=task.function or "")
            kept.write(self.path / TASK_FILE)

    def _know_task_file(self) -> None:
        """Make the task of the run known, if its file is where it was, with the same content.

        A file inside the run folder is never run: a folder may come from a stranger.
        """
        if self.task in tasks.names() or not (self.path / TASK_FILE).is_file():
            return
        kept = TaskFile.read(self.path / TASK_FILE)
        file = Path(kept.file)
        if file.resolve().is_relative_to(self.path.resolve()) or not is_whole(file, kept.sha256):
            what, is_there = f"the file of task {self.task}", file.is_file()
            where = f"FILE.py:{kept.function}" if kept.function else "FILE.py"
            raise UsageError(
                f"{file}, {what}, has changed since the run was made" if is_there else f"{file}, {what}, is gone",
                f"Restore it, or name a copy with --tasks-from {where}; for what it is now start a run of its own.",
            )
        tasks.add(Path(f"{file}:{kept.function}") if kept.function else file)

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def adapter(self) -> Path:
        return self.path / "adapter"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def metrics(self) -> Path:
        return self.path / "train.jsonl"

    @property
    def held_out(self) -> Path:
        """By what evaluation knows the trained model again."""
        return self.path / "held-out.jsonl"

    @property
    def log(self) -> Path:
        return self.path / LOG

    @property
    def scores(self) -> Path:
        return self.path / SCORES

    @property
    def summary(self) -> Path:
        return self.path / SUMMARY

    @property
    def others(self) -> Path:
        """Scores of other models' generations, a folder each."""
        return self.path / "others"

    def generations(self, range_name: str) -> Path:
        assert range_name in RANGES
        return self.path / f"generations-{range_name}.jsonl"

    def training_set(self) -> list[Example]:
        """The rows to train on; raises as `read_checked` does."""
        return read_checked(self.data, TRAIN)

    def evaluation_set(self, range_name: str) -> list[Example]:
        """The evaluation rows of a range; raises as `read_checked` does."""
        return read_checked(self.data, evaluation(range_name))

    def evaluation_sets(self) -> dict[str, list[Example]]:
        """All evaluation rows, by range; raises as `read_checked` does."""
        return {name: self.evaluation_set(name) for name in RANGES}

    def evaluation_digests(self) -> dict[str, str]:
        """The sha256 of each evaluation set as it was written, by path in the folder; raises as `made_data` does."""
        return _evaluations(self.made_data())

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep the folder to this process, and what it shows in `run.log`.

        Raises `UsageError` if it is taken, or if something there would be written through a link that leaves it.
        """
        for path in (self.data, self.adapter, self.others, self.path / FOLDER, self.log, self.metrics):
            if path.is_symlink() and not path.resolve().is_relative_to(self.path.resolve()):
                raise UsageError(
                    f"{path} is a link that leaves the run folder; nothing is written through it",
                    "Put the file or folder itself there. (Only checkpoints/ may be a link.)",
                )
        if self.log.is_dir():
            raise UsageError(f"{self.log} is a folder, in the place of a file", "Move it away.")
        with locked(self.path), logging_to(self.log):
            yield

    @cached_property
    def made_with(self) -> list[str]:
        """What the run was made with, a line each; a missing or damaged `env.json` is told, and costs no more."""
        try:
            return Environment.read(self.path / ENVIRONMENT).lines()
        except TailkitError as error:
            note(f"note: {error.message}; the report goes on without it")
            return [f"unknown: {ENVIRONMENT} is missing or damaged"]

    def scored_others(self) -> dict[str, Path]:
        """The folders of other models' scores, by name, for the evaluation sets that are there now.

        Scores for former sets, or with other bytes than were written, are told and left out; nothing deletes them.
        """
        data, scored = Marker.of(self.path, "data"), {}
        sets = {} if data is None else _evaluations(data)
        for folder in sorted(path.parent for path in self.others.glob(f"*/{SUMMARY}")):
            marker = Marker.of(self.path, f"{self.others.name}/{folder.name}")
            if marker is None or not all(is_whole(self.path / name, marker.outputs[name]) for name in marker.outputs):
                note(f"note: {folder} is left out: its scores are not what was written")
            elif sets.items() <= marker.inputs.items():
                scored[folder.name] = folder
            else:
                note(f"note: {folder} is left out: its scores are of other evaluation problems")
        return scored

    def made_data(self) -> Marker:
        """The marker of the run's data, whatever they were made from; raises as `Stage.require` does."""
        stage = Stage(self.path, "data", inputs={}, outputs=(), command=shlex.join(["tailkit", "run", str(self.path)]))
        return stage.require(current=False)

    def seconds(self, stage: str) -> float:
        """How long a finished stage took, all tries together; 0 if it is not finished."""
        marker = Marker.of(self.path, stage)
        return marker.seconds if marker else 0.0


def _evaluations(data: Marker) -> dict[str, str]:
    files = {f"data/{parquet(Path(), name)}" for name in EVALUATIONS}
    return {name: digest for name, digest in data.outputs.items() if name in files}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_ours(path: Path) -> bool:
    """What a kill while the folder was being made may have left there."""
    return path.name in (ENVIRONMENT, LOG, LOCK, FAILED, FOLDER) or path.name.endswith(".tmp")
