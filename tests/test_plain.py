"""A plain Python function is a task: FILE.py:FUNCTION, and everything works."""

import json
import math
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tailkit import dataset, recipe, study, tasks
from tailkit.cli import app
from tailkit.errors import UsageError
from tailkit.plain.values import same
from tailkit.run.folder import RunDir
from tailkit.tasks.contract import registry

pytestmark = pytest.mark.usefixtures("only_kit_tasks", "tried_here")

GCD = '''def gcd(a: int, b: int) -> int:
    """Find the greatest common divisor of {a} and {b}."""
    while b:
        a, b = b, a % b
    return a
'''


def tailkit(*arguments: str | Path) -> Result:
    """A command in this process; what is wrong is raised."""
    return CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)


@pytest.fixture
def gcd(tmp_path: Path) -> Path:
    file = tmp_path / "gcd.py"
    file.write_text(GCD)
    return file


def test_show_prints_a_state_for_each_line(gcd: Path) -> None:
    shown = tailkit("show", f"{gcd}:gcd", "--n", "3", "--plain").stdout
    assert "3:b=" in shown
    assert "\n4:b=" in shown
    assert "Answer: " in shown


def test_data_hold_what_the_function_returns(gcd: Path, tmp_path: Path) -> None:
    tailkit("data", f"{gcd}:gcd", "--count", "50", "data.eval=5", "--workers", "1", "--out", tmp_path / "data")
    rows = dataset.read(tmp_path / "data" / "train.parquet")
    assert len({row.key for row in rows}) == 50
    for row in rows:
        data = json.loads(row.problem)
        assert int(row.answer) == math.gcd(data["a"], data["b"])
        assert row.completion.endswith(f"Answer: {row.answer}")


