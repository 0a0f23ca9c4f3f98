"""Recipes: typed, frozen, and clear about what is wrong; by task, with paths, compared."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tailkit import dataset, recipe
from tailkit.cli import app
from tailkit.errors import UsageError
from tailkit.hardware.work import shape
from tailkit.models.origin import locate
from tailkit.run.folder import RunDir


@pytest.mark.parametrize("name", recipe.names())
def test_a_recipe_of_the_kit_loads_and_its_dump_loads_again(name: str, tmp_path: Path) -> None:
    loaded = recipe.load(name, task=None)
    (tmp_path / "again.yaml").write_text(recipe.dump(loaded))
    assert recipe.load(str(tmp_path / "again.yaml"), task=None) == loaded


def test_overrides_change_one_value_and_leave_the_recipe_frozen() -> None:
    changed = recipe.load(
        "nano", ["train.learning_rate=1e-4", "data.mix=8:1:1", "data.ranges.addition.S=[3,4]"], task=None
    )
    assert changed.train.learning_rate == 1e-4
    assert recipe.parse_mix(changed.data.mix) == (8, 1, 1)
    assert changed.ranges("addition", {"S": (1, 1), "M": (1, 1), "L": (1, 1)})["S"] == (3, 4)
    assert changed.lora == recipe.load("nano", task=None).lora
    with pytest.raises(ValueError, match="frozen"):
        changed.data.mix = "1:0:0"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("train.epoch=2", "epochs"),
        ("trian.epochs=2", "train"),
        ("data.train=-1", "data.train"),
        ("data.train=many", "data.train"),
        ("data.mix=8:1", "8:1:1"),
        ("data.mix=0:0:0", "8:1:1"),
        ("data.mix=a:b:c", "8:1:1"),
        ("data.ranges.addition.S=[5,2]", "shortest"),
        ("data.ranges.addition.X=[2,5]", "data.ranges.addition.X"),
        ("model.precision=int3", "nf4"),
        ("epochs=2", "section.key=value"),
        ("tasks.lcs.train.epochs=2", "section.key=value"),
        ("train.epochs", "section.key=value"),
        ("train.epochs.x=1", "train.epochs"),
        ("train.batch.x=1", "batch"),
        ("train.micro_token=4", "override train.micro_token=4.*micro_tokens"),
        ("decode.method=plane", "plain"),
        ("model.backend=unslot", "unsloth"),
        ("train.epochs=.inf", "train.epochs"),
        ("data.eval=true", "data.eval"),
        ("data.seed=0x", "data.seed"),
        ("train.epochs=yes", "must be a number"),
        ("train.epochs=true", "must be a number"),
        ("train.epochs='2'", "must be a number"),
        ("train.learning_rate=yes", "must be a number"),
        ("train.seed=true", "whole number"),
        ("train.seed=1.0", "whole number"),
        ("train.seed=-1", "at least|greater than or equal to 0"),
        (f"train.seed={2**32}", "4294967295"),
        ("data.seed=-1", "greater than or equal to 0"),
        ("data.replay={grid: 99999999999999}", "less than or equal to"),
        ("data.eval=99999999999999999999", "less than or equal to"),
        ("lora.rank=99999999999999999999", "less than or equal to"),
        ("data.ranges.addition.L=[50, 99999999999]", "shortest, longest"),
        ("data.ranges.addition.S=[true, 2]", "whole number"),
        ("data.settings={derangement: {limb: -1}}", "greater than or equal to 0"),
        ("train.packing=1", "true or false"),
        ("train.packing=yes", "true or false"),
        ("model.name=7", "text"),
        ("model.name=", "text"),
        ("model.name=''", "empty"),
        ("train.learning_rate={{ lr }}", "plain YAML"),
        ("train.learning_rate=" + "9" * 5000, "characters"),
        ("train.schedule=liner", "linear"),
        ("data=3", "section.key=value"),
        ("a.b.c.d.e.f.g=1", "section.key=value"),
    ],
)
def test_a_wrong_override_is_refused_with_the_nearest_name(override: str, named: str) -> None:
    with pytest.raises(UsageError, match=named.replace("[", r"\[")):
        recipe.load("nano", [override], task=None)


def test_an_empty_section_of_a_task_keeps_the_recipe_s_values(tmp_path: Path) -> None:
    (path := tmp_path / "mine.yaml").write_text("train: {epochs: 3}\ntasks:\n  lcs:\n    train:\n  addition:\n")
    assert recipe.load(str(path), task="lcs").train.epochs == 3
    assert recipe.load(str(path), task="addition").train.epochs == 3


BY_TASK = (
    "train: {epochs: 2, batch: 9}\ntasks:\n  lcs: {train: {epochs: 3}, lora: {rank: 4}}\n  knapsack: {data: {train: 7}}"
)


def test_a_task_s_values_lie_between_the_file_s_and_overrides(tmp_path: Path) -> None:
    (path := tmp_path / "mine.yaml").write_text(BY_TASK)
    for task, epochs, rank in (("addition", 2, 16), ("lcs", 3, 4), ("knapsack", 2, 16)):
        loaded = recipe.load(str(path), task=task)
        assert (loaded.train.epochs, loaded.lora.rank, loaded.train.batch) == (epochs, rank, 9)
        assert not loaded.of(task).tasks
    assert recipe.load(str(path), ["train.epochs=5"], task="lcs").train.epochs == 5
    assert recipe.load(str(path), task=None).tasks["knapsack"].data.train == 7


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("rank: 4", "rnak: 4", "tasks.lcs.lora.rnak; .*'rank'"),
        ("rank: 4", "rank: x", "tasks.lcs.lora.rank"),
        ("lora: ", "lroa: ", "tasks.lcs.lroa; .*'lora'"),
        ("{train: 7}", "7", "tasks.knapsack.data"),
    ],
)
def test_another_task_s_wrong_value_is_refused_too(old: str, new: str, named: str, tmp_path: Path) -> None:
    (path := tmp_path / "mine.yaml").write_text(BY_TASK.replace(old, new))
    with pytest.raises(UsageError, match=named) as caught:
        recipe.load(str(path), task="addition")
    assert "mine.yaml" in str(caught.value)


def test_an_unknown_recipe_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="hobby"):
        recipe.load("hoby", task=None)
    with pytest.raises(UsageError, match="does not exist"):
        recipe.load("missing.yaml", task=None)


def test_a_task_s_values_leave_their_neighbours_as_they_are(tmp_path: Path) -> None:
    (path := tmp_path / "mine.yaml").write_text(
        "data: {ranges: {lcs: {S: [2, 3], M: [4, 4], L: [5, 5]}, addition: {S: [1, 2]}}}\n"
        "tasks: {lcs: {data: {ranges: {lcs: {L: [6, 7]}}}}}"
    )
    ranges = recipe.load(str(path), task="lcs").data.ranges
    assert ranges == {"lcs": {"S": (2, 3), "M": (4, 4), "L": (6, 7)}, "addition": {"S": (1, 2)}}


def test_the_commands_take_a_task_s_own_values(tmp_path: Path) -> None:
    (path := tmp_path / "mine.yaml").write_text(
        "data: {eval: 2, ranges: {lcs: {S: [2, 3], M: [4, 4], L: [5, 5]}}}\n"
        "tasks: {lcs: {data: {train: 7}, model: {name: nano}}}"
    )

    def tailkit(*arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, "--recipe", str(path)], catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    tailkit("data", "lcs", "--workers", "1", "--out", str(tmp_path / "lcs"))
    assert json.loads((tmp_path / "lcs" / "manifest.json").read_text())["files"]["train"]["rows"] == 7
    assert json.loads(tailkit("plan", "lcs", "--json"))["work"]["rows"] == 7
    tailkit("train", "lcs", "--workers", "1", "--out", str(tmp_path / "run"), "train.epochs=0")
    assert (recipe.read_yaml(tmp_path / "run" / "recipe.yaml"))["data"]["train"] == 7


def test_values_for_an_unknown_task_name_the_nearest(tmp_path: Path) -> None:
    (path := tmp_path / "mine.yaml").write_text(BY_TASK.replace("knapsack", "knapsac"))
    with pytest.raises(UsageError, match=r"task under tasks.*knapsack"):
        dataset.order_of("addition", recipe.load(str(path), task="addition"))


RUN_OF_TODAY = recipe.load("nano", ["train.epochs=2"], task="levenshtein").of("levenshtein").model_dump(mode="json")


def test_a_key_missing_in_an_old_run_counts_as_its_default() -> None:
    old = json.loads(json.dumps(RUN_OF_TODAY))
    del old["train"]["schedule"], old["tasks"], old["decode"]
    assert recipe.differences(old | {"decode": None}, RUN_OF_TODAY | {"decode": {}}) == []
    changed = json.loads(json.dumps(RUN_OF_TODAY))
    changed["train"]["schedule"] = "cosine"
    assert recipe.differences(old, changed | {"decode": {}}) == ["train.schedule is 'linear' there, 'cosine' here"]
    assert recipe.differences(changed, old) == [
        "train.schedule is 'cosine' there, 'linear' here",
        "decode.batch is 100 there, 32 here",
        "decode.free is 256 there, 1024 here",
    ]


def test_differences_name_the_innermost_key_and_what_is_absent() -> None:
    other = recipe.load("nano", ["data.ranges.levenshtein.S=[2,3]", "model.revision=v2"], task="levenshtein")
    new = other.of("levenshtein").model_dump()  # with tuples in place of lists
    assert recipe.differences(RUN_OF_TODAY, new) == [
        "model.revision is null there, 'v2' here",
        "data.ranges.levenshtein.S is [2, 4] there, [2, 3] here",
        "train.epochs is 2.0 there, 1.0 here",
    ]
    assert recipe.differences(RUN_OF_TODAY, {**RUN_OF_TODAY, "data": {**new["data"], "replay": {}}})[0] == (
        "data.replay.grid is 1800 there, absent here"
    )
    long = {**RUN_OF_TODAY, "model": {"name": "x" * 9_000}}
    assert all(len(words) < 500 for words in recipe.differences(RUN_OF_TODAY, long))


def test_a_file_that_is_there_is_suggested_for_an_unknown_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("{}")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.yaml").write_text("{}")
    for name, near in (
        ("mine", "mine.yaml"),
        ("mien.yaml", "mine.yaml"),
        ("run", "run/recipe.yaml"),
        ("nanno", "nano"),
    ):
        with pytest.raises(UsageError, match=f"did you mean '{near}'"):
            recipe.load(name, task=None)
    with pytest.raises(UsageError, match="does not exist"):
        recipe.load("x" * 300 + ".yaml", task=None)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("nano", "nano"),
        ("Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B"),
        ("gpt2", "gpt2"),
        ("./m", "HERE/m"),
        ("m", "HERE/m"),
        ("../m", "HERE/../m"),
        ("a/b/c", "HERE/a/b/c"),
        ("m.gguf", "HERE/m.gguf"),
        ("~/m", "HOME/m"),
        ("/abs/m", "/abs/m"),
    ],
)
def test_a_path_to_a_model_is_stored_absolute(
    name: str, stored: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here := tmp_path / "here" / "m").mkdir(parents=True)
    (tmp_path / "here" / "nano").mkdir()
    monkeypatch.chdir(here.parent)
    monkeypatch.setenv("HOME", "/home/someone")
    expected = stored.replace("HOME", "/home/someone").replace("HERE", str(here.parent))
    made = recipe.load("nano", [f"model.name={name}", "data.completions=c.jsonl"], task="addition")
    assert made.model.name == (os.path.abspath(expected) if "/" in expected and expected[0] == "/" else expected)
    assert made.data.completions == str(here.parent / "c.jsonl")


@pytest.mark.parametrize("name", ["./m", "models/a/m", "~/m", "m.gguf", "m/"])
def test_a_missing_model_folder_is_said_to_be_missing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = recipe.load("nano", [f"model.name={name}"], task="addition")
    with pytest.raises(UsageError, match=f"{made.model.name} does not exist"):
        shape(made.model.name)
    with pytest.raises(UsageError, match=f"{made.model.name} does not exist"):
        locate(made.model)


def test_a_run_goes_on_from_another_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here" / "m").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    run = RunDir.create(tmp_path / "run", "addition", recipe.load("nano", ["model.name=m"], task="addition"))
    monkeypatch.chdir(tmp_path)
    again = RunDir.open(tmp_path / "run")
    assert again.recipe == run.recipe
    again.override(["decode.batch=3"], "decode")
    assert again.recipe.model.name == str(tmp_path / "here" / "m")
