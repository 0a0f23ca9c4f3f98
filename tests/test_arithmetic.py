"""One arithmetic: what plan, training, decoding and export count is the same, and is what the libraries do."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailkit import dataset, decode, hardware, models, recipe
from tailkit.arithmetic import decoding
from tailkit.arithmetic import memory as need
from tailkit.arithmetic.host import GIB
from tailkit.arithmetic.shape import QWEN, Blocks, packs, shape_of
from tailkit.arithmetic.steps import Lengths, packed, sizes
from tailkit.decode.plain import Plain
from tailkit.decode.protocol import Job
from tailkit.hardware import plan, work
from tailkit.hardware.work import shape
from tailkit.models import Loaded
from tailkit.models.backends import candidates, choose
from tailkit.models.unsloth import Unsloth
from tailkit.nano import MODEL_DIR
from tailkit.run.folder import RunDir
from tailkit.train import trainer as training
from tailkit.train.labelled import encode
from tailkit.use import export
from tests.small import NANO, TASK, example, small_model


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Loaded]:
    """nano, which is never packed, and a Qwen2."""
    qwen2 = models.load_base(small_model(tmp_path_factory.mktemp("models") / "qwen2"))
    made = {"nano": models.load_base(NANO), "qwen2": qwen2}
    for one in made.values():
        models.add_adapter(one, recipe.Lora(rank=2, alpha=4), seed=0)
    return made


STEPS = {
    "nano": ["train.batch=6"],
    "a long epoch": ["train.batch=4", "train.epochs=2.3"],
    "one row at once": ["train.batch=8", "train.micro_tokens=300"],
    "nano asked to pack": ["train.batch=8", "train.packing=true"],
    "packed": ["train.batch=16", "train.packing=true", "train.micro_tokens=2048"],
    "packed, long passes": ["train.batch=12", "train.packing=true", "train.micro_tokens=100000", "train.epochs=3"],
    "packed, short passes": ["train.batch=8", "train.packing=true", "train.micro_tokens=300", "train.epochs=0.5"],
}


@pytest.mark.parametrize("overrides", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("name", ["nano", "qwen2"])
def test_counted_steps_are_those_of_the_trainer_s_loader(
    loaded: dict[str, Loaded], tmp_path: Path, name: str, overrides: list[str]
) -> None:
    model = loaded[name]
    chosen = recipe.load("nano", [f"model.name={model.name}", "train.autocast=none", *overrides], task="addition")
    rows = [encode(model.codec, example(seed, 1 + seed % 4)) for seed in range(60)]
    lengths = Lengths.of([len(row["input_ids"]) for row in rows])
    found = plan._steps(shape(model.name), chosen, lengths, on_gpu=False)
    assert found.packed == (chosen.train.packing and name == "qwen2")
    trainer, watch = training.build(RunDir.create(tmp_path / "run", "addition", chosen), model, rows, found)
    loader = trainer.get_train_dataloader()
    assert len(trainer.train_dataset) == found.units
    longest = max(batch["input_ids"].numel() for batch in loader)
    # Packed rows come in one row without padding, so that a pass may be shorter than what it may be.
    assert longest <= found.tokens if found.packed else longest == found.tokens
    steps = trainer.set_initial_training_values(trainer.args, loader)[-1]
    assert steps == watch.steps == found.steps(chosen.train.epochs)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=40), st.integers(0, 300))
@settings(max_examples=8, deadline=None)
def test_packs_are_as_many_as_trl_makes(lengths: list[int], more: int) -> None:
    from datasets import Dataset
    from trl import pack_dataset

    room = max(lengths) + more
    rows = Dataset.from_dict({"input_ids": [[0] * length for length in lengths]})
    assert packed(lengths, room) == len(pack_dataset(rows, room, "bfd"))


def test_packs_of_many_rows_are_as_many_as_trl_makes() -> None:
    from datasets import Dataset
    from trl import pack_dataset

    rng = Random(0)
    lengths = [rng.randint(1, 700) for _ in range(2500)]
    rows = Dataset.from_dict({"input_ids": [[0] * length for length in lengths]})
    found = packed(lengths, 1024)
    assert found == len(pack_dataset(rows, 1024, "bfd"))
    # A part of them tells how many packs all make.
    chosen = recipe.Train(packing=True, batch=32, micro_tokens=4096)
    whole, part = sizes(chosen, Lengths.of(lengths)), sizes(chosen, Lengths(lengths[:1000], 2500, max(lengths)))
    assert part.units == pytest.approx(whole.units, rel=0.02)


def test_plan_s_steps_are_those_of_the_data_that_are_made(tmp_path: Path) -> None:
    """Unpacked to the step; packed as near as a sample of rows tells."""
    for packing in (False, True):
        chosen = recipe.load(
            "hobby", [f"train.packing={packing}".lower(), "data.train=900", "data.eval=5", "train.batch=16"], task=None
        )
        folder = tmp_path / str(packing)
        dataset.write_all({folder: dataset.order_of("addition", chosen.of("addition"))}, 1)
        count, form = work.local_counter(chosen.model.name)[0], work.local_chat_format(chosen.model.name)
        lengths = [count(form.prompt(row.query) + row.completion) + 1 for row in dataset.read_checked(folder, "train")]
        made = sizes(chosen.train, Lengths.of(lengths)).steps(chosen.train.epochs)
        told = hardware.make("addition", chosen, dataset.rows_of("addition", chosen), 24).steps
        assert told == (pytest.approx(made, rel=0.1) if packing else made)


@pytest.mark.parametrize("name", ["nano", "qwen2"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_cache_takes_the_bytes_of_a_real_dynamic_cache(loaded: dict[str, Loaded], name: str, precision: str) -> None:
    import torch
    from transformers import DynamicCache

    model = loaded[name].model.get_base_model()
    dtype = getattr(torch, precision)
    ids = torch.tensor([loaded[name].codec.prompt_ids("copy abc")])
    cache: Any = DynamicCache(config=model.config)
    try:
        model.to(dtype)(input_ids=ids, past_key_values=cache, use_cache=True)
        counted = Blocks.in_use(model.config).cache(dtype.itemsize)
    finally:
        model.float()
    parts = [(layer.keys, layer.values) for layer in cache.layers if hasattr(layer, "keys")]
    taken = sum(part.numel() * part.element_size() for pair in parts for part in pair)
    assert taken == ids.shape[1] * shape(loaded[name].name).cache(dtype.itemsize) == ids.shape[1] * counted


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_plan_and_decoding_take_the_same_rows_at_once(
    loaded: dict[str, Loaded], monkeypatch: pytest.MonkeyPatch, precision: Any
) -> None:
    """On a card of which the weights and CUDA's own memory are taken."""
    import torch

    of, spec = shape("nano"), recipe.Model(name="nano", precision=precision)
    room = need.CONTEXT + need.weights(of, precision) + 2**28
    told = need.decoded_rows(of, spec, 500, 10_000, room)
    dtype = torch.float32 if precision == "fp32" else torch.bfloat16
    model: Any = type("Model", (), {"config": loaded["nano"].model.config, "dtype": dtype})
    card: Any = type("Loaded", (), {"model": model, "device": torch.device("cuda")})
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (2**28, int(room)))
    monkeypatch.setattr(torch.cuda, "get_per_process_memory_fraction", lambda: 1.0)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: 0)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: type("Card", (), {"total_memory": 2**28}))
    assert 1 < told < 10_000
    assert Plain(Job(card, "S", 10_000)).size(500) == told


