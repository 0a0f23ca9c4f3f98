"""What is said of a plain function is said in its own words: its file, its lines, a call of it."""

import ast
from pathlib import Path
from random import Random

import pytest

from tailkit import dataset, recipe, tasks
from tailkit.errors import UsageError
from tailkit.plain import hints
from tailkit.plain.values import said
from tailkit.tasks import verify
from tests.conftest import Cli

pytestmark = pytest.mark.usefixtures("only_kit_tasks", "tried_here")

RANGES = 'RANGES = {"S": (1, 3), "M": (4, 5), "L": (6, 7)}\n'
BEST = "def f(xs: list[int]) -> int:\n    return max([x for x in xs if x > 50], default=-1)\n"
SEARCH = "def f(a: int) -> int:\n    return 1 if a in [4, 5] else 0\n"
TOTAL = "def f(xs: list[int]) -> int:\n    s = 0\n    for x in xs:\n        s += x\n    return s\n"
COUNT = "def f(s: str) -> int:\n    k = 0\n    for c in s:\n        if c == 'a':\n            k += 1\n    return k\n"
DRAWN = "def sample(rng, n):\n    return 'a_' * n\n"


@pytest.mark.parametrize(("source", "said", "advice"), [
    (BEST, "f.py:f, line 2: max([x for x in xs if x > 50], default=-1): keywords", "plain/README"),
    (SEARCH, "f.py:f, line 2: a in [4, 5] hides a loop", "Write a set: {4, 5}."),
    (RANGES + 'CONSTRAINTS = "len(xs) < 6"\n' + TOTAL, "f.py:f: drawing arguments: ValueError: no arguments",
     "plain/README"),
    (RANGES + DRAWN + COUNT, "f.py:f: the program: s[1]: the string '_' is what an empty cell", "plain/README"),
])  # fmt: skip
def test_a_refusal_names_what_stands_in_the_file(tmp_path: Path, source: str, said: str, advice: str) -> None:
    file = tmp_path / "f.py"
    file.write_text(source)
    with pytest.raises(UsageError) as caught:
        verify(tasks.load(tasks.known(f"{file}:f")))
    assert caught.value.message.startswith(said)
    assert advice in caught.value.hint
    for word in ("with_source", "trace_tokens", "Add a task", "list2", str(tmp_path)):
        assert word not in str(caught.value)


@pytest.mark.parametrize(("content", "line", "encoding"), [
    (b'def f(a: int) -> int:\n    s = "\xe9"\n    return a\n', 2, "utf-8"),
    (b'# coding: ascii\n\ndef f(a: int) -> int:\n    s = "\xe9"\n    return a\n', 4, "ascii"),
])  # fmt: skip
def test_a_byte_that_is_no_text_is_found(tmp_path: Path, content: bytes, line: int, encoding: str) -> None:
    (tmp_path / "f.py").write_bytes(content)
    with pytest.raises(UsageError, match=f"f.py:f, line {line}: byte 0xe9 is no {encoding}"):
        tasks.load(tasks.known(f"{tmp_path / 'f.py'}:f"))


def test_tokens_that_give_no_three_lengths_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.py").write_text(TOTAL)
    task = tasks.load(tasks.known(f"{tmp_path / 'f.py'}:f"))
    task.with_settings({"trace_tokens": 20})
    assert "(in 20 there are no three lengths)" in " ".join(capsys.readouterr().err.split())
    task.with_settings({"trace_tokens": 1_000})
    assert "no three lengths" not in capsys.readouterr().err


