"""The lint: what it finds in programs that are not linear, not fetched, not atomic, and how the command tells it."""

import json
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from tailkit import tasks
from tailkit.cli import app
from tailkit.errors import UsageError
from tailkit.records import RANGES, Line, Place, Run, Step, Values
from tailkit.tape import Program, Tape, lint, record
from tailkit.tape.influence import Influence
from tailkit.tasks.contract import traces
from tailkit.tasks.shelf.macros import kinds
from tailkit.tasks.shelf.wording import joined, listed

ADDITION = tasks.load("addition")


def begin(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("list")
    tape.given([("list", place) for place in range(1, 1 + len(data["list"]))], data["list"])
    tape.given([("sum",)], [0])
    return "read"


def read_list(tape: Tape) -> None:
    tape.scan(("list", 1), into=("end",))
    tape.goto("whole")


def whole(tape: Tape) -> None:
    """Fetches as many cells as there are: a loop in a state."""
    end = tape.fetch(("end",))
    tape.fetch(*[("list", place) for place in range(1, end + 1)])
    tape.write(total, ("sum",))
    tape.answer(last_written)


def total(end: int, *numbers: int) -> int:
    return sum(numbers)


def last_written(place: Place, read: Values, written: Values) -> str:
    return str(written[-1])


def far(tape: Tape) -> None:
    """Goes to a place that it computes, and prints nowhere."""
    tape.fetch(("end",))
    tape.write(int, ("copy",))
    tape.goto(twice_and_more)


def twice_and_more(place: Place, read: Values, written: Values) -> tuple[str, int]:
    return "whole", 2 * read[0] + 30


READ = Line(lambda: "", show=listed(), open="")
WHOLE = Line(lambda *place: "sum", lambda *values: "+".join(map(str, values)) + "=", str)


def runs_of(program: Program) -> dict[str, list[Run]]:
    rng = Random(0)
    sizes = {"S": (2, 4), "M": (5, 6), "L": (9, 12)}
    return {
        name: [record(program, {"list": rng.sample(range(10, 99), rng.randint(*bounds))}) for _ in range(6)]
        for name, bounds in sizes.items()
    }


def test_a_state_whose_operands_grow_in_number_hides_a_loop() -> None:
    program = Program(begin, {"read": read_list, "whole": whole}, kinds())
    found = lint.measure(runs_of(program), {"read": READ, "whole": WHOLE})
    assert not found.findings
    assert found.local == found.transitions == 18
    (loop,) = found.loops
    assert loop.kind == "whole"
    assert loop.operands["L"] - loop.operands["S"] >= 5
    assert loop.tokens > 0


def test_a_state_whose_operands_grow_in_size_hides_a_loop() -> None:
    task = tasks.load("derangement")
    runs = {name: [task.record(task.problem_at(Random(1), task.ranges[name][1]))] for name in RANGES}
    assert any(growth.size["L"] > 3 * growth.size["S"] for growth in lint.measure(runs, task.core).loops)


@pytest.mark.parametrize(
    ("wording", "said"),
    [
        (WHOLE._replace(fetch=None), "operand end is not printed"),
        (WHOLE._replace(fetch=lambda *values: "10+20="), "operand end is not printed"),
        (WHOLE._replace(fetch=lambda end, *values: f"{'+'.join(map(str, values))}="), "operand end is not printed"),
        (WHOLE._replace(fetch=lambda end, first, *more: f"{end}{more}"), "operand list[1] is not printed"),
        (WHOLE._replace(write=lambda total: str(total % 10)), "result 1 is not printed"),
        (WHOLE._replace(write=None), "result 1 is not printed"),
    ],
)
def test_what_a_wording_leaves_out_is_named_with_its_line(wording: Line, said: str) -> None:
    program = Program(begin, {"read": read_list, "whole": whole}, kinds())
    found = lint.measure(runs_of(program), {"read": READ, "whole": wording})
    (finding,) = found.findings
    assert (finding.rule, finding.kind, finding.what) == ("fetched", "whole", said)
    assert finding.line.startswith("sum")
    assert found.printed < found.values


def test_a_list_that_is_not_laid_out_is_named() -> None:
    program = Program(begin, {"read": read_list, "whole": whole}, kinds())
    found = lint.measure(runs_of(program), {"read": READ._replace(show=lambda *pairs: "list"), "whole": WHOLE})
    assert found.findings[0].what == "shown cell 1 is not printed"
    assert found.local == 0
    assert max(found.lines_back) >= 1


def test_a_place_that_a_transition_computes_is_named() -> None:
    states: dict[str, Any] = {"read": read_far, "far": far, "whole": lambda tape, place: whole(tape)}
    words = {"read": READ, "far": Line(lambda: "far", joined(""), lambda copy: f"={copy}"), "whole": WHOLE}
    found = lint.measure(runs_of(Program(begin, states, kinds())), words)
    rules = {(finding.rule, finding.kind) for finding in found.findings}
    assert ("linear", "far") in rules
    assert found.local < found.transitions


def read_far(tape: Tape) -> None:
    tape.scan(("list", 1), into=("end",))
    tape.goto("far")


def lint_of(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["lint", *arguments], catch_exceptions=False)


def test_the_command_tells_shares_as_a_table_and_as_json() -> None:
    table = lint_of("addition", "--count", "2")
    assert table.exit_code == 0
    assert table.stdout.count("100.0 %") == 2
    facts = json.loads(lint_of("addition", "--count", "2", "--json").stdout)["addition"]
    assert facts["local"] == facts["transitions"] > 0
    assert facts["printed"] == facts["values"] > 0
    assert {state["kind"] for state in facts["states"]} >= {"fraction", "integer"}


def test_the_command_ends_with_1_and_shows_what_breaks_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ADDITION.core, "last", ADDITION.core["last"]._replace(fetch=None))
    broken = lint_of("addition", "--count", "3")
    assert broken.exit_code == 1
    assert "state 'last' is not fetched: operand x1[last] is not printed" in broken.stdout
    with pytest.raises(UsageError, match="not fetched: operand x1"):
        tasks.verify(ADDITION)


def test_the_runs_of_a_task_are_measured_with_their_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ADDITION.styled, "integer", ADDITION.styled["integer"]._replace(fetch=lambda *_: "so "))
    problems = [ADDITION.problem(Random(seed), "S", (3, 5)) for seed in range(4)]
    runs: traces.Runs = {"S": [(problem, ADDITION.record(problem)) for problem in problems]}
    assert traces.measure(ADDITION, runs).findings


def digit_sum(*digits: Any) -> int:
    return sum(digits[:-1])


def largest(_place: Any, read: Any, _written: Any) -> str:
    return str(max(read[:-1]))


def in_a_row(_place: Any, read: Any, _written: Any) -> str:
    return ", ".join(map(str, read[:-1]))


LIST = (("digit", 1), ("digit", 2), ("digit", 3), ("digit", 4))


@pytest.mark.parametrize(
    ("step", "decides"),
    [
        (
            Step("all", (), LIST, (7, 2, 5, "_"), writes=((digit_sum, (("sum",),)),), results=(14,), move="next"),
            [7, 2, 5],
        ),
        (Step("all", (), LIST, (7, 2, 5, "_"), move=largest), [2, 5]),  # 7 stands in the answer
        (Step("all", (), LIST, (7, 2, 5, "_"), move=in_a_row), []),  # a list that is read out
        (Step("all", (), LIST, (7, 2, 5, "_"), move="next"), []),  # a list that is laid out
    ],
)
def test_operands_count_where_they_decide_a_result(step: Step, decides: list[int]) -> None:
    assert Influence().decisive(step) == decides
