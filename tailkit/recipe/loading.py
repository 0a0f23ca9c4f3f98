"""Finds recipes and loads them.

In: defaults → a YAML file → its values for one task → `key=value` overrides. Out: a `Recipe`, whose
paths are absolute, so that it stays the same where the working directory changes.
"""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tailkit.errors import UsageError, cut, nearest, quoted, suggestion, unknown
from tailkit.recipe.schema import NANO, Recipe, Sections
from tailkit.recipe.spelling import id_of
from tailkit.recipe.yaml import KeyPath, Located, NotPlain, parse, read_located
from tailkit.records import RANGES

# In the wheel the recipes lie inside the package, in a checkout beside it.
_PACKAGE = Path(__file__).parent.parent
_PLACES = (_PACKAGE / "recipes", _PACKAGE.parent / "recipes")
FOLDER = next((place for place in _PLACES if place.is_dir()), _PLACES[0])

ENDINGS = (".yaml", ".yml")
LISTED = "`tailkit recipes show nano --all` lists keys."
EXAMPLE = "Write section.key=value, such as train.epochs=2."
SHORT = 100
"""Characters of each of several quoted things in one message."""
DEEPEST = 6
"""Names of an override's key: data.ranges.addition.S has four."""
WORDS = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text (a number goes in quotes)",
    "dict_type": "must hold keys",
    "model_type": "must hold keys",
    **dict.fromkeys(("tuple_type", "missing", "too_long"), "must be a list [shortest, longest]"),
    "string_too_short": "must not be empty",
}

Where = Callable[[KeyPath], str]
"""Says where the value at a place comes from: a file and line, or an override."""


def names() -> list[str]:
    """The names of the recipes that ship with the kit."""
    return names_in(FOLDER)


def names_in(folder: Path) -> list[str]:
    """The names of the YAML files in a folder of the kit."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def path_of(name: str) -> Path:
    """The file of a recipe, by the kit's name or by path; raises `UsageError` with the nearest one."""
    return find("recipe", name, FOLDER, "`tailkit recipes` lists the kit's; a file of your own ends in .yaml.")


def find(what: str, name: str, folder: Path, hint: str) -> Path:
    """A YAML file, by its name in a folder of the kit or by path; raises `UsageError` with the nearest one."""
    kit = names_in(folder)
    if name in kit:
        return folder / f"{name}.yaml"
    path = Path(os.path.expanduser(name))
    if path.suffix in ENDINGS and os.path.isfile(path):
        return path
    candidates = (f"{name}.yaml", f"{name}.yml", f"{name}/recipe.yaml")
    near = next((file for file in candidates if os.path.isfile(os.path.expanduser(file))), None)
    near = near or nearest(name, [*kit, *_files_beside(path)])
    if path.suffix not in ENDINGS and near is None:
        raise unknown(what, name, kit, hint)
    hope = f"; did you mean {quoted(near)}?" if near else ""
    problem = f"{what} file {cut(name)} does not exist" if path.suffix in ENDINGS else f"unknown {what} {quoted(name)}"
    raise UsageError(problem + hope, hint)


def _files_beside(path: Path) -> list[str]:
    """The YAML files in the folder in which `path` would be."""
    try:
        beside = sorted(os.listdir(path.parent))
    except (OSError, ValueError):
        return []
    return [str(path.with_name(name)) for name in beside if name.endswith(ENDINGS)]


def load(name: str, overrides: Iterable[str] = (), *, task: str | None) -> Recipe:
    """The recipe `name` (a name of the kit or a path) with its values for `task`, and `section.key=value` overrides.

    Raises `UsageError` for a wrong value, also where it is another task's, and for the recipe of another task's run.
    """
    path, asked = path_of(name), list(overrides)
    plain = read_located(path)
    _check_task(plain, task, path)
    content = _named(_filled({key: value for key, value in plain.content.items() if key != "task"}))
    _validated(content, lambda place: _line_in(path, plain, place))
    content = _merged(content, content.get("tasks", {}).get(task, {}))
    for override in asked:
        _override(content, override)
    return _resolved(_validated(content, lambda place: _override_of(place, asked) or _file(path)))


def build(content: dict[str, Any], source: str) -> Recipe:
    """A `Recipe` from plain values; raises `UsageError` with the key, its source and the nearest valid key."""
    return _validated(content, lambda _: cut(source, SHORT))


def is_path(model: str) -> bool:
    """Whether a model's name is a path: an existing folder, or what can be no hub id."""
    if model == NANO:
        return False
    like_one = model.startswith((".", "/", "~")) or model.endswith(("/", ".gguf")) or model.count("/") > 1
    return like_one or os.path.isdir(model)


def _resolved(recipe: Recipe) -> Recipe:
    """The recipe with absolute paths; `~` is home."""
    name, completions = recipe.model.name, recipe.data.completions
    model, data = recipe.model, recipe.data
    if is_path(name):
        model = model.model_copy(update={"name": _absolute(name)})
    if completions is not None:
        data = data.model_copy(update={"completions": _absolute(completions)})
    if data.replay:
        replay = {_absolute(name) if "." in name else name: rows for name, rows in data.replay.items()}
        data = data.model_copy(update={"replay": replay})
    return recipe.model_copy(update={"model": model, "data": data})


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _check_task(plain: Located, task: str | None, path: Path) -> None:
    """A run folder's recipe names the run's task; raises `UsageError` if it is not the one asked for."""
    if "task" not in plain.content:
        return
    named, where = plain.content["task"], _line_in(path, plain, ("task",))
    if not isinstance(named, str):
        raise UsageError(
            f"{where}: task: must be the name of one task", "Values for single tasks stand under tasks: (plural)."
        )
    if task not in (None, id_of(named)):
        raise UsageError(
            f"{where}: this is the recipe of a run of {cut(named, 60)}, not of {cut(task, 60)}",
            "A run keeps only what its task needs: take the recipe that the run was made with, or copy this one "
            "without its line task:.",
        )


