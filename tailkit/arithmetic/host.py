"""What this machine has, found without loading torch.

In: nothing. Out: whether there is a GPU, bytes of memory, free disk, where the hub's cache lies.
"""

import os
import platform
import shutil
from pathlib import Path

GIB = 2**30
ROOT = Path("/")
WSL_DRIVER = "usr/lib/wsl/lib"
"""Where Windows puts what its driver brings to Linux; of NVIDIA's that is libcuda and nvidia-smi."""
HIDDEN = ("", "-1", "NoDevFiles")
"""Values of CUDA_VISIBLE_DEVICES that hide all cards."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def has_gpu() -> bool:
    """Whether there may be a CUDA device: a driver's device file, or in WSL NVIDIA's driver, and nothing hides it."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in HIDDEN:
        return False
    # /dev/dxg alone may be another vendor's.
    in_wsl = (ROOT / "dev/dxg").exists() and any((ROOT / WSL_DRIVER).glob("libcuda.so*"))
    return in_wsl or any((ROOT / "dev").glob("nvidia[0-9]*"))


def why_no_gpu() -> str:
    """Why `has_gpu` found none."""
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    return f"CUDA_VISIBLE_DEVICES={shown} hides all GPUs" if shown in HIDDEN else "there is no NVIDIA GPU"


def is_wsl() -> bool:
    """Whether this is Linux in Windows: by its kernel, which containers in it share."""
    return (ROOT / "dev/dxg").exists() or "microsoft" in platform.release().lower()


def is_mac() -> bool:
    return platform.system() == "Darwin"


ALLOCATOR = ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF")


def use_expandable_segments() -> None:
    """Have torch grow its pieces of GPU memory, which leaves fewer too small to use; called before it is loaded.

    Not in WSL and on Tegra boards, where CUDA cannot do that and says only that memory has run out.
    """
    without = is_wsl() or (ROOT / "etc/nv_tegra_release").exists() or platform.system() != "Linux"
    if has_gpu() and not without and not any(name in os.environ for name in ALLOCATOR):
        os.environ[ALLOCATOR[0]] = "expandable_segments:True"


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
    # Not huggingface_hub's constant: that is of the environment when it was first imported.
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    home = os.environ.get("HF_HOME") or Path(caches) / "huggingface"
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    return Path(named or Path(home) / "hub").expanduser()
