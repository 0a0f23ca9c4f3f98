"""A trained model that transformers and PEFT run here, for decoders that need no engine of their own.

In: a run's adapter. Out: a `Loaded` model, and what decoders share that use it.
"""

from tailkit.decode import streaming
from tailkit.decode.grouped import keep_groups
from tailkit.decode.protocol import Show
from tailkit.models import Loaded, load_adapter, load_base, narrow_adapter
from tailkit.models.likeness import portrait
from tailkit.models.precision import computed_in
from tailkit.records import Example, HeldOut
from tailkit.run.folder import RunDir


def load(run: RunDir) -> Loaded:
    """The run's base model, with the adapter if there was any training, through plain transformers and PEFT."""
    loaded = load_base(run.recipe.model)
    if run.recipe.trains:
        load_adapter(loaded, run.adapter)
        narrow_adapter(loaded, computed_in(run.recipe.model.precision))
    keep_groups(loaded.model)
    loaded.model.eval()
    return loaded


class Local:
    """What decoders share that run the model through transformers."""

    @staticmethod
    def load(run: RunDir) -> Loaded:
        """The run's model."""
        return load(run)

    @staticmethod
    def portrait(loaded: Loaded, examples: list[Example]) -> list[HeldOut]:
        """What `models.likeness` compares, of the first of these rows."""
        return portrait(loaded, examples)

    @staticmethod
    def stream(loaded: Loaded, prompt: list[int], room: int, show: Show) -> list[int]:
        """The ids after a prompt."""
        return streaming.stream(loaded, prompt, room, show)
