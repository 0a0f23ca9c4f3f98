"""What a run was made with: versions and the machine, nothing that names a person or a place.

In: this process, or `env.json`. Out: an `Environment`.
"""

import importlib.metadata
import os
import platform
import sys
from typing import ClassVar

from tailkit import __version__
from tailkit.run.kept import Kept

PACKAGES = ("torch", "transformers", "trl", "peft", "bitsandbytes", "datasets", "unsloth", "pyarrow", "numpy")


class Environment(Kept):
    """`env.json`: versions of tailkit, Python and packages, the system, and how many cores it has (None: unknown)."""

    LACKS: ClassVar[str] = "does not say what the run was made with"

    tailkit: str
    python: str
    system: str
    cores: int | None
    packages: dict[str, str]

    @classmethod
    def here(cls) -> "Environment":
        """What this process runs with."""
        versions = {}
        for package in PACKAGES:
            try:
                versions[package] = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                continue
        system = f"{platform.system()} {platform.machine()}"
        python = sys.version.split()[0]
        return cls(tailkit=__version__, python=python, system=system, cores=os.cpu_count(), packages=versions)

    def lines(self) -> list[str]:
        """All of it, a line each."""
        cores = "an unknown number of cores" if self.cores is None else f"{self.cores} core{'s' * (self.cores != 1)}"
        machine = f"tailkit {self.tailkit}, Python {self.python}, {self.system}, {cores}"
        return [machine, *(f"{name} {version}" for name, version in self.packages.items())]
