"""Combinations: all of them are listed, each once, for every n and k."""

from itertools import combinations

import pytest

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("combination")


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in range(1, 9) for k in range(1, n + 1)])
def test_every_combination_is_listed_once_and_counted(n: int, k: int) -> None:
    data = {"letters": "hgfedcba"[:n], "k": k}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    found = [step.at[1] for step in run.steps if step.kind == "node" and step.results == ("count",)]
    assert found == ["".join(some) for some in combinations(str(data["letters"]), k)]
    assert run.answer == TASK.oracle(data) == str(len(found))


def test_the_order_of_the_letters_makes_no_other_problem() -> None:
    assert TASK.key({"letters": "cab", "k": 2}) == TASK.key({"letters": "abc", "k": 2})
    assert TASK.key({"letters": "abc", "k": 1}) != TASK.key({"letters": "abc", "k": 2})


def test_a_branch_with_too_few_letters_says_why_it_is_given_up() -> None:
    problem = TASK.problem_of({"letters": "ba", "k": 1}, "S", "")
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
    run = record(TASK.program, {"letters": "abcdefg", "k": 4})
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
    run = record(TASK.program, {"letters": "abc", "k": 2})
    assert ("end",) not in run.given
    assert run.steps[0].stops == ((("end",), 3),)


def test_a_merged_node_prints_as_many_operands_in_any_case() -> None:
    run = record(TASK.program, {"letters": "abcdef", "k": 3})
    below_root = [macro for macro in run.macros if run.steps[macro.first].at[1] != "_"]
    assert len(below_root) > 5
    assert {len(macro.operands or ()) for macro in below_root} == {6}
    assert {macro.results for macro in run.macros} == {(("count",),)}


def test_no_query_has_the_number_right_after_the_letters() -> None:
    """Else "b, c, 1 go" reads as if 1 were one of them."""
    for query in TASK.queries:
        assert "{letters}, {k}" not in query.replace("[{letters}], ", "")