def _filled(content: dict[str, Any]) -> dict[str, Any]:
    """The content with {} for empty sections, which YAML reads as null."""
    filled = {key: {} if value is None else value for key, value in content.items()}
    if isinstance(filled.get("tasks"), dict):
        own = {task: {} if sections is None else sections for task, sections in filled["tasks"].items()}
        filled["tasks"] = {task: _filled(made) if isinstance(made, dict) else made for task, made in own.items()}
    return filled


def _named(content: dict[str, Any]) -> dict[str, Any]:
    """The content with the ids of tasks that are spelled FILE.py:FUNCTION."""
    made = dict(content)
    if isinstance(made.get("data"), dict):
        own = {key: made["data"][key] for key in ("ranges", "settings") if isinstance(made["data"].get(key), dict)}
        made["data"] = made["data"] | {key: _by_id(values) for key, values in own.items()}
    if isinstance(made.get("tasks"), dict):
        named = {task: _named(sections) if isinstance(sections, dict) else sections
                 for task, sections in made["tasks"].items()}  # fmt: skip
        made["tasks"] = _by_id(named)
    return made


def _by_id(values: dict[Any, Any]) -> dict[Any, Any]:
    return {id_of(task) if isinstance(task, str) else task: value for task, value in values.items()}


def _merged(content: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The content with the values of `changes` at the same places."""
    return content | {
        key: _merged(content.get(key, {}), value) if isinstance(value, dict) else value
        for key, value in changes.items()
    }


def _override(content: dict[str, Any], override: str) -> None:
    dotted, equals, value = override.partition("=")
    *around, last = dotted.split(".")
    if not equals or not around or not all((*around, last)) or around[0] == "tasks" or len(around) >= DEEPEST:
        raise UsageError(f"{quoted(override)} is no override", EXAMPLE)
    if around[:2] == ["data", "ranges"] and len(around) == 2 and last in RANGES:
        task = f"data.ranges.TASK.{last}={value}"
        raise UsageError(f"{quoted(override, SHORT)} names no task", f"Write {cut(task, SHORT)}, such as addition.")
    try:
        plain, _ = parse(value)
    except NotPlain as error:
        problem = f"{quoted(override, SHORT)}: the value is not plain YAML: {cut(error)}"
        raise UsageError(problem, "Quote the value, inside of the quotes that the shell takes away.") from None
    target = content
    for part in around:
        if target.get(part) is None:
            target[part] = {}
        target = target[part]
        if not isinstance(target, dict):
            raise UsageError(f"{quoted(override, SHORT)}: {cut(part, SHORT)} holds a value, no keys", LISTED)
    target[last] = plain


def _override_of(place: KeyPath, overrides: list[str]) -> str | None:
    """The last override that gave the value at a place."""
    dotted = ".".join(map(str, place))
    by_hand = [text for text in overrides if f"{dotted}.".startswith(f"{text.partition('=')[0]}.")]
    return f"override {cut(by_hand[-1], SHORT)}" if by_hand else None


def _file(path: Path) -> str:
    """A path for a message; of a long one the end, with the file's name."""
    text = str(path)
    return cut(text) if len(text) <= SHORT else f"…{cut(text[1 - SHORT :])}"


def _line_in(path: Path, plain: Located, place: KeyPath) -> str:
    line = plain.line_of(place)
    return f"{_file(path)}, line {line}" if line else _file(path)


def _validated(content: dict[str, Any], where: Where) -> Recipe:
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False)[0], where) from None


def _refusal(error: Any, where: Where) -> UsageError:
    """What to say of pydantic's first error: where the value comes from, its key, what it must be."""
    place = tuple(part for part in error["loc"] if part != "[key]")
    start, value = f"{where(place)}: ", error["input"]
    dotted = cut(".".join(map(str, place)), SHORT)
    if error["type"] == "extra_forbidden":
        return UsageError(f"{start}unknown key {dotted}; {suggestion(str(place[-1]), _keys_around(place))}", LISTED)
    wrong_key = f"key {dotted}" if error["loc"] != place else dotted
    now = f"It is {quoted(value, SHORT)} now."
    if error["type"] == "literal_error" and isinstance(value, str):
        known = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        return UsageError(f"{start}{wrong_key} is {quoted(value, SHORT)}; {suggestion(value, known)}", LISTED)
    problem = WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ").replace("Input should", "must")
    return UsageError(f"{start}{wrong_key}: {cut(problem)}", now)


def _keys_around(place: KeyPath) -> Iterable[str]:
    """The keys that are known where an unknown one stands, such as those of the section train."""
    # A task's values lie two names deeper than the recipe's own.
    around: type[BaseModel] = Recipe
    if place[0] == "tasks":
        around, place = Sections, place[2:]
    section = around.model_fields[str(place[0])].annotation if len(place) > 1 else around
    return section.model_fields if isinstance(section, type) and issubclass(section, BaseModel) else ()
