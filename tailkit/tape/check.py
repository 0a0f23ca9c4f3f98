"""Checks a recorded run: by memory, event by event, and by a replay of its program.

In: a `Run`, its program, the problem's data. Out: nothing, or a `ProgramError` that names the step.
"""

from typing import Any

from tailkit.records import Run, Step
from tailkit.tape.machine import Memory, Program, ProgramError, pairs, record


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
    if run.answer_op is None:
        raise ProgramError("the program ends without tape.answer")
    if run.answer_op(*map(memory.__getitem__, run.answer_cells)) != run.answer:
        raise ProgramError(f"answer {run.answer!r} does not follow from its cells")
    _check_replay(run, record(program, data))


def _check_step(where: str, step: Step, follower: Step | None, memory: Memory) -> None:
    if tuple(map(memory.__getitem__, step.cells)) != step.values:
        raise ProgramError(f"{where}: a fetch does not give what was last written")
    written: tuple[Any, ...] = ()
    for op, cells in step.writes:
        if op is None:
            written += pairs(cells, step.values)
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
