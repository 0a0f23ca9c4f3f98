"""Reads a task file: whether it is a task, which files beside it it needs, and running it as a module.

In: a path. Out: names, paths, a module.
"""

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.machinery import SourceFileLoader
from importlib.util import decode_source, module_from_spec, spec_from_file_location
from pathlib import Path
from symtable import symtable
from types import CodeType, ModuleType

from tailkit.tasks.contract.guard import Guard

BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python's own reading of a file may raise."""


def names_in(file: Path) -> set[str] | None:
    """The names that a file gives at its top level, without running it; None where that cannot be told."""
    try:
        source = decode_source(file.read_bytes())
        table, tree = symtable(source, str(file), "exec"), ast.parse(source)
    except BROKEN:
        return None
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)):
        return None
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}


def beside(file: Path) -> list[Path]:
    """The files of the same folder that a file imports, and those that these import, in order of their names."""
    known: set[Path] = set()
    waiting = [file]
    while waiting:
        new = set(_imported_by(waiting.pop())) - known - {file}
        known |= new
        waiting += new
    return sorted(known)


def _imported_by(file: Path) -> Iterator[Path]:
    for module in _imports(file.read_bytes()):
        name = module.partition(".")[0]
        for path in _places(file.parent, name):
            if name not in sys.stdlib_module_names and path.is_file():
                yield path


@lru_cache(maxsize=64)
def _imports(content: bytes) -> tuple[str, ...]:
    """The modules that the text of a file names; it is asked for whenever a file is added, run or fingerprinted."""
    try:
        nodes = list(ast.walk(ast.parse(content)))
    except BROKEN:
        return ()
    whole = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    parts = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return (*whole, *parts)


class _Fresh(SourceFileLoader):
    """Runs the file as it is now: a cached .pyc goes by the time of the last change, in whole seconds."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def module_name(file: Path) -> str:
    """A name in `sys.modules` that no other module has: two files may be called the same."""
    return f"tailkit.tasks.own.{hashlib.sha256(str(file).encode()).hexdigest()[:12]}_{file.stem}"


def execute(file: Path, guard: Guard) -> ModuleType:
    """Run a task file as a module, which can import the files beside it; raises `UsageError` by name."""
    name = module_name(file)
    spec = spec_from_file_location(name, file, loader=_Fresh(name, str(file)))
    assert spec is not None
    assert spec.loader is not None
    # Dataclasses and pickle look a class up by the name of its module.
    sys.modules[name] = module = module_from_spec(spec)
    try:
        with guard.running():
            _let_import(file)
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


_folders: list[Path] = []
"""The folders of the task files that were run, the last one first."""


def _let_import(file: Path) -> None:
    """Let a file import those beside it; installed modules come first, and files of other task folders last."""
    for path in beside(file):
        name = path.parent.name if path.stem == "__init__" else path.stem
        loaded = getattr(sys.modules.get(name), "__file__", None)
        others = [place for folder in _folders if folder != file.parent for place in _places(folder, name)]
        if loaded and Path(loaded) in others:
            for module in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
                del sys.modules[module]
    ours = {str(folder) for folder in _folders}
    rest = [path for path in sys.path if path not in ours]
    if str(file.parent) not in rest:
        _folders[:] = [file.parent, *[folder for folder in _folders if folder != file.parent]]
    sys.path[:] = [*rest, *map(str, _folders)]


def _places(folder: Path, name: str) -> tuple[Path, Path]:
    """Where a folder may hold the module `name`."""
    return folder / f"{name}.py", folder / name / "__init__.py"
