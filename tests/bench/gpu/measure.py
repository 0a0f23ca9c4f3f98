"""What one piece of the GPU bench measures, in this very process.

In: a piece, the model's folder. Out: figures as a dictionary for a line of JSON.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.gpu.model import counted
from tests.bench.gpu.pieces import DECODED_ROWS, STEPS, Piece

WARM_UP = 3
Figures = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """What a piece is measured on: the folder of the model, and how many rows are decoded."""

    model: Path
    rows: int = DECODED_ROWS


def cap(gibibytes: float) -> None:
    """Leave this process only so much of the GPU's memory; 0: all."""
    import torch

    if gibibytes and torch.cuda.is_available():
        share = gibibytes * 2**30 / torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, share))


def memory() -> Figures:
    """Peak memory in GiB: as the allocator reserved it, with what CUDA itself takes; nothing on a CPU."""
    import torch

    if not torch.cuda.is_available():
        return {}
    free, total = torch.cuda.mem_get_info()
    # Of this process, as long as no other one is on the card.
    context = total - free - torch.cuda.memory_reserved()
    peak = torch.cuda.max_memory_reserved() + context
    return {"peak_gib": round(peak / 2**30, 2), "allocated_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2)}


def recipe_of(setting: Setting, piece: Piece) -> Any:
    """The hobby recipe on the random model, with as many rows a step as its tokens hold."""
    from tailkit import recipe

    step = max(piece.step, 2 * piece.length)
    over = [f"model.name={setting.model}", "model.revision=null", f"model.backend={piece.backend}", "data.eval=1",
            f"train.batch={max(1, step // piece.length)}", f"train.micro_tokens={step // 2}",
            f"train.packing={str(piece.packed).lower()}", f"train.optim={piece.optim}"]  # fmt: skip
    return recipe.load("hobby", over, task=None)


def examples(length: int, count: int) -> list[Any]:
    """Rows of `length` tokens: one token is one byte of nano's tokenizer."""
    from tailkit.models.chatml import STOP, TURN, ChatML
    from tailkit.records import Example

    rng, query = Random(length), "?"
    # The three marks of the chat format are one token each.
    room = length - len(ChatML().prompt(query).replace(TURN, "1").replace(STOP, "1")) - 1
    texts = ["".join(rng.choices("0123456789>:", k=room)) for _ in range(count)]
    return [Example("addition", "", 1, "S", 1, "train", "tail", text, query, text, "", "{}") for text in texts]


def trained(setting: Setting, piece: Piece) -> Figures:
    """QLoRA through tailkit's own `train`: the rate of the steps after the warm-up, and memory beside the plan's."""
    from tailkit import train
    from tailkit.records import Metric
    from tailkit.run import lines
    from tailkit.run.folder import RunDir
    from tailkit.train import trainer as training

    chosen = recipe_of(setting, piece)
    built: list[Any] = []
    build = training.build

    def watched(*args: Any) -> Any:
        built[:] = build(*args)
        return built

    training.build = watched  # type: ignore[assignment]
    with TemporaryDirectory() as folder:
        run = RunDir.create(Path(folder, "run"), "addition", chosen)
        rows = examples(piece.length, STEPS * chosen.train.batch)
        train.train(run, rows, {"S": rows[:2]})
        steps = lines.read(run.metrics, Metric)
    rates = [row.tokens_per_second for row in steps[WARM_UP:]]
    trainer = built[0]
    return {
        "tokens_per_second": round(sum(rates) / len(rates)),
        **memory(),
        "predicted_gib": predicted(chosen, piece),
        "loss": steps[-1].loss,
        "trainer": type(trainer).__mro__[1].__name__,
        "optimizer": named(trainer.optimizer.optimizer),
    }


def predicted(chosen: Any, piece: Piece) -> tuple[float, float]:
    """What `tailkit plan` predicts for the peak, in GiB."""
    from tailkit import hardware

    rows = chosen.model_copy(update={"data": chosen.data.model_copy(update={"train": STEPS * chosen.train.batch})})
    return hardware.predicted_peak(rows, piece.length)


def scripted(setting: Setting, piece: Piece) -> Figures:
    """The same rows through a plain TRL + PEFT + bitsandbytes script, as one finds it in tutorials."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from tailkit.models import load_codec
    from tailkit.train.labelled import encode

    chosen, on_gpu = recipe_of(setting, piece), torch.cuda.is_available()
    codec = load_codec(chosen.model)
    rows = [encode(codec, example) for example in examples(piece.length, STEPS * chosen.train.batch)]
    quantised = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_pretrained(setting.model, quantization_config=quantised, dtype=torch.bfloat16,
                                                 device_map={"": 0} if on_gpu else None)  # fmt: skip
    times: list[float] = []

    class Clock(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            times.append(time.perf_counter())

    micro = min(chosen.train.batch, max(1, piece.step // 2 // piece.length))
    with TemporaryDirectory() as folder:
        trainer = SFTTrainer(
            model=model,
            args=SFTConfig(
                output_dir=folder, per_device_train_batch_size=micro, max_length=piece.length,
                gradient_accumulation_steps=chosen.train.batch // micro, gradient_checkpointing=True, bf16=on_gpu,
                use_cpu=not on_gpu, num_train_epochs=1, save_strategy="no", report_to="none", disable_tqdm=True,
            ),
            train_dataset=Dataset.from_list(rows),
            peft_config=LoraConfig(r=chosen.lora.rank, lora_alpha=chosen.lora.alpha, target_modules="all-linear",
                                   task_type="CAUSAL_LM"),
            callbacks=[Clock()],
        )  # fmt: skip
        trainer.train()
    tokens = chosen.train.batch * piece.length * (len(times) - WARM_UP)
    return {"tokens_per_second": round(tokens / (times[-1] - times[WARM_UP - 1])), **memory()}


@dataclass(frozen=True)
class Ids:
    """Stands for a codec where rows are ids already."""

    tokenizer: Any
    stop_id: int
    pad_id: int
    context: int
    packs: bool = True

    def text(self, ids: list[int]) -> str:
        return " ".join(map(str, ids))


def decoded(setting: Setting, piece: Piece) -> Figures:
    """Tokens a second of decoding rows whose output is known; `right`: how many of them came out as they should."""
    from tailkit import models
    from tailkit.decode.grouped import keep_groups
    from tailkit.decode.plain import Plain
    from tailkit.decode.protocol import Job
    from tailkit.decode.rows import Row
    from tailkit.decode.verified import Verified
    from tailkit.records import Generation

    loaded = models.load_base(recipe_of(setting, piece).model)
    loaded.model.eval()
    keep_groups(loaded.model)
    codec = loaded.codec
    loaded.codec = Ids(codec.tokenizer, codec.stop_id, codec.pad_id, codec.context)  # type: ignore[assignment]
    gold = counted(loaded.model.config.vocab_size, piece.length)
    rng, rows = Random(0), []
    for index in range(setting.rows):
        draft = list(gold)
        if index >= round((piece.share or 0) / 100 * setting.rows):
            draft[rng.randrange(len(draft) - 1)] = 65
        rows.append(Row(index, [*[codec.pad_id + 1] * (index % 4), gold[0] - 1], draft, piece.length + 8))
    job = Job(loaded, "S", 128, "nf4")
    run: Callable[..., None] = Plain(job).decode if piece.share is None else Verified(job).decode
    done: list[Generation] = []
    begun = time.perf_counter()
    run(rows, done.extend)
    seconds = time.perf_counter() - begun
    right = sum(one.text == loaded.codec.text(gold) for one in done)
    rate = round(len(done) * len(gold) / seconds)
    return {"tokens_per_second": rate, "rows": len(done), "right": right, **memory()}


def attended(setting: Setting, piece: Piece) -> Figures:
    """How much faster the attention of evaluation is than transformers' own."""
    from tests.bench.decoding import heads_of_the_cache

    return {"said": heads_of_the_cache(min(setting.rows, 96), piece.length)}


MEASURES: dict[str, Callable[[Setting, Piece], Figures]] = {
    "tailkit": trained, "script": scripted, "decoding": decoded, "attention": attended,
}  # fmt: skip


def named(optimizer: Any) -> str:
    """An optimizer's class, and the bits of its moments, by which those of bitsandbytes differ in nothing else."""
    bits = getattr(getattr(optimizer, "args", None), "optim_bits", 32)
    return type(optimizer).__name__ + (f"{bits}bit" if bits != 32 else "")
