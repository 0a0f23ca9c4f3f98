"""The tape: the memory machine that a task's program runs against, and its checker.

In: a program and the data of a problem. Out: a `Run`, the recorded run.
A program opens a state, fetches cells by name, writes results that an operation computes from
what was fetched, and opens the next state: that is the transition. Macro steps group states.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tailkit.errors import TailkitError, cut
from tailkit.records import BLANK, Cell, Macro, Run, Step
from tailkit.tape import mistakes

Program = Callable[["Tape", dict[str, Any]], None]

MOST_STATES = 100_000
"""A run with more is taken for one that never ends; the longest of the paper's ranges have hundreds."""


class ProgramError(TailkitError):
    """A program broke the rules of the tape, or a recorded run does not hold together."""


class Memory(dict[Cell, Any]):
    """Cells and what they hold. Cells of the `blanks` arrays, named (array, place), start blank."""

    blanks: tuple[str, ...] = ()

    def __missing__(self, cell: Cell) -> str:
        if isinstance(cell, tuple) and cell and cell[0] in self.blanks:
            return BLANK
        form = "" if isinstance(cell, tuple) else "; a cell is a tuple, such as ('carry',) or ('x1', 3)"
        raise ProgramError(f"cell {cell!r} is read, but was never written{form}")


class Tape:
    """Records one run. Cells are written once or often; a fetch reads the last write."""

    __slots__ = ("_memory", "_step", "run", "value")

    def __init__(self) -> None:
        self.run = Run()
        self._memory = Memory()
        self._step: Step | None = None
        self.value: Callable[[Cell], Any] = self._memory.__getitem__
        """What a cell holds, for the program's control flow; this records nothing."""

    def given(self, cells: Iterable[Cell], values: Iterable[Any]) -> None:
        """Put into memory, cell by cell, what is known before the first state: the problem, a table's border."""
        if self._step is not None:
            raise ProgramError(f"tape.given({cut(repr(list(cells)), 120)}) comes after the first state")
        places, contents = list(cells), list(values)
        if len(places) != len(contents):
            raise ProgramError(f"given has {len(places)} cells for {len(contents)} values")
        self._memory.update(zip(places, contents, strict=True))

    def blank(self, *arrays: str) -> None:
        """Cells of these arrays, named (array, place), read as BLANK until they are written."""
        self._memory.blanks = self.run.blanks = (*self.run.blanks, *arrays)

    def state(self, kind: str, *at: str | int) -> None:
        """Open the state `kind` at the place `at`; this is the transition from the one before."""
        if self._step is not None:
            self._step.next = (kind, at)
        else:
            self.run.given = dict(self._memory)
        self._step = step = Step(kind, at)
        self.run.steps.append(step)
        if len(self.run.steps) > MOST_STATES:
            raise ProgramError(f"more than {MOST_STATES:,} states, the last {kind} {at}: a loop that does not end?")

    def fetch(self, *cells: Cell) -> Any:
        """Read operands: the value of one cell, or the values of several as a tuple."""
        step, values = self._step, self._read("fetch", cells)
        if step is None:
            raise ProgramError(f"fetch of {cells} before the first state")
        step.cells += cells
        step.values += values
        return values[0] if len(values) == 1 else values

    def show(self, *cells: Cell) -> tuple[Any, ...]:
        """Read cells and show them as they are: a list, a table. Its results are (place, value) pairs."""
        step, values = self._step, self._read("show", cells)
        if step is None:
            raise ProgramError(f"show of {cells} before the first state")
        step.cells, step.values, step.results, step.writes = cells, values, pairs(cells, values), ((None, cells),)
        return values

    def _read(self, what: str, cells: tuple[Cell, ...]) -> tuple[Any, ...]:
        try:
            return tuple(map(self.value, cells))
        except (ProgramError, TypeError) as error:  # TypeError: a list in a cell's name
            reason = error.message if isinstance(error, ProgramError) else mistakes.described(error)
            raise ProgramError(f"{self._where()}: {what}: {reason}") from error

    def _where(self) -> str:
        if self._step is None:
            return "before the first state"
        return f"state {self._step.kind!r} {self._step.at}" if self._step.at else f"state {self._step.kind!r}"

    def write(self, op: Callable[..., Any], *cells: Cell) -> Any:
        """Write `op` of all that this state has fetched, and return it: one value, or one for each cell."""
        step = self._step
        if step is None:
            raise ProgramError(f"write of {cells} before the first state")
        try:
            value = op(*step.values)
        except Exception as error:
            reason = mistakes.failure(op, step.values, error)
            raise ProgramError(f"{self._where()}: write: {mistakes.named(op)}: {reason}") from error
        if len(cells) == 1:
            self._memory[cells[0]] = value
            step.results += (value,)
        else:
            if not isinstance(value, tuple) or len(cells) != len(value):
                what = f"{len(value)} values" if isinstance(value, tuple) else f"{mistakes.kind_of(value)}, no tuple,"
                raise ProgramError(f"{self._where()}: write: {mistakes.named(op)} gives {what} for {len(cells)} cells")
            for cell, content in zip(cells, value):  # noqa: B905 - counted above; strict costs a third of a write
                self._memory[cell] = content
            step.results += value
        step.writes += ((op, cells),)
        return value

    @contextmanager
    def macro(self, kind: str) -> Iterator[None]:
        """Group the states opened inside into one macro step."""
        macro = Macro(kind, len(self.run.steps), -1)
        self.run.macros.append(macro)
        yield
        macro.end = len(self.run.steps)

    def answer(self, op: Callable[..., str], *cells: Cell) -> None:
        """End the run: the answer is `op` of the values of `cells`."""
        if self._step is None:
            self.run.given = dict(self._memory)
        self.run.answer_cells, self.run.answer_op = cells, op
        values = self._read("answer", cells)
        try:
            answer = op(*values)
        except Exception as error:
            raise ProgramError(f"answer: {mistakes.named(op)}: {mistakes.failure(op, values, error)}") from error
        if not isinstance(answer, str):
            raise ProgramError(f"answer: {mistakes.named(op)} gives {mistakes.kind_of(answer)}, no str")
        self.run.answer = answer


def pairs(cells: tuple[Cell, ...], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Values with the last parts of their cells' names."""
    return tuple(zip([cell[-1] for cell in cells], values, strict=True))


def record(program: Program, data: dict[str, Any]) -> Run:
    """Run a program on a problem's data and return the recorded run."""
    tape = Tape()
    program(tape, data)
    return tape.run
