"""Expressions that are constants: powers of numbers with what stands around them, such as 10**9 + 7, and float("inf").

In: the syntax of a file, or of a value. Out: the same, with the constants in their place.
"""

import ast
import math
import operator
from collections.abc import Callable

MOST, MOST_POWER = 10**18, 64
MOST_BITS = 2**20
OPERATIONS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
}


class Folded(ast.NodeTransformer):
    """Puts constants where Python would compute them each time; `everything`: not only powers."""

    def __init__(self, *, everything: bool = False) -> None:
        self.everything = everything

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right, operation = _number(node.left), _number(node.right), OPERATIONS.get(type(node.op))
        wanted = self.everything or isinstance(node.op, ast.Pow) or _is_made(node.left) or _is_made(node.right)
        if left is None or right is None or operation is None or not wanted:
            return node
        is_large = isinstance(node.op, ast.Pow | ast.LShift) and not 0 <= right <= MOST_POWER
        if is_large or (right == 0 and isinstance(node.op, ast.FloorDiv | ast.Mod)):
            return node
        value = operation(left, right)
        return _constant(value, node) if abs(value) <= MOST else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        value = _number(node.operand)
        if self.everything and value is not None and isinstance(node.op, ast.USub):
            return _constant(-value, node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "float" and len(node.args) == 1 and not node.keywords:
            (given,) = node.args
            if isinstance(given, ast.Constant) and given.value in ("inf", "infinity"):
                return _constant(math.inf, node)
        return node


def is_huge(node: ast.AST) -> bool:
    """Whether a power or shift by a constant gives numbers that Python itself computes for long."""
    if isinstance(node, ast.BinOp):
        op, left, right = node.op, _number(node.left), _number(node.right)
    elif isinstance(node, ast.AugAssign):
        op, left, right = node.op, None, _number(node.value)
    else:
        return False
    is_power = isinstance(op, ast.Pow)
    if right is None or not (is_power or isinstance(op, ast.LShift)):
        return False
    return right * (left.bit_length() if is_power and left is not None else 1) > MOST_BITS


def _constant(value: float, node: ast.expr) -> ast.expr:
    made = ast.copy_location(ast.Constant(value), node)
    vars(made)["folded"] = True
    return made


def _is_made(node: ast.expr) -> bool:
    return bool(vars(node).get("folded", False))


def _number(node: ast.expr) -> int | None:
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None
