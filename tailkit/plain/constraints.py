"""CONSTRAINTS of a plain function: expressions that must hold for the arguments of its problems.

In: an expression, as text, and arguments. Out: whether it holds for them.
"""

import ast
from copy import deepcopy
from functools import cache
from types import CodeType, ModuleType
from typing import Any


def holds(text: str, module: ModuleType, arguments: dict[str, Any]) -> bool:
    """Whether an expression holds, on a copy of the arguments; raises what the expression raises."""
    # One namespace: what stands in a generator expression does not see a second one.
    return bool(eval(_compiled(text), vars(module) | deepcopy(arguments)))


@cache
def _compiled(text: str) -> CodeType:
    return compile(text, "CONSTRAINTS", "eval")


@cache
def goes_by_lengths(text: str, names: tuple[str, ...]) -> bool:
    """Whether an expression looks at nothing of the arguments but their lengths, as `len(xs) % 2 == 0` does."""
    nodes = list(ast.walk(ast.parse(text, mode="eval")))
    measured = {
        id(node.args[0])
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and node.args
    }
    return all(id(node) in measured for node in nodes if isinstance(node, ast.Name) and node.id in names)
