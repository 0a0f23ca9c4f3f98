"""What a recipe can choose: one table, one protocol each, and nothing else that names the choices."""

import inspect
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tailkit import decode, models, recipe
from tailkit.decode.protocol import Decoder, Emit, Job, Show, choose
from tailkit.decode.rows import Row
from tailkit.errors import UsageError
from tailkit.models.backends import Backend, candidates
from tailkit.models.chat import ChatFormat
from tailkit.models.hf import Transformers
from tailkit.recipe import choices
from tailkit.records import Example, HeldOut
from tailkit.run import lines
from tailkit.run.folder import RunDir
from tailkit.use import solve
from tests.small import NANO, example, small_model

TABLES = {"DECODERS": Decoder, "BACKENDS": Backend, "CHAT_FORMATS": ChatFormat}


class Echo:
    """A decoder that says gold traces; it runs no model."""

    def __init__(self, job: Job[Any]) -> None:
        self.job = job

    @staticmethod
    def load(run: RunDir) -> Any:
        return SimpleNamespace(codec=models.load_codec(run.recipe.model))

    @staticmethod
    def portrait(loaded: Any, examples: list[Example]) -> list[HeldOut]:
        return [HeldOut(0.0, loaded.codec.completion_ids(one.completion)) for one in examples]

    @staticmethod
    def stream(loaded: Any, prompt: list[int], room: int, show: Show) -> list[int]:
        show(loaded.codec.text(prompt[:room]))
        return prompt[:room]

    def decode(self, rows: list[Row], emit: Emit) -> None:
        emit([row.finish(self.job.loaded.codec, self.job.range_name, row.gold) for row in rows])


class Never(Transformers):
    """A backend that cannot be used."""

    name, title, install = "never", "a backend that never is", "Wait for it."

    def unusable(self) -> str | None:
        return "it is not made yet"


class Headers:
    """A chat format of headers, such as Llama 3's."""

    title = "headers"
    marks = ("<|head|>", "<|stop|>")
    stop, pad = "<|stop|>", "<|pad|>"
    template = "{% for message in messages %}{{ '<|head|>' + message['content'] + '<|stop|>' }}{% endfor %}"

    def prompt(self, query: str) -> str:
        return f"<|head|>{query}<|stop|>"


@pytest.mark.parametrize(
    ("table", "name"), [(table, name) for table in TABLES for name in getattr(choices, table)], ids=str
)
def test_what_stands_in_a_table_has_what_its_protocol_asks_for(table: str, name: str) -> None:
    kind, protocol = choices.class_of(getattr(choices, table), name), TABLES[table]
    asked = {member for member in (*protocol.__annotations__, *vars(protocol)) if not member.startswith("_")}
    assert asked
    for member in asked:
        assert hasattr(kind, member), member
        if inspect.isfunction(getattr(protocol, member, None)):
            own = [one.name for one in inspect.signature(getattr(kind, member)).parameters.values()]
            assert own == [one.name for one in inspect.signature(getattr(protocol, member)).parameters.values()]


@pytest.mark.parametrize(
    ("key", "table", "more"), [("decode.method", "DECODERS", []), ("model.backend", "BACKENDS", ["auto"])]
)
def test_a_recipe_takes_what_the_table_has(key: str, table: str, more: list[str]) -> None:
    section, field = key.split(".")
    for name in (*getattr(choices, table), *more):
        assert getattr(getattr(recipe.load("nano", [f"{key}={name}"], task=None), section), field) == name
    with pytest.raises(UsageError, match="did you mean"):
        recipe.load("nano", [f"{key}={name[:-1]}"], task=None)


def test_a_decoder_is_a_class_and_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode.protocol, "class_of", lambda _, name: {"echo": Echo}[name])
    chosen = recipe.load("nano", [], task="addition")
    chosen = chosen.model_copy(update={"decode": chosen.decode.model_copy(update={"method": "echo"})})
    rows = [example(seed) for seed in range(4)]
    run = RunDir.create(tmp_path / "run", "addition", chosen)
    loaded = decode.load_engine(run)
    assert not hasattr(loaded, "model")
    lines.write(run.held_out, Echo.portrait(loaded, rows))
    decode.check_reloaded(run, loaded, rows, is_whole=True)
    made = decode.decode(loaded, run, "S", rows, lambda _: "")
    assert [one.text for one in made] == [row.completion for row in rows]
    shown: list[str] = []
    outcome = solve.solve(loaded, run, solve.Asked("1+1?", None, None, ""), shown.append)
    assert "1+1?" in outcome.text
    assert shown == [outcome.text]


@pytest.mark.parametrize(("name", "free_form", "expected"), [
    ("verified", False, "Verified"), ("verified", True, "Plain"), ("plain", False, "Plain"), ("plain", True, "Plain"),
])  # fmt: skip
def test_gold_traces_are_drafts_only_of_what_is_decoded(name: str, free_form: bool, expected: str) -> None:
    overrides = [f"decode.method={name}", *["train.epochs=0"] * free_form]
    assert choose(recipe.load("nano", overrides, task="addition")).__name__ == expected


def test_a_backend_that_cannot_be_used_gives_way_to_the_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(models.backends, "BACKENDS", {"never": "", "hf": ""})
    monkeypatch.setattr(models.backends, "class_of", lambda _, name: {"never": Never, "hf": Transformers}[name])
    spec = recipe.Model(name="nano", precision="fp32")
    assert [one.name for one in candidates(spec, on_gpu=False)] == ["never", "hf"]
    assert models.choose(spec).name == "hf"
    assert "it is not made yet; Wait for it." in capsys.readouterr().err


def with_marks(folder: Path, marks: dict[str, str]) -> recipe.Model:
    """A small model whose tokenizer has other marks in the place of ChatML's."""
    spec = small_model(folder)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        text = json.dumps(json.loads((folder / file).read_text()))
        for old, new in marks.items():
            text = text.replace(old, new)
        (folder / file).write_text(text)
    return spec


def test_a_chat_format_is_a_class_and_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = with_marks(tmp_path / "m", {"<|im_start|>": "<|head|>", "<|im_end|>": "<|stop|>"})
    with pytest.raises(UsageError, match=r"no <\|im_start\|>") as caught:
        models.load_codec(spec)
    assert "ChatML" in caught.value.hint
    kinds = {"chatml": models.chat.class_of(choices.CHAT_FORMATS, "chatml"), "headers": Headers}
    monkeypatch.setattr(models.chat, "CHAT_FORMATS", kinds)
    monkeypatch.setattr(models.chat, "class_of", lambda table, name: table[name])
    codec = models.load_codec(spec)
    assert isinstance(codec.form, Headers)
    assert codec.tokenizer.decode(codec.prompt_ids("1+1?")) == "<|head|>1+1?<|stop|>"
    assert codec.completion_ids("2")[-1] == codec.stop_id == codec.tokenizer.convert_tokens_to_ids("<|stop|>")
    assert codec.tokenizer.chat_template == Headers.template
    assert type(models.load_codec(NANO).form).__name__ == "ChatML"
