"""The report shows what a run's files say: in words, escaped, self-contained, and it touches nothing else."""

import re
from pathlib import Path

import pytest

from tailkit import dataset, recipe, report, score, tasks
from tailkit.dataset import Order, shares
from tailkit.errors import UsageError
from tailkit.records import RANGES, Example, Generation, Metric, Nouns
from tailkit.report import figures, paper, tables, words
from tailkit.report.facts import coloured
from tailkit.run import lines
from tailkit.run.folder import RunDir
from tailkit.tasks.contract import registry
from tests.conftest import in_chromium

TASK = tasks.load("addition")
EVIL = "<script>document.title='hacked'</script>&\"'"
OWN = Path(__file__).parent / "own" / "gcd.py"


def test_every_task_has_words_for_its_lengths() -> None:
    told = {name: words.problems(tasks.load(name).nouns, (8, 10)) for name in tasks.names()}
    assert told["addition"] == "sums of 8–10 digits"
    assert told["prime_search"] == "prime searches with upper bounds 8–10"
    assert words.length(tasks.load("dijkstra").nouns, (1, 1)) == "1 vertex"
    assert not [name for name, text in told.items() if text == words.problems(Nouns(), (8, 10))]
    assert words.problems(Nouns(), (3, 3)) == "problems of length 3"


@pytest.mark.parametrize("given", ['"sums"', '("sums of {}",)', '("{}", "{}", 3)', '("{} of {}", "{}", "{}")', "None"])
def test_malformed_words_of_a_task_are_refused(tmp_path: Path, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_added", {})
    (tmp_path / "gcd.py").write_text(f"{OWN.read_text()}\nNOUNS = {given}\n")
    tasks.add(tmp_path / "gcd.py")
    with pytest.raises(UsageError, match="NOUNS"):
        tasks.load("gcd")
    tasks.load.cache_clear()


def test_the_paper_s_figures_stand_beside_the_variants_that_it_measured() -> None:
    def printed(task: str, *overrides: str) -> dict[str, float]:
        return paper.figures(task, recipe.load("nano", overrides, task=task))

    assert printed("addition") == {"S": 97.0, "M": 92.5, "L": 86.5}
    assert printed("lcs", "data.variant=no-fetch") == {"M": 80.8, "L": 74.8}
    assert printed("addition", "data.variant=styled") == printed("addition", "data.mix=8:1:1") == {}
    assert printed("lcs", "train.epochs=0") == {"M": 11.2, "L": 13.0}
    assert printed("lcs", "data.replay.grid=5") == {}
    assert printed("compare_numbers", "data.completions=x.jsonl") == {"S": 72.2, "M": 67.2, "L": 61.8}


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run folder with made-up generations: right, wrong, cut, and one full of HTML."""
    chosen = recipe.load("nano", ["data.train=20", "data.eval=8"], task="addition")
    run = RunDir.create(tmp_path_factory.mktemp("report") / "run", "addition", chosen)
    bounds = {"S": (1, 3), "M": (4, 5), "L": (6, 7)}
    dataset.write(Order("addition", bounds, "tail", 0, shares(20, "1:0:0"), 8, replay={"grid": 4}), run.data)
    scores = []
    for name in RANGES:
        rows = dataset.read(run.data / f"eval-{name}.parquet")
        texts = [row.completion for row in rows]
        texts[1] = texts[1].replace("=0", "=1", 1)
        texts[1] = texts[1][: texts[1].index("Answer")] + "Answer: 0.123"
        texts[2] = texts[2][:15] + EVIL
        made = [Generation(name, i, text, len(text), i == 3) for i, text in enumerate(texts)]
        lines.write(run.generations(name), made)
        scores += [score.judge(TASK, rows[one.index], one) for one in made]
    lines.write(run.scores, scores)
    lines.write(run.metrics, [Metric(i, 2.0 / i) for i in range(1, 20)])
    score.write_summaries(run.summary, [score.summarize(name, scores) for name in RANGES])
    return run


def evaluation(run: RunDir) -> dict[str, list[Example]]:
    return {name: dataset.read(run.data / f"eval-{name}.parquet") for name in RANGES}


def test_the_report_shows_the_scores_and_nothing_from_elsewhere(evaluated: RunDir) -> None:
    facts = report.build(evaluated, evaluation(evaluated))
    page = (evaluated.path / "report.html").read_text()
    assert "<script" not in page
    assert "document.title=" in page  # shown, escaped
    assert not re.search(r'(src|href)="(?!#)', page.replace("xlink:href", ""))
    assert not re.search(r"url\((?!#)", page)
    for row in tables.rows(facts):
        assert "".join(f"<td>{value}</td>" for value in row) in page
    assert "scaled down" in page
    assert "full fine-tuning" in page
    assert '<span class="error">' in page
    markdown = (evaluated.path / "report.md").read_text()
    assert all("| " + " | ".join(row) + " |" in markdown for row in tables.rows(facts))
    assert "Training set: 20 examples of S (addition 20), and 4 replayed rows of nano/grid." in page
    assert (evaluated.path / "accuracy.png").read_bytes().startswith(b"\x89PNG")


def test_coloured_pieces_give_back_the_text_and_mark_the_first_error(evaluated: RunDir) -> None:
    for shown in report.gather(evaluated, evaluation(evaluated)).shown:
        pieces = coloured(shown)
        assert "".join(text for text, _ in pieces).replace("↵", "").removesuffix("▯") == shown.text
        offset = shown.score.offset
        assert [module for _, module in pieces].count("error") == (offset is not None)


def test_figures_are_the_same_bytes_again(evaluated: RunDir) -> None:
    facts = report.gather(evaluated, evaluation(evaluated))
    for draw in (figures.accuracy, figures.loss, figures.first_wrong):
        assert figures.svg(draw(facts)) == figures.svg(draw(facts))


def test_a_report_without_scores_says_what_to_run_first(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path / "run", "addition", recipe.load("nano", task="addition"))
    with pytest.raises(UsageError, match="tailkit eval"):
        report.gather(run, {})


@pytest.mark.browser
def test_the_page_stands_in_a_real_browser(evaluated: RunDir, tmp_path: Path) -> None:
    report.build(evaluated, evaluation(evaluated))
    page, over = in_chromium(evaluated.path / "report.html", tmp_path)
    assert over <= 0
    assert "<title>hacked" not in page
    assert page.count("<td>") == 3 * len(tables.HEAD)
    assert page.count("<svg") == 3
    assert page.count('class="error"') > 3
