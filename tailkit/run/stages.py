"""Stages of a run: each is done when its outputs are what it wrote, made from what is there today.

In: a stage's inputs (plain values, among them the hashes of what it reads) and the paths of its
outputs. Out: whether it has to run, and a marker with inputs and the sha256 of every output.

A finished stage is made again only where an output is missing. Where an output has other bytes, a folder lacks
a file, or the inputs have changed (another version, an edited file), that is said and nothing is touched
until the user asks for it (`--again`); then the old outputs lie below `.stages/NAME.old/` until the
new ones are whole: who goes back to the old inputs before gets them back, and what the new ones have goes there.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tailkit.errors import TailkitError, UsageError, cut, quoted
from tailkit.recipe import differences
from tailkit.records import JsonObject
from tailkit.run.files import clear, digest_of, file_digest, is_whole, temporary_of
from tailkit.run.marker import FOLDER, Marker, copy_of
from tailkit.screen import note


@dataclass(frozen=True)
class Stage:
    """One stage of the run in `folder`.

    `inputs["recipe"]` holds sections of the recipe, in which a missing key counts as its default.
    `extras` are outputs that later stages can do without (metrics): kept in the marker, but their
    loss makes nothing again. `leftovers` are what an unfinished try goes on with, beside the
    outputs; `scaffold` what only an unfinished one needs. `command` makes the stage.
    """

    folder: Path
    name: str
    inputs: JsonObject
    outputs: tuple[Path, ...]
    command: str
    extras: tuple[Path, ...] = ()
    leftovers: tuple[Path, ...] = ()
    scaffold: tuple[Path, ...] = ()

    @property
    def _path(self) -> Path:
        return self.folder / FOLDER / f"{self.name}.json"

    @property
    def _partial(self) -> Path:
        return self.folder / FOLDER / f"{self.name}.partial.json"

    @property
    def _old(self) -> Path:
        return self.folder / FOLDER / f"{self.name}.old"

    @property
    def marker(self) -> Marker | None:
        """The marker of the finished stage; None if it has not been finished."""
        return Marker.read(self._path)

    def _state(self, marker: Marker, name: str) -> str:
        """Whether an output of the marker is "whole", "missing" or "changed"."""
        path = self.folder / name
        if not path.exists():
            return "missing"
        return "whole" if is_whole(path, marker.outputs[name]) else "changed"

    def is_done(self) -> bool:
        """Whether the stage is finished, from today's inputs, and its outputs are what it wrote."""
        marker = self.marker
        return marker is not None and not _differences(marker.inputs, self.inputs) and not self._broken(marker)

    def _broken(self, marker: Marker) -> list[str]:
        extras = {str(path.relative_to(self.folder)) for path in self.extras}
        return [name for name in marker.outputs if name not in extras and self._state(marker, name) != "whole"]

    def require(self, *, current: bool = True) -> Marker:
        """The marker of the finished stage, for whoever reads its outputs.

        Raises `UsageError` if it is not finished or (`current`) was made from something else than is there
        now, `TailkitError` if an output is not whole. Extras that are not whole are only told.
        """
        marker = self.marker
        if marker is None:
            raise UsageError(f"{self.folder} has no finished {self.name} yet", f"Run `{self.command}` first.")
        changes = _differences(marker.inputs, self.inputs) if current else []
        if changes:
            raise self._other(changes)
        for name in marker.outputs:
            state = self._state(marker, name)
            if state != "whole" and name in self._broken(marker):
                raise self._damage(name, state)
            if state != "whole":
                note(f"note: {self.folder / name} {_SAID[state]}; going on without it")
        return marker

    def has_whole(self, path: Path) -> bool:
        """Whether an output is there and is what the stage wrote."""
        marker = self.marker
        name = str(path.relative_to(self.folder))
        return marker is not None and name in marker.outputs and self._state(marker, name) == "whole"

    def _damage(self, name: str, state: str) -> TailkitError:
        return TailkitError(
            f"{self.folder / name} {_SAID[state]}", f"Restore it, or make it again: `{self.command} --again`."
        )

    def _other(self, changes: list[str]) -> UsageError:
        return UsageError(
            f"{self.folder}: {self.name} was made from something else: {_shown(changes)}",
            f"Take another folder with --out, or make it again: `{self.command} --again`.",
        )

    def is_needed(self, again: bool = False) -> bool:
        """Whether the stage has to run. `again` is the user's word that what does not fit may be made again.

        Raises `TailkitError` where an output is not what was written, `UsageError` where the stage was made
        from something else.
        """
        if self.is_done() or (self._take_back(again) and self.is_done()):
            self._clean_up()
            return False
        marker, partial = self.marker, Marker.read(self._partial)
        if marker is None or (partial and not _differences(partial.inputs, self.inputs)):
            self._check_unfinished(partial, again)
            return True
        changes = _differences(marker.inputs, self.inputs)
        if changes and not again:
            raise self._other(changes)
        for name in self._broken(marker):
            state = self._state(marker, name)
            if not again and (state == "changed" or self._is_in_part(name)):
                raise self._damage(name, state)
            note(f"{self.folder / name} {_SAID[state]}: {self.name} is made again")
        return True

    def _is_in_part(self, name: str) -> bool:
        """Whether a file belongs to an output folder that is there: what else is in it cost as much to make."""
        return any(path.is_dir() and (self.folder / name).is_relative_to(path) for path in self.outputs)

    def _check_unfinished(self, partial: Marker | None, again: bool) -> None:
        """Hold what an unfinished try left to today's inputs; raises `UsageError` if it is of something else."""
        changes = _differences(partial.inputs, self.inputs) if partial else []
        if again:
            return
        if changes:
            raise UsageError(
                f"{self.folder}: the unfinished {self.name} was made from something else: {_shown(changes)}",
                f"Take another folder with --out, or begin it anew: `{self.command} --again`.",
            )
        there = [path for path in self.outputs if path.exists() or path.is_symlink()]
        if partial is None and there:
            raise TailkitError(
                f"{there[0]} is there, but {self._path}, which says what it is, is missing or damaged",
                f"Restore that file, or make {self.name} again: `{self.command} --again`.",
            )

    @contextmanager
    def making(self) -> Iterator[None]:
        """Run the stage: goes on with what an unfinished try from the same inputs left, and leaves the marker."""
        partial = Marker.read(self._partial)
        if partial is None or _differences(partial.inputs, self.inputs):
            self._set_aside()
            partial = Marker(inputs=self.inputs)
            partial.write(self._partial)
        _unmark(self._path)
        begun, spent = time.monotonic(), partial.seconds
        try:
            yield
        except BaseException:
            # On a full disk, what stopped the stage is said, not that its time cannot be noted.
            with suppress(TailkitError):
                partial.model_copy(update={"seconds": _since(begun, spent)}).write(self._partial)
            raise
        digests = {name: file_digest(self.folder / name) for name in self._files()}
        Marker(inputs=self.inputs, outputs=digests, seconds=_since(begun, spent)).write(self._path)
        self._clean_up()
        clear(self._old)

    def _clean_up(self) -> None:
        """Remove what only an unfinished stage needs, and what a killed process was about to write."""
        _unmark(self._partial)
        for path in self.scaffold:
            clear(path)
        for path in (self._path, copy_of(self._path), *self.outputs, *self.extras):
            clear(temporary_of(path))

    def _set_aside(self) -> None:
        """Keep old outputs aside until the new ones are whole; whole ones from the same inputs stay."""
        marker = self.marker
        was = marker or Marker.read(self._partial)
        is_other = was is not None and bool(_differences(was.inputs, self.inputs))
        kept = [] if marker is None or is_other else self._whole(marker)
        there = [path for path in (*self.outputs, *self.extras) if path.exists() or path.is_symlink()]
        moved, aside = [path for path in there if path not in kept], self._old / digest_of(was and was.inputs)
        if was is not None and is_other and moved:
            was.write(aside / ASIDE)
        for path in moved:
            target = aside / path.relative_to(self.folder)
            clear(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        for path in (*self.leftovers, *self.scaffold):
            if path not in kept:
                clear(path)

    def _take_back(self, again: bool) -> bool:
        """Bring back what was made from these inputs and set aside for others; returns whether there is any."""
        # What would be cleared for it, such as checkpoints, needs the user's word.
        if not again and (self.marker is not None or any(path.exists() for path in self.leftovers)):
            return False
        for aside in self._old.glob("*"):
            was = Marker.read(aside / ASIDE)
            if was is None or _differences(was.inputs, self.inputs):
                continue
            self._set_aside()
            for path in (*self.outputs, *self.extras):
                source = aside / path.relative_to(self.folder)
                if source.exists() or source.is_symlink():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    source.rename(path)
            _unmark(self._path)
            _unmark(self._partial)
            was.write(self._path if was.outputs else self._partial)
            clear(aside)
            note(f"{self.folder}: {self.name} was made from this before, and is taken back")
            return True
        return False

    def _whole(self, marker: Marker) -> list[Path]:
        """The outputs of which every file is what the marker says."""
        states = {name: self._state(marker, name) for name in marker.outputs}
        return [
            path
            for path in (*self.outputs, *self.extras)
            if path.exists()
            and all(state == "whole" for name, state in states.items() if (self.folder / name).is_relative_to(path))
        ]

    def _files(self) -> list[str]:
        """The names of all files that the stage has written, those inside folders too, but for a card."""
        files = []
        for path in (*self.outputs, *self.extras):
            inside = sorted(path.rglob("*")) if path.is_dir() else [path]
            files += [item for item in inside if item.is_file() and item.name != CARD]
        return [str(path.relative_to(self.folder)) for path in files]


def _unmark(path: Path) -> None:
    for place in (path, copy_of(path)):
        place.unlink(missing_ok=True)
        clear(temporary_of(place))


def _since(begun: float, spent: float) -> float:
    return round(spent + time.monotonic() - begun, 1)


ASIDE = "marker.json"
"""The marker of outputs that were set aside, beside them."""

CARD = "README.md"
"""The adapter's card, which the report writes: no part of what training made."""

_SAID = {"missing": "is missing", "changed": "is not what was written (changed or damaged)"}


def _shown(changes: Sequence[str]) -> str:
    more = f" and {len(changes) - 3} more" if len(changes) > 3 else ""
    return cut("; ".join(changes[:3])) + more


PLAINER = {"task_file": "the file of the task"}
"""Inputs whose values say nothing to a reader."""


def _differences(old: JsonObject, new: JsonObject) -> list[str]:
    """In what two stages' inputs differ, in words."""
    new = json.loads(json.dumps(new))
    recipe = differences(_sections(old), _sections(new))
    rest = [
        f"{PLAINER.get(name, name)} has changed"
        if name in PLAINER or _is_hash(old.get(name))
        else f"{name} is {quoted(old.get(name))} there, {quoted(new.get(name))} here"
        for name in sorted((old.keys() | new.keys()) - {"recipe"})
        if old.get(name) != new.get(name)
    ]
    return recipe + rest


def _sections(inputs: JsonObject) -> JsonObject:
    recipe = inputs.get("recipe")
    return recipe if isinstance(recipe, dict) else {}


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64
