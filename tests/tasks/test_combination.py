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
        "list 0:b,1:a,2:_>",
        "0,_:1+0/2=choose>",
        "+0:_+b,1=b,0>",
        "1,b:0+1/2=count>",
        "#b:0+1=1>",
        "1,_:1+1/2=choose>",
        "+1:_+a,1=a,0>",
        "2,a:0+2/2=count>",
        "#a:1+1=2>",
        "2,_:1+2/2=back",
        "Answer: 2",
    ]
