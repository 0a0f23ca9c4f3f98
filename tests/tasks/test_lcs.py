"""Longest common subsequence: any of maximal length counts, and nothing else."""

from itertools import combinations

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
