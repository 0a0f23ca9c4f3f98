"""A plain Python function is a task: FILE.py:FUNCTION, and everything works."""

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tailkit import dataset, tasks
from tailkit.cli import app
from tailkit.errors import UsageError

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
