"""What a question in a user's own words is read as, so that its answer can be checked."""

import re
import time
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.use.reading import problem_in


def worded(name: str, range_name: str, number: int) -> tuple[str, dict[str, Any]]:
    """A problem of a task in its wording of this number, and its data."""
    task = tasks.load(name)
    data = task.sample(Random(f"{name}/{range_name}/{number}"), *task.ranges[range_name]) | task.settings
    return task.queries[number % len(task.queries)].format(**task.words(data)), data


@pytest.mark.parametrize("range_name", ["S", "L"])
@pytest.mark.parametrize("name", tasks.names())
def test_every_wording_of_every_task_is_read_back(name: str, range_name: str) -> None:
    task = tasks.load(name)
    for number in range(len(task.queries)):
        text, data = worded(name, range_name, number)
        problem = problem_in(task, text)
        assert problem is not None, text
        assert (problem.data, problem.answer, problem.query) == (data, task.oracle(data), text)


READ = [
    ("addition", "Add 3.5 and 12", "15.5"),
    ("addition", "what is  3.5 plus 12", "15.5"),
    ("addition", "3.5+12", "15.5"),
    ("addition", "3 + 5\n", "8"),
    ("addition", "3 + .5 = ?", "3.5"),
    ("bubble_sort", "sort [3,1,2] in ascending order", "1,2,3"),
    ("combination", "Choose 2 of the letters a,b,c: in how many ways", "3"),
    ("compare_numbers", "Compare 3 with 3.0", "="),
    ("count_letters", 'How often does the letter e occur in "Eve  sees"', "4"),
    ("derangement", "D(7)=?", "1854"),
    ("dijkstra", "dijkstra, undirected, edges C-A 16,A-B 2, C-B 1, source A", "A 0, B 2, C 3"),
    ("diophantine", "Solve 3 a+4b = 12", "(0,3);(4,0)"),
    ("division", "Divide 5 by 3", "1.6666"),
    ("knapsack", "0-1 knapsack: capacity 7; the items, each as number (weight, value), are 1 (10,2),2 (5,2)", "2"),
    ("lcs", "LCS('abc','abd')", "ab"),
    ("levenshtein", 'levenshtein("ab","cd")', "2"),
    ("prime_search", "primes in [10,20], both ends included", "11,13,17,19"),
    ("word_flip", 'Reverse the sentence "Ab cd." character by character', ".dc bA"),
]


@pytest.mark.parametrize(("name", "question", "answer"), READ)
def test_near_wordings_are_read(name: str, question: str, answer: str) -> None:
    problem = problem_in(tasks.load(name), question)
    assert problem is not None
    assert problem.answer == answer
    # Whoever reads it can see as what it was taken.
    assert problem_in(tasks.load(name), problem.query) == problem


UNREAD = [
    *(("addition", text) for text in ("12 - 5", "-3 + 5 = ?", "3 + 5 = 8?", "3 + 5 + 7", "1,000 + 2", "1e5 + 3")),
    *(
        ("addition", text)
        for text in ("Add 3 4 and 5", "Add 1.2.3 and 4", "Add x to y", "", "{x1} + {x2} = ?", "٣ + 5")
    ),
    ("addition", "Let a = 3 and b = 5 be given. Determine a - b."),
    ("addition", f"{'9' * 101} + 1"),
    ("any_substring", "List all contiguous substrings of a b"),
    ("binary_search", "Find the index of 3 in the increasing list [5, 3, 1]."),
    ("binary_search", "Find the index of 7 in the increasing list [1, 3, 5]."),
    ("bubble_sort", "Sort [3, 1, 2] in descending order."),
    ("bubble_sort", "Sort [1.5, 2]"),
    ("bubble_sort", "Sort []"),
    ("combination", "Choose 2 of the letters a, a, b: in how many ways?"),
    ("count_letters", "How often does the letter E occur in “Eve”?"),
    ("derangement", "D(100000)"),
    ("dijkstra", "dijkstra, undirected, edges C-A 16, X-Y 2, source A"),
    ("division", "divide 5 by 0"),
    (
        "knapsack",
        "0-1 knapsack: capacity 1000000000; the items, each as number (weight, value), are 1 (10, 2), 2 (5, 2).",
    ),
    ("prime_search", "primes in [1, 1000000000], both ends included, comma-separated and rising, or none?"),
    ("word_flip", "Reverse the sentence “Ab cd.” word by word"),
    ("word_flip", "Reverse the sentence “Ab” and “cd”"),
]


@pytest.mark.parametrize(("name", "question"), UNREAD)
def test_what_is_no_problem_of_the_task_is_not_read(name: str, question: str) -> None:
    assert problem_in(tasks.load(name), question) is None


LONG = [" + " * 6000, "1" * 19_000, "(1, 2), " * 2400, "a " * 9000, "Add 1 and " * 150, '"a" ' * 200]


@pytest.mark.parametrize("name", ["addition", "dijkstra", "lcs", "schedule", "word_flip"])
def test_a_long_text_is_looked_through_in_short_time(name: str) -> None:
    begun = time.monotonic()
    assert not any(problem_in(tasks.load(name), text) for text in LONG)
    assert time.monotonic() - begun < 5


FIXED = sorted({*tasks.names()} - {"count_letters", "word_flip"})
"""Tasks without a value that is any text, in which every space counts."""


@given(st.sampled_from(FIXED), st.integers(0, 10**6), st.sampled_from(["  ", "\n", "\t "]))
def test_the_space_between_words_and_capitals_do_not_matter(name: str, number: int, space: str) -> None:
    text, data = worded(name, "S", number)
    # The first letter may be a value: a graph's vertex.
    head, rest = (text[:1], text[1:]) if text[:1].islower() else ("", text)
    problem = problem_in(tasks.load(name), f" {head.upper()}{rest.replace(' ', space)} ")
    assert problem is not None
    assert problem.data == data


@given(st.sampled_from(FIXED), st.integers(0, 10**6), st.data())
def test_another_word_or_number_never_gives_the_same_problem(name: str, number: int, draw: st.DataObject) -> None:
    text, data = worded(name, "S", number)
    places = [match.span() for match in re.finditer(r"\w+", text)]
    start, end = draw.draw(st.sampled_from(places))
    problem = problem_in(tasks.load(name), f"{text[:start]}{draw.draw(st.sampled_from(['zebra', '7919']))}{text[end:]}")
    assert problem is None or problem.data != data
