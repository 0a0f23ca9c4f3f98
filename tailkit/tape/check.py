"""Checks a recorded run: by memory, event by event, and by running each of its states alone.

In: a `Run`, its program, the problem's data. Out: nothing, or a `ProgramError` that names the step.
"""

from collections.abc import Iterator
from typing import Any

from tailkit.records import Cell, Run, Step
from tailkit.tape.honest import check_honest, check_unchanged
from tailkit.tape.machine import Memory, Program, ProgramError, Tape, label_of, record, run_state
from tailkit.tape.mistakes import failure


def check(run: Run, program: Program, data: dict[str, Any]) -> None:
    """Raise `ProgramError`, naming the step, unless the recorded run is right.

    By memory: every fetch gives the last write to its cell, every write, put and transition recomputes
    from what its state read, macro steps follow one another. Alone: see `check_alone`. And the whole run,
    made again, is the same; nothing but the tape changes meanwhile.
    """
    if not run.steps:
        raise ProgramError("the program has no states: it goes through none between the problem and the answer")
    check_honest(run)
    memory = Memory(run.given)
    memory.blanks = run.blanks
    for number, step in enumerate(run.steps):
        follower = run.steps[number + 1] if number + 1 < len(run.steps) else None
        _check_step(f"step {number} ({step.kind} {step.at})", step, follower, memory, run.answer)
    _check_macros(run)
    _check_replay(run, record(program, data))
    check_alone(run, program)
    check_unchanged(program)


def check_alone(run: Run, program: Program) -> None:
    """Raise `ProgramError`, naming the step, unless each state of a run makes the same events when it runs alone.

    It is run from its place with only the cells that it read, the last state first. What a state knows
    from elsewhere is best seen after the program has run on another problem.
    """
    for number in reversed(range(len(run.steps))):
        _check_alone(f"step {number}", run.steps[number], run, program)


def _check_step(where: str, step: Step, follower: Step | None, memory: Memory, answer: str) -> None:
    if tuple(map(memory.__getitem__, (*step.shown, *step.cells))) != step.operands:
        raise ProgramError(f"{where}: a fetch does not give what was last written")
    memory.update(step.stops)
    for name, events, results in (("write", step.writes, step.results), ("put", step.puts, step.moved)):
        computed = [pair for op, cells in events for pair in _written(op, cells, step.operands)]
        if tuple(value for _, value in computed) != results:
            raise ProgramError(f"{where}: the operands give {computed!r} for a {name}, not {results!r}")
        memory.update(computed)
    if any(value not in step.operands for value in step.moved):
        raise ProgramError(f"{where}: a put writes what is none of the operands")
    if strange := [part for part in step.at if not isinstance(part, str | int)]:
        raise ProgramError(f"{where}: {strange[0]!r} is no place; a place is a str or an int")
    if step.next != ((follower.kind, follower.at) if follower else None):
        raise ProgramError(f"{where}: transition to {step.next} is not what follows")
    if step.move is None or (follower is None and isinstance(step.move, str)):
        raise ProgramError(f"{where} ends without tape.goto or tape.answer")
    reached = step.move if isinstance(step.move, str) else _reached(where, step.move, step)
    if (label_of(reached) if follower else reached) != (step.next if follower else answer):
        raise ProgramError(f"{where}: its operation gives {reached!r} for {step.next or answer!r}")


def _reached(where: str, op: Any, step: Step) -> Any:
    try:
        return op(*step.inputs)
    except Exception as error:
        raise ProgramError(f"{where}: {failure(op, step.inputs, error)}") from error


def _written(op: Any, cells: tuple[Cell, ...], operands: tuple[Any, ...]) -> Iterator[tuple[Cell, Any]]:
    value = op(*operands)
    return zip(cells, value if len(cells) != 1 else (value,), strict=True)


def _check_macros(run: Run) -> None:
    end = 0
    for macro in run.macros:
        if not end <= macro.first < macro.end <= len(run.steps):
            raise ProgramError(f"macro step {macro.first}–{macro.end} does not follow the one before, or is none")
        end = macro.end


def _check_replay(run: Run, again: Run) -> None:
    if (run.given, run.blanks, run.answer) != (again.given, again.blanks, again.answer):
        raise ProgramError("start or answer differ from a replay of the program")
    if run.macros != again.macros:
        raise ProgramError("macro steps differ from a replay of the program")
    if len(run.steps) != len(again.steps):
        raise ProgramError(f"{len(run.steps)} steps, but a replay of the program makes {len(again.steps)}")
    for number, (step, twin) in enumerate(zip(run.steps, again.steps, strict=True)):
        if _events(step) != _events(twin):
            raise ProgramError(f"step {number} ({step.kind} {step.at}) differs from a replay of the program")


def _check_alone(where: str, step: Step, run: Run, program: Program) -> None:
    """Run one state with only the cells that it read in memory."""
    memory = Memory(zip((*step.shown, *step.cells), step.operands, strict=True))
    memory.blanks = run.blanks
    tape = Tape(memory)
    twin = run_state(tape, program, (step.kind, step.at))
    if _events(twin) != _events(step) or (step.next is None and tape.run.answer != run.answer):
        what = "does something else when it runs alone: it knows more than its place and what it reads"
        raise ProgramError(f"{where} ({step.kind} {step.at}) {what}")


def _events(step: Step) -> tuple[Any, ...]:
    # Operations are left out: a program may make them anew each time.
    read = step.shown, step.contents, step.stops, step.cells, step.values
    written = step.results, step.moved, [cells for _, cells in (*step.writes, *step.puts)]
    return step.kind, step.at, read, written, step.next
