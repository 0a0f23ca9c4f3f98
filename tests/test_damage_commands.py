"""A file of a finished run, damaged, and each command that meets it: the exit code, what is said, what is left."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tailkit import decode, pipeline
from tailkit.errors import TailkitError
from tailkit.use import export
from tests.conftest import Cli
from tests.small import finished_run
from tests.test_damage import ADAPTER, CHANGED, DATA, EVALUATION, EXTRAS, REPORT, contents, damage

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("blank_figures")]

MARKERS = tuple(f".stages/{stage}.json" for stage in ("data", "train", "eval"))
FILES = ("recipe.yaml", "env.json", *DATA, *ADAPTER, *EVALUATION, *EXTRAS, *MARKERS, *REPORT)
STOPPED = "the model would be loaded here"
COMMANDS = {
    "eval": ("eval", "RUN"),
    "report": ("report", "RUN"),
    "run": ("run", "RUN"),
    "solve": ("solve", "RUN", "--random", "S"),
    "export": ("export", "RUN", "--merged", "OUT"),
    "compare": ("compare", "RUN", "OTHER", "--out", "OUT.html"),
}
READS = {
    "eval": (*DATA, *ADAPTER, *EVALUATION),
    "report": (*DATA, *ADAPTER, *EVALUATION),
    "run": (*DATA, *ADAPTER, *EVALUATION),
    "solve": (*DATA, *ADAPTER),
    "export": (*DATA, *ADAPTER),
    "compare": (*DATA, *ADAPTER, *EVALUATION),
}
"""What a command has to find as it was written."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("finished") / "run").path


@pytest.fixture
def other(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "other")
    return tmp_path / "other"


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any, **__: Any) -> Any:
        raise TailkitError(STOPPED, "")

    for module, name in ((decode, "load"), (decode, "load_engine"), (pipeline, "run_apart"), (export, "run_apart")):
        monkeypatch.setattr(module, name, stop)


@pytest.mark.parametrize("how", ["missing", *CHANGED])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_damaged_file_is_named_and_costs_nothing(
    here: Cli, finished: Path, other: Path, tmp_path: Path, command: str, how: str
) -> None:
    for name in FILES:
        run, out = tmp_path / "run", tmp_path / "out"
        for folder in (run, out):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(finished, run)
        damage(run / name, how)
        kept = contents(run)
        words = {"RUN": str(run), "OTHER": str(other), "OUT": str(out), "OUT.html": f"{out}.html"}
        done = here(*(words.get(word, word) for word in COMMANDS[command]))
        where = f"{command}, {name} {how}: {done.returncode} {done.stderr}"
        assert done.returncode in (0, 1, 2), where
        assert "Traceback" not in done.stderr, where
        _check_refusal(done, command, name, how, where)
        _check_kept(kept, run, name, command, how, where)


def _check_refusal(done: Any, command: str, name: str, how: str, where: str) -> None:
    refused = done.returncode != 0
    error = done.stderr[done.stderr.rfind("error: ") :] if refused else ""
    if refused:
        assert len(error.splitlines()) <= 2, where
        assert len(error) <= 500, where
        assert STOPPED in error or Path(name).name in error, where
    made_again = how == "missing" and name in {"run": (*DATA, *EVALUATION), "eval": EVALUATION}.get(command, ())
    if not made_again and (name == "recipe.yaml" or name in READS[command]):
        assert refused, where
        assert STOPPED not in error, where
    if made_again and name in EVALUATION:
        assert STOPPED in error, where
    if made_again and name in DATA:
        assert not refused, where


def _check_kept(kept: dict[str, bytes], run: Path, name: str, command: str, how: str, where: str) -> None:
    """Every other file has its bytes; the command's own markers may be written anew."""
    left = contents(run)
    for key, content in kept.items():
        if key != name and ".stages" not in key:
            assert left.get(key) == content, f"{where} lost {key}"
