"""Training rows, generation and the nano model, inside one process."""

import json
from pathlib import Path
from random import Random

import pytest

from tailkit import chat, decode, models, recipe, tasks, train
from tailkit.errors import DoesNotFit, EnvironmentMissing, TailkitError
from tailkit.models import Loaded
from tailkit.nano import MODEL_DIR
from tailkit.nano.pretrain import STOP_ID, encode
from tailkit.records import Example, Generation
from tailkit.rundir import RunDir

TASK = tasks.load("addition")
NANO = recipe.Model(name="nano", precision="fp32")


@pytest.fixture(scope="module")
def nano() -> Loaded:
    loaded = models.load_base(NANO)
    loaded.model.eval()
    return loaded


def example(seed: int, n: int = 3) -> Example:
    problem = TASK.problem(Random(seed), "S", (n, n))
    text = TASK.trace(TASK.record(problem), problem, "tail").text
    data = json.dumps(problem.data)
    return Example("addition", "", 1, "S", n, "eval", "tail", problem.key, problem.query, text, problem.answer, data)


def test_a_training_row_masks_the_prompt_and_trains_the_stop_token(nano: Loaded) -> None:
    row = train.encode(nano, example(1))
    first = row["labels"].index(row["input_ids"][len(nano.prompt_ids(example(1).query))])
    assert nano.tokenizer.decode(row["input_ids"][:first]) == chat.prompt(example(1).query)
    assert nano.tokenizer.decode(row["labels"][first:]) == example(1).completion + chat.STOP
    assert set(row["labels"][:first]) == {train.IGNORED}
    assert row["labels"][-1] == nano.stop_id != nano.pad_id


def test_preflight_refuses_what_would_train_wrongly(nano: Loaded) -> None:
    good = train.encode(nano, example(1))
    assert train.preflight(nano, [good]).longest == len(good["input_ids"])
    unstopped = {name: ids[:-1] for name, ids in good.items()}
    masked = {**good, "labels": [train.IGNORED] * len(good["labels"])}
    for bad in ([unstopped], [masked], []):
        with pytest.raises(TailkitError):
            train.preflight(nano, bad)
    long = {name: ids * 100 for name, ids in good.items()}
    with pytest.raises(DoesNotFit, match="row 1"):
        train.preflight(nano, [good, long])


