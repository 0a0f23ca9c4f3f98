"""The tape's operations, over programs of any values: what they read and write, in which order, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tailkit.records import BLANK, Place, Run, Values
from tailkit.tape import Program, ProgramError, Tape, check, machine, record
from tailkit.tasks.shelf.macros import kinds

numbers = st.lists(st.integers(0, 9), max_size=8)
Event = Callable[[Tape], Any]


def begin(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("empty", "new")
    tape.given([("x", place) for place in range(len(data["x"]))], data["x"])
    return "first"


def run_of(first: Callable[..., None], values: Any = (1, 2, 3), **others: Callable[..., None]) -> Run:
    """The checked run of a program whose first state is `first`."""
    program, data = Program(begin, {"first": first, **others}, kinds()), {"x": [*values]}
    run = record(program, data)
    check(run, program, data)
    return run


def refusal_of(first: Callable[..., None], **others: Callable[..., None]) -> str:
    with pytest.raises(ProgramError) as caught:
        run_of(first, **others)
    return caught.value.message


def everything(*read: Any) -> str:
    return repr(read)


def all_read(place: Place, read: Values, written: Values) -> str:
    return repr(read)


def all_known(place: Place, read: Values, written: Values) -> str:
    return repr((place, read, written))


def greatest(*read: int) -> int:
    return max(read)


def turned(*read: Any) -> tuple[Any, ...]:
    return read[::-1]


@given(numbers, st.sampled_from([0, 1, 7]), st.booleans(), st.sampled_from([BLANK, "#"]))
def test_it_shows_all_up_to_the_first_mark(values: list[int], at: int, point: bool, mark: str) -> None:
    def start(tape: Tape, data: dict[str, Any]) -> str:
        places = [f".{place}" if point else place for place in range(at, at + len(values) + 2)]
        tape.given([("x", place) for place in places], [*values, mark, mark])
        return "first"

    def first(tape: Tape) -> None:
        where = ("x", f".{at}" if point else at)
        assert tape.scan(where, *([] if mark == BLANK else [mark]), into=("end",)) == mark
        tape.goto("last")

    def last(tape: Tape) -> None:
        tape.fetch(("end",))
        tape.answer(all_read)

    program = Program(start, {"first": first, "last": last}, kinds())
    run = record(program, {})
    check(run, program, {})
    assert run.steps[0].contents == (*values, mark)
    assert [place for place, _ in run.steps[0].pairs] == [
        f".{place}" if point else place for place in range(at, at + len(values) + 1)
    ]
    assert run.answer == repr((at + len(values) - 1,))


@given(numbers.filter(lambda values: len({7, 8} & {*values}) > 0))
def test_it_ends_at_whichever_mark_comes_first(values: list[int]) -> None:
    def first(tape: Tape) -> None:
        assert tape.scan(("x", 0), 8, 7) in (7, 8)
        tape.answer(all_read)

    end = min(values.index(mark) for mark in (7, 8) if mark in values)
    assert run_of(first, values).answer == repr((*values[: end + 1],))


def test_an_empty_array_is_its_blank_alone() -> None:
    def first(tape: Tape) -> None:
        tape.scan(("empty", 1), into=("end",))
        tape.goto("last")

    def last(tape: Tape) -> None:
        tape.fetch(("end",))
        tape.answer(all_read)

    assert run_of(first, last=last).answer == "(0,)"


@pytest.mark.parametrize("place", ["a", "", ".", "-1", "1.5", -1])
def test_a_place_that_does_not_count_is_refused(place: str | int) -> None:
    assert "a place to scan from is a number" in refusal_of(lambda tape: tape.scan(("x", place)))


def test_a_mark_that_never_comes_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MOST_CELLS", 50)
    assert "meets none of ('#',) in 50 cells" in refusal_of(lambda tape: tape.scan(("empty", 0), "#"))
    assert "('x', 3) is read, but was never written" in refusal_of(lambda tape: tape.scan(("x", 0)))


def test_its_mark_is_found_anew_when_the_state_runs_alone() -> None:
    """What a scan notes is memory: the next state fetches it, and does not know it otherwise."""

    def first(tape: Tape) -> None:
        tape.scan(("x", 0), 3, into=("end",))
        tape.goto("last")

    def last(tape: Tape) -> None:
        tape.fetch(("x", tape.fetch(("end",))))
        tape.answer(all_read)

    run = run_of(first, (5, 6, 3), last=last)
    assert run.answer == "(1, 6)"
    run.steps[0].stops = ((("end",), 0),)
    program = Program(begin, {"first": first, "last": last}, kinds())
    with pytest.raises(ProgramError, match="step 1"):
        check(run, program, {"x": [5, 6, 3]})


@given(numbers, numbers)
def test_operations_get_what_is_shown_then_what_is_fetched(shown: list[int], fetched: list[int]) -> None:
    def first(tape: Tape) -> None:
        assert tape.show(*[("x", place) for place in shown]) == tuple(shown)
        for place in fetched:
            assert tape.fetch(("x", place)) == place
        tape.write(everything, ("new",))
        tape.answer(all_read)

    run = run_of(first, range(10))
    assert run.steps[0].results == (repr((*shown, *fetched)),)
    assert run.answer == repr((*shown, *fetched))


@given(st.lists(st.integers(0, 9), min_size=2, max_size=5))
def test_a_fetch_of_several_cells_gives_all_of_them(places: list[int]) -> None:
    def first(tape: Tape) -> None:
        assert tape.fetch(*[("x", place) for place in places]) == tuple(places)
        tape.answer(all_read)

    assert run_of(first, range(10)).answer == repr(tuple(places))


@pytest.mark.parametrize("cell", [("nowhere",), ("x", 99), "x", ("x", [1])])
def test_a_cell_that_was_never_written_is_named(cell: Any) -> None:
    for read in ("fetch", "show"):
        said = refusal_of(lambda tape, read=read: getattr(tape, read)(cell))
        assert said.startswith(f"state 'first': {read}: ")
        assert "never written" in said or "unhashable" in said


EVENTS: dict[str, tuple[int, Event]] = {
    "scan": (0, lambda tape: tape.scan(("empty", 1))),
    "show": (0, lambda tape: tape.show(("x", 0))),
    "fetch": (1, lambda tape: tape.fetch(("x", 1))),
    "write": (2, lambda tape: tape.write(everything, ("new", 1))),
    "put": (2, lambda tape: tape.put(lambda *read: read[0], ("new", 2))),
    "goto": (3, lambda tape: tape.goto("last")),
    "answer": (3, lambda tape: tape.answer(all_read)),
}
"""What a state may do, each with its turn."""


@given(st.lists(st.sampled_from([*EVENTS]), min_size=1, max_size=6))
@example(["fetch", "put", "fetch", "answer"])
@example(["fetch", "write", "scan", "answer"])
@example(["fetch", "answer", "goto"])
def test_only_read_then_write_then_go_is_accepted(names: list[str]) -> None:
    def first(tape: Tape) -> None:
        for name in ("show", *names):
            EVENTS[name][1](tape)

    turns = [EVENTS[name][0] for name in names]
    if turns == sorted(turns) and turns.count(3) == 1:
        run = run_of(first, last=lambda tape: tape.answer(all_read))
        assert len(run.steps) == 1 + ("goto" in names)
    else:
        said = refusal_of(first, last=lambda tape: tape.answer(all_read))
        assert said.startswith("state 'first'")
        assert "comes before" in said or "ends without tape.goto or tape.answer" in said


@pytest.mark.parametrize("name", ["given", "blank"])
def test_memory_is_given_before_the_first_state(name: str) -> None:
    given = {"given": ([("y",)], [1]), "blank": ("y",)}[name]
    assert "comes after the first state" in refusal_of(lambda tape: getattr(tape, name)(*given))


@pytest.mark.parametrize("name", [*EVENTS])
def test_nothing_is_read_or_written_before_the_first_state(name: str) -> None:
    def start(tape: Tape, data: dict[str, Any]) -> str:
        begin(tape, data)
        EVENTS[name][1](tape)
        return "first"

    with pytest.raises(ProgramError, match="before the first state"):
        record(Program(start, {"first": lambda tape: tape.answer(all_read)}, kinds()), {"x": [1, 2]})


def test_given_has_a_value_for_each_cell() -> None:
    with pytest.raises(ProgramError, match="given has 2 cells for 1 values"):
        Tape().given([("x", 1), ("x", 2)], [1])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_a_put_moves_operands_to_cells(values: list[int]) -> None:
    cells = [("x", place) for place in range(len(values))]

    def first(tape: Tape) -> None:
        tape.fetch(*cells)
        tape.put(turned if len(values) > 1 else greatest, *cells)
        tape.goto("last")

    def last(tape: Tape) -> None:
        tape.fetch(*cells)
        tape.answer(all_read)

    run = run_of(first, values, last=last)
    assert run.steps[0].moved == tuple(values[::-1])
    assert run.answer == repr(tuple(values[::-1]))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_a_put_of_what_was_not_read_is_refused(values: list[int]) -> None:
    def first(tape: Tape) -> None:
        tape.fetch(*[("x", place) for place in range(len(values))])
        tape.put(one_more, ("x", 0))
        tape.answer(all_read)

    program = Program(begin, {"first": first}, kinds())
    with pytest.raises(ProgramError, match=f"put: one_more gives {max(values) + 1}, none of the operands"):
        record(program, {"x": values})


@given(st.integers(2, 5), st.integers(0, 6))
def test_a_value_comes_for_each_cell(cells: int, values: int) -> None:
    def first(tape: Tape) -> None:
        tape.fetch(*[("x", 0)] * values)
        getattr(tape, "write" if values % 2 else "put")(turned, *[("new", place) for place in range(cells)])
        tape.answer(all_read)

    if cells == values:
        assert run_of(first).steps[0].operands == (1,) * values
    else:
        assert f"turned gives {values} values for {cells} cells" in refusal_of(first)


def test_a_failing_operation_is_named_with_its_values() -> None:
    def first(tape: Tape) -> None:
        tape.fetch(("x", 0), ("x", 1))
        tape.write(len, ("new",))

    assert refusal_of(first) == "state 'first': write: len: takes 1 value, but gets 2"


def one_more(*read: int) -> int:
    return max(read) + 1


@given(st.tuples(st.integers(-3, 9), st.sampled_from(["a", ".1"])), numbers)
def test_a_transition_gets_place_and_what_was_read_and_written(place: Any, values: list[int]) -> None:
    def start(tape: Tape, data: dict[str, Any]) -> Any:
        begin(tape, data)
        return ("first", *place)

    def first(tape: Tape, number: int, text: str) -> None:
        assert (number, text) == place
        tape.show(*[("x", at) for at in range(len(values))])
        tape.write(everything, ("new",))
        tape.answer(all_known)

    program = Program(start, {"first": first}, kinds())
    run = record(program, {"x": values})
    check(run, program, {"x": values})
    assert run.answer == repr((place, tuple(values), (repr(tuple(values)),)))


@given(st.integers(0, 20))
def test_states_follow_as_their_operations_say(count: int) -> None:
    def first(tape: Tape) -> None:
        tape.fetch(("x", 0))
        tape.goto(down_from)

    def down(tape: Tape, place: int) -> None:
        tape.goto(further_down)

    run = run_of(first, [count], down=down, last=lambda tape: tape.answer(all_known))
    assert [(step.kind, step.at) for step in run.steps[1:-1]] == [("down", (at,)) for at in range(count, -1, -1)]


@pytest.mark.parametrize("move", ["nowhere", lambda *_: ("nowhere", 3)])
def test_an_unknown_state_is_refused_with_those_there_are(move: Any) -> None:
    said = refusal_of(lambda tape: tape.goto(move), last=lambda tape: tape.answer(all_read))
    assert said == "state 'first' goes on to 'nowhere'; the states are first, last"


@pytest.mark.parametrize("label", [None, 3, (), (3, "last"), ["last"], ("last", [1])])
def test_what_is_no_state_is_refused(label: Any) -> None:
    states[0] = label
    said = refusal_of(go_astray, last=lambda tape, *_: tape.answer(all_read))
    assert "is no state" in said or "is no place" in said


def test_a_state_without_an_end_is_refused() -> None:
    assert refusal_of(lambda tape: None) == "state 'first' ends without tape.goto or tape.answer"
    assert "ends without" in refusal_of(lambda tape: tape.fetch(("x", 0)))


def test_an_answer_is_text() -> None:
    assert "gives tuple, no str" in refusal_of(lambda tape: tape.answer(lambda place, read, written: place))


def test_states_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MOST_STATES", 30)
    assert "more than 30 states, the last first ()" in refusal_of(lambda tape: tape.goto("first"))


states: list[Any] = [None]


def go_astray(tape: Tape) -> None:
    tape.goto(astray)


def astray(*_: Any) -> Any:
    return states[0]


def down_from(place: Place, read: Values, written: Values) -> Any:
    return "down", read[0]


def further_down(place: tuple[int], read: Values, written: Values) -> Any:
    return ("down", place[0] - 1) if place[0] else "last"
