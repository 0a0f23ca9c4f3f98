"""Count letters: capitals, punctuation, single letters, none at all."""

from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.draw import LETTERS
from tailkit.tape import check, record

TASK = tasks.load("count_letters")
words = st.text(st.sampled_from("abEe,.xX"), min_size=1, max_size=6)


@given(st.lists(words, min_size=1, max_size=8), st.sampled_from("aexz"))
@example(["a"], "a")
@example(["A"], "a")
@example(["Eee,", "EE."], "e")
@example(["no", "such."], "z")
def test_every_occurrence_is_counted_once(text: list[str], letter: str) -> None:
    data = {"sentence": " ".join(text), "letter": letter}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    wanted = sum(char in (letter, letter.upper()) for char in data["sentence"])
    assert run.answer == TASK.oracle(data) == str(wanted)


def test_letters_that_do_not_occur_are_drawn_but_are_not_the_rule() -> None:
    rng = Random(0)
    for low, high in TASK.ranges.values():
        drawn = [TASK.sample(rng, low, high) for _ in range(500)]
        assert 10 < sum(TASK.oracle(data) == "0" for data in drawn) < 150
        assert {data["letter"] for data in drawn} <= set(LETTERS)
