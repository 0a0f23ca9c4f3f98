"""Reads a Python file: a function, those of the file that it calls, and the constants that they read.

In: a path and a function's name. Out: a `Source`, or `Refused` at the line of what cannot be recorded.
Nothing of the file runs here.
"""

import ast
import builtins
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import decode_source
from pathlib import Path
from typing import Any

from tailkit.errors import UsageError, cut, unknown
from tailkit.plain.fold import Folded, is_huge
from tailkit.plain.refusal import Refused, refused, source_of

OPTIONS = ("RANGES", "QUERIES", "CONSTRAINTS", "PARADIGM", "VERSION", "sample")
"""Names that a file may give for the problems of its function."""


@dataclass
class Source:
    """What is recorded: functions by name, the entry first; literal constants and those of math by name.

    `parameters`: what a problem gives. `defaults`: the other arguments of the entry, which keep their defaults.
    """

    file: Path
    text: str
    entry: ast.FunctionDef
    functions: dict[str, ast.FunctionDef]
    constants: dict[str, Any]
    given: set[str] = field(default_factory=set)

    @property
    def parameters(self) -> list[ast.arg]:
        return [argument for argument in parameters_of(self.entry) if argument.arg not in self.defaults]

    @property
    def defaults(self) -> dict[str, Any]:
        given = self.entry.args
        placed = [*given.posonlyargs, *given.args][-len(given.defaults) :] if given.defaults else []
        named = zip([*placed, *given.kwonlyargs], [*given.defaults, *given.kw_defaults], strict=True)
        return {argument.arg: ast.literal_eval(default) for argument, default in named if default is not None}

    @property
    def shown(self) -> str:
        """The functions as they stand in the file, one after the other: what --with-source puts into a query."""
        # As Python counts lines: a form feed or U+2028 ends none.
        lines = self.text.split("\n")
        parts = [lines[f.lineno - 1 : f.end_lineno] for f in sorted(self.functions.values(), key=lambda f: f.lineno)]
        return "\n\n".join("\n".join(part) for part in parts)


def parameters_of(function: ast.FunctionDef) -> list[ast.arg]:
    given = function.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs]


def read(file: Path, name: str) -> Source:
    """The function `name` of a file with all that it needs; raises `UsageError`."""
    try:
        text = decode_source(file.read_bytes())
        tree = Folded().visit(ast.parse(text))
    except OSError as error:
        raise UsageError(
            f"{cut(file)} cannot be read: {error.strerror or error}", "FILE.py:FUNCTION names a file."
        ) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Refused(
            line, f"byte 0x{error.object[error.start]:02x} is no {error.encoding}", "Save the file as UTF-8."
        ) from error
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        raise Refused(line, f"this is no Python: {getattr(error, 'msg', error)}") from error
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if name not in functions:
        others = [each for each in functions if each not in OPTIONS]
        if odd := [node for node in ast.walk(tree) if getattr(node, "name", None) == name]:
            raise refused(odd[0], f"{name} is no function at the top level of the file", "Write it as def there.")
        raise unknown(f"function of {cut(file)}:", name, others, "FILE.py:FUNCTION names a function of the file.")
    twice = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node is not functions[node.name]]
    constants = _constants(tree)
    source = Source(file, text, functions[name], {}, constants, set(functions) | _assigned(tree.body))
    _Reader(source, functions, twice, _imports(tree)).take(name)
    return source


def _assigned(body: list[ast.stmt]) -> set[str]:
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    targets += [node.target for node in body if isinstance(node, ast.AnnAssign)]
    return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}


def _constants(tree: ast.Module) -> dict[str, Any]:
    """The names of the file that hold literals and are assigned once."""
    values: dict[str, Any] = {}
    spoiled: set[str] = set()
    for node in tree.body:
        for target, value in _assignments(node):
            try:
                literal = ast.literal_eval(Folded(everything=True).visit(value))
            except (ValueError, TypeError, SyntaxError):
                spoiled.add(target)
            else:
                if target in values:
                    spoiled.add(target)
                values[target] = literal
        if isinstance(node, ast.AugAssign | ast.For | ast.While | ast.If | ast.With | ast.Try):
            spoiled |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - _read_only(node)
    return {name: value for name, value in values.items() if name not in spoiled}


