"""The tape: the memory machine that a task's program runs against.

In: a program and the data of a problem. Out: a `Run`, the recorded run.
A program is a table of states, as of a Turing machine. A state is a function of its place alone: it
reads cells by name, writes what operations compute from what it read, and ends with the state that
follows, which an operation computes from its place, what it read and what it wrote. Nothing else goes
from state to state but memory and the name of the state.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import FunctionType, ModuleType
from typing import Any

from tailkit.errors import TailkitError, cut
from tailkit.records import BLANK, Cell, Macro, Run, State, Step
from tailkit.tape import mistakes
from tailkit.tape.reads import reached

Operation = Callable[..., Any]
"""Computes from its arguments alone: no closure, no default arguments (see `tape.honest`)."""

MOST_STATES = 100_000
"""A run with more is taken for one that never ends; the longest of the paper's ranges have hundreds."""
MOST_CELLS = 100_000
"""A scan of more cells is taken for one that has missed its mark."""


class ProgramError(TailkitError):
    """A program broke the rules of the tape, or a recorded run does not hold together."""


@dataclass(frozen=True)
class Program:
    """A table of states.

    `start(tape, data)` puts the problem into memory and returns the first state; `states` has for each
    kind of state the function `state(tape, *place)`; `macros(steps)` says which steps of a run are one
    macro step, in order.
    """

    start: Callable[["Tape", dict[str, Any]], Any]
    states: Mapping[str, Callable[..., None]]
    macros: Callable[[list[Step]], list[Macro]]
    surroundings: dict[str, str] = field(init=False, repr=False, compare=False)
    """What its functions could read beside the tape, as text, as it was at first."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "surroundings", surroundings(self))


def surroundings(program: Program) -> dict[str, str]:
    """The global values that a program's functions reach, and what their classes hold, as text."""
    values = reached((program.start, *program.states.values()))
    own = {
        name: value
        for name, value in values.items()
        if isinstance(value, type) and value.__module__ == program.start.__module__
    }
    values |= {
        f"{name}.{key}": held
        for name, kind in own.items()
        for key, held in vars(kind).items()
        # An Enum keeps combinations of its members as they come up.
        if key[:2] != "__" and not (key[:1] == "_" and issubclass(kind, Enum))
    }
    passed: tuple[type, ...] = (FunctionType, ModuleType, type, staticmethod, classmethod, property)
    return {name: repr(value) for name, value in values.items() if not isinstance(value, passed)}


class Memory(dict[Cell, Any]):
    """Cells and what they hold. Cells of the `blanks` arrays, named (array, place), start blank."""

    blanks: tuple[str, ...] = ()

    def __missing__(self, cell: Cell) -> str:
        if isinstance(cell, tuple) and cell and cell[0] in self.blanks:
            return BLANK
        form = "" if isinstance(cell, tuple) else "; a cell is a tuple, such as ('carry',) or ('x1', 3)"
        raise ProgramError(f"cell {cell!r} is read, but was never written{form}")


