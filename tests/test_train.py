"""Training rows, sizes of steps, checkpoints and memory, inside one process."""

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import models, pipeline, recipe, train
from tailkit.arithmetic.steps import PACKS, Lengths, Sizes, divisor, sizes
from tailkit.errors import DoesNotFit, TailkitError
from tailkit.models import Codec
from tailkit.run.folder import RunDir
from tailkit.train import headroom
from tailkit.train import trainer as training
from tailkit.train.checkpoints import last_checkpoint, seal
from tailkit.train.labelled import IGNORED, encode, preflight
from tailkit.train.stage import train_here
from tests.conftest import SMALL_OVERRIDES
from tests.small import NANO, example, small_model


@pytest.fixture(scope="module")
def codec() -> Codec:
    return models.load_codec(NANO)


def lengths_of(rows: list[dict[str, list[int]]]) -> Lengths:
    return Lengths.of([len(row["input_ids"]) for row in rows])


def run_of(folder: Path, *overrides: str) -> RunDir:
    return RunDir.create(folder, "addition", recipe.load("nano", [*SMALL_OVERRIDES, *overrides], task="addition"))


def test_a_row_masks_the_prompt_and_trains_the_stop_token(codec: Codec) -> None:
    row = encode(codec, example(1))
    first = row["labels"].index(row["input_ids"][len(codec.prompt_ids(example(1).query))])
    assert codec.tokenizer.decode(row["input_ids"][:first]) == codec.form.prompt(example(1).query)
    assert codec.tokenizer.decode(row["labels"][first:]) == example(1).completion + codec.form.stop
    assert set(row["labels"][:first]) == {IGNORED}
    assert row["labels"][-1] == codec.stop_id != codec.pad_id


def test_preflight_refuses_what_would_train_wrongly(codec: Codec) -> None:
    good = encode(codec, example(1))
    assert preflight(codec, [good]).longest == len(good["input_ids"])
    unstopped = {name: ids[:-1] for name, ids in good.items()}
    masked = {**good, "labels": [IGNORED] * len(good["labels"])}
    for bad in ([unstopped], [masked], []):
        with pytest.raises(TailkitError):
            preflight(codec, bad)
    long = {name: ids * 100 for name, ids in good.items()}
    with pytest.raises(DoesNotFit, match="row 1"):
        preflight(codec, [good, long])


def test_what_cannot_be_evaluated_is_not_trained_first(tmp_path: Path) -> None:
    # Only of L: rows of S and M have room enough.
    run = run_of(tmp_path / "run", "decode.slack=5", "data.ranges.addition.L=[20,20]")
    pipeline.make_data(run, 1)
    with pytest.raises(DoesNotFit, match=r"evaluation row L/\d needs [0-9,]+ tokens, the model takes 4,096") as caught:
        train_here(run)
    assert "decode.slack" in str(caught.value)
    assert not run.checkpoints.exists()


@given(st.integers(1, 2000), st.integers(1, 5000), st.integers(1, 100_000))
def test_the_global_batch_stays_what_the_recipe_says(batch: int, longest: int, micro_tokens: int) -> None:
    plan = recipe.Train(batch=batch, micro_tokens=micro_tokens)
    found = sizes(plan, Lengths.of([longest]))
    while True:
        assert found.batch == batch
        assert batch % found.micro == 0
        assert found.micro == 1 or found.micro * longest <= micro_tokens
        if found.micro == 1:
            break
        smaller = found.halved()
        assert 1 <= smaller.micro <= found.micro // 2
        found = smaller


@given(st.integers(1, 5000), st.integers(-5, 5000))
def test_a_divisor_divides_and_is_the_largest(whole: int, most: int) -> None:
    found = divisor(whole, most)
    assert whole % found == 0
    assert found == max([n for n in range(1, min(whole, most) + 1) if whole % n == 0], default=1)


def test_packs_hold_every_row_whole_in_steps_of_like_size(codec: Codec) -> None:
    rows = [encode(codec, example(seed, 1 + seed % 4)) for seed in range(200)]
    check = preflight(codec, rows)
    plan = recipe.Train(batch=16, micro_tokens=4096, packing=True)
    found = sizes(plan, lengths_of(rows))
    assert found.packed
    assert check.longest <= found.length <= 4096
    assert found.batch % found.micro == 0
    assert found.micro * found.length <= 4096
    examples_a_step = found.batch * found.length / (check.tokens / len(rows))
    assert 0.7 * 16 <= examples_a_step <= 1.5 * 16


