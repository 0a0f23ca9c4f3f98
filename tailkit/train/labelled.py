"""Training rows: ids and labels, checked before the first step; nothing is ever cut.

In: examples and a codec. Out: rows with `input_ids` and `labels`, and what they come to.
"""

from dataclasses import dataclass

from tailkit.errors import DoesNotFit, TailkitError
from tailkit.models import Codec
from tailkit.records import Example

IGNORED = -100

TrainingRow = dict[str, list[int]]


@dataclass(frozen=True)
class Preflight:
    """What the check before step 1 found: rows, tokens and the longest row."""

    rows: int
    tokens: int
    trained_tokens: int
    longest: int


def encode(codec: Codec, example: Example) -> TrainingRow:
    """One row: `input_ids` of prompt, completion and stop token; `labels` with the prompt masked."""
    prompt, completion = codec.prompt_ids(example.query), codec.completion_ids(example.completion)
    return {"input_ids": prompt + completion, "labels": [IGNORED] * len(prompt) + completion}


def preflight(codec: Codec, rows: list[TrainingRow]) -> Preflight:
    """Check every row; raises `DoesNotFit` for a row longer than the context, `TailkitError` otherwise."""
    if not rows:
        raise TailkitError("the training set is empty", "Raise data.train.")
    if codec.stop_id == codec.pad_id:
        raise TailkitError("stop token and padding token are the same", "The model would never learn to stop.")
    for number, row in enumerate(rows):
        if len(row["input_ids"]) > codec.context:
            raise DoesNotFit(
                f"training row {number} has {len(row['input_ids']):,} tokens, the model takes {codec.context:,}",
                "Lower the range (data.ranges) or choose a model with a longer context.",
            )
        if row["labels"][-1] != codec.stop_id or len(row["labels"]) != len(row["input_ids"]):
            raise TailkitError(f"training row {number} does not end on a trained stop token")
    lengths = [len(row["input_ids"]) for row in rows]
    trained = sum(label != IGNORED for row in rows for label in row["labels"])
    return Preflight(len(rows), sum(lengths), trained, max(lengths))


def show_row(codec: Codec, row: TrainingRow) -> str:
    """A training row as text: what is masked and what is trained, told apart."""
    first = next(i for i, label in enumerate(row["labels"]) if label != IGNORED)
    masked = codec.tokenizer.decode(row["input_ids"][:first])
    trained = codec.tokenizer.decode(row["input_ids"][first:])
    mark = "\n  masked  | ", "\n  trained | "
    return "first training row:" + mark[0] + masked.replace("\n", mark[0]) + mark[1] + trained.replace("\n", mark[1])
