"""How a function is refused that cannot be recorded: its line, what stands there, what to write instead.

In: a place in the source and a reason. Out: a `UsageError` in two lines.
"""

import ast
import copy

from tailkit.errors import UsageError, cut

HINT = "tailkit/plain/README.md says what a function may hold."


class Refused(UsageError):
    """A function cannot be recorded. `line` is where."""

    def __init__(self, line: int, reason: str, instead: str = "") -> None:
        super().__init__(f"line {line}: {cut(reason, 300)}", cut(instead, 300) or HINT)
        self.line = line

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return UsageError, (self.message, self.hint)


class Hidden(Refused):
    """A loop is hidden in an expression; with --allow-hidden it is taken as one state."""


class Unclear(Refused):
    """It cannot be told what something holds; what stands further down may say it."""


def refused(node: ast.AST, reason: str, instead: str = "") -> Refused:
    return Refused(getattr(node, "lineno", 0), reason, instead)


AS_ONE = " Or take it as one state with --allow-hidden."


def hidden(node: ast.AST, what: str, instead: str) -> Hidden:
    return Hidden(getattr(node, "lineno", 0), f"{what} hides a loop", f"{instead}{AS_ONE}")


def unclear(node: ast.AST, what: ast.AST) -> Unclear:
    reason = f"it cannot be told what {source_of(what)} holds"
    return Unclear(getattr(node, "lineno", 0), reason, "Give it an element first, or a type: xs: list[list[int]] = [].")


def stands_for(name: ast.Name, node: ast.expr) -> ast.Name:
    """A name that the kit made, which messages show as what stands in the file."""
    vars(name)["original"] = ast.unparse(_Original().visit(copy.deepcopy(node)))
    return name


class _Original(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(vars(node).get("original", node.id))


def source_of(node: ast.AST, most: int = 60) -> str:
    """An expression as it stands in the file, as far as it fits."""
    return cut(ast.unparse(_Original().visit(copy.deepcopy(node))), most)
