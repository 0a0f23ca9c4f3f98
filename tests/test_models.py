"""Base models, tokens and adapters, inside one process."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tailkit import models, recipe
from tailkit.errors import EnvironmentMissing, TailkitError, UsageError
from tailkit.models import Loaded, chat, forward, hf, likeness, unsloth
from tailkit.models.forward import teacher_forced
from tailkit.nano import MODEL_DIR
from tailkit.nano.workshop.batches import STOP_ID, encode
from tailkit.records import HeldOut
from tailkit.run import lines
from tailkit.train.labelled import encode as training_row
from tests.small import NANO, TASK, example, small_model


@pytest.fixture(scope="module")
def nano() -> Loaded:
    loaded = models.load_base(NANO)
    loaded.model.eval()
    return loaded


def adapted(rank: int = 4) -> Loaded:
    """nano with an adapter that does something."""
    import torch

    loaded = models.load_base(NANO)
    models.add_adapter(loaded, recipe.Lora(rank=rank, alpha=8), seed=0)
    for name, weights in loaded.model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.3)
    loaded.model.eval()
    return loaded


def test_labels_hold_one_stop_whatever_the_completion_says(nano: Loaded) -> None:
    for text in ("Answer: 2", "<|im_end|>", "a<|im_start|>b<|endoftext|>", "<|im_end"):
        labels = training_row(nano.codec, example(0)._replace(completion=text))["labels"]
        assert [number for number in labels if number in nano.codec.tokenizer.all_special_ids] == [nano.codec.stop_id]
        assert labels[-1] == nano.codec.stop_id
        assert nano.codec.text([number for number in labels if number >= 0]) == text


def test_a_model_s_own_penalty_does_not_change_decoding(tmp_path: Path) -> None:
    loaded = models.load_base(NANO)
    loaded.model.generation_config.repetition_penalty = 5.0
    loaded.model.save_pretrained(tmp_path / "m")
    loaded.codec.tokenizer.save_pretrained(tmp_path / "m")
    penalized = models.load_base(recipe.Model(name=str(tmp_path / "m"), precision="fp32"))
    assert penalized.model.generation_config.repetition_penalty is None


def test_the_template_gives_the_prompt_without_a_system_turn(nano: Loaded) -> None:
    turns, tokenizer, form = chat.messages("1+1?", "2"), nano.codec.tokenizer, nano.codec.form
    assert tokenizer.apply_chat_template(turns[:1], tokenize=False, add_generation_prompt=True) == form.prompt("1+1?")
    assert tokenizer.apply_chat_template(turns, tokenize=False) == form.prompt("1+1?") + "2" + form.stop
    assert "system" not in form.prompt("1+1?")


def test_nano_s_tokenizer_is_one_token_a_byte_both_ways(nano: Loaded) -> None:
    texts = [" a  b\n\n\tc ", "x1 1:4>2:8>\n.2:_+7+0=07", "ü€🙂", *TASK.queries]
    for text in texts:
        ids = nano.codec.tokenizer(text, add_special_tokens=False)["input_ids"]
        assert ids == list(text.encode())
        assert nano.codec.tokenizer.decode(ids) == text
    whole = nano.codec.prompt_ids("q") + nano.codec.completion_ids("c")
    # The pretraining script writes ids without the tokenizer; they must be the same.
    assert whole == encode("q", "c")[0]
    assert whole[-1] == STOP_ID


def test_nano_s_files_are_small_and_safe() -> None:
    weights = MODEL_DIR / "model.safetensors"
    assert weights.stat().st_size <= 12_000_000
    assert not [path.name for path in MODEL_DIR.iterdir() if path.suffix in {".bin", ".pt", ".py", ".pkl"}]


def test_a_saved_adapter_has_the_same_logits_in_plain_peft(tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    loaded = adapted()
    models.save_adapter(loaded, tmp_path / "adapter")
    plain = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(MODEL_DIR), tmp_path / "adapter").eval()
    ids = torch.tensor([loaded.codec.prompt_ids("1+1?")])
    with torch.inference_mode():
        ours, theirs = (model(input_ids=ids).logits for model in (loaded.model, plain))
    assert torch.equal(ours, theirs)
    with plain.disable_adapter(), torch.inference_mode():
        base = plain(input_ids=ids).logits
    assert not torch.allclose(ours, base)


def test_an_adapter_s_files_do_not_depend_on_a_set_s_order(tmp_path: Path) -> None:
    loaded = adapted()
    (settings,) = loaded.model.peft_config.values()
    assert isinstance(settings.target_modules, set)
    models.save_adapter(loaded, tmp_path)
    named = json.loads((tmp_path / "adapter_config.json").read_text())["target_modules"]
    assert len(named) > 5
    assert named == sorted(named)


@pytest.mark.slow
def test_an_adapter_has_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from tailkit import models, recipe\n"
        "loaded = models.load_base(recipe.Model(name='nano', precision='fp32'))\n"
        "models.add_adapter(loaded, recipe.Lora(rank=4, alpha=8), seed=0)\n"
        "models.save_adapter(loaded, pathlib.Path(sys.argv[1]))"
    )
    written = []
    for seed in ("1", "2", "3"):
        folder = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", code, str(folder)], check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert "adapter_config.json" in written[0]
    assert written[1:] == [written[0], written[0]]


def test_a_kept_share_lies_between_the_base_and_the_adapter() -> None:
    import torch

    def changes(loaded: Loaded) -> list[Any]:
        layers = [m for m in loaded.model.modules() if hasattr(m, "get_delta_weight")]
        return [layer.get_delta_weight("default") for layer in layers]

    loaded = adapted()
    whole = changes(loaded)
    assert any(change.abs().max() > 0 for change in whole)
    models.keep_share(loaded, 0.75)
    for before, after in zip(whole, changes(loaded), strict=True):
        torch.testing.assert_close(after, 0.75 * before)


def test_a_portrait_tells_one_adapter_from_another(tmp_path: Path) -> None:
    rows, trained = [example(seed) for seed in range(5)], adapted()
    lines.write(tmp_path / "held-out.jsonl", likeness.portrait(trained, rows))
    portrait = lines.read(tmp_path / "held-out.jsonl", HeldOut)
    models.save_adapter(trained, tmp_path / "adapter")
    again = models.load_base(NANO)
    models.load_adapter(again, tmp_path / "adapter")
    same = likeness.compare(portrait, likeness.portrait(again, rows))
    assert (same.difference, same.agreement) == (0.0, 1.0)
    assert not likeness.compare(portrait, likeness.portrait(models.load_base(NANO), rows)).holds("nf4")


def test_a_teacher_forced_batch_says_what_each_row_says_alone(nano: Loaded) -> None:
    rows = [
        (nano.codec.prompt_ids(one.query), nano.codec.completion_ids(one.completion))
        for one in (example(seed, n) for seed, n in enumerate((1, 4, 2)))
    ]
    together = teacher_forced(nano, rows)
    for row, forced in zip(rows, together, strict=True):
        (alone,) = teacher_forced(nano, [row])
        assert forced.best == alone.best
        assert forced.logprob == pytest.approx(alone.logprob, abs=1e-4)
        assert len(forced.best) == len(forced.margin) == len(forced.logprob) == len(row[1])
        assert min(forced.margin) >= 0
        assert max(forced.logprob) <= 0


def small_granite(folder: Path) -> recipe.Model:
    """A model that scales its logits after the output layer."""
    import torch
    from transformers import AutoTokenizer, GraniteConfig, GraniteForCausalLM

    torch.manual_seed(0)
    config = GraniteConfig(
        hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, vocab_size=264,
        logits_scaling=3.0,
    )  # fmt: skip
    GraniteForCausalLM(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(MODEL_DIR).save_pretrained(folder)
    return recipe.Model(name=str(folder), precision="fp32")


@pytest.mark.parametrize("kind", ["nano", "qwen2", "granite"])
def test_a_pass_in_chunks_finds_what_the_whole_logits_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """With an adapter, in fp32; the blocks run once, the output layer never over more than a chunk."""
    import torch

    makers = {"nano": lambda _: NANO, "qwen2": small_model, "granite": small_granite}
    loaded = models.load_base(makers[kind](tmp_path / "m"))
    models.add_adapter(loaded, recipe.Lora(rank=4, alpha=8), seed=0)
    for name, weight in loaded.model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    loaded.model.eval()
    rows = [(loaded.codec.prompt_ids("copy" * n), loaded.codec.completion_ids("abcd" * (n + 3))) for n in range(1, 9)]
    sizes: list[int] = []
    loaded.model.get_output_embeddings().register_forward_hook(
        lambda _, given, made: sizes.append(given[0].shape[:-1].numel())
    )
    monkeypatch.setattr(forward, "LOGITS_AT_ONCE", 7)
    forced = teacher_forced(loaded, rows)
    assert (max(sizes) <= 7) == (kind != "granite")
    for (prompt, completion), found in zip(rows, forced, strict=True):
        with torch.inference_mode():
            logits = loaded.model(input_ids=torch.tensor([prompt + completion])).logits[0, len(prompt) - 1 : -1]
        top = logits.topk(2)
        assert found.best == top.indices[:, 0].tolist()
        assert found.margin == pytest.approx((top.values[:, 0] - top.values[:, 1]).tolist(), abs=1e-4)
        own = logits.log_softmax(-1).gather(-1, torch.tensor(completion)[:, None])[:, 0]
        assert found.logprob == pytest.approx(own.tolist(), abs=1e-4)


def test_every_linear_layer_but_the_output_gets_an_adapter(nano: Loaded) -> None:
    names = models.hf.linear_layers(nano.model)
    assert names == ["in_proj", "k_proj", "out_proj", "q_proj", "v_proj", "w1", "w2", "w3"]


def broken(folder: Path, **config: object) -> str:
    """A copy of nano's folder with changed keys in its config.json."""
    shutil.copytree(MODEL_DIR, folder)
    content = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**content, **config}))
    return str(folder)


