"""Takes conditions, calls and new lists out of an expression, so that what is left is fetched and computed at once.

In: an expression. Out: the first condition in it and how it reads with another in its place; or the calls and new
lists in the order in which Python meets them, and the expression with `Held` values in their place.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tailkit.plain.infer import Kinds
from tailkit.plain.reads import RETURNED, Held
from tailkit.plain.refusal import refused, source_of

Replace = Callable[[ast.expr], ast.expr]


def first_condition(kinds: Kinds, node: ast.expr) -> tuple[ast.expr, Replace] | None:
    """The first condition (a if c else b, and, or) inside an expression, and the expression with another for it."""
    if kinds.is_whole(node):
        return None
    if isinstance(node, ast.IfExp | ast.BoolOp):
        return node, lambda other: other
    if isinstance(node, ast.Compare) and (long := _as_and(kinds, node)):
        return long, lambda other: other
    for name, place, child in children(node):
        if inner := first_condition(kinds, child):
            return inner[0], _around(kinds, node, (name, place), inner[1])
        if any(is_action(kinds, each) for each in ast.walk(child)) and _later_condition(kinds, node, child):
            raise refused(
                node, f"a call before a condition in {source_of(node)}", "Give what the call returns a name first."
            )
    return None


def _around(kinds: Kinds, node: ast.expr, at: tuple[str, int | None], replace: Replace) -> Replace:
    return lambda other: with_child(kinds, node, *at, replace(other))


def _later_condition(kinds: Kinds, node: ast.expr, child: ast.expr) -> bool:
    after = False
    for _, _, each in children(node):
        if after and first_condition(kinds, each):
            return True
        after = after or each is child
    return False


def _as_and(kinds: Kinds, node: ast.Compare) -> ast.expr | None:
    """A chain of comparisons whose later parts fetch elements, as comparisons with and."""
    if len(node.ops) == 1 or all(_is_simple(each) for each in node.comparators[1:]):
        return None
    if any(is_action(kinds, each) for each in ast.walk(node)):
        raise refused(node, f"a call in the chain {source_of(node)}", "Give what it returns a name first.")
    left, parts = node.left, list[ast.expr]()
    for op, each in zip(node.ops, node.comparators, strict=True):
        parts.append(like(kinds, node, ast.Compare(left, [op], [each])))
        left = each
    return like(kinds, node, ast.BoolOp(ast.And(), parts))


def _is_simple(node: ast.expr) -> bool:
    allowed = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
    is_length = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"
    parts = ast.walk(node.args[0] if is_length else node)  # type: ignore[attr-defined]
    return all(isinstance(each, allowed) for each in parts)


def children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.expr]]:
    """The expressions directly inside one, in the order in which Python evaluates them."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield "func", None, node.func
    if isinstance(node, ast.Dict):
        for place, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            assert key is not None
            yield "keys", place, key
            yield "values", place, value
        return
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            for place, each in enumerate(value):
                if isinstance(each, ast.keyword):
                    yield name, place, each.value
                elif isinstance(each, ast.expr):
                    yield name, place, each
        elif isinstance(value, ast.expr) and not (isinstance(node, ast.Call) and name == "func"):
            yield name, None, value


def like(kinds: Kinds, old: ast.expr, new: ast.expr) -> ast.expr:
    """A new expression in the place of an old one, of its kind and line."""
    ast.copy_location(new, old)
    kinds.same(new, old)
    return new


def with_child(kinds: Kinds, node: ast.expr, name: str, place: int | None, child: ast.expr) -> ast.expr:
    made = copy.copy(node)
    if place is None:
        setattr(made, name, child)
    else:
        values = list(getattr(node, name))
        if isinstance(values[place], ast.keyword):
            values[place] = ast.keyword(values[place].arg, child)
        else:
            values[place] = child
        setattr(made, name, values)
    kinds.same(made, node)
    return made


def is_call(kinds: Kinds, node: ast.AST) -> bool:
    """Whether a node calls a function of the file."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds.source.functions


def is_new(node: ast.AST) -> bool:
    """Whether a node makes a new list, dictionary or set."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args:
        return node.func.id in ("list", "dict", "set")
    return isinstance(node, ast.List | ast.Dict | ast.Set) and not isinstance(getattr(node, "ctx", None), ast.Store)


def is_action(kinds: Kinds, node: ast.AST) -> bool:
    return kinds.is_whole(node) or is_call(kinds, node) or is_new(node) or is_pop(kinds, node)


def is_pop(kinds: Kinds, node: ast.AST) -> bool:
    """Whether a node takes the last element off a list."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.args:
        return False
    return node.func.attr == "pop" and kinds.of(node.func.value).name == "list"


@dataclass
class Action:
    """A call of the file's own, or a new list; its arguments hold what earlier actions left."""

    node: ast.expr
    result: Held
    keeps: list[tuple[Held, str]]


class Actions:
    """Takes the actions out of an expression, in order."""

    def __init__(self, kinds: Kinds, changes: Callable[[ast.expr], bool]) -> None:
        self.kinds, self.changes = kinds, changes
        self.taken: list[Action] = []
        self._pending: list[ast.expr] = []

    def without(self, node: ast.expr) -> ast.expr:
        """The expression with held values for its actions."""
        before = len(self._pending)
        made = node
        if self.kinds.is_whole(node) and (calls := [each for each in ast.walk(node) if is_call(self.kinds, each)]):
            raise refused(calls[0], f"a call inside of {source_of(node)}", "Give what it returns a name first.")
        for name, place, child in [] if self.kinds.is_whole(node) else list(children(node)):
            new = self.without(child)
            if new is not child:
                made = with_child(self.kinds, made, name, place, new)
        if is_action(self.kinds, node):
            del self._pending[before:]
            acts = is_call(self.kinds, node) or is_pop(self.kinds, node)
            if acts and self._pending and self.changes(node):
                raise refused(
                    node,
                    f"{source_of(node)} may change {source_of(self._pending[0])}, read before it in the same line",
                    f"Give {source_of(self._pending[0])} a name on a line before.",
                )
            result = Held(RETURNED, node)
            self.kinds.same(result, node)
            self.taken.append(Action(made, result, []))
            return result
        if isinstance(node, ast.Subscript) or (isinstance(node, ast.Call) and not is_call(self.kinds, node)):
            self._pending.append(node)
        return made

    def settle(self, last: ast.expr) -> None:
        """Decide where each result waits: as what came back, or, over another action, under a name of its own."""
        users = [*[action.node for action in self.taken], last]
        for number, action in enumerate(self.taken):
            if not is_call(self.kinds, action.node):
                action.result.name, action.result.framed = f"({number + 1})", True
                continue
            if not any(each is action.result for each in ast.walk(users[number + 1])) and number + 1 < len(self.taken):
                name = f"({number + 1})"
                kept = Held(RETURNED, action.node)
                self.kinds.same(kept, action.node)
                self.taken[number + 1].keeps.append((kept, name))
                action.result.name, action.result.framed = name, True
