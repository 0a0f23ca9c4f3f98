"""Recipes: typed, frozen, safe to read, and clear about what is wrong."""

import json
from pathlib import Path

import pytest

from tailkit import dataset, recipe
from tailkit.errors import UsageError
from tests.conftest import Cli


@pytest.mark.parametrize("name", ["nano", "hobby", "paper"])
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
    ],
)
def test_a_wrong_override_is_refused_with_the_key_or_the_nearest_name(override: str, named: str) -> None:
    with pytest.raises(UsageError, match=named.replace("[", r"\[")):
        recipe.load("nano", [override], task=None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("train: [", "line"),
        ("- a\n- b", "no sections"),
        ("just words", "no sections"),
        ("trian:", "train"),
        ("train: !!python/object/apply:os.system ['touch /tmp/hacked']", "python"),
        ("train:\n  epochs: 1\n  lerning_rate: 1e-3", "learning_rate"),
        ("train: 3", "train"),
        ("train:\n  epochs: 1\n  epochs: 2", "twice"),
        ("\x00", "YAML"),
    ],
)
def test_a_broken_or_dangerous_file_is_refused_with_its_name(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=named) as caught:
        recipe.load(str(path), task=None)
    assert "mine.yaml" in str(caught.value)
    assert str(caught.value).count("\n") <= 1


def test_numbers_are_decimal_and_an_empty_section_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("train:\ndata: {seed: 08}")
    loaded = recipe.load(str(tmp_path / "mine.yaml"), ["train.epochs=2"], task=None)
    assert (loaded.data.seed, loaded.train.epochs) == (8, 2)


BY_TASK = (
    "train: {epochs: 2, batch: 9}\ntasks:\n  lcs: {train: {epochs: 3}, lora: {rank: 4}}\n  knapsack: {data: {train: 7}}"
)


def test_a_recipe_s_values_for_one_task_stand_between_its_own_and_the_overrides(tmp_path: Path) -> None:
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
        ("rank: 4", "rnak: 4", "tasks.lcs.lora.rnak .*'rank'"),
        ("rank: 4", "rank: x", "tasks.lcs.lora.rank"),
        ("lora: ", "lroa: ", "tasks.lcs.lroa .*'lora'"),
        ("{train: 7}", "7", "tasks.knapsack.data"),
    ],
)
def test_a_wrong_value_for_one_task_is_refused_whatever_task_is_asked_for(
    old: str, new: str, named: str, tmp_path: Path
) -> None:
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


def test_the_commands_take_a_task_s_own_values(cli: Cli, tmp_path: Path) -> None:
    (path := tmp_path / "mine.yaml").write_text(
        "data: {eval: 2}\ntasks: {lcs: {data: {train: 7}, model: {name: nano}}}"
    )
    cli("data", "lcs", "--recipe", str(path), "--out", str(tmp_path / "lcs"))
    assert json.loads((tmp_path / "lcs" / "manifest.json").read_text())["files"]["train"]["rows"] == 7
    done = cli("plan", "lcs", "--recipe", str(path), "--json")
    assert json.loads(done.stdout)["work"]["rows"] == 7
    cli("train", "lcs", "--recipe", str(path), "--out", str(tmp_path / "run"), "train.epochs=0")
    assert (recipe.read_yaml(tmp_path / "run" / "recipe.yaml"))["data"]["train"] == 7


def test_values_for_a_task_that_does_not_exist_are_refused_with_the_nearest(tmp_path: Path) -> None:
    (path := tmp_path / "mine.yaml").write_text(BY_TASK.replace("knapsack", "knapsac"))
    with pytest.raises(UsageError, match=r"task in tasks.*knapsack"):
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


def test_differences_name_the_innermost_key_and_say_what_is_absent() -> None:
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
