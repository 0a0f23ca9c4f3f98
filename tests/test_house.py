"""The house keeps its own rules: imports go one way, torch stays out, every command has help."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Cli

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tailkit"

# Rooms by layer, from the ground up: a module imports from lower layers, or from its own room.
LAYERS = [
    {"errors", "records", "start", "__init__", "__main__"},
    {"recipe", "tape", "plain", "screen"},
    {"run", "tasks", "nano"},
    {"models", "score"},
    {"hardware", "workshop"},
    {"dataset", "train", "decode"},
    {"report"},
    {"use"},
    {"pipeline"},
    {"study"},
    {"cli"},
]
STAGES = {"dataset", "train", "decode", "score"}
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


def room(path: Path) -> str:
    inside = path.relative_to(PACKAGE).with_suffix("").parts
    return "workshop" if inside[:2] == ("nano", "workshop") else inside[0]


def imports(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    level = {name: height for height, layer in enumerate(LAYERS) for name in layer}
    # An entry point stands above all rooms, also that of a room.
    here = "__main__" if path.name == "__main__.py" else room(path)
    assert here in level, f"{here} is in no layer"
    names = {name for name in imports(ast.parse(path.read_text())) if name.startswith("tailkit.")}
    rooms = {"workshop" if name.startswith("tailkit.nano.workshop") else name.split(".")[1] for name in names}
    for other in rooms & level.keys() - {here}:
        if here == "__main__":
            continue
        assert level[other] <= level[here], f"{here} imports {other}"
        assert not {here, other} <= STAGES, f"stage {here} imports stage {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_are_imported_inside_functions_only(path: Path) -> None:
    tree = ast.parse(path.read_text())
    top = {
        name.split(".")[0]
        for name in imports(ast.Module([n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.ClassDef)], []))
    }
    assert not top & HEAVY
    if "torch" in {name.split(".")[0] for name in imports(tree)}:
        assert room(path) in MAY_IMPORT_TORCH


LONGEST_MODULE, LONGEST_FUNCTION = 300, 50


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_and_functions_keep_to_their_size(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    # The script that made the bundled model is one.
    assert len(text.splitlines()) <= LONGEST_MODULE or room(path) == "workshop"
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
        "import sys; sys.argv = ['tailkit', *sys.argv[1:]]\nfrom tailkit.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "assert not {'torch', 'transformers', 'datasets', 'matplotlib'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


COMMANDS = [
    "run",
    "data",
    "show",
    "tasks",
    "train",
    "eval",
    "report",
    "recipes",
    "solve",
    "export",
    "plan",
    "doctor",
    "study",
    "runs",
    "compare",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_stands_in_the_readme(cli: Cli, command: str) -> None:
    text = cli(command, "--help").stdout
    assert "Example" in text
    assert f"tailkit {command}" in text
    assert f"tailkit {command}" in (ROOT / "README.md").read_text()


def test_all_commands_are_known_here(cli: Cli) -> None:
    listed = re.findall(r"^│ ([a-z]+) ", cli("--help").stdout, flags=re.M)
    assert sorted(listed) == sorted(COMMANDS)


def test_ci_calls_exactly_the_readme_s_test_command() -> None:
    command = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert "pytest" in command
    assert command in (ROOT / "README.md").read_text().splitlines()
