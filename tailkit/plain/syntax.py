"""Small pieces of syntax, and questions about it.

In: names and expressions. Out: statements and expressions without a place in the source.
"""

import ast
import copy


def is_method(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name


def names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def loaded(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def added(name: str, value: ast.expr) -> ast.stmt:
    return ast.AugAssign(ast.Name(name, ast.Store()), ast.Add(), value)


def appended(name: str, value: ast.expr) -> ast.stmt:
    return ast.Expr(call_method(name, "append", value))


def call_method(name: str, method: str, value: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(loaded(name), method, ast.Load()), [value], [])


def called_name(node: ast.expr) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def empty(node: ast.expr) -> ast.expr:
    """The empty list, set or dictionary that an expression begins with."""
    if isinstance(node, ast.DictComp):
        return ast.Dict([], [])
    if isinstance(node, ast.SetComp) or called_name(node) == "set":
        return ast.Call(loaded("set"), [], [])
    return ast.List([], ast.Load())


def called(name: str, value: ast.expr) -> ast.expr:
    return ast.Call(loaded(name), [value], [])


def one_line(node: ast.stmt) -> str:
    """A statement in one line; of an if its test alone."""
    if isinstance(node, ast.If):
        return f"if {ast.unparse(ast.fix_missing_locations(copy.deepcopy(node.test)))}: …"
    return " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())


class Renamed(ast.NodeTransformer):
    """Gives names others."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)


def loops(generators: list[ast.comprehension], body: list[ast.stmt]) -> list[ast.stmt]:
    for generator in reversed(generators):
        for test in reversed(generator.ifs):
            body = [ast.If(test, body, [])]
        body = [ast.For(generator.target, generator.iter, body, [])]
    return body


def mark(node: ast.stmt, *, leads: bool, made: bool = True) -> None:
    vars(node).update(made=made, leads=leads)


def is_first(node: ast.stmt) -> bool:
    """Whether a statement is the first of its line: it was there before, or begins what was written out."""
    return not is_made(node) or bool(vars(node)["leads"])


def is_made(node: ast.stmt) -> bool:
    """Whether a statement was written out."""
    return bool(vars(node).get("made", False))


def aliases(function: ast.FunctionDef) -> set[str]:
    """Names that are assigned to a name, and those that are."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            given = {each.id for each in _whole_names(node.value)}
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if given:
                found |= given | {each.id for target in targets for each in _whole_names(target)}
    return found


def _whole_names(node: ast.expr) -> list[ast.Name]:
    """The names that a value or a target is, or whose tuple it is."""
    if isinstance(node, ast.Name):
        return [node]
    parts = node.elts if isinstance(node, ast.Tuple | ast.List) else []
    parts = [*parts, node.body, node.orelse] if isinstance(node, ast.IfExp) else parts
    return [each for part in parts for each in _whole_names(part)]