class Tape:
    """Records one run. Cells are written once or often; a fetch reads the last write.

    Within a state the order is: scan and show, fetch, write and put, and at last goto or answer.
    """

    __slots__ = ("_memory", "_step", "run")

    def __init__(self, memory: Memory | None = None) -> None:
        self.run = Run()
        self._memory = Memory() if memory is None else memory
        self._step: Step | None = None

    def given(self, cells: Iterable[Cell], values: Iterable[Any]) -> None:
        """Put into memory, cell by cell, what is known before the first state: the problem as its query says it."""
        if self._step is not None:
            raise ProgramError(f"tape.given({cut(repr(list(cells)), 120)}) comes after the first state")
        places, contents = list(cells), list(values)
        if len(places) != len(contents):
            raise ProgramError(f"given has {len(places)} cells for {len(contents)} values")
        self._memory.update(zip(places, contents, strict=True))

    def blank(self, *arrays: str) -> None:
        """Cells of these arrays, named (array, place), read as BLANK until they are written."""
        if self._step is not None:
            raise ProgramError(f"tape.blank{arrays} comes after the first state")
        self._memory.blanks = self.run.blanks = (*self.run.blanks, *arrays)

    def fetch(self, *cells: Cell) -> Any:
        """Read operands: the value of one cell, or the values of several as a tuple."""
        step, values = self._reading("fetch"), self._read("fetch", cells)
        step.cells += cells
        step.values += values
        return values[0] if len(values) == 1 else values

    def show(self, *cells: Cell) -> tuple[Any, ...]:
        """Read cells that are printed as they are: a list, a row of a table. They are operands too."""
        step, values = self._reading("show"), self._read("show", cells)
        if step.cells:
            raise ProgramError(f"{self._where()}: show comes before fetch")
        step.shown += cells
        step.contents += values
        return values

    def scan(self, first: Cell, *marks: Any, into: Cell | None = None, stop: Cell | None = None) -> Any:
        """Show an array from a cell on, up to and including the first that holds one of the marks, and return that.

        The mark is BLANK if none is given. Places count up: 1, 2, … or .1, .2, …; `into` gets the number
        of the place before the mark, `stop` that of the mark.
        """
        marks = marks or (BLANK,)
        array, place = first[:-1], first[-1]
        point, number = ("", place) if isinstance(place, int) else (place[:1], place[1:])
        if not str(number).isdecimal() or point not in ("", "."):
            raise ProgramError(f"{self._where()}: scan from {first}: a place to scan from is a number, or such as '.1'")
        step, number, read = self._reading("scan"), int(number), self._memory.__getitem__
        cells: list[Cell] = []
        values: list[Any] = []
        while not values or values[-1] not in marks:
            if len(cells) == MOST_CELLS:
                raise ProgramError(f"{self._where()}: scan from {first} meets none of {marks} in {MOST_CELLS:,} cells")
            cells.append((*array, f".{number}" if point else number))
            values.append(read(cells[-1]))
            number += 1
        if step.cells:
            raise ProgramError(f"{self._where()}: scan comes before fetch")
        step.shown += tuple(cells)
        step.contents += tuple(values)
        for cell, beyond in ((into, number - 2), (stop, number - 1)):
            if cell is not None:
                self._memory[cell] = beyond
                step.stops += ((cell, beyond),)
        return values[-1]

    def _read(self, what: str, cells: tuple[Cell, ...]) -> tuple[Any, ...]:
        try:
            return tuple(map(self._memory.__getitem__, cells))
        except (ProgramError, TypeError) as error:  # TypeError: a list in a cell's name
            reason = error.message if isinstance(error, ProgramError) else mistakes.described(error)
            raise ProgramError(f"{self._where()}: {what}: {reason}") from error

    def _reading(self, what: str) -> Step:
        step = self._writing(what)
        if step.writes or step.puts:
            raise ProgramError(f"{self._where()}: {what} comes before write and put")
        return step

    def _writing(self, what: str) -> Step:
        if self._step is None:
            raise ProgramError(f"{what} before the first state")
        if self._step.move is not None:
            raise ProgramError(f"{self._where()}: {what} comes before goto and answer")
        return self._step

    def _where(self) -> str:
        return named(self._step) if self._step else "before the first state"

    def write(self, op: Operation, *cells: Cell) -> Any:
        """Write `op` of all that this state has read, and return it: one value, or one for each cell."""
        step = self._writing("write")
        value = self._computed("write", op, step.operands)
        values = self._each("write", op, value, cells)
        self._memory.update(zip(cells, values, strict=True))
        step.results += values
        step.writes += ((op, cells),)
        return value

    def put(self, op: Operation, *cells: Cell) -> Any:
        """Write to each cell one of the operands, as `op` of them says: values that move, not new ones."""
        step = self._writing("put")
        value = self._computed("put", op, step.operands)
        values = self._each("put", op, value, cells)
        for each in values:
            if each not in step.operands:
                raise ProgramError(f"{self._where()}: put: {mistakes.named(op)} gives {each!r}, none of the operands")
        self._memory.update(zip(cells, values, strict=True))
        step.moved += values
        step.puts += ((op, cells),)
        return value

    def _computed(self, what: str, op: Operation, arguments: tuple[Any, ...]) -> Any:
        try:
            return op(*arguments)
        except Exception as error:
            reason = mistakes.failure(op, arguments, error)
            raise ProgramError(f"{self._where()}: {what}: {mistakes.named(op)}: {reason}") from error

    def _each(self, what: str, op: Operation, value: Any, cells: tuple[Cell, ...]) -> tuple[Any, ...]:
        if len(cells) == 1:
            return (value,)
        if not isinstance(value, tuple) or len(cells) != len(value):
            gives = f"{len(value)} values" if isinstance(value, tuple) else f"{mistakes.kind_of(value)}, no tuple,"
            raise ProgramError(f"{self._where()}: {what}: {mistakes.named(op)} gives {gives} for {len(cells)} cells")
        return value

    def goto(self, op: Operation | str) -> None:
        """End the state: what follows is `op(place, read, written)`, a kind of state or (kind, *place).

        `place` is this state's own; `read` are its operands, `written` what it wrote and put, in order. A
        name alone stands for the one state that always follows.
        """
        step = self._writing("goto")
        step.move = op
        step.next = label_of(op if isinstance(op, str) else self._computed("goto", op, step.inputs))

    def answer(self, op: Operation) -> None:
        """End the run: the answer is `op(place, read, written)` of this state, as for `goto`."""
        step = self._writing("answer")
        step.move = op
        answer = self._computed("answer", op, step.inputs)
        if not isinstance(answer, str):
            raise ProgramError(f"answer: {mistakes.named(op)} gives {mistakes.kind_of(answer)}, no str")
        self.run.answer = answer


