"""What keeps the installed torch from using the card that is here, without loading it.

In: the card, the files of torch and xformers. Out: what is wrong, and the command that repairs it.
"""

import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path

from tailkit.arithmetic.card import Card, Reading

# Of each CUDA, the driver from which on it runs (docs.nvidia.com, minor version compatibility), and an index of
# PyTorch's that has builds for it.
DRIVERS = {13: 580, 12: 525}
INDEXES = {13: "cu130", 12: "cu126"}
# CUDA 13 has left out what came before Turing; builds for 12.6 know nothing that came after Hopper.
LEAST = {13: 7.5, 12: 7.0}
MOST = {12: 9.0}
FOUR_BITS = 7.0
"""The capability from which on bitsandbytes trains in 4 bits."""
INDEX = "https://download.pytorch.org/whl"


@dataclass(frozen=True)
class Obstacle:
    """What keeps torch from the card, and what to do."""

    what: str
    repair: str


@dataclass(frozen=True)
class Build:
    """An installed torch: its version, and the CUDA that it is built for, "" for none."""

    version: str
    cuda: str

    @property
    def major(self) -> int:
        return int(self.cuda.partition(".")[0] or 0)

    def __str__(self) -> str:
        return f"torch {self.version}" + (f", built for CUDA {self.cuda}" if self.cuda else "")


def torch_build() -> Build | None:
    """The installed torch, by its version file; None where there is none."""
    file = _beside("torch", "version.py")
    if file is None:
        return None
    told = dict(re.findall(r"""^(__version__|cuda)\b[^=\n]*= *['"]([^'"]+)['"]""", file.read_text(), flags=re.M))
    return Build(told.get("__version__", "?"), told.get("cuda", ""))


def obstacle(reading: Reading) -> Obstacle | None:
    """What keeps the installed torch from the card that was read; None if nothing is known of."""
    build, card = torch_build(), reading.card
    if build is None:
        return None
    if card is None:
        return Obstacle(reading.problem, reading.repair) if reading.repair else None
    if card.capability and card.capability < FOUR_BITS:
        what = f"the {card.title} has capability {card.capability}; training in 4 bits needs {FOUR_BITS}"
        return Obstacle(what, "Take --recipe nano, or another card.")
    driver = int(re.match(r"\d*", card.driver)[0] or 0)  # type: ignore[index]
    if not build.cuda:
        whose = "AMD's cards" if "rocm" in build.version else "CPUs"
        return Obstacle(f"{build} has no CUDA: it is the build for {whose}", _repair(build, card, driver))
    if driver and driver < DRIVERS.get(build.major, 0):
        what = f"driver {card.driver} is too old for {build}, which needs {DRIVERS[build.major]} or newer"
        return Obstacle(what, _repair(build, card, driver, update=True))
    if card.capability and not LEAST.get(build.major, 0) <= card.capability:
        return Obstacle(f"{build}, knows no {card.title} (capability {card.capability})", _repair(build, card, driver))
    return None


def _repair(build: Build, card: Card, driver: int, *, update: bool = False) -> str:
    """A build for the card and its driver; a newer driver where there is none, or where that is as good."""
    version, newest = build.version.partition("+")[0], max(DRIVERS.values())
    for major, least in DRIVERS.items():
        suits = LEAST[major] <= (card.capability or LEAST[major]) <= MOST.get(major, 99)
        if suits and (driver >= least or not driver):
            command = f"pip install --force-reinstall 'torch=={version}' --index-url {INDEX}/{INDEXES[major]}"
            return f"Update the driver to {newest} or newer, or: {command}" if update else command
    return f"Update the driver to {newest} or newer: no build of torch {version} goes with {card.driver or 'this one'}."


def xformers_problem() -> str | None:
    """Why xformers cannot load beside the installed torch; Unsloth then takes torch's own attention."""
    file, build = _beside("xformers", "cpp_lib.json"), torch_build()
    if file is None or build is None:
        return None
    try:
        made_for = json.loads(file.read_text())["version"]["torch"]
    except (ValueError, KeyError, TypeError):
        return None
    version, _, tag = str(made_for).partition("+")
    ours = f"cu{build.cuda.replace('.', '')}" if build.cuda else "cpu"
    if version == build.version.partition("+")[0] and tag in ("", ours):
        return None
    return f"built for torch {made_for}, cannot load beside {build}; Unsloth takes torch's attention"


def _beside(package: str, name: str) -> Path | None:
    """A file of an installed package, which is not imported."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).with_name(name)
    return file if file.is_file() else None
