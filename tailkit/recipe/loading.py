"""Finds recipes and loads them.

In: defaults → a YAML file → its values for one task → `key=value` overrides. Out: a `Recipe`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tailkit.errors import UsageError, unknown
from tailkit.recipe.plain import _Loader, read_yaml
from tailkit.recipe.schema import Recipe

# In the wheel the recipes lie inside the package, in a checkout beside it.
_PACKAGE = Path(__file__).parent.parent
_PLACES = (_PACKAGE / "recipes", _PACKAGE.parent / "recipes")
FOLDER = next((place for place in _PLACES if place.is_dir()), _PLACES[0])


def names() -> list[str]:
    """The names of the recipes that ship with the kit."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def path_of(name: str) -> Path:
    """The file of a recipe, by the kit's name or by path; raises `UsageError`."""
    if name in names():
        return FOLDER / f"{name}.yaml"
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        if path.is_file():
            return path
        raise UsageError(f"recipe file {name} does not exist", "`tailkit recipes` lists the recipes of the kit.")
    raise unknown("recipe", name, names(), "`tailkit recipes` lists them; a file must end in .yaml.")


def load(name: str, overrides: Iterable[str] = (), *, task: str | None) -> Recipe:
    """The recipe `name` (a name of the kit or a path) with its values for `task`, and `section.key=value` overrides.

    Raises `UsageError` for a wrong value, also where it is another task's.
    """
    path = path_of(name)
    # A run folder's resolved recipe names its task; it is a recipe all the same. A section may be empty.
    content = {key: {} if value is None else value for key, value in read_yaml(path).items() if key != "task"}
    build(content, str(path))
    content = _merged(content, content.get("tasks", {}).get(task, {}))
    asked = list(overrides)
    for override in asked:
        _override(content, override)
    return build(content, str(path), asked)


def _merged(content: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The content with the values of `changes` at the same places."""
    return content | {
        key: _merged(content.get(key, {}), value) if isinstance(value, dict) else value
        for key, value in changes.items()
    }


def _override(content: dict[str, Any], override: str) -> None:
    dotted, equals, value = override.partition("=")
    _, dot, key = dotted.partition(".")
    if not equals or not dot or not key or dotted.startswith("tasks."):
        raise UsageError(f"{override!r} is no override", "Write section.key=value, such as train.epochs=2.")
    try:
        plain = yaml.load(value, Loader=_Loader)
    except (yaml.YAMLError, ValueError):
        raise UsageError(f"{override!r}: the value is not plain YAML", "Quote it for the shell.") from None
    target = content
    for part in dotted.split(".")[:-1]:
        if target.get(part) is None:
            target[part] = {}
        target = target[part]
        if not isinstance(target, dict):
            raise UsageError(f"{override!r}: {part} holds a value, no keys", "`tailkit recipes show nano` lists keys.")
    target[dotted.split(".")[-1]] = plain


def build(content: dict[str, Any], source: str, overrides: Iterable[str] = ()) -> Recipe:
    """A `Recipe` from plain values; raises `UsageError` with the key, its source and the nearest valid key."""
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        dotted = ".".join(place)
        by_hand = [one for one in overrides if f"{dotted}.".startswith(f"{one.partition('=')[0]}.")]
        source = f"override {by_hand[-1]}" if by_hand else source
        if first["type"] == "extra_forbidden":
            # A task's values lie two names deeper than the recipe's own.
            place = place[2:] if place[0] == "tasks" else place
            owner = Recipe.model_fields[place[0]].annotation if len(place) > 1 else Recipe
            known = getattr(owner, "model_fields", {})
            raise unknown(
                f"key {dotted} in {source}:", place[-1], known, "`tailkit recipes show nano` lists keys."
            ) from None
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{source}: {dotted}: {message}", f"It is {first['input']!r} now.") from None


def dump(recipe: Recipe) -> str:
    """The whole recipe as YAML that `load` reads again."""
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
