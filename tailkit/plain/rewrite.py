"""Writes hidden loops out as statements: [0] * n, comprehensions, sum, min, max, any, all, items, extend.

In: the functions of a `Source`. Out: the same with other bodies, and what was written out, by line, to be shown.
What is written out stays on its line; new names hold the line's number. Whatever is not known here stays as it is,
and is refused later, or taken as one state.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tailkit.plain.source import Source
from tailkit.plain.syntax import (
    Renamed,
    added,
    appended,
    assigned,
    called,
    is_first,
    is_method,
    loaded,
    loops,
    mark,
    names_in,
    one_line,
)


@dataclass(frozen=True)
class Note:
    """What was written out: its line, how it stood there, and the statements."""

    line: int
    before: str
    after: str


@dataclass
class _Writer:
    """Writes out one function."""

    names: set[str]
    own_calls: set[str]
    notes: list[Note] = field(default_factory=list)

    def fresh(self, stem: str, line: int) -> str:
        """A name that the function does not use."""
        name = f"{stem}{line}"
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [each for statement in body for each in self.statement(statement)]

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        for part in ("body", "orelse"):
            if isinstance(node, ast.If | ast.For | ast.While):
                setattr(node, part, self.block(getattr(node, part)))
        before = one_line(node)
        made = self._written(node)
        if made is None:
            return [node]
        leads = is_first(node)
        for place, each in enumerate(made):
            for inner in ast.walk(each):
                # What was there before keeps its line.
                if isinstance(inner, ast.stmt) and (inner is node or not hasattr(inner, "lineno")):
                    mark(inner, leads=leads and place == 0 and inner is each)
                if not hasattr(inner, "lineno"):
                    ast.copy_location(inner, node)
            ast.fix_missing_locations(each)
        if isinstance(node, ast.For):
            mark(made[0], leads=leads, made=False)
        self.notes.append(Note(node.lineno, before, "; ".join(one_line(each) for each in made)))
        return [each for statement in made for each in self.block([statement])]

    def _written(self, node: ast.stmt) -> list[ast.stmt] | None:
        """The statements for one that hides a loop; None if it does not, or if it is not known how."""
        if isinstance(node, ast.For):
            return self._views(node)
        if isinstance(node, ast.AnnAssign) and node.value is not None and _makes(node.value):
            return self._written(ast.copy_location(ast.Assign([node.target], node.value), node))
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and _makes(node.value):
            return self._list(node.targets[0], node.value, node.lineno)
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.value, ast.List):
            return self._appends(node.target, node.value)
        if isinstance(node, ast.Expr) and is_method(node.value, "extend"):
            return self._extends(node.value)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Expr):
            return self._hoisted(node)
        return None

    def _views(self, node: ast.For) -> list[ast.stmt] | None:
        """for k, v in d.items() and for v in d.values(), over the keys."""
        view = node.iter
        if not (is_method(view, "items") or is_method(view, "values")) or not isinstance(view, ast.Call):
            return None
        assert isinstance(view.func, ast.Attribute)
        owner = view.func.value
        if not isinstance(owner, ast.Name) or view.args:
            return None
        if view.func.attr == "items":
            if not isinstance(node.target, ast.Tuple) or len(node.target.elts) != 2:
                return None
            key, value = node.target.elts
        else:
            key, value = ast.Name(self.fresh("key", node.lineno), ast.Store()), node.target
        if not isinstance(key, ast.Name):
            return None
        at = ast.Subscript(owner, ast.Name(key.id, ast.Load()), ast.Load())
        take = ast.Assign([value], at)
        return [ast.For(key, owner, [take, *node.body], node.orelse)]

    def _list(self, target: ast.expr, value: ast.expr, line: int) -> list[ast.stmt]:
        """target = a list that is made by a loop."""
        used = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}
        direct = isinstance(target, ast.Name) and target.id not in used
        name = target.id if direct and isinstance(target, ast.Name) else self.fresh("list", line)
        made = [assigned(name, ast.List([], ast.Load())), *self._filled(name, value, line)]
        return made if direct else [*made, ast.Assign([target], loaded(name))]

    def _filled(self, name: str, value: ast.expr, line: int) -> list[ast.stmt]:
        if isinstance(value, ast.ListComp):
            element, generators = self._own_names(value.elt, value.generators, line)
            return loops(generators, [appended(name, element)])
        if isinstance(value, ast.Call):
            each = self.fresh("x", line)
            return [ast.For(ast.Name(each, ast.Store()), value.args[0], [appended(name, loaded(each))], [])]
        assert isinstance(value, ast.BinOp)
        parts, times = (value.left, value.right) if isinstance(value.left, ast.List) else (value.right, value.left)
        assert isinstance(parts, ast.List)
        before: list[ast.stmt] = []
        elements: list[ast.expr] = []
        for part in parts.elts:
            if isinstance(part, ast.Constant | ast.Name):
                elements.append(part)
            else:  # it is evaluated once: all are the same list
                held = self.fresh("part", line)
                before.append(assigned(held, part))
                elements.append(loaded(held))
        counter = ast.Name(self.fresh("i", line), ast.Store())
        body: list[ast.stmt] = [appended(name, element) for element in elements]
        return [*before, ast.For(counter, called("range", times), body, [])]

    def _own_names(
        self, element: ast.expr, generators: list[ast.comprehension], line: int
    ) -> tuple[ast.expr, list[ast.comprehension]]:
        """A comprehension whose variables are no variables of the function."""
        names = [each.id for one in generators for each in ast.walk(one.target) if isinstance(each, ast.Name)]
        renamed = Renamed({name: self.fresh(name, line) for name in names})
        first = generators[0].iter  # outside of the comprehension's names
        made = [renamed.visit(copy.deepcopy(one)) for one in generators]
        made[0].iter = first
        return renamed.visit(copy.deepcopy(element)), made

    def _appends(self, target: ast.expr, value: ast.List) -> list[ast.stmt] | None:
        """xs += [a, b]."""
        if not isinstance(target, ast.Name) or not value.elts:
            return None
        if any(isinstance(each, ast.Name) and each.id == target.id for each in ast.walk(value)):
            return None
        return [appended(target.id, each) for each in value.elts]

    def _extends(self, call: ast.expr) -> list[ast.stmt] | None:
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Attribute)
        owner, given = call.func.value, call.args
        if not isinstance(owner, ast.Name) or len(given) != 1 or owner.id in names_in(given[0]):
            return None
        name = self.fresh("x", call.lineno)
        return [ast.For(ast.Name(name, ast.Store()), given[0], [appended(owner.id, loaded(name))], [])]

    def _hoisted(self, node: ast.stmt) -> list[ast.stmt] | None:
        """Take the first sum, min, max, any, all or new list out of an expression, to a loop before it."""
        inside = getattr(node, "value", None)
        if inside is None or any(self._acts(each) for each in ast.walk(inside)):
            return None
        for parent, name, place, child in _always(node):
            stem = next((stem for stem, known in HOISTS.items() if known(child)), None)
            if stem is None:
                continue
            held = self.fresh(stem, node.lineno)
            before = self._list(ast.Name(held, ast.Store()), child, node.lineno) if stem == "list" else (
                self._folded(held, child, node.lineno)
            )  # fmt: skip
            changed = copy.deepcopy(node) if parent is None else node
            if place is None:
                setattr(parent or changed, name, loaded(held))
            else:
                getattr(parent, name)[place] = loaded(held)
            return [*before, node]
        return None

    def _acts(self, node: ast.AST) -> bool:
        """Whether a node calls a function of the file, or pops: then the order counts."""
        if not isinstance(node, ast.Call):
            return False
        return (isinstance(node.func, ast.Name) and node.func.id in self.own_calls) or is_method(node, "pop")

    def _folded(self, name: str, call: ast.expr, line: int) -> list[ast.stmt]:
        """sum, min, max, any, all of a list or a comprehension, as a loop over it."""
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Name)
        kind, given = call.func.id, call.args[0]
        if isinstance(given, ast.GeneratorExp | ast.ListComp):
            element, generators = self._own_names(given.elt, given.generators, line)
        else:
            each = self.fresh("x", line)
            element = loaded(each)
            generators = [ast.comprehension(ast.Name(each, ast.Store()), given, [], 0)]
        if kind == "sum":
            start = call.args[1] if len(call.args) > 1 else ast.Constant(0)
            return [assigned(name, start), *loops(generators, [added(name, element)])]
        if kind in ("any", "all"):
            test = element if kind == "any" else ast.UnaryOp(ast.Not(), element)
            stop: list[ast.stmt] = [assigned(name, ast.Constant(kind == "any")), ast.Break()]
            return [assigned(name, ast.Constant(kind != "any")), *loops(generators, [ast.If(test, stop, [])])]
        # None stands for nothing yet, so that no number has to.
        new: list[ast.stmt] = []
        if not isinstance(element, ast.Name):
            held = self.fresh("x", line)
            new, element = [assigned(held, element)], loaded(held)
        sign: ast.cmpop = ast.Lt() if kind == "min" else ast.Gt()
        is_first = ast.Compare(loaded(name), [ast.Is()], [ast.Constant(None)])
        better = ast.BoolOp(ast.Or(), [is_first, ast.Compare(element, [sign], [loaded(name)])])
        taking: ast.stmt = ast.If(better, [assigned(name, element)], [])
        return [assigned(name, ast.Constant(None)), *loops(generators, [*new, taking])]


def _makes(node: ast.expr) -> bool:
    """Whether an expression is a list that a loop makes."""
    if isinstance(node, ast.ListComp):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return isinstance(node.left, ast.List) or isinstance(node.right, ast.List)
    is_list = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "list"
    return is_list and len(node.args) == 1  # type: ignore[attr-defined]


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
    "list": _makes,
}


def _always(node: ast.stmt) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """The expressions of a statement's value that are always evaluated, each with where it stands."""
    waiting: list[ast.AST] = [node]
    while waiting:
        parent = waiting.pop(0)
        for name, value in ast.iter_fields(parent):
            if parent is node and name not in ("value",):
                continue
            for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(child, ast.expr):
                    yield parent, name, place, child
                    if not isinstance(child, ast.IfExp | ast.BoolOp | ast.ListComp | ast.GeneratorExp | ast.Lambda):
                        waiting.append(child)


def write_out(source: Source) -> list[Note]:
    """Write hidden loops of all functions out, where that is known; returns what was, in order of lines."""
    notes: list[Note] = []
    for function in source.functions.values():
        names = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}
        names |= {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
        writer = _Writer(names | set(source.constants), set(source.functions))
        function.body = writer.block(function.body)
        notes += writer.notes
    return sorted(notes, key=lambda note: note.line)
