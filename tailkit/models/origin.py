"""Where a base model lies: inside the package, on the hub, in a folder, or in a GGUF file.

In: a recipe's model section. Out: what `from_pretrained` takes. Nothing that could run code of a
model's own gets past here, and only safetensors are read; a GGUF file is turned into them once.
"""

import io
import json
import os
import sys
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tailkit import recipe
from tailkit.arithmetic.host import has_gpu, why_no_gpu
from tailkit.errors import EnvironmentMissing, TailkitError, UsageError, cut
from tailkit.models import download
from tailkit.models.weights import broken
from tailkit.nano import MODEL_DIR
from tailkit.recipe import NANO
from tailkit.run.files import file_digest, whole
from tailkit.screen import note

COPIES = {"Qwen/Qwen2.5-7B": ("unsloth/Qwen2.5-7B-bnb-4bit", "9d7326d436359f5a2033cc7a5c7daad8bbbb4bae")}
"""Copies in NF4 that Unsloth has made of models, by hub id and commit."""


@dataclass(frozen=True)
class Origin:
    """A folder or hub id with the options of `from_pretrained`."""

    path: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        return os.path.isdir(self.path)


def locate(spec: recipe.Model) -> Origin:
    """Find a base model.

    Raises `UsageError` for a folder or file that holds no usable model, `EnvironmentMissing` if a
    hub model is asked for in 4 bits on a machine without a GPU.
    """
    path = Path(spec.name).expanduser()
    if spec.name == NANO:
        return Origin(str(MODEL_DIR))
    if path.suffix == ".gguf":
        return Origin(str(_from_gguf(path)))
    if os.path.isdir(path):
        _check_folder(path)
        return Origin(str(path))
    if recipe.is_path(spec.name):
        raise UsageError(f"model folder {cut(spec.name)} does not exist", "Name a hub id or a folder: model.name=…")
    if spec.precision == "nf4" and not _has_cuda():
        why = "torch cannot use the one that is here, see `tailkit doctor`" if has_gpu() else why_no_gpu()
        raise EnvironmentMissing(
            f"model {cut(spec.name)} is no folder here, and in 4 bits a model of the hub needs an NVIDIA GPU; {why}",
            "Use --recipe laptop (a small model of the hub) or nano (the bundled one), or model.precision=fp32.",
        )
    name, revision = on_hub(spec)
    return Origin(name, {"revision": revision} if revision else {})


def on_hub(spec: recipe.Model) -> tuple[str, str | None]:
    """The hub id and revision that are loaded for a model: its own, or those of its copy in 4 bits.

    Raises `UsageError` where a copy is asked for and none is known.
    """
    if not (spec.quantised and spec.precision == "nf4"):
        return spec.name, spec.revision
    if spec.name not in COPIES:
        raise UsageError(
            f"model.quantised: no 4-bit copy of {cut(spec.name)} is known", f"One is of {', '.join(COPIES)}."
        )
    return COPIES[spec.name]


def have(spec: recipe.Model) -> Origin:
    """A base model, found as by `locate`, with its weights on this machine: those of the hub are downloaded."""
    source = locate(spec)
    if not source.is_local:
        download.have(source.path, source.options.get("revision"))
    return source


def look(spec: recipe.Model) -> None:
    """Raise what `have` would, as far as it is seen without a download."""
    source = locate(spec)
    if not source.is_local:
        download.look(source.path, source.options.get("revision"))


def _has_cuda() -> bool:
    """Whether there is a GPU; only where torch is loaded already it is asked whether it can use it."""
    if "torch" not in sys.modules:
        return has_gpu()
    import torch

    return torch.cuda.is_available()


def refused(spec: recipe.Model, error: Exception) -> TailkitError:
    """What to say where a library could not load a model."""
    reason = str(error).strip().split("\n")[0][:160]
    if os.path.exists(os.path.expanduser(spec.name)):
        return UsageError(
            f"model {spec.name} cannot be loaded: {reason}", "Name a hub id or a folder with safetensors."
        )
    if download.offline():
        return EnvironmentMissing(f"model {spec.name} is not in the cache: {reason}", "Run once without --offline.")
    return EnvironmentMissing(f"model {spec.name} cannot be had: {reason}", "`tailkit doctor` looks at the hub.")


def _check_folder(path: Path) -> None:
    config = path / "config.json"
    if not config.is_file():
        raise UsageError(f"model folder {path} has no config.json", "Name a folder that `save_pretrained` wrote.")
    try:
        content = json.loads(config.read_text(encoding="utf-8"))
    except ValueError:
        raise UsageError(f"{config} is not JSON", "Download the model again.") from None
    if "auto_map" in content:
        raise UsageError(f"{config} asks to run code of its own (auto_map)", "Choose a model that transformers knows.")
    if not list(path.glob("*.safetensors")):
        raise UsageError(f"model folder {path} holds no safetensors", "Save it again with `save_pretrained`.")
    wrong = broken(path)
    if wrong:
        raise UsageError(f"model folder {path} is not whole: {wrong}", "Copy or download it again.")


def cache() -> Path:
    """Where converted models and compiled kernels lie, outside every checkout and run."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser() / "tailkit"


def folder_of_gguf(path: Path) -> Path:
    """Where the model in a GGUF file is kept as safetensors, once it was read."""
    return cache() / "gguf" / f"{path.stem}-{file_digest(path)[:16]}"


def _from_gguf(path: Path) -> Path:
    """The model in a GGUF file as a folder with safetensors, made once."""
    if not os.path.isfile(path):
        raise UsageError(f"model file {cut(path)} does not exist", "Name a GGUF file: model.name=FILE.gguf")
    folder = folder_of_gguf(path)
    if folder.is_dir():
        return folder
    import torch

    try:
        import gguf  # noqa: F401
    except ImportError:
        raise EnvironmentMissing("reading a GGUF file needs the package gguf", "pip install 'tailkit[gguf]'") from None
    from transformers import AutoModelForCausalLM, AutoTokenizer

    note(f"reading {path.name} into safetensors, once: {folder}")
    options: dict[str, Any] = {"gguf_file": path.name, "trust_remote_code": False}
    try:
        # Reader and writer draw progress bars that nothing turns off.
        with redirect_stderr(io.StringIO()):
            tokenizer = AutoTokenizer.from_pretrained(path.parent, **options)
            read = AutoModelForCausalLM.from_pretrained(path.parent, dtype=torch.bfloat16, **options)
    except Exception as error:
        reason = str(error).strip().split("\n")[0][:160]
        raise UsageError(f"{path} cannot be read: {reason}", "Only architectures that transformers knows.") from error
    # What was read calls itself quantised, though it no longer is, and then cannot be saved.
    config = type(read.config)(
        **{name: value for name, value in read.config.to_dict().items() if name != "quantization_config"}
    )
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.load_state_dict(read.state_dict())
    with whole(folder) as temporary, redirect_stderr(io.StringIO()):
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
    return folder
