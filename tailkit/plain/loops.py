"""Lowers loops: a state for each test or step, with counter, bound and what is tested in it.

In: a while or for statement. Out: the number of the state where it begins. A for loop enters with one state and
goes on with another: each looks at the next element or number, and only if there is one takes it.
"""

import ast
from dataclasses import dataclass, field

from tailkit.plain.actions import Values
from tailkit.plain.assign import target_of, unpacked
from tailkit.plain.reads import Reads, is_slot, outcome
from tailkit.plain.refusal import hidden, refused, source_of
from tailkit.plain.split import like
from tailkit.plain.syntax import is_made
from tailkit.plain.table import Exits, State, Target

VIEWS = ("keys", "values", "items")


def lower_while(low: Values, node: ast.While, after: int) -> int:
    number = low.number()
    other = low.block(node.orelse, after)
    with low.inside(Exits(after, number), number):
        body = low.block(node.body, number)
        first = low.branch(node.test, body, other, node.lineno, "loop")
    if first == other:
        return other
    if _resolved(low, first) == number:
        raise refused(node, f"while {source_of(node.test)} with nothing in it", "A loop needs a state.")
    low.alias(number, first)
    head = low.table.states[_resolved(low, first)]
    head.heads, head.opens = head.heads or low.loop is None, True
    return number


def _resolved(low: Values, number: int) -> int:
    """The state that a number stands for."""
    while (state := low.table.states[number]).role == "alias" and state.then is not None:
        number = state.then
    return number


@dataclass(frozen=True)
class _Ways:
    """The states of a for loop by number, where it goes on, and the names that its body assigns."""

    enter: int
    step: int
    body: int
    other: int
    stored: set[str]


