"""The kinds of expressions, and which of them cannot be recorded, or hide a loop.

In: an expression's syntax. Out: its `Kind`, or `Refused`.
"""

import ast
import math
from collections.abc import Iterable
from types import EllipsisType

from tailkit.plain.functions import Source
from tailkit.plain.kinds import Kind, of_value
from tailkit.plain.refusal import Hidden, Unclear, hidden, refused, source_of, unclear
from tailkit.plain.wholes import Wholes


class Expressions(Wholes):
    """Sees expressions: `infer.Kinds` does the statements."""

    source: Source
    names: dict[tuple[str, str], Kind]
    _of: dict[int, Kind]
    _here: str
    hidden_too: bool
    whole: set[int]
    first_look: bool
    """Names may still be unclear: what stands further down is not seen yet."""
    was_unclear: bool

    def name(self, function: str, name: str) -> Kind:
        raise NotImplementedError

    def _same(self, kinds: Iterable[Kind], node: ast.AST) -> Kind:
        made = Kind()
        for kind in kinds:
            made = made.meet(kind, node, source_of(node))
        return made

    def see(self, node: ast.expr) -> Kind:
        try:
            kind = self._see(node)
        except Unclear:
            if not self.first_look:
                raise
            self.was_unclear, kind = True, Kind()
        except Hidden as error:
            if not self.hidden_too:
                raise
            kind = self.kind_of_whole(node, error)
            self.whole.add(id(node))
        self._of[id(node)] = kind
        return kind

    def is_whole(self, node: ast.AST) -> bool:
        """Whether an expression hides a loop, and is taken as one state."""
        return id(node) in self.whole

    def _see(self, node: ast.expr) -> Kind:
        method = getattr(self, f"_see_{type(node).__name__.lower()}", None)
        if method is None:
            raise refused(node, f"{source_of(node)} cannot be recorded")
        made: Kind = method(node)
        return made

    def _see_constant(self, node: ast.Constant) -> Kind:
        if isinstance(node.value, float | complex | bytes | EllipsisType) and node.value != math.inf:
            raise refused(node, f"{source_of(node)} is no whole number or string", "Use whole numbers.")
        return of_value(node.value, node)

    def _see_name(self, node: ast.Name) -> Kind:
        if (self._here, node.id) not in self.names and node.id in self.source.constants:
            kind = of_value(self.source.constants[node.id], node)
            return self.name("", node.id).meet(kind, node, node.id)
        if node.id in self.source.functions:
            raise refused(node, f"{node.id} is used as a value", "Call it.")
        return self.name(self._here, node.id)

    def _see_attribute(self, node: ast.Attribute) -> Kind:
        if isinstance(node.value, ast.Name) and node.value.id == "math":
            return Kind("int")
        raise refused(node, f"{source_of(node)} cannot be recorded")

    def _see_binop(self, node: ast.BinOp) -> Kind:
        return self._binary(node, node.op, self.see(node.left), self.see(node.right))

    def _binary(self, node: ast.AST, op: ast.operator, left: Kind, right: Kind) -> Kind:
        names = {left.name, right.name}
        if isinstance(op, ast.Div):
            raise refused(node, "/ gives a number with a fraction", "Use // for whole numbers.")
        if isinstance(op, ast.MatMult):
            raise refused(node, "@ cannot be recorded")
        if isinstance(op, ast.Mod) and left.name in ("str", "text"):
            raise refused(node, "% of a string cannot be recorded", "Use an f-string.")
        if isinstance(op, ast.BitOr | ast.BitAnd | ast.Sub) and "set" in names:
            raise hidden(node, "an operation on whole sets", "Loop over one of them and add to a new set.")
        if names & {"list", "text", "array"}:
            if isinstance(op, ast.Add):
                raise hidden(node, "+ of whole lists or strings", "Append the elements one by one in a loop.")
            raise hidden(node, "* of a whole list or string", "Append the elements one by one in a loop.")
        if names & {"dict", "set"}:
            raise refused(node, f"{source_of(node)} cannot be recorded")
        if "tuple" in names:
            raise hidden(node, "arithmetic on tuples", "Write the parts out.")
        if isinstance(op, ast.Pow) and not _small_power(node):
            raise hidden(node, "**", "Multiply in a loop; only ** 2 and ** 3 are one state.")
        if isinstance(op, ast.Add):
            return left.meet(right, node, source_of(node))
        if isinstance(op, ast.Mult) and "str" in names:
            raise hidden(node, "* of a string", "Append the characters one by one in a loop.")
        for kind in (left, right):
            kind.meet(Kind("int"), node, source_of(node))
        return Kind("int")

    def _see_unaryop(self, node: ast.UnaryOp) -> Kind:
        kind = self.see(node.operand)
        return Kind("int") if isinstance(node.op, ast.Not) else kind.meet(Kind("int"), node, source_of(node))

    def _see_boolop(self, node: ast.BoolOp) -> Kind:
        kinds = [self.see(value) for value in node.values]
        return kinds[-1] if len({kind.name for kind in kinds}) == 1 else Kind("int")

    def _see_compare(self, node: ast.Compare) -> Kind:
        left = self.see(node.left)
        for op, each in zip(node.ops, node.comparators, strict=True):
            right = self.see(each)
            if isinstance(op, ast.In | ast.NotIn):
                self._membership(node, left, right, each)
            elif not isinstance(op, ast.Is | ast.IsNot):
                if left.is_container or right.is_container:
                    sides = {left.name: node.left, right.name: each}
                    raise hidden(node, "a comparison of whole lists or strings", _instead_of_comparison(sides))
                if ({left.name, right.name} <= {"int", "str", "tuple", "?"} and left.name == right.name) or "?" in (
                    left.name,
                    right.name,
                ):
                    left.meet(right, node, source_of(node))
            elif left.is_container and right.is_container:
                raise refused(node, "is between two lists", "Compare what they hold.")
            left = right
        return Kind("int")

    def _membership(self, node: ast.AST, left: Kind, right: Kind, each: ast.expr) -> None:
        if right.name in ("dict", "set"):
            right.parts[0].meet(left, node, f"a key of {source_of(each)}")
        elif right.name in ("list", "text", "array"):
            literal = isinstance(each, ast.List) and all(isinstance(one, ast.Constant) for one in each.elts)
            known = source_of(each, 40)
            loop = f"Write: for x in {source_of(each, 20)}: if x == …; or keep a set beside it."
            raise hidden(node, source_of(node), f"Write a set: {{{known[1:-1]}}}." if literal else loop)
        elif right.name == "?":
            raise unclear(node, each)
        elif right.name not in ("tuple", "str"):
            raise refused(node, f"in on {right.words} cannot be recorded")

    def _see_ifexp(self, node: ast.IfExp) -> Kind:
        self.see(node.test)
        return self.see(node.body).meet(self.see(node.orelse), node, source_of(node))

    def _see_joinedstr(self, node: ast.JoinedStr) -> Kind:
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                kind = self.see(value.value)
                if kind.is_container:
                    raise hidden(node, "a list or string in an f-string", "Put its elements in.")
        return Kind("str")

    def _see_tuple(self, node: ast.Tuple) -> Kind:
        return Kind("tuple", *[self.see(each) for each in node.elts])

    def _see_list(self, node: ast.List) -> Kind:
        return Kind("list", self._same([self.see(each) for each in node.elts], node))

    def _see_set(self, node: ast.Set) -> Kind:
        return Kind("set", self._same([self.see(each) for each in node.elts], node))

    def _see_dict(self, node: ast.Dict) -> Kind:
        if None in node.keys:
            raise refused(node, "** cannot be recorded", "Write the keys out.")
        keys = self._same([self.see(key) for key in node.keys if key], node)
        return Kind("dict", keys, self._same([self.see(value) for value in node.values], node))

    def _see_listcomp(self, node: ast.expr) -> Kind:
        raise hidden(node, f"the comprehension {source_of(node)}", "Give it a line of its own, or write a for loop.")

    _see_setcomp = _see_dictcomp = _see_generatorexp = _see_listcomp

    def _see_subscript(self, node: ast.Subscript) -> Kind:
        base = self.see(node.value)
        if isinstance(node.slice, ast.Slice):
            raise hidden(node, f"the slice {source_of(node)}", _instead_of_slice(node.value, node.slice))
        index = self.see(node.slice)
        if base.name == "dict":
            base.parts[0].meet(index, node, f"a key of {source_of(node.value)}")
            return base.parts[1]
        if base.name == "?":
            raise unclear(node, node.value)
        index.meet(Kind("int"), node, f"the index of {source_of(node.value)}")
        if base.name in ("list", "array"):
            return base.parts[0]
        if base.name in ("text", "str"):
            return Kind("str")
        if base.name == "tuple":
            place = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if isinstance(place, int) and -len(base.parts) <= place < len(base.parts):
                return base.parts[place]
            return self._same(base.parts, node)
        raise refused(node, f"{source_of(node)}: {base.words} has no elements")

    def _see_call(self, node: ast.Call) -> Kind:
        raise NotImplementedError

    def call(self, node: ast.Call, function: ast.FunctionDef) -> Kind:
        """The kind of what a function of the file gives."""
        raise NotImplementedError


def _instead_of_slice(whole: ast.expr, bounds: ast.Slice) -> str:
    name = source_of(whole, 20)
    if bounds.lower is bounds.upper is bounds.step is None:
        return f"Write list({name}) for a copy."
    if bounds.step is not None:
        return f"Loop over a range, such as range(len({name}) - 1, -1, -1), and append."
    return "Hand the bounds over as numbers, or loop over range(…) of them."


def _instead_of_comparison(sides: dict[str, ast.expr]) -> str:
    if sides.keys() == {"text", "str"}:
        name = source_of(sides["text"], 20)
        return f"Compare character by character; if {name} is a single one, it is {name}[0]."
    return "Compare element by element."


def _small_power(node: ast.AST) -> bool:
    power = node.right if isinstance(node, ast.BinOp) else getattr(node, "value", None)
    return isinstance(power, ast.Constant) and power.value in (0, 1, 2, 3)
