"""Word flip: any text is reversed, and sentences have exactly the length that is asked for."""

from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record
from tailkit.tasks.shelf.draw import WORDS

TASK = tasks.load("word_flip")


@given(st.text("abT,. ", min_size=1, max_size=30))
@example("A.")
@example(" ")
@example("  a")
@example("a  ")
@example("level, level.")
def test_any_text_comes_out_backwards(sentence: str) -> None:
    data = {"sentence": sentence}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    assert run.answer == TASK.oracle(data) == "".join(reversed(sentence))


def test_sentences_of_every_length_are_made_of_the_bundled_words() -> None:
    rng, commas = Random(0), 0
    for n in [*range(2, 101)] * 3:
        sentence = TASK.sample(rng, n, n)["sentence"]
        assert len(sentence) == n
        assert sentence[0].isupper()
        assert sentence[-1] == "."
        commas += sentence.count(",")
        words = sentence[:-1].replace(", ", " ").split(" ")
        assert {words[0], words[0].lower()} & {*WORDS}
        assert {*words[1:]} <= {*WORDS}
    assert commas > 100


def test_support_counts_every_sentence() -> None:
    pairs = {first + gap + last for first in WORDS for gap in (" ", ", ") for last in WORDS}
    assert TASK.support(10, 10) == len({text[0].upper() + text[1:] for text in pairs if len(text) == 9})


@given(st.text("abT,. ", min_size=1, max_size=12))
def test_a_state_moves_one_character(sentence: str) -> None:
    steps = record(TASK.program, {"sentence": sentence}).steps
    assert [step.moved for step in steps[1:-1]] == [(char,) for char in sentence[::-1].replace(" ", "~")]
    assert [step.at for step in steps[2:-1]] == [(i, len(sentence) + 1 - i) for i in range(len(sentence) - 1, 0, -1)]


def test_a_space_is_no_end() -> None:
    problem = TASK.problem_of({"sentence": " a "}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "tail").text.splitlines()
    assert lines == ["1:~>2:a>3:~>4:_>", "3,1:~=~>", "2,2:a=a>", "1,3:~=~>", "flip 1:~>2:a>3:~>4:_", "Answer:  a "]


def test_without_fetches_no_character_stands_in_the_reversal() -> None:
    problem = TASK.problem_of({"sentence": "Tea."}, "S", "")
    lines = TASK.trace(TASK.record(problem), problem, "no-fetch").text.splitlines()
    assert lines[1:] == [">", "3,2:>", "2,3:>", "1,4:>", "flip ", "Answer: .aeT"]
