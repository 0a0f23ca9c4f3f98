"""Lowers for loops over ranges: a state that enters, and one that goes on, each with counter, bound and test.

In: a for statement over a range. Out: the number of the state where it begins.
"""

import ast
import copy
from dataclasses import dataclass

from tailkit.plain.actions import ValueLower
from tailkit.plain.fold import Folded
from tailkit.plain.reads import is_slot, outcome
from tailkit.plain.refusal import refused, source_of
from tailkit.plain.split import like
from tailkit.plain.table import Target


@dataclass(frozen=True)
class Ways:
    """The states of a for loop by number, where it goes on, and the names that its body assigns."""

    enter: int
    step: int
    body: int
    other: int
    stored: set[str]


def is_range(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    return node.func.id == "range" or (node.func.id == "reversed" and len(node.args) == 1 and is_range(node.args[0]))


def _bounds(low: ValueLower, node: ast.Call) -> tuple[ast.expr, ast.expr, int | ast.expr]:
    """Where a range starts, where it stops, and its step: a number if it is known here."""
    if node.func.id == "reversed":  # type: ignore[attr-defined]
        start, stop, forward = _bounds(low, node.args[0])  # type: ignore[arg-type]
        if not isinstance(forward, int) or abs(forward) != 1:
            raise refused(node, "reversed of a range with a step", "Write range(…, …, -1).")
        return _shifted(low, stop, -forward), _shifted(low, start, -forward), -forward
    given = node.args
    if not 1 <= len(given) <= 3 or node.keywords:
        raise refused(node, f"{source_of(node)} cannot be recorded")
    step: int | ast.expr = 1
    if len(given) == 3:
        try:
            step = ast.literal_eval(given[2])
        except ValueError:
            step = given[2]
        if not isinstance(step, ast.expr) and (type(step) is not int or step == 0):
            raise refused(node, f"the step of range is {source_of(given[2])}", "Write a whole number that is not 0.")
    zero = like(low.kinds, node, ast.Constant(0))
    return (zero if len(given) == 1 else given[0]), given[len(given) > 1], step


def _shifted(low: ValueLower, node: ast.expr, by: int) -> ast.expr:
    op: ast.operator = ast.Add() if by > 0 else ast.Sub()
    one = like(low.kinds, node, ast.Constant(1))
    made = like(low.kinds, node, ast.BinOp(node, op, one))
    folded = Folded(everything=True).visit(copy.deepcopy(made))
    return like(low.kinds, node, folded) if isinstance(folded, ast.Constant) else made


def lower_range(low: ValueLower, node: ast.For, ways: Ways) -> int:
    if not isinstance(node.target, ast.Name):
        raise refused(node, f"for {source_of(node.target)} in a range")
    assert isinstance(node.iter, ast.Call)
    start, stop, by = _bounds(low, node.iter)
    name = node.target.id
    nested = name in ways.stored
    counter = f"{name}.at" if nested else name
    if nested:
        counter = f"{name}.at{node.lineno}"
    end, step_name = (f"{name}.{what}{node.lineno if nested else ''}" for what in ("end", "step"))
    varying = [by] if isinstance(by, ast.expr) else []
    bounds = like(low.kinds, node.iter, ast.Tuple([start, stop, *varying], ast.Load()))

    def lower_enter(leaf: ast.expr) -> int:
        assert isinstance(leaf, ast.Tuple)
        state, reads = low.state(node.lineno, "enter", ways.enter), low.reads()
        first, last, *given = (reads.value(each) for each in leaf.elts)
        state.test = _goes_on(first, last, by if isinstance(by, int) else given[0])
        state.then, state.other = ways.body, ways.other
        state.targets = [Target(reads.cell(name), name, first, moves=is_slot(first))]
        if nested:
            state.targets.append(Target(reads.cell(counter), counter, first, moves=is_slot(first)))
        if not isinstance(stop, ast.Constant):
            state.targets.append(Target(reads.cell(end), end, last, moves=is_slot(last)))
        if given:
            state.targets.append(Target(reads.cell(step_name), step_name, given[0], moves=is_slot(given[0])))
        state.slots = reads.slots
        state.about = source_of(node.iter)
        if not reads.slots and outcome(state.test) is False:
            low.alias(low.state(node.lineno, "alias", ways.enter).number, ways.other)
        return state.number

    begin = low.branches(bounds, lambda each: low.acted(each, lower_enter))
    state, reads = low.state(node.lineno, "step", ways.step), low.reads()
    now = reads.variable(counter)
    last = repr(ast.literal_eval(stop)) if isinstance(stop, ast.Constant) else reads.variable(end)
    step = reads.variable(step_name) if isinstance(by, ast.expr) else by
    following = f"{now} - {-step}" if isinstance(step, int) and step < 0 else f"{now} + {step}"
    state.test, state.then, state.other = _goes_on(following, last, step), ways.body, ways.other
    state.targets = [Target(reads.cell(each), each, following) for each in dict.fromkeys((name, counter))]
    state.slots, state.about = reads.slots, source_of(node.iter)
    return begin


def _goes_on(number: str, last: str, step: int | str) -> str:
    """Whether a range has this number; in which direction a step goes that varies is looked up."""
    if isinstance(step, str):
        return f"({number} < {last} if {step} > 0 else {number} > {last})"
    return f"{number} {'<' if step > 0 else '>'} {last}"
