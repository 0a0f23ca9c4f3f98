"""What this machine has, found without loading torch.

In: nothing. Out: whether there is a GPU, bytes of memory, free disk, where the hub's cache lies.
"""

import os
import shutil
from pathlib import Path

GIB = 2**30
DEVICES = Path("/dev")


def has_gpu() -> bool:
    """Whether there may be a CUDA device: a driver's device file, or that of WSL."""
    return any(DEVICES.glob("nvidia[0-9]*")) or (DEVICES / "dxg").exists()


def memory() -> int:
    """Bytes of main memory; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def existing(path: Path) -> Path:
    """A path, or the nearest folder above it that is there already."""
    return next(one for one in (path, *path.parents) if one.exists())


def free_disk(path: Path) -> float:
    """GB that are free where a path lies or will lie."""
    return shutil.disk_usage(existing(path)).free / 1e9


def hub_cache() -> Path:
    """Where downloads of the model hub lie."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
