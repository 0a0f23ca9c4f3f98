"""Writes hidden loops out as statements: [0] * n, comprehensions, set(xs), sum, min, max, any, all, items, extend.

In: the functions of a `Source`. Out: the same with other bodies, and what was written out, by line, to be shown.
What is written out stays on its line; new names hold the line's number. Whatever is not known here stays as it is,
and is refused later, or taken as one state.
"""

import ast
import copy
from dataclasses import dataclass, field

from tailkit.plain.functions import Source
from tailkit.plain.hoists import HOISTS, always, makes, makes_list
from tailkit.plain.refusal import stands_for
from tailkit.plain.syntax import (
    Renamed,
    added,
    aliases,
    appended,
    assigned,
    call_method,
    called,
    called_name,
    empty,
    is_first,
    is_made,
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
    aliases: set[str]
    """Names that may be another name's list: a loop over the one would follow what is appended to the other."""
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
            mark(made[-1], leads=leads, made=is_made(node))
        self.notes.append(Note(node.lineno, before, "; ".join(one_line(each) for each in made)))
        return [each for statement in made for each in self.block([statement])]

    def _written(self, node: ast.stmt) -> list[ast.stmt] | None:
        """The statements for one that hides a loop; None if it does not, or if it is not known how."""
        if isinstance(node, ast.For):
            return self._views(node) or self._named(node)
        if isinstance(node, ast.AnnAssign) and node.value is not None and makes(node.value):
            return self._written(ast.copy_location(ast.Assign([node.target], node.value), node))
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and makes(node.value):
            return self._list(node.targets[0], node.value, node.lineno)
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name):
            if isinstance(node.value, ast.List):
                return self._appends(node.target, node.value)
            if makes_list(node.value) and not self._may_grow(node.target.id, node.value):
                return self._filled(node.target.id, node.value, node.lineno)
        if isinstance(node, ast.Expr) and is_method(node.value, "extend"):
            return self._extends(node.value)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Expr | ast.If):
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

    def _named(self, node: ast.For) -> list[ast.stmt] | None:
        """for x in sorted(xs), xs[1:] or s.split(), over a list that has a name."""
        given = node.iter
        is_slice = isinstance(given, ast.Subscript) and isinstance(given.slice, ast.Slice)
        is_new = called_name(given) == "sorted" or isinstance(given, ast.BinOp)
        of_method = isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute)
        is_view = any(is_method(given, name) for name in ("keys", "values", "items", "pop", "get"))
        if not (is_slice or is_new or (of_method and not is_view)):
            return None
        name = self.fresh("list", node.lineno)
        over = stands_for(loaded(name), given)
        return [assigned(name, given), ast.For(node.target, over, node.body, node.orelse)]

    def _list(self, target: ast.expr, value: ast.expr, line: int) -> list[ast.stmt]:
        """target = a list that is made by a loop."""
        used = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}
        direct = isinstance(target, ast.Name) and target.id not in used
        name = target.id if direct and isinstance(target, ast.Name) else self.fresh("list", line)
        made = [assigned(name, empty(value)), *self._filled(name, value, line)]
        return made if direct else [*made, ast.Assign([target], loaded(name))]

    def _filled(self, name: str, value: ast.expr, line: int) -> list[ast.stmt]:
        if isinstance(value, ast.ListComp):
            element, generators = self._own_names(value.elt, value.generators, line)
            return loops(generators, [appended(name, element)])
        if isinstance(value, ast.SetComp):
            element, generators = self._own_names(value.elt, value.generators, line)
            return loops(generators, [ast.Expr(call_method(name, "add", element))])
        if isinstance(value, ast.DictComp):
            pair, generators = self._own_names(ast.Tuple([value.key, value.value], ast.Load()), value.generators, line)
            assert isinstance(pair, ast.Tuple)
            entry = ast.Subscript(loaded(name), pair.elts[0], ast.Store())
            return loops(generators, [ast.Assign([entry], pair.elts[1])])
        if isinstance(value, ast.Call):
            each, method = self.fresh("x", line), "append" if called_name(value) == "list" else "add"
            adds = ast.Expr(call_method(name, method, loaded(each)))
            return [ast.For(ast.Name(each, ast.Store()), value.args[0], [adds], [])]
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
        if not isinstance(owner, ast.Name) or len(given) != 1 or self._may_grow(owner.id, given[0]):
            return None
        if makes_list(given[0]):
            return self._filled(owner.id, given[0], call.lineno)
        name = self.fresh("x", call.lineno)
        return [ast.For(ast.Name(name, ast.Store()), given[0], [appended(owner.id, loaded(name))], [])]

    def _may_grow(self, owner: str, given: ast.expr) -> bool:
        """Whether what is read may be the list that grows."""
        names = names_in(given)
        return owner in names or (owner in self.aliases and not self.aliases.isdisjoint(names))

    def _hoisted(self, node: ast.stmt) -> list[ast.stmt] | None:
        """Take the first sum, min, max, any, all or new list out of an expression, to a loop before it."""
        inside = node.test if isinstance(node, ast.If) else getattr(node, "value", None)
        if inside is None:
            return None
        acting = [each for each in ast.walk(inside) if self._acts(each)]
        for parent, name, place, child in always(node):
            stem = next((stem for stem, known in HOISTS.items() if known(child)), None)
            # What encloses it acts after it; what stands beside it may act before.
            if stem is None or not all(each is not child and child in ast.walk(each) for each in acting):
                continue
            held = self.fresh(stem, node.lineno)
            before = self._list(ast.Name(held, ast.Store()), child, node.lineno) if stem == "list" else (
                self._folded(held, child, node.lineno)
            )  # fmt: skip
            standing = stands_for(loaded(held), child)
            if place is None:
                setattr(parent, name, standing)
            else:
                getattr(parent, name)[place] = standing
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


def write_out(source: Source) -> list[Note]:
    """Write hidden loops of all functions out, where that is known; returns what was, in order of lines."""
    notes: list[Note] = []
    for function in source.functions.values():
        names = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}
        names |= {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
        writer = _Writer(names | set(source.constants), set(source.functions), aliases(function))
        function.body = writer.block(function.body)
        notes += writer.notes
    return sorted(notes, key=lambda note: note.line)
