"""Training shared by two processes, through the real `accelerate launch`, on processors."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from tailkit import models, pipeline, recipe, train
from tailkit.arithmetic.steps import Sizes, divisor
from tailkit.errors import UsageError
from tailkit.run.files import read_lines
from tailkit.run.folder import RunDir
from tailkit.train import headroom, ranks
from tailkit.train import trainer as training
from tailkit.train.labelled import encode, preflight
from tests.conftest import SMALL_OVERRIDES
from tests.small import NANO, example

# In fp32 and without dropout: nothing but the order of sums tells one process from two. An epoch's last step is not
# whole.
EXACT = ["lora.dropout=0", "train.autocast=none", "data.train=45", "train.save_every=3", "data.eval=2"]


def made(folder: Path, *overrides: str) -> RunDir:
    """A run whose data are made."""
    run = RunDir.create(
        folder, "addition", recipe.load("nano", [*SMALL_OVERRIDES, *EXACT, *overrides], task="addition")
    )
    pipeline.make_data(run, workers=1)
    return run


def launched(run: RunDir, processes: int = 2) -> subprocess.Popen[str]:
    """`accelerate launch -m tailkit.train RUN`. Without a GPU it takes --multi_gpu to start several processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", str(processes)]
    return subprocess.Popen(
        [*launch, "--main_process_port", str(port), "-m", "tailkit.train", str(run.path)],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        stderr=subprocess.PIPE,
        text=True,
    )


