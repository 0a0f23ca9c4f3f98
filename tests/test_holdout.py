"""What is kept for evaluation is in no training set, whatever commands, counts, seeds and variants made the two."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import dataset, recipe, tasks
from tailkit.dataset.holdout import FEWEST, ONE_IN, is_held, is_shared, wordings, wordings_trained
from tailkit.dataset.stream import PATIENCE, Draws, make_chunk
from tailkit.records import RANGES, Example

RECIPES = ("nano", "paper")


def bounds_of(task: str, recipe_name: str = "nano") -> dict[str, tuple[int, int]]:
    return dataset.order_of(task, recipe.load(recipe_name, task=task)).bounds


def written(task: str, folder: Path, *overrides: str, split: str, only: str | None = None) -> list[Example]:
    """The rows that `tailkit data` writes for a split."""
    order = dataset.partial_order(task, recipe.load("nano", overrides, task=task), only, split)
    dataset.write(order, folder)
    return [row for path in sorted(folder.glob("*.parquet")) for row in dataset.read(path)]


@pytest.mark.parametrize("task", tasks.names())
def test_no_command_evaluates_what_another_one_trains(task: str, tmp_path: Path) -> None:
    trained = written(task, tmp_path / "a", "data.train=40", "data.eval=9", "data.mix=2:1:1", split="train")
    evaluated = written(task, tmp_path / "b", "data.eval=8", "data.seed=7", split="eval")
    evaluated += written(task, tmp_path / "c", "data.eval=20", "data.variant=direct", split="eval", only="S")
    assert trained
    assert evaluated
    shared = {name for name, bounds in bounds_of(task).items() if is_shared(tasks.load(task), bounds)}
    assert {row.key for row in trained}.isdisjoint(row.key for row in evaluated if row.range not in shared)
    rows = {(row.key, row.query) for row in trained}
    assert rows.isdisjoint((row.key, row.query) for row in evaluated)
    manifest = dataset.read_manifest(tmp_path / "b")
    assert set(manifest.shared) == shared
    assert all(any(name in sentence for sentence in manifest.shortages) for name in shared)


@given(
    st.sampled_from(tasks.names()), st.sampled_from(RANGES), st.sampled_from(("train", "eval")),
    st.integers(0, 2**32), st.integers(0, 2**20),
)  # fmt: skip
def test_draws_of_any_stream_keep_to_their_side(task: str, name: str, split: str, seed: int, chunk: int) -> None:
    """Ranges are those of `nano`, or narrower ones that overlap two of them."""
    low, high = bounds_of(task)[name]
    bounds = (low, high + seed % 2)
    shared = is_shared(tasks.load(task), bounds)
    candidates = make_chunk(Draws(task, name, bounds, split, "direct", seed, shared=shared), chunk)
    if shared:
        assert None not in candidates
    else:
        assert all(
            is_held(task, one.row.key) == (split == "eval")
            for one in candidates
            if one and isinstance(one.row, Example)
        )


@given(st.text(), st.lists(st.text(), min_size=1, max_size=25, unique=True))
def test_a_shared_problem_s_wordings_are_divided(key: str, texts: list[str]) -> None:
    trained, evaluated = (wordings("task", key, texts, split) for split in ("train", "eval"))
    assert len(trained) == wordings_trained(len(texts)) > 0
    assert evaluated
    if len(texts) > 1:
        assert sorted(trained + evaluated) == sorted(texts)
    assert evaluated == wordings("task", key, texts[::-1], "eval")


def test_about_one_key_in_five_is_held_and_which_is_fixed() -> None:
    held = [number for number in range(10_000) if is_held("addition", str(number))]
    assert len(held) == 1977
    assert held[:5] == [3, 5, 8, 10, 16]
    assert len([number for number in held if is_held("division", str(number))]) < 500


@pytest.mark.parametrize("recipe_name", RECIPES)
@pytest.mark.parametrize("task", tasks.names())
def test_ranges_hold_as_many_problems_as_are_asked_for(task: str, recipe_name: str) -> None:
    """Of small ranges; where a range has not five times as many as asked, all that it holds come."""
    order = dataset.order_of(task, recipe.load(recipe_name, task=task))
    made = tasks.load(task)
    for name, bounds in order.bounds.items():
        support = made.support(*bounds)
        if support is None or not FEWEST <= support < 60_000:
            continue
        rng, missed = Random(f"{task}/{name}"), 0
        keys: set[str] = set()
        while len(keys) < order.eval and missed < ONE_IN * PATIENCE:
            key = made.key(made.sample(rng, *bounds))
            missed = 0 if key not in keys and is_held(task, key) else missed + 1
            keys |= {key} if is_held(task, key) else set()
        assert len(keys) == order.eval or support < ONE_IN * order.eval, name


@pytest.mark.slow
@pytest.mark.parametrize("recipe_name", RECIPES)
@pytest.mark.parametrize("task", tasks.names())
def test_all_evaluation_rows_come_in_every_range(task: str, recipe_name: str, tmp_path: Path) -> None:
    order = dataset.partial_order(task, recipe.load(recipe_name, task=task), None, "eval")
    manifest = dataset.write(order, tmp_path)
    for name in RANGES:
        support = manifest.distinct_problems[name]
        rows = manifest.files[f"eval-{name}"].rows
        if support is not None and support < FEWEST:
            assert rows == min(support, order.eval)
        elif support is None or support >= ONE_IN * order.eval:
            assert rows == order.eval
        else:
            assert rows > 0.7 * support / ONE_IN


def test_a_key_is_on_the_same_side_in_every_range_that_holds_it(tmp_path: Path) -> None:
    wide, narrow = ("data.ranges.addition.S=[1,4]", "data.ranges.addition.S=[2,3]")
    rest = ("data.ranges.addition.M=[5,5]", "data.ranges.addition.L=[6,6]")
    trained = written("addition", tmp_path / "a", wide, *rest, "data.train=3000", split="train")
    evaluated = written("addition", tmp_path / "b", narrow, *rest, "data.eval=500", split="eval", only="S")
    assert {row.key for row in trained}.isdisjoint(row.key for row in evaluated)


def test_taught_tasks_keep_their_own_evaluation_problems(tmp_path: Path) -> None:
    taught = written("lcs", tmp_path / "a", "data.teach=rest", "data.train=400", split="train")
    others = {row.task for row in taught}
    assert "lcs" not in others
    for task in others:
        assert not any(is_held(task, row.key) for row in taught if row.task == task)
