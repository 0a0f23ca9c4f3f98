"""The tape, its checker and the renderer, over addition and over programs of their own."""

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tailkit import tasks
from tailkit.records import Run
from tailkit.tape import ProgramError, Tape, check, record

TASK = tasks.load("addition")


def corruptions(run: Run) -> Iterator[tuple[str, Run]]:
    """Every single-event corruption of a run: each event changed, each step left out or doubled."""
    for number, step in enumerate(run.steps):
        places = {
            "kind": ("kind", "other"),
            "place": ("at", (*step.at, 1)),
            "transition": ("next", None if step.next else ("integer", (1, 1))),
            "transition target": ("next", (step.next[0], (*step.next[1], 1)) if step.next else ("x", ())),
        }
        for what, (attribute, value) in places.items():
            broken = copy.deepcopy(run)
            setattr(broken.steps[number], attribute, value)
            yield f"{what} of step {number}", broken
        for event, (cell, value) in enumerate(step.fetched):
            for what, changed in (("cell", ((*cell, 9), value)), ("value", (cell, _other(value)))):
                broken = copy.deepcopy(run)
                broken.steps[number].fetched[event] = changed
                yield f"{what} of fetch {event} in step {number}", broken
            twins = [other for other in run.given if other != cell and run.given[other] == value]
            if twins:
                broken = copy.deepcopy(run)
                broken.steps[number].fetched[event] = (twins[0], value)
                yield f"cell of equal value in fetch {event} of step {number}", broken
        for event, (cell, value, op) in enumerate(step.written):
            for what, changed_write in (("cell", ((*cell, 9), value, op)), ("value", (cell, _other(value), op))):
                broken = copy.deepcopy(run)
                broken.steps[number].written[event] = changed_write
                yield f"{what} of write {event} in step {number}", broken
        for what, steps in (
            ("missing", run.steps[:number] + run.steps[number + 1 :]),
            ("doubled", run.steps[: number + 1] + run.steps[number:]),
        ):
            broken = copy.deepcopy(run)
            broken.steps = copy.deepcopy(steps)
            yield f"step {number} {what}", broken
    for number in range(len(run.macros)):
        for attribute in ("first", "end", "kind"):
            broken = copy.deepcopy(run)
            macro = broken.macros[number]
            setattr(macro, attribute, "other" if attribute == "kind" else getattr(macro, attribute) - 1)
            yield f"{attribute} of macro step {number}", broken
    broken = copy.deepcopy(run)
    broken.answer = run.answer[:-1] + _other(run.answer[-1])
    yield "answer", broken


def _other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    return "1" if value != "1" else "2"


@pytest.mark.parametrize("seed", range(12))
def test_every_corrupted_event_of_a_run_is_caught(seed: int) -> None:
    problem = TASK.problem(Random(seed), "S", (1 + seed // 3, 2 + seed))
    run = TASK.record(problem)
    check(run, TASK.program, problem.data)
    broken = dict(corruptions(run))
    uncaught = [what for what, corrupted in broken.items() if not is_caught(corrupted, problem.data)]
    assert not uncaught
    assert len(broken) > 6 * len(run.steps)


def is_caught(run: Run, data: dict[str, Any]) -> bool:
    try:
        check(run, TASK.program, data)
    except ProgramError:
        return True
    return False


def test_a_fetch_of_a_cell_never_written_is_refused() -> None:
    def program(tape: Tape, data: dict) -> None:
        tape.state("start")
        tape.fetch(("nowhere", 1))

    with pytest.raises(ProgramError, match="nowhere"):
        record(program, {})


def test_a_fetch_reads_the_last_write_and_blanks_read_as_blank() -> None:
    def program(tape: Tape, data: dict) -> None:
        tape.given(("a",), 1)
        tape.blank("b")
        tape.state("first")
        tape.fetch(("a",))
        tape.write(("a",), lambda a: a + 1)
        tape.state("second")
        assert tape.fetch(("a",), ("b", 7)) == [2, "_"]
        tape.answer(str, ("a",))

    run = record(program, {})
    check(run, program, {})
    assert run.answer == "2"


def test_a_program_that_is_not_deterministic_is_caught() -> None:
    calls = iter(range(10))

    def program(tape: Tape, data: dict) -> None:
        tape.state("start")
        value = next(calls)
        tape.write(("x",), lambda: value)
        tape.answer(str, ("x",))

    with pytest.raises(ProgramError):
        check(record(program, {}), program, {})
