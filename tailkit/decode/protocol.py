"""What decodes the rows of a range: the protocol of a decoder, what it is given, and which one a recipe gets.

A decoder is a file here and a line in `recipe.choices.DECODERS`; one that goes by gold traces stands in `BY_GOLD` too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from tailkit.arithmetic.decoding import decoder_of
from tailkit.decode.rows import Row
from tailkit.models import Codec
from tailkit.recipe import Recipe
from tailkit.recipe.choices import DECODERS, class_of
from tailkit.records import Example, Generation, HeldOut
from tailkit.run.folder import RunDir

Emit = Callable[[list[Generation]], None]
Show = Callable[[str], None]


class Engine(Protocol):
    """What a decoder has loaded: to all others no more than the codec of its tokens."""

    codec: Codec


Own = TypeVar("Own", bound=Engine)


@dataclass(frozen=True)
class Job(Generic[Own]):
    """The evaluation of one range: at most `most` rows at once, by a base model in `precision`.

    `loaded` is what the decoder's own `load` gave. `known`: rows that have their generation; a batch of
    nothing else may be passed over.
    """

    loaded: Own
    range_name: str
    most: int
    precision: str = "fp32"
    known: frozenset[int] = frozenset()


class Decoder(Protocol):
    """Turns rows into generations that plain greedy decoding would give."""

    def __init__(self, job: Job[Any]) -> None: ...

    @staticmethod
    def load(run: RunDir) -> Engine:
        """The trained model of a run, in whatever runs it."""
        ...

    @staticmethod
    def portrait(loaded: Any, examples: list[Example]) -> list[HeldOut]:
        """What it finds in held-out rows, for `models.likeness` to compare with what training found."""
        ...

    @staticmethod
    def stream(loaded: Any, prompt: list[int], room: int, show: Show) -> list[int]:
        """The ids that come after one prompt, at most `room`; `show` gets the text so far as it grows."""
        ...

    def decode(self, rows: list[Row], emit: Emit) -> None:
        """Decode all rows, longest first, and emit each generation once, batch by batch.

        The batches follow from the rows alone, so that an interrupted evaluation goes on to the same file.
        """
        ...


def choose(recipe: Recipe) -> type[Decoder]:
    """The decoder that a recipe names; the plain one where gold traces say nothing."""
    kind: type[Decoder] = class_of(DECODERS, decoder_of(recipe))
    return kind
