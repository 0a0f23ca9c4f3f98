"""Checkpoints of a training run: which is the newest whole one.

In: the folder of checkpoints. Out: a path to go on from, or None.
"""

import json
import zipfile
from pathlib import Path

from tailkit.run.files import clear
from tailkit.screen import note

# The trainer writes the last of these last.
FILES = ("adapter_model.safetensors", "optimizer.pt", "scheduler.pt", "trainer_state.json")


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint; ones that a kill left unfinished, or that are damaged, are removed."""
    for path in sorted(folder.glob("checkpoint-*"), key=step_of, reverse=True):
        reason = damage(path)
        if reason is None:
            return path
        note(f"{path.name} is left out: {reason}")
        clear(path)
    return None


def step_of(checkpoint: Path | None) -> int:
    """The optimizer step that a checkpoint was written after; 0 without one."""
    return int(checkpoint.name.removeprefix("checkpoint-")) if checkpoint else 0


def damage(checkpoint: Path) -> str | None:
    """What is wrong with a checkpoint's files; None if they can be read."""
    from safetensors import SafetensorError, safe_open

    for name in FILES:
        if not (checkpoint / name).is_file():
            return f"it has no {name}"
    for name in ("optimizer.pt", "scheduler.pt"):
        # torch.save writes a zip archive; its table of contents stands at the end.
        if not zipfile.is_zipfile(checkpoint / name):
            return f"{name} is damaged"
    try:
        with safe_open(checkpoint / FILES[0], framework="numpy"):
            pass
        json.loads((checkpoint / FILES[-1]).read_text())
    except (SafetensorError, OSError, ValueError) as error:
        return str(error).split("\n")[0]
    return None
