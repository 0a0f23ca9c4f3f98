"""What the checker refuses: operations that know more than their arguments, memory beside the tape."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from tailkit.records import Run
from tailkit.tape import Program, ProgramError, Tape, check, check_alone, machine, record
from tailkit.tasks.shelf.macros import kinds
from tests.test_tape_machine import all_read, begin, everything, refusal_of, run_of


def oracle(*_: Any) -> str:
    return "42"


asked = oracle


def with_default(*read: Any, more: int = 3) -> str:
    return str(read) + str(more)


def with_last_default(first: int, more: int = 3) -> str:
    return str(first + more)


def asks(*read: Any) -> str:
    return oracle(*read)


def asks_another(*read: Any) -> str:
    return asks(*read)


def asks_by_another_name(*read: Any) -> str:
    return asked(*read)


def asks_inside(*read: Any) -> str:
    return "".join([oracle(each) for each in read])


class Knowing(str):
    """An object, or a class, that an operation may not be."""

    def __call__(*read: Any) -> str:
        return ""

    def say(*read: Any) -> str:
        return ""


def closed_over() -> Callable[..., str]:
    answer = "42"
    return lambda *read: answer


DISHONEST = {
    "a closure": (closed_over(), "uses answer of the function around it"),
    "a default": (with_last_default, "with_last_default has default arguments"),
    "a default by name": (with_default, "with_default has default arguments"),
    "a lambda's default": (lambda *read, kept="42": kept, "has default arguments"),
    "a partial": (functools.partial(everything, 42), "carries values of its own (functools.partial)"),
    "a bound method": (Knowing("42").say, "is a method of an object"),
    "a bound method of a built-in": ("{}".format, "is a method of an object"),
    "a lookup": ({1: "42"}.get, "is a method of an object"),
    "an object": (Knowing("42"), "is an object, not a function"),
    "a cache": (functools.cache(everything), "is an object, not a function"),
    "a class": (Knowing, "is a class of one's own"),
    "the oracle asked": (asks, "asks calls oracle"),
    "the oracle asked by another": (asks_another, "asks_another calls asks, which calls oracle"),
    "the oracle under another name": (asks_by_another_name, "calls asked"),
    "the oracle asked in a loop": (asks_inside, "asks_inside calls oracle"),
    "the oracle asked in a lambda": (lambda *read: oracle(read), "calls oracle"),
}


@pytest.mark.parametrize("role", ["write", "put", "goto", "answer"])
@pytest.mark.parametrize("kind", DISHONEST)
def test_an_operation_that_knows_more_is_named(kind: str, role: str) -> None:
    op, said = DISHONEST[kind]
    step = machine.Step("first", ())
    if role in ("write", "put"):
        setattr(step, f"{role}s", ((op, (("new",),)),))
    else:
        step.move = op  # type: ignore[assignment]
    program = Program(begin, {"first": lambda tape: None}, kinds())
    with pytest.raises(ProgramError) as caught:
        check(Run(steps=[step]), program, {"x": []})
    assert caught.value.message.startswith("state 'first': ")
    assert said in caught.value.message


def test_the_refusal_comes_from_a_recorded_run_too() -> None:
    def first(tape: Tape) -> None:
        tape.fetch(("x", 0))
        tape.write(closed_over(), ("new",))
        tape.answer(all_read)

    assert "uses answer of the function around it" in refusal_of(first)


@pytest.mark.parametrize("op", [str, repr, len, abs, int.__add__, str.upper, max, everything, lambda *read: 1])
def test_functions_of_their_arguments_alone_pass(op: Any) -> None:
    values: tuple[Any, ...] = ("a",) if op in (str.upper, len) else (2, 3) if op in (int.__add__, max) else (2,)

    def first(tape: Tape) -> None:
        tape.fetch(*[("x", place) for place in range(len(values))])
        tape.write(op, ("new",))
        tape.answer(all_read)

    assert run_of(first, values).steps[0].results == (op(*values),)


COUNT = 0
LIST: list[int] = []


class Box:
    count = 0


def keep_globally(tape: Tape, data: dict[str, Any]) -> str:
    global COUNT  # noqa: PLW0603 - what is to be caught
    COUNT = len(data["x"]) - 1
    return begin(tape, data)


def read_globally(tape: Tape) -> None:
    tape.fetch(("x", COUNT))
    tape.answer(all_read)


def keep_in_a_list(tape: Tape, data: dict[str, Any]) -> str:
    LIST[:] = data["x"]
    return begin(tape, data)


def read_through_another(tape: Tape) -> None:
    tape.fetch(("x", length_of_list() - 1))
    tape.answer(all_read)


def length_of_list() -> int:
    return len(LIST)


def keep_in_a_class(tape: Tape, data: dict[str, Any]) -> str:
    Box.count = len(data["x"]) - 1
    return begin(tape, data)


def read_from_a_class(tape: Tape) -> None:
    tape.fetch(("x", Box.count))
    tape.answer(all_read)


def keep_on_a_function(tape: Tape, data: dict[str, Any]) -> str:
    read_from_a_function.count = len(data["x"]) - 1  # type: ignore[attr-defined]
    return begin(tape, data)


def read_from_a_function(tape: Tape) -> None:
    tape.fetch(("x", read_from_a_function.count))  # type: ignore[attr-defined]
    tape.answer(all_read)


def keeping_around() -> Program:
    known: dict[str, Any] = {}

    def start(tape: Tape, data: dict[str, Any]) -> str:
        known.update(data)
        return begin(tape, data)

    def first(tape: Tape) -> None:
        tape.fetch(("x", len(known["x"]) - 1))
        tape.answer(all_read)

    return Program(start, {"first": first}, kinds())


def keeping_a_variable() -> Program:
    last = 0

    def start(tape: Tape, data: dict[str, Any]) -> str:
        nonlocal last
        last = len(data["x"]) - 1
        return begin(tape, data)

    def first(tape: Tape) -> None:
        tape.fetch(("x", last))
        tape.answer(all_read)

    return Program(start, {"first": first}, kinds())


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Program(keep_globally, {"first": read_globally}, kinds()), "COUNT"),
        (lambda: Program(keep_in_a_list, {"first": read_through_another}, kinds()), "LIST"),
        (keeping_around, "known"),
        (keeping_a_variable, "last"),
    ],
)
def test_a_variable_that_start_sets_is_named(make: Callable[[], Program], name: str) -> None:
    program = make()
    with pytest.raises(ProgramError, match=f"the program changes '{name}', which is not on the tape"):
        check(record(program, {"x": [4, 5, 6]}), program, {"x": [4, 5, 6]})


@pytest.mark.parametrize(
    "program",
    [
        Program(keep_globally, {"first": read_globally}, kinds()),
        Program(keep_in_a_class, {"first": read_from_a_class}, kinds()),
        Program(keep_on_a_function, {"first": read_from_a_function}, kinds()),
        keeping_around(),
    ],
)
def test_wherever_it_is_kept_it_is_seen_after_another_problem(program: Program) -> None:
    run = record(program, {"x": [4, 5, 6]})
    record(program, {"x": [4, 5]})
    with pytest.raises(ProgramError, match=r"never written|does something else when it runs alone"):
        check_alone(run, program)


def test_a_state_that_leaves_something_for_the_next_is_caught() -> None:
    def first(tape: Tape) -> None:
        Box.count = tape.fetch(("x", 0))
        tape.goto("last")

    def last(tape: Tape) -> None:
        tape.fetch(("x", Box.count))
        tape.answer(all_read)

    program = Program(begin, {"first": first, "last": last}, kinds())
    run = record(program, {"x": [2, 5, 6]})
    record(program, {"x": [1, 5, 6]})
    with pytest.raises(ProgramError, match=r"never written|does something else when it runs alone"):
        check_alone(run, program)
