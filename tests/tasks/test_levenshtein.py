"""Levenshtein distance: equal strings, one character, nothing in common, and both ways alike."""

from collections import Counter
from functools import cache
from itertools import product
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("levenshtein")
strings = st.text("abc", min_size=1, max_size=9)


@cache
def distance(one: str, other: str) -> int:
    """From its definition."""
    if not one or not other:
        return len(one) + len(other)
    replaced = distance(one[:-1], other[:-1]) + (one[-1] != other[-1])
    return min(replaced, distance(one[:-1], other) + 1, distance(one, other[:-1]) + 1)


@given(strings, strings)
@example("a", "a")
@example("aaaa", "bbbb")
@example("abcabcabc", "abcabcabc")
@example("ab", "ba")
def test_any_two_strings_have_the_distance_of_the_definition(x1: str, x2: str) -> None:
    answers = set()
    for data in ({"x1": x1, "x2": x2}, {"x1": x2, "x2": x1}):
        run = record(TASK.program, data)
        check(run, TASK.program, data)
        answers |= {run.answer, TASK.oracle(data)}
    assert answers == {str(distance(x1, x2))}


def test_near_and_far_pairs_are_both_common() -> None:
    rng = Random(0)
    for low, high in TASK.ranges.values():
        drawn = [TASK.sample(rng, low, high) for _ in range(500)]
        near = sum(int(TASK.oracle(data)) <= TASK.length(data) // 2 for data in drawn)
        assert 75 < near < 425


def test_kitten_and_sitting_are_three_apart() -> None:
    assert record(TASK.program, {"x1": "kitten", "x2": "sitting"}).answer == "3"


def test_an_end_is_fetched_before_it_is_known() -> None:
    problem = TASK.problem_of({"x1": "a", "x2": "b"}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()[2:]
    assert lines[:2] == ["0,1:b;0=1>", "0,2:_>"]
    assert lines[2:] == ["1,0:a;0=1>", "1,1:a,b;0,1,1=1>", "1,2:a,_>", "2,0:_;1;1", "Answer: 1"]


@given(strings, strings)
def test_the_corner_is_found_by_where_the_second_string_ends(x1: str, x2: str) -> None:
    last = record(TASK.program, {"x1": x1, "x2": x2}).steps[-1]
    assert last.at == (len(x1) + 1, 0)
    assert last.values == ("_", len(x2), distance(x1, x2))


def test_every_length_is_as_frequent_and_so_is_who_is_longer() -> None:
    rng = Random(0)
    for low, high in TASK.ranges.values():
        drawn = [TASK.sample(rng, low, high) for _ in range(1500)]
        counts = Counter(map(TASK.length, drawn))
        assert all(abs(count * len(counts) / 1500 - 1) < 0.15 for count in counts.values())
        first = sum(len(data["x1"]) > len(data["x2"]) for data in drawn)
        second = sum(len(data["x1"]) < len(data["x2"]) for data in drawn)
        assert abs(first - second) < 120


def test_support_counts_every_unordered_pair() -> None:
    texts = ["".join(chars) for size in (1, 2) for chars in product("abcdef", repeat=size)]
    assert TASK.support(1, 2) == len({TASK.key({"x1": one, "x2": other}) for one in texts for other in texts})
