"""Data sets: deterministic, without repetition, public in form; what a range gives, and what is said if it cannot."""

import hashlib
import json
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import dataset, pipeline, recipe, tasks
from tailkit.dataset import Order, shares
from tailkit.imported.replay import GENERATORS, rows
from tailkit.nano.workshop import replay
from tailkit.nano.workshop.batches import WINDOW
from tailkit.nano.workshop.clean import is_clean
from tailkit.records import RANGES
from tailkit.run.files import file_digest
from tests.conftest import Cli

BOUNDS = {"S": (2, 4), "M": (5, 6), "L": (7, 8)}
ORDER = Order("addition", BOUNDS, "tail", 0, shares(600, "1:0:0"), 40)
FILES = ["train", *(f"eval-{name}" for name in RANGES)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data")
    dataset.write(ORDER, path)
    return path


def test_bytes_depend_neither_on_workers_nor_on_the_hash_seed(cli: Cli, tmp_path: Path) -> None:
    for name, (count, seed) in {"one": ("1", "7"), "other": ("2", "random")}.items():
        done = cli("data", "addition", "--recipe", "nano", "--count", "400", "data.eval=30", "--workers", count,
                   "--out", str(tmp_path / name), PYTHONHASHSEED=seed)  # fmt: skip
        assert done.returncode == 0, done.stderr
    for name in [*(f"{file}.parquet" for file in FILES), "manifest.json"]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_training_has_no_evaluation_problem_and_none_repeats(folder: Path) -> None:
    keys = {name: [row.key for row in dataset.read(folder / f"{name}.parquet")] for name in FILES}
    every = [key for name in FILES for key in keys[name]]
    assert len(every) == len(set(every)) == 600 + 3 * 40


def test_rows_are_what_the_task_says(folder: Path) -> None:
    task = tasks.load("addition")
    for row in dataset.read(folder / "train.parquet")[:50]:
        problem = task.problem_of(json.loads(row.problem), row.range, row.query)
        assert (problem.key, problem.n, problem.answer) == (row.key, row.n, row.answer)
        assert task.trace(task.record(problem), problem, "tail").text == row.completion
        assert row.split == "train"
        assert 2 <= row.n <= 4


def test_the_manifest_gives_counts_support_and_digests(folder: Path) -> None:
    manifest = dataset.read_manifest(folder)
    assert manifest.files["train"].by_range == {"S": 600}
    assert manifest.distinct_problems["S"] == tasks.load("addition").support(2, 4)
    assert manifest.scaled_ranges == BOUNDS
    for name in FILES:
        assert manifest.files[name].sha256 == file_digest(folder / f"{name}.parquet")
        assert pq.read_metadata(folder / f"{name}.parquet").num_rows == manifest.files[name].rows
    assert manifest.shortages == []


FEW = {"S": (1, 1), "M": (2, 2), "L": (3, 3)}  # S has 55 problems, of 24 wordings each
SCARCE = {"S": (5, 20), "M": (21, 30), "L": (31, 40)}  # of prime_search: 120 problems, 45, 45


def test_a_scarce_range_repeats_problems_about_equally_often(tmp_path: Path) -> None:
    order = Order("prime_search", SCARCE, "direct", 0, shares(500, "1:0:0"), 20, eval_ranges=("S",))
    manifest = dataset.write(order, tmp_path)
    rows = {name: dataset.read(tmp_path / f"{name}.parquet") for name in ("train", "eval-S")}
    assert len(rows["train"]) == len({(row.key, row.query) for row in rows["train"]}) == 500
    often = Counter(row.key for row in rows["train"])
    assert len(often) > 90
    mean = len(rows["train"]) / len(often)
    assert max(often.values()) <= 2 * mean
    assert sum(count >= mean / 2 for count in often.values()) >= 0.9 * len(often)
    assert often.keys().isdisjoint(row.key for row in rows["eval-S"])
    assert (manifest.overlap, manifest.shared) == ({}, ["M", "L"])


def test_few_problems_are_shared_and_their_wordings_divided(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    manifest = dataset.write(replace(ORDER, bounds=FEW, train=shares(500, "1:0:0"), eval=60), tmp_path)
    rows = {name: dataset.read(tmp_path / f"{name}.parquet") for name in FILES}
    assert len({row.key for row in rows["eval-S"]}) == len(rows["eval-S"]) == 55
    wordings = {(row.key, row.query) for row in rows["train"]}
    assert len(wordings) == len(rows["train"]) == 500
    assert wordings.isdisjoint((row.key, row.query) for row in rows["eval-S"])
    assert (manifest.shared, manifest.overlap) == (["S"], {"S": 55})
    for told in (" ".join(manifest.shortages), capfd.readouterr().err):
        assert "55 of 60 eval-S rows; it has 55 distinct problems" in told
        assert "55 evaluation problems are in training too, in other words" in told


def test_a_shared_range_says_so_where_only_one_side_is_written(tmp_path: Path) -> None:
    for part in ({"write_train": False}, {"eval_ranges": ()}):
        order = replace(ORDER, bounds=FEW, train=shares(50, "1:0:0"), **part)
        manifest = dataset.write(order, tmp_path / str(len(list(tmp_path.iterdir()))))
        assert (manifest.shared, manifest.overlap) == (["S"], {})
        assert "data that another command makes may have the same ones in training" in " ".join(manifest.shortages)


def test_a_small_range_gives_no_more_than_the_recipe_s_short(tmp_path: Path) -> None:
    order = replace(ORDER, bounds=FEW, train=shares(100_000, "1:0:0"), eval=3, short=80)
    dataset.write(order, tmp_path)
    assert len(dataset.read(tmp_path / "train.parquet")) == 80
    assert dataset.quota(replace(order, short=10**6), "S").train == 55 * (24 - 2)


@given(st.integers(1, 10**6), st.tuples(*[st.integers(0, 9)] * 3).filter(any))
def test_a_mixture_keeps_the_total(total: int, weights: tuple[int, int, int]) -> None:
    rows = shares(total, ":".join(map(str, weights)))
    assert sum(rows.values()) == total
    for (name, count), weight in zip(rows.items(), weights, strict=True):
        assert abs(count - total * weight / sum(weights)) < 1, name
        assert weight or not count


def test_finished_data_are_not_made_again(tmp_path: Path) -> None:
    order = replace(ORDER, train=shares(20, "1:0:0"), eval=3)
    dataset.write(order, tmp_path)
    before = (tmp_path / "train.parquet").stat().st_mtime_ns
    dataset.write(order, tmp_path)
    assert (tmp_path / "train.parquet").stat().st_mtime_ns == before


def test_the_options_of_data_select_ranges_splits_and_mixtures(here: Cli, tmp_path: Path) -> None:
    def written(*options: str) -> dict[str, dict[str, int]]:
        out = tmp_path / str(len(list(tmp_path.iterdir())))
        few = ["--recipe", "nano", "data.eval=10", "--workers", "1"]
        done = here("data", "addition", *few, *options, "--json", "--out", str(out))
        assert done.returncode == 0, done.stderr
        return {name: figures["by_range"] for name, figures in json.loads(done.stdout)["files"].items()}

    assert written("--count", "100", "--mix", "8:1:1")["train"] == {"S": 80, "M": 10, "L": 10}
    assert written("--count", "20", "--split", "train", "--range", "M") == {"train": {"M": 20}}
    assert written("--count", "20", "--split", "eval", "--range", "L") == {"eval-L": {"L": 20}}


def test_a_task_s_settings_are_chosen_by_the_recipe(here: Cli, tmp_path: Path) -> None:
    asked = ["data", "derangement", "--recipe", "nano", "--count", "40", "data.eval=5", "--workers", "1"]
    done = here(*asked, "data.settings.derangement.limb=2", "--out", str(tmp_path / "limbs"))
    assert done.returncode == 0, done.stderr
    row = dataset.read(tmp_path / "limbs" / "train.parquet")[0]
    assert json.loads(row.problem)["limb"] == 2
    assert "\n1-,0:1*1-1;" in row.completion
    wrong = here(*asked, "data.settings.derangement.limbs=2", "--out", str(tmp_path / "wrong"))
    assert wrong.returncode == 2
    assert "did you mean 'limb'?" in wrong.stderr


@pytest.mark.slow
def test_all_tasks_are_written_at_once_the_same_by_any_workers(
    here: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers have hash seeds of their own."""
    # A contract test holds them all to it.
    monkeypatch.setattr(tasks, "verify", lambda *_: [])
    few = ["--count", "3", "data.eval=1", "data.replay={}"]
    for name, workers in (("one", "1"), ("two", "2")):
        done = here("data", "all", "--recipe", "nano", *few, "--workers", workers, "--out", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        assert f"data addition (1/{len(tasks.names())})" in done.stderr
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == tasks.names()
    for path in (tmp_path / "one").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes(), path


def test_a_small_range_is_evaluated_whole_and_overlap_is_said(here: Cli, tmp_path: Path) -> None:
    done = here("data", "derangement", "--recipe", "nano", "--out", str(tmp_path / "data"), "--json", "--workers", "1")
    manifest = json.loads(done.stdout)
    assert [manifest["files"][f"eval-{name}"]["rows"] for name in RANGES] == [6, 3, 3]
    assert manifest["overlap"] == {"S": 6}
    assert manifest["files"]["train"]["rows"] == 6 * (22 - 2)
    assert manifest["shared"] == ["S", "M", "L"]
    assert "6 evaluation problems are in training too" in done.stderr


@pytest.mark.usefixtures("only_kit_tasks", "tried_here")
def test_a_changed_task_file_makes_other_data(here: Cli, tmp_path: Path) -> None:
    own = tmp_path / "gcd.py"
    own.write_text((Path(__file__).parent / "own" / "gcd.py").read_text())
    asked = ["data", "gcd", "--tasks-from", str(own), "--count", "9", "data.eval=2", "--workers", "1",
             "--out", str(tmp_path / "data")]  # fmt: skip
    assert here(*asked).returncode == 0
    assert "holds these data already" in here(*asked).stderr
    own.write_text(own.read_text().replace("Find the greatest", "Please find the greatest"))
    changed = here(*asked)
    assert changed.returncode == 2
    assert "task_file" in changed.stderr


def test_problems_come_again_only_where_the_range_has_too_few() -> None:
    """Combination S has 50,375: fewer than are asked for, more than are taken."""
    order = Order("combination", dict(tasks.load("combination").ranges), "tail", 0, shares(100_000, "1:0:0"), 500)
    assert dataset.quota(order, "S") == dataset.Quota(20_000, 500, times=22, scarce=False, shared=False)


def test_a_range_of_any_support_has_a_quota() -> None:
    order = replace(ORDER, bounds={**BOUNDS, "L": (1500, 1600)}, train=shares(100, "0:0:1"))
    assert dataset.quota(order, "L") == dataset.Quota(100, 40, times=24, scarce=False, shared=False)


def test_replayed_rows_follow_and_are_no_problem_of_a_task(tmp_path: Path) -> None:
    made = replace(ORDER, replay={"window": 30, "grid": 50})
    other = replace(ORDER, replay={"grid": 50, "window": 30})
    manifest = dataset.write(made, tmp_path)
    trained = dataset.read(tmp_path / "train.parquet")
    assert manifest.files["train"].by_task == {"addition": 600, "nano/grid": 50, "nano/window": 30}
    assert dataset.write(other, tmp_path / "other").files == manifest.files
    assert not manifest.shortages
    assert [row.task for row in trained[:600]] == ["addition"] * 600
    lengths = [len(row.completion) for row in trained[600:650]]
    assert len({row.query for row in trained[600:]}) > 70
    assert max(lengths) > 5 * min(lengths)


REPLAYED = {
    "columns": "d444e90742f2ce5f",
    "facts": "ac394b6501ef0a4c",
    "grid": "53ae757d5994f70e",
    "layout": "49abfa2c33cc2f23",
    "passes": "ae8060cc6c96e99a",
    "spell": "ac190e17598b6c99",
    "tape": "cf02d1c3ffb120e7",
    "triangle": "36f9f1b516c496d0",
    "window": "49160b4266c625de",
}
"""Of twenty rows of each generator, which must stay the same as long as a recipe may name it."""


def test_replayed_rows_stay_the_same_byte_for_byte() -> None:
    assert REPLAYED.keys() == GENERATORS.keys() == replay.programs().keys()
    for name, digest in REPLAYED.items():
        text = "".join(f"{row.query}\0{row.completion}\n" for row in islice(rows(name, 0), 20))
        assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest


def test_replay_follows_from_its_seed_and_program() -> None:
    def first(program: str, seed: int) -> list[tuple[str, str]]:
        return list(islice(replay.stream(program, seed), 5))

    assert first("grid", 1) == first("grid", 1)
    assert first("grid", 1) != first("grid", 2)
    assert first("grid", 1) != first("window", 1)


def test_rows_are_replayed_once_and_only_where_there_is_training(tmp_path: Path) -> None:
    def counts(name: str, *changes: str) -> dict[str, int]:
        small = ["data.train=4", "data.eval=2", "data.replay.grid=3", *changes]
        order = dataset.order_of("lcs", recipe.load("nano", small, task="lcs"))
        made = dataset.write(order, tmp_path / name).files.get("train")
        return made.by_task if made else {}

    own = tmp_path / "own.jsonl"
    own.write_text("".join(json.dumps({"query": f"q{i}", "completion": "Answer: a"}) + "\n" for i in range(4)))
    rest = set(counts("rest", "data.teach=rest")) - {"nano/grid"}
    assert counts("rest", "data.teach=rest") == {**dict.fromkeys(rest, 2), "nano/grid": 3}
    assert counts("file", f"data.completions={own}") == {"lcs": 4, "nano/grid": 3}
    assert counts("untrained", "train.epochs=0") == {}


def test_tasks_taught_beside_another_are_held_to_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[str] = []
    monkeypatch.setattr(tasks, "verify", lambda task, bounds: held.append(task.id))
    order = dataset.order_of(
        "lcs", recipe.load("nano", ["data.train=4", "data.eval=2", "data.teach=rest", "data.replay={}"], task="lcs")
    )
    pipeline.write_data({tmp_path / "data": order}, 1)
    assert set(held) == {"lcs", *(other.task for other in order.others)} > {"lcs"}


def test_every_program_of_nano_can_be_replayed() -> None:
    for program in replay.programs():
        for query, completion in islice(replay.stream(program, 0), 60):
            assert is_clean(query, completion)
            assert len(query) + len(completion) < WINDOW


def test_a_wrong_program_to_replay_is_told_with_the_nearest(here: Cli, tmp_path: Path) -> None:
    done = here("data", "addition", "data.replay.gird=10", "--out", str(tmp_path / "d"))
    assert done.returncode == 2
    assert "unknown source in data.replay 'gird'; did you mean 'grid'?" in done.stderr


def test_the_manifest_says_what_guesses_reach_in_each_range(tmp_path: Path) -> None:
    order = Order("diophantine", {"S": (10, 50), "M": (51, 100), "L": (101, 200)}, "direct", 0, shares(60, "1:1:0"), 30)
    task, (rule,) = tasks.load("diophantine"), tasks.load("diophantine").heuristics
    for part, sets in ((order, FILES[1:]), (replace(order, eval_ranges=()), ["train"])):
        manifest = dataset.write(part, tmp_path / sets[0])
        rows = [row for name in sets for row in dataset.read(tmp_path / sets[0] / f"{name}.parquet")]
        assert manifest.guesses.keys() == {row.range for row in rows}
        for name, guesses in manifest.guesses.items():
            answers = [row.answer for row in rows if row.range == name]
            assert guesses.problems == len(answers) == 30
            assert answers.count(guesses.constant) == max(map(answers.count, answers))
            assert guesses.best_constant == round(answers.count(guesses.constant) / 30, 4)
            right = [task.heuristics[rule](json.loads(row.problem)) == row.answer for row in rows if row.range == name]
            assert guesses.simple_heuristics == {rule: round(sum(right) / 30, 4)}


def test_teaching_the_rest_of_a_paradigm_leaves_the_task_out(here: Cli, tmp_path: Path) -> None:
    small = ["data.train=10", "data.eval=3", "data.teach=rest", "--recipe", "nano", "--workers", "1"]
    done = here("data", "lcs", *small, "--out", str(tmp_path / "rest"))
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "rest" / "manifest.json").read_text())
    others = {name for name in tasks.names() if tasks.load(name).paradigm == tasks.load("lcs").paradigm} - {"lcs"}
    assert manifest["files"]["train"]["by_task"].keys() == others
    assert sum(manifest["files"]["train"]["by_task"].values()) == 10
    assert manifest["files"]["eval-S"]["by_task"] == {"lcs": 3}
