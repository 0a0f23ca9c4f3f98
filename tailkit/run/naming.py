"""Where a run goes that was not told where: a folder named by what it is.

In: a task, a recipe's name, and the recipe with its overrides. Out: a path below ./runs.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tailkit.recipe import Recipe, load
from tailkit.run.files import digest_of

LONGEST = 80
"""Characters of a folder's name; instead of longer ones a hash tells runs apart."""


def default_folder(task: str, recipe_name: str, chosen: Recipe) -> Path:
    """runs/TASK-RECIPE-VARIANT, followed by the values in which the recipe differs from its file, in the order of keys.

    So a second run with other values does not collide with the first.
    """
    file = load(recipe_name, task=task).of(task).model_dump(mode="json")
    changes = sorted(_changes(file, chosen.of(task).model_dump(mode="json")))
    parts = [f"{key.rpartition('.')[2]}={value}" for key, value in changes if key != "data.variant"]
    stem = f"{task}-{Path(recipe_name).stem}-{chosen.data.variant}"
    name = "-".join([stem, *parts])
    if len(name) > LONGEST or not re.fullmatch(r"[\w.=+-]+", name):
        name = f"{stem}-{digest_of(changes)[:8]}"
    return Path("runs") / name


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of sections that differ, with the new values as text."""
    for section, keys in new.items():
        for key, value in keys.items():
            if value != old[section][key]:
                yield f"{section}.{key}", str(value)
