"""The two ways to load a base model: Unsloth, or transformers with bitsandbytes.

In: a recipe's model section. Out: a causal LM, to train with a fresh LoRA adapter or to run.
Unsloth replaces parts of transformers, PEFT and TRL when it is imported, and must come before
them: `choose` imports it, so it is called before anything else of the stack. It only ever
trains; what it trained is run by plain transformers and PEFT, in a process of its own.
"""

import importlib.metadata
import importlib.util
import logging
import os
import sys
from collections.abc import Iterable
from typing import Any

from tailkit import recipe
from tailkit.errors import EnvironmentMissing
from tailkit.models.source import cache, locate, refused
from tailkit.screen import note

UNSLOTH, HF = "unsloth", "hf"
INSTALL = "pip install 'tailkit[gpu]', or take model.backend=hf."


def choose(spec: recipe.Model) -> str:
    """The backend that trains this model, imported: "unsloth" or "hf".

    Raises `EnvironmentMissing` if the recipe asks for Unsloth and it cannot be used. Where the
    recipe leaves the choice, that is a note and transformers takes over.
    """
    if spec.backend == HF or (spec.backend == "auto" and (spec.precision == "fp32" or not _gpu_driver())):
        return HF
    reason = _unusable()
    if reason is None:
        return UNSLOTH
    if spec.backend == UNSLOTH:
        raise EnvironmentMissing(f"Unsloth cannot be used: {reason}", INSTALL)
    note(f"training without Unsloth's kernels: {reason}; {INSTALL}")
    return HF


def _gpu_driver() -> bool:
    """Whether there may be a GPU, told without importing torch, which Unsloth wants to import itself."""
    return any(os.path.exists(path) for path in ("/dev/nvidia0", "/dev/dxg"))


def _unusable() -> str | None:
    """Why Unsloth cannot be used; None once it is imported."""
    if importlib.util.find_spec("unsloth") is None:
        return "it is not installed"
    missing = wrong_version()
    if missing:
        return missing
    assert "unsloth" in sys.modules or not {"trl", "peft"} & sys.modules.keys(), "Unsloth must be imported first"
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")
    os.environ.setdefault("UNSLOTH_COMPILE_LOCATION", str(cache() / "unsloth"))
    try:
        import unsloth  # noqa: F401
    except (ImportError, NotImplementedError, RuntimeError) as error:
        return str(error).strip().split("\n")[0][:160]
    return None


def wrong_version() -> str | None:
    """What is wrong with the installed version of Unsloth or its zoo, against the tested one."""
    from packaging.requirements import Requirement

    for line in sorted(importlib.metadata.requires("tailkit") or [], key=len):
        requirement = Requirement(line)
        if not requirement.name.startswith("unsloth"):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            return f"{requirement.name} is not installed"
        if not requirement.specifier.contains(version):
            return f"{requirement.name} is {version}, tested is {requirement.specifier}"
    return None


def load_unsloth(spec: recipe.Model, longest: int) -> Any:
    """A base model with Unsloth's kernels, for rows of up to `longest` tokens."""
    import torch
    from unsloth import FastLanguageModel

    source = locate(spec)
    try:
        model, _ = FastLanguageModel.from_pretrained(
            source.path,
            max_seq_length=longest,
            dtype=torch.float32 if spec.precision == "fp32" else None,
            load_in_4bit=spec.precision == "nf4",
            use_gradient_checkpointing="unsloth",
            # Without this a hub name becomes that of another, quantised copy.
            use_exact_model_name=True,
            trust_remote_code=False,
            **source.options,
        )
    except (OSError, ValueError, RuntimeError) as error:
        if "out of memory" in str(error).lower():
            raise
        raise refused(spec, error) from None
    return model


def load_hf(spec: recipe.Model) -> Any:
    """A base model through transformers, quantised by bitsandbytes where the recipe says nf4."""
    import torch
    from transformers import AutoModelForCausalLM

    source, on_gpu = locate(spec), torch.cuda.is_available()
    try:
        model = AutoModelForCausalLM.from_pretrained(
            source.path,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32 if spec.precision == "fp32" or not on_gpu else torch.bfloat16,
            quantization_config=four_bits(on_gpu) if spec.precision == "nf4" else None,
            device_map={"": torch.cuda.current_device()} if on_gpu else None,
            **source.options,
        )
    except (OSError, ValueError, KeyError) as error:
        raise refused(spec, error) from None
    if spec.precision == "bf16" and not on_gpu:
        model.bfloat16()
    return model


def four_bits(on_gpu: bool) -> Any:
    """bitsandbytes' NF4 with double quantisation, as in QLoRA."""
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if on_gpu else torch.float32,
    )


def linear_layers(model: Any) -> list[str]:
    """The names of the linear layers that get an adapter: all but the output layer."""
    import torch

    head = model.get_output_embeddings()
    names: Iterable[str] = (
        name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear) and module is not head
    )
    return sorted({name.rpartition(".")[2] for name in names})


def add_lora(model: Any, lora: recipe.Lora, seed: int, backend: str) -> Any:
    """The model with a fresh LoRA adapter on all linear layers, ready to train."""
    from transformers import set_seed

    set_seed(seed)
    if backend == UNSLOTH:
        from unsloth import FastLanguageModel

        return FastLanguageModel.get_peft_model(
            model,
            r=lora.rank,
            lora_alpha=lora.alpha,
            lora_dropout=lora.dropout,
            target_modules=linear_layers(model),
            bias="none",
            use_gradient_checkpointing="unsloth",
            random_state=seed,
        )
    from peft import LoraConfig, get_peft_model

    # PEFT's preparation for 4 bits is left out: it turns embeddings and output layer into fp32, which
    # takes 2.2 GB with Qwen2.5-7B. TRL does the rest of it: input gradients, checkpointing.
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=linear_layers(model),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)
