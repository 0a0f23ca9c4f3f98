"""What commands say at their end: what to do next, in lines that can be copied."""

import shlex
import shutil
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tailkit import recipe, tasks
from tailkit.cli import app, options
from tailkit.run.folder import RunDir
from tailkit.run.naming import default_folder
from tailkit.screen import mute
from tailkit.use import suggest
from tailkit.use.suggest import Suggestion
from tests.small import finished_run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    return finished_run(tmp_path_factory.mktemp("a place") / "it's a run")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDir:
    """A run with a recipe alone, below ./runs of the working directory."""
    monkeypatch.chdir(tmp_path)
    return RunDir.create(Path("runs") / "mine", "addition", recipe.load("nano", task="addition"))


def commands(run: RunDir, default: str = "nano") -> list[list[str]]:
    return [shlex.split(one.command) for one in suggest.after(run, default)]


def evaluated(run: RunDir) -> RunDir:
    """The run as if it were evaluated: that is all that is looked at."""
    run.summary.write_text("[]")
    (run.path / "report.html").write_text("")
    return run


def test_a_trained_run_is_to_be_evaluated_and_tried(bare: RunDir) -> None:
    assert commands(bare) == [["tailkit", "run", "runs/mine"], ["tailkit", "solve", "runs/mine", "--random", "L"]]


def test_a_finished_run_is_looked_at_tried_compared_and_exported(bare: RunDir) -> None:
    look, solve, run, compare, export = commands(evaluated(bare))
    assert look[-1].endswith("runs/mine/report.html")
    assert solve == ["tailkit", "solve", "runs/mine", "--random", "L"]
    assert run == ["tailkit", "run", "addition", "data.variant=direct"]
    assert compare == ["tailkit", "compare", "runs/mine", "runs/addition-nano-direct"]
    assert export == ["tailkit", "export", "runs/mine", "--merged", "my-model"]


def test_a_report_that_is_missing_or_old_is_made_first(bare: RunDir) -> None:
    evaluated(bare)
    (bare.path / "report.html").unlink()
    assert commands(bare)[0] == ["tailkit", "report", "runs/mine"]


def test_a_run_that_is_there_is_compared_at_once(bare: RunDir) -> None:
    other = Path("runs") / "addition-nano-direct"
    other.mkdir()
    (other / "summary.json").write_text("[]")
    assert ["tailkit", "compare", "runs/mine", str(other)] in commands(evaluated(bare))
    assert not [command for command in commands(bare) if command[1] == "run"]


@pytest.mark.parametrize(
    "overrides",
    [
        ["train.epochs=2.5"],
        ["data.variant=direct", "lora.rank=8"],
        ["data.mix=8:1:1", "data.ranges.addition.S=[2,3]"],
        ["data.variant=styled", "train.learning_rate=1e-5", "train.packing=true"],
        ["train.epochs=2", "train.seed=1", "data.seed=1", "lora.rank=4", "decode.batch=3"],
    ],
)
@pytest.mark.parametrize("name", ["nano", "hobby"])
def test_another_variant_of_a_run_differs_in_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, overrides: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    made = recipe.load(name, overrides, task="addition")
    run = evaluated(RunDir.create(Path("runs") / "with space", "addition", made))
    command = next(one for one in commands(run) if one[1] == "run")
    position = command.index("--recipe") + 1 if "--recipe" in command else 0
    named = command[position] if position else "nano"
    given = [one for one in command[3:] if "=" in one]
    repeated = recipe.load(named, given, task="addition")
    wanted = "tail" if run.recipe.data.variant == "direct" else "direct"
    data = run.recipe.data.model_copy(update={"variant": wanted})
    assert repeated.of("addition") == run.recipe.model_copy(update={"data": data})
    compare = next(one for one in commands(run) if one[1] == "compare")
    assert compare[-1] == str(default_folder("addition", named, repeated))


def test_an_untrained_model_is_neither_exported_nor_repeated(bare: RunDir) -> None:
    train = bare.recipe.train.model_copy(update={"epochs": 0.0})
    run = RunDir(bare.path, bare.task, bare.recipe.model_copy(update={"train": train}))
    assert [command[1] for command in commands(evaluated(run))[1:]] == ["solve"]


@pytest.mark.usefixtures("only_kit_tasks", "tried_here")
def test_a_task_of_one_s_own_is_named_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(Path(__file__).parent / "own" / "gcd.py", tmp_path / "gcd.py")
    tasks.add(Path("gcd.py"))
    run = evaluated(RunDir.create(tmp_path / "run", "gcd", recipe.load("nano", task="gcd")))
    command = next(one for one in commands(run) if one[1] == "run")
    assert command[-2:] == ["--tasks-from", "gcd.py"]
    assert all(one.command.endswith("--tasks-from gcd.py") for one in suggest.after_data("gcd", {}))


def test_reports_end_with_what_is_next_and_json_is_json_alone(finished: RunDir) -> None:
    done = CliRunner().invoke(app, ["report", str(finished.path)])
    assert done.exit_code == 0, done.exception
    assert f"tailkit solve {shlex.quote(str(finished.path))} --random L" in done.stderr
    assert "next:" not in done.stdout
    assert "next:" not in CliRunner().invoke(app, ["report", str(finished.path), "--json"]).stderr


def test_eval_prints_the_table_of_run_or_records(finished: RunDir) -> None:
    done = CliRunner().invoke(app, ["eval", str(finished.path)])
    assert done.exit_code == 0, done.exception
    assert all(head in done.stdout for head in ("range", "pass@1 %", "95 % interval", "exact %"))
    assert "S*" in done.stdout
    assert "next:" in done.stderr


def test_data_end_with_what_is_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["data", "lcs", "--count", "5", "data.eval=5", "--workers", "1"])
    assert done.exit_code == 0, done.exception
    assert "tailkit run lcs" in done.stderr
    assert "next" not in done.stdout


@pytest.mark.parametrize(("columns", "lines"), [("80", 2), ("24", 4)])
def test_what_a_command_is_for_stands_beside_or_above_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: str, lines: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    mute(False)
    options.say_next([Suggestion("tailkit solve a", "try it"), Suggestion("tailkit export b", "keep it")])
    title, *shown = capsys.readouterr().err.splitlines()
    assert title == "next:"
    assert len(shown) == lines
    assert all(len(line) <= int(columns) for line in shown)


@pytest.mark.usefixtures("only_kit_tasks", "tried_here")
def test_what_data_were_made_with_is_carried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(recipe.FOLDER / "examples" / "gcd.py", tmp_path)
    show, run = suggest.after_data(tasks.known("gcd.py:gcd"), {"with_source": 1, "allow_hidden": 0})
    assert show.command == "tailkit show gcd.py:gcd --with-source"
    assert run.command == "tailkit run gcd.py:gcd --with-source"
    _, run = suggest.after_data("derangement", {"limb": 3})
    assert run.command == "tailkit run derangement data.settings.derangement.limb=3"


@pytest.mark.usefixtures("only_kit_tasks", "tried_here")
@pytest.mark.parametrize("command", ["plan", "lint", "show", "data", "run", "train", "eval"])
def test_commands_take_the_options_of_a_function(command: str) -> None:
    (made,) = [each for each in get_command(app).commands.values() if each.name == command]  # type: ignore[attr-defined]
    assert {"with_source", "allow_hidden"} <= {each.name for each in made.params}
