"""What decoding works on: a prompt, its gold completion, and how much of it is already known."""

from dataclasses import dataclass, field

from tailkit.models import Codec
from tailkit.records import Generation


@dataclass(frozen=True)
class Row:
    """Row `index` of an evaluation set. Of its completion `kept` is known; `room` tokens are allowed in all."""

    index: int
    prompt: list[int]
    gold: list[int]
    room: int
    kept: list[int] = field(default_factory=list)
    path: str = "plain"
    margin: float | None = None

    @property
    def total(self) -> int:
        """Tokens of the prompt and of the longest completion that is allowed."""
        return len(self.prompt) + self.room

    def finish(self, codec: Codec, range_name: str, new: list[int]) -> Generation:
        """The generation, when `new` tokens (and perhaps padding) came after those kept."""
        ids = (self.kept + new)[: self.room]
        stopped = codec.stop_id in ids
        ids = ids[: ids.index(codec.stop_id) + 1] if stopped else ids
        return Generation(range_name, self.index, codec.text(ids), len(ids), not stopped, self.path, self.margin)
