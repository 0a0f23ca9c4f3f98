"""Lays out the arguments of a function before it begins: each list, text or dictionary in a state of its own.

In: the arguments with their kinds, and the constants of the file. Out: for each its cells, states and wordings.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tailkit.plain.kinds import Kind
from tailkit.plain.table import StateTable, resolved
from tailkit.plain.values import END, Ref, keyed, said, shown
from tailkit.records import BLANK, Line
from tailkit.tape import ProgramError, Tape


@dataclass
class Layout:
    """How one argument comes into memory, and the states that lay it out."""

    kind: str
    give: Callable[[Tape, dict[str, Any]], None]
    states: dict[str, str] = field(default_factory=dict)
    source: str = ""
    core: dict[str, Line] = field(default_factory=dict)
    styled: dict[str, Line] = field(default_factory=dict)


def layouts(
    arguments: dict[str, Kind], defaults: dict[str, tuple[Kind, Any]], constants: dict[str, Any], table: StateTable
) -> Iterator[Layout]:
    """The layouts in order; each goes on to the next, the last to the function's first line."""
    containers = [name for name, kind in arguments.items() if kind.is_container]
    first = resolved(table, table.first).name
    for place, name in enumerate(containers):
        following = containers[place + 1] if place + 1 < len(containers) else None
        goes = repr(following) if following else f"({first!r}, 0)" if table.framed else repr(first)
        yield _layout(name, arguments[name], goes, table)
    for name, kind in arguments.items():
        if not kind.is_container:
            yield Layout("", _giver(name, kind, table))
    for name, (kind, value) in defaults.items():
        yield Layout("", _default(name, kind, value, table))
    for name, value in constants.items():
        if isinstance(value, list | dict | set):
            yield Layout("", _constant(name, value))


def put(tape: Tape, name: str, kind: str, value: Any) -> Ref:
    """Put a Python value into cells under a name, with what is in it under names of their own."""
    if kind in ("dict", "set"):
        held = value if isinstance(value, dict) else dict.fromkeys(value, True)
        for place, key in enumerate(held):
            tape.given([(f"{name}.keys", place)], [_inner(tape, f"a key of {name}", key)])
            tape.given([keyed(name, key)], [_inner(tape, f"{name}[{key}]", held[key])])
        tape.given([(f"{name}.keys", len(held))], [END])
        return Ref(name, kind)
    for place, each in enumerate(value):
        tape.given([(name, place)], [_inner(tape, f"{name}[{place}]", each)])
    tape.given([(name, len(value))], [END])
    return Ref(name, kind)


def _inner(tape: Tape, name: str, value: Any) -> Any:
    if value == BLANK:
        raise ProgramError(f"{name}: the string {BLANK!r} is what an empty cell reads as; use another")
    for kind in (list, dict, set):
        if isinstance(value, kind):
            made = put(tape, name, kind.__name__, value)
            if kind is not list:
                tape.given([(f"#{name}",)], [len(value)])
            return made
    return value


def _giver(name: str, kind: Kind, table: StateTable) -> Callable[[Tape, dict[str, Any]], None]:
    def give(tape: Tape, data: dict[str, Any]) -> None:
        value = put(tape, name, kind.name, data[name]) if kind.is_container else _inner(tape, name, data[name])
        if name not in table.statics:
            tape.given([_cell(name, table)], [value])

    return give


def _default(name: str, kind: Kind, value: Any, table: StateTable) -> Callable[[Tape, dict[str, Any]], None]:
    """An argument that keeps its default is a constant, which is printed where it is read."""

    def give(tape: Tape, data: dict[str, Any]) -> None:
        if kind.is_container and value is not None:
            tape.given([(f"#{name}",)], [len(value)])
            laid = put(tape, name, kind.name, value)
            if name not in table.statics:
                tape.given([_cell(name, table)], [laid])
        else:
            tape.given([_cell(name, table)], [value])

    return give


def _cell(name: str, table: StateTable) -> tuple[str]:
    return (f"{name}.0",) if table.framed else (name,)


def _constant(name: str, value: Any) -> Callable[[Tape, dict[str, Any]], None]:
    def give(tape: Tape, data: dict[str, Any]) -> None:
        put(tape, name, type(value).__name__, value)
        tape.given([(f"#{name}",)], [len(value)])

    return give


def _layout(name: str, kind: Kind, goes: str, table: StateTable) -> Layout:
    made = Layout(name, _giver(name, kind, table))
    nested = any(part.is_container for part in kind.parts)
    paired = kind.name in ("dict", "set")
    made.states = {name: f"layout_{name}"}
    after = f"({name + ' row'!r}, 0)" if nested else goes
    array = f"{name}.keys" if paired else name
    body = [f"    tape.scan(({array!r}, 0), END, stop=({f'#{name}'!r},))"]
    if paired:
        body.append(f"    tape.show(*[keyed({name!r}, key) for key in tape.run.steps[-1].contents[:-1]])")
    moves = [f"def go_layout_{name}(place, read, written_here):", f"    return {after}", ""]
    made.source = "\n".join([f"def layout_{name}(tape):", *body, f"    tape.goto(go_layout_{name})", "", *moves])
    made.core = {name: Line(lambda: f"{name} ", show=shown, open="")}
    made.styled = {name: Line(lambda: f"the argument {name} ", show=_said, open="", leave="\nNext is ")}
    if nested:
        _rows(made, name, paired, goes)
    return made


def _said(*pairs: tuple[Any, Any]) -> str:
    return "holds " + "; ".join([f"{place} is {said(value)}" for place, value in pairs]) + "."


def _rows(made: Layout, name: str, paired: bool, goes: str) -> None:
    """A state for each list inside of a list or a dictionary."""
    kind = f"{name} row"
    made.states[kind] = f"rows_{name}"
    looks = [f"    (row,) = tape.show(({name!r}, i))"]
    if paired:
        looks = [f"    (key,) = tape.show(({name + '.keys'!r}, i))", f"    (row,) = tape.show(keyed({name!r}, key))"]
    made.source += "\n".join([
        f"def rows_{name}(tape, i):",
        *looks,
        "    tape.scan((row, 0), END, stop=('#' + row,))",
        f"    size = tape.fetch(({'#' + name!r},))",
        f"    tape.goto(go_rows_{name})",
        "",
        f"def go_rows_{name}(place, read, written_here):",
        f"    return ({kind!r}, place[0] + 1) if place[0] + 1 < read[-1] else {goes}",
        "",
    ])  # fmt: skip
    heads = 1 + paired

    def shows(*pairs: tuple[Any, Any]) -> str:
        return f"{' '.join(said(value) for _, value in pairs[:heads])} {shown(*pairs[heads:])}"

    def says(*pairs: tuple[Any, Any]) -> str:
        return f"{', '.join(said(value) for _, value in pairs[:heads])}, {_said(*pairs[heads:])}"

    made.core[kind] = Line(lambda i: f"{name}.{i} ", lambda size: f" of {size}", open="", show=shows)
    made.styled[kind] = Line(
        lambda i: f"row {i} of {name}, ", lambda size: f" There are {size} rows.", open="",
        show=says, next="\nNext is ", leave="\nNext is ",
    )  # fmt: skip
