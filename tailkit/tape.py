"""The tape: the memory machine that a task's program runs against, and its checker.

In: a program and the data of a problem. Out: a `Run`, the recorded run.
A program opens a state, fetches cells by name, writes results that an operation computes from
what was fetched, and opens the next state: that is the transition. Macro steps group states.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tailkit.errors import TailkitError
from tailkit.records import BLANK, Cell, Macro, Run, Step

Program = Callable[["Tape", dict[str, Any]], None]


class ProgramError(TailkitError):
    """A program broke the rules of the tape, or a recorded run does not hold together."""


class Tape:
    """Records one run. Cells are written once or often; a fetch reads the last write."""

    __slots__ = ("_memory", "_step", "_values", "run")

    def __init__(self) -> None:
        self.run = Run()
        self._memory: dict[Cell, Any] = {}
        self._step: Step | None = None
        self._values: list[Any] = []

    def given(self, cell: Cell, value: Any) -> None:
        """Put a part of the problem, or a blank, into memory before the first state."""
        if self._step is not None:
            raise ProgramError(f"given {cell} comes after the first state")
        self.run.given[cell] = self._memory[cell] = value

    def blank(self, *arrays: str) -> None:
        """Cells of these arrays, named (array, place), read as BLANK until they are written."""
        self.run.blanks = arrays

    def state(self, kind: str, *at: str | int) -> None:
        """Open the state `kind` at the place `at`; this is the transition from the one before."""
        step = Step(kind, at)
        if self._step is not None:
            self._step.next = (kind, at)
        self._step = step
        self._values = []
        self.run.steps.append(step)

    def fetch(self, *cells: Cell) -> Any:
        """Read operands: the value of one cell, or the list of the values of several."""
        if self._step is None:
            raise ProgramError(f"fetch of {cells} before the first state")
        values = [self.value(cell) for cell in cells]
        self._step.fetched += zip(cells, values, strict=True)
        self._values += values
        return values[0] if len(values) == 1 else values

    def value(self, cell: Cell) -> Any:
        """What `cell` holds, for the program's control flow; this records nothing."""
        return _read(self._memory, self.run.blanks, cell)

    def write(self, cell: Cell, op: Callable[..., Any]) -> Any:
        """Write `op` of all that this state has fetched into `cell`, and return it."""
        if self._step is None:
            raise ProgramError(f"write of {cell} before the first state")
        value = op(*self._values)
        self._memory[cell] = value
        self._step.written.append((cell, value, op))
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
        self.run.answer_cells, self.run.answer_op = cells, op
        self.run.answer = op(*(self.value(cell) for cell in cells))


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
    memory = dict(run.given)
    for number, step in enumerate(run.steps):
        follower = run.steps[number + 1] if number + 1 < len(run.steps) else None
        _check_step(number, step, follower, memory, run.blanks)
    _check_macros(run)
    if run.answer_op is None or run.answer_op(*(_read(memory, run.blanks, c) for c in run.answer_cells)) != run.answer:
        raise ProgramError(f"answer {run.answer!r} does not follow from its cells")
    _check_replay(run, record(program, data))


def _read(memory: dict[Cell, Any], blanks: tuple[str, ...], cell: Cell) -> Any:
    """What a cell holds: the last write, a blank, or an error."""
    value = memory.get(cell)
    if value is not None:
        return value
    if cell[0] not in blanks:
        raise ProgramError(f"cell {cell} is read, but was never written")
    return BLANK


def _check_step(
    number: int, step: Step, follower: Step | None, memory: dict[Cell, Any], blanks: tuple[str, ...]
) -> None:
    where = f"step {number} ({step.kind} {step.at})"
    for cell, value in step.fetched:
        if _read(memory, blanks, cell) != value:
            raise ProgramError(f"{where}: fetch of {cell} gives {value!r}, not what was last written")
    for cell, value, op in step.written:
        expected = op(*(v for _, v in step.fetched))
        if expected != value:
            raise ProgramError(f"{where}: {cell} is {value!r}, but its operands give {expected!r}")
        memory[cell] = value
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
    return step.kind, step.at, step.fetched, [(cell, value) for cell, value, _ in step.written], step.next
