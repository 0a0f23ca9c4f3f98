"""Lowers what changes memory: assignments, append and add, pop.

In: a statement whose calls and conditions are taken out. Out: the number of the state that does it.
"""

import ast

from tailkit.plain.actions import ValueLower
from tailkit.plain.reads import Reads, is_slot
from tailkit.plain.refusal import refused, source_of
from tailkit.plain.table import LineState, Target

MARK = "END"


def lower_assigned(low: ValueLower, node: ast.stmt, targets: list[ast.expr], value: ast.expr, after: int) -> int:
    """One state that computes all values of an assignment and writes them, in Python's order."""
    state, reads = low.state(node.lineno, "assign"), low.reads()
    state.about, state.then = source_of(node), after
    pairs = [pair for target in targets for pair in _pairs(low, reads, node, target, value)]
    _check_order(low, node, [target for target, _ in pairs])
    for target, source in pairs:
        if isinstance(target, ast.Subscript) and low.kinds.of(target.value).name == "dict" and low.table.ordered:
            if len(pairs) > 1:
                raise refused(node, "several keys of a dictionary in one assignment", "Write a line for each.")
            return _keyed(low, state, reads, target, source)
        state.targets.append(target_of(low, reads, target, source))
    if sum(not target.plain for target in state.targets) > 1 and not all(target.moves for target in state.targets):
        # Two elements may be one and the same: then their order counts, and it is kept within one event.
        state.targets = [Target(target.cell, target.name, target.value, target.plain) for target in state.targets]
    state.slots = reads.slots
    return state.number


def target_of(low: ValueLower, reads: Reads, target: ast.expr, source: str) -> Target:
    if isinstance(target, ast.Name):
        return Target(reads.cell(target.id), target.id, source, moves=is_slot(source))
    assert isinstance(target, ast.Subscript)
    if low.kinds.of(target.value).name not in ("list", "dict"):
        kind = low.kinds.of(target.value)
        raise refused(target, f"{source_of(target)} is assigned, but {kind.words} cannot change", "Build a list.")
    reads.owner(target.value)
    cell, name = reads.element(target)
    return Target(cell, name, source, plain=False, moves=is_slot(source))


def _pairs(
    low: ValueLower, reads: Reads, node: ast.stmt, target: ast.expr, value: ast.expr
) -> list[tuple[ast.expr, str]]:
    """Each single target with the source of its value."""
    if not isinstance(target, ast.Tuple | ast.List):
        return [(target, reads.value(value))]
    if isinstance(value, ast.Tuple):
        return [pair for t, v in zip(target.elts, value.elts, strict=True) for pair in _pairs(low, reads, node, t, v)]
    return unpacked(target, reads.value(value))


def unpacked(target: ast.expr, source: str) -> list[tuple[ast.expr, str]]:
    """The single targets of a tuple that is one value."""
    if not isinstance(target, ast.Tuple | ast.List):
        return [(target, source)]
    return [pair for place, each in enumerate(target.elts) for pair in unpacked(each, f"{source}[{place}]")]


