"""What this machine has, and what a run will cost.

`doctor` examines the machine, `plan` predicts a run: `work` counts its tokens.
"""

from tailkit.arithmetic.machine import has_gpu
from tailkit.hardware.doctor import examine, verdict
from tailkit.hardware.plan import advice, make, predicted_peak

__all__ = ["advice", "examine", "has_gpu", "make", "predicted_peak", "verdict"]
