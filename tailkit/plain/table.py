"""The table of states of a function: what each one fetches, writes, and where it goes, as source text.

Here are only the records. In source text v0, v1 … are the values that the state has fetched.
"""

from dataclasses import dataclass, field

from tailkit.plain.rewrite import Note


@dataclass(frozen=True)
class LineSlot:
    """One fetch: the source of its cell, and of the cell's name in a trace. `plain`: that name is a literal."""

    cell: str
    name: str
    plain: bool = True


@dataclass(frozen=True)
class Target:
    """One write. `value` is its source; `moves`: it is a fetched value as it is; `mark`: it is not printed.

    With a `label` the value is the name of that state.
    """

    cell: str
    name: str
    value: str
    plain: bool = True
    moves: bool = False
    mark: bool = False
    label: int | None = None


@dataclass(frozen=True)
class Whole:
    """An expression that is computed at once: the lists that it reads whole, each with its name in the source."""

    reads: tuple[tuple[str, str], ...]
    source: str


@dataclass
class LineState:
    """One state. `test` decides between `then` and `other`; without one it goes to `then`.

    `role` says what it is: assign, test, enter, step, call, return, answer, layout, row, readout. Targets of an enter
    or step are written only if the test holds. A call goes to `then` in a new frame; a return to the line that it
    fetched last; an answer gives `value`.
    """

    number: int
    line: int
    role: str
    slots: list[LineSlot] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    test: str | None = None
    then: int | None = None
    other: int | None = None
    value: str | None = None
    about: str = ""
    loop: int | None = None
    heads: bool = False
    opens: bool = False
    name: str = ""
    whole: Whole | None = None
    gives_list: bool = False


@dataclass
class StateTable:
    """All states by number, and where a run begins. `framed`: places hold the number of a frame.

    `statics`: the lists that always go by one variable, each with what it is. `blanks`: what holds keys.
    """

    states: dict[int, LineState] = field(default_factory=dict)
    first: int = 0
    framed: bool = False
    statics: dict[str, str] = field(default_factory=dict)
    blanks: set[str] = field(default_factory=set)
    makes_objects: bool = False
    ordered: bool = False
    notes: list[Note] = field(default_factory=list)


def resolved(table: StateTable, number: int | None) -> LineState:
    """The state that a number stands for."""
    assert number is not None
    state = table.states[number]
    while state.role == "alias":
        assert state.then is not None
        state = table.states[state.then]
    return state


@dataclass
class Exits:
    """Where break and continue lead."""

    stop: int
    again: int
