"""Fine-tuning: LoRA or QLoRA through TRL's SFTTrainer, resumable at every checkpoint.

In: training examples and a run folder. Out: `adapter/`, `train.jsonl` with the metrics, and
`held-out.jsonl`, by which evaluation knows the adapter again.
Rows go in as `input_ids` and `labels`; the prompt is masked by its token length. Before the
first step every row is checked, and the longest forward pass is tried. `python -m tailkit.train`
trains in several processes; all of them come through here, and the first one alone writes.
"""

import gc
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailkit import models
from tailkit.arithmetic.host import GIB
from tailkit.arithmetic.steps import Lengths, Sizes, sizes
from tailkit.errors import DoesNotFit, Interrupted, TailkitError
from tailkit.models import (
    Backend,
    Codec,
    Loaded,
    add_adapter,
    keep_share,
    load_adapter,
    load_base,
    load_codec,
    save_adapter,
)
from tailkit.models.evaluation import evaluation_row
from tailkit.models.likeness import portrait
from tailkit.records import RANGES, Example, Metric
from tailkit.run import lines
from tailkit.run.folder import RunDir
from tailkit.screen import note
from tailkit.train import headroom, ranks
from tailkit.train import trainer as training
from tailkit.train.checkpoints import last_checkpoint, step_of
from tailkit.train.labelled import TrainingRow, encode, preflight, show_row


@dataclass(frozen=True)
class Start:
    """What every attempt at a training starts from."""

    codec: Codec
    backend: Backend
    rows: list[TrainingRow]
    held_out: list[Example]


NO_SPACE = ("No space left", "file write failed", "unexpected pos")


def train(run: RunDir, examples: list[Example], evaluation: dict[str, list[Example]]) -> None:
    """Fine-tune the run's base model on examples and write the adapter; `evaluation` are the sets of S, M and L.

    Goes on from the last checkpoint if there is one. Raises `Interrupted` after a Ctrl-C, with
    a checkpoint written, and `DoesNotFit` if a row does not fit into the memory, or a training or evaluation
    row is longer than the model's context.
    """
    headroom.keep_few_kernels()
    import torch

    spec = run.recipe.model
    # Before anything else that loads transformers: Unsloth has to come first.
    backend = models.choose(spec, ranks.count())
    models.quiet()
    codec = load_codec(spec)
    rows = [encode(codec, example) for example in examples]
    check = preflight(codec, rows)
    for name, held_out in evaluation.items():
        for index, example in enumerate(held_out):
            evaluation_row(codec, run.recipe, f"{name}/{index}", example)
    note(show_row(codec, rows[0]))
    can_pack = codec.packs and backend.packs(on_gpu=torch.cuda.is_available())
    if run.recipe.train.packing and not codec.packs:
        note(f"training without packing: layers of {spec.name} other than attention would see the row before")
    lengths = Lengths.of([len(row["input_ids"]) for row in rows])
    planned = sizes(run.recipe.train, lengths, can_pack=can_pack).among(ranks.count())
    note(
        f"training on {check.rows:,} rows, {check.tokens:,} tokens ({check.trained_tokens:,} trained), "
        f"longest row {check.longest:,}; base model {spec.name}, {spec.precision}, backend {backend.name}; "
        f"{planned.batch} {planned.unit} of up to {planned.length:,} tokens a step, {planned.micro} at once"
        + (f" in each of {planned.processes} processes" if planned.processes > 1 else "")
    )
    while True:
        try:
            return _attempt(run, Start(codec, backend, rows, evaluation.get(RANGES[0], [])), planned)
        except RuntimeError as error:
            if not headroom.is_exhausted(error):
                raise
            planned = _smaller(run, planned, str(error))
        # With the error gone nothing holds the model any more, and the next try has all the memory.
        gc.collect()
        torch.cuda.empty_cache()


def _smaller(run: RunDir, planned: Sizes, reason: str) -> Sizes:
    if planned.micro == 1:
        from tailkit import hardware

        try:
            options = hardware.advice(run.recipe, planned.length)
        except TailkitError:
            options = ["Lower data.ranges, or take a smaller model (model.name)."]
        raise DoesNotFit(
            f"one row of {planned.length:,} tokens does not fit into the memory of this GPU", "\n".join(options)
        )
    smaller = planned.halved()
    why = reason.split(".", maxsplit=1)[0]
    note(f"out of memory with {planned.micro} rows at once ({why}); going on with {smaller.micro}")
    return smaller


