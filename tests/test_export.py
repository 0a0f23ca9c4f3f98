"""What leaves a run: the merged model, GGUF, Ollama, the card."""

import json
import pickle
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tailkit import models, pipeline, recipe, score
from tailkit.errors import EnvironmentMissing, TailkitError, UsageError
from tailkit.models import chat
from tailkit.models.chatml import STOP, ChatML
from tailkit.models.likeness import compare, portrait
from tailkit.recipe.yaml import parse
from tailkit.records import RANGES, Score
from tailkit.report import model_card
from tailkit.run.folder import RunDir
from tailkit.use import export
from tests.conftest import SMALL_OVERRIDES, Cli

# Stands for llama.cpp's converter: it checks what it is given and writes a file.
CONVERTER = """
import json, pathlib, sys
folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
assert names[::2] == ["--outfile", "--outtype"], names
assert json.loads((folder / "config.json").read_text())["eos_token_id"] == 258
assert (folder / "model.safetensors").is_file() and (folder / "tokenizer.json").is_file()
pathlib.Path(names[1]).write_bytes(b"GGUF" + names[3].encode())
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run with data and an adapter that does something."""
    import torch

    folder = tmp_path_factory.mktemp("runs") / "small"
    made = RunDir.create(
        folder, "addition", recipe.load("nano", [*SMALL_OVERRIDES, "data.replay.grid=4"], task="addition")
    )
    pipeline.make_data(made, workers=1)
    loaded = models.load_base(made.recipe.model)
    models.add_adapter(loaded, made.recipe.lora, seed=0)
    for name, weights in loaded.model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.05)
    with pipeline.training_stage(made).making():
        models.save_adapter(loaded, made.adapter)
    return made


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Fresh processes cost seconds each. What goes to one, and comes back, has to go through a pipe."""

    def run_here(*work: Any) -> Any:
        function, *arguments = pickle.loads(pickle.dumps(work))
        return pickle.loads(pickle.dumps(function(*arguments)))

    monkeypatch.setattr(export, "run_apart", run_here)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.with_name(f"{tmp_path.name}-cache")))


@pytest.fixture
def converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "llama").mkdir()
    (tmp_path / "llama" / export.CONVERTER).write_text(CONVERTER)
    monkeypatch.setenv("LLAMA_CPP_DIR", str(tmp_path / "llama"))
    return tmp_path / "llama" / export.CONVERTER


def test_the_merged_model_does_what_base_and_adapter_do(run: RunDir, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    export.merged(run, tmp_path / "m")
    ours = models.load_base(run.recipe.model)
    models.load_adapter(ours, run.adapter)
    theirs = models.load_base(recipe.Model(name=str(tmp_path / "m"), precision="fp32"))
    rows = run.evaluation_set("L")
    likeness = compare(portrait(ours, rows), portrait(theirs, rows))
    assert likeness.difference < 1e-4
    assert likeness.agreement == 1.0
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "m")
    assert plain.generation_config.eos_token_id == ours.codec.stop_id
    assert not plain.generation_config.do_sample
    prompt = theirs.codec.tokenizer.apply_chat_template(
        chat.messages("1+1?", "")[:1], tokenize=False, add_generation_prompt=True
    )
    assert prompt == ChatML().prompt("1+1?")
    assert "addition" in (tmp_path / "m" / "README.md").read_text()
    with pytest.raises(UsageError, match="already"):
        export.merged(run, tmp_path / "m")
    assert not list(tmp_path.glob(".*"))


def test_a_merge_onto_four_bits_takes_the_original_weights(run: RunDir, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    copied = tmp_path / "run"
    shutil.copytree(run.path, copied)
    model = run.recipe.model.model_copy(update={"precision": "nf4"})
    RunDir(copied, run.task, run.recipe.model_copy(update={"model": model})).keep_recipe()
    four = RunDir.open(copied)
    export.merged(four, tmp_path / "m")
    found = AutoModelForCausalLM.from_pretrained(tmp_path / "m")
    assert next(found.parameters()).dtype == torch.bfloat16
    original = AutoModelForCausalLM.from_pretrained(models.origin.locate(run.recipe.model).path)
    weight = "model.embed_tokens.weight"
    assert torch.equal(found.state_dict()[weight].float(), original.state_dict()[weight].bfloat16().float())


def test_an_export_that_does_something_else_is_kept_aside(
    run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOVED", {"fp32": -1.0})
    with pytest.raises(TailkitError, match="held-out rows") as caught:
        export.merged(run, tmp_path / "m")
    assert "m.suspect" in caught.value.hint
    assert (tmp_path / "m.suspect" / "model.safetensors").is_file()
    assert not (tmp_path / "m").exists()


def test_gguf_goes_through_llama_cpp_s_converter(run: RunDir, tmp_path: Path, converter: Path) -> None:
    export.gguf(run, tmp_path / "model.gguf", "q8_0")
    assert (tmp_path / "model.gguf").read_bytes() == b"GGUFq8_0"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["llama", "model.gguf"]
    with pytest.raises(UsageError, match="already"):
        export.gguf(run, tmp_path / "model.gguf")
    # What was read back for scoring does not stay in the cache.
    assert not list(tmp_path.with_name(f"{tmp_path.name}-cache").rglob("*.safetensors"))
    with pytest.raises(UsageError, match="q8_0"):
        export.gguf(run, tmp_path / "other.gguf", "q3")
    converter.write_text("import sys; sys.exit('no such architecture')")
    with pytest.raises(TailkitError, match="no such architecture"):
        export.gguf(run, tmp_path / "other.gguf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["llama", "model.gguf"]


def test_without_llama_cpp_the_next_action_is_named(
    run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LLAMA_CPP_DIR", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentMissing, match=r"convert_hf_to_gguf\.py") as caught:
        export.gguf(run, tmp_path / "model.gguf")
    assert "git clone" in caught.value.hint


def test_ollama_s_template_gives_the_prompt_of_training(run: RunDir, tmp_path: Path, converter: Path) -> None:
    export.ollama(run, tmp_path / "o")
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == ["Modelfile", "model.gguf"]
    text = (tmp_path / "o" / "Modelfile").read_text()
    template = text.split('"""')[1]
    for query in ("1+1?", "Add 2.07 to 27.0."):
        assert template.replace("{{ .Prompt }}", query) == ChatML().prompt(query)
    assert "SYSTEM" not in text
    assert f'PARAMETER stop "{STOP}"' in text
    assert "PARAMETER temperature 0" in text
    window, codec = int(text.split("num_ctx ")[1].split()[0]), models.load_codec(run.recipe.model)
    rows = run.evaluation_set("L")
    assert window >= max(len(codec.prompt_ids(row.query) + codec.completion_ids(row.completion)) for row in rows)


