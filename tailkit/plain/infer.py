"""Finds what each name and expression of a function holds.

In: a `Source` and the kinds of the entry's arguments. Out: `Kinds`. A name has one kind all through its
function (None goes with any); `Refused` where it would have two, or where no kind can be told.
"""

import ast

from tailkit.plain.calls import kind_of_call
from tailkit.plain.expressions import Expressions
from tailkit.plain.functions import Source
from tailkit.plain.hints import hinted
from tailkit.plain.kinds import Kind
from tailkit.plain.refusal import Unclear, hidden, refused, source_of, unclear


class Kinds(Expressions):
    """The kinds of all names and expressions of a source."""

    def __init__(self, source: Source, arguments: dict[str, Kind], *, hidden_too: bool = False) -> None:
        self.source, self.hidden_too = source, hidden_too
        self.names: dict[tuple[str, str], Kind] = {}
        self.results = {name: Kind() for name in source.functions}
        self.whole: set[int] = set()
        self._of: dict[int, Kind] = {}
        self._kept: list[ast.AST] = []  # an id belongs to another object once its own is gone
        self._done: set[str] = set()
        self._here = source.entry.name
        self.first_look, self.was_unclear = True, False
        for name, kind in arguments.items():
            self.names[self._here, name] = kind
        self._function(self._here)
        self.first_look = False
        if self.was_unclear:
            self._done.clear()
            self._function(self._here)

    def of(self, node: ast.AST) -> Kind:
        return self._of.get(id(node)) or Kind("int")

    def same(self, new: ast.AST, old: ast.AST) -> None:
        """Give an expression made of another its kind."""
        self._of[id(new)] = self.of(old)
        if self.is_whole(old):
            self.whole.add(id(new))
        self._kept.append(new)

    def name(self, function: str, name: str) -> Kind:
        return self.names.setdefault((function, name), Kind())

    def _function(self, name: str) -> None:
        if name in self._done:
            return
        self._done.add(name)
        before, self._here = self._here, name
        self._block(self.source.functions[name].body)
        self._here = before

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            kind = self.see(node.value)
            for target in node.targets:
                self._bind(target, kind, node)
                if isinstance(node.value, ast.BinOp) and _names_in(target) & _names_in(node.value):
                    self._check_growth(node, target, node.value.op)
        elif isinstance(node, ast.AnnAssign):
            if node.value:
                kind = self.see(node.value)
                if kind.parts:
                    kind.meet(hinted(node.annotation), node, source_of(node.target))
                self._bind(node.target, kind, node)
        elif isinstance(node, ast.AugAssign):
            self.see(node.value)
            self._binary(node, node.op, self.see(node.target), self.of(node.value))
            self._check_growth(node, node.target, node.op)
        elif isinstance(node, ast.Return):
            if node.value:
                self.results[self._here].meet(self.see(node.value), node, f"what {self._here} returns")
        elif isinstance(node, ast.Expr):
            self.see(node.value)
        elif isinstance(node, ast.If | ast.While):
            self.see(node.test)
            self._block(node.body)
            self._block(node.orelse)
        elif isinstance(node, ast.For):
            self._bind(node.target, self._looped(node.iter), node)
            self._block(node.body)
            self._block(node.orelse)

    def _check_growth(self, node: ast.stmt, target: ast.expr, op: ast.operator) -> None:
        """A string that is built piece by piece gets longer and longer."""
        grows = isinstance(op, ast.Add) and isinstance(target, ast.Name) and self.of(target).name == "str"
        if grows and not self.hidden_too:
            raise hidden(node, f"the string {source_of(target)}, which grows,", "Append to a list, and return that.")

    def _bind(self, target: ast.expr, kind: Kind, node: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self._of[id(target)] = self.name(self._here, target.id)
            self.name(self._here, target.id).meet(kind, node, target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            whole = kind if kind.name != "?" else kind.meet(Kind("tuple", *[Kind() for _ in target.elts]), node, "it")
            if whole.name != "tuple" or len(whole.parts) != len(target.elts):
                raise refused(
                    node,
                    f"{source_of(target)} takes apart {whole.words}",
                    "Only tuples are taken apart; write x[0], x[1].",
                )
            for each, part in zip(target.elts, whole.parts, strict=True):
                self._bind(each, part, node)
        elif isinstance(target, ast.Subscript):
            self.see(target).meet(kind, node, f"an element of {source_of(target.value)}")
        else:
            raise refused(node, f"{source_of(target)} cannot be assigned")

    def _looped(self, node: ast.expr) -> Kind:
        try:
            return self._element(node)
        except Unclear:
            if not self.first_look:
                raise
            self.was_unclear = True
            return Kind()

    def _element(self, node: ast.expr) -> Kind:
        """The kind of what a loop over an expression gives."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name, given = node.func.id, node.args
            if name == "range":
                for argument in given:
                    self.see(argument).meet(Kind("int"), node, "a bound of range")
                return Kind("int")
            if name == "reversed" and len(given) == 1:
                return self._element(given[0])
            if name == "enumerate" and given:
                return Kind("tuple", Kind("int"), self._element(given[0]))
            if name == "zip":
                return Kind("tuple", *[self._element(each) for each in given])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
            kind = self.see(node.func.value)
            if kind.name == "dict" and node.func.attr in ("keys", "values", "items"):
                parts = {"keys": kind.parts[0], "values": kind.parts[1], "items": Kind("tuple", *kind.parts)}
                return parts[node.func.attr]
        kind = self.see(node)
        if kind.name in ("list", "array", "set", "dict"):
            return kind.parts[0]
        if kind.name in ("text", "str"):
            return Kind("str")
        if kind.name == "tuple" and kind.parts:
            return self._same(kind.parts, node)
        if kind.name == "?":
            raise unclear(node, node)
        raise refused(node, f"a loop over {source_of(node)}, which is {kind.words}", "Loop over a range or a list.")

    def _see_call(self, node: ast.Call) -> Kind:
        return kind_of_call(self, node)

    def call(self, node: ast.Call, function: ast.FunctionDef) -> Kind:
        """The kind of what a function of the file gives; its parameters have the kinds of the arguments."""
        for name, value in bound(node, function).items():
            kind = self.see(value)
            self.name(function.name, name).meet(kind, node, f"{name} of {function.name}")
        self._function(function.name)
        return self.results[function.name]


def bound(node: ast.Call, function: ast.FunctionDef) -> dict[str, ast.expr]:
    """The arguments of a call by the names of the parameters, defaults included, in the order of evaluation."""
    head = function.args
    placed = [each.arg for each in (*head.posonlyargs, *head.args)]
    parameters = [*placed, *[each.arg for each in head.kwonlyargs]]
    if len(node.args) > len(placed) or any(keyword.arg not in parameters for keyword in node.keywords):
        raise refused(node, f"{source_of(node)} does not fit {function.name}({', '.join(parameters)})")
    given = dict(zip(placed, node.args, strict=False))
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg in given:
            raise refused(node, f"{source_of(node)} gives an argument twice, or with **")
        given[keyword.arg] = keyword.value
    for name, value in zip(placed[len(placed) - len(head.defaults) :], head.defaults, strict=True):
        given.setdefault(name, value)
    for name, default in zip(parameters[len(placed) :], head.kw_defaults, strict=True):
        if default is not None:
            given.setdefault(name, default)
    if missing := [name for name in parameters if name not in given]:
        raise refused(node, f"{source_of(node)} lacks {missing[0]}")
    return given


def _names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
