"""The backend unsloth: its kernels for transformers, PEFT and TRL.

In: a recipe's model section. Out: a causal LM to train with a fresh LoRA adapter.
Unsloth replaces parts of transformers, PEFT and TRL when it is imported, and must come before
them: `unusable` imports it, so it is called before anything else of the stack. It only ever
trains; what it trained is run by plain transformers and PEFT, in a process of its own.
"""

import importlib.metadata
import importlib.util
import logging
import os
import sys
from typing import Any

from tailkit import recipe
from tailkit.errors import EnvironmentMissing
from tailkit.models.hf import linear_layers
from tailkit.models.origin import cache, have, refused


class Unsloth:
    """A `Backend`."""

    name = "unsloth"
    title = "Unsloth"
    install = "pip install 'tailkit[gpu]', or take model.backend=hf."
    alone = fused = row_by_row = True

    def suits(self, spec: recipe.Model, *, on_gpu: bool) -> bool:
        return on_gpu and spec.precision != "fp32"

    def packs(self, *, on_gpu: bool) -> bool:
        return on_gpu

    def trained_with(self, *, on_gpu: bool) -> dict[str, Any]:
        # Its own loss, which works in chunks too, stands in a forward that TRL's chunked one never calls. Its
        # checkpoints go to the CPU's memory in a re-entrant pass only.
        loss = "nll" if on_gpu else "chunked_nll"
        return {
            "loss_type": loss,
            "gradient_checkpointing_kwargs": {"use_reentrant": True},
            # Here 1 means in this process, and None as many as there are cores, which would pack other groups.
            "dataset_num_proc": 1,
        }

    def unusable(self) -> str | None:
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

    def load(self, spec: recipe.Model, longest: int) -> Any:
        import torch
        from unsloth import FastLanguageModel

        source = have(spec)
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
        if spec.precision == "nf4" and not getattr(model, "is_loaded_in_4bit", False):
            # It says so among much else, and goes on in 16 bits, which takes three times the memory.
            raise EnvironmentMissing(
                "Unsloth loads no model in 4 bits here: bitsandbytes does not work with this CUDA",
                "`tailkit doctor` tries it out and names the repair; model.precision=bf16 does without.",
            )
        return model

    def add_lora(self, model: Any, lora: recipe.Lora, seed: int) -> Any:
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
