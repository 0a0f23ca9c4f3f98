"""Greedy generation for evaluation: draft-verified or plain, batched and resumable.

In: a run's adapter and evaluation examples. Out: `generations-<range>.jsonl`, appended batch by batch.
Rows of alike length are decoded together, longest first; each has a token budget from its gold
trace, and a row that uses it up is marked as cut, not as wrong.
"""

from collections import Counter
from collections.abc import Callable

from tailkit.decode.local import load
from tailkit.decode.protocol import Engine, Job, Show, choose
from tailkit.decode.rows import Row
from tailkit.errors import TailkitError
from tailkit.models.evaluation import evaluation_row
from tailkit.models.likeness import ROWS, compare
from tailkit.records import Example, Generation, HeldOut
from tailkit.run import lines
from tailkit.run.folder import ENVIRONMENT, RunDir
from tailkit.screen import Bar, note

__all__ = ["check_reloaded", "decode", "load", "load_engine", "stream"]


PATHS = {
    "verified": "as the gold trace",
    "continued": "generated on from where they leave it",
    "re-run": "generated anew, since a token was too close to call",
    "plain": "generated",
}
"""How a row came about, by `Generation.path`."""


def load_engine(run: RunDir) -> Engine:
    """The run's model, loaded by the decoder that its recipe names."""
    return choose(run.recipe).load(run)


def stream(loaded: Engine, run: RunDir, prompt: list[int], room: int, show: Show) -> list[int]:
    """The ids that the run's decoder finds after one prompt, at most `room`; `show` gets the text so far."""
    return choose(run.recipe).stream(loaded, prompt, room, show)


def check_reloaded(run: RunDir, loaded: Engine, held_out: list[Example], is_whole: bool) -> None:
    """Hold the reloaded model against what training noted of it; raises `TailkitError` if it acts as another one.

    `is_whole`: whether `held-out.jsonl` is what training wrote. Without it the adapter is known by its hash alone.
    """
    if not is_whole:
        note(f"note: without {run.held_out} it is not checked that the reloaded model acts as it did in training")
        return
    likeness = compare(lines.read(run.held_out, HeldOut), choose(run.recipe).portrait(loaded, held_out))
    figures = (
        f"the reloaded adapter on {min(ROWS, len(held_out))} held-out rows: log-probabilities within "
        f"{likeness.difference:.1e} nats a token, {100 * likeness.agreement:.2f} % of the likeliest tokens the same"
    )
    if not likeness.holds(run.recipe.model.precision):
        raise TailkitError(
            f"{figures}; it is not the model that was trained",
            f"Check the versions in {run.path / ENVIRONMENT} against `tailkit doctor`, or train again with --again.",
        )
    note(figures)


def decode(
    loaded: Engine,
    run: RunDir,
    range_name: str,
    examples: list[Example],
    judge: Callable[[list[Generation]], str],
) -> list[Generation]:
    """Generate greedily for all examples of a range that have no generation yet.

    The batches are those of an unbroken evaluation, so that a resumed one writes the same file.
    `judge` turns all generations so far into the figure that is shown while it runs. Raises
    `DoesNotFit` if a prompt with its budget is longer than the model's context.
    """
    path, settings = run.generations(range_name), run.recipe.decode
    done = lines.read_generations(path, range_name, len(examples))
    rows = _rows(loaded, run, range_name, examples)
    with Bar(f"eval {range_name}", len(examples), "rows", done=len(done)) as bar:

        def emit(batch: list[Generation]) -> None:
            new = [generation for generation in batch if generation.index not in done]
            if new:
                lines.append(path, new)
                done.update({generation.index: generation for generation in new})
                bar.update(len(done), accuracy=judge(list(done.values())))

        if done:
            judge(list(done.values()))
        if len(done) < len(examples):
            job = Job(loaded, range_name, settings.batch, run.recipe.model.precision, frozenset(done))
            choose(run.recipe)(job).decode(rows, emit)
    ways = Counter(PATHS.get(generation.path, generation.path) for generation in done.values())
    note(f"eval {range_name}: " + ", ".join(f"{count:,} {way}" for way, count in sorted(ways.items())))
    return sorted(done.values(), key=lambda generation: generation.index)


def _rows(loaded: Engine, run: RunDir, range_name: str, examples: list[Example]) -> list[Row]:
    """What is to be generated, longest first."""
    rows = [
        Row(index, *evaluation_row(loaded.codec, run.recipe, f"{range_name}/{index}", example))
        for index, example in enumerate(examples)
    ]
    return sorted(rows, key=lambda row: (-row.total, row.index))
