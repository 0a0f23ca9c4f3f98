"""Lowers loops: a state for each test or step, with counter, bound and what is tested in it.

In: a while or for statement. Out: the number of the state where it begins. A for loop enters with one state and
goes on with another: each looks at the next element or number, and only if there is one takes it.
"""

import ast
from dataclasses import dataclass, field

from tailkit.plain.actions import ValueLower
from tailkit.plain.assign import target_of, unpacked
from tailkit.plain.counting import Ways, is_range, lower_range
from tailkit.plain.reads import Reads, is_slot
from tailkit.plain.refusal import hidden, refused, source_of
from tailkit.plain.split import like
from tailkit.plain.syntax import called_name, is_made
from tailkit.plain.table import Exits, LineState, Target

VIEWS = ("keys", "values", "items")


def lower_while(low: ValueLower, node: ast.While, after: int) -> int:
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


def _resolved(low: ValueLower, number: int) -> int:
    """The state that a number stands for."""
    while (state := low.table.states[number]).role == "alias" and state.then is not None:
        number = state.then
    return number


def lower_for(low: ValueLower, node: ast.For, after: int) -> int:
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
        begin = (lower_range if is_range(node.iter) else _sequence)(low, node, Ways(enter, step, body, other, stored))
    for number in (enter, step):
        low.table.states[number].heads = low.loop is None
    low.table.states[step].opens = not is_made(node)
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


def _walk(low: ValueLower, node: ast.For) -> _Walk:
    called = called_name(node.iter)
    if called == "enumerate":
        assert isinstance(node.iter, ast.Call)
        count, element = _pair_of(node)
        given = [*node.iter.args[1:], *[keyword.value for keyword in node.iter.keywords]]
        first = given[0].value if given and isinstance(given[0], ast.Constant) else 0 if not given else None
        if type(first) is not int:
            raise refused(node, "enumerate from a number that is no literal", "Add it inside the loop.")
        inner = node.iter.args[0]
        if called_name(inner) == "zip":
            assert isinstance(inner, ast.Call)
            return _Walk(*_zipped(low, node, inner, element), first=first, counts=[count])
        return _Walk([_part(low, inner)], [element], first=first, counts=[count])
    if called == "zip":
        assert isinstance(node.iter, ast.Call)
        return _Walk(*_zipped(low, node, node.iter, node.target))
    return _Walk([_part(low, node.iter)], [node.target])


def _zipped(low: ValueLower, node: ast.For, call: ast.Call, target: ast.expr) -> tuple[list[_Part], list[ast.expr]]:
    if not isinstance(target, ast.Tuple) or len(target.elts) != len(call.args):
        raise refused(node, f"for {source_of(node.target)} in zip", "Name one variable for each list.")
    return [_part(low, each) for each in call.args], list(target.elts)


def _pair_of(node: ast.For) -> tuple[ast.expr, ast.expr]:
    if not isinstance(node.target, ast.Tuple) or len(node.target.elts) != 2:
        raise refused(node, f"for {source_of(node.target)} in enumerate", "Write: for i, x in enumerate(xs).")
    return node.target.elts[0], node.target.elts[1]


def _part(low: ValueLower, node: ast.expr) -> _Part:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS:
        return _Part(node.func.value, node.func.attr)
    if called_name(node) == "reversed":
        raise hidden(node, "reversed()", "Write: for i in reversed(range(len(xs))).")
    kind = low.kinds.of(node)
    if kind.name == "set":
        raise refused(node, "a loop over a set, whose elements have no order", "Keep them in a list too.")
    if called_name(node) in ("range", "zip", "enumerate"):
        raise refused(node, f"{source_of(node)} inside of another loop's head", "Count in a variable of your own.")
    if isinstance(node, ast.Constant) or (isinstance(node, ast.Tuple) and kind.name == "tuple"):
        return _Part(node)
    return _Part(node, "keys" if kind.name == "dict" else "elements")


def _sequence(low: ValueLower, node: ast.For, ways: Ways) -> int:
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
        if not isinstance(leaf, ast.Tuple):
            raise refused(node.iter, f"a loop over {source_of(node.iter)}", "Give it a name on a line before.")
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


def _address(low: ValueLower, reads: Reads, node: ast.expr) -> str:
    return reads.address(node) if low.kinds.of(node).is_container else reads.value(node)


def _taking(low: ValueLower, state: LineState, reads: Reads, walk: _Walk, place: str) -> None:
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


def _element(low: ValueLower, reads: Reads, part: _Part, place: str) -> tuple[str, str]:
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