def test_an_unusable_model_is_refused_in_short(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    pickled = Path(broken(tmp_path / "pickled"))
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    text = tmp_path / "text.gguf"
    text.write_text("no model")
    cases = {
        str(tmp_path / "empty"): "config.json",
        str(pickled): "safetensors",
        broken(tmp_path / "remote", auto_map={"AutoModelForCausalLM": "evil.Model"}): "code of its own",
        broken(tmp_path / "alien", model_type="alien"): "cannot be loaded",
        str(tmp_path / "missing.gguf"): "does not exist",
        str(text): "cannot be read",
        "./nowhere": "does not exist",
    }
    for name, reason in cases.items():
        with pytest.raises(UsageError, match=reason) as caught:
            models.load_base(recipe.Model(name=name, precision="fp32"))
        assert str(caught.value).count("\n") <= 1


def test_a_hub_model_without_a_gpu_is_an_environment_error() -> None:
    with pytest.raises(EnvironmentMissing, match="GPU"):
        models.load_base(recipe.Model(name="Qwen/Qwen2.5-7B"))


def test_a_missing_or_foreign_adapter_is_told_in_short(tmp_path: Path, nano: Loaded) -> None:
    with pytest.raises(TailkitError, match="no adapter"):
        models.load_adapter(nano, tmp_path)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"nonsense")
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(TailkitError, match="cannot be loaded"):
        models.load_adapter(nano, tmp_path)


