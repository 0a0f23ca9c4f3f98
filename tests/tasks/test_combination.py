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
