"""Recipes as YAML text that `load` reads again, bare or with each key explained.

In: a `Recipe`. Out: text. Sections stand in blocks, what lies inside a value in one line.
"""

from io import StringIO
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter

from tailkit.errors import quoted
from tailkit.recipe.schema import Recipe

INDENT = 2
WIDTH = 1_000_000
"""Characters of a line; no value is broken."""
DEEPEST_BLOCK = 3
"""Mappings within each other that stand in blocks: recipe, section, and a key by task."""


def dump(recipe: Recipe) -> str:
    """The whole recipe, with all defaults."""
    return as_yaml(_block(recipe.model_dump(mode="json")))


def explain(recipe: Recipe, *, everything: bool) -> str:
    """The recipe with what each key is as a comment, and only what is not default unless `everything` is asked for."""
    plain = recipe.model_dump(mode="json", exclude_defaults=not everything)
    tree = _block({section: keys for section, keys in plain.items() if keys or everything})
    if not tree:
        return "# Every key has its default.\n"
    for section in tree:
        field = Recipe.model_fields[section]
        _comment(tree, section, about(field), 0)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            for key in tree[section]:
                _comment(tree[section], key, _said(field.annotation.model_fields[key], tree[section][key]), INDENT)
    return as_yaml(tree)


def about(field: FieldInfo) -> str:
    """What a key is, in words: its description, or that of the section which it opens."""
    return field.description or (getattr(field.annotation, "__doc__", None) or "").strip().rstrip(".")


def _said(field: FieldInfo, value: object) -> str:
    """A key's description, its choices, and its default where it has another value."""
    parts, default = [about(field)], field.get_default(call_default_factory=True)
    if get_origin(field.annotation) is Literal:
        parts.append(f"one of {', '.join(get_args(field.annotation))}")
    if default not in (value, {}):
        parts.append(f"default: {default if isinstance(default, str) else quoted(default)}")
    return "; ".join(parts)


def _comment(tree: CommentedMap, key: str, text: str, indent: int) -> None:
    tree.yaml_set_comment_before_after_key(key, before=text, indent=indent)


def _block(value: Any, depth: int = 1) -> Any:
    """Plain values as ruamel.yaml lays them out."""
    if isinstance(value, dict):
        made: Any = CommentedMap((key, _block(inner, depth + 1)) for key, inner in value.items())
    elif isinstance(value, list):
        made = CommentedSeq(_block(inner, depth + 1) for inner in value)
    else:
        return value
    if depth > DEEPEST_BLOCK or isinstance(value, list):
        made.fa.set_flow_style()
    return made


class _Representer(RoundTripRepresenter):
    """Writes null as a word, where ruamel.yaml leaves the value out."""


_Representer.add_representer(type(None), lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null"))


def as_yaml(content: dict[str, Any]) -> str:
    """Plain values as YAML, in the order in which they are."""
    yaml, stream = YAML(), StringIO()
    yaml.Representer, yaml.width = _Representer, WIDTH
    yaml.indent(mapping=INDENT)
    yaml.dump(content, stream)
    return stream.getvalue()