@pytest.mark.parametrize("overrides", [[], ["decode.slack=2.05"], ["train.epochs=0", "decode.free=77"]], ids=str)
def test_the_budget_of_a_row_is_the_same_everywhere(tmp_path: Path, overrides: list[str]) -> None:
    """In decoding, in plan and in the window that an export names."""
    chosen = recipe.load("nano", ["data.train=20", "data.eval=8", *overrides], task="addition")
    run = RunDir.create(tmp_path / "run", "addition", chosen)
    dataset.write_all({run.data: dataset.order_of("addition", chosen)}, 1)
    bare: Any = type("Loaded", (), {"codec": models.load_codec(chosen.model)})
    rows = [row for name in ("S", "M", "L") for row in decode._rows(bare, run, name, run.evaluation_set(name))]
    for row in rows:
        expected = chosen.decode.free if chosen.free_form else int(len(row.gold) * chosen.decode.slack) + 16
        assert row.room == decoding.room(chosen, len(row.gold)) == expected
    text = export.modelfile(run)
    assert f"num_predict {max(row.room for row in rows)}\n" in text
    assert f"num_ctx {max(row.total for row in rows)}\n" in text
    top = [example(seed, chosen.ranges("addition", TASK.ranges)["L"][1]) for seed in range(40)]
    told = work.measure("addition", chosen, dataset.rows_of("addition", chosen))[0].longest_evaluated
    assert told == pytest.approx(max(row.total for row in decode._rows(bare, run, "L", top)), rel=0.06)


