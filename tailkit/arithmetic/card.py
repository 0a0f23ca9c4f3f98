"""The NVIDIA card of this machine, read by its driver's own nvidia-smi: no torch is loaded, no context is made.

In: nothing. Out: a `Card`, the one that CUDA takes first, or why none could be read.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tailkit.arithmetic import host
from tailkit.errors import cut

FIELDS = ("index", "uuid", "name", "memory.total", "memory.free", "driver_version", "compute_cap")
SLICE = re.compile(r"MIG (\S*\d+g\.(\d+)gb\S*) .*\(UUID: (MIG-[^)]+)\)")
"""How `nvidia-smi -L` lists a part of a card that is cut up (MIG): its name, GB and id."""
SECONDS = 20
"""After which nvidia-smi has no answer: a driver that hangs is one that does not work."""
REPAIR = "Install NVIDIA's driver anew, or restart the machine"


@dataclass(frozen=True)
class Card:
    """A card: memory in GiB, the processor's where they share it; capability such as 8.9, 0 where it is not told."""

    name: str
    memory: float
    free: float
    driver: str
    capability: float
    index: int = 0
    uuid: str = ""

    @property
    def is_slice(self) -> bool:
        """Whether it is a part of a card that is cut up (MIG)."""
        return self.uuid.startswith("MIG-")

    @property
    def title(self) -> str:
        """Its name without the vendor's, and its memory."""
        return f"{short(self.name)}, {self.memory:.0f} GiB"


@dataclass(frozen=True)
class Reading:
    """What nvidia-smi told: a card, or what is wrong; neither where there is no GPU.

    `repair` says what to do where CUDA cannot work either; it may where that is empty.
    """

    card: Card | None = None
    problem: str = ""
    repair: str = ""


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
    if not host.has_gpu():
        return Reading()
    try:
        cards = _listed()
    except FileNotFoundError as error:
        return Reading(problem=cut(error))
    except OSError as error:
        repair = "Restart the machine" if "mismatch" in str(error) else REPAIR
        return Reading(problem=cut(error), repair=f"{repair}; `nvidia-smi` has to list the card.")
    chosen = _visible(cards)
    if not chosen:
        shown = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        known = ", ".join(f"{one.uuid if one.is_slice else one.index} ({one.title})" for one in cards)
        return Reading(
            problem=f"CUDA_VISIBLE_DEVICES={cut(shown)} names no card that is here",
            repair=f"Unset it, or name one: {cut(known)}.",
        )
    if chosen[0].is_slice:
        return Reading(chosen[0])
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
    except FileNotFoundError:
        raise
    except OSError as error:
        # Drivers before 510 have no field for the capability.
        if FIELDS[-1] not in str(error):
            raise
        lines = [[*line, ""] for line in _asked(f"--query-gpu={','.join(FIELDS[:-1])}")]
    cards = [_card(line) for line in lines]
    if not cards:
        raise OSError("nvidia-smi lists no card")
    # Chips that can be cut up have capability 8.0, 9.0, 10.0 or 12.0.
    return [*_slices(cards)] or cards if any(one.capability >= 8 and not one.capability % 1 for one in cards) else cards


def _card(row: Sequence[str]) -> Card:
    index, uuid, name, total, free, driver, capability = row
    # What has no memory of its own, such as GB10 or Jetson, tells [N/A]; so does one that hides what is free.
    memory = _gib(total) or host.memory() / host.GIB
    left = _gib(free) if free[:1].isdigit() else memory
    return Card(name, memory, left, driver, _number(capability), int(_number(index)), uuid)


def _slices(cards: Sequence[Card]) -> Iterator[Card]:
    """The parts of cards that are cut up, of which CUDA takes one and no whole card."""
    of = cards[0]
    for line in _said("-L").splitlines():
        of = next((one for one in cards if one.uuid in line), of)
        if found := SLICE.search(line):
            # A little less than it is called after.
            memory = 0.95 * float(found[2])
            yield replace(of, name=f"{of.name} {found[1]}", memory=memory, free=memory, uuid=found[3])


def _asked(*arguments: str) -> list[list[str]]:
    """The rows that nvidia-smi gives; raises `OSError` with what it says where it fails."""
    text = _said(*arguments, "--format=csv,noheader,nounits")
    rows = [[cell.strip() for cell in line.split(",")] for line in text.splitlines()]
    # Between rows it warns, such as of another card that is lost.
    fitting = [row for row in rows if len(row) == arguments[0].count(",") + 1]
    if text.strip() and not fitting:
        raise OSError(f"nvidia-smi: {' '.join(text.split())}")
    return fitting


def _said(*arguments: str) -> str:
    """What nvidia-smi prints; raises `OSError` with it where it fails, `FileNotFoundError` where it is not here."""
    there = shutil.which("nvidia-smi") or str(host.ROOT / host.WSL_DRIVER / "nvidia-smi")
    try:
        done = subprocess.run(
            [there, *arguments], capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
        )
    except FileNotFoundError:
        raise FileNotFoundError("the driver's nvidia-smi is not here") from None
    except subprocess.TimeoutExpired:
        raise OSError(f"nvidia-smi gave no answer in {SECONDS} s") from None
    if done.returncode:
        said = " ".join((done.stdout or done.stderr).split()) or f"exit code {done.returncode}"
        raise OSError(f"nvidia-smi: {said}")
    return done.stdout


def _visible(cards: Sequence[Card]) -> list[Card]:
    """The cards that CUDA_VISIBLE_DEVICES leaves, in its order; as in CUDA, a name of none ends the list."""
    if "CUDA_VISIBLE_DEVICES" not in os.environ:
        return list(cards)
    left: list[Card] = []
    for wanted in os.environ["CUDA_VISIBLE_DEVICES"].split(","):
        name = wanted.strip()
        named = [
            one
            for one in cards
            if name == str(one.index) or (name[:4] in ("GPU-", "MIG-") and one.uuid.startswith(name))
        ]
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
