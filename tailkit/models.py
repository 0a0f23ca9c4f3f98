"""Base models, tokenizers and adapters: one function loads, one saves; nothing else knows how.

In: a recipe's model section. Out: a causal LM with its tokenizer, in the precision asked for.
`nano` is the model inside the package; any other name is a hub id or a local folder. Only
safetensors are read, and no code of a model's own is ever run.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailkit import chat, recipe
from tailkit.errors import EnvironmentMissing, TailkitError, UsageError
from tailkit.nano import MODEL_DIR

NANO = "nano"


@dataclass
class Loaded:
    """A model with its tokenizer, and the ids that end and pad a sequence."""

    model: Any
    tokenizer: Any
    stop_id: int
    pad_id: int
    context: int

    @property
    def device(self) -> Any:
        return next(self.model.parameters()).device

    def prompt_ids(self, query: str) -> list[int]:
        """Token ids of the prompt of a query, the same in training and generation."""
        return self.tokenizer(chat.prompt(query), add_special_tokens=False)["input_ids"]

    def completion_ids(self, completion: str) -> list[int]:
        """Token ids of a completion, with the stop token at its end."""
        return [*self.tokenizer(completion, add_special_tokens=False)["input_ids"], self.stop_id]

    def text(self, ids: list[int]) -> str:
        """The completion that token ids spell, up to the stop token."""
        ids = ids[: ids.index(self.stop_id)] if self.stop_id in ids else ids
        return self.tokenizer.decode(ids, skip_special_tokens=False)


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


def load_base(spec: recipe.Model) -> Loaded:
    """Load a base model and its tokenizer.

    Raises `EnvironmentMissing` if the model cannot be had or this machine cannot run it, and
    `UsageError` if its tokenizer lacks the marks of the chat format.
    """
    quiet()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    source = _source(spec)
    options: dict[str, Any] = {"revision": spec.revision} if spec.revision else {}
    on_gpu = torch.cuda.is_available()
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False, **options)
        model = AutoModelForCausalLM.from_pretrained(
            source,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32 if spec.precision == "fp32" or not on_gpu else torch.bfloat16,
            quantization_config=_four_bits(on_gpu) if spec.precision == "nf4" else None,
            device_map={"": 0} if on_gpu else None,
            **options,
        )
    except (OSError, ValueError) as error:
        reason = str(error).split("\n")[0][:160]
        raise EnvironmentMissing(
            f"model {spec.name} cannot be loaded: {reason}", "Name a hub id or a folder with safetensors: model.name=…"
        ) from None
    # Greedy means greedy: a penalty that a model ships would be filled into our own settings.
    model.generation_config = GenerationConfig()
    if spec.precision == "bf16" and not on_gpu:
        model.bfloat16()
    for module in model.modules():
        # On CPUs with AVX512-BF16 the first evaluation would repack 4-bit weights and break training.
        if hasattr(module, "support_avx512bf16_for_cpu"):
            setattr(module, "support_avx512bf16_for_cpu", False)  # noqa: B010
    return _with_marks(model, tokenizer, spec.name)


def _source(spec: recipe.Model) -> str:
    import torch

    if spec.name == NANO:
        return str(MODEL_DIR)
    if not torch.cuda.is_available() and not Path(spec.name).is_dir():
        raise EnvironmentMissing(
            f"model {spec.name} needs a GPU, and there is none here",
            "Use --recipe nano, or name a folder with a small model: model.name=FOLDER.",
        )
    return spec.name


def _four_bits(on_gpu: bool) -> Any:
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if on_gpu else torch.float32,
    )


def _with_marks(model: Any, tokenizer: Any, name: str) -> Loaded:
    ids = {mark: tokenizer.convert_tokens_to_ids(mark) for mark in (chat.TURN, chat.STOP)}
    missing = [mark for mark, number in ids.items() if number in (None, tokenizer.unk_token_id)]
    if missing:
        raise UsageError(f"the tokenizer of {name} has no {missing[0]}", "Choose a model that knows ChatML.")
    pad = tokenizer.pad_token_id
    if pad is None or pad == ids[chat.STOP]:
        pad = tokenizer.convert_tokens_to_ids(chat.PAD)
    if pad is None or pad == ids[chat.STOP]:
        raise UsageError(f"the tokenizer of {name} has no padding token apart from the stop token")
    tokenizer.pad_token_id, tokenizer.padding_side = pad, "left"
    tokenizer.chat_template = chat.TEMPLATE
    return Loaded(model, tokenizer, ids[chat.STOP], pad, model.config.max_position_embeddings)


def has_fast_bf16() -> bool:
    """Whether this hardware multiplies bf16 matrices itself: a GPU, or a processor with AMX."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("amx_bf16"))


def add_adapter(loaded: Loaded, lora: recipe.Lora, seed: int) -> None:
    """Put a fresh LoRA adapter on all linear layers of the model, in place."""
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed

    set_seed(seed)
    if getattr(loaded.model, "is_loaded_in_4bit", False):
        loaded.model = prepare_model_for_kbit_training(loaded.model, use_gradient_checkpointing=_has_gpu())
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    loaded.model = get_peft_model(loaded.model, config)


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def save_adapter(loaded: Loaded, folder: Path, base: str) -> None:
    """Write the adapter as safetensors, whole or not at all; `base` is the base model's public name."""
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    for config in loaded.model.peft_config.values():
        config.base_model_name_or_path = base
    # The embeddings are never trained; looking whether they were would ask the model hub.
    loaded.model.save_pretrained(temporary, save_embedding_layers=False)
    loaded.tokenizer.save_pretrained(temporary)
    shutil.rmtree(folder, ignore_errors=True)
    temporary.replace(folder)


def load_adapter(loaded: Loaded, folder: Path, *, trainable: bool = False) -> None:
    """Put a saved adapter on the model, in place; raises `TailkitError` if it cannot be read."""
    from peft import PeftModel
    from safetensors import SafetensorError

    if not (folder / "adapter_model.safetensors").is_file():
        raise TailkitError(f"{folder} holds no adapter", "Train first: `tailkit run TASK`.")
    try:
        loaded.model = PeftModel.from_pretrained(loaded.model, folder, is_trainable=trainable)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        reason = str(error).split("\n")[0][:160]
        raise TailkitError(f"{folder} cannot be loaded: {reason}", "Delete it and train again.") from None