def test_the_adapter_has_only_what_vllm_takes(run: RunDir) -> None:
    """The rules of vLLM's PEFTHelper (vllm/lora/peft_helper.py): no bias, no DoRA, no modules to save."""
    config = json.loads((run.adapter / "adapter_config.json").read_text())
    assert config["bias"] == "none"
    assert not config["use_dora"]
    assert not config["modules_to_save"]
    assert config["peft_type"] == "LORA"
    assert not {"lm_head", "embed_tokens"} & set(config["target_modules"])
    assert config["r"] in model_card.VLLM_RANKS


def test_the_card_tells_what_the_run_s_files_say(run: RunDir) -> None:
    scores = [
        Score(name, index, 3, index < right, False, False, 10, "1", "1")
        for name, right in (("S", 6), ("M", 3), ("L", 0))
        for index in range(6)
    ]
    score.write_summaries(run.summary, [score.summarize(name, scores) for name in RANGES])
    text = model_card.write_card(run)
    front, _ = parse(text.split("---\n")[1])
    assert front["library_name"] == "peft"
    assert "base_model" not in front
    assert "| M | 3 | 6 | 50.0 % | 18.8–81.2 % |" in text
    assert "**Trained on 1–2 digits; right on none of the 6 sums of 4 digits.**" in text
    values = [result["metrics"][0]["value"] for result in front["model-index"][0]["results"]]
    assert values == [100.0, 50.0, 0.0]
    shortest = min(run.evaluation_set("S"), key=lambda row: (len(row.completion), row.query))
    assert f"prompt = {ChatML().prompt(shortest.query)!r}" in text
    assert shortest.completion in text
    assert "PeftModel.from_pretrained" in text
    assert ", and 4 replayed rows of nano/grid." in text
    assert "license" not in front
    run.summary.unlink()


def test_the_card_s_program_answers(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    program = re.findall(r"(?ms)^```python\n(.*?)^```$", model_card.write_card(run))[0]
    exec(program, {"ADAPTER": run.adapter})
    printed = capsys.readouterr().out
    assert printed.strip()
    assert "user" not in printed


def test_export_through_the_command_line(here: Cli, run: RunDir, tmp_path: Path) -> None:
    done = here("export", str(run.path), "--merged", str(tmp_path / "m"))
    assert done.returncode == 0, done.stderr
    assert "held-out rows" in done.stderr
    assert "written:" in done.stdout
    again = here("export", str(run.path), "--merged", str(tmp_path / "m"))
    assert (again.returncode, again.stderr.count("\n")) == (2, 2)
    assert here("export", str(run.path)).returncode == 2
