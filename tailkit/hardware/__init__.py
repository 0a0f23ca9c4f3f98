"""What this machine has, and what a run will cost.

`doctor` examines the machine, `plan` predicts a run: `work` knows its tokens and steps, `cost` its memory.
"""

from pathlib import Path

from tailkit.hardware.doctor import examine, verdict
from tailkit.hardware.plan import advice, make, predicted_peak

__all__ = ["advice", "examine", "has_gpu", "make", "predicted_peak", "verdict"]


def has_gpu() -> bool:
    """Whether there is a CUDA device, found out without loading torch."""
    return any(Path(path).exists() for path in ("/dev/nvidia0", "/dev/dxg"))