def test_unsloth_is_asked_for_only_where_it_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsloth.importlib.util, "find_spec", lambda name: None)
    assert models.choose(recipe.Model(backend="auto")).name == "hf"
    assert models.choose(recipe.Model(backend="hf")).name == "hf"
    with pytest.raises(EnvironmentMissing, match="not installed"):
        models.choose(recipe.Model(backend="unsloth"))
    monkeypatch.setattr(models.backends, "has_gpu", lambda: True)
    assert models.choose(recipe.Model(backend="auto")).name == "hf"


def test_an_old_unsloth_is_named_with_the_tested_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsloth.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(unsloth.importlib.metadata, "version", lambda name: "2024.1")
    with pytest.raises(EnvironmentMissing, match=r"unsloth is 2024\.1, tested is ==2026"):
        models.choose(recipe.Model(backend="unsloth"))


def test_4_bit_weights_are_loaded_as_they_are(tmp_path: Path) -> None:
    """On a card without bf16 too, though their config asks for it."""
    import torch

    small_model(tmp_path / "m")
    made = hf.load_hf(recipe.Model(name=str(tmp_path / "m"), precision="nf4"))
    made.save_pretrained(tmp_path / "q")
    config = json.loads((tmp_path / "q" / "config.json").read_text())
    config["quantization_config"]["bnb_4bit_compute_dtype"] = "bfloat16"
    (tmp_path / "q" / "config.json").write_text(json.dumps(config))
    spec = recipe.Model(name=str(tmp_path / "q"), precision="nf4")
    again = hf.load_hf(spec)
    ids = torch.arange(1, 9)[None]
    assert torch.equal(made(ids).logits, again(ids).logits)
    computed = {module.compute_dtype for module in again.modules() if type(module).__name__ == "Linear4bit"}
    assert computed == {torch.float32}
    with pytest.raises(UsageError, match="quantised already"):
        hf.load_hf(spec.model_copy(update={"precision": "bf16"}))
