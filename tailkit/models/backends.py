"""What can train a model: the protocol of a backend, and which one a recipe gets.

In: a recipe's model section. Out: a `Backend`. The backends stand in `recipe.choices.BACKENDS`.
"""

from typing import Any, Protocol

from tailkit import recipe
from tailkit.arithmetic.host import has_gpu
from tailkit.errors import EnvironmentMissing, UsageError
from tailkit.recipe.choices import BACKENDS, class_of
from tailkit.screen import note


class Backend(Protocol):
    """A way to load a base model and to train it. A module of one imports nothing heavy before `unusable`."""

    name: str
    """As in recipes."""
    title: str
    """As in messages."""
    install: str
    """What to do where it is not here."""
    alone: bool
    """Whether it trains in one process only."""
    fused: bool
    """Whether checkpoints go to the CPU's memory and the loss is fused: what `plan` has to know."""
    row_by_row: bool
    """Whether its passes are asked one row at a time, because padding might be treated in a way of its own."""

    def suits(self, spec: recipe.Model, *, on_gpu: bool) -> bool:
        """Whether `auto` takes it for this model."""
        ...

    def packs(self, *, on_gpu: bool) -> bool:
        """Whether it keeps packed rows apart."""
        ...

    def trained_with(self, *, on_gpu: bool) -> dict[str, Any]:
        """What it needs of TRL's `SFTConfig`; all else is the same whatever trains."""
        ...

    def unusable(self) -> str | None:
        """Why it cannot be used; None once what it needs is imported."""
        ...

    def load(self, spec: recipe.Model, longest: int) -> Any:
        """A base model for rows of up to `longest` tokens."""
        ...

    def add_lora(self, model: Any, lora: recipe.Lora, seed: int) -> Any:
        """The model with a fresh adapter on all linear layers but the output, ready to train."""
        ...


def backend(name: str) -> Backend:
    """The backend of a name in `BACKENDS`."""
    made: Backend = class_of(BACKENDS, name)()
    return made


def candidates(spec: recipe.Model, *, on_gpu: bool) -> list[Backend]:
    """What may train this model, in the order in which it is tried: what the recipe names, or all that suit."""
    if spec.backend != "auto":
        return [backend(spec.backend)]
    return [one for one in map(backend, BACKENDS) if one.suits(spec, on_gpu=on_gpu)]


def choose(spec: recipe.Model, processes: int = 1) -> Backend:
    """The backend that trains this model, imported; called before anything else of the stack is.

    Where the recipe leaves the choice, one that cannot be used is a note. Raises `EnvironmentMissing` if what the
    recipe asks for cannot be used, `UsageError` if it does not train in several processes.
    """
    named = spec.backend != "auto"
    for one in candidates(spec, on_gpu=has_gpu()):
        if processes > 1 and one.alone:
            if named:
                raise UsageError(
                    f"model.backend={spec.backend} trains in one process", "Take `tailkit train`, or model.backend=hf."
                )
            continue
        reason = one.unusable()
        if reason is None:
            return one
        if named:
            raise EnvironmentMissing(f"{one.title} cannot be used: {reason}", one.install)
        note(f"training without {one.title}: {reason}; {one.install}")
    raise EnvironmentMissing("nothing here can train this model", "Name what should: model.backend=hf.")
