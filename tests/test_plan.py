"""What `tailkit plan` foretells, held against real models of small size; and what `doctor` finds."""

import json
from pathlib import Path

import pytest

from tailkit import hardware, recipe
from tailkit.hardware import cost, doctor
from tailkit.hardware.cost import QWEN, shape_of
from tailkit.hardware.plan import counter, measure, shape
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


def test_the_sizes_of_qwen_add_up_to_the_published_parameters() -> None:
    assert {name: one.parameters for name, one in QWEN.items()} == PUBLISHED


def test_parameters_adapter_and_cache_are_counted_as_torch_counts_them(small: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from tailkit.decode.plain import cache_bytes
    from tailkit.models.backends import linear_layers

    model = AutoModelForCausalLM.from_pretrained(small)
    found = shape(str(small))
    assert found.parameters == sum(p.numel() for p in model.parameters())
    assert found.cache == cache_bytes(model.config)
    adapted = get_peft_model(model, LoraConfig(r=8, target_modules=linear_layers(model), task_type="CAUSAL_LM"))
    assert found.adapter(8) == sum(p.numel() for p in adapted.parameters() if p.requires_grad)


def test_four_bit_weights_take_the_bytes_that_are_foretold(small: Path) -> None:
    from tailkit.models.backends import load_hf

    model = load_hf(recipe.Model(name=str(small), precision="nf4"))
    blocks = 0
    for name, module in model.named_modules():
        if type(module).__name__ == "Linear4bit" and "lm_head" not in name:
            state = module.weight.quant_state
            blocks += module.weight.nbytes + state.absmax.nbytes + state.state2.absmax.nbytes
    assert blocks == pytest.approx(cost.NF4_BYTES * shape(str(small)).block_weights, rel=0.05)


def test_what_costs_more_is_foretold_to_cost_more() -> None:
    def peak(*overrides: str, longest: int = 1000) -> tuple[float, float]:
        return hardware.predicted_peak(recipe.load("hobby", overrides), longest)

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


def test_the_verdict_turns_with_the_memory() -> None:
    chosen = recipe.load("hobby")
    verdicts = [hardware.make("addition", chosen, memory).verdict for memory in (4, 12, 24, 48)]
    assert verdicts == ["does not fit", "tight", "fits", "fits"]


def test_advice_is_ranked_and_each_piece_helps() -> None:
    found = hardware.make("lcs", recipe.load("hobby", ["lora.rank=64", "model.precision=bf16"]), 12)
    savings = [float(one.rpartition("about ")[2].split()[0]) for one in found.advice]
    assert savings == sorted(savings, reverse=True)
    assert any("model.precision=nf4" in one for one in found.advice)
    assert any("lora.rank=8" in one for one in found.advice)


def test_tokens_are_those_of_the_data_that_the_recipe_writes(cli: Cli, tmp_path: Path) -> None:
    """Counted from 200 problems, against all rows of a data set, by nano's own tokenizer."""
    from tailkit import chat, dataset

    over = ["data.train=600", "data.eval=60", "data.mix=2:1:0", "train.epochs=2"]
    done = cli("data", "addition", "--recipe", "nano", *over, "--out", str(tmp_path / "d"))
    assert done.returncode == 0, done.stderr
    count, exact = counter("nano")
    rows = dataset.read_checked(tmp_path / "d", "train")
    sizes = [count(chat.prompt(row.query) + row.completion) + 1 for row in rows]
    work = measure("addition", recipe.load("nano", over))
    assert exact
    assert work.exact
    assert work.mean == pytest.approx(sum(sizes) / len(sizes), rel=0.05)
    assert work.tokens == pytest.approx(2 * sum(sizes), rel=0.05)
    assert work.longest == pytest.approx(max(sizes), rel=0.1)


def test_the_plan_s_rows_and_steps_are_those_of_the_training() -> None:
    found = hardware.make("addition", recipe.load("nano"), 20)
    assert (found.steps, found.rows_at_once) == (563, 32)
    assert found.speed_from == "measured on 2 CPU cores"


def test_plan_tells_json_and_text_and_ends_with_4_where_it_does_not_fit(cli: Cli) -> None:
    done = cli("plan", "addition", "--json")
    assert json.loads(done.stdout)["verdict"] == "fits"
    text = cli("plan", "addition", "--tokens-per-second", "5000").stdout
    assert "verdict     fits" in text
    assert "as given" in text
    refused = cli("plan", "addition", "--gpu-memory", "4")
    assert refused.returncode == 4
    assert "does not fit into 4 GiB" in refused.stderr
    assert "train.micro_tokens" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["plan", "addition", "--gpu-memory", "0"], 2, "--gpu-memory"),
        (["plan", "adition"], 2, "addition"),
        (["plan", "addition", "model.name=some/model"], 3, "Qwen2.5-7B"),
        (["plan", "addition", "model.name=./nowhere"], 3, "nowhere"),
        (
            ["plan", "addition", "data.ranges.addition.L=[1500,1600]", "model.name=Qwen/Qwen2.5-0.5B"],
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
    with pytest.raises(recipe.UsageError, match=r"config\.json"):
        shape(str(tmp_path))
    assert shape_of(json.loads((Path(hardware.doctor.MODEL_DIR) / "config.json").read_text())).layers


def test_doctor_tries_things_out_and_finds_this_machine_well(cli: Cli) -> None:
    done = cli("doctor", "--json", "--offline")
    assert done.returncode == 0, done.stderr
    found = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert {"torch", "trl", "bundled model", "GPU", "4-bit product", "Unsloth step"} <= found.keys()
    assert "model hub" not in found
    assert "largest error" in found["4-bit product"]["value"]
    quick = cli("doctor", "--quick")
    assert "4-bit" not in quick.stdout
    assert quick.stdout.count("ok ") >= 15


def test_doctor_names_the_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = doctor.importlib.metadata.version
    monkeypatch.setattr(doctor.importlib.metadata, "version", lambda name: "0.1" if name == "trl" else versions(name))
    bad = [finding for finding in doctor.examine(quick=True) if not finding.ok]
    assert [finding.what for finding in bad] == ["trl"]
    assert bad[0].repair == "pip install 'trl==1.14.2'"
