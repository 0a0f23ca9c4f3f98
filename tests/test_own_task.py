"""A task of one's own: one file, named by --tasks-from, and everything works."""

import json
import math
import re
import sys
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner, Result

from tailkit import dataset, tasks
from tailkit.cli import app
from tailkit.errors import UsageError
from tailkit.records import RANGES, Line
from tailkit.tape import Tape
from tailkit.tasks.contract import isolated, task_file
from tailkit.tasks.contract.assemble import OPTIONAL, REQUIRED
from tests.broken_tasks import GCD, ORACLE, RUN, write
from tests.conftest import SMALL_OVERRIDES, Cli

PAGE = Path(tasks.__file__).parent / "README.md"
VARIANTS = ("tail", "styled", "no-fetch", "no-atomic", "no-linear", "direct")


pytestmark = pytest.mark.usefixtures("only_kit_tasks")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write(tmp_path / "tasks" / "gcd.py", GCD)


def tailkit(*arguments: str | Path) -> Result:
    """A command in this process; what is wrong is raised."""
    return CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)


def loaded(path: Path) -> tasks.Task:
    tasks.add(path)
    return tasks.load(path.stem)


def test_one_file_gives_data_with_checks(cli: Cli, own: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    done = cli("data", "gcd", "--tasks-from", str(own), "--count", "120", "data.eval=9", "--workers", "2",
               "--out", str(out))  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = dataset.read(out / "train.parquet")
    assert len({row.key for row in rows}) == 120
    for row in rows:
        assert int(row.answer) == math.gcd(*json.loads(row.problem).values())
        assert row.completion.endswith(f"Answer: {row.answer}")


@pytest.mark.usefixtures("tried_here")
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_is_shown(own: Path, variant: str) -> None:
    shown = tailkit("show", "gcd", "--tasks-from", own, "--n", "4", "--variant", variant, "--plain")
    assert "Answer: " in shown.stdout


def test_it_is_trained_evaluated_and_scored(cli: Cli, own: Path, tmp_path: Path) -> None:
    run, flag = tmp_path / "run", ["--tasks-from", str(own)]
    ranges = [f"data.ranges.gcd.{name}=[{n},{n}]" for n, name in enumerate(RANGES, start=1)]
    small = [*(override for override in SMALL_OVERRIDES if "ranges" not in override), *ranges]
    quick = ["data.train=8", "data.eval=2", "train.epochs=1", "--workers", "1", "--out", str(run)]
    done = cli("run", "gcd", "--recipe", "nano", *small, *quick, *flag)
    assert done.returncode == 0, done.stderr
    assert [summary["range"] for summary in json.loads((run / "summary.json").read_text())] == list(RANGES)
    for known in (cli("eval", str(run), *flag), cli("report", str(run))):
        assert known.returncode == 0, known.stderr
    own.write_text(f"{own.read_text()}\n# changed\n")
    changed = cli("report", str(run))
    assert changed.returncode == 2
    assert "--tasks-from" in changed.stderr


def test_what_a_task_prints_goes_to_standard_error(own: Path) -> None:
    loud = GCD.replace("PARADIGM", 'print("loud")\nPARADIGM', 1).replace(RUN, f'print("loud")\n    {RUN}')
    write(own, loud.replace(ORACLE, f'print("loud")\n    {ORACLE}'))
    shown = tailkit("show", "gcd", "--tasks-from", own, "--n", "4", "--json")
    assert json.loads(shown.stdout)["task"] == "gcd"
    assert "loud" in shown.stderr


def test_helper_files_beside_a_task_are_skipped_and_imported(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        own.with_name("euclid.py"),
        "from deeper import first\n\n\ndef divided(a, b):\n    return first(b), a % b, a // b\n",
    )
    write(own.with_name("deeper.py"), "def first(value):\n    return value\n")
    write(own.with_name("_private.py"), "1 / 0\n")
    write(
        own,
        GCD.replace("import math", "import math\nfrom euclid import divided", 1).replace("def divided(", "def other("),
    )
    tasks.add(own.parent)
    assert "skipped: deeper.py, euclid.py\n" in capsys.readouterr().err
    assert {"gcd"} == set(tasks.names()) & {"gcd", "euclid", "deeper", "_private"}
    assert tasks.verify(tasks.load("gcd")) == []


def test_data_depend_on_the_helper_files_too(own: Path) -> None:
    helper = write(own.with_name("helper.py"), "SIZE = 1\n")
    write(own, GCD.replace(ORACLE, f"import helper\n    {ORACLE}"))
    before = loaded(own).fingerprint
    write(helper, "SIZE = 2\n")
    assert loaded(own).fingerprint != before
    helper.unlink()
    assert len(loaded(write(own, GCD)).fingerprint) == 2


def test_two_folders_may_hold_files_of_the_same_names(tmp_path: Path) -> None:
    for number in (1, 2):
        text = GCD.replace("import math", "import math\nimport shared_words", 1).replace(
            "VERSION = 1", "VERSION = shared_words.NUMBER"
        )
        write(tmp_path / str(number) / "gcd.py", text)
        write(tmp_path / str(number) / "shared_words.py", f"NUMBER = {number}\n")
    versions = [loaded(tmp_path / name / "gcd.py").version for name in ("1", "2", "1")]
    assert versions == [1, 2, 1]
    names = {task_file.module_name(tmp_path / name / "gcd.py") for name in ("1", "2")}
    assert len(names & sys.modules.keys()) == 2


@pytest.mark.parametrize("name", ["json", "random", "fractions", "numpy"])
def test_a_file_may_be_called_like_a_known_module(tmp_path: Path, name: str) -> None:
    before = sys.modules.get(name)
    task = loaded(write(tmp_path / "tasks" / f"{name}.py", GCD))
    tasks.verify(task)
    assert sys.modules.get(name) is before
    assert task.id == name


def test_dataclasses_with_later_annotations_work(own: Path) -> None:
    record = "@dataclass\nclass Pair:\n    a: int\n    b: int\n\n\nA, B = "
    text = GCD.replace(
        "import math", "from __future__ import annotations\n\nimport math\nfrom dataclasses import dataclass", 1
    )
    assert loaded(write(own, text.replace("A, B = ", record))).version == 1


def test_few_templates_are_allowed_with_a_note(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(own, f"{GCD}\nQUERIES = QUERIES[:1]\n")
    (warning,) = tasks.verify(loaded(own))
    assert "1 query template;" in warning
    assert warning in capsys.readouterr().err


def test_a_length_that_makes_no_sense_is_said_so(own: Path) -> None:
    write(
        own,
        GCD.replace(
            "    digits = rng.randint(", "    if low > 5:\n        raise ValueError\n    digits = rng.randint("
        ),
    )
    with pytest.raises(UsageError, match="no problem of length 7"):
        loaded(own).problem_at(Random(0), 7)


def test_the_file_of_a_task_can_be_asked_for(own: Path) -> None:
    tasks.add(own)
    assert tasks.file_of("gcd") == own.resolve()
    assert tasks.file_of("addition") is tasks.file_of("nothing") is None


def test_tasks_of_the_kit_are_verified_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "examine", lambda jobs: pytest.fail("a process was started"))
    task = tasks.load("compare_numbers")
    assert not task.own
    assert tasks.verify(task) == []


def test_the_task_on_the_page_is_a_whole_one(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.S)
    task = loaded(write(tmp_path / "tasks" / "digit_sum.py", code))
    assert len(tasks.verify(task)) == 1  # three templates
    assert task.support(1, 2) == 99
    problem = task.problem_of({"number": "407"}, "S", task.queries[0].format(number="407"))
    assert f"```\n{problem.query}\n\n{task.trace(task.record(problem), problem, 'tail').text}\n```" in text


def test_the_page_names_all_that_a_file_and_a_program_use() -> None:
    text = PAGE.read_text(encoding="utf-8")
    documented = " ".join(re.findall(r"^\| (`.*?) \|", text, flags=re.M))
    calls = {name for name in vars(Tape) if not name.startswith("_")} - {"run"}
    for name in (*REQUIRED, *OPTIONAL, *(f"tape.{call}" for call in calls), *Line._fields):
        assert re.search(rf"\b{re.escape(name)}(?!\w)", documented), name
