"""The findings about the GPU: whether torch can use it, and what goes beside it.

In: what nvidia-smi and torch tell. Out: findings, with what to do where something is wrong.
"""

from dataclasses import dataclass

from tailkit.arithmetic import host
from tailkit.arithmetic.card import Reading, read
from tailkit.arithmetic.host import GIB
from tailkit.errors import cut
from tailkit.hardware.driver import obstacle, torch_build, xformers_problem

NO_GPU = "none of NVIDIA's; the recipe nano runs on CPU, hobby and paper do not"
ON_MAC = "none that is used: on macOS everything runs on the CPU; the recipe nano does, hobby and paper do not"
ANEW = "Install tailkit again."


@dataclass(frozen=True)
class Diagnosis:
    """One line of `tailkit doctor`. `repair` is empty where all is well."""

    what: str
    value: str
    ok: bool
    repair: str = ""


def gpu() -> Diagnosis:
    """The GPU with its driver, memory and capability; where torch cannot use it, why."""
    reading = read()
    found = obstacle(reading)
    if found:
        return Diagnosis("GPU", found.what, ok=False, repair=found.repair)
    try:
        import torch

        if not torch.cuda.is_available():
            return _unused(reading)
        properties, (free, total) = torch.cuda.get_device_properties(0), torch.cuda.mem_get_info()
    except (ImportError, OSError) as error:
        return Diagnosis("GPU", f"unknown: {cut(error)}", ok=False, repair=ANEW)
    except RuntimeError as error:
        return Diagnosis("GPU", f"CUDA fails: {cut(error)}", ok=False, repair="Restart the machine; see `nvidia-smi`.")
    driver = reading.card.driver if reading.card else "unknown"
    value = (
        f"{properties.name}, {free / GIB:.1f} of {total / GIB:.1f} GiB free, capability "
        f"{properties.major}.{properties.minor}, CUDA {torch.version.cuda}, driver {driver}"
    )
    return Diagnosis("GPU", value, ok=True)


def _unused(reading: Reading) -> Diagnosis:
    """What to say where torch finds no card."""
    if host.has_gpu():
        title = reading.card.title if reading.card else f"a GPU, but {reading.problem}"
        what = f"there is {title}; {torch_build() or 'torch'} cannot use it"
        return Diagnosis("GPU", what, ok=False, repair="Install a CUDA build of torch: see pytorch.org/get-started.")
    return Diagnosis("GPU", ON_MAC if host.is_mac() else NO_GPU, ok=True)


def xformers() -> list[Diagnosis]:
    """xformers where it cannot load. It is no fault: Unsloth does without."""
    problem = xformers_problem()
    repair = "`pip uninstall xformers` takes it away."
    return [Diagnosis("xformers", f"{problem}; {repair}", ok=True)] if problem else []