def lower_for(low: Values, node: ast.For, after: int) -> int:
    enter, step = low.number(), low.number()
    other = low.block(node.orelse, after)
    stored = {
        each.id
        for statement in node.body
        for each in ast.walk(statement)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    with low.inside(Exits(after, step), enter):
        body = low.block(node.body, step)
        begin = (_range if _is_range(node.iter) else _sequence)(low, node, _Ways(enter, step, body, other, stored))
    for number in (enter, step):
        low.table.states[number].heads = low.loop is None
    low.table.states[step].opens = not is_made(node)
    return begin


def _is_range(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    return node.func.id == "range" or (node.func.id == "reversed" and len(node.args) == 1 and _is_range(node.args[0]))


def _bounds(low: Values, node: ast.Call) -> tuple[ast.expr, ast.expr, int]:
    """Where a range starts, where it stops, and its step."""
    if node.func.id == "reversed":  # type: ignore[attr-defined]
        start, stop, step = _bounds(low, node.args[0])  # type: ignore[arg-type]
        if abs(step) != 1:
            raise refused(node, "reversed of a range with a step", "Write range(…, …, -1).")
        return _shifted(low, stop, -step), _shifted(low, start, -step), -step
    given = node.args
    if not 1 <= len(given) <= 3 or node.keywords:
        raise refused(node, f"{source_of(node)} cannot be recorded")
    step = 1
    if len(given) == 3:
        try:
            step = ast.literal_eval(given[2])
        except ValueError:
            step = 0
        if type(step) is not int or step == 0:
            raise refused(node, f"the step {source_of(given[2])} of range is no literal number", "Write a while loop.")
    zero = like(low.kinds, node, ast.Constant(0))
    return (zero if len(given) == 1 else given[0]), given[len(given) > 1], step


def _shifted(low: Values, node: ast.expr, by: int) -> ast.expr:
    op: ast.operator = ast.Add() if by > 0 else ast.Sub()
    one = like(low.kinds, node, ast.Constant(1))
    made = like(low.kinds, node, ast.BinOp(node, op, one))
    try:
        return like(low.kinds, node, ast.Constant(eval(ast.unparse(made), {"__builtins__": {}})))
    except Exception:  # noqa: BLE001 - no constant: it holds names, or fails where Python fails
        return made


def _range(low: Values, node: ast.For, ways: _Ways) -> int:
    if not isinstance(node.target, ast.Name):
        raise refused(node, f"for {source_of(node.target)} in a range")
    assert isinstance(node.iter, ast.Call)
    start, stop, by = _bounds(low, node.iter)
    name = node.target.id
    nested = name in ways.stored
    counter = f"{name}.at" if nested else name
    if nested:
        counter = f"{name}.at{node.lineno}"
    end = f"{name}.end{node.lineno if nested else ''}"
    sign = "<" if by > 0 else ">"
    pair = like(low.kinds, node.iter, ast.Tuple([start, stop], ast.Load()))

    def lower_enter(leaf: ast.expr) -> int:
        assert isinstance(leaf, ast.Tuple)
        state, reads = low.state(node.lineno, "enter", ways.enter), low.reads()
        first, last = (reads.value(each) for each in leaf.elts)
        state.test, state.then, state.other = f"{first} {sign} {last}", ways.body, ways.other
        state.targets = [Target(reads.cell(name), name, first, moves=is_slot(first))]
        if nested:
            state.targets.append(Target(reads.cell(counter), counter, first, moves=is_slot(first)))
        if not isinstance(stop, ast.Constant):
            state.targets.append(Target(reads.cell(end), end, last, moves=is_slot(last)))
        state.slots = reads.slots
        state.about = source_of(node.iter)
        if not reads.slots and outcome(state.test) is False:
            low.alias(low.state(node.lineno, "alias", ways.enter).number, ways.other)
        return state.number

    begin = low.branches(pair, lambda each: low.acted(each, lower_enter))
    state, reads = low.state(node.lineno, "step", ways.step), low.reads()
    now = reads.variable(counter)
    last = repr(ast.literal_eval(stop)) if isinstance(stop, ast.Constant) else reads.variable(end)
    following = f"{now} {'+' if by > 0 else '-'} {abs(by)}"
    state.test, state.then, state.other = f"{following} {sign} {last}", ways.body, ways.other
    state.targets = [Target(reads.cell(each), each, following) for each in dict.fromkeys((name, counter))]
    state.slots, state.about = reads.slots, source_of(node.iter)
    return begin


@dataclass
class _Part:
    """One of the sequences that a loop goes through: what it is, or the cell that holds it, and what it gives."""

    node: ast.expr
    gives: str = "elements"
    held: str = ""
    source: str = ""


@dataclass
class _Walk:
    """How a loop goes through its sequences: the parts, by target, and the counter with its first number."""

    parts: list[_Part]
    targets: list[ast.expr]
    counter: str = ""
    first: int = 0
    counts: list[ast.expr] = field(default_factory=list)


def _walk(low: Values, node: ast.For) -> _Walk:
    called = node.iter.func.id if isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Name) else ""
    if called == "enumerate":
        assert isinstance(node.iter, ast.Call)
        count, element = _pair_of(node)
        given = [*node.iter.args[1:], *[keyword.value for keyword in node.iter.keywords]]
        first = given[0].value if given and isinstance(given[0], ast.Constant) else 0 if not given else None
        if type(first) is not int:
            raise refused(node, "enumerate from a number that is no literal", "Add it inside the loop.")
        return _Walk([_part(low, node.iter.args[0])], [element], first=first, counts=[count])
    if called == "zip":
        assert isinstance(node.iter, ast.Call)
        if not isinstance(node.target, ast.Tuple) or len(node.target.elts) != len(node.iter.args):
            raise refused(node, f"for {source_of(node.target)} in zip", "Name one variable for each list.")
        return _Walk([_part(low, each) for each in node.iter.args], list(node.target.elts))
    if called == "reversed":
        raise hidden(node, "reversed()", "Write: for i in reversed(range(len(xs))).")
    return _Walk([_part(low, node.iter)], [node.target])


def _pair_of(node: ast.For) -> tuple[ast.expr, ast.expr]:
    if not isinstance(node.target, ast.Tuple) or len(node.target.elts) != 2:
        raise refused(node, f"for {source_of(node.target)} in enumerate", "Write: for i, x in enumerate(xs).")
    return node.target.elts[0], node.target.elts[1]


def _part(low: Values, node: ast.expr) -> _Part:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS:
        return _Part(node.func.value, node.func.attr)
    kind = low.kinds.of(node)
    if kind.name == "set":
        raise refused(node, "a loop over a set, whose elements have no order", "Keep them in a list too.")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("range", "zip", "enumerate"):
        raise refused(node, f"{source_of(node)} inside of another loop's head", "Count in a variable of your own.")
    if isinstance(node, ast.Constant) or (isinstance(node, ast.Tuple) and kind.name == "tuple"):
        return _Part(node)
    return _Part(node, "keys" if kind.name == "dict" else "elements")


def _sequence(low: Values, node: ast.For, ways: _Ways) -> int:
    walk = _walk(low, node)
    count = walk.counts[0] if walk.counts else None
    own = isinstance(count, ast.Name) and walk.first == 0 and count.id not in ways.stored
    names = [each.id for target in walk.targets for each in ast.walk(target) if isinstance(each, ast.Name)]
    again = set(names) & ways.stored
    walk.counter = count.id if own else f"{names[0]}.at{node.lineno if again else ''}"  # type: ignore[union-attr]
    for place, part in enumerate(walk.parts):
        changed = ways.stored.union(names) - low.statics.keys()
        steady = isinstance(part.node, ast.Constant) or (
            isinstance(part.node, ast.Name) and part.node.id not in changed
        )
        part.held = "" if steady else f"{names[0]}.of{place or ''}{node.lineno if again else ''}"
    pair = like(low.kinds, node.iter, ast.Tuple([part.node for part in walk.parts], ast.Load()))

    def lower_enter(leaf: ast.expr) -> int:
        assert isinstance(leaf, ast.Tuple)
        state, reads = low.state(node.lineno, "enter", ways.enter), low.reads()
        for part, each in zip(walk.parts, leaf.elts, strict=True):
            part.source = _address(low, reads, each)
        _taking(low, state, reads, walk, "0")
        state.then, state.other, state.about = ways.body, ways.other, source_of(node.iter)
        for part in walk.parts:
            if part.held:
                given = part.source if is_slot(part.source) else reads.value(part.node)
                state.targets.append(Target(reads.cell(part.held), part.held, given, moves=is_slot(given)))
        return state.number

    begin = low.branches(pair, lambda each: low.acted(each, lower_enter))
    state, reads = low.state(node.lineno, "step", ways.step), low.reads()
    now = reads.variable(walk.counter)
    for part in walk.parts:
        part.source = reads.variable(part.held) if part.held else _address(low, reads, part.node)
    _taking(low, state, reads, walk, f"{now} + 1")
    state.then, state.other, state.about = ways.body, ways.other, source_of(node.iter)
    return begin


def _address(low: Values, reads: Reads, node: ast.expr) -> str:
    return reads.address(node) if low.kinds.of(node).is_container else reads.value(node)


def _taking(low: Values, state: State, reads: Reads, walk: _Walk, place: str) -> None:
    """Look at the elements at a place; if all are there, give them to the targets."""
    values = [_element(low, reads, part, place) for part in walk.parts]
    state.test = " and ".join(f"{held} is not END" for held, _ in values)
    pairs = [pair for target, (_, value) in zip(walk.targets, values, strict=True) for pair in unpacked(target, value)]
    state.targets = [target_of(low, reads, target, value) for target, value in pairs]
    counts = [(each, f"{place} + {walk.first}" if walk.first else place) for each in walk.counts]
    own = walk.counts and isinstance(walk.counts[0], ast.Name) and walk.counts[0].id == walk.counter
    state.targets += [] if own else [target_of(low, reads, each, value) for each, value in counts]
    state.targets.append(Target(reads.cell(walk.counter), walk.counter, place))
    state.slots = reads.slots


def _element(low: Values, reads: Reads, part: _Part, place: str) -> tuple[str, str]:
    """The sources of what tells the end, and of the element."""
    kind, source = low.kinds.of(part.node).name, part.source
    if kind in ("str", "tuple"):
        value = f"item({source}, {place})"
        return value, value
    if kind != "dict":
        held = reads.slot(f"({source}, {place})", f"keyed_name({source}, {place})", plain=False)
        return held, held
    keys = f"{source} + '.keys'"
    key = reads.slot(f"({keys}, {place})", f"keyed_name({keys}, {place})", plain=False)
    if part.gives == "keys":
        return key, key
    raise refused(part.node, f"a loop over .{part.gives}()", "Write: for k in d, and take d[k] inside of the loop.")
