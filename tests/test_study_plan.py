"""What a study runs: its file, its cells, what they share, and what a dry run tells."""

import json
import os
from pathlib import Path

import pytest

from tailkit import recipe, study
from tailkit.arithmetic.speed import named
from tailkit.errors import UsageError
from tailkit.hardware import work
from tailkit.recipe import read_yaml
from tailkit.run.folder import RunDir
from tailkit.study import grid
from tests.conftest import Cli
from tests.studies import FILE, QUICK


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FILE.replace("[addition]", "[adition]"), ["mine.yaml", "adition", "addition"]),
        (FILE.replace("variant: direct", "variant: dirct"), ["addition/direct", "dirct", "direct"]),
        (FILE.replace("data.variant", "data.varant"), ["data.varant", "variant"]),
        (FILE.replace("arms:", "armes:"), ["mine.yaml", "armes", "arms"]),
        (FILE.replace("title: Two <b>arms</b>", ""), ["mine.yaml", "title"]),
        (FILE + "seeds: 0\n", ["mine.yaml", "seeds"]),
        (FILE + "seeds: !!python/object/apply:os.system [true]\n", ["mine.yaml", "line"]),
        (FILE.replace("tail: {}", "tail: {data.teach: rest}").replace("[addition]", "[binary_search]"), ["only task"]),
        (FILE.replace("tail: {}", "tail: {data.completions: no.jsonl}"), ["no.jsonl", "does not exist"]),
        (FILE.replace("tail: {}", "tail: {data.completions: bad.jsonl}"), ["bad.jsonl, line 1", "'query'"]),
        (FILE.replace("[addition]", "[addition, addition]"), ["tasks", "twice"]),
    ],
)
def test_a_wrong_file_is_refused_before_anything_is_written(
    text: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.yaml").write_text(text.replace("bad.jsonl", str(tmp_path / "bad.jsonl")))
    (tmp_path / "bad.jsonl").write_text("{}\n")
    with pytest.raises(UsageError) as caught:
        study.plan(str(tmp_path / "mine.yaml"), "nano", QUICK, out=tmp_path / "runs")
    assert all(word in str(caught.value) for word in words), caught.value
    assert not (tmp_path / "runs").exists()


def test_wrong_names_on_the_command_line_exit_2(here: Cli, tmp_path: Path) -> None:
    for arguments, near in (
        (["tabel1"], "table1"),
        (["table1", "--recipe", "nanno"], "nano"),
        (["table1", "--recipe", "nano", "--only", "*/reversed", "--only", "adition/tail"], "addition/tail"),
        (["table1", "--launcher", "rya"], "ray"),
        (["table1", "--budget", "token"], "tokens"),
    ):
        done = here("study", *arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert near in done.stderr
        assert len(done.stderr.splitlines()) <= 2
    assert not list(tmp_path.iterdir())


def test_a_cell_folder_of_another_recipe_is_refused(tmp_path: Path) -> None:
    cell = study.plan("table1", "nano", out=tmp_path).cells[0]
    RunDir.create(cell.folder, "addition", recipe.load("nano", ["lora.rank=3"], task="addition"))
    with pytest.raises(UsageError, match=r"another recipe: lora.rank is 3 there, 16 here"):
        study.plan("table1", "nano", out=tmp_path)


@pytest.mark.parametrize("name", study.names())
def test_the_kit_s_studies_hold_and_say_what_they_are(name: str, tmp_path: Path) -> None:
    (tmp_path / "distilled.jsonl").write_text('{"query": "1 or 2?", "completion": "Answer: <"}\n')
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        planned = study.plan(name, "paper", out=tmp_path)
    finally:
        os.chdir(here)
    assert len({cell.folder for cell in planned.cells}) == len(planned.cells)
    path = recipe.FOLDER / "studies" / f"{name}.yaml"
    assert path.read_text().startswith("# ")
    assert len(path.read_text().splitlines()) <= 20
    assert set(read_yaml(path)) >= {"title", "tasks", "arms"}


def test_studies_share_their_cells(tmp_path: Path) -> None:
    one, other = (study.plan(name, "nano", out=tmp_path) for name in ("table2", "fig6"))
    shared = {cell.folder for cell in one.cells} & {cell.folder for cell in other.cells}
    assert {cell.label for cell in one.cells if cell.folder in shared} == {
        "compare_numbers/tail/0",
        "any_substring/tail/0",
    }


def test_cells_have_the_recipe_s_values_for_their_own_task(tmp_path: Path) -> None:
    (mine := tmp_path / "mine.yaml").write_text("tasks: {lcs: {train: {epochs: 3}}, knapsack: {lora: {rank: 4}}}")
    cells = study.plan("fig4", str(mine), out=tmp_path, only=["*/tail"]).chosen
    made = {cell.task: cell.recipe for cell in cells}
    assert [made[task].train.epochs for task in ("addition", "lcs", "knapsack")] == [1, 3, 1]
    assert [made[task].lora.rank for task in ("addition", "lcs", "knapsack")] == [16, 16, 4]
    assert not any(one.tasks for one in made.values())


def test_with_the_budget_tokens_arms_train_on_as_many_tokens(tmp_path: Path) -> None:
    planned = study.plan("table1", "nano", out=tmp_path, seeds=1, budget="tokens")
    rows = {cell.arm: cell.recipe.data.train for cell in planned.cells}
    assert rows["tail"] == 4500
    # A completion's mean tokens in S, as a data set of these variants has them.
    for arm, tokens in {"index-hint": 58, "reversed": 16}.items():
        assert rows[arm] * tokens == pytest.approx(4500 * 188, rel=0.1)


def test_a_dry_run_tells_cells_hours_and_disk_and_writes_nothing(
    here: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SAMPLE", 4)
    only = ["--only", "compare_numbers", "--dry-run", "--json"]
    done = here("study", "table2", "--recipe", "hobby", *only, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert len(rows) == 5
    assert all(0 < row["hours"][0] < row["hours"][1] and row["disk"] for row in rows if "/base/" not in row["label"])
    assert all(row["hours"] == [0, 0] for row in rows if "/base/" in row["label"])
    # A run that is taught by other tasks alone has rows of theirs.
    planned = study.plan("figI1", "nano", out=tmp_path, only=["lcs/rest"])
    (rest,) = [study.forecast(cell, "nano") for cell in planned.chosen]
    assert rest.hours
    assert rest.hours[0] > 0
    assert not list(tmp_path.iterdir())


def test_a_forecast_is_for_the_card_that_the_recipe_is_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a card the recipe's, of 8 GB; nano runs on the CPU beside any card."""
    monkeypatch.setattr(work, "SAMPLE", 4)

    def hours(name: str) -> list[tuple[float, float] | None]:
        (cell,) = study.plan("table2", name, out=tmp_path, only=["compare_numbers/tail/0"]).chosen
        return [study.forecast(cell, name, here).hours for here in (None, named("RTX 4090"))]

    slow, fast = hours("8gb")
    assert slow
    assert fast
    assert slow[1] > 2 * fast[1]
    without, beside = hours("nano")
    assert without == beside


def test_tokens_are_counted_with_the_settings_of_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "SAMPLE", 20)
    whole, digits = (
        grid._tokens("division", recipe.load("nano", [f"data.settings.division.digitwise={each}"], task="division"))
        for each in (0, 1)
    )
    assert digits > 1.3 * whole
