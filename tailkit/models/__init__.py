"""Base models, tokenizers and adapters: one function loads, one saves; nothing else knows how.

In: a recipe's model section. Out: a causal LM with its `Codec`, in the precision asked for.
`origin` finds a model, `codec` turns text into tokens, a backend loads weights, `forward` runs
a model over known text.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tailkit import recipe
from tailkit.errors import TailkitError
from tailkit.models.backends import Backend, backend, choose
from tailkit.models.codec import Codec, load_codec
from tailkit.models.precision import autocast_of
from tailkit.recipe import NANO
from tailkit.run.files import whole
from tailkit.run.stages import CARD

__all__ = [
    "NANO",
    "Backend",
    "Codec",
    "Loaded",
    "add_adapter",
    "autocast_of",
    "backend",
    "choose",
    "keep_share",
    "load_adapter",
    "load_base",
    "load_codec",
    "narrow_adapter",
    "quiet",
    "save_adapter",
]


EVALUATES = "hf"
"""The backend that runs a model, whatever trained it."""


@dataclass
class Loaded:
    """A model with the codec of its tokens. `name` is the base model's public name."""

    model: Any
    codec: Codec
    name: str
    backend: Backend = field(default_factory=lambda: backend(EVALUATES))

    @property
    def device(self) -> Any:
        return next(self.model.parameters()).device


def quiet() -> None:
    """Keep the libraries' own progress bars and advice off the screen."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import logging
    import warnings

    import datasets
    import transformers

    datasets.disable_progress_bars()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for library in ("bitsandbytes", "kernels", "trl", "accelerate"):
        logging.getLogger(library).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning)
    warnings.filterwarnings("ignore", message=".*pin_memory.*")
    # Of every checkpoint, where the hub cannot be asked; the embeddings are never trained.
    warnings.filterwarnings("ignore", message="Could not find a config file")


def load_base(
    spec: recipe.Model, codec: Codec | None = None, *, through: Backend | None = None, longest: int = 0
) -> Loaded:
    """Load a base model, to run it or (`through` what `choose` gave) to train rows of `longest` tokens.

    Raises `EnvironmentMissing` if the model cannot be had or this machine cannot run it, and
    `UsageError` if the folder or file is no model that can be used.
    """
    from transformers import GenerationConfig

    quiet()
    codec = codec or load_codec(spec)
    through = through or backend(EVALUATES)
    model = through.load(spec, longest)
    # Greedy means greedy: a penalty that a model ships would be filled into our own settings.
    model.generation_config = GenerationConfig()
    for module in model.modules():
        # On CPUs with AVX512-BF16 the first evaluation would repack 4-bit weights and break training.
        if hasattr(module, "support_avx512bf16_for_cpu"):
            setattr(module, "support_avx512bf16_for_cpu", False)  # noqa: B010
    return Loaded(model, codec, spec.name, through)


def add_adapter(loaded: Loaded, lora: recipe.Lora, seed: int) -> None:
    """Put a fresh LoRA adapter on all linear layers of the model, in place."""
    from transformers import set_seed

    set_seed(seed)
    loaded.model = loaded.backend.add_lora(loaded.model, lora, seed)


def keep_share(loaded: Loaded, share: float) -> None:
    """Scale the adapter, so that the model lies at that share of the way from the base to the trained weights.

    WiSE-FT (arXiv 2109.01903): what lies beyond the training data often gains before anything inside
    it is lost. `share` is in (0, 1]; the scale goes into the B matrices, so it is saved with them.
    """
    import torch

    with torch.no_grad():
        for name, weight in loaded.model.named_parameters():
            if "lora_B" in name:
                weight.mul_(share)


def save_adapter(loaded: Loaded, folder: Path) -> None:
    """Write the adapter as safetensors, whole or not at all; the same adapter gives the same bytes."""
    with whole(folder) as temporary:
        for config in loaded.model.peft_config.values():
            config.base_model_name_or_path = loaded.name
            config.inference_mode = True
            # PEFT holds a set, whose order differs from process to process.
            config.target_modules = sorted(config.target_modules)
        # The embeddings are never trained; looking whether they were would ask the model hub.
        loaded.model.save_pretrained(temporary, save_embedding_layers=False)
        loaded.codec.tokenizer.save_pretrained(temporary)
        (temporary / CARD).unlink(missing_ok=True)


def load_adapter(loaded: Loaded, folder: Path) -> None:
    """Put a saved adapter on the model, in place; whose it is, is for the caller to know.

    Raises `TailkitError` if it cannot be read.
    """
    from peft import PeftModel
    from safetensors import SafetensorError

    if not (folder / "adapter_model.safetensors").is_file():
        raise TailkitError(f"{folder} holds no adapter", "Train first: `tailkit run TASK`.")
    try:
        loaded.model = PeftModel.from_pretrained(loaded.model, folder)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = str(error).split("\n")[0][:160]
        raise TailkitError(f"{folder} cannot be loaded: {reason}", "Restore it from a copy, or train again.") from None


def narrow_adapter(loaded: Loaded, dtype: Any) -> None:
    """Turn a trained adapter, whose weights are in fp32, into `dtype`, so that it computes in the model's own."""
    for name, weight in loaded.model.named_parameters():
        if "lora_" in name:
            weight.data = weight.data.to(dtype)
