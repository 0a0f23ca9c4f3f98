"""Replay: rows of nano's pretraining among those of fine-tuning, so that what the base knows of all sizes is kept.

In: a program of the invented tasks, and a seed. Out: (prompt, completion) pairs of its named tasks, in all sizes.
"""

from collections.abc import Iterator
from functools import cache
from random import Random

from tailkit.nano import invented
from tailkit.nano.clean import is_clean
from tailkit.nano.primitives import WORDS
from tailkit.nano.rows import WINDOW, encode

SIZES = (2, 18)


def stream(program: str, seed: int) -> Iterator[tuple[str, str]]:
    """Rows without end, each of at most WINDOW tokens. `program` is one of `programs()`."""
    rng, named = Random(f"nano/replay/{seed}/{program}"), programs()[program]
    while True:
        _, prompt, completion = invented.invented(rng, rng.randint(*SIZES), WORDS, rng.choice(named))
        if len(encode(prompt, completion)[0]) <= WINDOW and is_clean(prompt, completion):
            yield prompt, completion


@cache
def programs() -> dict[str, list[int]]:
    """The programs of the invented tasks, and the numbers of the tasks that have a name and this program."""
    found: dict[str, list[int]] = {}
    for task in range(invented.STAGES[-1][0]):
        found.setdefault(invented.program_named(task).__name__.lower(), []).append(task)
    return dict(sorted(found.items()))
