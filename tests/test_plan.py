"""What `tailkit plan` foretells, held against real models of small size and real data sets."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tailkit import dataset, hardware, recipe
from tailkit.arithmetic import memory as need
from tailkit.arithmetic.host import GIB
from tailkit.arithmetic.shape import QWEN, shape_of
from tailkit.errors import EnvironmentMissing, UsageError
from tailkit.hardware import work
from tailkit.hardware.plan import Plan
from tailkit.hardware.work import local_counter, measure, shape
from tailkit.models.origin import folder_of_gguf
from tailkit.nano import MODEL_DIR
from tests.conftest import Cli

# Parameters as the model cards' safetensors give them.
PUBLISHED = {"0.5B": 494032768, "1.5B": 1543714304, "3B": 3085938688, "7B": 7615616512, "14B": 14770033664}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Qwen2 with grouped heads, as a folder."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        hidden_size=128, intermediate_size=384, num_hidden_layers=3, num_attention_heads=8, num_key_value_heads=2,
        vocab_size=500, max_position_embeddings=2048, tie_word_embeddings=False,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("models") / "small"
    Qwen2ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller sample of rows, where their exact mean does not matter."""
    monkeypatch.setattr(work, "SAMPLE", 12)


def plan(task: str, name: str, memory: float | None = None, *overrides: str) -> Plan:
    chosen = recipe.load(name, overrides, task=None)
    return hardware.make(task, chosen, dataset.rows_of(task, chosen), memory)


def test_the_sizes_of_qwen_add_up_to_the_published_parameters() -> None:
    assert {name: one.parameters for name, one in QWEN.items()} == PUBLISHED


