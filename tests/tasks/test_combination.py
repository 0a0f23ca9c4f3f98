"""Combinations: all of them are listed, each once, for every n and k."""

from itertools import combinations
from random import Random

import pytest

from tailkit import tasks
from tailkit.tape import check, lint, record

TASK = tasks.load("combination")
LETTERWISE = TASK.with_settings({"letterwise": 1})


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in range(1, 9) for k in range(1, n + 1)])
def test_every_combination_is_listed_once_and_counted(n: int, k: int) -> None:
    data = {"letters": "hgfedcba"[:n], "k": k, "letterwise": 0}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    found = [step.at[1] for step in run.steps if step.kind == "node" and step.results == ("count",)]
    assert found == ["".join(some) for some in combinations(str(data["letters"]), k)]
    assert run.answer == TASK.oracle(data) == str(len(found))
    letters = record(TASK.program, data | {"letterwise": 1})
    check(letters, TASK.program, data | {"letterwise": 1})
    assert ["".join(step.contents[:-1]) for step in letters.steps if step.kind == "tally"] == found
    assert letters.answer == run.answer


def test_the_order_of_the_letters_makes_no_other_problem() -> None:
    assert TASK.key({"letters": "cab", "k": 2}) == TASK.key({"letters": "abc", "k": 2})
    assert TASK.key({"letters": "abc", "k": 1}) != TASK.key({"letters": "abc", "k": 2})


def test_a_branch_with_too_few_letters_says_why_it_is_given_up() -> None:
    problem = TASK.problem_of({"letters": "ba", "k": 1, "letterwise": 0}, "S", "")
    assert TASK.trace(TASK.record(problem), problem, "tail").text.splitlines() == [
        "list 1:b,2:a,3:_>",
        "0,_:1+0/2=choose>",
        "+1:_+b,1=b,0>",
        "1,b:0+1/2=count>",
        "#b:0+1;_,0=1>",
        "1,_:1+1/2=choose>",
        "+2:_+a,1=a,0>",
        "2,a:0+2/2=count>",
        "#a:1+1;_,1=2>",
        "2,_:1+2/2=back>",
        "total:2",
        "Answer: 2",
    ]


def test_where_a_branch_ends_its_line_says_where_to_go_on() -> None:
    run = record(TASK.program, {"letters": "abcdefg", "k": 4, "letterwise": 0})
    ends = [step for step in run.steps if step.kind == "count" or step.results == ("back",)]
    assert len(ends) > 40
    for step in ends:
        if step.at[-1] == "_":
            assert step.next == ("total", ())
            continue
        *_, before, place = step.values
        assert before == step.at[-1][:-1] or before == "_"
        assert step.next == ("node", (place + 1, before))


def test_the_end_of_the_list_is_found_by_reading_it() -> None:
    run = record(TASK.program, {"letters": "abc", "k": 2, "letterwise": 0})
    assert ("end",) not in run.given
    assert run.steps[0].stops == ((("end",), 3),)


def test_a_merged_node_prints_as_many_operands_in_any_case() -> None:
    run = record(TASK.program, {"letters": "abcdef", "k": 3, "letterwise": 0})
    below_root = [macro for macro in run.macros if run.steps[macro.first].at[1] != "_"]
    assert len(below_root) > 5
    assert {len(macro.operands or ()) for macro in below_root} == {6}
    assert {macro.results for macro in run.macros} == {(("count",),)}


def test_no_query_has_the_number_right_after_the_letters() -> None:
    """Else "b, c, 1 go" reads as if 1 were one of them."""
    for query in TASK.queries:
        assert "{letters}, {k}" not in query.replace("[{letters}], ", "")


def test_letter_by_letter_no_state_hides_a_loop() -> None:
    runs = {name: [LETTERWISE.record(LETTERWISE.problem_at(Random(1), n))] for name, n in (("S", 4), ("L", 8))}
    for words, literal in ((TASK.core, True), (TASK.styled, False)):
        measured = lint.measure(runs, words, literal=literal)
        assert not measured.findings
        assert not measured.loops
        assert measured.local == measured.transitions > 100
    whole = {name: [TASK.record(TASK.problem_at(Random(1), n))] for name, n in (("S", 4), ("L", 8))}
    assert {each.kind for each in lint.measure(whole, TASK.core).loops} == {"node", "choose", "count"}


def test_letter_by_letter_the_contract_holds_in_every_variant() -> None:
    tasks.verify(LETTERWISE, {"S": (2, 4)}, count=4)
    for number in range(20):
        problem = LETTERWISE.problem(Random(number), "S", LETTERWISE.ranges["S"])
        run = LETTERWISE.record(problem)
        texts = {variant: LETTERWISE.trace(run, problem, variant).text for variant in LETTERWISE.variants}
        assert len(set(texts.values())) == len(texts)


def test_letter_by_letter_a_branch_goes_back_to_its_last_letter() -> None:
    problem = TASK.problem_of({"letters": "bac", "k": 2, "letterwise": 1}, "S", "")
    assert TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()[:9] == [
        "list 1:b,2:a,3:c,4:_>",
        "0,0:2+0/3=choose>",
        "+1,0:b,2=1,b>",
        "1,1:1+1/3=choose>",
        "+2,1:a,1=0,a>",
        "2,2:0+2/3=count>",
        "#2:1:b,2:a,3:_;0+1;2=1>",
        "2,1:1+2/3=choose>",
        "+3,1:c,1=0,c>",
    ]
