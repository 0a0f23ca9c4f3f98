"""Whether the weights in a folder are whole, by their own headers: nothing is loaded.

In: a folder with safetensors. Out: what is missing or cut short.
"""

import json
from pathlib import Path

INDEX = "model.safetensors.index.json"


def broken(folder: Path) -> str:
    """What is wrong with a folder of weights, in words; "" if it is whole."""
    if not (folder / "config.json").is_file():
        return "config.json is missing"
    names = _names(folder)
    if not names:
        return "no safetensors are there"
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        return f"{len(missing)} of {len(names)} files of weights are missing, such as {missing[0]}"
    short = next((name for name in names if _is_cut_short(folder / name)), None)
    return f"{short} is cut short" if short else ""


def _names(folder: Path) -> list[str]:
    """The files of weights, by the index where there is one."""
    index = folder / INDEX
    if index.is_file():
        try:
            return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        except (ValueError, KeyError, TypeError, AttributeError):
            return [INDEX]
    return sorted(path.name for path in folder.glob("*.safetensors"))


def _is_cut_short(file: Path) -> bool:
    """Whether a file ends before the last of the tensors that its header names; no tensor is loaded."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy"):
            return False
    except (SafetensorError, OSError):
        return True