def named(step: Step) -> str:
    return f"state {step.kind!r} {step.at}" if step.at else f"state {step.kind!r}"


def run_state(tape: Tape, program: Program, state: State) -> Step:
    """Run one state of a program, and record it."""
    kind, at = state
    if kind not in program.states:
        known = cut(", ".join(program.states), 100)
        raise ProgramError(f"{tape._where()} goes on to {kind!r}; the states are {known}")
    if tape._step is None:
        tape.run.given = dict(tape._memory)
    tape._step = step = Step(kind, at)
    tape.run.steps.append(step)
    try:
        program.states[kind](tape, *at)
    except ProgramError:
        raise
    except Exception as error:
        reason = mistakes.failure(program.states[kind], (tape, *at), error)
        raise ProgramError(f"{tape._where()}: {reason}") from error
    if step.move is None:
        raise ProgramError(f"{tape._where()} ends without tape.goto or tape.answer")
    return step


def label_of(state: Any) -> State:
    """A state as programs write it, "sum" or ("digit", 3), as a record."""
    if isinstance(state, str):
        return state, ()
    if not isinstance(state, tuple) or not state or not isinstance(state[0], str):
        raise ProgramError(f"{state!r} is no state; a state is a name, such as 'sum', or a tuple, such as ('digit', 3)")
    return state[0], state[1:]


def record(program: Program, data: dict[str, Any]) -> Run:
    """Run a program on a problem's data and return the recorded run."""
    tape = Tape()
    run = tape.run
    state: State | None = label_of(program.start(tape, data))
    while state is not None:
        if len(run.steps) == MOST_STATES:
            raise ProgramError(f"more than {MOST_STATES:,} states, the last {state[0]} {state[1]}: a loop without end?")
        state = run_state(tape, program, state).next
    run.macros = program.macros(run.steps)
    return run
