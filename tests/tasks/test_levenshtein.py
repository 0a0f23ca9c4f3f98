"""Levenshtein distance: equal strings, one character, nothing in common, and both ways alike."""

from functools import cache
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
