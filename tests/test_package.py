"""What is shipped: the wheel and the sdist hold the tree's files, and the tests run on what is installed."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tailkit
from tailkit.recipe.yaml import parse
from tests.conftest import Cli

ROOT = Path(__file__).parent.parent
SHIPPED = {"tailkit": "tailkit", "recipes": "tailkit/recipes"}
"""Folder of the tree → where it lies in the wheel."""

Files = dict[str, bytes]


def files_below(folder: Path, prefix: str) -> Files:
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def shipped(tree: Path) -> Files:
    """All files of a tree that belong into its wheel, under their names there."""
    return {
        name: data for folder, prefix in SHIPPED.items() for name, data in files_below(tree / folder, prefix).items()
    }


def build(tree: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Build a "wheel" or "sdist" as pip does: by the hook of the backend that pyproject.toml names."""
    backend = importlib.import_module(
        tomllib.loads((tree / "pyproject.toml").read_text())["build-system"]["build-backend"]
    )
    monkeypatch.chdir(tree)
    return tree / "dist" / getattr(backend, f"build_{kind}")(str(tree / "dist"))


def read_wheel(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source tree, with what users and older builds leave in one."""
    copy = tmp_path / "tree"
    litter = shutil.ignore_patterns("__pycache__", ".git", ".venv", ".*_cache", ".hypothesis", "build", "dist", "runs")
    shutil.copytree(ROOT, copy, ignore=litter)
    for name in (
        # New files, in new folders: nobody lists them anywhere.
        "tailkit/tasks/new/__init__.py",
        "tailkit/tasks/new/words.txt",
        "tailkit/data/table.json",
        "recipes/examples/deep/new.yaml",
        "recipes/notebook.ipynb",
        # Not to be shipped.
        "build/lib/tailkit/stale.py",
        "dist/tailkit/stale.py",
        "tailkit.egg-info/SOURCES.txt",
        "tailkit/__pycache__/stale.cpython-311.pyc",
        "recipes/__pycache__/stale.cpython-311.pyc",
        "runs/addition/recipe.yaml",
        ".venv/lib/python3.11/site-packages/tailkit/stale.py",
    ):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(name)
    return copy


def test_the_wheel_holds_the_files_of_the_tree(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = read_wheel(build(tree, "wheel", monkeypatch))
    assert sorted(wheel) == sorted(shipped(tree))
    assert wheel == shipped(tree)
    assert {"tailkit/py.typed", "tailkit/data/table.json", "tailkit/recipes/examples/deep/new.yaml"} <= wheel.keys()


def test_the_sdist_builds_the_same_wheel(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = shipped(tree)
    with tarfile.open(build(tree, "sdist", monkeypatch)) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    assert (unpacked / "tests" / "conftest.py").is_file()
    assert not list(unpacked.rglob("*stale*"))
    assert not (unpacked / "runs").exists()
    assert read_wheel(build(unpacked, "wheel", monkeypatch)) == expected


def test_building_leaves_nothing_in_the_tree(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path for path in tree.rglob("*") if path.parent != tree / "dist"}
    build(tree, "wheel", monkeypatch)
    build(tree, "sdist", monkeypatch)
    assert {path for path in tree.rglob("*") if path.parent != tree / "dist"} == before


def test_the_version_stands_in_one_place() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert "version" in tomllib.loads(text)["project"]["dynamic"]
    assert f'"{tailkit.__version__}"' not in text
    assert metadata.version("tailkit") == tailkit.__version__


def installed_from_elsewhere() -> bool:
    """Whether tailkit is installed as a copy, as CI does it, rather than taken from the source tree."""
    direct = json.loads(metadata.distribution("tailkit").read_text("direct_url.json") or "{}")
    paths = [Path(part).resolve() for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    return not direct.get("dir_info", {}).get("editable") and ROOT not in paths


def test_the_tests_run_on_what_is_installed() -> None:
    if not installed_from_elsewhere():
        pytest.skip("tailkit is installed with -e, or PYTHONPATH holds the source tree")
    inside = Path(str(metadata.distribution("tailkit").locate_file("tailkit")))
    assert Path(tailkit.__file__) == inside / "__init__.py"
    command = [sys.executable, "-c", "import tailkit; print(tailkit.__file__)"]
    child = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert Path(child.stdout.strip()) == inside / "__init__.py"
    assert sorted(files_below(inside, "tailkit")) == sorted(shipped(ROOT))
    assert files_below(inside, "tailkit") == shipped(ROOT), "install again: the tree has changed since"


def test_the_tested_versions_lie_in_the_package_s_ranges() -> None:
    lines = [line for line in (ROOT / ".github" / "constraints.txt").read_text().splitlines() if line[:1] != "#"]
    assert not [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line)]
    tested = {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    # Ray starts cells of a study; no test needs it.
    extras = [text for name, extra in project["optional-dependencies"].items() if name != "ray" for text in extra]
    for wanted in map(Requirement, [*project["dependencies"], *extras]):
        version = tested.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} has no tested version: make .github/constraints.txt again"
        assert version in wanted.specifier, f"{wanted} does not allow the tested {version}"


FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))


def test_the_workflow_runs_the_tests_and_the_smoke() -> None:
    jobs = parse((ROOT / ".github" / "workflows" / "ci.yml").read_text())[0]["jobs"]
    runs = {name: " ".join(str(step.get("run", "")) for step in job["steps"]) for name, job in jobs.items()}
    assert ".ci/run" in runs["tests"]
    assert ".ci/smoke" in runs["smoke"]
    matrix = jobs["smoke"]["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    assert set(matrix["python"]) == {line[-4:] for line in classifiers if ":: Python :: 3." in line}
    for name in ("run", "smoke"):
        assert os.access(ROOT / ".ci" / name, os.X_OK)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_forms_are_what_github_reads(path: Path) -> None:
    form = parse(path.read_text())[0]
    assert {"name", "description", "body"} <= form.keys()
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)
    assert {field["type"] for field in form["body"]} <= {"markdown", "textarea", "input", "dropdown", "checkboxes"}


def test_pre_commit_runs_the_checks_that_ci_runs() -> None:
    (repository,) = parse((ROOT / ".pre-commit-config.yaml").read_text())[0]["repos"]
    assert {hook["id"] for hook in repository["hooks"]} == {"ruff-format", "ruff-check", "mypy"}


def test_the_smoke_of_an_installed_tailkit_passes(cli: Cli, tmp_path: Path) -> None:
    lines = (ROOT / ".ci" / "smoke").read_text().splitlines()
    commands = [line.split()[1:] for line in lines if line.startswith("tailkit ")]
    assert {"--help", "tasks", "show", "recipes", "plan", "data"} <= {command[0] for command in commands}
    for command in commands:
        done = cli(*command, cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout
