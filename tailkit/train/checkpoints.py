"""Checkpoints of a training run: sealed when they are whole, and checked before training goes on from one.

In: the folder of checkpoints. Out: a path to go on from, or None. The seal, written last, holds the sha256
of every file: a flipped bit in the optimizer's state would otherwise train another adapter in silence.
"""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from tailkit.run.files import clear, file_digest, writing
from tailkit.screen import note

SEAL = "sealed.json"
Seal = TypeAdapter(dict[str, str])
"""The sha256 of every other file of a checkpoint, by its path there."""
CHECKPOINT = "checkpoint-"
"""What the Trainer calls a checkpoint, before its step."""


def seal(checkpoint: Path) -> None:
    """Note that a checkpoint is whole; raises `TailkitError` if the disk is full."""
    digests = _digests(checkpoint)
    with writing(checkpoint / SEAL) as file:
        json.dump(digests, file, indent=1)


def _digests(checkpoint: Path) -> dict[str, str]:
    files = sorted(path for path in checkpoint.rglob("*") if path.is_file() and path.name != SEAL)
    return {str(path.relative_to(checkpoint)): file_digest(path) for path in files}


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint; ones that a kill left unfinished, or that are damaged, are removed."""
    for path in sorted(folder.glob(f"{CHECKPOINT}*"), key=step_of, reverse=True):
        reason = damage(path)
        if reason is None:
            return path
        note(f"{path.name} is left out: {reason}")
        clear(path)
    return None


def step_of(checkpoint: Path | None) -> int:
    """The optimizer step that a checkpoint was written after; 0 without one."""
    number = checkpoint.name.removeprefix(CHECKPOINT) if checkpoint else ""
    return int(number) if number.isdecimal() else 0


def damage(checkpoint: Path) -> str | None:
    """What is wrong with a checkpoint; None if every file is what was written."""
    try:
        sealed, present = Seal.validate_json((checkpoint / SEAL).read_bytes()), _digests(checkpoint)
    except (OSError, ValidationError):
        return "it was not written to its end"
    wrong = sorted(name for name in sealed.keys() | present.keys() if sealed.get(name) != present.get(name))
    return f"{wrong[0]} is damaged" if wrong else None
