"""The backend hf: transformers and PEFT, with bitsandbytes where the recipe says nf4. It also runs all evaluation.

In: a recipe's model section. Out: a causal LM, to train with a fresh LoRA adapter or to run.
"""

from collections.abc import Iterable
from typing import Any

from tailkit import recipe
from tailkit.errors import UsageError
from tailkit.models.origin import have, refused
from tailkit.models.precision import computed_in


class Transformers:
    """A `Backend`."""

    name = "hf"
    title = "transformers"
    install = "Install tailkit again."
    alone = fused = row_by_row = False

    def suits(self, spec: recipe.Model, *, on_gpu: bool) -> bool:
        return True

    def packs(self, *, on_gpu: bool) -> bool:
        return True

    def trained_with(self, *, on_gpu: bool) -> dict[str, Any]:
        return {
            "loss_type": "chunked_nll",
            "gradient_checkpointing_kwargs": {"use_reentrant": False},
            # With 1, datasets starts a pool and a server, which outlive a killed training.
            "dataset_num_proc": None,
        }

    def unusable(self) -> str | None:
        return None

    def load(self, spec: recipe.Model, longest: int) -> Any:
        return load_hf(spec)

    def add_lora(self, model: Any, lora: recipe.Lora, seed: int) -> Any:
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


def load_hf(spec: recipe.Model) -> Any:
    """A base model through transformers, quantised by bitsandbytes where the recipe says nf4."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    source, on_gpu = have(spec), torch.cuda.is_available()
    try:
        config = AutoConfig.from_pretrained(source.path, trust_remote_code=False, **source.options)
        quantised = _quantised(config, spec)
        model = AutoModelForCausalLM.from_pretrained(
            source.path,
            config=config,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=computed_in(spec.precision),
            quantization_config=four_bits() if spec.precision == "nf4" and not quantised else None,
            device_map={"": torch.cuda.current_device()} if on_gpu else None,
            **source.options,
        )
    except (OSError, ValueError, KeyError) as error:
        raise refused(spec, error) from None
    if spec.precision == "bf16" and not on_gpu:
        model.bfloat16()
    return model


def _quantised(config: Any, spec: recipe.Model) -> bool:
    """Whether the weights are in 4 bits already; then they are computed with in what this hardware computes in."""
    made: dict[str, Any] | None = getattr(config, "quantization_config", None)
    if not made:
        return False
    if not (spec.precision == "nf4" and made.get("load_in_4bit")):
        raise UsageError(f"model {spec.name} is quantised already", "Only NF4 is read, as model.precision=nf4.")
    made["bnb_4bit_compute_dtype"] = str(computed_in("nf4")).removeprefix("torch.")
    return True


def four_bits() -> Any:
    """bitsandbytes' NF4 with double quantisation, as in QLoRA."""
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=computed_in("nf4"),
    )


def linear_layers(model: Any) -> list[str]:
    """The names of the linear layers that get an adapter: all but the output layer."""
    import torch

    head = model.get_output_embeddings()
    names: Iterable[str] = (
        name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear) and module is not head
    )
    return sorted({name.rpartition(".")[2] for name in names})
