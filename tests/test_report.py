"""The report shows what a run's files say: in words, escaped, self-contained, and it touches nothing else."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tailkit import dataset, recipe, report, score, tasks
from tailkit.dataset import Order, shares
from tailkit.errors import UsageError
from tailkit.records import RANGES, Example, Generation, Metric, Nouns, Score
from tailkit.report import figures, headline, markdown, paper, tables, words
from tailkit.report.facts import Facts
from tailkit.report.page import render
from tailkit.report.problems import Piece
from tailkit.run import lines
from tailkit.run.folder import RunDir
from tailkit.run.manifest import FileFacts, Guesses
from tailkit.tasks.contract import registry
from tests.conftest import in_chromium

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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


def test_the_paper_s_figures_stand_beside_what_it_measured() -> None:
    def printed(task: str, *overrides: str) -> dict[str, float]:
        return paper.accuracies(task, recipe.load("nano", overrides, task=task))

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


@pytest.fixture(scope="module")
def facts(evaluated: RunDir) -> Facts:
    """What the report of that run shows; its files are written too."""
    return report.build(evaluated, evaluation(evaluated))


def read(run: RunDir, name: str = "report.html") -> str:
    return (run.path / name).read_text()


def test_the_page_shows_the_scores_and_nothing_from_elsewhere(evaluated: RunDir, facts: Facts) -> None:
    page = read(evaluated)
    assert "<script" not in page
    assert "document.title=" in page  # shown, escaped
    assert not re.search(r'(src|href)="(?!#)', page.replace("xlink:href", ""))
    assert not re.search(r"url\((?!#)", page)
    for row in tables.main(facts).rows:
        assert "".join(f"<td>{value}</td>" for value in row) in page
    assert "scaled down" in page
    assert "the same answer for all problems is right on S 12.5, M 12.5, L 12.5 % at most" in page
    assert '<span class="error">' in page
    assert "Training set: 20 examples of S (addition 20), and 4 replayed rows of nano/grid." in page
    assert (evaluated.path / "accuracy.png").read_bytes().startswith(b"\x89PNG")


def test_the_notes_say_what_each_heuristic_reaches() -> None:
    measured = {
        name: Guesses(problems=8, constant="none", best_constant=share, simple_heuristics={"one pass": share / 2})
        for name, share in (("S", 0.5), ("M", 0.25))
    }
    (told,) = tables.guesses(measured)
    assert told.endswith("is right on S 50.0, M 25.0 % at most; the heuristic “one pass” on S 25.0, M 12.5 %.")
    assert tables.guesses({}) == []


def test_markdown_has_the_same_figures(evaluated: RunDir, facts: Facts) -> None:
    text = read(evaluated, "report.md")
    for row in tables.main(facts).rows:
        assert "| " + " | ".join(row).replace("*", r"\*") + " |" in text
    assert f"# {facts.headline}\n" in text


def test_the_headline_says_what_was_learned(evaluated: RunDir, facts: Facts) -> None:
    right, total = facts.summaries[2].right, facts.summaries[2].total
    assert facts.headline == f"Trained on 1–3 digits; right on {100 * right / total:.1f} % of sums of 6–7 digits"
    assert f"<h1>{facts.headline}</h1>" in read(evaluated)

    def told(right: int, trained: dict[str, int], *overrides: str) -> str:
        files = {"train": FileFacts(sha256="", rows=9, by_range=trained, by_task={"addition": 9})} if trained else {}
        made = facts.manifest.model_copy(update={"files": files})
        rows = [Score("L", i, 6, i < right, False, False, 1, "", "") for i in range(4000)]
        chosen = recipe.load("nano", overrides, task="addition")
        return headline.headline(TASK, chosen, made, [score.summarize(name, rows) for name in RANGES])

    assert told(4000, {"S": 5, "L": 4}) == "Trained on 1–3 and 6–7 digits; right on all 4,000 sums of 6–7 digits"
    assert told(3999, {"S": 5, "M": 4}) == "Trained on 1–5 digits; right on > 99.9 % of sums of 6–7 digits"
    assert told(1, {"S": 5}) == "Trained on 1–3 digits; right on < 0.1 % of sums of 6–7 digits"
    assert told(0, {}, "train.epochs=0") == "nano without training; right on none of the 4,000 sums of 6–7 digits"


def test_each_column_is_explained_where_it_stands(evaluated: RunDir, facts: Facts) -> None:
    for name in ("report.html", "report.md"):
        for _, meaning in tables.meanings(tables.main(facts)):
            assert meaning.replace("'", "&#39;") in read(evaluated, name).replace("'", "&#39;")
    assert "nats (natural logarithm)" in read(evaluated)
    rows = [replace(summary, unfound=0) for summary in facts.summaries]
    assert "no answer" not in tables.main(replace(facts, summaries=rows)).head
    grid = tables.main(replace(facts, summaries=[replace(rows[0], unfound=2), *rows[1:]]))
    assert [row[grid.head.index("no answer")] for row in grid.rows] == ["2", "0", "0"]


def test_the_paper_s_figures_stand_apart_and_are_not_subtracted(evaluated: RunDir, facts: Facts) -> None:
    page = read(evaluated)
    assert not [name for name in tables.main(facts).head if "paper" in name]
    assert "<td>10–30</td><td>97.0</td>" in page[page.index('id="paper-table"') :]
    assert "are not compared with it" in page


def test_other_models_stand_beside_the_run(facts: Facts) -> None:
    theirs = {"_gpt": facts.summaries[:1], "b-2": facts.summaries[1:]}
    more = replace(facts, others=theirs)
    assert [row[:2] for row in tables.others(more).rows] == [["_gpt", "S"], ["b-2", "M"], ["b-2", "L"]]
    drawn = figures.svg(figures.accuracy(more), "accuracy")
    page = render(more, {"accuracy": drawn})
    assert 'id="others-table"' in page
    # A legend of matplotlib's leaves out a name that begins with an underscore.
    assert "_gpt" in drawn
    assert "b-2" in drawn
    assert [row[1] for row in tables.main(more).rows] == ["1–3", "4–5", "6–7"]
    assert "Other models" in markdown.write(more)
    assert more.others.keys() == {"_gpt", "b-2"}


def text_of(side: list[Piece]) -> str:
    return "".join(piece.text for piece in side)


def test_pieces_give_back_both_texts_and_mark_where_they_part(evaluated: RunDir, facts: Facts) -> None:
    kept = {name: lines.read_generations(evaluated.generations(name), name, 8) for name in RANGES}
    gold = evaluation(evaluated)
    for shown in facts.shown:
        row = shown.score
        model, right = kept[row.range][row.index].text, gold[row.range][row.index].completion
        for side, text, mark in ((shown.traces.model, model, "error"), (shown.traces.right, right, "expected")):
            plain = text_of(side).replace("↵", "").replace("▯", "").replace("␣", " ")
            assert plain == text
            places = [number for number, piece in enumerate(side) if piece.kind == mark]
            assert len(places) == (row.offset is not None)
            if row.offset is not None:
                assert len(text_of(side[: places[0]])) == row.offset


def test_a_long_trace_is_shown_around_its_first_difference(facts: Facts) -> None:
    (shown,) = [one for one in facts.shown if one.score.range == "L" and one.score.given == "0.123"]
    assert shown.around is not None
    model, right = shown.around.model, shown.around.right
    assert max(len(text_of(side).splitlines()) for side in (model, right)) <= 10
    place = [piece.kind for piece in model].index("error")
    assert right[:place] == model[:place]
    assert right[place].kind == "expected"


def test_wrong_answers_are_marked_where_they_differ(facts: Facts) -> None:
    assert {shown.verdict for shown in facts.shown} >= {"right", "wrong"}
    for shown in facts.shown:
        given, answer = shown.score.given, shown.score.answer
        marks = [piece.text for piece in shown.answers.model if piece.kind == "error"]
        if shown.verdict == "wrong" and given is not None:
            first = score.first_difference(given, answer)
            assert marks == [given[first : first + 1] or "▯"]
        else:
            assert not marks


def test_figures_are_the_same_bytes_again(facts: Facts) -> None:
    for draw in (figures.accuracy, figures.loss, figures.first_wrong):
        assert figures.svg(draw(facts), "a") == figures.svg(draw(facts), "a")


def test_figures_take_their_ink_from_the_page(facts: Facts) -> None:
    for draw in (figures.accuracy, figures.loss, figures.first_wrong):
        drawn = figures.svg(draw(facts), 'a "title" & more')
        assert "currentColor" in drawn
        colours = set(re.findall(r"(?:fill|stroke): (#\w+)", drawn))
        assert not colours & {"#000000", "#ffffff", figures.INK}
        assert 'aria-label="a &quot;title&quot; &amp; more"' in drawn


def texts_of(figure: "Figure") -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", figures.svg(figure, "a figure"))


@pytest.mark.parametrize(
    ("losses", "ticks"),
    [
        ([3e-7, 2e-3], ["10⁻⁶", "0.001"]),
        ([0.02, 2.5], ["0.05", "0.5", "2"]),
        ([1e-3, 3e11], ["10¹⁰"]),
        ([0.31, 0.45], ["0.35", "0.4"]),
        ([0.7], []),
        ([math.nan, 1.0, math.inf], ["1"]),
    ],
)
def test_ticks_of_a_loss_read_as_numbers(facts: Facts, losses: list[float], ticks: list[str]) -> None:
    metrics = [Metric(step, loss) for step, loss in enumerate(losses, start=1)]
    shown = texts_of(figures.loss(replace(facts, metrics=metrics)))
    assert set(ticks) <= set(shown)
    assert len(shown) > 4
    assert not [text for text in shown if "$" in text or "e+" in text or "e-" in text]


def test_a_range_of_many_lengths_has_few_points_at_whole_ticks(facts: Facts) -> None:
    rows = [Score("L", i, 201 + i % 100, i % 3 == 0, False, False, 1, "", "") for i in range(300)]
    summary = score.summarize("L", rows)
    made = figures.points([summary])
    assert len(made) <= figures.MOST_POINTS
    assert all(point.low <= point.share <= point.high for point in made)
    more = replace(facts, summaries=[*facts.summaries[:2], summary])
    numbers = [text for text in texts_of(figures.accuracy(more)) if re.fullmatch(r"[\d.,]+", text)]
    assert "200" in numbers
    assert not [text for text in numbers if "." in text]
    assert "share a point" in render(more, {"accuracy": ""})


def test_numbers_read_right_at_any_size() -> None:
    told = {0.05: "0.05", 1500: "1,500", 1e11: "10¹¹", 2.5e-7: "2.5×10⁻⁷", -3e8: "−3×10⁸", 0: "0", 10**400: "10⁴⁰⁰"}
    assert {value: words.number(value) for value in told} == told
    assert [words.duration(seconds) for seconds in (0.4, 48, 200, 7500)] == ["0 s", "48 s", "3 min 20 s", "2 h 5 min"]


def test_a_report_without_scores_says_what_to_run_first(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path / "run", "addition", recipe.load("nano", task="addition"))
    with pytest.raises(UsageError, match="tailkit eval"):
        report.gather(run, {})


@pytest.mark.browser
@pytest.mark.parametrize("width", [1000, 400])
def test_the_page_stands_in_a_real_browser(evaluated: RunDir, facts: Facts, tmp_path: Path, width: int) -> None:
    page, over = in_chromium(evaluated.path / "report.html", tmp_path, width)
    assert over <= 0
    assert "<title>hacked" not in page
    assert page.count("<svg") == 3
    assert page.count('class="error"') > 3
