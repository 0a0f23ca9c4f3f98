"""What is here: versions against the tested set, processor, memory, GPU, disk; and whether it works.

In: nothing. Out: findings, each fine or with what to do about it, as they come.
"""

import importlib.metadata
import importlib.util
import logging
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tailkit.arithmetic.card import Card, read
from tailkit.arithmetic.host import GIB, free_disk, hub_cache, memory, processors
from tailkit.arithmetic.memory import weights
from tailkit.errors import TailkitError
from tailkit.hardware.gpu import NO_GPU, ON_MAC, Diagnosis, gpu, xformers
from tailkit.hardware.ladder import for_gpu
from tailkit.hardware.plan import predicted_peak
from tailkit.hardware.work import folders, shape
from tailkit.models.download import offline as is_offline
from tailkit.nano import MODEL_DIR
from tailkit.recipe import Recipe, load
from tailkit.run.apart import run_apart

FREE_DISK_GB = 5
PRODUCT_ERROR = 0.05
# Of the root mean square of normal weights; NF4 in blocks of 64 loses 0.09 of it.
ROUNDING = 0.15
HUB_MODEL, HUB_SECONDS = "Qwen/Qwen2.5-7B", 5
INSTALL_GPU = "pip install 'tailkit[gpu]'"
CACHE = "free disk of the hub's cache"
ONLY_LARGE = ("GPU", "unsloth", "4-bit product", "Unsloth step", "model hub", CACHE)
"""Findings that concern large models alone."""

TriedStep = Callable[[], tuple[float, float]]
"""Takes a step of training: the loss, and how far the adapter moved."""


def examine(step: TriedStep | None = None, *, quick: bool = False, offline: bool = False) -> Iterator[Diagnosis]:
    """All findings, one by one; any that is not ok stops some part of the kit from working.

    `quick` tries nothing out; `offline` leaves the model hub alone. `step` takes a step of training with Unsloth.
    """
    yield _python()
    yield from _packages()
    yield from _unsloth_versions()
    yield _gguf()
    yield _nano()
    yield _memory()
    yield from _disks()
    yield gpu()
    yield from xformers()
    if not quick:
        yield _four_bits()
        if step:
            yield _unsloth_step(step)
        if not offline and not is_offline():
            yield _hub()


def verdict(findings: Sequence[Diagnosis]) -> str:
    """What this machine can do, in words."""
    missing = [f"{finding.what} ({finding.value})" for finding in findings if not finding.ok]
    for_all = [f"{one.what} ({one.value})" for one in findings if not one.ok and one.what not in ONLY_LARGE]
    if for_all:
        return f"This machine cannot run anything yet: fix {_listed(for_all)} first."
    small = "This machine can run `tailkit run addition --recipe nano` with the bundled model on its CPU"
    lacking = ["a GPU"] if any(one.what == "GPU" and one.value in (NO_GPU, ON_MAC) for one in findings) else []
    reading = read()
    name = for_gpu(reading)
    chosen = load(name, task=None)
    model = chosen.model.name
    lacking += missing + _too_small(reading.card, chosen) + _no_room_for_weights(model)
    if lacking:
        return f"{small}; for {model} (recipe {name}) it lacks {_listed(lacking)}."
    return f"{small}, and {model} on its GPU (recipe {name}): `tailkit plan addition` says what that takes."


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def _too_small(card: Card | None, chosen: Recipe) -> list[str]:
    """What is missing of the card's memory, for a pass of the recipe's size."""
    least, _ = predicted_peak(chosen, chosen.train.micro_tokens)
    return [f"a GPU of {least:.1f} GiB or more"] if card and card.memory < least else []


def _no_room_for_weights(model: str) -> list[str]:
    """What is missing on the disk, if the weights are not there yet."""
    if any((folder / "config.json").is_file() for folder in folders(model)):
        return []
    free, needed = free_disk(hub_cache()), math.ceil(weights(shape(model), "bf16") / 1e9)
    return [f"disk for its weights ({needed} GB; {free:.0f} GB are free)"] if free < needed else []


def _python() -> Diagnosis:
    fine = sys.version_info >= (3, 11)
    return Diagnosis("Python", sys.version.split()[0], fine, "" if fine else "Install Python 3.11 or newer.")


def _packages() -> list[Diagnosis]:
    """Every required package against the versions that tailkit was tested with."""
    from packaging.requirements import Requirement

    findings = []
    for line in importlib.metadata.requires("tailkit") or []:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            findings.append(Diagnosis(requirement.name, "missing", False, f"pip install '{line}'"))
            continue
        fine = requirement.specifier.contains(version.split("+")[0], prereleases=True)
        findings.append(Diagnosis(requirement.name, version, fine, "" if fine else f"pip install '{line}'"))
    return findings


