"""The NVIDIA card of this machine, read by its driver's own nvidia-smi: no torch is loaded, no context is made.

In: nothing. Out: a `Card`, the one that CUDA takes first, or why none could be read.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tailkit.arithmetic import machine
from tailkit.errors import cut

FIELDS = ("index", "uuid", "name", "memory.total", "memory.free", "driver_version", "compute_cap")
SECONDS = 20
"""After which nvidia-smi has no answer: a driver that hangs is one that does not work."""


@dataclass(frozen=True)
class Card:
    """A card: memory in GiB, 0 where it is not told; `capability` is such as 8.9, 0 where an old driver knows none."""

    name: str
    memory: float
    free: float
    driver: str
    capability: float
    index: int = 0
    uuid: str = ""

    @property
    def title(self) -> str:
        """Its name without the vendor's, and its memory."""
        return f"{short(self.name)}, {self.memory:.0f} GiB" if self.memory else short(self.name)


@dataclass(frozen=True)
class Reading:
    """What nvidia-smi told: a card, or what is wrong; neither where there is no GPU."""

    card: Card | None = None
    problem: str = ""


@dataclass(frozen=True)
class User:
    """A process that holds memory of a card, in GiB."""

    pid: str
    name: str
    memory: float


def short(name: str) -> str:
    """A card's name as people say it: RTX 4090, T4."""
    for vendor in ("NVIDIA ", "GeForce ", "Tesla ", "Quadro "):
        name = name.removeprefix(vendor)
    return name


def read() -> Reading:
    """The card that CUDA takes first, as far as nvidia-smi tells."""
    if not machine.has_gpu():
        return Reading()
    try:
        cards = _listed()
    except OSError as error:
        return Reading(problem=cut(error))
    if "MIG" in os.environ.get("CUDA_VISIBLE_DEVICES", ""):
        return Reading(problem="CUDA_VISIBLE_DEVICES names a slice of a card (MIG), whose memory is not read")
    chosen = _visible(cards)
    if not chosen:
        shown = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        return Reading(problem=f"CUDA_VISIBLE_DEVICES={cut(shown)} names none of {len(cards)} cards")
    if os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or "CUDA_VISIBLE_DEVICES" in os.environ:
        return Reading(chosen[0])
    # CUDA takes the fastest first, which it does not tell: of different cards that of most memory is the likeliest.
    return Reading(max(chosen, key=lambda one: one.memory))


def users(card: Card) -> list[User]:
    """The processes that hold memory of a card, the largest first; another container's are not seen."""
    fields = "pid,process_name,used_memory"
    try:
        lines = _asked(f"--query-compute-apps={fields}", f"--id={card.uuid or card.index}")
    except OSError:
        return []
    found = [User(pid, Path(name).name, _gib(used)) for pid, name, used in lines]
    return sorted(found, key=lambda one: -one.memory)


def _listed() -> list[Card]:
    """All cards; raises `OSError` with what is wrong."""
    try:
        lines = _asked(f"--query-gpu={','.join(FIELDS)}")
    except OSError as error:
        # Drivers before 510 have no field for the capability.
        if FIELDS[-1] not in str(error):
            raise
        lines = [[*line, ""] for line in _asked(f"--query-gpu={','.join(FIELDS[:-1])}")]
    cards = [
        Card(name, _gib(total), _gib(free), driver, _number(capability), int(_number(index)), uuid)
        for index, uuid, name, total, free, driver, capability in lines
    ]
    if not cards:
        raise OSError("nvidia-smi lists no card")
    return cards


def _asked(*arguments: str) -> list[list[str]]:
    """The rows that nvidia-smi gives; raises `OSError` with what it says where it fails."""
    there = shutil.which("nvidia-smi") or str(machine.ROOT / machine.WSL_DRIVER / "nvidia-smi")
    command = [there, *arguments, "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except FileNotFoundError:
        raise OSError("the driver's nvidia-smi is not here") from None
    except subprocess.TimeoutExpired:
        raise OSError(f"nvidia-smi gave no answer in {SECONDS} s") from None
    if done.returncode:
        said = " ".join((done.stdout or done.stderr).split()) or f"exit code {done.returncode}"
        raise OSError(f"nvidia-smi: {said}")
    rows = [[cell.strip() for cell in line.split(",")] for line in done.stdout.splitlines() if line.strip()]
    width = arguments[0].count(",") + 1
    if any(len(row) != width for row in rows):
        raise OSError(f"nvidia-smi answers in another form: {cut(done.stdout)}")
    return rows


def _visible(cards: Sequence[Card]) -> list[Card]:
    """The cards that CUDA_VISIBLE_DEVICES leaves, in its order; as in CUDA, a name of none ends the list."""
    if "CUDA_VISIBLE_DEVICES" not in os.environ:
        return list(cards)
    left: list[Card] = []
    for wanted in os.environ["CUDA_VISIBLE_DEVICES"].split(","):
        name = wanted.strip()
        named = [one for one in cards if name == str(one.index) or (name[:4] == "GPU-" and one.uuid.startswith(name))]
        if len(named) != 1:
            break
        left += named
    return left


def _gib(mebibytes: str) -> float:
    return _number(mebibytes) / 1024


def _number(text: str) -> float:
    """A number; 0 for what stands in its place where there is none, such as [N/A]."""
    try:
        return float(text)
    except ValueError:
        return 0.0
