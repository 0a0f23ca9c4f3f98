"""How two recipes differ.

In: plain values of two recipes, maybe written by different versions of the kit. Out: words.
"""

from collections.abc import Iterator
from typing import Any

from tailkit.errors import cut, quoted
from tailkit.recipe.schema import Recipe
from tailkit.records import JsonObject

_ABSENT = object()
_MOST = 120
"""Characters of a value, since there are two of them."""


def changed(old: Recipe, new: Recipe) -> JsonObject:
    """The values of `new` that are others in `old`, by dotted key in the order of keys; None for one that is gone."""
    before, after = (flat(one.model_dump(mode="json")) for one in (old, new))
    return {key: after.get(key) for key in after | before if after.get(key) != before.get(key)}


def flat(content: JsonObject, place: str = "") -> JsonObject:
    """The values of nested sections by dotted key: {"train.epochs": 2.0}."""
    values: JsonObject = {}
    for key, value in content.items():
        values |= flat(value, f"{place}{key}.") if isinstance(value, dict) else {f"{place}{key}": value}
    return values


def differences(old: JsonObject, new: JsonObject) -> list[str]:
    """What differs, key by key: "train.epochs is 2 there, 3 here", `old` being there and `new` here.

    Both are sections with plain values, as `model_dump(mode="json")` gives them. A section or key that
    one of them lacks has its default there, so a key that came with a later version differs only where
    its value is another one than the default.
    """
    defaults = Recipe().model_dump(mode="json")
    return list(_differing(_filled(defaults, _plain(old)), _filled(defaults, _plain(new)), ""))


def _filled(defaults: JsonObject, content: JsonObject) -> JsonObject:
    """The content, with the defaults of what is missing or, as an empty section is, null."""
    given = {key: value for key, value in content.items() if value is not None}
    sections = {
        key: _filled(default, inside)
        for key, default in defaults.items()
        if isinstance(default, dict) and isinstance(inside := given.get(key), dict)
    }
    return defaults | given | sections


def _differing(old: object, new: object, place: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differing(old.get(key, _ABSENT), new.get(key, _ABSENT), f"{place}.{key}" if place else str(key))
    elif old != new:
        yield f"{cut(place, _MOST)} is {_said(old)} there, {_said(new)} here"


def _plain(value: Any) -> Any:
    """Lists and tuples are the same once they are written to a file."""
    if isinstance(value, dict):
        return {key: _plain(inside) for key, inside in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _said(value: object) -> str:
    return "absent" if value is _ABSENT else quoted(value, _MOST)
