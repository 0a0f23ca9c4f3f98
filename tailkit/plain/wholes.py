"""The kinds of expressions that hide a loop, where they are taken as one state.

In: an expression, and why it was refused. Out: its `Kind`.
"""

import ast

from tailkit.plain.kinds import Kind
from tailkit.plain.refusal import Hidden

NUMBERS = ("sum", "any", "all", "pow", "len", "int", "count", "find", "index", "startswith", "endswith")
TEXTS = ("join", "replace", "strip", "lower", "upper", "str", "format", "bin", "hex")
CHANGING = ("sort", "reverse", "insert", "remove", "extend", "update", "pop")


class Wholes:
    """Sees expressions that hide a loop: `expressions.Expressions` does the others."""

    def see(self, node: ast.expr) -> Kind:
        raise NotImplementedError

    def of(self, node: ast.AST) -> Kind:
        raise NotImplementedError

    def _bind(self, target: ast.expr, kind: Kind, node: ast.AST) -> None:
        raise NotImplementedError

    def _element(self, node: ast.expr) -> Kind:
        raise NotImplementedError

    def kind_of_whole(self, node: ast.expr, error: Hidden) -> Kind:
        """What a whole expression gives; raises the error again for one that is no single value or list."""
        if isinstance(node, ast.Compare):
            return Kind("int")
        if isinstance(node, ast.JoinedStr):
            return Kind("str")
        if isinstance(node, ast.BinOp):
            sides = [self.of(each) for each in (node.left, node.right)]
            names = [side.name for side in sides]
            if isinstance(node.op, ast.Pow):
                return Kind("int")
            if "text" in names or "str" in names:
                return Kind("str")
            if "list" in names:
                return Kind("list", *sides[names.index("list")].parts)
        if isinstance(node, ast.Subscript):
            base = self.see(node.value)
            return Kind("str") if base.name in ("text", "str") else Kind("list", *base.parts[:1])
        if isinstance(node, ast.ListComp):
            return Kind("list", self._comprehended(node))
        if isinstance(node, ast.Call):
            return self._of_call(node, error)
        raise error

    def _comprehended(self, node: ast.ListComp | ast.GeneratorExp) -> Kind:
        for generator in node.generators:
            self._bind(generator.target, self._element(generator.iter), node)
            for test in generator.ifs:
                self.see(test)
        return self.see(node.elt)

    def _of_call(self, node: ast.Call, error: Hidden) -> Kind:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0] if node.args else None
        if name in CHANGING or any(keyword.arg == "key" for keyword in node.keywords):
            raise error
        if isinstance(first, ast.GeneratorExp):
            element = self._comprehended(first)
        else:
            seen = self.see(first) if first is not None else Kind()
            element = Kind("str") if seen.name in ("text", "str") else seen.parts[0] if seen.parts else seen
        if name in NUMBERS:
            return Kind("int")
        if name in TEXTS:
            return Kind("str")
        if name in ("min", "max"):
            return element
        if name in ("sorted", "list"):
            return Kind("list", element)
        if name == "split":
            return Kind("list", Kind("str"))
        raise error
