"""Extra rows of a training come from generators by name and from files, counted apart from the task's own."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tailkit import dataset, recipe, tasks
from tailkit.dataset import Manifest
from tailkit.errors import UsageError
from tailkit.report.headline import training_set
from tailkit.run.naming import default_folder

ROWS = [{"query": f"What is {number} twice?", "completion": f"Answer: {2 * number}"} for number in range(12)]


def jsonl(path: Path, rows: list[dict[str, str]] = ROWS) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def written(folder: Path, replay: dict[str, int], *changes: str) -> Manifest:
    """The data of a small run of addition with these extra rows."""
    overrides = ["data.train=10", "data.eval=3", f"data.replay={json.dumps(replay)}", *changes]
    return dataset.write(dataset.order_of("addition", recipe.load("nano", overrides, task="addition")), folder)


def extra(folder: Path) -> list[tuple[str, str]]:
    return [(row.query, row.completion) for row in dataset.read(folder / "train.parquet") if row.task != "addition"]


def test_rows_of_a_jsonl_file_follow_those_of_the_task(tmp_path: Path) -> None:
    manifest = written(tmp_path / "d", {str(jsonl(tmp_path / "more.jsonl")): 5, "grid": 2})
    assert manifest.files["train"].by_task == {"addition": 10, "more.jsonl": 5, "nano/grid": 2}
    assert manifest.files["train"].by_range["S"] == 10
    assert extra(tmp_path / "d")[:5] == [(row["query"], row["completion"]) for row in ROWS[:5]]
    told = "Training set: 10 examples of S (addition 10), and 5 replayed rows of more.jsonl"
    assert training_set(manifest) == f"{told}, and 2 replayed rows of nano/grid."


@pytest.mark.parametrize("column", ["completion", "trace"])
def test_rows_come_from_parquet_too(tmp_path: Path, column: str) -> None:
    texts = {"query": [row["query"] for row in ROWS], column: [row["completion"] for row in ROWS]}
    pq.write_table(pa.table(texts), tmp_path / "more.parquet")
    written(tmp_path / "d", {str(tmp_path / "more.parquet"): 4})
    assert extra(tmp_path / "d") == [(row["query"], row["completion"]) for row in ROWS[:4]]


@pytest.mark.parametrize("value", [b"\xff", datetime(2026, 1, 1), [b"a"], {"a": 1}])
def test_a_column_of_another_kind_is_named_with_its_row(value: object, tmp_path: Path) -> None:
    table = pa.table({"query": [value], "completion": ["Answer: 1"]})
    pq.write_table(table, tmp_path / "odd.parquet")
    with pytest.raises(UsageError, match=r"odd\.parquet, row 0: field 'query' is"):
        written(tmp_path / "d", {str(tmp_path / "odd.parquet"): 1})


def test_rows_of_one_run_can_be_replayed_in_another(tmp_path: Path) -> None:
    written(tmp_path / "one", {})
    manifest = written(tmp_path / "two", {str(tmp_path / "one" / "train.parquet"): 6}, "data.seed=1")
    assert manifest.files["train"].by_task == {"addition": 10, "train.parquet": 6}


def test_a_file_with_too_few_rows_is_a_shortage(tmp_path: Path) -> None:
    manifest = written(tmp_path / "d", {str(jsonl(tmp_path / "more.jsonl")): 50})
    assert manifest.shortages == ["more.jsonl: 12 of 50 train rows; the file has no more"]
    assert manifest.files["train"].rows == 22


def test_what_a_file_holds_counts_and_not_its_place(tmp_path: Path) -> None:
    file = jsonl(tmp_path / "more.jsonl")
    written(tmp_path / "d", {str(file): 5})
    (tmp_path / "elsewhere").mkdir()
    moved = file.rename(tmp_path / "elsewhere" / "more.jsonl")
    assert written(tmp_path / "d", {str(moved): 5}).files["train"].rows == 15
    with pytest.raises(UsageError, match="holds other data: replay is"):
        written(tmp_path / "d", {str(jsonl(moved, ROWS[1:])): 5})


def test_an_evaluated_problem_is_refused_by_its_line(tmp_path: Path) -> None:
    written(tmp_path / "first", {})
    asked = dataset.read(tmp_path / "first" / "eval-M.parquet")[0]
    file = tmp_path / "more.jsonl"
    for row in ({"query": asked.query}, {"query": "In other words?", "key": asked.key}):
        jsonl(file, [ROWS[0], {**row, "completion": "Answer: 1"}])
        with pytest.raises(UsageError, match=r"more\.jsonl, line 2: the evaluation asks this problem"):
            written(tmp_path / "d", {str(file): 2})
    evaluated = str(tmp_path / "first" / "eval-M.parquet")
    with pytest.raises(UsageError, match=r"eval-M\.parquet, row 0: the evaluation asks this problem"):
        written(tmp_path / "d", {evaluated: 2})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"query": "q"}', "line 1: field 'completion' is missing"),
        ('{"query": " ", "completion": "c"}', "line 1: field 'query' is empty"),
        ('{"query": "q", "completion": "a<|im_start|>b"}', "line 1: field 'completion' holds <|im_start|>"),
        ("", "holds no rows"),
    ],
)
def test_a_wrong_line_is_told_before_anything_is_written(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "more.jsonl"
    file.write_text(content)
    with pytest.raises(UsageError) as caught:
        written(tmp_path / "d", {str(file): 2})
    assert message in caught.value.message
    assert not (tmp_path / "d").exists()


def test_a_wrong_parquet_file_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "no.parquet").write_bytes(b"PAR1 not")
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "other.parquet")
    pq.write_table(pa.table({"query": ["a", "b"], "completion": ["c", None]}), tmp_path / "gap.parquet")
    for name, message in [
        ("no", "cannot be read as parquet"),
        ("other", "lacks a column query or completion"),
        ("gap", "row 1: field 'completion' is null"),
        ("missing", "does not exist"),
    ]:
        with pytest.raises(UsageError) as caught:
            written(tmp_path / "d", {str(tmp_path / f"{name}.parquet"): 2})
        assert message in caught.value.message
        assert "\n" not in caught.value.message


def test_a_file_s_path_holds_wherever_the_recipe_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = recipe.load("nano", ["data.replay={more.jsonl: 5, grid: 2}"], task="addition")
    assert chosen.data.replay == {str(tmp_path / "more.jsonl"): 5, "grid": 2}
    other = recipe.load("nano", ["data.replay={x/more.jsonl: 5, grid: 2}"], task="addition")
    assert default_folder("addition", "nano", chosen) != default_folder("addition", "nano", other)


def test_the_workshop_is_loaded_only_where_a_recipe_names_it(tmp_path: Path) -> None:
    code = (
        "import sys; from tailkit import dataset, recipe, tasks; from pathlib import Path\n"
        "over = ['data.train=2', 'data.eval=1', *sys.argv[2:]]\n"
        "order = dataset.order_of('addition', recipe.load('nano', over, task='addition'))\n"
        "dataset.write(order, Path(sys.argv[1]))\n"
        "print(any(name.startswith('tailkit.nano.workshop') for name in sys.modules))"
    )
    for name, changes, loaded in (("plain", [], "False"), ("grid", ["data.replay.grid=2"], "True")):
        command = [sys.executable, "-c", code, str(tmp_path / name), *changes]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == loaded


def test_the_keys_of_older_recipes_still_load() -> None:
    assert recipe.load("nano", task="levenshtein").data.replay == {"grid": 1800}
    order = dataset.order_of("levenshtein", recipe.load("nano", task="levenshtein"))
    assert dataset.identity(order)["replay"] == {"grid": 1800}
    assert "replay_files" not in dataset.identity(order)
    assert tasks.load("levenshtein").id == order.task
