"""Fine-tuning: LoRA or QLoRA through TRL's SFTTrainer, resumable at every checkpoint.

In: the run's `data/train.parquet` and recipe. Out: `adapter/`, `train.jsonl` with the metrics.
Rows go in as `input_ids` and `labels`; the prompt is masked by its token length. Before the
first step every row is checked; nothing is ever cut.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailkit.errors import DoesNotFit, Interrupted, TailkitError
from tailkit.models import Loaded, add_adapter, has_fast_bf16, load_adapter, load_base, save_adapter
from tailkit.records import Example
from tailkit.rundir import RunDir, append_lines, clear, json_line, read_lines, writing
from tailkit.screen import Bar, note

IGNORED = -100
LOG_EVERY = 10
# The trainer writes the last of these last.
CHECKPOINT_FILES = ("adapter_model.safetensors", "optimizer.pt", "scheduler.pt", "trainer_state.json")


@dataclass(frozen=True)
class Preflight:
    """What the check before step 1 found: rows, tokens and the longest row."""

    rows: int
    tokens: int
    trained_tokens: int
    longest: int


def encode(loaded: Loaded, example: Example) -> dict[str, list[int]]:
    """One row: `input_ids` of prompt, completion and stop token; `labels` with the prompt masked."""
    prompt, completion = loaded.prompt_ids(example.query), loaded.completion_ids(example.completion)
    return {"input_ids": prompt + completion, "labels": [IGNORED] * len(prompt) + completion}


def preflight(loaded: Loaded, rows: list[dict[str, list[int]]]) -> Preflight:
    """Check every row; raises `DoesNotFit` for a row longer than the context, `TailkitError` otherwise."""
    if not rows:
        raise TailkitError("the training set is empty", "Raise data.train.")
    if loaded.stop_id == loaded.pad_id:
        raise TailkitError("stop token and padding token are the same", "The model would never learn to stop.")
    for number, row in enumerate(rows):
        if len(row["input_ids"]) > loaded.context:
            raise DoesNotFit(
                f"training row {number} has {len(row['input_ids']):,} tokens, the model takes {loaded.context:,}",
                "Lower the range (data.ranges) or choose a model with a longer context.",
            )
        if row["labels"][-1] != loaded.stop_id or len(row["labels"]) != len(row["input_ids"]):
            raise TailkitError(f"training row {number} does not end on a trained stop token")
    lengths = [len(row["input_ids"]) for row in rows]
    trained = sum(label != IGNORED for row in rows for label in row["labels"])
    return Preflight(len(rows), sum(lengths), trained, max(lengths))


def show_row(loaded: Loaded, row: dict[str, list[int]]) -> str:
    """A training row as text: what is masked and what is trained, told apart."""
    first = next(i for i, label in enumerate(row["labels"]) if label != IGNORED)
    masked = loaded.tokenizer.decode(row["input_ids"][:first])
    trained = loaded.tokenizer.decode(row["input_ids"][first:])
    mark = "\n  masked  | ", "\n  trained | "
    return "first training row:" + mark[0] + masked.replace("\n", mark[0]) + mark[1] + trained.replace("\n", mark[1])


def train(run: RunDir, examples: list[Example]) -> None:
    """Fine-tune the run's base model on examples and write the adapter.

    Goes on from the last checkpoint if there is one. Raises `Interrupted` after a Ctrl-C, with
    a checkpoint written.
    """
    loaded = load_base(run.recipe.model)
    rows = [encode(loaded, example) for example in examples]
    check = preflight(loaded, rows)
    note(show_row(loaded, rows[0]))
    note(
        f"training on {check.rows:,} rows, {check.tokens:,} tokens ({check.trained_tokens:,} trained), "
        f"longest row {check.longest:,}; base model {run.recipe.model.name}, {run.recipe.model.precision}"
    )
    checkpoint = last_checkpoint(run.checkpoints)
    add_adapter(loaded, run.recipe.lora, run.recipe.train.seed)
    trainer, watch = _trainer(run, loaded, rows, check)
    if checkpoint is not None:
        note(f"going on from step {_step_of(checkpoint)} of {watch.steps}")
    if checkpoint is not None and _step_of(checkpoint) >= watch.steps:
        # Resuming a finished run would take one step more.
        loaded.model = loaded.model.unload()
        load_adapter(loaded, checkpoint)
    else:
        _keep_metrics_until(run.metrics, _step_of(checkpoint) if checkpoint else 0)
        with _asking_to_stop(watch.stop), watch.bar(checkpoint):
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        if watch.stopped and trainer.state.global_step < watch.steps:
            raise Interrupted(
                f"stopped at step {trainer.state.global_step} of {watch.steps}; a checkpoint is written",
                "The same command goes on from there.",
            )
    save_adapter(loaded, run.adapter, run.recipe.model.name)


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint; ones that a kill left unfinished are removed."""
    found = sorted(folder.glob("checkpoint-*"), key=_step_of)
    for path in reversed(found):
        if all((path / name).is_file() for name in CHECKPOINT_FILES):
            return path
        clear(path)
    return None


def _step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("checkpoint-"))


