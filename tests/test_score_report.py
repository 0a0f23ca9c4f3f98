"""Scores say where a trace first goes wrong; the report shows scores, escaped and self-contained."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import dataset, recipe, report, score, tasks
from tailkit.dataset import Order, shares
from tailkit.records import RANGES, Example, Generation
from tailkit.report import figures, paper, tables
from tailkit.report.facts import coloured
from tailkit.run.files import append_lines, json_line, read_lines
from tailkit.run.folder import RunDir
from tailkit.tasks.shelf.equality import same_decimal, same_integer, same_set
from tests.conftest import in_chromium

TASK = tasks.load("addition")
EVIL = "<script>document.title='hacked'</script>&\"'"


def example(variant: str = "tail") -> Example:
    problem = TASK.problem(Random(3), "S", (3, 3))
    text = TASK.trace(TASK.record(problem), problem, variant).text
    data = json.dumps(problem.data)
    return Example("addition", "", 1, "S", 3, "eval", variant, problem.key, problem.query, text, problem.answer, data)


def generation(text: str, *, cut: bool = False) -> Generation:
    return Generation("S", 0, text, len(text), cut)


def test_the_gold_trace_is_right_and_exact() -> None:
    for variant in TASK.variants:
        row = example(variant)
        judged = score.judge(TASK, row, generation(row.completion))
        assert (judged.right, judged.exact, judged.module) == (True, True, None)


def test_every_changed_character_is_blamed_on_the_module_that_it_belongs_to() -> None:
    row = example()
    problem = TASK.problem_of(json.loads(row.problem), "S", row.query)
    for span in TASK.trace(TASK.record(problem), problem, "tail").spans:
        text = row.completion[: span.start] + "§" + row.completion[span.start + 1 :]
        judged = score.judge(TASK, row, generation(text))
        assert (judged.exact, judged.module, judged.step) == (False, span.module, span.step)


def test_a_right_answer_behind_a_wrong_trace_counts_but_is_not_exact() -> None:
    row = example()
    judged = score.judge(TASK, row, generation(row.completion.replace("last:", "tsal:")))
    assert (judged.right, judged.exact, judged.module) == (True, False, "transition")
    assert judged.state == "x2"


def test_cut_off_is_told_apart_from_wrong() -> None:
    row = example()
    for end in (0, 20, len(row.completion)):
        judged = score.judge(TASK, row, generation(row.completion[:end], cut=True))
        assert (judged.right, judged.cut, judged.exact) == (False, True, False)
    summary = score.summarize("S", [judged])
    assert (summary.cut, summary.right, summary.total) == (1, 0, 1)


def test_two_answers_that_differ_are_no_answer() -> None:
    row = example()
    assert score.judge(TASK, row, generation(f"{row.completion}\nAnswer: {row.answer}")).right
    assert not score.judge(TASK, row, generation(f"{row.completion}\nAnswer: 1{row.answer}")).right


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_intervals_hold_the_share_and_stay_in_bounds(right: int, total: int) -> None:
    right = min(right, total)
    low, high = score.wilson(right, total)
    assert 0 <= low <= right / total <= high <= 1


def test_wilson_intervals_agree_with_published_values() -> None:
    # Newcombe (1998), table I: 81 of 263 and 15 of 148.
    assert score.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert score.wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_the_paper_s_figures_stand_beside_the_variants_that_it_measured() -> None:
    def printed(task: str, *overrides: str) -> dict[str, float]:
        return paper.figures(task, recipe.load("nano", overrides, task=task))

    assert printed("addition") == {"S": 97.0, "M": 92.5, "L": 86.5}
    assert printed("lcs", "data.variant=no-fetch") == {"M": 80.8, "L": 74.8}
    assert printed("addition", "data.variant=styled") == printed("addition", "data.mix=8:1:1") == {}
    assert printed("lcs", "train.epochs=0") == {"M": 11.2, "L": 13.0}
    assert printed("lcs", "data.replay.grid=5") == {}
    assert printed("compare_numbers", "data.completions=x.jsonl") == {"S": 72.2, "M": 67.2, "L": 61.8}


def test_jsonl_rows_hold_any_character_and_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    rows = [{"text": text} for text in ("a\u2028b", "a\u2029b", "a\x85b", "a\nb")]
    append_lines(tmp_path / "g.jsonl", rows)
    with (tmp_path / "g.jsonl").open("a") as file:
        file.write('{"text": "to')
    assert read_lines(tmp_path / "g.jsonl") == rows


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
        run.generations(name).write_text("".join(json_line(asdict(one)) for one in made))
        scores += [score.judge(TASK, rows[one.index], one) for one in made]
    run.scores.write_text("".join(json_line(asdict(one)) for one in scores))
    run.metrics.write_text("".join(json_line({"step": i, "loss": 2.0 / i}) for i in range(1, 20)))
    run.write_json("summary.json", [asdict(score.summarize(name, scores)) for name in RANGES])
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
    from tailkit.errors import UsageError

    run = RunDir.create(tmp_path / "run", "addition", recipe.load("nano", task="addition"))
    with pytest.raises(UsageError, match="tailkit eval"):
        report.gather(run, {})


def test_scores_do_not_depend_on_their_order() -> None:
    row = example()
    scores = [score.judge(TASK, replace(row, n=n), generation(row.completion[: n * 40])) for n in range(5)]
    assert score.summarize("S", scores) == score.summarize("S", scores[::-1])


@pytest.mark.browser
def test_the_page_stands_in_a_real_browser(evaluated: RunDir, tmp_path: Path) -> None:
    report.build(evaluated, evaluation(evaluated))
    page, over = in_chromium(evaluated.path / "report.html", tmp_path)
    assert over <= 0
    assert "<title>hacked" not in page
    assert page.count("<td>") == 3 * len(tables.HEAD)
    assert page.count("<svg") == 3
    assert page.count('class="error"') > 3


def test_an_answer_of_thousands_of_digits_is_wrong_and_no_crash() -> None:
    for equal in (same_integer, same_decimal):
        assert not equal("1" * 5_000, "7")
        assert equal("0" * 5_000 + "7", "7")
    assert same_decimal("-0.0", "0")
    assert not same_decimal("-1.5", "1.5")
    assert same_set("( 0, 2 );(5,1)", "(5,1);(0,2)")
