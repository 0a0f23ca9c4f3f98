"""`tailkit show` and `tailkit tasks` through the real entry point."""

import io
import json
import re
from pathlib import Path
from random import Random

import pytest
from rich.console import Console, RenderableType
from typer.testing import CliRunner

from tailkit import tasks
from tailkit.cli import app, display
from tailkit.models import tokens
from tailkit.nano import MODEL_DIR
from tailkit.records import RANGES
from tests.conftest import Cli


def test_compare_shows_two_variants_side_by_side(cli: Cli) -> None:
    shown = cli("show", "addition", "--n", "3", "--compare", "no-fetch").stdout
    header = next(line for line in shown.splitlines() if "tail" in line)
    assert header.index("tail") < header.index("no-fetch")
    assert re.search(r"\+.=\d\d>.*[│┃].*:\d\d>", shown)


def test_compare_cuts_nothing_off_on_a_narrow_terminal(cli: Cli) -> None:
    shown = cli("show", "word_flip", "--n", "30", "--compare", "styled", COLUMNS="60").stdout
    assert "…" not in shown
    assert "Answer: " in shown


def test_compare_without_colours_prints_one_trace_after_another(cli: Cli) -> None:
    done = cli("show", "addition", "--n", "3", "--compare", "direct", "--plain").stdout
    _, tail, direct = done.split("\n\n")
    assert direct.strip() == tail.splitlines()[-1]


@pytest.mark.parametrize("name", tasks.names())
def test_every_task_is_shown_at_the_top_of_each_range(cli: Cli, name: str) -> None:
    task = tasks.load(name)
    shown = json.loads(cli("show", name, "--n", str(task.ranges["M"][1]), "--json").stdout)
    assert shown["n"] == task.ranges["M"][1]
    assert shown["completion"].endswith(shown["answer"]) or task.equal(
        task.answer_in(shown["completion"], "tail") or "", shown["answer"], shown["data"]
    )
    assert shown["spans"][-1]["end"] == len(shown["completion"])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["show", "adition"], "addition"),
        (["show", "addition", "--variant", "nofetch"], "no-fetch"),
        (["show", "addition", "--compare", "styld"], "styled"),
        (["show", "addition", "--n", "5000"], "The longest is 100; lengths: S 10–30, M 31–40, L 41–50."),
        (["show", "dijkstra", "--n", "25"], "no problem of length 25\nIts lengths: S 3–5, M 6–10, L 11–20."),
        (["show", "derangement", "--set", "limbs=2"], "limb"),
        (["show", "derangement", "--set", "limb"], "NAME=NUMBER"),
        (["show", "addition", "--tasks-from", "nowhere.py"], "nowhere.py"),
        (["data", "all", "--variant", "index-hint", "--count", "5"], "index-hint"),
    ],
)
def test_wrong_names_end_in_one_or_two_lines_that_help(
    cli: Cli, tmp_path: Path, arguments: list[str], named: str
) -> None:
    done = cli(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("problems", [1, pytest.param(tokens.PROBLEMS, marks=pytest.mark.slow)])
def test_the_table_of_tasks_counts_tokens_by_a_named_tokenizer(monkeypatch: pytest.MonkeyPatch, problems: int) -> None:
    monkeypatch.setattr(tokens, "PROBLEMS", problems)
    done = CliRunner().invoke(app, ["tasks", "--json", "--tokenizer", str(MODEL_DIR)])
    listed = {one["task"]: one for one in json.loads(done.stdout)}
    assert list(listed) == tasks.names()
    for one in listed.values():
        assert all(one["tokens"][style][name] > 10 for style in ("tail", "styled") for name in RANGES)
        assert set(one["distinct_problems"]) == set(RANGES)
    addition = tasks.load("addition")
    sizes = []
    rng = Random("tokens/addition/L")
    for _ in range(problems):
        problem = addition.problem_at(rng, 50)
        sizes.append(len(addition.trace(addition.record(problem), problem, "tail").text))
    assert listed["addition"]["tokens"]["tail"]["L"] == sorted(sizes)[problems // 2]


def test_tasks_are_listed_at_once_and_fit_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "counter", lambda *_: pytest.fail("tokens are counted though nobody asked"))
    listed = [tasks.load(name) for name in tasks.names()]
    shown = printed(display.task_lines(listed), 80)
    assert all(line in shown for line in ("dynamic programming", "201–300", "no-fetch", "index-hint, reversed"))
    assert len(shown.splitlines()) <= 18 + 4 + 5
    assert "10^62 / 10^82 / 10^103" in printed(display.task_lines(listed), 120)
    medians = {task.id: {style: dict.fromkeys(RANGES, 12_345) for style in ("tail", "styled")} for task in listed}
    assert printed(display.task_table(listed, medians), 80).count("12,345") == 2 * 3 * 18


def printed(table: RenderableType, width: int) -> str:
    """What a terminal of this width shows; nothing is cut off."""
    console = Console(width=width, file=io.StringIO(), markup=False)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "…" not in shown
    assert all(len(line) <= width for line in shown.splitlines())
    return shown


@pytest.mark.parametrize("arguments", [["--tokens"], ["--tokenizer", "nano"]])
def test_tokens_are_counted_when_asked_for(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr(tokens, "at_top", lambda *_: dict.fromkeys(RANGES, 4_321))
    done = CliRunner().invoke(app, ["tasks", *arguments, "--json"])
    assert all(one["tokens"]["styled"]["L"] == 4_321 for one in json.loads(done.stdout))
    assert all(one["tokens"] is None for one in json.loads(CliRunner().invoke(app, ["tasks", "--json"]).stdout))


def test_bytes_are_the_bundled_tokenizer_s_tokens() -> None:
    assert tokens.counter()("1:2>\nAnswer: 3 – é") == len("1:2>\nAnswer: 3 – é".encode())


@pytest.mark.parametrize("place", ["here", "empty"])
def test_a_tokenizer_that_cannot_be_read_is_named(cli: Cli, tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    # The hub is asked for what is no folder; libraries read that they are offline when they are imported.
    offline = {"HF_HUB_OFFLINE": "1"} if place == "here" else {}
    done = cli("tasks", "--tokenizer", str(tmp_path / place), **offline)
    assert done.returncode == (3 if place == "here" else 2)
    assert str(tmp_path / place) in done.stderr