def test_a_model_with_layers_other_than_attention_is_not_packed(
    codec: Codec, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not codec.packs
    assert models.load_codec(small_model(tmp_path / "qwen2")).packs
    run = run_of(tmp_path / "run", "train.packing=true", "train.batch=4", "train.epochs=1")
    rows = [example(seed, 1) for seed in range(4)]
    train.train(run, rows, {"S": rows})
    said = capsys.readouterr().err
    assert "training without packing" in said
    assert "4 rows of up to" in said


def test_packed_rows_give_the_gradients_of_unpacked_ones(codec: Codec, tmp_path: Path) -> None:
    import torch

    rows = [encode(codec, example(seed, 1 + seed % 3)) for seed in range(8)]
    check = preflight(codec, rows)
    gradients = []
    for name, plan in {
        "unpacked": Sizes(check.longest, 8, 8, 8, packed=False),
        "packed": Sizes(check.tokens, 1, 1, 1, packed=True),
    }.items():
        loaded = models.load_base(small_model(tmp_path / "qwen2"))
        models.add_adapter(loaded, recipe.Lora(rank=4, alpha=8), seed=0)
        for parameter, weights in loaded.model.named_parameters():
            if "lora_B" in parameter:
                torch.nn.init.normal_(weights, std=0.1, generator=torch.Generator().manual_seed(1))
        trainer, _ = training.build(run_of(tmp_path / name, "train.autocast=none"), loaded, rows, plan)
        assert len(trainer.train_dataset) == (1 if plan.packed else 8)
        inputs = trainer.data_collator(list(trainer.train_dataset))
        count = sum(label != IGNORED for row in rows for label in row["labels"])
        trainer.compute_loss(trainer.model, inputs, num_items_in_batch=torch.tensor(count)).backward()
        gradients.append(torch.cat([p.grad.flatten() for p in loaded.model.parameters() if p.grad is not None]))
    assert gradients[0].norm() > 0
    assert torch.allclose(gradients[0], gradients[1], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("by_length", [True, False])
def test_the_order_of_rows_follows_from_seed_and_epoch(by_length: bool) -> None:
    rows = {"input_ids": [[0] * (1 + i % 7) for i in range(50)]}
    arguments = SimpleNamespace(train_batch_size=4, gradient_accumulation_steps=2, data_seed=3)

    class Rows(dict):
        def __len__(self) -> int:
            return 50

    first, second = (training.sampler(Rows(rows), arguments, by_length=by_length) for _ in range(2))
    for sampler in (first, second):
        sampler.set_epoch(1)
    assert list(first) == list(second)
    assert sorted(first) == list(range(50))
    second.set_epoch(2)
    assert list(first) != list(second)


FILES = ("adapter_model.safetensors", "optimizer.pt", "rng_state.pth", "trainer_state.json")


def whole_checkpoint(folder: Path, step: int) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    for name in FILES:
        (path / name).write_bytes(f"{name} of step {step}".encode() * 100)
    seal(path)
    return path


@pytest.mark.parametrize("name", [*FILES, "sealed.json"])
@pytest.mark.parametrize("how", ["missing", "cut", "flipped"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path: Path, name: str, how: str) -> None:
    good, bad = whole_checkpoint(tmp_path, 4), whole_checkpoint(tmp_path, 12)
    assert last_checkpoint(tmp_path) == bad
    content = (bad / name).read_bytes()
    if how == "missing":
        (bad / name).unlink()
    elif how == "cut":
        (bad / name).write_bytes(content[: len(content) // 2])
    else:
        (bad / name).write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    assert last_checkpoint(tmp_path) == good
    assert not bad.exists()


def test_a_checkpoint_that_was_not_sealed_is_not_used(tmp_path: Path) -> None:
    good, torn = whole_checkpoint(tmp_path, 4), whole_checkpoint(tmp_path, 12)
    (torn / "sealed.json").unlink()
    assert last_checkpoint(tmp_path) == good


class Trained(Exception):
    """Stands for the end of a training that a test does not need."""


def test_out_of_memory_in_training_halves_the_micro_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    build, tried = training.build, []

    def small_memory(run: RunDir, loaded: Any, rows: Any, plan: Sizes) -> Any:
        trainer, watch = build(run, loaded, rows, plan)
        tried.append((plan.micro, plan.batch, trainer.args.gradient_accumulation_steps))
        compute = trainer.compute_loss

        def compute_loss(model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
            # It fails in the second step, when a checkpoint of the first is there.
            if len(inputs["input_ids"]) > 2 and trainer.state.global_step >= 1:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate a lot")
            return compute(model, inputs, *more, **named)

        trainer.compute_loss = compute_loss
        return trainer, watch

    monkeypatch.setattr(training, "build", small_memory)
    run = run_of(tmp_path / "r", "train.epochs=1", "train.save_every=1", "train.batch=8")
    examples = [example(seed, 1) for seed in range(24)]
    train.train(run, examples, {"S": examples[:4]})
    assert tried == [(8, 8, 1), (4, 8, 2), (2, 8, 4)]
    assert (run.adapter / "adapter_model.safetensors").is_file()
    assert [json.loads(line)["step"] for line in run.metrics.read_text().splitlines()] == [1, 2, 3]
    said = capsys.readouterr().err
    assert "out of memory with 8 rows at once" in said
    assert "going on from step 1 of 3" in said


def test_an_adapter_learns_on_weights_of_four_bits(tmp_path: Path) -> None:
    run = run_of(tmp_path / "r", "model.precision=nf4", "train.epochs=3", "train.batch=4", "train.save_every=100")
    examples = [example(seed, 1) for seed in range(8)]
    train.train(run, examples, {"S": examples[:1]})
    losses = [json.loads(line)["loss"] for line in run.metrics.read_text().splitlines()]
    assert len(losses) == 6
    assert losses[-1] < 0.9 * losses[0]
    assert (run.adapter / "adapter_model.safetensors").is_file()


def test_a_row_that_does_not_fit_alone_ends_with_what_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def no_memory(*_: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate a lot")

    monkeypatch.setattr(training, "build", no_memory)
    run = run_of(tmp_path / "r", "train.batch=2")
    with pytest.raises(DoesNotFit, match="does not fit into the memory") as caught:
        train.train(run, [example(1), example(2)], {})
    assert "train.micro_tokens" in caught.value.hint or "data.ranges" in caught.value.hint
    assert not run.adapter.exists()


def test_a_full_disk_leaves_the_last_checkpoint_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    save, calls = torch.save, []

    def full(content: Any, path: Any, *more: Any, **named: Any) -> None:
        if str(path).endswith("optimizer.pt"):
            calls.append(path)
            if len(calls) == 2:
                Path(path).write_bytes(b"half")
                raise OSError(28, "No space left on device", str(path))
        save(content, path, *more, **named)

    monkeypatch.setattr(torch, "save", full)
    run = run_of(tmp_path / "r", "train.epochs=1", "train.save_every=1")
    examples = [example(seed, 1) for seed in range(24)]
    with pytest.raises(TailkitError, match=r"disk .* is full; the checkpoint of step 1 is whole"):
        train.train(run, examples, {})
    monkeypatch.undo()
    train.train(run, examples, {"S": examples[:4]})
    assert (run.adapter / "adapter_model.safetensors").is_file()


def test_the_longest_pass_is_tried_and_changes_nothing(
    codec: Codec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import multiprocess
    import torch

    # What prepares the rows starts no process: one would outlive a killed training, for good.
    monkeypatch.setattr(multiprocess.process.BaseProcess, "start", lambda process: pytest.fail(f"{process} starts"))

    rows = [encode(codec, example(seed, 1 + seed % 4)) for seed in range(8)]
    check = preflight(codec, rows)
    loaded = models.load_base(NANO)
    models.add_adapter(loaded, recipe.Lora(rank=4, alpha=8, dropout=0.5), seed=0)
    plan = Sizes(check.longest, 8, 4, 2, packed=False)
    trainer, _ = training.build(run_of(tmp_path / "r"), loaded, rows, plan)
    seen: list[Any] = []
    collate = trainer.data_collator

    def watched(features: Any) -> Any:
        seen.append(collate(features))
        return seen[-1]

    trainer.data_collator = watched
    # As on a GPU: Trainer itself turns it on only when it begins to train.
    trainer.args.gradient_checkpointing = True
    before, stream = [p.clone() for p in loaded.model.parameters()], torch.get_rng_state()
    assert math.isfinite(headroom.try_longest(trainer, plan))
    assert seen[0]["input_ids"].shape == (2, check.longest)
    assert loaded.model.is_gradient_checkpointing
    assert all(torch.equal(a, b) for a, b in zip(before, loaded.model.parameters(), strict=True))
    assert all(p.grad is None for p in loaded.model.parameters())
    assert torch.equal(stream, torch.get_rng_state())


def test_a_step_s_tokens_bound_the_pack(codec: Codec) -> None:
    rows = [encode(codec, example(seed, 2)) for seed in range(64)]
    check = preflight(codec, rows)
    plan = recipe.Train(batch=8, micro_tokens=10**6, packing=True)
    assert sizes(plan, lengths_of(rows)).length <= max(check.longest, 8 * check.tokens // 64 // PACKS)
