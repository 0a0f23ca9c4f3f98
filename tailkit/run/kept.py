"""Small JSON files of a run folder: for each the one type that writes it and reads it.

In: a record, or a path. Out: the file, whole; the record, or an error that names file and field.
"""

import json
from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from tailkit.errors import TailkitError
from tailkit.run.files import writing


class Kept(BaseModel):
    """A JSON file with the fields of a subclass; what newer versions add is passed over."""

    model_config = ConfigDict(frozen=True)

    LACKS: ClassVar[str] = "cannot be read"
    """What is to be said of a file that is missing or damaged, before the reason."""

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        with writing(path) as file:
            file.write(json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """The record in a file; raises `TailkitError` if that is missing or damaged."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise TailkitError(f"{path} {cls.LACKS}: {reason(error)}", "Restore it from a copy.") from None


def reason(error: OSError | ValidationError) -> str:
    """Why a file could not be read as its type, in a few words: the system's, or the first field that is wrong."""
    if isinstance(error, OSError):
        return error.strerror or "it cannot be opened"
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'JSON'}: {first['msg'].lower()}"


class TaskFile(Kept):
    """`.stages/task.json`: where the file of a task of one's own lies, its sha256, the function in it, if any."""

    file: str
    sha256: str
    function: str = ""


class Calls(Kept):
    """`others/NAME/calls.json`: what asking an endpoint took, all calls together.

    `seconds`: of a reply, on the mean. `cost`: by the prices that the last call was given; None without any.
    """

    replies: int
    seconds: float
    tokens_in: int
    tokens_out: int
    cost: float | None = None


CALLS = "calls.json"


class Failure(Kept):
    """`failed.json`: why a study's cell failed, and what to do next."""

    error: str
    hint: str = ""


FAILED = "failed.json"
