"""Makes functions of a table of states: for each state one that runs it, its operations, and its wordings.

In: a `StateTable`, the arguments with their kinds. Out: a `Program`, and the lines of its states in both renderings.
All functions are made from source text, so that operations have neither closures nor defaults.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tailkit.plain import macros, values, wording
from tailkit.plain.kinds import Kind
from tailkit.plain.layout import Layout, layouts
from tailkit.plain.table import LineState, StateTable, Target, resolved
from tailkit.plain.values import fits, parts_of
from tailkit.plain.whole import source_of_state
from tailkit.records import BLANK, Line
from tailkit.tape import Program, Tape

NAMES: dict[str, Any] = {"BLANK": BLANK} | {
    each: getattr(values, each)
    for each in (
        *("END", "Ref", "at", "keyed", "keyed_name", "fits", "said"),
        *("taken", "contents", "written", "show_whole", "fetch_whole", "shown"),
    )
}


Unpack = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Emitted:
    """A program and how its states are worded; `table` says which line of the source each state is."""

    program: Program
    core: dict[str, Line]
    styled: dict[str, Line]
    table: StateTable
    source: str


def item(value: Any, place: int) -> Any:
    """A character of a string, or a part of a tuple; the mark after the last."""
    return value[place] if place < len(value) else values.END


def emit(
    table: StateTable,
    arguments: dict[str, Kind],
    decode: Unpack,
    defaults: dict[str, tuple[Kind, Any]],
    constants: dict[str, Any],
    *,
    limited: bool = True,
) -> Emitted:
    """The program of a table. `decode` gives the arguments from a problem's data.

    `defaults`: other arguments, with their values. `limited`: a number or string that no single state holds is refused.
    """
    _name(table)
    laid = list(layouts(arguments, defaults, constants, table))
    parts = [_of_state(state, table, limited) for state in _real(table)]
    source = "\n".join([*parts, *(each.source for each in laid)])
    space = {**NAMES, "item": item, "__name__": "tailkit.plain.made"}
    exec(compile(source, "<states>", "exec"), space)
    first = laid[0].kind if any(each.states for each in laid) else _label(table, resolved(table, table.first))
    start = _starter(laid, table, first, decode, arguments if limited else {})
    states = {state.name: space[f"state_{state.name}"] for state in _real(table)}
    states |= {kind: space[function] for each in laid for kind, function in each.states.items()}
    core = {state.name: wording.core(state, table, space) for state in _real(table)}
    styled = {state.name: wording.styled(state, table, space) for state in _real(table)}
    for each in laid:
        core |= each.core
        styled |= each.styled
    program = Program(start, states, macros.of(table))
    return Emitted(program, core, styled, table, source)


def _label(table: StateTable, state: LineState) -> Any:
    return (state.name, 0) if table.framed else state.name


def _starter(laid: list[Layout], table: StateTable, first: Any, decode: Unpack, held: dict[str, Kind]) -> Any:
    """The function that puts a problem into memory; the arguments `held` must have values that a state can hold."""
    line = resolved(table, table.first).line
    blanks = sorted(table.blanks) + [f"@{place}" for place in range(values.MOST_OBJECTS if table.makes_objects else 0)]

    def start(tape: Tape, data: dict[str, Any]) -> Any:
        tape.blank(*blanks)
        if table.makes_objects:
            tape.given([("@",)], [0])
        if table.framed:
            tape.given([("from.0",)], ["return"])
        given = decode(data)
        for each in laid:
            each.give(tape, given)
        for name, kind in held.items():
            # What is laid out is no value itself; what it holds are.
            laid_out = kind.is_container and kind.name != "dict"
            for part in parts_of(list(given[name]) if laid_out else given[name]):
                fits(part, line)
        return first

    return start


def _real(table: StateTable) -> Iterator[LineState]:
    return (state for state in table.states.values() if state.name)


def _name(table: StateTable) -> None:
    """Name the states that can be reached by their line, with a letter where a line has several: 4, 4b."""
    waiting, counts = [table.first], dict[int, int]()
    # What a recursive function comes back to at last is named by a cell.
    waiting[:0] = [state.number for state in table.states.values() if state.role == "readout"]
    while waiting:
        state = resolved(table, waiting.pop())
        if state.name:
            continue
        counts[state.line] = counts.get(state.line, 0) + 1
        state.name = f"{state.line or 'return'}{_letter(counts[state.line])}"
        follow = [state.then, state.other] if state.role == "call" else [state.other, state.then]
        waiting += [number for number in follow if number is not None]


def _letter(count: int) -> str:
    """Nothing for the first, then b … z, and two letters."""
    if count == 1:
        return ""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[count - 1] if count <= 26 else letters[count // 26 - 1] + letters[count % 26]


READOUT = """{head}
    (root,) = tape.show(("return",))
    show_whole(tape, root)
    tape.answer(go_{name})

