"""A task of one's own: one file, named by --tasks-from, and everything works; a broken one is refused."""

import json
import math
from pathlib import Path

import pytest

from tailkit import dataset
from tailkit.records import RANGES
from tests.conftest import SMALL_OVERRIDES, Cli

GCD = Path(__file__).parent / "own" / "gcd.py"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "tasks" / "gcd.py"
    path.parent.mkdir()
    path.write_text(GCD.read_text())
    return path


@pytest.mark.parametrize("workers", ["1", "2"])
def test_one_file_gives_data_with_checks(cli: Cli, own: Path, tmp_path: Path, workers: str) -> None:
    out = tmp_path / "data"
    done = cli("data", "gcd", "--tasks-from", str(own), "--count", "120", "data.eval=9", "--workers", workers,
               "--out", str(out))  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = dataset.read(out / "train.parquet")
    assert len({row.key for row in rows}) == 120
    for row in rows:
        assert int(row.answer) == math.gcd(*json.loads(row.problem).values())
        assert row.completion.endswith(f"Answer: {row.answer}")


def test_a_folder_of_tasks_can_be_named_too(cli: Cli, own: Path) -> None:
    listed = json.loads(cli("tasks", "--tasks-from", str(own.parent), "--json").stdout)
    assert {"gcd", "addition"} <= {task["task"] for task in listed}


@pytest.mark.parametrize("variant", ["tail", "styled", "no-fetch", "no-atomic", "no-linear", "direct"])
def test_every_variant_is_shown(cli: Cli, own: Path, variant: str) -> None:
    done = cli("show", "gcd", "--tasks-from", str(own), "--n", "4", "--variant", variant, "--plain")
    assert done.returncode == 0, done.stderr
    assert "Answer: " in done.stdout


def test_it_is_trained_evaluated_and_scored(cli: Cli, own: Path, tmp_path: Path) -> None:
    run, flag = tmp_path / "run", ["--tasks-from", str(own)]
    small = [override for override in SMALL_OVERRIDES if "ranges" not in override]
    done = cli("run", "gcd", "--recipe", "nano", *small, "--workers", "1", "--out", str(run), *flag)
    assert done.returncode == 0, done.stderr
    assert [summary["range"] for summary in json.loads((run / "summary.json").read_text())] == list(RANGES)
    again = cli("eval", str(run), *flag)
    assert again.returncode == 0, again.stderr
    unknown = cli("report", str(run))
    assert unknown.returncode == 2
    assert "--tasks-from" in unknown.stderr


BREACHES = {
    "no oracle": ("def oracle(", "def other(", "oracle missing"),
    "too few templates": ('    "Evaluate gcd of {a}, {b}",\n', "", "19 query templates, at least 20"),
    "program and oracle disagree": ("return b, a % b, a // b", "return b, max(a % b - 1, 0), a // b", "the oracle"),
    "a program that never ends": ("return b, a % b, a // b", "return b, a, a // b", "does not end"),
    "a cell never written": ("tape.fetch(A, B)", 'tape.fetch(A, B, ("c",))', "never written"),
    "a template of other words": ('"HCF of {a} and {b}:"', '"HCF of {a} and {c}:"', "KeyError: 'c'"),
    "a length out of range": ('return len(str(data["a"]))', "return 7", "length 7 is not within 1–2"),
    "a state without words": ('tape.state("divide")', 'tape.state("split")', "KeyError: 'split'"),
    "an oracle that fails": (
        "return str(math.gcd",
        "raise RuntimeError('x')\n    return str(math.gcd",
        "RuntimeError: x",
    ),
    "a missing module": ("import math", "import math, nowhere", "No module named 'nowhere'"),
    "a stream of its own": ("rng.randint(1, greater)}", '__import__("random").randint(1, greater)}', "its stream"),
    "a template without the problem": ('"HCF of {a} and {b}:"', '"HCF of it and {b}:"', "leaves out {a}"),
    "no Python": ("def length(", "def (", "SyntaxError"),
    "words of other states": ('STYLED = {\n    "divide"', 'STYLED = {\n    "split"', "CORE and STYLED differ"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_file_that_breaks_the_contract_is_refused_before_any_data(
    cli: Cli, own: Path, tmp_path: Path, breach: str
) -> None:
    old, new, reason = BREACHES[breach]
    assert old in own.read_text()
    own.write_text(own.read_text().replace(old, new))
    done = cli("data", "gcd", "--tasks-from", str(own), "--count", "20", "--out", str(tmp_path / "data"))
    assert done.returncode == 2, done.stderr
    assert reason in done.stderr
    assert "gcd" in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2
    assert not (tmp_path / "data").exists()


def test_names_of_the_kit_and_missing_files_are_refused(cli: Cli, own: Path) -> None:
    clash = own.rename(own.with_name("addition.py"))
    for path in (clash, own, own.with_suffix(".txt")):
        done = cli("show", "addition", "--tasks-from", str(path))
        assert done.returncode == 2
        assert path.name in done.stderr


def test_show_holds_a_file_to_its_oracle_too(cli: Cli, own: Path) -> None:
    own.write_text(own.read_text().replace("return b, a % b, a // b", "return b, max(a % b - 1, 0), a // b"))
    done = cli("show", "gcd", "--tasks-from", str(own), "--n", "3")
    assert done.returncode == 2
    assert "the oracle" in done.stderr
    assert not done.stdout


def test_data_without_a_single_row_are_no_success(cli: Cli, own: Path, tmp_path: Path) -> None:
    coarse = own.read_text().replace("""return f"{data['a']},{data['b']}\"""", 'return "the same"')
    assert coarse != own.read_text()
    own.write_text(coarse)
    done = cli("data", "gcd", "--tasks-from", str(own), "--count", "20", "data.eval=3", "--out", str(tmp_path / "data"))
    assert done.returncode == 1
    assert "not one problem was found" in done.stderr
    assert not (tmp_path / "data" / "manifest.json").exists()