def test_a_subtitle_shows_names_for_arguments(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text('def f(a: int) -> int:\n    """Take {a} and {a:>3}."""\n    return a + 1\n')
    assert tasks.load(tasks.known(f"{tmp_path / 'f.py'}:f")).about == "Take a and a."


@pytest.mark.parametrize("text", ["list[bool]", "list[list[bool]]", "list[tuple[bool, bool]]", "tuple[bool, int]"])
@pytest.mark.parametrize("n", [1, 2])
def test_problems_are_counted_as_they_are_drawn(text: str, n: int) -> None:
    rng, hint = Random(0), hints._hint(ast.parse(text, mode="eval").body)
    drawn = {repr(hints.draw(rng, hint, rng.randint(1, n))) for _ in range(9_000)}
    assert len(drawn) == hints.count(hint, n)


STRINGS = """def f(ws: list[str]) -> int:
    k = 0
    for w in ws:
        if w < 'm':
            k += 1
    return k
"""
PAIRS = """def f(s: str) -> int:
    d = {}
    for i in range(len(s) - 1):
        d[s[i], s[i + 1]] = i
    return len(d)
"""
NONE = (
    "def f(ws: list[str]) -> int:\n    last = None\n    k = 0\n    for w in ws:\n        if last is None:\n"
    "            k += 1\n        last = 'None' if w < 'm' else None\n    return k\n"
)
ODD = " ,=:;>'\"\\\té漢"


@pytest.mark.parametrize("source", [
    f"import random\n{STRINGS}def sample(rng, n):\n    return [''.join(rng.choices({ODD!r}, k=3)) for _ in range(n)]\n",
    f"{PAIRS}def sample(rng, n):\n    return ''.join(rng.choices({ODD!r}, k=n + 1))\n",
    NONE,
], ids=["strings", "pairs", "none"])  # fmt: skip
def test_strings_of_any_characters_are_recorded_and_told_apart(tmp_path: Path, source: str) -> None:
    (tmp_path / "f.py").write_text(source)
    task = tasks.load(tasks.known(f"{tmp_path / 'f.py'}:f"))
    verify(task)
    rng = Random(0)
    for n in (2, 3, 5):
        problem = task.problem_at(rng, n)
        assert task.trace(task.record(problem), problem, "tail").text.endswith(f"Answer: {problem.answer}")


@pytest.mark.parametrize(("value", "text"), [
    ("ab", "ab"), ("a,1:b", "'a,1:b'"), ("", "''"), ("None", "'None'"), (None, "None"), ("(", "("), (" ", "' '"),
    ("é", "'é'"), (12, "12"), (("a", "\t"), "('a', '\\t')"),
])  # fmt: skip
def test_a_string_is_quoted_where_it_could_be_something_else(value: object, text: str) -> None:
    assert said(value) == text


LONG = """def f(xs: list[int], k: int) -> int:
    c = 0
    for x in xs:
        if x < k:
            c += 1
    return c
"""
ENDLESS = "def f(n: int) -> int:\n    while n != 7:\n        n = (n * 2) % 11\n    return n\n"


@pytest.mark.parametrize(("source", "said_of_it", "advice"), [
    (f"{LONG}def sample(rng, n):\n    return [10**30 + i for i in range(n)], 3\n", "digits of a number are more",
     "--allow-hidden"),
    ("def f(xs: list[int]) -> int:\n    return xs.pop(-1)\n", "takes the last element", "Write xs.pop()."),
    ("def f(xs: list[int]) -> int:\n    len(xs) > 2 and xs.append(5)\n    return len(xs)\n", "nothing keeps",
     "Write if and else."),
    ('def f(n: int) -> int:\n    """Halve {n:,}."""\n    return n // 2\n', "a format that texts do not have",
     "Write {name} alone."),
    (f"{TOTAL}def sample(n):\n    return [1]\n", "sample cannot be called", "def sample(rng, n)"),
    (f"QUERIES = []\n{TOTAL}", "QUERIES is empty", "Write QUERIES = ["),
    (f"import random\n{TOTAL}def sample(rng, n):\n    return [random.randrange(9) for _ in range(n)]\n",
     "draws from elsewhere", "Draw with the rng"),
], ids=lambda value: value if len(value) < 40 else "source")  # fmt: skip
def test_what_a_stranger_writes_is_answered(tmp_path: Path, source: str, said_of_it: str, advice: str) -> None:
    (tmp_path / "f.py").write_text(source)
    with pytest.raises(UsageError) as caught:
        verify(tasks.load(tasks.known(f"{tmp_path / 'f.py'}:f")))
    assert said_of_it in caught.value.message
    assert advice in caught.value.hint
    assert "_n" not in str(caught.value)


def test_options_of_the_file_may_be_as_long_as_they_like(tmp_path: Path) -> None:
    file = tmp_path / "f.py"
    options = 'CONSTRAINTS = ["xs == sorted(xs)", "len(xs) < 1_000"]\nQUERIES = ["Add up all the numbers of {xs}."]\n'
    file.write_text(RANGES.replace("7", "6") + options + TOTAL)
    file.write_text(file.read_text().replace("(4, 5)", "(4, 4)").replace("(6, 6)", "(5, 5)"))
    verify(tasks.load(tasks.known(f"{file}:f")))


@pytest.mark.parametrize("hint", ["tuple[int, ...]", "list[int]", "set[int]", "str", "dict[int, int]"])
def test_an_argument_may_hold_many_values(tmp_path: Path, hint: str) -> None:
    many = "RANGES = {'S': (13, 14), 'M': (15, 15), 'L': (16, 16)}\n"
    (tmp_path / "f.py").write_text(f"{many}def f(xs: {hint}) -> int:\n    return len(xs)\n")
    verify(tasks.load(tasks.known(f"{tmp_path / 'f.py'}:f")))


def test_an_endless_call_says_how_to_keep_it_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailkit.tasks.contract.guard.SECONDS", 0.2)
    (tmp_path / "f.py").write_text(ENDLESS)
    with pytest.raises(UsageError, match=r"did not end within 0\.2 s") as caught:
        verify(tasks.load(tasks.known(f"{tmp_path / 'f.py'}:f")))
    assert "CONSTRAINTS" in caught.value.hint


def test_data_of_a_changed_file_say_so(tmp_path: Path) -> None:
    file = tmp_path / "f.py"
    file.write_text(TOTAL)
    task = tasks.known(f"{file}:f")
    order = dataset.order_of(task, recipe.load("nano", ["data.train=4", "data.eval=1"], task=task))
    dataset.write(order, tmp_path / "data")
    file.write_text(TOTAL.replace("s = 0", "s = 1"))
    with pytest.raises(UsageError, match="the file of f-f has changed since they were written"):
        dataset.write(order, tmp_path / "data")


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "gcd.txt").write_text(TOTAL)
    with pytest.raises(UsageError, match="is no function of a Python file"):
        tasks.known(f"{tmp_path / 'gcd.txt'}:f")


def test_a_function_of_one_small_number_says_how_to_get_more(tmp_path: Path, here: Cli) -> None:
    body = '    """Sum up to {n}."""\n    total = 0\n    for i in range(n):\n        total += i\n    return total\n'
    (tmp_path / "f.py").write_text(f"def f(n: int) -> int:\n{body}")
    done = here("data", "f.py:f", "--count", "30", "data.eval=5", "--out", "d", cwd=tmp_path)
    assert "problems: RANGES with sample(rng, n), or data.settings.python.trace_tokens, give more" in done.stderr