def _check_order(low: ValueLower, node: ast.stmt, targets: list[ast.expr]) -> None:
    """An index of a later target must not be what an earlier one has just been given."""
    given: set[str] = set()
    changed: set[str] = set()
    for target in targets:
        names = {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
        if isinstance(target, ast.Name):
            given.add(target.id)
            continue
        nested = [each for each in ast.walk(target) if isinstance(each, ast.Subscript) and each is not target]
        read = {low.kinds.of(each.value).words for each in nested}
        if names & given or read & changed:
            raise refused(
                node,
                f"{source_of(node)} may read for its last target what it has given to an earlier one",
                "Keep the values in variables, and assign them on lines of their own.",
            )
        if isinstance(target, ast.Subscript):
            changed.add(low.kinds.of(target.value).words)


def _keyed(low: ValueLower, test: LineState, whole: Reads, target: ast.Subscript, source: str) -> int:
    """Assign a key of a dictionary that keeps a list of its keys: first see whether it has it, then do either."""
    new, old, seen = low.state(test.line, "assign"), low.state(test.line, "assign"), low.reads()
    for state in (new, old):
        reads = low.reads()
        reads.slots = [*whole.slots]
        name, key = reads.owner(target.value), reads.value(target.slice)
        cell, cell_name = f"keyed({name}, {key})", f"keyed_name({name}, {key})"
        state.targets = [Target(cell, cell_name, source, plain=False, moves=is_slot(source))]
        state.targets += _new_key(reads, target.value, name, key) if state is new else []
        state.slots, state.then, state.about = reads.slots, test.then, test.about
    test.role, test.test = "test", f"({seen.key(target.value, target.slice)} == BLANK)"
    test.slots, test.then, test.other = seen.slots, new.number, old.number
    test.about = f"{source_of(target.slice)} is new in {source_of(target.value)}"
    return test.number


def _new_key(reads: Reads, owner: ast.expr, name: str, key: str) -> list[Target]:
    """A key at the end of the list of keys."""
    length, keys = reads.length(owner), f"{name} + '.keys'"
    place = f"keyed_name({keys}, {length})"
    added = Target(f"({keys}, {length})", place, key, plain=False, moves=is_slot(key))
    return [added, *_longer(reads, keys, length)]


def _longer(reads: Reads, cells: str, length: str, more: int = 1) -> list[Target]:
    """The mark after the elements, one place further, and the new length."""
    slot = reads.slots[int(length[1:])]
    change = f"{length} + 1" if more > 0 else f"{length} - 1"
    return [
        Target(f"({cells}, {change})", "", MARK, mark=True),
        Target(slot.cell, slot.name, change, plain=slot.plain),
    ]


def lower_add(low: ValueLower, call: ast.expr, after: int) -> int:
    """xs.append(x) or s.add(x)."""
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    owner, given = call.func.value, call.args[0]
    state, reads = low.state(call.lineno, "assign"), low.reads()
    state.about = source_of(call)
    if call.func.attr == "add":
        if low.table.ordered:
            return _keyed_set(low, state, owner, given, after)
        name, key = reads.owner(owner), reads.value(given)
        state.targets = [Target(f"keyed({name}, {key})", f"keyed_name({name}, {key})", "True", plain=False)]
    else:
        value = reads.value(given)
        name, length = reads.owner(owner), reads.length(owner)
        element = Target(f"({name}, {length})", f"keyed_name({name}, {length})", value, plain=False,
                         moves=is_slot(value))  # fmt: skip
        state.targets = [*_longer(reads, name, length), element]
    state.slots, state.then = reads.slots, after
    return state.number


def _keyed_set(low: ValueLower, state: LineState, owner: ast.expr, given: ast.expr, after: int) -> int:
    reads, seen = low.reads(), low.reads()
    name, key = reads.owner(owner), reads.value(given)
    new = low.state(state.line, "assign")
    new.targets = [Target(f"keyed({name}, {key})", f"keyed_name({name}, {key})", "True", plain=False)]
    new.targets += _new_key(reads, owner, name, key)
    new.slots, new.then, new.about = reads.slots, after, state.about
    state.role, state.test = "test", f"({seen.key(owner, given)} == BLANK)"
    state.slots, state.then, state.other = seen.slots, new.number, after
    state.about = f"{source_of(given)} is new in {source_of(owner)}"
    return state.number


def lower_pop(low: ValueLower, node: ast.stmt | ast.expr, targets: list[ast.expr], call: ast.Call, after: int) -> int:
    """x = xs.pop(): the last element, which leaves the mark in its place."""
    assert isinstance(call.func, ast.Attribute)
    if isinstance(node, ast.AugAssign):
        raise refused(node, f"{source_of(node)} reads and changes at once", "Give xs.pop() a name first.")
    owner = call.func.value
    state, reads = low.state(node.lineno, "assign"), low.reads()
    state.about = source_of(node)
    name, length = reads.owner(owner), reads.length(owner)
    last = reads.slot(f"({name}, {length} - 1)", f"keyed_name({name}, {length} - 1)", plain=False)
    state.targets = _longer(reads, name, length, more=-1)
    for target in targets:
        for each, source in unpacked(target, last):
            if not isinstance(each, ast.Name):
                raise refused(node, f"{source_of(node)} changes two lists at once", "Give xs.pop() a name first.")
            state.targets.append(target_of(low, reads, each, source))
    state.slots, state.then = reads.slots, after
    return state.number
