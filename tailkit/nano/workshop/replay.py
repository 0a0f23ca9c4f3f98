"""Replay: rows of nano's pretraining among those of fine-tuning, so that what the base knows of all sizes is kept.

In: a program of the invented tasks, and a seed. Out: (prompt, completion) pairs of its named tasks, in all sizes.
The filter of the pretraining is not asked here: a task of one's own would change it, and so the rows. A test holds
that it finds nothing in rows of named tasks.
"""

from collections.abc import Iterator
from functools import cache
from random import Random

from tailkit.nano.workshop import invented
from tailkit.nano.workshop.batches import WINDOW, encode
from tailkit.nano.workshop.primitives import WORDS

FAMILY = "nano"
"""What the rows of all programs are counted under, as nano/grid."""
SIZES = (2, 18)  # Characters of a string, about.


def stream(program: str, seed: int) -> Iterator[tuple[str, str]]:
    """(prompt, completion) pairs without end, of at most WINDOW tokens each; short ones may come again.

    They follow from program and seed alone. Raises `KeyError` if `program` is none of `programs()`.
    """
    rng, named = Random(f"nano/replay/{seed}/{program}"), programs()[program]
    while True:
        _, prompt, completion = invented.problem(rng, rng.randint(*SIZES), WORDS, rng.choice(named))
        if len(encode(prompt, completion)[0]) <= WINDOW:
            yield prompt, completion


@cache
def programs() -> dict[str, list[int]]:
    """The programs of the invented tasks, and the numbers of the tasks that have a name and this program."""
    found: dict[str, list[int]] = {}
    for task in range(invented.STAGES[-1][0]):
        found.setdefault(invented.program_named(task).called, []).append(task)
    return dict(sorted(found.items()))
