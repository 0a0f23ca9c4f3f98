"""A study of one step a cell, and the command that runs it."""

from pathlib import Path

from tailkit.records import RANGES
from tests.conftest import SMALL_OVERRIDES

# One step a cell; nothing is learned, and nothing needs to be.
SHORT = [f"data.ranges.addition.{name}=[{n},{n}]" for n, name in enumerate(RANGES, start=1)]
QUICK = [*SMALL_OVERRIDES, *SHORT, "data.train=8", "data.eval=2", "train.epochs=1"]
FILE = """
title: Two <b>arms</b>
tasks: [addition]
arms:
  tail: {}
  direct: {data.variant: direct}
  base: {train.epochs: 0, decode.free: 20}
"""


def command(place: Path, *more: str) -> list[str]:
    return ["study", str(place / "mine.yaml"), *QUICK, "--recipe", "nano", "--out", str(place / "runs"), *more]