def go_{name}(place, read, written_here):
    return written(taken(iter(read)))
"""


def _of_state(state: LineState, table: StateTable, limited: bool) -> str:
    """The source of a state's function and of its operations."""
    head = f"def state_{state.name}(tape{', f' if table.framed else ''}):"
    if state.role == "readout":
        return READOUT.format(head=head, name=state.name)
    body = list(_fetches(state))
    if state.whole:
        source = source_of_state(state, head, body, _going(state, table))
        return "\n".join([source, *_move(state, table, "")])
    changes, operations = _changes(state, table, limited)
    names = _names(state)
    if state.role in ("enter", "step") and changes:
        body += [f"    if {state.test}:", *[f"    {line}" for line in changes]]
    else:
        body += changes
    body += [f"    fits({state.value}, {state.line})"] if limited and state.role == "answer" else []
    body.append(f"    tape.{'answer' if state.role == 'answer' else 'goto'}({_going(state, table)})")
    return "\n".join([head, *body, "", *operations, *_move(state, table, names)])


def _names(state: LineState) -> str:
    return ", ".join(f"v{place}" for place in range(len(state.slots)))


def _fetches(state: LineState) -> Iterator[str]:
    """Fetches in order; cells that need no earlier value go together."""
    group: list[int] = []
    for place, slot in enumerate(state.slots):
        if group and any(f"v{earlier}" in slot.cell for earlier in group):
            yield _fetch(state, group)
            group = []
        group.append(place)
    if group:
        yield _fetch(state, group)


def _fetch(state: LineState, group: list[int]) -> str:
    names = ", ".join(f"v{place}" for place in group)
    return f"    {names} = tape.fetch({', '.join(state.slots[place].cell for place in group)})"


def _changes(state: LineState, table: StateTable, limited: bool) -> tuple[list[str], list[str]]:
    """The lines that write, and the operations: moves apart from what is computed."""
    lines, operations = [], []
    for verb, moves in (("write", False), ("put", True)):
        targets = [target for target in state.targets if target.moves is moves]
        if not targets:
            continue
        name = f"{verb}_{state.name}"
        cells = ", ".join(target.cell for target in targets)
        lines.append(f"    made = tape.{verb}({name}, {cells})")
        operations += [f"def {name}({_names(state)}):", f"    return {_tuple(targets, table)}", ""]
        if limited and verb == "write" and (kept := [p for p, each in enumerate(targets) if not each.mark]):
            lines += [f"    fits(made{'' if len(targets) == 1 else f'[{place}]'}, {state.line})" for place in kept]
    return lines, operations


def _tuple(targets: list[Target], table: StateTable) -> str:
    values = [target.value if target.label is None else repr(resolved(table, target.label).name) for target in targets]
    return values[0] if len(values) == 1 else f"({', '.join(values)})"


def _going(state: LineState, table: StateTable) -> str:
    simple = state.role != "answer" and state.test is None and state.role not in ("call", "return")
    return f"{resolved(table, state.then).name!r}" if simple and not table.framed else f"go_{state.name}"


def _move(state: LineState, table: StateTable, names: str) -> list[str]:
    """The operation that says what follows."""
    head = f"def go_{state.name}(place, read, written_here):"
    taking = [f"    {names}, = read"] if state.slots else []
    if state.role == "answer":
        return [head, *taking, f"    return written({state.value})", ""]
    if state.role == "return":
        return [head, *taking, f"    return ({state.value}, place[0] - 1)", ""]
    then = resolved(table, state.then).name
    if state.role == "call":
        return [head, f"    return ({then!r}, place[0] + 1)", ""]
    frame = ", place[0]" if table.framed else ""
    if state.test is not None:
        other = resolved(table, state.other).name
        return [head, *taking, f"    return ({then!r}{frame},) if {state.test} else ({other!r}{frame},)", ""]
    return [head, f"    return ({then!r}{frame})", ""] if table.framed else []