@pytest.mark.parametrize("name", ["auto", "unsloth", "hf"])
@pytest.mark.parametrize("precision", ["nf4", "bf16", "fp32"])
@pytest.mark.parametrize("gpu", [True, False])
def test_plan_expects_the_backend_that_training_chooses(
    monkeypatch: pytest.MonkeyPatch, name: str, precision: str, gpu: bool
) -> None:
    chosen = recipe.load("hobby", [f"model.backend={name}", f"model.precision={precision}"], task=None)
    spec = chosen.model
    monkeypatch.setattr(models.backends, "has_gpu", lambda: gpu)
    monkeypatch.setattr(Unsloth, "unusable", lambda self: None)
    expected = candidates(spec, on_gpu=gpu)[0]
    assert choose(spec).name == expected.name
    assert expected.fused == (name == "unsloth" or (name == "auto" and gpu and precision != "fp32"))
    lengths = Lengths.alike(500, 1000)
    assert plan._steps(QWEN["7B"], chosen, lengths, on_gpu=gpu).packed == expected.packs(on_gpu=gpu)


def test_layers_that_look_back_in_other_ways_are_not_packed() -> None:
    config = json.loads((MODEL_DIR / "config.json").read_text())
    assert not shape_of(config).packs
    assert packs(None)
    assert packs(["full_attention", "sliding_attention"])
    assert not packs(["full_attention", "linear_attention"])


def test_a_long_row_s_pass_takes_little_more_than_a_short_one_s() -> None:
    """Counted once: 22 GiB for the logits of 15,000 tokens."""
    of, spec = shape("Qwen/Qwen2.5-7B"), recipe.Model()
    short, long = (need.evaluation(of, spec, 1, longest).logits[1] / GIB for longest in (1000, 15_000))
    assert 1 < short < 2
    assert short < long < 4
    assert decoding.pass_rows(15_000, 32) == 1 < decoding.pass_rows(1000, 32)


@given(st.integers(1, 300), st.lists(st.booleans(), max_size=60))
def test_a_limit_falls_where_memory_runs_out_and_comes_back(most: int, fits: list[bool]) -> None:
    limit = decoding.Limit(most)
    for one in fits:
        rows = limit.now
        if one:
            limit.held(rows)
        else:
            limit.fell(rows)
            assert limit.now == max(1, rows // 2)
        assert 1 <= limit.now <= most
    for _ in range(10_000):
        limit.held(limit.now)
    assert limit.now == most


def test_a_limit_is_tried_again_ever_more_seldom() -> None:
    """Where so many rows never fit, few batches are wasted."""
    limit, failed = decoding.Limit(32), 0
    for _ in range(200):
        if limit.now > 16:
            failed += 1
            limit.fell(limit.now)
        else:
            limit.held(limit.now)
    assert 2 <= failed <= 8


@pytest.mark.parametrize("rows", [1, 7, 98])
@pytest.mark.parametrize("width", [1, 1700, 20_000])
def test_a_pass_of_prefill_keeps_to_its_tokens(rows: int, width: int) -> None:
    chunk = decoding.prefill_chunk(rows, width)
    assert rows * (chunk or width) <= decoding.PREFILL_TOKENS
