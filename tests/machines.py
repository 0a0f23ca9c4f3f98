"""Machines that are not here: device files below a folder, and an nvidia-smi on PATH that tells of their cards."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tailkit.arithmetic import host

MIB = 1024
OLD = 'Field "compute_cap" is not a valid field to query.'


class Fake:
    """A machine below a folder. Cards are rows of nvidia-smi, by `card`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.bin, self._patch = folder / "root", folder / "bin", monkeypatch
        (self.root / "dev").mkdir(parents=True)
        self.bin.mkdir()
        monkeypatch.setattr(host, "ROOT", self.root)
        monkeypatch.setenv("PATH", f"{self.bin}{os.pathsep}{os.environ['PATH']}")
        for name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"):
            monkeypatch.delenv(name, raising=False)

    def device(self, name: str = "dev/nvidia0") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def has(self, *cards: str, users: Sequence[str] = (), old: bool = False) -> None:
        """These cards, with processes on them; `old`: a driver that knows no capabilities."""
        self.device()
        text = "\n".join(cards)
        known = f"echo '{OLD}'; exit 2" if old else f"cat <<'END'\n{text}\nEND"
        without = "\n".join(row.rpartition(",")[0] for row in cards)
        self.answers(
            f"case \"$1\" in\n*compute_cap*) {known}\n;;\n--query-gpu*) cat <<'END'\n{without}\nEND\n;;\n"
            f"--query-compute-apps*) cat <<'END'\n{chr(10).join(users)}\nEND\n;;\nesac"
        )

    def answers(self, script: str, path: str | None = None) -> None:
        """What nvidia-smi does, a shell script."""
        file = self.root / path if path else self.bin / "nvidia-smi"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)


def card(
    name: str, mib: int, free: int | None = None, driver: str = "580.95.05", capability: str = "8.9", index: int = 0
) -> str:
    """A row of nvidia-smi."""
    left = mib - 300 if free is None else free
    return f"{index}, GPU-{index}a2b3c4d, {name}, {mib}, {left}, {driver}, {capability}"


RTX_4090 = card("NVIDIA GeForce RTX 4090", 24564)
T4 = card("Tesla T4", 15360, capability="7.5")
RTX_3060 = card("NVIDIA GeForce RTX 3060", 12288, capability="8.6")
RTX_4060 = card("NVIDIA GeForce RTX 4060", 8188)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    return Fake(tmp_path, monkeypatch)
