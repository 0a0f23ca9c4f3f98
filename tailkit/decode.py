"""Greedy generation, batched and resumable.

In: a run's adapter and evaluation examples. Out: `generations-<range>.jsonl`, appended batch by batch.
Rows of alike length are decoded together, longest first; each has a token budget from its gold
trace, and a row that uses it up is marked as cut, not as wrong.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tailkit.errors import DoesNotFit
from tailkit.models import Loaded, load_adapter, load_base
from tailkit.records import Example, Generation
from tailkit.rundir import RunDir, append_lines, read_lines
from tailkit.screen import Bar

EXTRA_TOKENS = 16


def load(run: RunDir) -> Loaded:
    """The run's base model with its trained adapter, ready to generate."""
    loaded = load_base(run.recipe.model)
    load_adapter(loaded, run.adapter)
    loaded.model.eval()
    return loaded


def saved(path: Path) -> list[Generation]:
    """The generations in a file, one for each row; a torn last line is dropped."""
    return list({row["index"]: Generation(**row) for row in read_lines(path)}.values())


def budget(loaded: Loaded, example: Example, slack: float) -> int:
    """Tokens that a row may use: its gold trace's length with some slack."""
    return int(len(loaded.completion_ids(example.completion)) * slack) + EXTRA_TOKENS


def decode(
    loaded: Loaded,
    run: RunDir,
    range_name: str,
    examples: list[Example],
    judge: Callable[[list[Generation]], str],
) -> list[Generation]:
    """Generate greedily for all examples of a range that have no generation yet.

    `judge` turns all generations so far into the figure that is shown while it runs. Raises
    `DoesNotFit` if a prompt with its budget is longer than the model's context.
    """
    path = run.generations(range_name)
    done = saved(path)
    present = {generation.index for generation in done}
    rows = []
    for index, example in enumerate(examples):
        if index not in present:
            prompt = loaded.prompt_ids(example.query)
            room = budget(loaded, example, run.recipe.decode.slack)
            if len(prompt) + room > loaded.context:
                raise DoesNotFit(
                    f"evaluation row {range_name}/{index} needs {len(prompt) + room:,} tokens, "
                    f"the model takes {loaded.context:,}",
                    "Lower the range (data.ranges) or choose a model with a longer context.",
                )
            rows.append((index, prompt, room))
    rows.sort(key=lambda row: (-row[2], row[0]))
    with Bar(f"eval {range_name}", len(examples), "rows", done=len(done)) as bar:
        for start in range(0, len(rows), run.recipe.decode.batch):
            batch = rows[start : start + run.recipe.decode.batch]
            new = _generate(loaded, range_name, batch)
            append_lines(path, [asdict(generation) for generation in new])
            done += new
            bar.update(len(done), accuracy=judge(done))
        if not rows and done:
            judge(done)
    return sorted(done, key=lambda generation: generation.index)


def _generate(loaded: Loaded, range_name: str, batch: list[tuple[int, list[int], int]]) -> list[Generation]:
    import torch
    from transformers import GenerationConfig, StoppingCriteriaList

    prompts = loaded.tokenizer.pad({"input_ids": [prompt for _, prompt, _ in batch]}, return_tensors="pt")
    width = prompts["input_ids"].shape[1]
    rooms = torch.tensor([room for _, _, room in batch], device=loaded.device)
    config = GenerationConfig(
        max_new_tokens=int(rooms.max()),
        do_sample=False,
        eos_token_id=loaded.stop_id,
        pad_token_id=loaded.pad_id,
    )
    with torch.inference_mode():
        output = loaded.model.generate(
            **prompts.to(loaded.device),
            generation_config=config,
            stopping_criteria=StoppingCriteriaList([_spent(width, rooms)]),
        )
    return [
        _generation(loaded, range_name, index, ids[width:].tolist(), room)
        for (index, _, room), ids in zip(batch, output, strict=True)
    ]


def _spent(width: int, rooms: Any) -> Any:
    """A stopping criterion: a row is done when its own budget is used up."""

    def spent(input_ids: Any, scores: Any, **_: Any) -> Any:
        return input_ids.shape[1] - width >= rooms

    return spent


def _generation(loaded: Loaded, range_name: str, index: int, ids: list[int], room: int) -> Generation:
    ids = ids[:room]
    stopped = loaded.stop_id in ids
    ids = ids[: ids.index(loaded.stop_id) + 1] if stopped else ids
    return Generation(range_name, index, loaded.text(ids), len(ids), not stopped)