@pytest.mark.parametrize("size", QWEN)
def test_the_sizes_of_qwen_are_those_that_torch_builds(size: str) -> None:
    """Built without memory for its weights: only their shapes are there."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    one = QWEN[size]
    config = Qwen2Config(
        hidden_size=one.hidden, intermediate_size=one.intermediate, num_hidden_layers=one.layers,
        num_attention_heads=one.heads, num_key_value_heads=one.kv_heads, vocab_size=one.vocabulary,
        tie_word_embeddings=one.tied,
    )  # fmt: skip
    with torch.device("meta"):
        model = Qwen2ForCausalLM(config)
    model.tie_weights()
    assert sum(p.numel() for p in model.parameters()) == one.parameters


def test_parameters_and_adapter_are_counted_as_torch_counts_them(small: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from tailkit.models.hf import linear_layers

    model = AutoModelForCausalLM.from_pretrained(small)
    found = shape(str(small))
    assert found.parameters == sum(p.numel() for p in model.parameters())
    adapted = get_peft_model(model, LoraConfig(r=8, target_modules=linear_layers(model), task_type="CAUSAL_LM"))
    assert found.adapter(8) == sum(p.numel() for p in adapted.parameters() if p.requires_grad)


def test_four_bit_weights_take_the_bytes_that_are_foretold(small: Path) -> None:
    from tailkit.models.hf import load_hf

    model = load_hf(recipe.Model(name=str(small), precision="nf4"))
    blocks = 0
    for name, module in model.named_modules():
        if type(module).__name__ == "Linear4bit" and "lm_head" not in name:
            state = module.weight.quant_state
            blocks += module.weight.nbytes + state.absmax.nbytes + state.state2.absmax.nbytes
    assert blocks == pytest.approx(need.NF4_BYTES * shape(str(small)).block_weights, rel=0.05)


def test_what_costs_more_is_foretold_to_cost_more() -> None:
    def peak(*overrides: str, longest: int = 1000) -> tuple[float, float]:
        return hardware.predicted_peak(recipe.load("hobby", overrides, task=None), longest)

    base = peak()
    for dearer in (
        peak("train.micro_tokens=16384"),
        peak(longest=20_000),
        peak("lora.rank=64"),
        peak("model.precision=bf16"),
        peak("model.name=Qwen/Qwen2.5-14B"),
    ):
        assert dearer[0] > base[0]
        assert dearer[1] > base[1]
    assert peak("model.backend=hf")[0] > base[0]
    assert base[0] <= base[1]
    assert peak("train.optim=adamw_8bit", "lora.rank=64")[0] < peak("lora.rank=64")[0]


@pytest.mark.usefixtures("few_rows")
def test_the_verdict_turns_with_the_memory() -> None:
    verdicts = [plan("addition", "hobby", memory).verdict for memory in (4, 12, 24, 48)]
    assert verdicts == ["does not fit", "tight", "fits", "fits"]


@pytest.mark.usefixtures("few_rows")
def test_advice_is_ranked_and_each_piece_helps() -> None:
    found = plan("lcs", "hobby", 12, "lora.rank=64", "model.precision=bf16")
    savings = [float(one.rpartition("about ")[2].split()[0]) for one in found.advice]
    assert savings == sorted(savings, reverse=True)
    assert any("model.precision=nf4" in one for one in found.advice)
    assert any("lora.rank=8" in one for one in found.advice)
    for one in found.advice:
        taken = [word for word in one.partition(":")[0].partition(" (")[0].split() if "=" in word]
        after = plan("lcs", "hobby", 12, "lora.rank=64", "model.precision=bf16", *taken)
        assert bool(taken) == (after.training.peak[1] < found.training.peak[1])


def test_advice_does_not_ask_for_what_is_done_already() -> None:
    found = hardware.advice(
        recipe.load("hobby", ["lora.rank=8", "train.micro_tokens=900", "train.packing=false"], task=None), 900
    )
    assert found
    assert not any(word in one for one in found for word in ("micro_tokens", "rank", "precision"))


def test_rows_are_those_that_a_task_with_few_problems_can_give(cli: Cli, tmp_path: Path) -> None:
    few = [f"data.ranges.derangement.{name}=[{n},{n + 2}]" for name, n in (("S", 3), ("M", 6), ("L", 9))]
    done = cli("data", "derangement", "--recipe", "hobby", *few, "--out", str(tmp_path / "d"))
    assert done.returncode == 0, done.stderr
    found = plan("derangement", "hobby", None, *few)
    files = dataset.read_manifest(tmp_path / "d").files
    assert found.work.rows == files["train"].rows < 1000


def test_tokens_are_those_of_the_data_that_the_recipe_writes(cli: Cli, tmp_path: Path) -> None:
    """Counted from 200 problems, against all rows of a data set, by nano's own tokenizer."""
    from tailkit.models.chatml import ChatML

    over = ["data.train=600", "data.eval=60", "data.mix=2:1:0", "data.replay.grid=500", "train.epochs=2"]
    done = cli("data", "addition", "--recipe", "nano", *over, "--out", str(tmp_path / "d"))
    assert done.returncode == 0, done.stderr
    count, exact = local_counter("nano")
    rows = dataset.read_checked(tmp_path / "d", "train")
    sizes = [count(ChatML().prompt(row.query) + row.completion) + 1 for row in rows]
    chosen = recipe.load("nano", over, task=None)
    measured, lengths = measure("addition", chosen, dataset.rows_of("addition", chosen))
    assert (lengths.rows, lengths.longest) == (measured.rows, measured.longest)
    assert sum(lengths.sample) / len(lengths.sample) == pytest.approx(measured.mean, rel=0.02)
    assert exact
    assert measured.exact
    assert measured.rows == len(sizes) == 1100
    assert measured.mean == pytest.approx(sum(sizes) / len(sizes), rel=0.05)
    assert measured.tokens == pytest.approx(2 * sum(sizes), rel=0.05)
    assert measured.longest == pytest.approx(max(sizes), rel=0.1)


@pytest.mark.usefixtures("few_rows")
def test_nano_is_planned_for_the_cpu_and_its_memory() -> None:
    found = plan("addition", "nano")
    assert (found.steps, found.rows_at_once, found.verdict) == (250, 18, "fits")
    assert [time.source for time in found.times] == ["measured on 2 CPU cores"]
    assert found.disk.download == 0
    on_gpu = plan("addition", "nano", 24)
    assert on_gpu.memory == 24
    assert on_gpu.training != found.training


@pytest.mark.parametrize(
    ("tokens", "dropout", "measured"),
    [
        (2580, 0, 0.906),
        (5160, 0, 1.223),
        (10320, 0, 1.94),
        (15480, 0, 2.501),
        (7038, 0, 1.55),
        (7038, 0.1, 1.8),
        (6930, 0.1, 1.93),
    ],
)
def test_the_memory_of_nano_lies_where_it_was_measured(tokens: int, dropout: float, measured: float) -> None:
    """Peak resident memory in GiB of one training step on a CPU, passes of so many tokens."""
    chosen = recipe.load("nano", [f"lora.dropout={dropout}"], task=None)
    found = need.training(shape("nano"), chosen, tokens, on_gpu=False)
    assert found.low / GIB <= measured <= found.high / GIB