def _read_only(node: ast.AST) -> set[str]:
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    return {each.id for each in names} - {each.id for each in names if isinstance(each.ctx, ast.Store)}


def _assignments(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value


def _imports(tree: ast.Module) -> dict[str, Any]:
    """The names that the file imports: the numbers of math with their value, others with None."""
    names: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {(alias.asname or alias.name).partition(".")[0]: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


_STATEMENTS = {
    ast.Import: ("an import inside a function", "Import at the top of the file, and only the constants of math."),
    ast.ImportFrom: ("an import inside a function", "Import at the top of the file, and only the constants of math."),
    ast.Global: ("global: a function changes nothing but its arguments", "Hand the value over and return it."),
    ast.Nonlocal: ("nonlocal: a function changes nothing but its arguments", "Hand the value over and return it."),
    ast.ClassDef: ("a class", "Use lists, tuples and dictionaries."),
    ast.FunctionDef: ("a function inside a function", "Write it at the top level of the file, with its arguments."),
    ast.AsyncFunctionDef: ("async", "Write an ordinary function."),
    ast.Lambda: ("lambda", "Write the expression out, or a function at the top level."),
    ast.Try: ("try: exceptions cannot be recorded", "Test beforehand with if."),
    ast.TryStar: ("try: exceptions cannot be recorded", "Test beforehand with if."),
    ast.Raise: ("raise: exceptions cannot be recorded", "Keep such problems out with CONSTRAINTS."),
    ast.Assert: ("assert: exceptions cannot be recorded", "Keep such problems out with CONSTRAINTS."),
    ast.With: ("with", "A function computes from its arguments alone."),
    ast.Match: ("match", "Write if and elif."),
    ast.Delete: ("del", "Use pop() at the end of a list; for a dictionary keep a mark, such as d[k] = -1."),
    ast.Yield: ("a generator", "Append to a list and return it."),
    ast.YieldFrom: ("a generator", "Append to a list and return it."),
    ast.Await: ("await", "Write an ordinary function."),
    ast.AsyncFor: ("async", "Write an ordinary function."),
    ast.AsyncWith: ("async", "Write an ordinary function."),
    ast.NamedExpr: (":=", "Assign on a line of its own."),
    ast.Starred: ("*", "Write the parts out."),
    ast.Set: None,
}


IMPORTED = {
    "deque": "Use a list, and a number that says where its front is: x = queue[front], front += 1.",
    "defaultdict": "Use a dictionary: d[k] = d.get(k, 0) + 1, or if k not in d: d[k] = [].",
    "Counter": "Use a dictionary: counts[x] = counts.get(x, 0) + 1.",
    "heapq": "Look for the smallest in a loop, or write a heap on a list.",
    "heappush": "Append, then swap upwards in a loop.",
    "heappop": "Look for the smallest in a loop, or write a heap on a list.",
    "gcd": "Write Euclid's loop: while b: a, b = b, a % b.",
    "product": "Write one loop inside of another.",
    "combinations": "Write one loop inside of another, or a recursion.",
    "permutations": "Write a recursion that swaps.",
    "copy": "Append the elements one by one in a loop.",
    "reduce": "Write a loop.",
}
"""What to write instead of what is often imported."""


class _Reader:
    """Collects a function and what it calls, and refuses what no state can be made of."""

    def __init__(
        self, source: Source, functions: dict[str, ast.FunctionDef], twice: list[Any], imports: dict[str, Any]
    ) -> None:
        self.source, self.functions, self.twice, self.imports = source, functions, twice, imports

    def take(self, name: str) -> None:
        if name in self.source.functions:
            return
        function = self.functions[name]
        if again := [node for node in self.twice if node.name == name]:
            raise refused(again[0], f"{name} is defined twice", "Give one of them another name.")
        if hasattr(builtins, name):
            raise refused(function, f"{name} is the name of a built-in function", "Give it another name.")
        self.source.functions[name] = function
        self._check_head(function)
        local = _locals(function)
        if clash := sorted(local & self.functions.keys()):
            raise refused(function, f"{clash[0]} is both a function and a variable of {name}", "Rename the variable.")
        for statement in function.body:
            for node in ast.walk(statement):
                self._check(node, local)
            self._check_values(statement, local)
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.functions:
                self.take(node.func.id)

    def _check_head(self, function: ast.FunctionDef) -> None:
        arguments = function.args
        if arguments.vararg or arguments.kwarg:
            raise refused(function, "*args and **kwargs", "Name each argument.")
        if function.decorator_list:
            instead = "Write the function without it; a dictionary that is handed over remembers results."
            raise refused(function.decorator_list[0], "a decorator", instead)
        for default in (*arguments.defaults, *arguments.kw_defaults):
            try:
                value = ast.literal_eval(default) if default else None
            except ValueError:
                raise refused(
                    default or function, "a default that is no literal", "Write a number or a string."
                ) from None
            if isinstance(value, list | dict | set):
                raise refused(
                    default or function,
                    "a default that can change: it stays from call to call",
                    "Hand it over at each call.",
                )

    def _check(self, node: ast.AST, local: set[str]) -> None:
        if known := _STATEMENTS.get(type(node)):
            what, instead = known
            raise refused(node, f"{what} cannot be recorded" if "cannot" not in what else what, instead)
        if is_huge(node):
            raise refused(node, f"{source_of(node)} makes numbers of very many digits", "Take a smaller one.")
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in local:
            self._check_name(node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id not in local:
            self._check_attribute(node)

    def _check_name(self, node: ast.Name) -> None:
        name = node.id
        if name in self.functions or name in self.source.constants:
            return
        if name in self.imports:
            origin = str(self.imports[name])
            if origin.startswith("math.") and isinstance(getattr(math, origin[5:], None), float):
                self.source.constants[name] = getattr(math, origin[5:])
            elif origin != "math":
                instead = IMPORTED.get(origin.rpartition(".")[2], "")
                raise refused(node, f"{name} is imported: only the constants of math can be recorded", instead)
        elif name in self.source.given:
            raise refused(
                node, f"{name} is no literal, or changes: what a function reads is its arguments", "Hand it over."
            )
        elif not hasattr(builtins, name):
            raise refused(node, f"{name} is defined nowhere in the file")

    def _check_values(self, statement: ast.stmt, local: set[str]) -> None:
        """Raise for a built-in function that is not called, such as `return print`."""
        calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
        # What a function is handed over to says itself what it cannot do.
        given = [each for node in calls for each in (*node.args, *(keyword.value for keyword in node.keywords))]
        called = {id(node.func) for node in calls} | {id(each) for each in given}
        types = [node.annotation for node in ast.walk(statement) if isinstance(node, ast.AnnAssign)]
        called |= {id(inner) for each in types for inner in ast.walk(each)}
        known = local | self.functions.keys() | self.source.given | self.imports.keys()
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and id(node) not in called and node.id not in known:
                raise refused(node, f"{node.id} cannot be recorded as a value", "Call it, or give a variable a value.")

    def _check_attribute(self, node: ast.Attribute) -> None:
        assert isinstance(node.value, ast.Name)
        if self.imports.get(node.value.id) == "math" and not isinstance(getattr(math, node.attr, None), float):
            raise refused(
                node,
                f"{source_of(node)} cannot be recorded: only the constants of math can",
                "Write the steps out, such as a loop for a root.",
            )


def _locals(function: ast.FunctionDef) -> set[str]:
    """The names that a function binds."""
    names = {argument.arg for argument in parameters_of(function)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names
