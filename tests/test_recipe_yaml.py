"""Recipe files of any kind, also hostile ones: read as plain values, or refused in one or two lines."""

import re
import time
import warnings
from pathlib import Path

import pytest

from tailkit import dataset, recipe
from tailkit.errors import UsageError
from tests import random_recipes


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
        ("train:\n  epochs: 1\n  epochs: 2", 'line 3.*the key "epochs" stands twice'),
        ("train:\n  epochs: 1\n  batch: yes\n", "line 3: train.batch: must be a whole number"),
        ("\x00", "YAML"),
        ("train: {? [1]: 2}", "line 1.*a key must be a name"),
        ("train: {{ lr }}", "a key must be a name"),
        ("1: 2", "a key must be a name"),
        ("!!set [a]", "!!set is not allowed"),
        ("train: !!timestamp foo", "!!timestamp is not allowed"),
        ("train: {epochs: !!int foo}", "cannot be read"),
        ("[" * 3000, "more than 20 lists"),
        ("a: &a [x]\nb: [*a, *a]", "anchors and aliases"),
        ("a: &a [x, x]\nb: &a [x]", "anchors and aliases"),
        ("# x\n" * 20_000, "more than 50,000 bytes"),
        ("--- {}\n--- {}", "another document"),
        ("task: {addition: {train: {epochs: 2}}}", "under tasks:"),
        ("task: lcs\ntrain: {epochs: 2}", "a run of lcs, not of addition"),
    ],
)
def test_a_broken_or_dangerous_file_is_refused_with_its_name(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=named) as caught:
        recipe.load(str(path), task="addition")
    assert "mine.yaml" in str(caught.value)
    assert str(caught.value).count("\n") <= 1
    assert len(str(caught.value)) < 500


def test_numbers_are_decimal_and_an_empty_section_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("train:\ndata: {seed: 08}\nmodel: {name: é, revision: 2020-01-01}")
    loaded = recipe.load(str(tmp_path / "mine.yaml"), ["train.epochs=2"], task=None)
    assert (loaded.data.seed, loaded.train.epochs, loaded.model.revision) == (8, 2, "2020-01-01")


def held(seed: object, folder: Path) -> bool:
    """Whether a random recipe loads. If not, what is said is short; if it does, its texts load to the same recipe."""
    text, overrides = random_recipes.draw(seed)
    if text is not None:
        (folder / "m.yaml").write_text(text, encoding="utf-8")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            made = recipe.load("nano" if text is None else str(folder / "m.yaml"), overrides, task="addition")
            dataset.rows_of("addition", made)
    except UsageError as error:
        said = str(error)
    else:
        said = ""
    assert len(said) <= 500, (text, overrides)
    assert len(said.split("\n")) <= 2, (text, overrides)
    assert said.replace("\n", "").isprintable(), (text, overrides)
    if said:
        return False
    made = made.of("addition")
    for written in (recipe.dump(made), recipe.explain(made, everything=False)):
        (folder / "again.yaml").write_text(written, encoding="utf-8")
        assert recipe.load(str(folder / "again.yaml"), task="addition") == made, (text, overrides)
    return True


def test_random_recipes_load_or_are_refused_in_few_words(tmp_path: Path) -> None:
    loaded = sum(held(seed, tmp_path) for seed in range(300))
    assert 5 < loaded < 295


@pytest.mark.slow
def test_ten_thousand_random_recipes_are_loaded_or_refused(tmp_path: Path) -> None:
    assert sum(held(f"slow/{seed}", tmp_path) for seed in range(10_000)) > 200


def test_hostile_yaml_is_refused_in_no_time(tmp_path: Path) -> None:
    begun = time.monotonic()
    for text in (
        "[" * 50_000,
        "? " * 25_000,
        "- " * 25_000,
        "&a " * 16_000,
        "!" * 50_000,
        "%" * 50_000,
        "a: " * 16_000,
    ):
        (path := tmp_path / "m.yaml").write_text(text)
        with pytest.raises(UsageError, match="not a plain YAML file"):
            recipe.load(str(path), task=None)
    assert time.monotonic() - begun < 20


KIT = sorted(recipe.FOLDER.glob("**/*.yaml"))


@pytest.mark.parametrize("path", KIT, ids=lambda path: path.stem)
def test_the_kit_s_files_read_as_another_yaml_reader_reads_them(path: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="the other reader is not installed")

    class Reader(yaml.SafeLoader):  # type: ignore[name-defined]
        """PyYAML takes 1e-3 for text, where YAML 1.2 has a number."""

    pattern = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$")
    Reader.add_implicit_resolver("tag:yaml.org,2002:float", pattern, list("-+0123456789"))
    assert recipe.read_yaml(path) == yaml.load(path.read_text(encoding="utf-8"), Loader=Reader)
