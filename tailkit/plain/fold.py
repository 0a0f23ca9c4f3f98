"""Expressions that are constants: a power of numbers, such as 10 ** 9, and float("inf").

In: the syntax of a file. Out: the same, with the constants in their place.
"""

import ast
import math

MOST = 10**18


class Folded(ast.NodeTransformer):
    """Puts constants where Python would compute them each time."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        base, power = node.left, node.right
        if not (isinstance(node.op, ast.Pow) and _is_number(base) and _is_number(power)):
            return node
        assert isinstance(base, ast.Constant)
        assert isinstance(power, ast.Constant)
        if power.value > 64 or abs(made := base.value**power.value) > MOST:  # type: ignore[operator]
            return node
        return ast.copy_location(ast.Constant(made), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "float" and len(node.args) == 1 and not node.keywords:
            (given,) = node.args
            if isinstance(given, ast.Constant) and given.value in ("inf", "infinity"):
                return ast.copy_location(ast.Constant(math.inf), node)
        return node


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value >= 0