def _nano() -> Diagnosis:
    weights = MODEL_DIR / "model.safetensors"
    if not weights.is_file():
        return Diagnosis("bundled model", "missing", False, "Install tailkit again; the wheel carries it.")
    return Diagnosis("bundled model", f"{weights.stat().st_size / 1e6:.1f} MB", True)


def _memory() -> Diagnosis:
    if not memory():
        return Diagnosis("memory", "unknown", True)
    return Diagnosis("processor, memory", f"{processors()} cores, {memory() / GIB:.0f} GiB", True)


def _disks() -> list[Diagnosis]:
    """Free disk here and, for downloads, in the hub's cache."""
    places = {"free disk here": Path.cwd(), CACHE: hub_cache()}
    findings = []
    for what, path in places.items():
        free = free_disk(path)
        fine = free >= FREE_DISK_GB
        findings.append(Diagnosis(what, f"{free:.0f} GB", fine, "" if fine else f"Free {FREE_DISK_GB} GB."))
    return findings


def _unsloth_versions() -> list[Diagnosis]:
    """Unsloth and its zoo, against what the extra `gpu` names."""
    from tailkit.models.unsloth import wrong_version

    if importlib.util.find_spec("unsloth") is None:
        fine = not _has_cuda()
        return [Diagnosis("unsloth", "not installed; transformers trains instead", fine, "" if fine else INSTALL_GPU)]
    reason = wrong_version()
    if reason:
        return [Diagnosis("unsloth", reason, False, INSTALL_GPU)]
    return [Diagnosis("unsloth", importlib.metadata.version("unsloth"), True)]


def _gguf() -> Diagnosis:
    """The reader of GGUF base models; nothing else needs it."""
    try:
        return Diagnosis("gguf", importlib.metadata.version("gguf"), True)
    except importlib.metadata.PackageNotFoundError:
        return Diagnosis("gguf", "not installed; only GGUF base models need it: pip install 'tailkit[gguf]'", True)


def _has_cuda() -> bool:
    try:
        import torch
    except (ImportError, OSError):
        return False
    return torch.cuda.is_available()


def _four_bits() -> Diagnosis:
    """Weights in NF4, held against what they were, and one product with them against the unpacked one."""
    what = "4-bit product"
    pinned = next(line for line in importlib.metadata.requires("tailkit") or [] if line.startswith("bitsandbytes"))
    repair = f"pip install --force-reinstall --no-deps '{pinned}'"
    try:
        # It says on CPUs which faster kernels it has not found.
        logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
        import bitsandbytes as bnb
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
        generator = torch.Generator().manual_seed(0)
        weight, given = torch.randn(128, 256, generator=generator), torch.randn(4, 256, generator=generator).to(device)
        layer = bnb.nn.Linear4bit(256, 128, bias=False, quant_type="nf4", compute_dtype=torch.float32)
        layer.load_state_dict({"weight": weight})
        packed: Any = layer.to(device).weight
        unpacked = bnb.functional.dequantize_4bit(packed.data, packed.quant_state).float()
        rounding = (unpacked - weight.to(device)).pow(2).mean().sqrt().item()
        error = (layer(given) - given @ unpacked.T).abs().max().item()
    except (ImportError, OSError, RuntimeError, AttributeError) as problem:
        return Diagnosis(what, str(problem).split("\n")[0], False, repair)
    fine = error < PRODUCT_ERROR and rounding < ROUNDING
    value = f"on {device}, largest error {error:.1e}, rounding {rounding:.3f} of the weights"
    return Diagnosis(what, value, fine, "" if fine else repair)


def _unsloth_step(step: TriedStep) -> Diagnosis:
    """One training step with Unsloth, in a process of its own: importing it changes the libraries."""
    what = "Unsloth step"
    if importlib.util.find_spec("unsloth") is None:
        return Diagnosis(what, "not tried: Unsloth is not installed", True)
    begun = time.monotonic()
    try:
        loss, moved = run_apart(step)
    except (TailkitError, OSError, ImportError) as error:
        return Diagnosis(what, str(error).split("\n")[0], False, INSTALL_GPU)
    fine = math.isfinite(loss) and math.isfinite(moved) and moved > 0
    value = f"loss {loss:.2f}, adapter moved by {moved:.1e}, {time.monotonic() - begun:.0f} s with its import"
    return Diagnosis(what, value, fine, "" if fine else INSTALL_GPU)


def _hub() -> Diagnosis:
    """Whether the model hub answers; only a GPU recipe needs it."""
    import huggingface_hub
    from huggingface_hub.constants import ENDPOINT

    try:
        huggingface_hub.HfApi().model_info(HUB_MODEL, timeout=HUB_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever keeps the hub away
        value = f"{ENDPOINT} does not answer ({type(error).__name__}); models in the cache or in folders still load"
        needed = _has_cuda()
        return Diagnosis("model hub", value, not needed, "Fix the network or HF_ENDPOINT, or use --offline." * needed)
    return Diagnosis("model hub", f"{ENDPOINT} answers", True)
