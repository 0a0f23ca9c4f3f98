"""The command `recipes`, and the options of all commands: paths, choices, completion, the default recipe."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from tailkit import hardware, recipe
from tailkit.cli import app
from tailkit.cli.options import RECIPE_RULE, home
from tailkit.errors import UsageError
from tests.conftest import Cli


def fields(model: type[BaseModel] = recipe.Recipe, place: str = "") -> dict[str, FieldInfo]:
    """All keys of a recipe, those of sections by section.key."""
    here = {f"{place}{name}": field for name, field in model.model_fields.items()}
    for name, field in list(here.items()):
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            here |= fields(field.annotation, f"{name}.")
    return here


def test_every_key_has_a_description_of_its_own() -> None:
    said = [recipe.about(field) for field in fields().values()]
    assert all(len(words) > 5 for words in said)
    assert len(set(said)) == len(said) > 35


@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.parametrize("name", recipe.names())
def test_an_explained_recipe_has_its_keys_described(name: str, everything: bool, tmp_path: Path) -> None:
    loaded = recipe.load(name, task=None)
    (path := tmp_path / "again.yaml").write_text(text := recipe.explain(loaded, everything=everything))
    assert recipe.load(str(path), task=None) == loaded
    section, known = "", fields()
    for above, line in pairwise(["", *text.splitlines()]):
        if match := re.match(r"( {0,2})(\w+):", line):
            section = match[2] if not match[1] else section
            key = match[2] if not match[1] else f"{section}.{match[2]}"
            assert section == "tasks" or above.strip().startswith(f"# {recipe.about(known[key])}")
    assert ("slack" in text) is everything
    assert ("tasks:" in text) is (everything or name == "nano")


def tailkit(*arguments: str) -> str:
    """What a command prints; raises the error that ends it."""
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_what_recipes_show_prints_is_a_recipe(tmp_path: Path) -> None:
    for more in ((), ("--all",)):
        (tmp_path / "shown.yaml").write_text(tailkit("recipes", "show", "nano", *more))
        assert recipe.load(str(tmp_path / "shown.yaml"), task=None) == recipe.load("nano", task=None)


def test_a_recipe_is_copied_as_utf_8_whatever_the_locale(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("# größer\nmodel: {name: nano}\n", encoding="utf-8")
    done = cli(
        "recipes", "copy", "mine.yaml", "yours.yaml", cwd=tmp_path, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "yours.yaml").read_bytes() == (tmp_path / "mine.yaml").read_bytes()


def test_a_file_that_is_no_recipe_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.yaml").write_text("- a")
    (tmp_path / "here.yaml").symlink_to("nowhere")
    for arguments, named in (
        (("list.yaml", "b.yaml"), "holds no sections"),
        (("nano", "here.yaml"), "already"),
        (("nano", "b"), "ending|end"),
    ):
        with pytest.raises(UsageError, match=named):
            tailkit("recipes", "copy", *arguments)
    assert sorted(os.listdir()) == ["here.yaml", "list.yaml"]


def test_a_tilde_after_an_equals_sign_is_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    tailkit("data", "addition", "--split=eval", "--range=S", "--count=2", "--workers=1", "--out=~/data")
    assert (tmp_path / "home" / "data" / "eval-S.parquet").is_file()
    (tmp_path / "home" / "r.yaml").write_text("{}")
    tailkit("recipes", "show", "~/r.yaml")
    tailkit("recipes", "copy", "~/r.yaml", "~/s.yaml")
    assert os.listdir() == ["home"]


def options() -> Iterator[tuple[str, Any, Any]]:
    """All options and arguments of all commands: COMMAND NAME, the type, what typer knows of it."""
    for command in app.registered_commands:
        assert command.callback is not None
        for name, hint in get_type_hints(command.callback, include_extras=True).items():
            if get_origin(hint) is Annotated:
                yield f"{command.callback.__name__} {name}", *get_args(hint)


def test_every_option_that_takes_a_path_knows_home() -> None:
    paths = [(name, info) for name, kind, info in options() if "Path" in str(kind)]
    assert len(paths) > 20
    assert not [name for name, info in paths if info.parser is not home]


@pytest.mark.parametrize(
    ("command", "option", "choices"),
    [
        ("data", "--range", "S|M|L"),
        ("data", "--split", "train|eval"),
        ("solve", "--random", "S|M|L"),
        ("study", "--launcher", "local|ray"),
        ("study", "--budget", "rows|tokens"),
        ("export", "--quant", "f16|bf16|f32|q8_0"),
    ],
)
def test_choices_are_in_the_help_and_held(command: str, option: str, choices: str) -> None:
    assert re.search(rf"{option} +{re.escape(choices)}", tailkit(command, "--help"))
    known = choices.split("|")
    with pytest.raises(UsageError, match=f"unknown value of {option}: 'lokal'"):
        tailkit(command, "addition", option, "lokal")
    with pytest.raises(UsageError, match=f"did you mean '{known[-1]}'"):
        tailkit(command, "addition", option, f"{known[-1]}x")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("run add", {"addition"}),
        ("show lc", {"lcs"}),
        ("data al", {"all"}),
        ("data lcs --range ", {"S", "M", "L"}),
        ("data lcs --split t", {"train"}),
        ("show addition --variant in", {"index-hint"}),
        ("show lcs --compare no-", {"no-fetch", "no-atomic", "no-linear"}),
        ("run lcs --recipe n", {"nano"}),
        ("recipes s", {"show"}),
        ("recipes copy h", {"hobby"}),
        ("study table", {"table1", "table2", "tableJ1", "tableK1"}),
        ("run lcs train.w", {"train.warmup=", "train.weight_decay="}),
        ("plan lcs --recipe m", {"mine.yaml"}),
    ],
)
def test_the_shell_completes_names(
    line: str, expected: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("{}")
    words = f"tailkit {line}"
    environment = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_TAILKIT_COMPLETE": "complete_bash"}
    done = CliRunner().invoke(app, [], prog_name="tailkit", env=environment)
    assert set(done.output.split()) == expected


def test_completion_loads_nothing_heavy() -> None:
    code = "import sys, tailkit.cli.complete; assert not {'torch', 'transformers', 'pyarrow'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_one_rule_says_which_recipe_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def load(name: str, *_: Any, **__: Any) -> None:
        asked.append(name)
        raise UsageError("enough")

    def choose(task: str | None, *_: Any) -> hardware.ladder.Choice:
        return hardware.ladder.Choice("a study's" if task is None else "a task's", "")

    monkeypatch.setattr(hardware, "choose", choose)
    monkeypatch.setattr(recipe, "load", load)
    for command in (["run"], ["train"], ["plan"], ["study", "table1"], ["data"]):
        with pytest.raises(UsageError, match="enough"):
            tailkit(*command, *(["addition"] if "study" not in command else []))
    assert asked == ["a task's", "a task's", "a task's", "a study's", "paper"]


@pytest.mark.parametrize("command", ["run", "train", "plan", "study", "data"])
def test_the_rule_for_the_default_recipe_is_in_the_help(command: str) -> None:
    said = " ".join(re.sub("[│╭╮╰╯─]", " ", tailkit(command, "--help")).split())
    assert RECIPE_RULE in said
