"""What a run was made with: versions and the machine, nothing that names a person or a place.

In: this process, or `env.json`. Out: an `Environment`.
"""

import importlib.metadata
import os
import platform
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tailkit import __version__
from tailkit.errors import TailkitError
from tailkit.run.files import writing

PACKAGES = ("torch", "transformers", "trl", "peft", "bitsandbytes", "datasets", "unsloth", "pyarrow", "numpy")


class Environment(BaseModel):
    """`env.json`: versions of tailkit, Python and packages, the system, and how many cores it has (None: unknown)."""

    model_config = ConfigDict(frozen=True)

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

    @classmethod
    def read(cls, path: Path) -> "Environment":
        """The environment in a file; raises `TailkitError` if that is missing or damaged."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            reason = error.strerror or "it cannot be opened"
        except ValidationError as error:
            first = error.errors()[0]
            reason = f"{'.'.join(map(str, first['loc'])) or 'JSON'}: {first['msg'].lower()}"
        raise TailkitError(f"{path} does not say what the run was made with: {reason}", "Restore it from a copy.")

    def write(self, path: Path) -> None:
        with writing(path) as file:
            file.write(self.model_dump_json(indent=2) + "\n")

    def lines(self) -> list[str]:
        """All of it, a line each."""
        cores = "an unknown number of" if self.cores is None else self.cores
        machine = f"tailkit {self.tailkit}, Python {self.python}, {self.system}, {cores} cores"
        return [machine, *(f"{name} {version}" for name, version in self.packages.items())]
