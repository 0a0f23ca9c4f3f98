"""What decodes the rows of a range: the protocol of a decoder, and what it is given.

A decoder is a file here and a line in `recipe.choices.DECODERS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tailkit.decode.rows import Row
from tailkit.models import Loaded
from tailkit.recipe.choices import DECODERS, class_of
from tailkit.records import Generation

PLAIN = "plain"
Emit = Callable[[list[Generation]], None]


@dataclass(frozen=True)
class Job:
    """The evaluation of one range: at most `most` rows at once, by a base model in `precision`.

    `known`: rows that have their generation; a batch of nothing else may be passed over.
    """

    loaded: Loaded
    range_name: str
    most: int
    precision: str = "fp32"
    known: frozenset[int] = frozenset()


class Decoder(Protocol):
    """Turns rows into generations that plain greedy decoding would give."""

    by_gold: bool
    """Whether it goes by gold traces, and so is of no use where completions have another form."""

    def __init__(self, job: Job) -> None: ...

    def decode(self, rows: list[Row], emit: Emit) -> None:
        """Decode all rows, longest first, and emit each generation once, batch by batch.

        The batches follow from the rows alone, so that an interrupted evaluation goes on to the same file.
        """
        ...


def decoder(name: str, job: Job, *, free_form: bool) -> Decoder:
    """The decoder of a name in `DECODERS`; the plain one where gold traces say nothing."""
    kind: type[Decoder] = class_of(DECODERS, name)
    if free_form and kind.by_gold:
        kind = class_of(DECODERS, PLAIN)
    return kind(job)