@pytest.mark.parametrize(
    ("tokens", "counted"), [(1024, 6.40), (2048, 6.75), (4096, 7.89), (8183, 10.20), (8183, 10.43), (32732, 26.16)]
)
@pytest.mark.parametrize("backend", ["auto", "hf"])
def test_peaks_counted_for_7b_lie_in_the_range(tokens: int, counted: float, backend: str) -> None:
    """GiB of weights, adapter and pass under FakeTensorMode; AdamW (0.3) and CUDA (0.6) come on top.

    Unsloth's loss takes no more than TRL's, so that the upper bound is the same.
    """
    chosen = recipe.load("hobby", [f"model.backend={backend}"], task=None)
    found = need.training(QWEN["7B"], chosen, tokens, fused=backend == "auto")
    assert found.low / GIB <= counted + 0.9 <= found.high / GIB < 1.2 * (counted + 0.9)


def test_a_full_disk_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    usage: Any = type("Usage", (), {"free": 3e9})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    found = plan("addition", "hobby", 24)
    assert found.verdict == "does not fit"
    assert "3 GB are free" in found.reasons[0]
    assert "to free 13" in found.advice[0]
    assert "HF_HOME=FOLDER" in found.advice[0]


def test_a_converted_gguf_file_and_the_hub_s_cache_are_found(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    file = tmp_path / "some.gguf"
    with pytest.raises(UsageError, match="does not exist"):
        shape(str(file))
    file.write_bytes(b"GGUF")
    with pytest.raises(EnvironmentMissing, match="not read yet"):
        shape(str(file))
    shutil.copytree(small, folder_of_gguf(file))
    shutil.copytree(small, tmp_path / "hub" / "models--a--b" / "snapshots" / "1")
    assert shape(str(file)) == shape("a/b") == shape(str(small))
    assert shape("Qwen/Qwen2.5-7B").context > shape("Qwen/Qwen2.5-7B-Instruct").context


def test_plan_ends_with_4_where_it_does_not_fit(cli: Cli) -> None:
    done = cli("plan", "addition", "--recipe", "hobby", "--json")
    assert json.loads(done.stdout)["verdict"] == "fits"
    text = cli("plan", "addition", "--recipe", "hobby", "--tokens-per-second", "5000").stdout
    assert "verdict     fits" in text
    assert "as given" in text
    assert "RTX 4090: " not in text
    refused = cli("plan", "addition", "--recipe", "hobby", "--gpu-memory", "4")
    assert refused.returncode == 4
    assert "4.0 GiB are there" in refused.stderr
    assert "train.micro_tokens" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["plan", "addition", "--gpu-memory", "0"], 2, "--gpu-memory"),
        (["plan", "addition", "--gpu-memory", "-8"], 2, "--gpu-memory"),
        (["plan", "addition", "--gpu-memory", "inf"], 2, "--gpu-memory"),
        (["plan", "adition"], 2, "addition"),
        (["plan", "addition", "--recipe", "hobby", "model.name=some/model"], 3, "Qwen2.5-7B"),
        (["plan", "addition", "model.name=./nowhere"], 2, "nowhere"),
        (
            [
                "plan",
                "addition",
                "--recipe",
                "hobby",
                "--gpu-memory",
                "24",
                "data.ranges.addition.L=[1500,1600]",
                "model.name=Qwen/Qwen2.5-0.5B",
            ],
            4,
            "at most 32,768",
        ),
    ],
)
def test_bad_plans_are_refused_in_short(cli: Cli, arguments: list[str], code: int, named: str) -> None:
    done = cli(*arguments)
    assert done.returncode == code, done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_a_config_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')
    with pytest.raises(UsageError, match=r"config\.json"):
        shape(str(tmp_path))
    config = json.loads((MODEL_DIR / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"num_experts": 8}))
    with pytest.raises(UsageError, match="experts"):
        shape(str(tmp_path))
    assert shape_of(config).layers == 6
