"""Kinds of values: a number, a string, a list of numbers …

In: constants, and kinds that must be one. Out: a `Kind`, or `Refused` where two differ.
"""

import ast
from collections.abc import Iterable
from typing import Any

from tailkit.plain.refusal import refused

CONTAINERS = ("list", "text", "dict", "set", "array")
"""Kinds whose contents lie in cells of their own. A text is a string argument, an array a tuple of any length."""


class Kind:
    """A kind, perhaps not yet known: "int", "str", "tuple" with the kinds of its parts, a container with those of
    its elements (a dictionary: of keys and values)."""

    __slots__ = ("_link", "_name", "_parts")

    def __init__(self, name: str = "?", *parts: "Kind") -> None:
        self._name, self._parts = name, parts
        self._link: Kind | None = None

    def _root(self) -> "Kind":
        kind = self
        while kind._link is not None:
            kind = kind._link
        return kind

    @property
    def name(self) -> str:
        return self._root()._name

    @property
    def parts(self) -> tuple["Kind", ...]:
        return self._root()._parts

    @property
    def is_container(self) -> bool:
        return self.name in CONTAINERS

    @property
    def words(self) -> str:
        inner = f" of {' and '.join(part.words for part in self.parts)}" if self.parts else ""
        return {"?": "unknown", "int": "a number", "str": "a string", "text": "a string argument"}.get(
            self.name, f"a {self.name}{inner}"
        )

    def meet(self, other: "Kind", node: ast.AST, what: str) -> "Kind":
        """Make both one kind; raises `Refused` if they differ."""
        left, right = self._root(), other._root()
        if left is right:
            return left
        if left._name == "?":
            left._link = right
        elif right._name == "?":
            right._link = left
        elif left._name != right._name or len(left._parts) != len(right._parts):
            texts = {left._name, right._name} == {"str", "text"}
            instead = "A string argument is laid out character by character; take a character of it, such as s[0]."
            raise refused(
                node, f"{what} is {left.words} and {right.words}", instead if texts else "Give each a name of its own."
            )
        else:
            right._link = left
            for part, twin in zip(left._parts, right._parts, strict=True):
                part.meet(twin, node, f"a part of {what}")
        return left


def of_value(value: Any, node: ast.AST) -> Kind:
    """The kind of a constant of the file."""
    if value is None:
        return Kind()
    if isinstance(value, bool | int | float):
        return Kind("int")
    if isinstance(value, str):
        return Kind("str")
    if isinstance(value, tuple):
        return Kind("tuple", *[of_value(part, node) for part in value])
    if isinstance(value, list | set):
        return Kind("list" if isinstance(value, list) else "set", _one(value, node))
    if isinstance(value, dict):
        return Kind("dict", _one(value, node), _one(value.values(), node))
    raise refused(node, f"{type(value).__name__} cannot be recorded")


def _one(values: Iterable[Any], node: ast.AST) -> Kind:
    made = Kind()
    for value in values:
        made = made.meet(of_value(value, node), node, "an element")
    return made
