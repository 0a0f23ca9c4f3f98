"""Longest common subsequence: any of maximal length counts, and nothing else."""

from collections import Counter
from itertools import combinations, product
from random import Random

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
def test_shorter_strings_and_no_subsequences_are_refused(wrong: str) -> None:
    data = {"x1": "abcb", "x2": "bacb"}
    assert TASK.equal("acb", "bcb", data)
    assert not TASK.equal(wrong, "bcb", data)


def test_the_textbook_s_pair_goes_the_textbook_s_way_back() -> None:
    assert record(TASK.program, {"x1": "abcbdab", "x2": "bdcaba"}).answer == "bcba"


def test_an_end_is_fetched_before_it_is_known() -> None:
    problem = TASK.problem_of({"x1": "a", "x2": "b"}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()[2:]
    assert lines[:2] == ["0,1:b=0>", "0,2:_>"]
    assert lines[2:6] == ["1,0:a=0>", "1,1:a,b;0,0=0>", "1,2:a,_>", "2,0:_,1>"]
    assert lines[6:] == ["from 1,1:a,b;0,0=up>", "from 0,1:_,b>", "lcs 1:_", "Answer: none"]


@given(strings, strings)
@example("abab", "baba")
@example("abcbdab", "bdcaba")
def test_the_label_is_the_longest_one_that_the_trace_finds(x1: str, x2: str) -> None:
    data = {"x1": x1, "x2": x2}
    assert record(TASK.program, data).answer == TASK.oracle(data)


@given(strings, strings)
def test_each_match_goes_to_the_place_that_its_length_says(x1: str, x2: str) -> None:
    steps = record(TASK.program, {"x1": x1, "x2": x2}).steps
    matches = [(cells, step.moved) for step in steps for _, cells in step.puts]
    result = steps[-1].contents[:-1]
    assert matches == [((("lcs", place),), (result[place - 1],)) for place in range(len(result), 0, -1)]


def test_every_length_is_as_frequent() -> None:
    rng = Random(0)
    for low, high in TASK.ranges.values():
        counts = Counter(TASK.length(TASK.sample(rng, low, high)) for _ in range(3000))
        assert set(counts) == set(range(low, high + 1))
        assert all(abs(count * len(counts) / 3000 - 1) < 0.15 for count in counts.values())


def test_support_counts_every_unordered_pair() -> None:
    texts = ["".join(chars) for size in (1, 2) for chars in product("abcd", repeat=size)]
    assert TASK.support(1, 2) == len({TASK.key({"x1": one, "x2": other}) for one in texts for other in texts})


@given(strings, strings)
def test_a_row_merged_into_one_step_leaves_all_its_cells(x1: str, x2: str) -> None:
    problem = TASK.problem_of({"x1": x1, "x2": x2}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "no-atomic").text.splitlines()
    rows = [line.rstrip(">") for line in lines if line[0].isdigit() and "=" in line]
    assert len(rows) == 1 + len(x1)
    assert all(row.rpartition("=")[2].count(",") == len(x2) - row.startswith("0,") for row in rows)
    assert all(row.rpartition("=")[0].count(",") == 1 + 2 * len(x2) + 1 for row in rows[1:])


@given(strings, strings)
def test_the_merged_way_back_starts_from_the_strings(x1: str, x2: str) -> None:
    problem = TASK.problem_of({"x1": x1, "x2": x2}, "S", "")
    run = TASK.record(problem)
    way = TASK.trace(run, problem, "no-atomic").text.splitlines()[-3]
    length = 0 if run.answer == "none" else len(run.answer)
    result = ",".join([*run.answer[:length], "_"])
    assert way == f"from {len(x1)},{len(x2)}:{','.join([*x1, *x2])},{length}={result}>"
