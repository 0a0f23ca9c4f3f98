"""What a state fetches for an expression: a slot for each variable and element, and the expression in terms of them.

In: an expression without calls, conditions and new lists (`lower` has taken these out). Out: source text.
"""

import ast
import builtins
from typing import Any

from tailkit.plain.calls import CHARACTER, VALUES
from tailkit.plain.infer import Kinds
from tailkit.plain.refusal import refused, source_of
from tailkit.plain.table import LineSlot

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not ",
}  # fmt: skip
RETURNED = "return"
"""The cell of what came back from a call; no variable can be called so."""


class Held(ast.expr):
    """A value that a state before has left in a cell: what came back from a call, or a new list."""

    _fields = ()

    def __init__(self, name: str, node: ast.expr, framed: bool = False) -> None:
        super().__init__(lineno=node.lineno, col_offset=node.col_offset)
        self.name, self.framed = name, framed

    def __deepcopy__(self, memo: object) -> "Held":
        return self  # which cell it is may be decided later


class Reads:
    """Collects the slots of one state; a cell that is named twice is fetched once."""

    def __init__(self, kinds: Kinds, function: str, statics: dict[str, str], framed: bool) -> None:
        self.kinds, self.function, self.statics, self.framed = kinds, function, statics, framed
        self.slots: list[LineSlot] = []

    def slot(self, cell: str, name: str, *, plain: bool = True) -> str:
        made = LineSlot(cell, name, plain)
        cells = [each.cell for each in self.slots]
        if cell not in cells:
            self.slots.append(made)
            return f"v{len(cells)}"
        return f"v{cells.index(cell)}"

    def variable(self, name: str) -> str:
        return self.slot(self.cell(name), name)

    def cell(self, name: str) -> str:
        """The source of a local name's cell."""
        return f'(f"{name}.{{f}}",)' if self.framed else f"({name!r},)"

    def is_constant(self, name: str) -> bool:
        return (self.function, name) not in self.kinds.names and name in self.kinds.source.constants

    def value(self, node: ast.expr) -> str:
        """The source of an expression's value."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise refused(node, f"{source_of(node)} cannot stand here", "Give it a name on a line of its own.")
        made: str = method(node)
        return made

    def test(self, node: ast.expr) -> str:
        """The source of whether an expression is true; of a list, whether it has elements."""
        return f"({self.length(node)} != 0)" if self.kinds.of(node).is_container else self.value(node)

    def _constant(self, node: ast.Constant) -> str:
        return _literal(node.value)

    def _held(self, node: Held) -> str:
        return self.slot(self.cell(node.name) if node.framed else f"({node.name!r},)", node.name)

    def _name(self, node: ast.Name) -> str:
        static = self._static(node)
        if static is not None and self.is_constant(node.id):
            raise refused(
                node,
                f"{node.id}, a constant of the file, is handed on: it could be changed",
                "Read its elements where they are needed, or make it inside the function.",
            )
        if static is not None:
            return f"Ref({static!r}, {self.kinds.of(node).name!r})"
        if self.is_constant(node.id):
            return _literal(self.kinds.source.constants[node.id])
        return self.variable(node.id)

    def _static(self, node: ast.expr) -> str | None:
        """The name of the list that a variable always stands for; None if that changes."""
        if not isinstance(node, ast.Name) or not self.kinds.of(node).is_container:
            return None
        return node.id if self.is_constant(node.id) else self.statics.get(node.id)

    def _attribute(self, node: ast.Attribute) -> str:
        import math

        return _literal(getattr(math, node.attr))

    def owner(self, node: ast.expr) -> str:
        """The address of a list that is changed; raises `Refused` for a constant of the file."""
        if isinstance(node, ast.Name) and self.is_constant(node.id):
            raise refused(node, f"{node.id} is a constant of the file, and is changed", "Make it inside the function.")
        return self.address(node)

    def address(self, node: ast.expr) -> str:
        """The source of the name of a list, a text, a dictionary or a set."""
        static = self._static(node)
        return self.value(node) if static is None else repr(static)

    def length(self, node: ast.expr) -> str:
        return self._length_at(self.address(node))

    def _length_at(self, name: str) -> str:
        if name[0] in "'\"":
            return self.slot(f"({'#' + name[1:-1]!r},)", f"#{name[1:-1]}")
        return self.slot(f"('#' + {name},)", f"'#' + {name}", plain=False)

    def element(self, node: ast.Subscript) -> tuple[str, str]:
        """The sources of the cell of an element, and of its name."""
        base = self.kinds.of(node.value)
        name = self.address(node.value)
        if base.name == "dict":
            key = self.value(node.slice)
            return f"keyed({name}, {key})", f"keyed_name({name}, {key})"
        index = node.slice
        number = index.operand.value if _is_negative(index) else None  # type: ignore[attr-defined]
        if number is not None:
            place = f"({self._length_at(name)} - {number})"
        elif isinstance(index, ast.Constant):
            place = repr(int(index.value))  # type: ignore[arg-type]
        else:
            place = self.value(index)
            return f"({name}, at({place}, {node.lineno}))", f"keyed_name({name}, {place})"
        return f"({name}, {place})", f"keyed_name({name}, {place})"

    def _subscript(self, node: ast.Subscript) -> str:
        base = self.kinds.of(node.value)
        if not base.is_container:
            return f"{self.value(node.value)}[{self.value(node.slice)}]"
        cell, name = self.element(node)
        return self.slot(cell, name, plain=False)

    def key(self, container: ast.expr, key: ast.expr) -> str:
        """Fetch what a dictionary or a set holds for a key; BLANK where it has none."""
        name, value = self.address(container), self.value(key)
        return self.slot(f"keyed({name}, {value})", f"keyed_name({name}, {value})", plain=False)

    def _binop(self, node: ast.BinOp) -> str:
        return f"({self.value(node.left)} {OPERATORS[type(node.op)]} {self.value(node.right)})"

    def _unaryop(self, node: ast.UnaryOp) -> str:
        operand = self.test(node.operand) if isinstance(node.op, ast.Not) else self.value(node.operand)
        return f"({OPERATORS[type(node.op)]}{operand})"

    def _compare(self, node: ast.Compare) -> str:
        first, owner = node.ops[0], self.kinds.of(node.comparators[0])
        if len(node.ops) == 1 and isinstance(first, ast.In | ast.NotIn) and owner.name in ("dict", "set"):
            held = self.key(node.comparators[0], node.left)
            return f"({held} {'!=' if isinstance(first, ast.In) else '=='} BLANK)"
        parts = [self.value(node.left)]
        for op, each in zip(node.ops, node.comparators, strict=True):
            if self.kinds.of(each).name in ("dict", "set") and isinstance(op, ast.In | ast.NotIn):
                raise refused(node, f"{source_of(node)} cannot stand in one comparison", "Write two, with and.")
            parts += [OPERATORS[type(op)], self.value(each)]
        return f"({' '.join(parts)})"

    def _tuple(self, node: ast.Tuple) -> str:
        return f"({' '.join(f'{self.value(each)},' for each in node.elts)})"

    def _joinedstr(self, node: ast.JoinedStr) -> str:
        return f"''.join(({' '.join(f'{self._piece(value)},' for value in node.values)}))"

    def _piece(self, node: ast.expr) -> str:
        if not isinstance(node, ast.FormattedValue):
            return self.value(node)
        value = self.value(node.value)
        if node.conversion != -1:
            value = f"{ {114: 'repr', 115: 'str', 97: 'ascii'}[node.conversion] }({value})"
        return f"format({value}, {self.value(node.format_spec) if node.format_spec else repr('')})"

    def _call(self, node: ast.Call) -> str:
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        name = node.func.id  # type: ignore[attr-defined]
        if name == "len":
            kind = self.kinds.of(node.args[0])
            return self.length(node.args[0]) if kind.is_container else f"len({self.value(node.args[0])})"
        if name in VALUES:
            return f"{name}({', '.join(self.value(each) for each in node.args)})"
        raise refused(node, f"{source_of(node)} cannot stand here", "Give it a name on a line of its own.")

    def _method(self, node: ast.Call, function: ast.Attribute) -> str:
        if function.attr == "get":
            held = self.key(function.value, node.args[0])
            other = self.value(node.args[1]) if len(node.args) > 1 else "None"
            return f"({held} if {held} != BLANK else {other})"
        if function.attr in CHARACTER:
            return f"{self.value(function.value)}.{function.attr}()"
        raise refused(
            node,
            f"{source_of(node)} within an expression changes what the rest of it reads",
            "Give it a name on a line of its own.",
        )


def _is_negative(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
        and type(node.operand.value) is int
        and node.operand.value > 0
    )


def _literal(value: Any) -> str:
    return f"float({str(value)!r})" if isinstance(value, float) else repr(value)


def is_slot(source: str) -> bool:
    """Whether a source is a fetched value as it is."""
    return source[0] == "v" and source[1:].isdigit()


def outcome(source: str) -> bool | None:
    """Whether a source without slots holds; None if it raises, as Python does once it comes there."""
    known = {name: getattr(builtins, name) for name in (*VALUES, "float", "format", "len")}
    try:
        return bool(eval(source, {"__builtins__": known}))
    except Exception:  # noqa: BLE001 - what constants do together
        return None
