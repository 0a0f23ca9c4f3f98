"""The tape: the memory machine that a task's program runs against, and its checker.

In: a program and the data of a problem. Out: a `Run`, the recorded run.
A program opens a state, fetches cells by name, writes results that an operation computes from
what was fetched, and opens the next state: that is the transition. Macro steps group states.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tailkit.errors import TailkitError
from tailkit.records import BLANK, Cell, Macro, Run, Step

Program = Callable[["Tape", dict[str, Any]], None]

MOST_STATES = 100_000
"""A run with more is taken for one that never ends; the longest of the paper's ranges have hundreds."""


class ProgramError(TailkitError):
    """A program broke the rules of the tape, or a recorded run does not hold together."""


class Memory(dict[Cell, Any]):
    """Cells and what they hold. Cells of the `blanks` arrays, named (array, place), start blank."""

    blanks: tuple[str, ...] = ()

    def __missing__(self, cell: Cell) -> str:
        if cell[0] in self.blanks:
            return BLANK
        raise ProgramError(f"cell {cell} is read, but was never written")


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
            raise ProgramError(f"given {list(cells)} comes after the first state")
        self._memory.update(zip(cells, values, strict=True))

    def blank(self, *arrays: str) -> None:
        """Cells of these arrays, named (array, place), read as BLANK until they are written."""
        self._memory.blanks = self.run.blanks = arrays

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
        step, values = self._step, tuple(map(self.value, cells))
        if step is None:
            raise ProgramError(f"fetch of {cells} before the first state")
        step.cells += cells
        step.values += values
        return values[0] if len(values) == 1 else values

    def show(self, *cells: Cell) -> tuple[Any, ...]:
        """Read cells and show them as they are: a list, a table. Its results are (place, value) pairs."""
        step, values = self._step, tuple(map(self.value, cells))
        if step is None:
            raise ProgramError(f"show of {cells} before the first state")
        step.cells, step.values, step.results, step.writes = cells, values, _pairs(cells, values), ((None, cells),)
        return values

    def write(self, op: Callable[..., Any], *cells: Cell) -> Any:
        """Write `op` of all that this state has fetched, and return it: one value, or one for each cell."""
        step = self._step
        if step is None:
            raise ProgramError(f"write of {cells} before the first state")
        value = op(*step.values)
        if len(cells) == 1:
            self._memory[cells[0]] = value
            step.results += (value,)
        else:
            if len(cells) != len(value):
                raise ProgramError(f"{op} gives {len(value)} values for {len(cells)} cells")
            for cell, one in zip(cells, value):  # noqa: B905 - counted above; strict costs a third of a write
                self._memory[cell] = one
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
        self.run.answer = op(*map(self.value, cells))


def _pairs(cells: tuple[Cell, ...], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Values with the last parts of their cells' names."""
    return tuple(zip([cell[-1] for cell in cells], values, strict=True))


def record(program: Program, data: dict[str, Any]) -> Run:
    """Run a program on a problem's data and return the recorded run."""
    tape = Tape()
    program(tape, data)
    return tape.run


def check(run: Run, program: Program, data: dict[str, Any]) -> None:
    """Raise `ProgramError`, naming the step, unless the recorded run is right.

    First by memory: every fetch equals the last write to its cell, every write recomputes from
    its fetches, every transition names the state that follows, macro steps nest, the answer
    recomputes. Then by replay: the program, run again, must make the very same events.
    """
    memory = Memory(run.given)
    memory.blanks = run.blanks
    for number, step in enumerate(run.steps):
        follower = run.steps[number + 1] if number + 1 < len(run.steps) else None
        _check_step(f"step {number} ({step.kind} {step.at})", step, follower, memory)
    _check_macros(run)
    if run.answer_op is None or run.answer_op(*map(memory.__getitem__, run.answer_cells)) != run.answer:
        raise ProgramError(f"answer {run.answer!r} does not follow from its cells")
    _check_replay(run, record(program, data))


def _check_step(where: str, step: Step, follower: Step | None, memory: Memory) -> None:
    if tuple(map(memory.__getitem__, step.cells)) != step.values:
        raise ProgramError(f"{where}: a fetch does not give what was last written")
    written: tuple[Any, ...] = ()
    for op, cells in step.writes:
        if op is None:
            written += _pairs(cells, step.values)
            continue
        value = op(*step.values)
        values = value if len(cells) > 1 else (value,)
        memory.update(zip(cells, values, strict=True))
        written += values
    if written != step.results:
        raise ProgramError(f"{where}: the operands give {written!r}, not {step.results!r}")
    if step.next != ((follower.kind, follower.at) if follower else None):
        raise ProgramError(f"{where}: transition to {step.next} is not what follows")


def _check_macros(run: Run) -> None:
    open_ends = [len(run.steps)]
    for macro in run.macros:
        while macro.first >= open_ends[-1] and len(open_ends) > 1:
            open_ends.pop()
        if not 0 <= macro.first <= macro.end <= open_ends[-1]:
            raise ProgramError(f"macro step {macro.kind} {macro.first}–{macro.end} does not nest")
        open_ends.append(macro.end)


def _check_replay(run: Run, again: Run) -> None:
    if (
        (run.given, run.blanks) != (again.given, again.blanks)
        or run.answer != again.answer
        or run.answer_cells != again.answer_cells
    ):
        raise ProgramError("start or answer differ from a replay of the program")
    if run.macros != again.macros:
        raise ProgramError("macro steps differ from a replay of the program")
    if len(run.steps) != len(again.steps):
        raise ProgramError(f"{len(run.steps)} steps, but a replay of the program makes {len(again.steps)}")
    for number, (step, twin) in enumerate(zip(run.steps, again.steps, strict=True)):
        if _events(step) != _events(twin):
            raise ProgramError(f"step {number} ({step.kind} {step.at}) differs from a replay of the program")


def _events(step: Step) -> tuple[Any, ...]:
    # Operations are left out: a program may make them anew each time.
    return step.kind, step.at, step.cells, step.values, step.results, [cells for _, cells in step.writes], step.next