def _keep_metrics_until(path: Path, step: int) -> None:
    """Drop the metrics of steps that are going to be made again."""
    kept = [row for row in read_lines(path) if row["step"] <= step]
    with writing(path) as file:
        file.writelines(map(json_line, kept))


def _trainer(run: RunDir, loaded: Loaded, rows: list[dict[str, list[int]]], check: Preflight) -> tuple[Any, Any]:
    """The SFTTrainer of a run and the callback that watches it."""
    from datasets import Dataset
    from transformers import PrinterCallback
    from trl import SFTTrainer

    class Trainer(SFTTrainer):
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return _sampler(self.train_dataset, self.args)

    trainer = Trainer(
        model=loaded.model,
        args=_config(run, check),
        train_dataset=Dataset.from_list(rows),
        processing_class=loaded.tokenizer,
    )
    for parameter in loaded.model.parameters():
        # TRL casts the adapter of a 4-bit model to bf16; AdamW needs its master weights in fp32.
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    trainer.remove_callback(PrinterCallback)
    watch = _watch(run.metrics, _steps(trainer))
    trainer.add_callback(watch)
    return trainer, watch


def _config(run: RunDir, check: Preflight) -> Any:
    import torch
    from trl import SFTConfig

    plan, on_gpu = run.recipe.train, torch.cuda.is_available()
    micro = min(plan.micro_batch, plan.batch)
    return SFTConfig(
        output_dir=str(run.checkpoints),
        num_train_epochs=plan.epochs,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=plan.batch // micro,
        learning_rate=plan.learning_rate,
        lr_scheduler_type=plan.schedule,
        warmup_steps=plan.warmup,
        weight_decay=plan.weight_decay,
        packing=plan.packing,
        # The longest row decides: nothing is cut.
        max_length=check.longest,
        include_num_input_tokens_seen="non_padding",
        gradient_checkpointing=on_gpu,
        bf16=plan.autocast == "bf16" or (plan.autocast == "auto" and has_fast_bf16()),
        use_cpu=not on_gpu,
        logging_steps=max(1, min(LOG_EVERY, int(plan.epochs * check.rows / plan.batch) // 10)),
        logging_first_step=True,
        save_steps=plan.save_every,
        save_total_limit=2,
        seed=plan.seed,
        data_seed=plan.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=on_gpu,
    )


def _sampler(dataset: Any, args: Any) -> Any:
    """Rows of alike length together, in an order that follows from (seed, epoch) alone.

    Trainer's own length sampler draws from the global stream, so that a resumed second epoch
    would repeat the order of the first.
    """
    import torch
    from torch.utils.data import Sampler
    from transformers.trainer_pt_utils import get_length_grouped_indices

    class ByLength(Sampler):
        epoch = 0

        def set_epoch(self, epoch: int) -> None:
            self.epoch = epoch

        def __len__(self) -> int:
            return len(dataset)

        def __iter__(self) -> Iterator[int]:
            generator = torch.Generator().manual_seed(1_000_003 * args.data_seed + self.epoch)
            rows = args.train_batch_size * args.gradient_accumulation_steps
            yield from get_length_grouped_indices(lengths, rows, generator=generator)

    lengths = [len(ids) for ids in dataset["input_ids"]]
    return ByLength()


def _steps(trainer: Any) -> int:
    """Optimizer steps of the whole training."""
    import math

    args = trainer.args
    batches = math.ceil(len(trainer.train_dataset) / args.per_device_train_batch_size)
    per_epoch = math.ceil(batches / args.gradient_accumulation_steps)
    return math.ceil(args.num_train_epochs * per_epoch)


def _watch(metrics: Path, steps: int) -> Any:
    """A trainer callback that writes metrics, moves the bar and stops on request."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        stopped = False

        def __init__(self) -> None:
            self.steps = steps
            self._bar: Bar | None = None
            self._tokens, self._time = 0, time.monotonic()

        @contextmanager
        def bar(self, checkpoint: Path | None) -> Iterator[None]:
            with Bar("train", steps, "steps", done=_step_of(checkpoint) if checkpoint else 0) as self._bar:
                yield

        def stop(self) -> None:
            self.stopped = True

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self._tokens, self._time = state.num_input_tokens_seen, time.monotonic()

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if not logs or "loss" not in logs:
                return
            now = time.monotonic()
            rate = (state.num_input_tokens_seen - self._tokens) / max(now - self._time, 1e-9)
            self._tokens, self._time = state.num_input_tokens_seen, now
            row = {"step": state.global_step, "loss": logs["loss"], "learning_rate": logs["learning_rate"]}
            append_lines(
                metrics, [{**row, "tokens": int(state.num_input_tokens_seen), "tokens_per_second": round(rate)}]
            )
            if self._bar is not None:
                self._bar.update(state.global_step, loss=f"{logs['loss']:.4f}", tokens=f"{rate:,.0f}/s")

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
            if self.stopped:
                control.should_save = control.should_training_stop = True
            return control

    return Watch()


@contextmanager
def _asking_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C (or SIGTERM) asks for a checkpoint after the current step; the second ends at once."""

    def handle(number: int, frame: Any) -> None:
        for one, before in previous.items():
            signal.signal(one, before)
        note("stopping after this step; press Ctrl-C again to stop at once")
        stop()

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in previous:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)
