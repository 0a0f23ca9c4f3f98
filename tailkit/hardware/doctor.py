"""What is here: versions against the tested set, processor, memory, GPU, disk.

In: nothing. Out: a list of findings, each fine or with what to do about it.
"""

import importlib.metadata
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tailkit.nano import MODEL_DIR

FREE_DISK_GB = 5


@dataclass(frozen=True)
class Finding:
    """One line of `tailkit doctor`. `repair` is empty where all is well."""

    what: str
    value: str
    ok: bool
    repair: str = ""


def examine() -> list[Finding]:
    """All findings; any that is not ok stops some part of the kit from working."""
    return [_python(), *_packages(), _nano(), _memory(), _disk(), _gpu()]


def _python() -> Finding:
    fine = sys.version_info >= (3, 11)
    return Finding("Python", sys.version.split()[0], fine, "" if fine else "Install Python 3.11 or newer.")


def _packages() -> list[Finding]:
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
            findings.append(Finding(requirement.name, "missing", False, f"pip install '{line}'"))
            continue
        fine = requirement.specifier.contains(version.split("+")[0], prereleases=True)
        findings.append(Finding(requirement.name, version, fine, "" if fine else f"pip install '{line}'"))
    return findings


def _nano() -> Finding:
    weights = MODEL_DIR / "model.safetensors"
    if not weights.is_file():
        return Finding("bundled model", "missing", False, "Install tailkit again; the wheel carries it.")
    return Finding("bundled model", f"{weights.stat().st_size / 1e6:.1f} MB", True)


def _memory() -> Finding:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (ValueError, OSError, AttributeError):
        return Finding("memory", "unknown", True)
    return Finding("processor, memory", f"{os.cpu_count()} cores, {total:.0f} GiB", True)


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    fine = free >= FREE_DISK_GB
    return Finding("free disk here", f"{free:.0f} GB", fine, "" if fine else f"Free {FREE_DISK_GB} GB.")


def _gpu() -> Finding:
    try:
        import torch
    except ImportError as error:
        return Finding("GPU", f"unknown: {error}", False, "Install tailkit again.")
    if not torch.cuda.is_available():
        return Finding("GPU", "none; the recipe nano runs on CPU, hobby and paper do not", True)
    properties = torch.cuda.get_device_properties(0)
    return Finding("GPU", f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB", True)