def _attempt(run: RunDir, work: Start, planned: Sizes) -> None:
    """Train from the last checkpoint to the end, save the adapter, and note by what it is known again."""
    loaded = load_base(run.recipe.model, work.codec, through=work.backend, longest=planned.length)
    checkpoint = ranks.of_first(last_checkpoint(run.checkpoints) if ranks.is_first() else None)
    add_adapter(loaded, run.recipe.lora, run.recipe.train.seed)
    trainer, watch = training.build(run, loaded, work.rows, planned)
    if checkpoint is not None:
        note(f"going on from step {step_of(checkpoint)} of {watch.steps}")
    if checkpoint is not None and step_of(checkpoint) >= watch.steps:
        # Resuming a finished run would take one step more.
        loaded.model = loaded.model.unload()
        load_adapter(loaded, checkpoint)
    else:
        if loaded.device.type == "cuda":
            _probe(trainer, planned)
        if ranks.is_first():
            _keep_metrics_until(run.metrics, step_of(checkpoint))
        _go(run, trainer, watch, checkpoint)
        if peak := headroom.peak():
            where = " in this process" if planned.processes > 1 else ""
            note(f"training took up to {peak / GIB:.1f} GiB of memory{where}")
        # Without the autocast that the trainer wraps around the model.
        loaded.model = trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
    if ranks.is_first():
        keep_share(loaded, run.recipe.lora.keep)
        save_adapter(loaded, run.adapter)
        _note_likeness(run, loaded, work.held_out)


def _note_likeness(run: RunDir, loaded: Loaded, held_out: list[Example]) -> None:
    """Write down by what the trained model is known again; a trained adapter is not lost for the want of it."""
    try:
        found = portrait(loaded, held_out)
    except (AttributeError, RuntimeError, TypeError) as error:
        note(f"held-out figures were not taken: {type(error).__name__}: {str(error).splitlines()[0]}")
        return
    lines.write(run.held_out, found)


def _probe(trainer: Any, planned: Sizes) -> None:
    """Try the longest forward pass before the first step; out of memory in one process is raised in all."""
    try:
        peak = headroom.try_longest(trainer, planned)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # A trainer that takes other arguments is no reason not to train.
        note(f"the longest forward pass was not tried: {type(error).__name__}: {error}")
    except RuntimeError:
        ranks.in_any(True)
        raise
    else:
        note(f"the longest forward pass fits: peak {peak / GIB:.1f} GiB")
    if ranks.in_any(False):
        raise RuntimeError("out of memory in another process")


def _go(run: RunDir, trainer: Any, watch: Any, checkpoint: Path | None) -> None:
    """Train; raises `Interrupted` if it was asked to stop, `TailkitError` if the disk is full.

    One of several processes that is out of memory raises `DoesNotFit`: the others are in the middle of a step.
    """
    try:
        with training.asking_to_stop(watch.stop), watch.bar(step_of(checkpoint)):
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
            # No process may end while another one still writes.
            ranks.wait()
    except (OSError, RuntimeError) as error:
        if ranks.count() > 1 and headroom.is_exhausted(error):
            raise DoesNotFit(
                "a step takes more memory than this GPU has", "Lower train.micro_tokens, in a run of its own."
            ) from error
        if not any(sign in str(error) for sign in NO_SPACE):
            raise
        whole = last_checkpoint(run.checkpoints)
        state = f"the checkpoint of step {step_of(whole)} is whole" if whole else "no checkpoint was written"
        raise TailkitError(
            f"the disk of {run.path} is full; {state}", "Free some space; the same command goes on."
        ) from error
    if watch.stopped and trainer.state.global_step < watch.steps:
        raise Interrupted(
            f"stopped at step {trainer.state.global_step} of {watch.steps}; a checkpoint is written",
            "The same command goes on from there.",
        )


def _keep_metrics_until(path: Path, step: int) -> None:
    """Drop the metrics of steps that are going to be made again."""
    lines.write(path, [row for row in lines.read(path, Metric) if row.step <= step])