def test_batched_generation_is_what_greedy_decoding_prints_row_by_row(nano: Loaded, tmp_path: Path) -> None:
    import torch

    rows = [example(seed, n) for seed, n in enumerate((1, 4, 2, 3, 4))]
    chosen = recipe.load("nano", ["decode.batch=3", "decode.slack=1.0"])
    run = RunDir(tmp_path, "addition", chosen)
    done = decode.decode(nano, run, "S", rows, lambda generations: str(len(generations)))
    assert [generation.index for generation in done] == list(range(len(rows)))
    for generation, row in zip(done, rows, strict=True):
        ids = nano.prompt_ids(row.query)
        start, room = len(ids), decode.budget(nano, row, 1.0)
        with torch.inference_mode():
            while len(ids) - start < room and (len(ids) == start or ids[-1] != nano.stop_id):
                ids.append(int(nano.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
        assert generation.text == nano.text(ids[start:])
        assert generation.tokens == len(ids) - start
        assert generation.cut == (ids[-1] != nano.stop_id)


def test_a_penalty_that_a_model_ships_does_not_change_greedy_decoding(tmp_path: Path) -> None:
    loaded = models.load_base(NANO)
    loaded.model.generation_config.repetition_penalty = 5.0
    loaded.model.save_pretrained(tmp_path / "m")
    loaded.tokenizer.save_pretrained(tmp_path / "m")
    penalized = models.load_base(recipe.Model(name=str(tmp_path / "m"), precision="fp32"))
    assert penalized.model.generation_config.repetition_penalty is None


def test_the_order_of_training_rows_follows_from_seed_and_epoch_alone() -> None:
    from types import SimpleNamespace

    rows = {"input_ids": [[0] * (1 + i % 7) for i in range(50)]}
    arguments = SimpleNamespace(train_batch_size=4, gradient_accumulation_steps=2, data_seed=3)

    class Rows(dict):
        def __len__(self) -> int:
            return 50

    first, second = train._sampler(Rows(rows), arguments), train._sampler(Rows(rows), arguments)
    for sampler in (first, second):
        sampler.set_epoch(1)
    assert list(first) == list(second)
    assert sorted(first) == list(range(50))
    second.set_epoch(2)
    assert list(first) != list(second)


def test_the_judge_sees_every_generation_and_nothing_is_decoded_twice(nano: Loaded, tmp_path: Path) -> None:
    rows = [example(seed, 1) for seed in range(4)]
    run = RunDir(tmp_path, "addition", recipe.load("nano", ["decode.batch=2", "decode.slack=1.0"]))
    seen: list[int] = []

    def judge(generations: list[Generation]) -> str:
        seen.append(len(generations))
        return ""

    first = decode.decode(nano, run, "S", rows, judge)
    assert seen == [2, 4]
    assert decode.decode(nano, run, "S", rows, judge) == first
    assert seen == [2, 4, 4]


def test_the_default_system_prompt_never_sneaks_in_and_the_template_is_the_prompt(nano: Loaded) -> None:
    turns = chat.messages("1+1?", "2")
    assert nano.tokenizer.apply_chat_template(turns[:1], tokenize=False, add_generation_prompt=True) == chat.prompt(
        "1+1?"
    )
    assert nano.tokenizer.apply_chat_template(turns, tokenize=False) == chat.prompt("1+1?") + "2" + chat.STOP
    assert "system" not in chat.prompt("1+1?")


def test_nano_s_tokenizer_is_one_token_a_byte_and_survives_the_round_trip(nano: Loaded) -> None:
    texts = [" a  b\n\n\tc ", "x1 1:4>2:8>\n.2:_+7+0=07", "ü€🙂", *TASK.queries]
    for text in texts:
        ids = nano.tokenizer(text, add_special_tokens=False)["input_ids"]
        assert ids == list(text.encode())
        assert nano.tokenizer.decode(ids) == text
    whole = nano.prompt_ids("q") + nano.completion_ids("c")
    # The pretraining script writes ids without the tokenizer; they must be the same.
    assert whole == encode("q", "c")[0]
    assert whole[-1] == STOP_ID


def test_nano_s_files_are_small_and_safe() -> None:
    weights = MODEL_DIR / "model.safetensors"
    assert weights.stat().st_size <= 12_000_000
    assert not [path.name for path in MODEL_DIR.iterdir() if path.suffix in {".bin", ".pt", ".py", ".pkl"}]


def test_a_saved_adapter_gives_the_same_logits_through_plain_peft(tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    loaded = models.load_base(NANO)
    models.add_adapter(loaded, recipe.Lora(rank=4, alpha=8), seed=0)
    for name, weights in loaded.model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights)
    models.save_adapter(loaded, tmp_path / "adapter", "nano")
    plain = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(MODEL_DIR), tmp_path / "adapter")
    ids = torch.tensor([loaded.prompt_ids("1+1?")])
    with torch.inference_mode():
        ours, theirs, base = (
            m(input_ids=ids).logits for m in (loaded.model.eval(), plain.eval(), plain.get_base_model())
        )
    assert torch.equal(ours, theirs)
    with plain.disable_adapter(), torch.inference_mode():
        base = plain(input_ids=ids).logits
    assert not torch.allclose(ours, base)


def test_a_missing_or_broken_model_or_adapter_is_told_in_short(tmp_path: Path, nano: Loaded) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(EnvironmentMissing, match="empty"):
        models.load_base(recipe.Model(name=str(tmp_path / "empty"), precision="fp32"))
    with pytest.raises(TailkitError, match="no adapter"):
        models.load_adapter(nano, tmp_path)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"nonsense")
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(TailkitError, match="cannot be loaded"):
        models.load_adapter(nano, tmp_path)
