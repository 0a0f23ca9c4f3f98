"""Accuracy with its interval, by range and by length.

In: `Score`s. Out: a `Summary` for each range, and `summary.json` with them.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from tailkit.errors import TailkitError
from tailkit.records import Score
from tailkit.run.files import writing
from tailkit.run.kept import reason

Z95 = 1.959963984540054


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a proportion, as two numbers in 0 … 1.

    Own code since scipy.stats, which has it, takes longer to import than a report takes to write.
    """
    if not total:
        return 0.0, 1.0
    share, z2 = right / total, Z95**2
    centre = share + z2 / (2 * total)
    spread = Z95 * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    low, high = (centre - spread) / (1 + z2 / total), (centre + spread) / (1 + z2 / total)
    # At the ends the formula gives exactly 0 and 1; rounding would not.
    return (low if right else 0.0), (high if right < total else 1.0)


class AtLength(NamedTuple):
    """Problems of one length: how many are right of how many, and the bounds of the 95 % interval."""

    right: int
    total: int
    low: float
    high: float


def _at_length(n: int, rows: list[Score]) -> AtLength:
    right, total = sum(s.right for s in rows if s.n == n), sum(s.n == n for s in rows)
    return AtLength(right, total, *wilson(right, total))


@dataclass(frozen=True)
class Summary:
    """The figures of one range: counts, accuracy with its interval, and by length n the same.

    Right, wrong, unfound (nothing of the label's kind) and cut add up to total; `first_wrong` counts the
    modules of the first wrong step of wrong answers. `rows`: of the evaluation set, where some have no generation.
    """

    range: str
    total: int
    right: int
    accuracy: float
    low: float
    high: float
    exact: int
    cut: int
    tokens_mean: float
    by_n: dict[int, AtLength]
    first_wrong: dict[str, int]
    first_wrong_states: dict[str, int]
    unfound: int = 0
    rows: int | None = None

    @property
    def problems(self) -> str:
        """How many problems the figures are of: "200", or "150 of 200"."""
        return f"{self.total:,}" if self.rows is None else f"{self.total:,} of {self.rows:,}"


def summarize(range_name: str, scores: Iterable[Score], size: int | None = None) -> Summary:
    """Accuracy with its interval, by length, and the modules of first wrong steps of one range.

    `size`: the rows of the evaluation set, where not all of them need have a score.
    """
    rows = [score for score in scores if score.range == range_name]
    right = sum(score.right for score in rows)
    low, high = wilson(right, len(rows))
    lengths = sorted({score.n for score in rows})
    # What was cut off is counted apart from what is wrong; without a trace to follow there is no first step.
    wrong = [score for score in rows if not score.right and not score.cut and score.module]
    return Summary(
        range=range_name,
        total=len(rows),
        right=right,
        accuracy=right / len(rows) if rows else 0.0,
        low=low,
        high=high,
        exact=sum(score.exact for score in rows),
        cut=sum(score.cut for score in rows),
        tokens_mean=sum(score.tokens for score in rows) / len(rows) if rows else 0.0,
        by_n={n: _at_length(n, rows) for n in lengths},
        first_wrong=dict(Counter(str(score.module) for score in wrong)),
        first_wrong_states=dict(Counter(str(score.state).split()[0] for score in wrong).most_common()),
        unfound=sum(score.unfound for score in rows),
        rows=size if size is not None and size > len(rows) else None,
    )


_SUMMARIES = TypeAdapter(list[Summary])


def write_summaries(path: Path, summaries: Sequence[Summary]) -> None:
    """Write the summaries of some ranges as JSON."""
    with writing(path) as file:
        file.write(json.dumps([asdict(summary) for summary in summaries], indent=2, ensure_ascii=False) + "\n")


def read_summaries(path: Path) -> list[Summary]:
    """The summaries in a file; raises `TailkitError` if it is missing or holds something else."""
    try:
        summaries = _SUMMARIES.validate_json(path.read_bytes())
        if summaries:
            return summaries
        why = "it is empty"
    except (OSError, ValidationError) as error:
        why = reason(error)
    raise TailkitError(f"{path} holds no scores: {why}", "Move it away and evaluate again: `tailkit eval RUN`.")
