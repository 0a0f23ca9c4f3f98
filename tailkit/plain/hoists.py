"""Which expressions are written out: new lists, sets and dictionaries, and sum, min, max, any, all.

In: an expression or a statement. Out: what it is, and where in the statement such expressions stand.
"""

import ast
from collections.abc import Callable, Iterator

from tailkit.plain.syntax import called_name

COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def makes(node: ast.expr) -> bool:
    """Whether an expression is a list, a set or a dictionary that a loop makes."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return isinstance(node.left, ast.List) or isinstance(node.right, ast.List)
    is_list = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("list", "set")
    return is_list and len(node.args) == 1  # type: ignore[attr-defined]


def makes_list(node: ast.expr) -> bool:
    return makes(node) and not isinstance(node, ast.SetComp | ast.DictComp) and called_name(node) != "set"


def _is_fold(*names: str) -> Callable[[ast.expr], bool]:
    def known(node: ast.expr) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.keywords:
            return False
        sizes = (1, 2) if node.func.id == "sum" else (1,)
        # A break leaves one loop alone.
        nested = isinstance(node.args[0] if node.args else None, ast.GeneratorExp | ast.ListComp) and (
            len(node.args[0].generators) > 1  # type: ignore[attr-defined]
        )
        return node.func.id in names and len(node.args) in sizes and not (nested and node.func.id in ("any", "all"))

    return known


HOISTS: dict[str, Callable[[ast.expr], bool]] = {
    "sum": _is_fold("sum"),
    "best": _is_fold("min", "max"),
    "holds": _is_fold("any", "all"),
    "list": makes,
}


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.IfExp: ("test",), ast.BoolOp: ("values",)}
"""The fields of what evaluates its parts at times only: those that it evaluates always (of `values` the first)."""


def always(node: ast.stmt) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """The expressions of a statement's value, or test, that are always evaluated, each with where it stands."""
    waiting: list[ast.AST] = [node]
    while waiting:
        parent = waiting.pop(0)
        for name, value in ast.iter_fields(parent):
            if name not in _FIELDS.get(type(parent), (name,)) or (parent is node and name not in ("value", "test")):
                continue
            children = [*enumerate(value)] if isinstance(value, list) else [(None, value)]
            for place, child in children[:1] if isinstance(parent, ast.BoolOp) else children:
                if isinstance(child, ast.expr):
                    yield parent, name, place, child
                    if not isinstance(child, ast.Lambda | COMPREHENSIONS):
                        waiting.append(child)