def test_a_missing_function_is_named_with_the_nearest(gcd: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'gcd'"):
        tasks.known(f"{gcd}:gdc")


CASES = {
    "def f(n: int) -> int:\n    while n >= 0:\n        n += 1\n    return n\n": "f(n=",
    "def f(n: int) -> int:\n    return 5 // (n - n)\n": "raises ZeroDivisionError: ",
    "def f(n: int) -> int:\n    if n < 0:\n        return n\n": "returns None",
    "def f() -> int:\n    return 1\n": "has no arguments",
    "def f(n: int = 3) -> int:\n    return n\n": "has no arguments without a default",
    "def sample(rng, n):\n    return n, 2\n\ndef f(n: int, m: int = 1) -> int:\n    return n\n": "sample gives n = (",
    "def f(n: int) -> int:\n    '''Take {n.'''\n    return n\n": "one.py:f: the docstring has a brace",
    "RANGES = {'S': (1, 2)}\ndef f(n: int) -> int:\n    return n\n": "RANGES has S: it is a dict of S, M and L",
    "CONSTRAINTS = ['n >']\ndef f(n: int) -> int:\n    return n\n": "'n >' is no expression",
    "CONSTRAINTS = ['m > 0']\ndef f(n: int) -> int:\n    return n\n": "name 'm' is not defined",
    "def f(n: int) -> int:\n    '''Take {m}.'''\n    return n\n": "{m}, but the arguments are n",
    "def sample(rng, n):\n    return 'x'\n\ndef f(n: int) -> int:\n    return n\n": "sample gives n = 'x'",
    "def f(n: int) -> int:\n    return m\n": "line 2: m is defined nowhere",
    "def f(n: int) -> int:\n    return n +\n": "line 2: this is no Python",
    "def f(n: int) -> int:\n    x = [n]\n    x.append('a')\n    return n\n": "line 3: an element of x is a number",
    "def f(n: int) -> int:\n    return n * 10000 * 10000 * 10000\n": "digits of a number",
    "CONSTRAINTS = ['n < 0']\ndef f(n: int) -> int:\n    return n\n": "for which n < 0",
    "CONSTRAINTS = 5\ndef f(n: int) -> int:\n    return n\n": "CONSTRAINTS is 5",
}


@pytest.mark.parametrize("source", CASES, ids=lambda source: source.split("return")[-1].strip()[:20] or "none")
def test_what_is_wrong_with_a_function_is_named(tmp_path: Path, source: str) -> None:
    file = tmp_path / "one.py"
    file.write_text(source)
    with pytest.raises(UsageError) as caught:
        tailkit("show", f"{file}:f")
    assert CASES[source] in caught.value.message
    assert caught.value.hint


def test_a_file_of_its_own_draws_asks_and_measures(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(
        'RANGES = {"S": (1, 3), "M": (4, 5), "L": (6, 7)}\nQUERIES = ["{xs}, {k}?"]\nCONSTRAINTS = ["k > 3"]\n'
        "def sample(rng, n):\n    return [rng.randrange(9) for _ in range(n)], rng.randrange(9)\n\n"
        "def count(xs: list[int], k: int) -> int:\n"
        "    found = 0\n    for x in xs:\n        if x == k:\n            found += 1\n    return found\n"
    )
    task = tasks.load(tasks.known(f"{file}:count"))
    for n in (1, 5, 7):
        problem = task.problem_at(Random(n), n)
        assert len(problem.data["xs"]) == problem.n == n
        assert problem.data["k"] > 3
        assert problem.query == f"{problem.data['xs']}, {problem.data['k']}?"
        assert problem.answer == str(problem.data["xs"].count(problem.data["k"]))


def test_arguments_with_a_default_keep_it(tmp_path: Path) -> None:
    file = tmp_path / "digits.py"
    file.write_text(
        "def digits(n: int, /, base: int = 7, *, least: int | None = None) -> int:\n"
        '    "How many digits has {n} in base {base}?"\n    count = 0\n    while n:\n        n //= base\n'
        "        count += 1\n    return count if least is None else least\n"
    )
    shown = tailkit("show", f"{file}:digits", "--n", "2", "--seed", "1").stdout
    assert "in base 7" in shown
    assert " base=7;n=" in shown
    assert ":least=None>" in shown


@pytest.mark.parametrize("spelled", ["gcd.py:gcd", "gcd-gcd"])
def test_recipes_name_a_function_as_commands_do(gcd: Path, tmp_path: Path, spelled: str) -> None:
    (tmp_path / "mine.yaml").write_text(
        f"data:\n  ranges:\n    {spelled}: {{S: [1, 1], M: [2, 2], L: [3, 3]}}\ntasks:\n  {spelled}:\n"
        "    data: {train: 30, eval: 4}\n"
    )
    tailkit("data", f"{gcd}:gcd", "--recipe", tmp_path / "mine.yaml", "--workers", "1", "--out", tmp_path / "data")
    rows = dataset.read(tmp_path / "data" / "train.parquet")
    assert len(rows) == 30
    assert {row.n for row in rows} == {1}


def test_the_source_stands_in_the_query_where_asked(gcd: Path) -> None:
    assert "while b:" in tailkit("show", f"{gcd}:gcd", "--plain", "--with-source").stdout
    assert "while b:" not in tailkit("show", f"{gcd}:gcd", "--plain").stdout


def test_a_plan_is_made_with_the_source_in_the_queries(gcd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = []

    def note_and_leave(task: str, chosen: Any, *_: Any, **__: Any) -> None:
        planned.append(chosen)
        sys.exit(0)

    monkeypatch.setattr("tailkit.hardware.make", note_and_leave)
    CliRunner().invoke(app, ["plan", f"{gcd}:gcd", "--recipe", "nano", "--with-source"])
    assert planned[0].settings("gcd-gcd") == {"trace_tokens": 1000, "with_source": 1}


def test_a_hidden_loop_is_one_state_where_allowed(tmp_path: Path) -> None:
    file = tmp_path / "hides.py"
    file.write_text("def f(xs: list[int]) -> int:\n    ys = sorted(xs)\n    return ys[0]\n")
    with pytest.raises(UsageError, match=r"line 2: sorted\(\) hides a loop"):
        tailkit("show", f"{file}:f")
    assert "sorted(xs)=" in tailkit("show", f"{file}:f", "--plain", "--allow-hidden").stdout
    assert "hides a loop" in tailkit("lint", f"{file}:f", "--allow-hidden", "--count", "4").stdout


def test_what_is_written_out_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "zeros.py"
    file.write_text("def f(n: int) -> int:\n    xs = [0] * (n % 3)\n    return len(xs)\n")
    shown = tailkit("show", f"{file}:f", "--n", "1")
    assert "line 2: xs = [0] * (n % 3) is written out: xs = []; for" in shown.output


def test_a_changed_function_is_other_data(gcd: Path) -> None:
    task = tasks.load(tasks.known(f"{gcd}:gcd"))
    before = task.fingerprint
    gcd.write_text(GCD.replace("return a", "return a + 0"))
    assert task.fingerprint != before


def test_two_functions_of_one_name_are_told_apart(gcd: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "gcd.py"
    other.parent.mkdir()
    other.write_text(GCD)
    tasks.known(f"{gcd}:gcd")
    with pytest.raises(UsageError, match="is two functions"):
        tasks.known(f"{other}:gcd")


def test_answers_of_any_kind_are_compared_as_values() -> None:
    for given, answer, right in (
        ("[1,2]", "[1, 2]", True), ("1", "True", False), ("abc", "abc", True), ("", "''", False),
        ("{'a': 1}", "{'a':1}", True),
        ("x y", "7", False), ("7 ", "7", True),
    ):  # fmt: skip
        assert same(given, answer, {}) is right


@pytest.mark.parametrize("variant", ["tail", "styled", "no-fetch", "no-atomic", "no-linear", "direct"])
def test_every_variant_differs_and_gives_the_answer(gcd: Path, variant: str) -> None:
    task = tasks.load(tasks.known(f"{gcd}:gcd"))
    alike = 0
    for seed in range(100):
        problem = task.problem(Random(seed), "S", task.ranges["S"])
        run = task.record(problem)
        text = task.trace(run, problem, variant).text
        assert task.answer_in(text, variant) == problem.answer
        alike += variant != "tail" and text == task.trace(run, problem, "tail").text
    assert alike <= 1


def test_a_study_takes_functions(gcd: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(f"title: Mine\ntasks: ['{gcd}:gcd', addition]\narms: {{tail: {{}}}}\n")
    planned = study.plan(str(tmp_path / "mine.yaml"), "nano", out=tmp_path / "runs")
    assert [cell.label for cell in planned.cells] == ["gcd-gcd/tail/0", "addition/tail/0"]


def test_a_run_folder_knows_its_function_again(gcd: Path, tmp_path: Path) -> None:
    name = tasks.known(f"{gcd}:gcd")
    made = recipe.load("nano", task=name)
    RunDir.create(tmp_path / "run", name, made)
    forget()
    opened = RunDir.open(tmp_path / "run")
    assert opened.task == "gcd-gcd"
    assert tasks.load("gcd-gcd").function == "gcd"
    forget()
    gcd.write_text(GCD + "\n")
    with pytest.raises(UsageError, match="has changed since the run was made") as caught:
        RunDir.open(tmp_path / "run")
    assert "--tasks-from FILE.py:gcd" in caught.value.hint
    gcd.rename(tmp_path / "other.py")
    with pytest.raises(UsageError, match="is gone"):
        RunDir.open(tmp_path / "run")


def forget() -> None:
    """Forget all tasks but the kit's, as a new process does."""
    registry._added.clear()
    registry.load.cache_clear()


def test_the_source_in_a_query_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "feed.py"
    file.write_text(
        "def g(a: int) -> int:\n    return a\n\x0c\n# \u2028 .\ndef f(a: int) -> int:\n    a += 1\n    return a\n"
    )
    task = tasks.load(tasks.known(f"{file}:f")).with_settings({"with_source": 1})
    assert task.queries[0].endswith("\n\ndef f(a: int) -> int:\n    a += 1\n    return a")


def test_numbers_too_large_for_a_state_are_taken_where_allowed(tmp_path: Path) -> None:
    file = tmp_path / "large.py"
    file.write_text("def f(a: int) -> int:\n    b = a * 12345678901\n    return b\n")
    with pytest.raises(UsageError, match="digits of a number are more than one state holds"):
        tailkit("show", f"{file}:f")
    assert "b=" in tailkit("show", f"{file}:f", "--allow-hidden", "--n", "1").stdout


def test_what_is_not_taken_either_is_not_advised(tmp_path: Path) -> None:
    file = tmp_path / "sorts.py"
    file.write_text("def f(xs: list[int]) -> int:\n    xs.insert(0, 3)\n    return xs[0]\n")
    with pytest.raises(UsageError) as caught:
        tailkit("show", f"{file}:f", "--allow-hidden")
    assert "--allow-hidden" not in caught.value.hint


def test_one_query_may_stand_alone(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text('QUERIES = "How much is {a}, less one?"\n\ndef f(a: int) -> int:\n    a -= 1\n    return a\n')
    assert "less one?" in tailkit("show", f"{file}:f").stdout
