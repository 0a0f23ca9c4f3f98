"""Makes a table of states of a function: each simple statement, each test and each step of a loop is one.

In: a `Source` and its `Kinds`. Out: a `StateTable`. Statements are taken from the last to the first, so that each
knows the number of the state that follows it.
"""

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from tailkit.plain import assign, loops
from tailkit.plain.actions import BACK, ValueLower
from tailkit.plain.functions import Source, parameters_of
from tailkit.plain.infer import Kinds
from tailkit.plain.kinds import Kind
from tailkit.plain.reads import RETURNED, Held, Reads, is_slot
from tailkit.plain.refusal import refused, source_of
from tailkit.plain.split import is_call, is_new, like
from tailkit.plain.syntax import is_first
from tailkit.plain.table import Exits, LineState, StateTable, Target

KEYED = ("dict", "set")


class Lowering(ValueLower):
    """Lowers the functions of a source into one table."""

    def __init__(self, source: Source, kinds: Kinds, *, hidden_too: bool = False) -> None:
        self.source, self.kinds, self.hidden_too = source, kinds, hidden_too
        calls = [node for f in source.functions.values() for node in ast.walk(f) if is_call(kinds, node)]
        self.called = {node.func.id for node in calls if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        self.table = StateTable(framed=bool(calls))
        self.table.ordered = self._is_ordered()
        self.function = source.entry
        self.exits: list[Exits] = []
        self.loop: int | None = None
        self.statics: dict[str, str] = {}
        self.entries: dict[str, int] = {}

    def lower(self) -> StateTable:
        """The table, its states numbered; layouts of the arguments come first."""
        for name in self.source.functions:
            self.entries[name] = self.number()
        for name, function in self.source.functions.items():
            self.function, self.loop = function, None
            self.statics = self._statics(function)
            end = self._leaving(None, function.body[-1].end_lineno or function.lineno)
            self.alias(self.entries[name], self.block(function.body, end))
        if self.source.entry.name in self.called:
            self.readout()
        self.table.first = self.entries[self.source.entry.name]
        keyed = {name for name, kind in self.table.statics.items() if kind in KEYED}
        keyed |= {name for name, value in self.source.constants.items() if isinstance(value, dict | set)}
        keyed |= {each.arg for each in parameters_of(self.source.entry)}
        self.table.blanks = keyed
        return self.table

    def changes(self, node: ast.expr) -> bool:
        """Whether a call, or a pop, may change a list."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return True
        waiting, known = [node.func.id], set[str]()
        while waiting:
            name = waiting.pop()
            if name in known or name not in self.source.functions:
                continue
            known.add(name)
            for each in ast.walk(self.source.functions[name]):
                if _changes(each):
                    return True
                if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
                    waiting.append(each.func.id)
        return False

    @property
    def is_entry(self) -> bool:
        """Whether the function is the entry, and runs once."""
        return self.function is self.source.entry and self.function.name not in self.called

    def number(self) -> int:
        number = len(self.table.states)
        self.table.states[number] = LineState(number, 0, "alias")
        return number

    def alias(self, number: int, then: int) -> None:
        self.table.states[number].then = then

    def state(self, line: int, role: str, number: int | None = None) -> LineState:
        """A new state, in the place of a number that was kept for it."""
        number = self.number() if number is None else number
        inside = self.loop if self.function is self.source.entry else None
        made = self.table.states[number] = LineState(number, line, role, loop=inside)
        return made

    def reads(self) -> Reads:
        return Reads(self.kinds, self.function.name, self.statics, self.table.framed)

    def _statics(self, function: ast.FunctionDef) -> dict[str, str]:
        """The lists of the entry that always go by one variable: arguments, and those made once outside of loops."""
        if not self.is_entry:
            return {}
        stored = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and _is_stored(node)]
        names = {argument.arg for argument in parameters_of(function)} - set(stored)
        names |= {name for name in _made_once(function.body) if stored.count(name) == 1}
        names -= {name for name, value in self.source.defaults.items() if value is None or name in stored}
        names = {name for name in names if self.kinds.name(function.name, name).is_container}
        kept = sorted(names - self.source.constants.keys())
        self.table.statics = {name: self.kinds.name(function.name, name).name for name in kept}
        return {name: name for name in kept}

    def _is_ordered(self) -> bool:
        """Whether the order or the number of keys is ever asked for: only then dictionaries keep a list of them."""
        for function in self.source.functions.values():
            for node in ast.walk(function):
                asked = [*getattr(node, "args", ())] if isinstance(node, ast.Call) else []
                asked += [node.iter] if isinstance(node, ast.For) else []
                asked += [node.value] if isinstance(node, ast.Return) and node.value else []
                asked += [node.test] if isinstance(node, ast.While | ast.If | ast.IfExp) else []
                asked += node.values if isinstance(node, ast.BoolOp) else []
                asked += [node.operand] if isinstance(node, ast.UnaryOp) else []
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    asked += [node.func.value] if node.func.attr in ("keys", "values", "items") else []
                if any(self.kinds.of(each).name in ("dict", "set") for each in asked if isinstance(each, ast.expr)):
                    return True
                if any(self._holds_keys(each) for each in asked):
                    return True
        return False

    def _holds_keys(self, node: ast.AST) -> bool:
        return any(kind.name in ("dict", "set") for kind in _inside(self.kinds.of(node)))

    def block(self, body: list[ast.stmt], after: int) -> int:
        for place in range(len(body) - 1, -1, -1):
            statement = body[place]
            after = self._statement(statement, after)
            # Python, too, comes to a line once, whatever stands there.
            first = place == 0 or body[place - 1].lineno != statement.lineno
            if first and is_first(statement) and not isinstance(statement, ast.Pass | ast.Break | ast.Continue):
                self.table.states[after].opens = True
        return after

    def _statement(self, node: ast.stmt, after: int) -> int:
        if isinstance(node, ast.Assign):
            return self._assignment(node, node.targets, node.value, after)
        if isinstance(node, ast.AnnAssign):
            return self._assignment(node, [node.target], node.value, after) if node.value else after
        if isinstance(node, ast.AugAssign):
            return self._assignment(node, [node.target], self._augmented(node), after)
        if isinstance(node, ast.Return):
            return self.branches(node.value, lambda value: self._leaving(value, node.lineno)) if node.value else (
                self._leaving(None, node.lineno)
            )  # fmt: skip
        if isinstance(node, ast.If):
            then, other = self.block(node.body, after), self.block(node.orelse, after)
            if node.body[0].lineno == node.lineno and then != after:
                self.table.states[then].opens = False
            return self.branch(node.test, then, other, node.lineno, "test")
        if isinstance(node, ast.While):
            return loops.lower_while(self, node, after)
        if isinstance(node, ast.For):
            return loops.lower_for(self, node, after)
        if isinstance(node, ast.Break):
            return self.exits[-1].stop
        if isinstance(node, ast.Continue):
            return self.exits[-1].again
        if isinstance(node, ast.Pass):
            return after
        if isinstance(node, ast.Expr):
            return self._expression(node, after)
        raise refused(node, f"{source_of(node)} cannot be recorded")

    @contextmanager
    def inside(self, exits: Exits, loop: int) -> Iterator[None]:
        """Within the body of a loop; `loop` is the number of the outermost one."""
        self.exits.append(exits)
        before, self.loop = self.loop, loop if self.loop is None else self.loop
        yield
        self.exits.pop()
        self.loop = before

    def _augmented(self, node: ast.AugAssign) -> ast.expr:
        made = ast.BinOp(_loaded(self.kinds, node.target), node.op, node.value)
        return like(self.kinds, node.target, made)

    def _expression(self, node: ast.Expr, after: int) -> int:
        value = node.value
        if isinstance(value, ast.Constant):
            return after
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            function = value.func
            if function.attr in ("append", "add"):
                return self.branches(value, lambda call: self._adding(call, after))
            if function.attr == "pop":
                return self._popping(node, [], value, after)
        if is_call(self.kinds, value):
            return self.branches(value, lambda call: self.acted(call, lambda _: after))
        acts = any(isinstance(each, ast.Call) for each in ast.walk(node))
        advice = "Write if and else." if acts and isinstance(value, ast.IfExp | ast.BoolOp) else "Assign it to a name."
        raise refused(node, f"{source_of(node)} computes what nothing keeps", advice)

    def _assignment(self, node: ast.stmt, targets: list[ast.expr], value: ast.expr, after: int) -> int:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "pop":
            return self._popping(node, targets, value, after)
        if (is_new(value) or self.kinds.is_whole(value)) and len(targets) == 1 and isinstance(targets[0], ast.Name):
            target = targets[0].id
            return self.branches(value, lambda each: self._made(each, target, after))
        return self.branches(
            value, lambda each: self.acted(each, lambda leaf: self._assigned(node, targets, leaf, after))
        )

    def _assigned(self, node: ast.stmt, targets: list[ast.expr], value: ast.expr, after: int) -> int:
        return assign.lower_assigned(self, node, targets, value, after)

    def _popping(self, node: ast.stmt, targets: list[ast.expr], call: ast.Call, after: int) -> int:
        return assign.lower_pop(self, node, targets, call, after)

    def popped(self, call: ast.Call, result: Held, keeps: list[tuple[Held, str]], after: int) -> int:
        """A state that takes the last element off a list, and leaves it in a cell."""
        number = assign.lower_pop(self, call, [], call, after)
        state, reads = self.table.states[number], self.reads()
        reads.slots = state.slots
        last = f"v{len(state.slots) - 1}"
        state.targets.append(Target(reads.cell(result.name), result.name, last, moves=True))
        state.targets += [Target(reads.cell(name), name, reads.value(kept), moves=True) for kept, name in keeps]
        return number

    def _adding(self, call: ast.expr, after: int) -> int:
        assert isinstance(call, ast.Call)
        return self.acted(call, lambda leaf: assign.lower_add(self, leaf, after))

    def _leaving(self, value: ast.expr | None, line: int) -> int:
        node = value if value is not None else ast.copy_location(ast.Constant(None), self.function)
        return self.acted(node, lambda leaf: self._returning(leaf, line, source_of(node)))

    def _returning(self, node: ast.expr, line: int, about: str) -> int:
        state, reads = self.state(line, "return"), self.reads()
        state.about = about
        simple = not any(kind.is_container for kind in _inside(self.kinds.of(node)))
        if self.is_entry and simple:
            state.role, state.value = "answer", reads.value(node)
        elif self.is_entry:
            given = reads.value(node)
            state.targets = [Target(f"({RETURNED!r},)", RETURNED, given, moves=is_slot(given))]
            state.role, state.then = "give", self.readout()
        else:
            back = reads.slot(reads.cell(BACK), BACK)
            given = reads.value(node)
            state.targets = [Target(f"({RETURNED!r},)", RETURNED, given, moves=is_slot(given))]
            state.value = back
        state.slots = reads.slots
        return state.number

    def readout(self) -> int:
        """The state that shows what is returned, and answers with it."""
        known = [state.number for state in self.table.states.values() if state.role == "readout"]
        return known[0] if known else self.state(0, "readout").number


def _inside(kind: Kind) -> Iterator[Kind]:
    yield kind
    for part in kind.parts:
        yield from _inside(part)


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _made_once(body: list[ast.stmt]) -> set[str]:
    """The names that are given a new list outside of any loop."""
    names = set[str]()
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and is_new(node.value):
            if isinstance(node.targets[0], ast.Name):
                names.add(node.targets[0].id)
        elif isinstance(node, ast.AnnAssign) and node.value and is_new(node.value):
            if isinstance(node.target, ast.Name):
                names.add(node.target.id)
        elif isinstance(node, ast.If):
            names |= _made_once(node.body) | _made_once(node.orelse)
    return names


def _loaded(kinds: Kinds, target: ast.expr) -> ast.expr:
    made: ast.expr
    if isinstance(target, ast.Name):
        made = ast.Name(target.id, ast.Load())
    elif isinstance(target, ast.Subscript):
        made = ast.Subscript(target.value, target.slice, ast.Load())
    else:
        raise refused(target, f"{source_of(target)} cannot be assigned")
    return like(kinds, target, made)


def _changes(node: ast.AST) -> bool:
    """Whether a node changes a list, a dictionary or a set."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Store)
    return isinstance(node, ast.Attribute) and node.attr in ("append", "pop", "add")
