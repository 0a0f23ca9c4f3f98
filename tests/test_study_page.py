"""The page of a study, from made-up results: the paper's figures apart, any name shown as text, no scrolling page."""

import re
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from tailkit import study
from tailkit.records import RANGES
from tailkit.report import paper
from tailkit.score import Summary
from tailkit.screen import visible
from tailkit.study import tables
from tailkit.study.results import Group, Looks, Outside, Results, Share
from tests.conftest import in_chromium
from tests.test_report_escape import EVILS, Reader

FILE = """
title: "A <b>title</b> | `x` $y$"
about: "</script><i>about</i>"
tasks: [addition, lcs]
arms:
  tail: {}
  "_under $x$ <b> | `": {data.variant: direct}
seeds: 2
"""


def made_up(folder: Path, evil: str = "_gpt") -> Results:
    """Results of a study of two tasks and two arms, with another model called `evil`, which also failed."""
    (folder / "mine.yaml").write_text(FILE)
    planned = study.plan(str(folder / "mine.yaml"), "nano", out=folder / "runs")
    groups = []
    for task in ("addition", "lcs"):
        for arm in planned.file.arms:
            cells = [cell for cell in planned.cells if (cell.task, cell.arm) == (task, arm)]
            shares = {name: Share(30, 40, [0.7, 0.8], 1200.0 * len(arm), 3, 2) for name in RANGES}
            wrong = {name: {"compute": 4, "fetch": 1} for name in RANGES}
            printed = paper.accuracies(task, cells[0].recipe)
            groups.append(Group(task, arm, cells[0].recipe, cells, 1, [evil], shares, printed, wrong, [evil]))
    theirs = Outside(evil, "addition", {"L": Summary("L", 9, 4, 4 / 9, 0.1, 0.8, 0, 1, 5e4, {}, {}, {})})
    looks = Looks([0, 1], [[0.2, 0.3], [0.1, 0.4]], [[0.1, 0.1], [0.2, 0.1]])
    return Results(planned, groups, [theirs], {("addition", "tail"): looks})


Draw = Callable[[Results], Path]


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Draw:
    def drawn(results: Results) -> Path:
        monkeypatch.setattr(study, "gather", lambda _: results)
        study.draw(results.study)
        return results.study.folder

    return drawn


def test_ours_and_the_paper_s_figures_stand_apart(tmp_path: Path, draw: Draw) -> None:
    results = made_up(tmp_path)
    grid = tables.main(results)
    assert grid.head[-3:] == ["paper: S", "paper: M", "paper: L"]
    assert grid.rows[0][-3:] == ["97.0", "92.5", "86.5"]
    assert grid.rows[0][2] == "75.0 (59.8–85.8)\n70.0 80.0"
    page = (draw(results) / "report.html").read_text()
    assert '<td class="apart">97.0</td>' in page
    assert page.count('<th class="apart">') == 3
    assert "means nothing by itself" in page


def test_any_name_is_text_on_a_study_s_page(tmp_path: Path, draw: Draw) -> None:
    evil = " ".join(EVILS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = draw(made_up(tmp_path, evil))
    read = Reader((folder / "report.html").read_text())
    assert not {"script", "b", "i", "img"} & read.tags
    assert not {"onerror", "src"} & read.attributes
    assert read.text.count(visible(evil)) >= 3
    assert "_under $x$ <b> | `" in read.text
    lines = (folder / "report.md").read_text().splitlines()
    assert lines[0] == r"# A \<b\>title\</b\> \| \`x\` \$y\$"
    rows = [line for line in lines if line.startswith("| addition |")]
    assert len({len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows}) <= 5


def test_every_arm_stands_in_a_study_s_legends(tmp_path: Path, draw: Draw) -> None:
    page = (draw(made_up(tmp_path)) / "report.html").read_text()
    for name in ("accuracy", "tokens", "first-wrong"):
        figure = page[page.index(f'id="{name}-figure"') :]
        assert "_under $x$" in Reader(figure[: figure.index("</figure>")]).text
    assert "prefers-color-scheme: dark" in page
    assert "currentColor" in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [1000, 400])
def test_a_study_s_page_never_scrolls_sideways(tmp_path: Path, draw: Draw, width: int) -> None:
    _, over = in_chromium(draw(made_up(tmp_path)) / "report.html", tmp_path, width)
    assert over <= 0
