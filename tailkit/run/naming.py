"""Where a run goes that was not told where: a folder named by what it is.

In: a task, a recipe's name, and the recipe with its overrides. Out: a path below ./runs.
"""

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

from tailkit.recipe import Recipe, changed, flat, load
from tailkit.run.files import digest_of

LONGEST = 80
"""Characters of a folder's name; of a longer one the beginning is kept, and a hash."""


def default_folder(task: str, recipe_name: str, chosen: Recipe) -> Path:
    """runs/TASK-RECIPE-VARIANT, followed by the values in which `chosen` differs from the recipe's file.

    So a second run with other values does not collide with the first. The order of overrides does not matter,
    nor do those that change nothing. Where a value has characters that a folder's name should not have, or the
    name is too long, it ends in a hash of these values.
    """
    file, chosen = load(recipe_name, task=task).of(task), chosen.of(task)
    changes = {key: value for key, value in changed(file, chosen).items() if key != "data.variant"}
    labels = _labels([*flat(file.model_dump(mode="json")), *changes])
    parts = [f"{labels[key]}={_shown(changes[key])}" for key in sorted(changes)]
    name = "-".join([task, _recipe(task, recipe_name), chosen.data.variant, *parts])
    plain = re.sub(r"[^\w.,+=-]+", "-", name)
    # A dash within a value could as well be the end of it.
    unclear = any("-" in part or "=" in part.partition("=")[2] for part in parts)
    if plain != name or unclear or len(name) > LONGEST:
        plain = f"{plain[: LONGEST - 9].rstrip('-')}-{digest_of(name, changes)[:8]}"
    return Path("runs") / plain


def _recipe(task: str, name: str) -> str:
    """What a recipe is called in a folder's name: as its file; one of a run folder is called as that folder."""
    path = Path(name)
    return path.resolve().parent.name.removeprefix(f"{task}-") if path.name == "recipe.yaml" else path.stem


def _labels(keys: list[str]) -> dict[str, str]:
    """The last part of each key, or the whole key where others end in the same one, or in a path: rank, train.seed."""
    ends = Counter(key.rpartition(".")[2] for key in set(keys))
    return {key: end if ends[end := key.rpartition(".")[2]] == 1 and "/" not in key else key for key in keys}


def _shown(value: object) -> str:
    """A value as short as it can be told from others: 2, 0.00001, true, 2,3."""
    if isinstance(value, list):
        return ",".join(map(_shown, value))
    if isinstance(value, float):
        text = f"{Decimal(repr(value)):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)
