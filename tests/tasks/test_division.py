"""Division, digit by digit and in whole numbers: zero digits, exact ends, long divisors, cut off and never rounded."""

import re
from fractions import Fraction
from random import Random

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.records import Run
from tailkit.tape import check, lint, record

TASK = tasks.load("division")
WHOLE = TASK.with_settings({"digitwise": 0})
numbers = st.from_regex(re.compile(r"(0|[1-9][0-9]{0,9})(\.[0-9]{1,9})?"), fullmatch=True)


def runs_of(task: tasks.Task) -> dict[str, list[Run]]:
    """Of each range one problem at the lower end, and one at the upper."""
    rng = Random("division")
    return {name: [task.record(task.problem_at(rng, n)) for n in bounds] for name, bounds in task.ranges.items()}


@settings(max_examples=40)
@given(numbers, numbers)
@example("0", "7")
@example("0.00", "0.01")
@example("10203", "101")  # zero digits in the quotient
@example("2", "3")  # rounding would give 0.6667
@example("1", "99999")  # 0.0000
@example("1", "16")  # exact with four places
@example("1000", "8")
@example("99999", "1")
@example("1.50000", "2")  # exact, with zeros of the dividend still to come
@example("1.00001", "1")  # not exact, though four zeros come after the point
@example("7", "0.0035")  # zeros in front of the divisor
@example("3.5", "3.5")  # a multiple that is the whole remainder
def test_any_quotient_is_exact_up_to_four_places(x1: str, x2: str) -> None:
    assume(Fraction(x2))
    exact = Fraction(x1) / Fraction(x2)
    for way in (0, 1):
        data = {"x1": x1, "x2": x2, "digitwise": way}
        run = record(TASK.program, data)
        check(run, TASK.program, data)
        assert 0 <= exact - Fraction(run.answer) < Fraction(1, 10**4)
        assert (Fraction(run.answer) * 10**4).denominator == 1
        assert run.answer == TASK.oracle(data)


def test_every_remainder_is_less_than_the_divisor() -> None:
    run = record(TASK.program, {"x1": "98765", "x2": "13", "digitwise": 0})
    rests = [step.results[1] for step in run.steps if step.kind == "subtract"]
    assert len(rests) == 4 + 4
    assert all(0 <= rest < 13 for rest in rests)


def test_digits_are_those_of_the_multiples_and_remainders() -> None:
    """What whole numbers are in one state, the digits of the other setting spell out."""
    digits, whole = [record(TASK.program, {"x1": "98765", "x2": "13", "digitwise": way}) for way in (1, 0)]
    spelled: dict[int, str] = {}
    for step in digits.steps:
        if step.kind == "times":
            spelled[step.at[0]] = step.results[0] + spelled.get(step.at[0], "")
    assert [int(spelled[k]) for k in range(2, 10)] == [
        step.results[0] for step in whole.steps if step.kind == "multiple"
    ]
    quotient = [step.results[0] for step in digits.steps if step.kind == "digit"]
    assert [int(digit[0]) for digit in quotient] == [step.results[0] for step in whole.steps if step.kind == "subtract"]


def test_digit_by_digit_no_state_hides_a_loop() -> None:
    words = lint.measure(runs_of(TASK), TASK.core)
    assert not words.loops
    assert {each.kind for each in words.growth} > {"times", "try", "minus", "digit", "next"}
    hidden = {each.kind for each in lint.measure(runs_of(WHOLE), TASK.core).loops}
    assert {"multiple", "trial", "subtract"} <= hidden


def test_whole_numbers_are_local_and_print_all_that_they_use() -> None:
    """For digits, the default, this and the next hold in the contract's tests."""
    runs = runs_of(WHOLE)
    for words, literal in ((TASK.core, True), (TASK.styled, False)):
        measured = lint.measure(runs, words, literal=literal)
        assert not measured.findings
        assert measured.local == measured.transitions > 100


def test_whole_numbers_keep_the_contract_in_every_variant() -> None:
    tasks.verify(WHOLE, WHOLE.ranges, count=2)
    for number in range(30):
        problem = WHOLE.problem(Random(number), "S", WHOLE.ranges["S"])
        run = WHOLE.record(problem)
        texts = {variant: WHOLE.trace(run, problem, variant).text for variant in WHOLE.variants}
        assert len(set(texts.values())) == len(texts)


def test_one_of_the_longest_traces_takes_less_than_16_000_tokens() -> None:
    """Each token of any byte-level tokenizer takes at least one byte."""
    data = {"x1": "99999999999999999999", "x2": "0.0000777777777777777", "digitwise": 1}
    problem = TASK.problem_of(data, "L", "")
    assert 13_000 < len(TASK.trace(TASK.record(problem), problem, "tail").text) < 16_000


def test_a_digit_is_tried_written_and_taken_away_place_by_place() -> None:
    problem = TASK.problem_of({"x1": "2.5", "x2": "0.12", "digitwise": 1}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()
    first = lines.index("begin 3,2=2,2,0>")
    assert lines[first + 1 : first + 13] == [
        "5?0,0:0/0>",
        "5?1,1:6/2;0=0>",
        "2?0,0:0/0>",
        "2?1,1:2/2>",
        "2?2,2:4/5;0=1>",
        "3?0,0:0/0>",
        "3?1,1:3/2;0=0>",
        "q2:2/3,2=2>",
        "2-2,2:5-4-0=01>",
        "2-1,1:2-2-0=00>",
        "2-0,0:0-0-0=00>",
        "next 2/3,0=3,1>",
    ]


def test_whole_numbers_are_compared_and_taken_away_in_one_state() -> None:
    problem = WHOLE.problem_of({"x1": "2.5", "x2": "0.12", "digitwise": 0}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()
    first = lines.index("first 1|2=2>")
    assert lines[first + 1 : first + 6] == ["2:2,5=25>", "2?5:60/25=0>", "2?2:24/25=1>", "2?3:36/25=0>", "2q2:25-24=1>"]
