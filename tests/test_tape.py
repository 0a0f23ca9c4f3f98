"""The tape, its checker and the renderer, over addition and over programs of their own."""

from random import Random
from typing import Any

import pytest

from tailkit import tasks
from tailkit.tape import Program, ProgramError, Tape, check, record
from tailkit.tasks.shelf.macros import kinds
from tests.corruption import corruptions, is_caught

TASK = tasks.load("addition")


@pytest.mark.parametrize("seed", range(12))
def test_every_corrupted_event_of_a_run_is_caught(seed: int) -> None:
    problem = TASK.problem(Random(seed), "S", (1 + seed // 3, 2 + seed))
    run = TASK.record(problem)
    check(run, TASK.program, problem.data)
    broken = dict(corruptions(run))
    uncaught = [what for what, corrupted in broken.items() if not is_caught(corrupted, TASK.program, problem.data)]
    assert not uncaught
    assert len(broken) > 6 * len(run.steps)


def program_of(start: Any, **states: Any) -> Program:
    return Program(start, states, kinds())


def begin(tape: Tape, data: dict[str, Any]) -> str:
    tape.given([("a",)], [1])
    tape.blank("b")
    return "first"


def one_more(a: int) -> int:
    return a + 1


def first_read(place: Any, read: Any, written: Any) -> str:
    return str(read[0])


def test_a_fetch_of_a_cell_never_written_is_refused() -> None:
    def first(tape: Tape) -> None:
        tape.fetch(("nowhere", 1))

    with pytest.raises(ProgramError, match="nowhere"):
        record(program_of(begin, first=first), {})


def test_a_fetch_reads_the_last_write_and_blanks_read_as_blank() -> None:
    def first(tape: Tape) -> None:
        tape.fetch(("a",))
        tape.write(one_more, ("a",))
        tape.goto("second")

    def second(tape: Tape) -> None:
        assert tape.fetch(("a",), ("b", 7)) == (2, "_")
        tape.answer(first_read)

    program = program_of(begin, first=first, second=second)
    run = record(program, {})
    check(run, program, {})
    assert run.answer == "2"


def test_a_program_that_is_not_deterministic_is_caught() -> None:
    calls = iter(range(10))

    def first(tape: Tape) -> None:
        tape.fetch(("a",)) if next(calls) % 2 else tape.fetch(("b", 1))
        tape.answer(first_read)

    program = program_of(begin, first=first)
    with pytest.raises(ProgramError):
        check(record(program, {}), program, {})


def test_a_state_that_remembers_beside_the_tape_is_caught() -> None:
    memory: list[int] = []

    def first(tape: Tape) -> None:
        memory.append(7)
        tape.fetch(("a",))
        tape.goto("second")

    def second(tape: Tape) -> None:
        tape.fetch(("b", len(memory)))
        tape.answer(first_read)

    program = program_of(begin, first=first, second=second)
    with pytest.raises(ProgramError, match=r"differs from a replay|alone"):
        check(record(program, {}), program, {})
