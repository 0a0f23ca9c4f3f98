"""What the shell completes: names of tasks, recipes, variants and studies, and keys of a recipe.

In: what was typed so far. Out: the names that begin with it. Nothing here loads torch.
"""

from collections.abc import Iterable
from pathlib import Path

import typer
from pydantic import BaseModel

from tailkit import recipe, tasks
from tailkit.tape.render import VARIANTS


def starting(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def complete_task(incomplete: str) -> list[str]:
    return starting(tasks.names(), incomplete)


def complete_tasks(incomplete: str) -> list[str]:
    """A task, or all of them."""
    return starting([*tasks.names(), "all"], incomplete)


def complete_recipe(incomplete: str) -> list[str]:
    """The kit's recipes, and YAML files in the working directory."""
    return starting([*recipe.names(), *_files_here()], incomplete)


def complete_study(incomplete: str) -> list[str]:
    """The kit's studies, YAML files in the working directory, and the word that lists them."""
    return starting([*recipe.names_in(recipe.FOLDER / "studies"), "list", *_files_here()], incomplete)


def complete_variant(ctx: typer.Context, incomplete: str) -> list[str]:
    """The variants, and the baselines of the task that is already on the command line."""
    # What stands before an option that lacks its value is not yet taken apart.
    known = tasks.names()
    named = next((word for word in (ctx.params.get("task"), *ctx.args) if word in known), None)
    baselines = tasks.load(named).baselines if named else ()
    return starting([*VARIANTS, *baselines], incomplete)


def complete_override(incomplete: str) -> list[str]:
    """The keys of a recipe, by section."""
    sections = {name: field.annotation for name, field in recipe.Sections.model_fields.items()}
    keys = [
        f"{name}.{key}="
        for name, section in sections.items()
        if isinstance(section, type) and issubclass(section, BaseModel)
        for key in section.model_fields
    ]
    return starting(keys, incomplete)


def _files_here() -> list[str]:
    return sorted(path.name for path in Path().glob("*.yaml"))
