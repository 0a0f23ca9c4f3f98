"""Longest common subsequence: any of maximal length counts, and nothing else."""

from itertools import combinations, product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("lcs")
strings = st.text("abcd", min_size=1, max_size=8)


def subsequences(text: str, size: int) -> set[str]:
    return {"".join(chosen) for chosen in combinations(text, size)}


@given(strings, strings)
@example("a", "a")
@example("aaaa", "bbbb")
@example("abab", "baba")  # several of maximal length
@example("aabb", "aabb")
def test_the_answer_is_one_of_the_longest_common_subsequences(x1: str, x2: str) -> None:
    data = {"x1": x1, "x2": x2}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    common = [subsequences(x1, size) & subsequences(x2, size) for size in range(len(x1) + 1)]
    longest = next(found for found in reversed(common) if found)
    for answer in (run.answer, TASK.oracle(data)):
        assert answer in longest or (answer == "none" and longest == {""})
        assert all(TASK.equal(other, answer, data) for other in longest - {""})


@pytest.mark.parametrize("wrong", ["ab", "abb", "cab", "none", "", "abcb", "a b"])
def test_shorter_strings_and_those_that_are_no_subsequence_are_refused(wrong: str) -> None:
    data = {"x1": "abcb", "x2": "bacb"}
    assert TASK.equal("acb", "bcb", data)
    assert not TASK.equal(wrong, "bcb", data)


def test_the_textbook_s_pair_goes_the_textbook_s_way_back() -> None:
    assert record(TASK.program, {"x1": "abcbdab", "x2": "bdcaba"}).answer == "bcba"


def test_an_end_is_fetched_before_it_is_known() -> None:
    problem = TASK.problem_of({"x1": "a", "x2": "b"}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()[2:]
    assert lines[:3] == ["0,0:0>", "0,1:b=0>", "0,2:_>"]
    assert lines[3:7] == ["1,0:a=0>", "1,1:a,b;0,0=0>", "1,2:a,_>", "2,0:_>"]
    assert lines[7:] == ["2,2:_,_;0>", "from 1,1:a,b;0,0=up>", "from 0,1:_,b;_", "Answer: none"]


def test_support_counts_every_unordered_pair() -> None:
    texts = ["".join(chars) for size in (1, 2) for chars in product("abcd", repeat=size)]
    assert TASK.support(1, 2) == len({TASK.key({"x1": one, "x2": other}) for one in texts for other in texts})


@given(strings, strings)
def test_a_row_merged_into_one_step_leaves_all_its_cells(x1: str, x2: str) -> None:
    problem = TASK.problem_of({"x1": x1, "x2": x2}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "no-atomic").text.splitlines()
    rows = [line for line in lines if line[0].isdigit() and "=" in line]
    assert len(rows) == 1 + len(x1)
    assert all(row.rpartition("=")[2].count(",") == len(x2) for row in rows)
