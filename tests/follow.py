"""Runs a plain function beside its recorded run: at each line both hold the same values."""

import ast
import copy
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from tailkit.plain.emit import Emitted
from tailkit.plain.values import END, Ref
from tailkit.records import Cell, Run, Step

Moment = tuple[int, int, dict[str, Any]]
"""A line that is about to run, the depth of its call, and what its names hold."""


def of_python(function: Callable[..., Any], arguments: dict[str, Any], lines: set[int]) -> tuple[list[Moment], Any]:
    """What Python itself holds at each of the lines, and what the function returns."""
    moments: list[Moment] = []
    file = function.__code__.co_filename
    inside = comprehensions(Path(file).read_text())
    depth, last = -1, (0, 0)

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal depth, last
        if frame.f_code.co_filename != file or frame.f_code.co_name.startswith("<"):
            return None
        if event == "call":
            depth += 1
        elif event == "return":
            depth -= 1
        elif event == "line" and (depth, frame.f_lineno) == last and inside(frame):
            pass  # From Python 3.12 on a comprehension has no frame of its own: this is its next element.
        elif event == "line":
            last = depth, frame.f_lineno
            if frame.f_lineno not in lines:
                return trace
            held = {name: copy.deepcopy(value) for name, value in frame.f_locals.items() if not callable(value)}
            moments.append((frame.f_lineno, depth, held))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = function(**copy.deepcopy(arguments))
    finally:
        sys.settrace(before)
    return moments, result


def comprehensions(source: str) -> Callable[[FrameType], bool]:
    """Whether a frame stands inside of a comprehension of the source, or of a call like all(… for …)."""
    kinds = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    spans = [
        ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, kinds)
        or (isinstance(node, ast.Call) and any(isinstance(each, kinds) for each in node.args))
    ]

    def inside(frame: FrameType) -> bool:
        line, _, column, _ = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        return any(start <= (line, column) < end for start, end in spans)

    return inside


def of_tape(run: Run, emitted: Emitted) -> list[tuple[int, int, dict[Cell, Any]]]:
    """The memory before each state that begins a statement."""
    opening = {state.name: state for state in emitted.table.states.values() if state.name and state.opens}
    memory = dict(run.given)
    moments = []
    for step in run.steps:
        if step.kind in opening:
            depth = int(step.at[0]) if emitted.table.framed else 0
            moments.append((opening[step.kind].line, depth, dict(memory)))
        _apply(memory, step)
    return moments


def _apply(memory: dict[Cell, Any], step: Step) -> None:
    memory.update(step.stops)
    for events, values in ((step.writes, step.results), (step.puts, step.moved)):
        cells = [cell for _, cells in events for cell in cells]
        memory.update(zip(cells, values, strict=True))


def held(memory: dict[Cell, Any], emitted: Emitted, name: str, depth: int) -> Any:
    """What a name holds on the tape, lists opened."""
    if name in emitted.table.statics:
        return opened(memory, Ref(name, emitted.table.statics[name]))
    cell = (f"{name}.{depth}",) if emitted.table.framed else (name,)
    return opened(memory, memory[cell])


def opened(memory: dict[Cell, Any], value: Any) -> Any:
    if not isinstance(value, Ref):
        return value
    if value.shape in ("dict", "set"):
        return {
            (cell[1] if len(cell) == 2 else cell[1:]): opened(memory, each)
            for cell, each in memory.items()
            if cell[0] == value and len(cell) > 1
        }
    parts: list[Any] = []
    while (part := memory[str(value), len(parts)]) is not END:
        parts.append(part)
    return [opened(memory, part) for part in parts]


def alike(tape: Any, python: Any) -> bool:
    """Whether a value of the tape is Python's; texts are lists of characters there, sets the keys of dictionaries."""
    if isinstance(python, set):
        return set(tape) == python
    if isinstance(python, str) and isinstance(tape, list):
        return "".join(tape) == python
    if isinstance(python, dict):
        return tape.keys() == python.keys() and all(alike(tape[key], python[key]) for key in python)
    if isinstance(python, list | tuple) and isinstance(tape, list | tuple):
        return len(tape) == len(python) and all(map(alike, tape, python))
    return bool(tape == python) and type(tape) is type(python)


def differences(run: Run, emitted: Emitted, function: Callable[..., Any], arguments: dict[str, Any]) -> list[str]:
    """Where the recorded run and Python's own part; empty if nowhere."""
    lines = {state.line for state in emitted.table.states.values() if state.name and state.opens}
    moments, _ = of_python(function, arguments, lines)
    recorded = of_tape(run, emitted)
    found = []
    for number, (python, tape) in enumerate(zip(moments, recorded, strict=False)):
        if python[:2] != tape[:2]:
            found.append(f"moment {number}: Python is at line {python[0]}, the tape at {tape[0]}")
            break
        for name, value in python[2].items():
            if not alike(mine := held(tape[2], emitted, name, python[1]), value):
                found.append(f"line {python[0]}: {name} is {value!r}, on the tape {mine!r}")
    if not found and len(moments) != len(recorded):
        found.append(f"Python runs {len(moments)} lines, the tape {len(recorded)}")
    return found
