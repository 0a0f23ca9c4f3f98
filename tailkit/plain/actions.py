"""Lowers what an expression needs before it can be fetched and computed: conditions, calls, new lists.

In: expressions of a statement. Out: the number of the state where they begin.
"""

import ast
from collections.abc import Callable
from contextlib import AbstractContextManager

from tailkit.plain.functions import Source
from tailkit.plain.infer import Kinds, bound
from tailkit.plain.reads import Held, Reads, is_slot, outcome
from tailkit.plain.refusal import refused, source_of
from tailkit.plain.split import Actions, first_condition, is_action, is_call, is_pop, like
from tailkit.plain.table import Exits, LineState, StateTable, Target
from tailkit.plain.whole import lower_whole

BACK = "from"
"""The cell of the line to which a call returns; no variable can be called so."""
COUNTER = "@"
"""The cell of how many lists without a name of their own there are."""
MARK = "END"


class ValueLower:
    """Lowers expressions: `lower.Lowering` does the statements."""

    source: Source
    kinds: Kinds
    table: StateTable
    changes: Callable[[ast.expr], bool]
    statics: dict[str, str]
    entries: dict[str, int]
    loop: int | None

    def state(self, line: int, role: str, number: int | None = None) -> LineState:
        raise NotImplementedError

    def reads(self) -> Reads:
        raise NotImplementedError

    def number(self) -> int:
        raise NotImplementedError

    def alias(self, number: int, then: int) -> None:
        raise NotImplementedError

    def block(self, body: list[ast.stmt], after: int) -> int:
        raise NotImplementedError

    def popped(self, call: ast.Call, result: Held, keeps: list[tuple[Held, str]], after: int) -> int:
        raise NotImplementedError

    def inside(self, exits: Exits, loop: int) -> AbstractContextManager[None]:
        raise NotImplementedError

    def branches(self, node: ast.expr, lower: Callable[[ast.expr], int]) -> int:
        """Lower an expression for each outcome of the conditions in it; returns where that begins."""
        first = first_condition(self.kinds, node)
        if first is None:
            return lower(node)
        condition, replace = first
        line = node.lineno
        if isinstance(condition, ast.IfExp):
            then = self.branches(replace(condition.body), lower)
            return self.branch(condition.test, then, self.branches(replace(condition.orelse), lower), line, "test")
        assert isinstance(condition, ast.BoolOp)
        head, rest = condition.values[0], condition.values[1:]
        if any(is_action(self.kinds, each) for each in ast.walk(head)):
            return self._kept_condition(condition, replace, lower)
        left = rest[0] if len(rest) == 1 else like(self.kinds, condition, ast.BoolOp(condition.op, rest))
        is_and = isinstance(condition.op, ast.And)
        kept = self.branches(replace(self._decided(head, not is_and)), lower)
        going = self.branches(replace(left), lower)
        return self.branch(head, *((going, kept) if is_and else (kept, going)), line, "test")

    def _kept_condition(
        self, condition: ast.BoolOp, replace: Callable[[ast.expr], ast.expr], lower: Callable[[ast.expr], int]
    ) -> int:
        """`and` or `or` whose first part calls: its value waits in a cell, is tested there, and kept if it decides."""
        head, rest = condition.values[0], condition.values[1:]
        if self.kinds.of(head).is_container:
            raise refused(head, f"{source_of(head)} as a part of and / or that is kept", "Write if and else.")
        held = Held("(0)", head, framed=True)
        self.kinds.same(held, head)
        left = rest[0] if len(rest) == 1 else like(self.kinds, condition, ast.BoolOp(condition.op, rest))
        kept, going = self.branches(replace(held), lower), self.branches(replace(left), lower)
        ways = (going, kept) if isinstance(condition.op, ast.And) else (kept, going)
        test = self._test(held, *ways, line=head.lineno, role="test")

        def keep(leaf: ast.expr) -> int:
            state, reads = self.state(head.lineno, "assign"), self.reads()
            value = reads.value(leaf)
            state.targets = [Target(reads.cell(held.name), held.name, value, moves=is_slot(value))]
            state.slots, state.then, state.about = reads.slots, test, source_of(head)
            return state.number

        return self.branches(head, lambda each: self.acted(each, keep))

    def _decided(self, node: ast.expr, outcome: bool) -> ast.expr:
        """What the first part of `and` or `or` gives where it decides: a comparison gives True or False."""
        if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            return like(self.kinds, node, ast.Constant(outcome))
        if self.kinds.of(node).is_container:
            raise refused(node, f"{source_of(node)} as a part of and / or that is kept", "Write if and else.")
        return node

    def branch(self, node: ast.expr, then: int, other: int, line: int, role: str) -> int:
        """Lower a test; returns where it begins."""
        if isinstance(node, ast.BoolOp):
            *heads, last = node.values
            number = self.branch(last, then, other, line, role)
            for head in reversed(heads):
                ways = (number, other) if isinstance(node.op, ast.And) else (then, number)
                number = self.branch(head, *ways, line, role)
            return number
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.branch(node.operand, other, then, line, role)
        if isinstance(node, ast.Constant):
            return then if node.value else other
        if isinstance(node, ast.IfExp):
            body, orelse = (self.branch(each, then, other, line, role) for each in (node.body, node.orelse))
            return self.branch(node.test, body, orelse, line, role)
        first = first_condition(self.kinds, node)
        if first and first[0] is not node and isinstance(node, ast.Compare) and first[1](node) is node:
            return self.branch(first[0], then, other, line, role)
        return self.branches(
            node, lambda each: self.acted(each, lambda leaf: self._test(leaf, then, other, line, role))
        )

    def _test(self, node: ast.expr, then: int, other: int, line: int, role: str) -> int:
        reads = self.reads()
        test = reads.test(node)
        if not reads.slots and (known := outcome(test)) is not None:
            return then if known else other
        state = self.state(line, role)
        state.slots, state.test, state.then, state.other = reads.slots, test, then, other
        state.about = source_of(node)
        return state.number

    def acted(self, node: ast.expr, lower: Callable[[ast.expr], int]) -> int:
        """Lower the calls and new lists of an expression, then what is left of it; returns where that begins."""
        actions = Actions(self.kinds, self.changes)
        last = actions.without(node)
        actions.settle(last)
        number = lower(last)
        return self._before(actions, number)

    def _before(self, actions: Actions, number: int) -> int:
        """The states of actions, before a state that needs what they give."""
        for action in reversed(actions.taken):
            node = action.node
            if is_call(self.kinds, node):
                assert isinstance(node, ast.Call)
                number = self._calling(node, action.keeps, number)
            elif is_pop(self.kinds, node):
                assert isinstance(node, ast.Call)
                number = self.popped(node, action.result, action.keeps, number)
            else:
                number = self._making(node, action.keeps, number, held=action.result)
        return number

    def _calling(self, node: ast.Call, keeps: list[tuple[Held, str]], after: int) -> int:
        state, reads = self.state(node.lineno, "call"), self.reads()
        function = self.source.functions[node.func.id]  # type: ignore[attr-defined]
        state.about = source_of(node)
        for kept, name in keeps:
            state.targets.append(Target(reads.cell(name), name, reads.value(kept), moves=True))
        for name, value in bound(node, function).items():
            given = reads.value(value)
            state.targets.append(Target(f'(f"{name}.{{f + 1}}",)', name, given, moves=is_slot(given)))
        state.targets.append(Target(f'(f"{BACK}.{{f + 1}}",)', BACK, "", label=after))
        state.slots, state.then, state.other = reads.slots, self.entries[function.name], after
        return state.number

    def _making(
        self, node: ast.expr, keeps: list[tuple[Held, str]], after: int, *, held: Held | None = None, target: str = ""
    ) -> int:
        """A state that makes a list, and leaves its name in a cell; one with a name of its own needs none."""
        state, reads = self.state(node.lineno, "make"), self.reads()
        kind = self.kinds.of(node).name
        static = self.statics.get(target)
        state.about = source_of(node)
        for kept, name in keeps:
            state.targets.append(Target(reads.cell(name), name, reads.value(kept), moves=True))
        if self.kinds.is_whole(node):
            lower_whole(node, state, reads)
            state.gives_list = kind == "list"
            if kind != "list":
                name = target or (held.name if held else "")
                state.targets.append(Target(reads.cell(name), name, ""))
                state.slots, state.then = reads.slots, after
                return state.number
        if static is None:
            self.table.makes_objects = True
            count = reads.slot(f"({COUNTER!r},)", COUNTER)
            owner = f"'@' + str({count})"
            state.targets.append(Target(f"({COUNTER!r},)", COUNTER, f"{count} + 1"))
            name = target or (held.name if held else "")
            state.targets.append(Target(reads.cell(name), name, f"Ref({owner}, {kind!r})"))
        else:
            owner = repr(static)
        self._contents(state, reads, node, owner)
        state.slots, state.then = reads.slots, after
        return state.number

    def _contents(self, state: LineState, reads: Reads, node: ast.expr, owner: str) -> None:
        """The elements of a new list, the mark after them, and how many they are."""
        plain = owner[0] == "'" and "+" not in owner
        if state.gives_list:
            state.targets.append(Target(owner, owner, "", plain=False))
            return
        kind = self.kinds.of(node).name
        length = f"#{owner[1:-1]}" if plain else f"'#' + {owner}"
        if kind == "list":
            elements = node.elts if isinstance(node, ast.List) else []
            values = [(f"({owner}, {place})", f"keyed_name({owner}, {place})", each) for place, each in
                      enumerate(elements)]  # fmt: skip
            cells, size = owner, len(elements)
        else:
            keys = node.keys if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.Set) else []
            if len(keys) > 1 and self.table.ordered and not all(isinstance(key, ast.Constant) for key in keys):
                raise refused(node, "keys that are no literals", "Assign them one by one.")
            held = node.values if isinstance(node, ast.Dict) else [ast.Constant(True)] * len(keys)
            values = []
            for place, (key, each) in enumerate(zip(keys, held, strict=True)):
                assert key is not None
                at = reads.value(key)
                values.append((f"keyed({owner}, {at})", f"keyed_name({owner}, {at})", each))
                if self.table.ordered:
                    cell = f"({owner} + '.keys', {place})"
                    state.targets.append(Target(cell, f"keyed_name({owner} + '.keys', {place})", at, plain=False))
            cells, size = f"{owner} + '.keys'", len(keys)
        for cell, name, each in values:
            given = reads.value(each)
            state.targets.append(Target(cell, name, given, plain=False, moves=is_slot(given)))
        if kind == "list" or self.table.ordered:
            state.targets.append(Target(f"({cells}, {size})", "", MARK, mark=True))
            state.targets.append(Target(f"({length if not plain else repr(length)},)", length, str(size), plain=plain))

    def _made(self, node: ast.expr, target: str, after: int) -> int:
        """A new list for a name: its elements' own calls and lists come first."""
        actions = Actions(self.kinds, self.changes)
        actions.without(node)
        last = actions.taken.pop()
        actions.settle(last.node)
        number = self._making(last.node, [], after, target=target)
        return self._before(actions, number)
