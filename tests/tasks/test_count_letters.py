"""Count letters: any letter of any sentence, capital or small; letters that do not occur are asked for too."""

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("count_letters")
words = st.text("aAbBz,.", min_size=1, max_size=6)


@given(st.sampled_from("abz"), st.lists(words, min_size=1, max_size=6).map(" ".join))
@example("a", "A")
@example("b", "a")
@example("a", "Aaa, aAa, aaA.")
def test_any_letter_is_counted_in_any_sentence(letter: str, sentence: str) -> None:
    data = {"letter": letter, "sentence": sentence}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    assert run.answer == TASK.oracle(data) == str(sum(char in (letter, letter.upper()) for char in sentence))


@pytest.mark.parametrize("range_name", ["S", "M", "L"])
def test_some_letters_do_not_occur_but_most_do(range_name: str) -> None:
    rng = Random(0)
    answers = [TASK.oracle(TASK.sample(rng, *TASK.ranges[range_name])) for _ in range(2000)]
    assert 0.01 < answers.count("0") / len(answers) < 0.25
    assert len(set(answers)) > 4


def test_the_last_state_reads_the_count_after_the_last_word() -> None:
    problem = TASK.problem_of({"letter": "a", "sentence": "A cat."}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()
    assert lines[:2] == ["1 A>2 cat.>3 _>", "1 A=1:a>2:_>"]
    assert lines[-3:] == ["2,5:2,a?_=2>", "3 _,2", "Answer: 2"]


def test_the_letter_belongs_to_the_problem() -> None:
    sentence = "The cat."
    assert TASK.key({"letter": "t", "sentence": sentence}) != TASK.key({"letter": "c", "sentence": sentence})
    assert TASK.support(1, 1) == 180 * 26
