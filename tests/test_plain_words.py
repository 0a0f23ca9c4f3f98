"""What is said of a plain function is said in its own words: its file, its lines, a call of it."""

import ast
from pathlib import Path
from random import Random

import pytest

from tailkit import tasks
from tailkit.errors import UsageError
from tailkit.plain import hints
from tailkit.tasks import verify

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
