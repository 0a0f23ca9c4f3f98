"""Other models' scores in reports, comparisons and studies."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tailkit import others, pipeline, recipe
from tailkit.cli.options import app
from tailkit.errors import UsageError
from tailkit.run.folder import RunDir
from tailkit.study import compare, draw, gather, plan, tables
from tests.conftest import SMALL_OVERRIDES
from tests.small import finished_run


def score(run: RunDir, scratch: Path, name: str, right: int, rows: int = 6) -> None:
    """Score a model that gives so many right answers to the first rows of M and L."""
    sets = run.evaluation_sets()
    made = [
        {"range": part, "index": index, "text": f"Answer: {one.answer if index < right else 'none'}"}
        for part in "ML"
        for index, one in enumerate(sets[part][:rows])
    ]
    path = scratch / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in made))
    others.score_generations(run, path, name)


def untrained(folder: Path, *overrides: str) -> RunDir:
    """A run with evaluation sets alone."""
    chosen = recipe.load("nano", [*SMALL_OVERRIDES, *overrides, "train.epochs=0"], task="addition")
    run = RunDir.create(folder, "addition", chosen)
    pipeline.make_data(run, 1)
    return run


def test_a_run_of_other_models_alone_has_a_report(tmp_path: Path) -> None:
    run = untrained(tmp_path / "run")
    with pytest.raises(UsageError):
        pipeline.report(run)
    score(run, tmp_path, "gpt-x", right=3, rows=4)
    shown = CliRunner().invoke(app, ["report", str(run.path)])
    assert shown.exit_code == 0, shown.output
    assert "gpt-x is right on 75.0 %" in shown.stdout
    for name in ("report.html", "report.md"):
        text = (run.path / name).read_text()
        assert "4 of 6" in text
        assert "gpt-x" in text
        assert "this run" not in text.replace("of this run", "")
    assert (run.path / "accuracy.png").stat().st_size > 1000


def test_the_report_of_a_run_shows_what_part_others_answered(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run")
    score(run, tmp_path, "gpt-x", right=2, rows=3)
    facts = pipeline.report(run)
    assert [(one.range, one.total, one.rows) for one in facts.others["gpt-x"]] == [("M", 3, 6), ("L", 3, 6)]
    assert "3 of 6" in (run.path / "report.md").read_text()
    assert [one.problems for one in facts.summaries] == ["6", "6", "6"]


def test_compare_holds_other_models_against_the_run(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", right=5)
    with pytest.raises(UsageError, match="two or more"):
        compare.compare([run.path])
    score(run, tmp_path, "gpt-x", right=1)
    found = compare.compare([run.path])
    assert [one.name for one in found.runs] == ["run", "gpt-x (run)"]
    rows = [row for row in compare.table(found).rows if row[0] == "gpt-x (run)"]
    assert [row[1] for row in rows] == ["M", "L"]
    assert all(row[6].startswith("-66") or row[6].startswith("−66") for row in rows)
    assert found.differences == {}
    compare.write(found, tmp_path / "both.html")
    assert "gpt-x" in (tmp_path / "both.html").read_text()
    # A run of other models alone is held against another run, too.
    alone = untrained(tmp_path / "alone")
    score(alone, tmp_path, "qwen", right=6)
    both = compare.compare([run.path, alone.path])
    assert [one.name for one in both.runs] == ["run", "gpt-x (run)", "qwen (alone)"]
    assert both.effect(both.runs[2], "L") is not None
    assert both.notes == []


def test_studies_show_models_that_were_asked_the_same_problems(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "title: Mine\ntasks: [addition]\narms:\n  tail: {}\n  base: {train.epochs: 0}\n"
    )
    study = plan(str(tmp_path / "mine.yaml"), "nano", SMALL_OVERRIDES, out=tmp_path / "runs")
    assert not gather(study).outside
    score(untrained(tmp_path / "runs" / "same"), tmp_path, "gpt-x", right=3, rows=4)
    score(untrained(tmp_path / "runs" / "other", "data.seed=5"), tmp_path, "qwen", right=6)
    found = draw(study)
    assert [(one.name, one.task, sorted(one.summaries)) for one in found.outside] == [("gpt-x", "addition", ["L", "M"])]
    (row,) = (row for row in tables.main(found).rows if row[1] == "gpt-x")
    assert row[2] == "–"
    assert row[3].startswith("75.0 (")
    assert "4 of 6" in row[3]
    assert ["addition", "gpt-x", "L (4 of 6)"] in [row[:3] for row in tables.tokens(found).rows]
    assert "gpt-x" in (study.folder / "report.html").read_text()
