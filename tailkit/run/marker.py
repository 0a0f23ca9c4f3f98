"""The markers of stages: what each was made from, and the sha256 of what it wrote.

In: a run folder and a stage's name. Out: its `Marker`; a damaged one is read from its copy.
"""

from pathlib import Path

from pydantic import BaseModel, ValidationError

from tailkit.records import JsonObject
from tailkit.run.files import digest_of, writing

FOLDER = ".stages"


class Marker(BaseModel):
    """`.stages/NAME.json`. `inputs`: what the stage was made from; `outputs`: sha256 by path in the run folder.

    `seconds`: how long it took, all tries together. An unfinished stage (`NAME.partial.json`) has no outputs.
    """

    inputs: JsonObject
    outputs: dict[str, str] = {}
    seconds: float = 0.0
    whole: str = ""
    """A hash of the rest, by which a damaged marker is known."""

    @classmethod
    def read(cls, path: Path) -> "Marker | None":
        """The marker at a path or, where that is damaged, its copy; None if there is neither."""
        for place in (path, copy_of(path)):
            try:
                marker = cls.model_validate_json(place.read_bytes())
            except (OSError, ValidationError):
                continue
            if marker.whole == marker._hash():
                return marker
        return None

    @classmethod
    def of(cls, folder: Path, stage: str) -> "Marker | None":
        """The marker of a stage of the run in `folder`, finished or (NAME.partial) not; None if there is none."""
        return cls.read(folder / FOLDER / f"{stage}.json")

    def _hash(self) -> str:
        return digest_of(self.model_dump(exclude={"whole"}))

    def write(self, path: Path) -> None:
        """Write the marker and its copy: a damaged one must not cost an evening of training."""
        sealed = self.model_copy(update={"whole": self._hash()})
        for place in (copy_of(path), path):
            with writing(place) as file:
                file.write(sealed.model_dump_json(indent=1) + "\n")


def copy_of(path: Path) -> Path:
    return path.with_suffix(".copy.json")
