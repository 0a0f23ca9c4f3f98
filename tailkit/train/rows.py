"""Training rows: ids and labels, checked before the first step; nothing is ever cut.

In: examples and a codec. Out: rows with `input_ids` and `labels`, and what they come to.
"""

from dataclasses import dataclass, replace

from tailkit import recipe
from tailkit.errors import DoesNotFit, TailkitError, UsageError
from tailkit.models import Codec
from tailkit.records import Example

IGNORED = -100
# A packed row is at most this part of a forward pass, so that out of memory leaves something to halve,
# and this part of a step, so that steps hold about as many examples as without packing.
PACKS = 4

Row = dict[str, list[int]]


@dataclass(frozen=True)
class Preflight:
    """What the check before step 1 found: rows, tokens and the longest row."""

    rows: int
    tokens: int
    trained_tokens: int
    longest: int


@dataclass(frozen=True)
class Sizes:
    """How rows become steps. A unit is a row, or several packed into one of `length` tokens.

    `batch` units make an optimizer step, in equal parts for `processes`; `micro` of them a forward pass.
    """

    length: int
    batch: int
    micro: int
    packed: bool
    processes: int = 1

    @property
    def unit(self) -> str:
        return "packs" if self.packed else "rows"

    @property
    def passes(self) -> int:
        """Forward passes of a step in each process."""
        return self.batch // (self.micro * self.processes)

    def halved(self) -> "Sizes":
        """The same steps, with fewer units in a forward pass."""
        return replace(self, micro=divisor(self.batch // self.processes, self.micro // 2))

    def among(self, processes: int) -> "Sizes":
        """The same steps, shared by processes; raises `UsageError` if the parts would not be equal."""
        if self.batch % processes:
            fitting = [str(number) for number in range(1, self.batch + 1) if self.batch % number == 0]
            raise UsageError(
                f"the {self.batch} {self.unit} of a step (train.batch) cannot be shared by {processes} processes",
                f"Numbers of processes that can: {', '.join(fitting)}.",
            )
        return replace(self, micro=divisor(self.batch // processes, self.micro), processes=processes)


def encode(codec: Codec, example: Example) -> Row:
    """One row: `input_ids` of prompt, completion and stop token; `labels` with the prompt masked."""
    prompt, completion = codec.prompt_ids(example.query), codec.completion_ids(example.completion)
    return {"input_ids": prompt + completion, "labels": [IGNORED] * len(prompt) + completion}


def preflight(codec: Codec, rows: list[Row]) -> Preflight:
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


def divisor(whole: int, most: int) -> int:
    """The largest divisor of `whole` that is at most `most`, and at least 1."""
    return next((n for n in range(min(whole, most), 1, -1) if whole % n == 0), 1)


def sizes(plan: recipe.Train, rows: list[Row], check: Preflight, *, can_pack: bool = True) -> Sizes:
    """Rows of a step and of a forward pass, from the longest row and the recipe's token budget."""
    if not (plan.packing and can_pack):
        micro = divisor(plan.batch, plan.micro_tokens // check.longest)
        return Sizes(check.longest, plan.batch, micro, packed=False)
    from datasets import Dataset
    from trl import pack_dataset

    step_tokens = plan.batch * check.tokens // len(rows)
    length = max(check.longest, min(plan.micro_tokens, step_tokens) // PACKS)
    packs = len(pack_dataset(Dataset.from_dict({"input_ids": [row["input_ids"] for row in rows]}), length, "bfd"))
    # About as many examples in a step as without packing, in whole forward passes.
    batch = max(1.0, plan.batch * packs / len(rows))
    micro = min(round(batch), max(1, plan.micro_tokens // length))
    return Sizes(length, micro * max(1, round(batch / micro)), micro, packed=True)


def show_row(codec: Codec, row: Row) -> str:
    """A training row as text: what is masked and what is trained, told apart."""
    first = next(i for i, label in enumerate(row["labels"]) if label != IGNORED)
    masked = codec.tokenizer.decode(row["input_ids"][:first])
    trained = codec.tokenizer.decode(row["input_ids"][first:])
    mark = "\n  masked  | ", "\n  trained | "
    return "first training row:" + mark[0] + masked.replace("\n", mark[0]) + mark[1] + trained.replace("\n", mark[1])
