"""The manifest of a data set, and the names of its files.

In: a data folder. Out: a `Manifest`, the one type that writes and reads `manifest.json`.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tailkit.errors import TailkitError, UsageError, cut
from tailkit.records import RANGES, Bounds, JsonObject
from tailkit.run.kept import Kept, reason

MANIFEST = "manifest.json"
TRAIN = "train"
"""The training set: `train.parquet`."""


def evaluation(range_name: str) -> str:
    """The evaluation set of a range: `eval-S.parquet` for S."""
    return f"eval-{range_name}"


EVALUATIONS = tuple(map(evaluation, RANGES))
NAMES = (TRAIN, *EVALUATIONS)
"""All sets that a data folder may hold."""


def parquet(folder: Path, name: str) -> Path:
    """The file of a set."""
    return folder / f"{name}.parquet"


class FileFacts(BaseModel):
    """One parquet file: its rows, in all, by range and by task; the bytes of a completion; its sha256."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    rows: int
    by_range: dict[str, int] = {}
    by_task: dict[str, int] = {}
    bytes_mean: float = 0
    bytes_max: int = 0


class Guesses(BaseModel):
    """How many problems of a range are answered right without working them out, as shares of `problems`.

    `constant` is the most frequent answer, `best_constant` its share; `simple_heuristics` are those of the
    rules that the task names.
    """

    model_config = ConfigDict(frozen=True)

    problems: int
    constant: str
    best_constant: float
    simple_heuristics: dict[str, float] = {}


class Manifest(Kept):
    """`manifest.json`. What older versions did not write has a default; what newer ones add is passed over.

    `order` is the whole order as plain values. `distinct_problems`: how many each range has, None where
    that is unknown. `shared`: ranges with too few problems to keep any from training, in this data set or
    another one; `overlap`: how many evaluation problems of such a range are in training here.
    `guesses`: by range, what answers reach that need no trace, on its evaluation problems, or on the first
    training problems where there are none. `shortages`: a sentence for each range that could not give what
    was asked for.
    """

    task: str
    task_version: int = 1
    variant: str
    seed: int
    order: JsonObject
    ranges: dict[str, Bounds]
    scaled_ranges: dict[str, Bounds] = Field(default_factory=dict)
    distinct_problems: dict[str, int | None] = Field(default_factory=dict)
    shared: list[str] = Field(default_factory=list)
    overlap: dict[str, int] = Field(default_factory=dict)
    files: dict[str, FileFacts]
    guesses: dict[str, Guesses] = Field(default_factory=dict)
    shortages: list[str] = Field(default_factory=list)
    versions: dict[str, str] = Field(default_factory=dict)
    length_unit: str = "bytes of a completion in UTF-8, the tokens of the bundled tokenizer"

    @property
    def taught(self) -> set[str]:
        """The tasks that the training rows are of; other rows are extra ones."""
        others = self.order.get("others")
        listed = others if isinstance(others, list) else []
        return {self.task, *(str(other.get("task")) for other in listed if isinstance(other, dict))}

    @property
    def has_completions(self) -> bool:
        """Whether the training rows are completions from a file."""
        return bool(self.order.get("completions"))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a data folder; raises `UsageError` if there is none, `TailkitError` if it is no manifest."""
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{path} is missing: no data yet, or unfinished ones", "`tailkit data` makes them.") from None
    except ValidationError as error:
        raise TailkitError(
            f"{path} is no manifest of data ({cut(reason(error), 160)})", "Restore it from a copy."
        ) from None
    except OSError as error:
        raise TailkitError(f"{path} cannot be read: {error.strerror}", "Restore it from a copy.") from None
