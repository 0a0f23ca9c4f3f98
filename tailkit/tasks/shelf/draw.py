"""What the samplers of several tasks draw: strings, words, sentences.

In: a random stream and sizes. Out: plain text. `…_count` tells how many there are.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

WORDS = (  # noqa: SIM905 - a list of quoted words would be ten times as long
    "a I we he it on in at to of my by an or so the cat dog sun sea old red big hot new sky man car tea map pen "
    "run boy day six ten two her his our and but not all any how who why was are had has can may one tree bird "
    "fish road rain wind snow moon star lamp door wall book page word song cake milk salt fire coal gold iron "
    "wood hand foot head face king tall deep slow fast kind wild warm cold dark blue green white black brown "
    "apple bread chair table river stone cloud storm light night paper glass horse sheep tiger mouse house "
    "plant field grass seven eight three under above along after again still never often today small large "
    "quiet happy sweet early water earth music piano letter garden window bridge castle forest island market "
    "silver copper summer winter spring autumn orange yellow purple little friend mother father sister "
    "teacher brother kitchen evening morning picture village machine journey weather station harbour mountain "
    "sunshine children sentence language elephant"
).split()
COMMAS = 0.15  # share of the words with a comma after them
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def string(rng: Random, length: int, alphabet: str = LETTERS) -> str:
    """Letters drawn one by one; they may repeat."""
    return "".join(rng.choices(alphabet, k=length))


def right(rules: Mapping[str, Callable[[Any], str]], data: Any, answer: str) -> int:
    """How many of some heuristics give the answer to a problem."""
    return sum(rule(data) == answer for rule in rules.values())


def hardest(draw: Callable[[], Any], shortcuts_right: Callable[[Any], int], most: int) -> Any:
    """Of so many draws at most the first for which no shortcut gives the answer, or else one for which fewest do."""
    drawn: list[tuple[int, Any]] = []
    while len(drawn) < most:
        problem = draw()
        drawn.append((shortcuts_right(problem), problem))
        if not drawn[-1][0]:
            break
    return min(drawn, key=lambda each: each[0])[1]


def words(rng: Random, count: int) -> list[str]:
    """Words of the bundled list, with repetition."""
    return rng.choices(WORDS, k=count)


def sentence(rng: Random, count: int) -> str:
    """That many words: the first letter a capital, commas here and there, a full stop."""
    text = " ".join([word + ("," if rng.random() < COMMAS else "") for word in words(rng, count)]).rstrip(",")
    return f"{text[0].upper()}{text[1:]}."


def sentence_count(count: int) -> int:
    """How many sentences of that many words there are."""
    return len(WORDS) ** count * 2 ** (count - 1)
