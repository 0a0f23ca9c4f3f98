"""One training step of a small random model, taken as a real one is: what `tailkit doctor` tries out.

In: a backend's name. Out: the loss, and how far the adapter moved. It has the layers of Qwen2 and a Qwen2's way
through the libraries; the bundled model would take another.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tailkit import models, recipe, tasks
from tailkit.arithmetic.steps import Lengths, sizes
from tailkit.models import Codec, Loaded
from tailkit.nano import MODEL_DIR
from tailkit.records import Example
from tailkit.run.folder import RunDir
from tailkit.train import trainer as training
from tailkit.train.labelled import TrainingRow, encode


def step(backend: str = "unsloth") -> tuple[float, float]:
    """One step on two rows, packed into one where the backend packs, in NF4: (loss in nats, largest change).

    Raises `EnvironmentMissing` where the backend cannot be used.
    """
    import torch

    spec = recipe.Model(name=recipe.NANO, precision="nf4", backend=backend)
    # Before anything else that loads transformers: Unsloth has to come first.
    through = models.choose(spec)
    models.quiet()
    with TemporaryDirectory() as folder:
        small, run = Path(folder, "model"), Path(folder, "run")
        _make(small)
        over = [f"model.name={small}", "model.revision=null", f"model.backend={backend}", "train.batch=2",
                "train.learning_rate=1e-3", "train.warmup=0", "lora.rank=8"]  # fmt: skip
        made = RunDir.create(run, tasks.names()[0], recipe.load("hobby", over, task=None))
        codec = models.load_codec(made.recipe.model)
        rows = _rows(codec)
        # One row has room for both.
        lengths = [len(row["input_ids"]) for row in rows]
        planned = sizes(
            made.recipe.train,
            Lengths(lengths, len(rows), sum(lengths)),
            can_pack=through.packs(on_gpu=torch.cuda.is_available()),
        )
        loaded = models.load_base(made.recipe.model, codec, through=through, longest=planned.length)
        models.add_adapter(loaded, made.recipe.lora, seed=0)
        trainer, _ = training.build(made, loaded, rows, planned)
        before = [weight.detach().clone() for weight in _trained(loaded)]
        loss = trainer.train().training_loss
        moved = [(now.detach() - old).abs().max() for now, old in zip(_trained(loaded), before, strict=True)]
        # torch's max passes NaN on; Python's does not.
        return float(loss), float(torch.stack(moved).max())


def _make(folder: Path) -> None:
    """Write a Qwen2 of two blocks, with random weights and the bundled tokenizer."""
    from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM, set_seed

    set_seed(0)
    config = Qwen2Config(
        hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=264, max_position_embeddings=1024, tie_word_embeddings=False,
    )  # fmt: skip
    Qwen2ForCausalLM(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(MODEL_DIR).save_pretrained(folder)


def _rows(codec: Codec) -> list[TrainingRow]:
    texts = [("1+1?", "2"), ("12+3?", "15")]
    blank = Example(
        task="", paradigm="", task_version=1, range="S", n=1, split="train", variant="", key="", query="",
        completion="", answer="", problem="{}",
    )  # fmt: skip
    return [encode(codec, blank._replace(key=one, query=one, completion=two)) for one, two in texts]


def _trained(loaded: Loaded) -> list[Any]:
    return [weight for weight in loaded.model.parameters() if weight.requires_grad]