def stopped_at(run: RunDir, step: int) -> str:
    """Start the training, stop it with SIGTERM when a checkpoint is written, and return what it said."""
    with launched(run) as process:
        deadline = time.monotonic() + 120
        while not (run.checkpoints / f"checkpoint-{step}" / "trainer_state.json").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.terminate()
        return process.communicate(timeout=60)[1]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run that one process trained."""
    run = made(tmp_path_factory.mktemp("alone") / "run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "run_apart", lambda function, *arguments: function(*arguments))
        pipeline.train(run)
    return run


@pytest.mark.slow
def test_two_processes_stopped_and_resumed_train_as_one_does(
    alone: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(tmp_path / "run")
    # A step or more into the second epoch, so that going on has to find its order again.
    said = stopped_at(run, 6)
    assert len(re.findall(r"^error: stopped at step \d+ of 12; a checkpoint is written$", said, flags=re.M)) == 1
    assert "4 at once in each of 2 processes" in said
    assert not run.adapter.exists()
    with launched(run) as process:
        said = process.communicate(timeout=120)[1]
    assert process.returncode == 0, said
    assert len(re.findall("^going on from step (7|8|9|10|11) of 12$", said, flags=re.M)) == 1
    one, two = (load_file(each.adapter / "adapter_model.safetensors") for each in (alone, run))
    assert one.keys() == two.keys()
    assert max(abs(one[name]).max() for name in one) > 1e-2
    assert max(abs(one[name] - two[name]).max() for name in one) < 1e-4
    assert [row["step"] for row in read_lines(run.metrics)] == [row["step"] for row in read_lines(alone.metrics)]
    assert (run.path / "held-out.jsonl").exists()
    assert not run.checkpoints.exists()
    assert pipeline.training_stage(run).is_done()
    monkeypatch.setattr(pipeline, "run_apart", lambda *_: pytest.fail("it is trained again"))
    pipeline.train(run)


@pytest.mark.slow
def test_a_step_that_two_processes_cannot_share_is_refused(tmp_path: Path) -> None:
    with launched(made(tmp_path / "run", "train.batch=5")) as process:
        said = process.communicate(timeout=120)[1]
    assert process.returncode != 0
    assert re.search(r"rank +: 0 .*\n +exitcode +: 2 ", said)
    refusal = "error: the 5 rows of a step (train.batch) cannot be shared by 2 processes"
    assert said.count(f"{refusal}\nNumbers of processes that can: 1, 5.\n") == 1
    assert said.count("error: ") == 1


@pytest.mark.slow
def test_what_the_first_process_alone_finds_wrong_is_said_once(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path / "run", "addition", recipe.load("nano", SMALL_OVERRIDES, task="addition"))
    with launched(run) as process:
        said = process.communicate(timeout=120)[1]
    assert re.search(r"rank +: 0 .*\n +exitcode +: 2 ", said)
    assert said.count(f"error: {run.data}/manifest.json is missing") == 1
    assert "[rank" not in said


def test_a_folder_that_is_no_run_is_refused_in_two_lines(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tailkit.train", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"error: {tmp_path} is no run folder: it has no recipe.yaml",
        "`tailkit run TASK` makes one.",
    ]


@given(st.integers(1, 60), st.integers(1, 4), st.integers(1, 3), st.integers(1, 4), st.booleans())
def test_a_step_has_its_rows_however_many_processes_share_it(
    rows: int, micro: int, passes: int, processes: int, by_length: bool
) -> None:
    from accelerate.data_loader import BatchSamplerShard
    from torch.utils.data import BatchSampler

    lengths = [1 + i % 7 for i in range(rows)]

    class Rows(dict):
        def __len__(self) -> int:
            return rows

    def steps(count: int, micro: int, passes: int) -> list[list[int]]:
        args = SimpleNamespace(train_batch_size=micro, gradient_accumulation_steps=passes, data_seed=3)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ranks, "count", lambda: count)
            order = training.sampler(Rows(input_ids=[[0] * n for n in lengths]), args, by_length=by_length)
        order.set_epoch(1)
        batches = BatchSampler(order, micro, drop_last=False)
        # Accelerate leaves the batches of one process as they are.
        shards = [BatchSamplerShard(batches, count, number) for number in range(count)] if count > 1 else [batches]
        parts = [list(shard) for shard in shards]
        assert len({len(part) for part in parts}) == 1
        return [
            sorted(row for part in parts for taken in part[first : first + passes] for row in taken if row < rows)
            for first in range(0, len(parts[0]), passes)
        ]

    assert steps(processes, micro, passes) == steps(1, micro * processes, passes)


@given(st.integers(1, 400), st.integers(1, 9), st.integers(1, 12))
def test_processes_share_a_step_in_equal_parts_or_not_at_all(batch: int, micro: int, processes: int) -> None:
    plan = Sizes(100, batch, batch, divisor(batch, micro), packed=False)
    if batch % processes:
        with pytest.raises(UsageError, match=f"{batch} rows .* {processes} processes"):
            plan.among(processes)
        return
    for shared in (plan.among(processes), plan.among(processes).halved()):
        assert shared.micro * shared.passes * processes == shared.batch == batch
        assert shared.micro <= plan.micro


def test_one_process_without_memory_makes_all_try_less(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    plan = Sizes(100, 12, 4, 2, packed=False)

    def in_any(flag: bool) -> bool:
        told.append(flag)
        return True

    def no_memory(*_: Any) -> float:
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(ranks, "in_any", in_any)
    monkeypatch.setattr(headroom, "try_longest", lambda *_: 0.0)
    with pytest.raises(RuntimeError, match="out of memory in another process"):
        train._probe(None, plan)
    monkeypatch.setattr(headroom, "try_longest", no_memory)
    with pytest.raises(RuntimeError, match="CUDA out of memory"):
        train._probe(None, plan)
    assert told == [False, True]


def test_each_process_tries_the_longest_pass_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codec = models.load_codec(NANO)
    rows = [encode(codec, example(seed)) for seed in range(4)]
    loaded = models.load_base(NANO)
    models.add_adapter(loaded, recipe.Lora(rank=4, alpha=8), seed=0)
    plan = Sizes(preflight(codec, rows).longest, len(rows), 4, 2, packed=False)
    run = RunDir.create(tmp_path / "run", "addition", recipe.load("nano", SMALL_OVERRIDES, task="addition"))
    trainer, _ = training.build(run, loaded, rows, plan)
    monkeypatch.setattr(ranks, "count", lambda: 2)
    monkeypatch.setattr(trainer, "compute_loss", lambda *_: pytest.fail("it asks the others"))
    headroom.try_longest(trainer, plan)
    assert all(parameter.grad is None for parameter in loaded.model.parameters())


def test_what_accelerate_is_set_to_does_not_change_the_training(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Set here, so that they are as before afterwards.
    for name in ("ACCELERATE_MIXED_PRECISION", "ACCELERATE_TORCH_DEVICE"):
        monkeypatch.setenv(name, "cpu" if name.endswith("DEVICE") else "bf16")
    monkeypatch.setenv("MASTER_PORT", "29500")
    ranks.join()
    assert "--multi_gpu" in capsys.readouterr().err
    assert os.environ["ACCELERATE_MIXED_PRECISION"] == "no"
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(UsageError, match="FSDP"):
        ranks.join()


def test_several_processes_train_without_unsloth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.backends, "has_gpu", lambda: True)
    assert models.choose(recipe.Model(backend="auto"), processes=2).name == "hf"
    with pytest.raises(UsageError, match="one process"):
        models.choose(recipe.Model(backend="unsloth"), processes=2)
