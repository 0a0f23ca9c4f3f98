"""Ranges of a plain function: of lengths that CONSTRAINTS leave, and that the file's own sample knows."""

from pathlib import Path
from random import Random

import pytest

from tailkit import tasks
from tailkit.errors import UsageError
from tailkit.tasks import Task
from tests.conftest import Cli

pytestmark = pytest.mark.usefixtures("only_kit_tasks")

BODY = '    """Add {xs}."""\n    total = 0\n    for x in xs:\n        total += x\n    return total\n'
EVEN = (
    "def sample(rng, n):\n    if n % 2:\n        raise ValueError('even lengths')\n    return [rng.randint(0, 9)] * n\n"
)
ANY = "def sample(rng, n):\n    return [rng.randint(0, 9)] * n\n"


def known(folder: Path, more: str) -> Task:
    (folder / "f.py").write_text(f"{more}\ndef f(xs: list[int]) -> int:\n{BODY}")
    return tasks.load(tasks.known(f"{folder / 'f.py'}:f"))


def drawn(task: Task) -> list[list[int]]:
    rng = Random(0)
    return [task.sample(rng, *bounds)["xs"] for bounds in task.ranges.values() for _ in range(12)]


@pytest.mark.parametrize(
    ("constraint", "first", "last"),
    [
        ("len(xs) < 6", 1, 5),
        ("len(xs) < 8 and all(x <= xs[0] + 90 for x in xs)", 1, 7),
        ("len(xs) > 4", 5, None),
        ("len(xs) % 2 == 0", 2, None),
        # Six numbers that happen to be in order are too rare to draw data of.
        ("xs == sorted(xs)", 1, 5),
    ],
)
def test_ranges_are_of_lengths_that_constraints_leave(
    constraint: str, first: int, last: int | None, tmp_path: Path
) -> None:
    task = known(tmp_path, f"CONSTRAINTS = [{constraint!r}]")
    assert task.ranges["S"][0] == first
    assert last in (None, task.ranges["L"][1])
    lists = drawn(task)
    assert all(eval(constraint, {"xs": xs}) for xs in lists)
    assert len({len(xs) for xs in lists}) > 2


def test_that_constraints_end_the_lengths_is_said(tmp_path: Path, here: Cli) -> None:
    (tmp_path / "f.py").write_text(f"CONSTRAINTS = ['len(xs) < 6']\ndef f(xs: list[int]) -> int:\n{BODY}")
    done = here("data", "f.py:f", "--count", "30", "data.eval=10", "--out", "d", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "f takes S 1–3, M 4–4, L 5–5, as long as CONSTRAINTS allow" in done.stderr


@pytest.mark.parametrize(
    ("more", "step"),
    [
        pytest.param(EVEN, 2, id="lengths that sample refuses"),
        pytest.param(EVEN + 'RANGES = {"S": (2, 5), "M": (6, 7), "L": (8, 11)}', 2, id="within RANGES"),
        pytest.param(ANY + 'CONSTRAINTS = ["len(xs) % 3 == 0"]', 3, id="lengths that CONSTRAINTS rule out"),
    ],
)
def test_lengths_that_an_own_sample_lacks_are_passed_over(more: str, step: int, tmp_path: Path) -> None:
    lengths = {len(xs) for xs in drawn(known(tmp_path, more))}
    assert all(length % step == 0 for length in lengths)
    assert len(lengths) > 2


@pytest.mark.parametrize(
    ("more", "message", "hint"),
    [
        (
            'CONSTRAINTS = ["len(xs) == 3"]',
            "f.py: CONSTRAINTS leave problems of length 3 alone, of 1 to 50: too few lengths for S, M and L",
            "Loosen CONSTRAINTS, or give RANGES",
        ),
        (
            EVEN.replace("n % 2", "n > 2"),
            "f.py: sample(rng, n) has problems of lengths 1 and 2 alone, of 1 to 50: too few",
            "Give RANGES and sample(rng, n)",
        ),
        (
            EVEN.replace("n % 2", "True"),
            "f.py: sample(rng, n) raises ValueError for every length; for n = 1: even lengths",
            "the arguments of a problem of length n",
        ),
        (
            ANY + 'CONSTRAINTS = ["len(xs) < 0"]',
            "f.py: no arguments of any length, in 200 draws each, for which len(xs) < 0",
            "Change CONSTRAINTS",
        ),
    ],
)
def test_too_few_lengths_are_named(more: str, message: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        known(tmp_path, more)
    assert message in caught.value.message
    assert hint in caught.value.hint
