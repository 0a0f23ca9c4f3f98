"""TRL's SFTTrainer, set up for a run, and the callback that watches it.

In: a model with a fresh adapter, rows, sizes. Out: a trainer whose steps follow from the recipe alone,
however many processes share them.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tailkit import recipe
from tailkit.arithmetic.memory import CHECKPOINTS
from tailkit.arithmetic.steps import Sizes, divisor
from tailkit.models import Loaded, autocast_of
from tailkit.records import Metric
from tailkit.run import lines
from tailkit.run.folder import RunDir
from tailkit.run.start import heeded
from tailkit.screen import Bar, note
from tailkit.train import ranks
from tailkit.train.checkpoints import seal
from tailkit.train.labelled import IGNORED, TrainingRow
from tailkit.train.loss import train_where_labelled

LOG_EVERY = 10
TWICE = 1.0
"""Seconds within which two signals are one request."""


def build(run: RunDir, loaded: Loaded, rows: list[TrainingRow], sizes: Sizes) -> tuple[Any, Any]:
    """The SFTTrainer of a run and the callback that watches it."""
    import torch
    from datasets import Dataset
    from transformers import PrinterCallback
    from transformers import Trainer as PlainTrainer
    from trl import SFTTrainer

    class Trainer(SFTTrainer):
        lean = False

        def compute_loss(self, *given: Any, **more: Any) -> Any:
            # TRL's own reads figures off the logits.
            if self.lean:
                return PlainTrainer.compute_loss(self, *given, **more)
            return super().compute_loss(*given, **more)

        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return order

    trainer: Any = Trainer(
        model=loaded.model,
        args=_config(run, loaded, sizes),
        train_dataset=Dataset.from_list(rows),
        processing_class=loaded.codec.tokenizer,
    )
    trainer.lean = not torch.cuda.is_available() and train_where_labelled(loaded)
    for parameter in loaded.model.parameters():
        # TRL casts the adapter of a 4-bit model to bf16; AdamW needs its master weights in fp32.
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    order = sampler(trainer.train_dataset, trainer.args, by_length=not sizes.packed)
    if len(order) > len(trainer.train_dataset):
        trainer.train_dataset = _with_blank(trainer.train_dataset)
    trainer.remove_callback(PrinterCallback)
    watch = _watch(run.metrics, order, sizes, sizes.steps(run.recipe.train.epochs))
    trainer.add_callback(watch)
    return trainer, watch


def _config(run: RunDir, loaded: Loaded, sizes: Sizes) -> Any:
    import torch
    from trl import SFTConfig

    settings, on_gpu = run.recipe.train, torch.cuda.is_available()
    config = SFTConfig(
        output_dir=str(run.checkpoints),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=sizes.micro,
        gradient_accumulation_steps=sizes.passes,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=settings.warmup,
        weight_decay=settings.weight_decay,
        # Unsloth has other defaults than transformers for what is the same in both here.
        optim=settings.optim,
        logging_nan_inf_filter=True,
        torch_empty_cache_steps=None,
        padding_free=False,
        **loaded.backend.trained_with(on_gpu=on_gpu),
        packing=sizes.packed,
        packing_strategy="bfd",
        # The longest row decides: nothing is cut.
        max_length=sizes.length,
        include_num_input_tokens_seen="non_padding",
        gradient_checkpointing=on_gpu,
        bf16=autocast_of(settings) == "bf16",
        fp16=autocast_of(settings) == "fp16",
        use_cpu=not on_gpu,
        logging_steps=_log_every(settings, sizes),
        logging_first_step=True,
        save_steps=settings.save_every,
        save_total_limit=CHECKPOINTS,
        seed=settings.seed,
        data_seed=settings.seed,
        report_to=settings.report_to,
        disable_tqdm=True,
        dataloader_pin_memory=on_gpu,
        # Every weight of the adapter is in every pass, and no buffer ever changes.
        ddp_find_unused_parameters=False,
        ddp_broadcast_buffers=False,
        log_level_replica="error",
    )
    # A process has one GPU: with the others that it sees, Trainer would make the step larger.
    config._n_gpu = min(1, config.n_gpu)
    return config


def _log_every(settings: recipe.Train, sizes: Sizes) -> int:
    """Steps between two lines of metrics: they divide those between checkpoints; a resumed run then logs the same."""
    return divisor(settings.save_every, max(1, min(LOG_EVERY, sizes.steps(settings.epochs) // 10)))


def sampler(dataset: Any, args: Any, *, by_length: bool) -> Any:
    """An order of rows that follows from (seed, epoch) alone; `by_length` puts rows of alike length together.

    Trainer's own length sampler draws from the global stream, so that a resumed second epoch
    would repeat the order of the first. Several processes take their passes from the order in turn,
    so that a step has the rows that it has with one. For the last pass of an epoch the number after
    the last row fills up what is missing; accelerate would take rows a second time.
    """
    import torch
    from torch.utils.data import Sampler
    from transformers.trainer_pt_utils import get_length_grouped_indices

    at_once = args.train_batch_size * ranks.count()
    rows, lengths = len(dataset), [len(ids) for ids in dataset["input_ids"]] if by_length else []
    missing = -rows % at_once if ranks.count() > 1 else 0

    class Ordered(Sampler[int]):
        epoch = 0

        def set_epoch(self, epoch: int) -> None:
            self.epoch = epoch

        def __len__(self) -> int:
            return rows + missing

        def __iter__(self) -> Iterator[int]:
            generator = torch.Generator().manual_seed(1_000_003 * args.data_seed + self.epoch)
            if by_length:
                step = at_once * args.gradient_accumulation_steps
                yield from get_length_grouped_indices(lengths, step, generator=generator)
            else:
                yield from torch.randperm(rows, generator=generator).tolist()
            yield from [rows] * missing

    return Ordered()


def _with_blank(dataset: Any) -> Any:
    """The rows, and after them a short one that trains nothing."""
    from datasets import Dataset, concatenate_datasets

    blank = {"input_ids": dataset[0]["input_ids"][:2], "labels": [IGNORED] * 2}
    if "seq_lengths" in dataset.column_names:
        blank["seq_lengths"] = [2]
    return concatenate_datasets([dataset, Dataset.from_list([blank], features=dataset.features)])


def _watch(metrics: Path, order: Any, sizes: Sizes, steps: int) -> Any:
    """A trainer callback that writes metrics, moves the bar and stops on request."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        stopped = False

        def __init__(self) -> None:
            self.steps = steps
            self._bar: Bar | None = None
            self._tokens, self._time = 0, time.monotonic()

        @contextmanager
        def bar(self, done: int) -> Iterator[None]:
            with Bar("train", steps, "steps", done=done) as self._bar:
                yield

        def stop(self) -> None:
            self.stopped = True

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self._tokens, self._time = state.num_input_tokens_seen, time.monotonic()

        def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            # What accelerate wraps around the sampler keeps the number of a resumed epoch from it.
            order.set_epoch(state.global_step // sizes.epoch)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if not logs or "loss" not in logs or not ranks.is_first():
                return
            now = time.monotonic()
            rate = (state.num_input_tokens_seen - self._tokens) / max(now - self._time, 1e-9)
            self._tokens, self._time = state.num_input_tokens_seen, now
            tokens = int(state.num_input_tokens_seen)
            row = Metric(state.global_step, logs["loss"], logs["learning_rate"], tokens, round(rate))
            lines.append(metrics, [row])
            if self._bar is not None:
                self._bar.update(state.global_step, loss=f"{logs['loss']:.4f}", tokens=f"{rate:,.0f}/s")

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            # Every process writes its random state there.
            ranks.wait()
            if ranks.is_first():
                seal(Path(args.output_dir) / f"checkpoint-{state.global_step}")

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
            self.stopped = ranks.in_any(self.stopped)
            if self.stopped:
                control.should_save = control.should_training_stop = True
            return control

    return Watch()


@contextmanager
def asking_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C (or SIGTERM, or SIGHUP) asks for a checkpoint after the current step; a later one ends at once.

    One that comes within `TWICE` of the first is the same request: a scheduler sends its signal to a process and
    to its parent, which passes it on.
    """
    asked: list[float] = []

    def handle(number: int, frame: Any) -> None:
        asked.append(time.monotonic())
        if len(asked) == 1:
            note("stopping after this step; press Ctrl-C again to stop at once")
            stop()
        elif asked[-1] - asked[0] > TWICE:
            before = previous[signal.Signals(number)]
            before(number, frame) if callable(before) else signal.default_int_handler(number, frame)

    previous = {number: signal.signal(number, handle) for number in heeded()}
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)
