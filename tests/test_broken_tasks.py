"""A broken task file is refused by name, in two lines, before any data are written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tailkit import dataset, pipeline, recipe, tasks
from tailkit.errors import UsageError
from tailkit.tasks.contract import apart, guard, registry, trial
from tests import broken_tasks
from tests.broken_tasks import Edit, source


@pytest.fixture(autouse=True)
def _no_tasks_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_added", {})
    tasks.load.cache_clear()
    yield
    tasks.load.cache_clear()


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What processes of their own would do is done in this one, which takes a hundredth of the time."""
    monkeypatch.setattr(apart, "examine", lambda jobs: [trial.work(job, None) for job in jobs[:1]])


def write(path: Path, edit: Edit) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(source(edit), encoding="utf-8", errors="surrogatepass")
    return path


def order_of(name: str) -> dataset.Order:
    return dataset.order_of(name, recipe.load("paper", ["data.train=20", "data.eval=3"], task=name))


def refused(edit: Edit, folder: Path) -> None:
    """The file is refused by name with what the edit says, and no data folder is made."""
    tasks.add(write(folder / "tasks" / "gcd.py", edit))
    with pytest.raises(UsageError) as refusal:
        pipeline.write_data({folder / "data": order_of("gcd")}, workers=1)
    text = str(refusal.value)
    assert edit.said in text
    assert text.startswith("task gcd (")
    assert "gcd.py): " in text
    assert "tailkit/tasks/README.md" in text
    assert len(text.splitlines()) == 2
    assert len(text) <= 500
    assert not (folder / "data").exists()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("edit", broken_tasks.SHAPE.values(), ids=broken_tasks.SHAPE)
def test_names_that_are_missing_or_malformed(edit: Edit, tmp_path: Path) -> None:
    refused(edit, tmp_path)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("edit", broken_tasks.CALLS.values(), ids=broken_tasks.CALLS)
def test_functions_that_give_what_they_must_not(edit: Edit, tmp_path: Path) -> None:
    refused(edit, tmp_path)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("edit", broken_tasks.PROGRAMS.values(), ids=broken_tasks.PROGRAMS)
def test_programs_that_break_the_rules_of_the_tape(edit: Edit, tmp_path: Path) -> None:
    refused(edit, tmp_path)


@pytest.mark.parametrize("edit", broken_tasks.FILES.values(), ids=broken_tasks.FILES)
def test_files_that_do_not_come_to_their_end(edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "IMPORT_SECONDS", 1.0)
    refused(edit, tmp_path)


@pytest.mark.parametrize("edit", broken_tasks.CHANGING.values(), ids=broken_tasks.CHANGING)
def test_files_that_give_other_bytes_on_each_run(edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "'xx'" not in edit.new:  # sets of more than two are hardly ever ordered alike
        monkeypatch.setattr("tailkit.tasks.contract.verify.MORE_PROCESSES", 3)
    refused(edit, tmp_path)


@pytest.mark.parametrize("edit", broken_tasks.ENDLESS.values(), ids=broken_tasks.ENDLESS)
def test_calls_that_never_come_back(edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SECONDS", 1.0)
    monkeypatch.setattr(apart, "GRACE", 0.5)
    monkeypatch.setattr("tailkit.tasks.contract.verify.PROCESSES", 1)
    refused(edit, tmp_path)
