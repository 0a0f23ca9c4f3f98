"""Evaluation rows as tokens, held to the model's context before anything is trained or generated.

In: a codec, a recipe, an example. Out: its prompt and gold completion, and the tokens that an answer may use.
"""

from typing import NamedTuple

from tailkit.arithmetic.decoding import room
from tailkit.errors import DoesNotFit
from tailkit.models.codec import Codec
from tailkit.recipe import Recipe
from tailkit.records import Example


class EvaluationRow(NamedTuple):
    """Ids of the prompt and of the gold completion; `room`: tokens that a completion may have."""

    prompt: list[int]
    gold: list[int]
    room: int

    @property
    def total(self) -> int:
        """Tokens of the prompt and of the longest completion that is allowed."""
        return len(self.prompt) + self.room


def evaluation_row(codec: Codec, recipe: Recipe, name: str, example: Example) -> EvaluationRow:
    """An evaluation row, called `name`; raises `DoesNotFit` if prompt and room are longer than the context."""
    prompt, gold = codec.prompt_ids(example.query), codec.completion_ids(example.completion)
    row = EvaluationRow(prompt, gold, room(recipe, len(gold)))
    if row.total > codec.context:
        key = "decode.free" if recipe.free_form else "decode.slack"
        raise DoesNotFit(
            f"evaluation row {name} needs {row.total:,} tokens, the model takes {codec.context:,}",
            f"Start another run with shorter problems (data.ranges), a lower {key} or a model with a longer context.",
        )
    return row
