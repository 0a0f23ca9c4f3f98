"""What this machine has, and what a run will cost.

`doctor` examines the machine, `plan` predicts a run: `work` counts its tokens, `times` its hours. `ladder` finds the
recipe that fits.
"""

from tailkit.arithmetic.host import has_gpu
from tailkit.hardware.checks import check_machine, hindrances
from tailkit.hardware.doctor import examine, verdict
from tailkit.hardware.ladder import choose, planned_for
from tailkit.hardware.plan import advice, make, predicted_peak

__all__ = [
    "advice",
    "check_machine",
    "choose",
    "examine",
    "has_gpu",
    "hindrances",
    "make",
    "planned_for",
    "predicted_peak",
    "verdict",
]
