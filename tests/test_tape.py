"""The tape, its checker and the renderer, over addition and over programs of their own."""

from random import Random

import pytest

from tailkit import tasks
from tailkit.tape import ProgramError, Tape, check, record
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


def test_a_fetch_of_a_cell_never_written_is_refused() -> None:
    def program(tape: Tape, data: dict) -> None:
        tape.state("start")
        tape.fetch(("nowhere", 1))

    with pytest.raises(ProgramError, match="nowhere"):
        record(program, {})


def test_a_fetch_reads_the_last_write_and_blanks_read_as_blank() -> None:
    def program(tape: Tape, data: dict) -> None:
        tape.given([("a",)], [1])
        tape.blank("b")
        tape.state("first")
        tape.fetch(("a",))
        tape.write(lambda a: a + 1, ("a",))
        tape.state("second")
        assert tape.fetch(("a",), ("b", 7)) == (2, "_")
        tape.answer(str, ("a",))

    run = record(program, {})
    check(run, program, {})
    assert run.answer == "2"


def test_a_program_that_is_not_deterministic_is_caught() -> None:
    calls = iter(range(10))

    def program(tape: Tape, data: dict) -> None:
        tape.state("start")
        value = next(calls)
        tape.write(lambda: value, ("x",))
        tape.answer(str, ("x",))

    with pytest.raises(ProgramError):
        check(record(program, {}), program, {})
