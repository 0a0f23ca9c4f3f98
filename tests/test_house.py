"""The house keeps its own rules: imports go one way, torch stays out, every command has help."""

import ast
import re
import subprocess
import sys
import tomllib
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
    {"process", "arithmetic", "plain"},
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
MAY_IMPORT_TORCH = {"models", "train", "decode", "workshop", "hardware", "study"}
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
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def parsed(path: Path) -> ast.Module:
    """A module without what is imported for type checkers alone, which binds nothing to anything when it runs."""

    class Running(ast.NodeTransformer):
        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    tree = Running().visit(ast.parse(path.read_text(encoding="utf-8")))
    assert isinstance(tree, ast.Module)
    return tree


def imports(tree: ast.AST) -> set[str]:
    """The modules that are imported anywhere in a tree, in functions too, and what is imported from them."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


MODULES = sorted(PACKAGE.rglob("*.py"))
PATHS = {name_of(path): path for path in MODULES}
each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))


def neighbours(path: Path) -> set[str]:
    """The modules of tailkit that one imports; a folder only where something of its `__init__` is meant."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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


@each_module
def test_imports_go_one_way(path: Path) -> None:
    level = {name: height for height, layer in enumerate(LAYERS) for name in layer}
    here, others = room(path), {room(PATHS[name]) for name in neighbours(path)}
    assert here in level, f"{here} is in no layer"
    for other in others - {here}:
        assert level[other] < level[here] or {here, other} <= GROUND, f"{here} imports {other}"


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


@each_module
def test_heavy_libraries_are_imported_inside_functions_only(path: Path) -> None:
    tree = parsed(path)
    top = {
        name.split(".")[0]
        for name in imports(ast.Module([n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.ClassDef)], []))
    }
    assert not top & HEAVY
    if "torch" in {name.split(".")[0] for name in imports(tree)}:
        assert room(path) in MAY_IMPORT_TORCH


def test_types_are_strict_but_for_untyped_libraries() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings["strict"]
    listed = [part["module"] for part in settings["overrides"]]
    rooms = ("decode.*", "hardware.*", "models.*", "train.*", "use.export", "workshop.*")
    assert listed == [[f"tailkit.{room}" for room in rooms], "tailkit.tasks.*", "tests.*"]


LONGEST_NAME = 60
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_names_of_tests_are_short(path: Path) -> None:
    functions = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    assert not [name for name in functions if name.startswith("test_") and len(name) > LONGEST_NAME]


LONGEST_MODULE, LONGEST_FUNCTION = 300, 50
LONGEST_TASK = 460
"""A task is one file, with its templates, its problems, its program and two wordings of it."""


@each_module
def test_modules_and_functions_keep_to_their_size(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    longest = LONGEST_TASK if path.parent.name == "tasks" else LONGEST_MODULE
    assert len(text.splitlines()) <= longest
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]
    # A callback of the trainer holds its methods.
    assert set(long) <= {"_watch"}


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["tasks"],
        ["show", "addition", "--n", "12"],
        ["recipes", "show", "nano"],
        ["plan", "addition"],
        ["data", "addition", "--count", "5", "data.eval=5", "--workers", "1", "--out", "{tmp}"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_light_commands_never_load_torch(arguments: list[str], tmp_path: Path) -> None:
    arguments = [argument.format(tmp=tmp_path) for argument in arguments]
    code = (
        "import sys; sys.argv = ['tailkit', *sys.argv[1:]]\nfrom tailkit.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "assert not {'torch', 'transformers', 'datasets', 'matplotlib'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


COMMANDS = sorted(command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_and_a_row_in_the_readme(cli: Cli, command: str) -> None:
    text = cli(command, "--help").stdout
    assert "Example" in text
    assert f"tailkit {command}" in text
    assert f"tailkit {command}" in (ROOT / "README.md").read_text()


def test_the_help_lists_every_command(cli: Cli) -> None:
    listed = re.findall(r"^│ ([a-z]+) ", cli("--help").stdout, flags=re.M)
    assert sorted(listed) == COMMANDS
    assert len(COMMANDS) > 14


def test_ci_calls_exactly_the_readme_s_test_command() -> None:
    command = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert "pytest" in command
    assert command in (ROOT / "README.md").read_text().splitlines()
