"""The run folder: its paths, atomic writes, and the markers that make every stage resumable.

In: a path, a task and a recipe. Out: files that are whole or absent.
A stage's marker holds the hash of what the stage depended on; the stage runs again only if
its marker is missing or the hash has changed.
"""

import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tailkit import __version__
from tailkit.errors import UsageError
from tailkit.recipe import Recipe, build, dump, load, read_yaml
from tailkit.records import RANGES
from tailkit.run.files import clear, digest_of, locked, writing
from tailkit.screen import logging_to

PACKAGES = ("torch", "transformers", "trl", "peft", "bitsandbytes", "datasets", "unsloth", "pyarrow", "numpy")


class RunDir:
    """One run: a folder that belongs to one task and one recipe."""

    def __init__(self, path: Path, task: str, recipe: Recipe) -> None:
        self.path, self.task, self.recipe = path, task, recipe

    @classmethod
    def create(cls, path: Path, task: str, recipe: Recipe) -> "RunDir":
        """Open `path` for this task and recipe, making it if need be.

        Raises `UsageError` if the folder cannot be written or belongs to another task or recipe.
        """
        recipe = recipe.of(task)
        if (path / "recipe.yaml").exists():
            existing = cls.open(path)
            if (existing.task, existing.recipe) != (task, recipe):
                what = _difference(existing, task, recipe)
                raise UsageError(f"{path} is the run of another recipe: {what}", "Choose another folder with --out.")
            return existing
        if path.exists() and (not path.is_dir() or any(not _is_ours(inside) for inside in path.iterdir())):
            raise UsageError(f"{path} is in the way: no run folder, and not empty", "Choose another one with --out.")
        run = cls(path, task, recipe)
        # The recipe comes last: with it the folder is a whole run folder.
        run.write_json("env.json", environment())
        run._write_recipe()
        return run

    def _write_recipe(self) -> None:
        with writing(self.path / "recipe.yaml") as file:
            file.write(f"# tailkit run {self.task}, resolved\ntask: {self.task}\n{dump(self.recipe)}")

    def override(self, overrides: Iterable[str], section: str) -> None:
        """Change keys of one section of the run's recipe; raises `UsageError` for any other section."""
        asked = list(overrides)
        other = next((one for one in asked if not one.startswith(f"{section}.")), None)
        if other is not None:
            raise UsageError(
                f"{other!r} cannot be changed any more: {self.path} is made with its recipe",
                f"Only {section}.… can; for the rest start another run with --out.",
            )
        changed = load(str(self.path / "recipe.yaml"), asked, task=self.task)
        if changed != self.recipe:
            self.recipe = changed
            self._write_recipe()

    @classmethod
    def open(cls, path: Path) -> "RunDir":
        """Open an existing run folder; raises `UsageError` if it is none."""
        if not (path / "recipe.yaml").is_file():
            raise UsageError(f"{path} is no run folder: it has no recipe.yaml", "`tailkit run TASK` makes one.")
        content = read_yaml(path / "recipe.yaml")
        task = content.pop("task", None)
        if not isinstance(task, str):
            raise UsageError(f"{path}/recipe.yaml names no task", "`tailkit run TASK` writes it.")
        return cls(path, task, build(content, f"{path}/recipe.yaml").of(task))

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
    def log(self) -> Path:
        return self.path / "run.log"

    @property
    def scores(self) -> Path:
        return self.path / "scores.jsonl"

    @property
    def others(self) -> Path:
        """Scores of other models' generations, a folder each."""
        return self.path / "others"

    def generations(self, range_name: str) -> Path:
        assert range_name in RANGES
        return self.path / f"generations-{range_name}.jsonl"

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep the folder to this process, and what it shows in `run.log`; raises `UsageError` if it is taken."""
        with locked(self.path), logging_to(self.log):
            yield

    def write_json(self, name: str, content: Any) -> None:
        with writing(self.path / name) as file:
            file.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    def read_json(self, name: str) -> Any:
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    def _marker(self, stage: str) -> Path:
        return self.path / ".stages" / f"{stage}.json"

    def _read_marker(self, stage: str) -> dict[str, Any]:
        try:
            return json.loads(self._marker(stage).read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def digest(self, stage: str) -> str:
        """The hash in a finished stage's marker; empty if it is not finished."""
        return self._read_marker(stage).get("digest", "")

    def seconds(self, stage: str) -> float | None:
        """How long a finished stage took, all tries together."""
        return self._read_marker(stage).get("seconds")

    @contextmanager
    def stage(
        self,
        name: str,
        depends: Sequence[Any],
        outputs: Sequence[Path],
        leftovers: Sequence[Path] = (),
        scaffold: Sequence[Path] = (),
    ) -> Iterator[bool]:
        """Run a stage: yields whether it has to run, and leaves the marker when it ran to its end.

        It has to run unless its marker has the hash of `depends` and all `outputs` are there.
        What an unfinished try from the same `depends` left in `leftovers` is kept, so that the
        stage goes on with it; anything else there is removed. `scaffold` is what only an
        unfinished stage needs; it goes when the marker stands.
        """
        digest = digest_of(name, *depends)
        if self.digest(name) == digest and all(path.exists() for path in outputs):
            yield False
            return
        self._marker(name).unlink(missing_ok=True)
        partial = self._marker(f"{name}.partial")
        same = self.digest(f"{name}.partial") == digest
        if not same:
            for path in (*leftovers, *scaffold, *outputs):
                clear(path)
        spent = (self.seconds(f"{name}.partial") or 0.0) if same else 0.0
        begun = time.monotonic()
        self._mark(partial, digest, spent)
        try:
            yield True
        except BaseException:
            self._mark(partial, digest, spent + time.monotonic() - begun)
            raise
        self._mark(self._marker(name), digest, spent + time.monotonic() - begun)
        partial.unlink(missing_ok=True)
        for path in scaffold:
            clear(path)

    def _mark(self, path: Path, digest: str, seconds: float) -> None:
        with writing(path) as file:
            json.dump({"digest": digest, "seconds": round(seconds, 1)}, file)


def _is_ours(path: Path) -> bool:
    """What a kill while the folder was being made may have left there."""
    return path.name in ("env.json", "run.log", ".lock", "failed.json") or path.name.endswith(".tmp")


def _difference(existing: RunDir, task: str, recipe: Recipe) -> str:
    if existing.task != task:
        return f"task {existing.task}, not {task}"
    old, new = existing.recipe.model_dump(), recipe.model_dump()
    return next(
        f"{section}.{key} is {old[section][key]!r} there, {new[section][key]!r} here"
        for section in new
        for key in new[section]
        if old[section][key] != new[section][key]
    )


def environment() -> dict[str, Any]:
    """What the run was made with: versions and the machine, nothing that names a person or a place."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "tailkit": __version__,
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "packages": versions,
    }
