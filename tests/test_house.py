"""The house keeps its own rules: imports go one way, torch stays out, every command has help."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tailkit.cli import app
from tests.conftest import Cli

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tailkit"

# Rooms from the ground up, in the order in which data flows: a module imports from rooms before its own, or its own.
LAYERS = [
    {"errors", "records", "__init__"},
    {"recipe", "tape", "screen"},
    {"arithmetic", "plain"},
    {"tasks"},
    {"run", "nano"},
    {"models"},
    {"score"},
    {"imported"},
    {"workshop"},
    {"hardware"},
    {"dataset", "train", "decode"},
    {"report"},
    {"use"},
    {"pipeline"},
    {"others"},
    {"study"},
    {"cli"},
    {"__main__"},
]
GROUND = {"errors", "records", "__init__"}
"""What the others stand on: single modules, one of which may use another."""
MAY_IMPORT_TORCH = {"models", "train", "decode", "workshop"}
MODULES_WITH_TORCH = {"hardware/doctor.py", "hardware/gpu.py", "study/attention.py"}
HEAVY = {
    "torch",
    "transformers",
    "trl",
    "peft",
    "datasets",
    "bitsandbytes",
    "unsloth",
    "matplotlib",
    "accelerate",
    "ray",
}


def name_of(path: Path) -> str:
    """A module's name, that of a folder for its `__init__`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room(path: Path) -> str:
    """The folder or module at the top; what made the bundled model is a room of its own beside it."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "workshop" if parts[:2] == ("nano", "workshop") else parts[0]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """All of a tree but what is imported for type checkers alone, which binds nothing to anything when it runs."""
    if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from at_run_time(child)


def imports(tree: ast.AST) -> set[str]:
    """The libraries that are imported anywhere in a tree, in functions too."""
    names = set()
    for node in at_run_time(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


MODULES = sorted(PACKAGE.rglob("*.py"))
PATHS = {name_of(path): path for path in MODULES}


@cache
def neighbours(path: Path) -> set[str]:
    """The modules of tailkit that one imports; a folder only where something of its `__init__` is meant."""
    names = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [(f"{node.module}.{alias.name}", node.module) for alias in node.names]
            names |= {whole if whole in PATHS else module for whole, module in inside}
    return names & PATHS.keys() - {name_of(path)}


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """What imports itself in the end: the groups of names of which each leads to each other."""
    import networkx

    arrows = networkx.DiGraph([(name, other) for name, others in graph.items() for other in others])
    return [sorted(group) for group in networkx.strongly_connected_components(arrows) if len(group) > 1]


def test_imports_go_one_way() -> None:
    level = {name: height for height, layer in enumerate(LAYERS) for name in layer}
    for path in MODULES:
        here, others = room(path), {room(PATHS[name]) for name in neighbours(path)}
        assert here in level, f"{here} is in no layer"
        for other in others - {here}:
            assert level[other] < level[here] or {here, other} <= GROUND, f"{name_of(path)} imports {other}"


def test_contributing_lists_the_rooms_from_top_to_bottom() -> None:
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text, flags=re.M)
    listed = [{name.split("/")[-2] if "/" in name else name.removesuffix(".py") for name in re.findall("`(.*?)`", row)}
              for row in rows]  # fmt: skip
    assert listed == [layer - {"__init__", "__main__"} for layer in reversed(LAYERS[:-1])]


def test_rooms_have_no_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        graph.setdefault(room(path), set()).update({room(PATHS[name]) for name in neighbours(path)} - {room(path)})
    assert cycles(graph) == []


def test_modules_inside_of_a_room_have_no_cycle() -> None:
    assert cycles({name: neighbours(path) for name, path in PATHS.items()}) == []


def test_cycles_are_seen() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


def test_nothing_imports_the_workshop() -> None:
    """What made the bundled model is named in one line only, for recipes that ask for it."""
    outside = [path for path in MODULES if room(path) != "workshop"]
    assert not [path for path in outside if any("workshop" in name for name in neighbours(path))]


def top_of(path: Path) -> ast.Module:
    """What a module does when it is imported."""
    return ast.Module([n for n in tree_of(path).body if not isinstance(n, ast.FunctionDef | ast.ClassDef)], [])


def test_heavy_libraries_are_imported_inside_functions_only() -> None:
    for path in MODULES:
        assert not imports(top_of(path)) & HEAVY, path
        if "torch" in imports(tree_of(path)):
            assert room(path) in MAY_IMPORT_TORCH or str(path.relative_to(PACKAGE)) in MODULES_WITH_TORCH, path


def test_files_of_tests_load_nothing_heavy_either() -> None:
    """Each process of the suite imports all of them."""
    heavy = {path.stem for path in (ROOT / "tests").glob("*.py") if imports(top_of(path)) & HEAVY}
    for path in TESTS:
        froms = [node for node in top_of(path).body if isinstance(node, ast.ImportFrom)]
        taken = {node.module for node in froms} | {alias.name for node in froms for alias in node.names}
        assert path.stem not in heavy, path
        assert not taken & {*heavy, *(f"tests.{name}" for name in heavy)}, path


def test_types_are_strict_but_for_untyped_libraries() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings["strict"]
    listed = [part["module"] for part in settings["overrides"]]
    rooms = ("decode.*", "hardware.doctor", "hardware.gpu", "models.*", "train.*", "use.export", "nano.workshop.*")
    assert listed == [[f"tailkit.{room}" for room in rooms], "tailkit.tasks.*", "tests.*"]


LONGEST_NAME = 60
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


def test_names_of_tests_are_short() -> None:
    names = [name for path in TESTS for name in re.findall(r"^ *(?:async )?def (test_\w+)", path.read_text(), re.M)]
    assert len(names) > 600
    assert not [name for name in names if len(name) > LONGEST_NAME]


def kinds_in(path: Path) -> set[str]:
    """The classes and the names of types that a module makes."""
    classes = {node.name for node in tree_of(path).body if isinstance(node, ast.ClassDef)}
    targets = {node.targets[0] for node in tree_of(path).body if isinstance(node, ast.Assign)}
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    return classes | {name for name in names if name[0].isupper() and not name.isupper()}


def test_no_two_kinds_of_thing_have_one_name() -> None:
    found = Counter(name for path in MODULES for name in kinds_in(path))
    assert [name for name, count in found.items() if count > 1] == []


LONGEST_MODULE, LONGEST_FUNCTION = 300, 50
LONGEST_TASK = 460
"""A task is one file, with its templates, its problems, its program and two wordings of it."""


def test_modules_and_functions_keep_to_their_size() -> None:
    for path in MODULES:
        longest = LONGEST_TASK if path.parent.name == "tasks" else LONGEST_MODULE
        assert len(path.read_text(encoding="utf-8").splitlines()) <= longest, path
        functions = [
            node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]
        # A callback of the trainer holds its methods.
        assert set(long) <= {"_watch"}, path


def test_no_task_names_a_variant_and_no_renderer_names_a_task() -> None:
    variants = re.compile(r'"(tail|styled|no-fetch|no-atomic|no-linear|direct)"')
    ids = [path.stem for path in (PACKAGE / "tasks").glob("*.py") if path.stem != "__init__"]
    assert ids
    for name in ids:
        assert not variants.search((PACKAGE / "tasks" / f"{name}.py").read_text())
    for other in ("tape", "dataset", "train", "decode", "score", "pipeline", "cli"):
        files = [PACKAGE / f"{other}.py", *(PACKAGE / other).glob("*.py")]
        text = "".join(path.read_text() for path in files if path.exists())
        assert text
        assert not [name for name in ids if f'"{name}"' in text]


LIGHT = [
    ["--help"],
    ["tasks"],
    ["show", "addition", "--n", "12"],
    ["recipes", "show", "nano"],
    ["plan", "addition"],
    ["data", "addition", "--count", "5", "data.eval=5", "--workers", "1", "--out", "data"],
]


def test_light_commands_never_load_torch(tmp_path: Path) -> None:
    code = (
        "import json, sys\nfrom tailkit.__main__ import main\n"
        "for arguments in json.loads(sys.argv[1]):\n"
        "    sys.argv = ['tailkit', *arguments]\n"
        "    try:\n        main()\n    except SystemExit as end:\n        assert not end.code, arguments\n"
        "    assert not {'torch', 'transformers', 'datasets', 'matplotlib'} & sys.modules.keys(), arguments"
    )
    command = [sys.executable, "-c", code, json.dumps(LIGHT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data" / "manifest.json").exists()


COMMANDS = sorted(command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_and_a_row_in_the_readme(here: Cli, command: str) -> None:
    text = here(command, "--help").stdout
    assert "Example" in text
    assert f"tailkit {command}" in text
    assert f"tailkit {command}" in (ROOT / "README.md").read_text()


def test_the_help_lists_every_command(here: Cli) -> None:
    listed = re.findall(r"^│ ([a-z]+) ", here("--help").stdout, flags=re.M)
    assert sorted(listed) == COMMANDS
    assert len(COMMANDS) > 14


def test_ci_calls_exactly_the_readme_s_test_command() -> None:
    command = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert "pytest" in command
    assert command in (ROOT / "README.md").read_text().splitlines()
