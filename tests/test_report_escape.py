"""Whatever stands in data, models, users' names and files: pages and Markdown show it as text, and it does nothing."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tailkit import dataset, recipe, report, score, tasks
from tailkit.dataset import Order, shares
from tailkit.recipe.yaml import parse
from tailkit.records import RANGES, Generation, Metric, Nouns
from tailkit.report import figures, markdown, model_card, tables, terminal
from tailkit.report.escape import code, fenced, inline
from tailkit.report.facts import Facts
from tailkit.report.page import render
from tailkit.run import lines
from tailkit.run.folder import RunDir
from tailkit.screen import visible

EVILS = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</pre></span></td></table></style><h1>",
    "<!-- --> ]]> &lt; &amp; {{ 7*7 }} {% raw %}",
    "\u202eevil\u2066x\u200f\u200b",
    "\x00\x07\x1b[31m\x85\u2028\r",
    "\ud800 lone \udfff",
    "a|b\n`c` ``` *d* _e_ [f](g) # $h$ \\",
    "---\nbase_model: other\n---",
    "~/m<x>&y'z\"",
]
TASK = tasks.load("addition")


class Reader(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """An evaluated run whose generations are all of the above."""
    chosen = recipe.load("nano", ["data.train=10", "data.eval=10"], task="addition")
    run = RunDir.create(tmp_path_factory.mktemp("evil") / "run", "addition", chosen)
    bounds = {"S": (2, 3), "M": (4, 5), "L": (6, 7)}
    dataset.write(Order("addition", bounds, "tail", 0, shares(10, "1:0:0"), 10), run.data)
    scores = []
    for name in RANGES:
        rows = dataset.read(run.data / f"eval-{name}.parquet")
        made = [Generation(name, i, f"{EVILS[i]}\nAnswer: {EVILS[i]}", 9, False) for i in range(len(rows))]
        lines.write(run.generations(name), made)
        scores += [score.judge(TASK, rows[one.index], one) for one in made]
    lines.write(run.scores, scores)
    lines.write(run.metrics, [Metric(1, 0.5)])
    score.write_summaries(run.summary, [score.summarize(name, scores) for name in RANGES])
    return run


@pytest.fixture(scope="module")
def facts(run: RunDir) -> Facts:
    return report.build(run, {name: dataset.read(run.data / f"eval-{name}.parquet") for name in RANGES})


def poisoned(facts: Facts, evil: str) -> Facts:
    """Facts with a text in every place that a user, a file or a model fills."""
    model = facts.recipe.model.model_copy(update={"name": evil})
    shown = facts.shown[0]
    return replace(
        facts,
        task=replace(facts.task, about=evil, nouns=Nouns(f"{evil} {{}}", f"{evil} {{}}", f"{evil} {{}}")),
        recipe=facts.recipe.model_copy(update={"model": model}),
        manifest=facts.manifest.model_copy(update={"shortages": [evil]}),
        made_with=[evil],
        summaries=[replace(s, first_wrong_states={evil: 1}) for s in facts.summaries],
        others={evil: facts.summaries},
        paths={name: {evil: 1} for name in RANGES},
        shown=[replace(shown, query=evil, path=evil, score=replace(shown.score, state=evil, module=evil))],
    )


@pytest.mark.parametrize("evil", EVILS)
def test_a_page_holds_no_more_than_its_own_tags(run: RunDir, facts: Facts, evil: str) -> None:
    plain = Reader((run.path / "report.html").read_text())
    assert "script" not in plain.tags
    bad = poisoned(facts, evil)
    page = render(bad, {"accuracy": figures.svg(figures.accuracy(bad), evil)})
    read = Reader(page.encode().decode())
    assert read.tags <= plain.tags
    assert read.attributes <= plain.attributes
    assert read.text.count(visible(evil)) >= 8
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e\u2066\u200f\ud800]", page)


def test_the_generated_texts_are_shown_as_they_are(run: RunDir, facts: Facts) -> None:
    text = Reader((run.path / "report.html").read_text()).text
    assert len(facts.shown) == 6
    for shown in facts.shown:
        evil = EVILS[shown.score.index]
        assert visible(evil)[2:] in text


@pytest.mark.parametrize("evil", EVILS)
def test_markdown_keeps_its_tables_and_blocks(facts: Facts, evil: str) -> None:
    text = markdown.write(poisoned(facts, evil))
    text.encode()
    outside = re.sub(r"(?ms)^(`{3,})yaml$.*?^\1$", "", text)
    tables = [line for line in outside.splitlines() if line.startswith("|")]
    counts = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in tables}
    assert counts <= {4, 8, 9, 10}
    assert not re.search(r"(?<!\\)(?:\\\\)*<(?!br>)", outside)
    assert outside.count("\n# ") == 0
    assert "```" not in outside


@given(st.text(alphabet=st.characters(), max_size=40))
@settings(max_examples=200)
def test_any_text_is_one_cell_and_one_block(text: str) -> None:
    cell = inline(text)
    assert "\n" not in cell
    assert not re.search(r"(?<!\\)(?:\\\\)*[|`]", cell)
    shown = fenced(text)
    fence = shown.split("\n")[0]
    assert shown.split("\n").count(fence) == 2
    assert shown.split("\n")[-1] == fence
    ticks = re.match("`+", code(text))
    assert ticks is not None
    assert code(text).count(ticks[0]) == 2
    visible(text).encode()
    assert visible(visible(text)) == visible(text)


def test_visible_leaves_ordinary_text_alone() -> None:
    for text in ("a\n\tb", "8–10 digits → 75.5 %", "ε ^ _", "日本語", "שלום"):
        assert visible(text) == text
    assert visible("\x00\x1b\u202e\ud800") == "␀␛⟨U+202E⟩⟨U+D800⟩"


@pytest.mark.parametrize("evil", EVILS)
def test_a_card_s_front_matter_stays_its_own(run: RunDir, evil: str) -> None:
    model = run.recipe.model.model_copy(update={"name": evil, "revision": evil})
    data = run.recipe.data.model_copy(update={"completions": f"/home/me/{evil}"})
    text = model_card.write_card(
        RunDir(run.path, run.task, run.recipe.model_copy(update={"model": model, "data": data}))
    )
    text.encode()
    _, front, body = text.split("---\n", 2)
    known = parse(front)[0]
    assert set(known) == {"library_name", "pipeline_tag", "tags", "model-index"}
    assert known["model-index"][0]["results"][2]["metrics"][0]["value"] == 0.0
    assert "/home/me" not in text
    assert body.count("\n# ") == 1
    compile(re.findall(r"(?ms)^(`{3,})python\n(.*?)^\1$", body)[0][1], "card", "exec")


def test_a_figure_draws_any_name(facts: Facts) -> None:
    for evil in [*EVILS, "_x", "$\\frac$", "日本語"]:
        drawn = figures.svg(figures.accuracy(replace(facts, others={evil: facts.summaries})), "a")
        assert "<script" not in drawn
        assert Reader(drawn).text.count(visible(evil).replace("\n", " ")[: figures.LONGEST - 1]) == 1


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_on_a_terminal_no_column_shrinks(facts: Facts, width: int) -> None:
    bad = poisoned(facts, "[bold]x[/b] [/]\x1b[31m")
    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None)
    console.print(terminal.show(bad))
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(cell_len, printed.splitlines())) <= width
    assert "\x1b" not in printed
    assert "…" not in printed
    assert "[bold]x[/b]" in printed
    for row in tables.main(bad).rows:
        assert row[3] in printed
    assert ("Not shown" in " ".join(printed.split())) == (width < 100)
