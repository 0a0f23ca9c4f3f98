"""The type hints of a function's arguments: how a value is drawn, kept as JSON, and counted.

In: an annotation's syntax. Out: a `Hint`.
"""

import ast
from dataclasses import dataclass
from random import Random
from typing import Any

from tailkit.plain.kinds import Kind
from tailkit.plain.refusal import refused, source_of

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ELEMENT = 100
"""Numbers in lists, and beside lists and strings, are drawn below this."""
ALIASES = {"List": "list", "Dict": "dict", "Set": "set", "Tuple": "tuple"}
KNOWN = "int, bool, str, list[int], list[str], list[list[int]], tuple[int, int], dict[str, int], set[int]"


@dataclass(frozen=True)
class Hint:
    """int, bool, str; list, set or array (a tuple of any length) of one part; tuple of several; dict of two."""

    name: str
    parts: tuple["Hint", ...] = ()

    @property
    def is_measured(self) -> bool:
        """Whether it is a string or a list, whose length is the problem's."""
        return self.name in ("str", "list", "dict", "set", "array")

    def kind(self, *, outer: bool = True) -> Kind:
        """What a name with this hint holds; a string argument is laid out, one inside of a list is not."""
        if self.name == "str":
            return Kind("text" if outer else "str")
        if self.name in ("int", "bool"):
            return Kind("int")
        return Kind(self.name, *[part.kind(outer=False) for part in self.parts])


def hint_of(node: ast.arg) -> Hint:
    """The hint of an argument; raises `Refused` without one, or with one that cannot be drawn."""
    if node.annotation is None:
        raise refused(node, f"the argument {node.arg} has no type hint", f"Write one, such as {node.arg}: int.")
    made = _hint(node.annotation)
    inner = [part for each in made.parts for part in each.parts]
    deep = [part for part in made.parts if part.name in ("dict", "set", "array")]
    if deep or any(part.is_measured and part.name != "str" for part in inner):
        raise refused(node, f"{node.arg}: {source_of(node.annotation)} is nested too deep", f"Known: {KNOWN}.")
    return made


def _hint(node: ast.expr) -> Hint:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _hint(ast.parse(node.value, mode="eval").body)
    if isinstance(node, ast.Name) and node.id in ("int", "bool", "str"):
        return Hint(node.id)
    if (inner := _not_none(node)) is not None:
        return _hint(inner)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        name = ALIASES.get(node.value.id, node.value.id)
        given = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "tuple" and len(given) == 2 and isinstance(given[1], ast.Constant) and given[1].value is ...:
            return Hint("array", (_hint(given[0]),))
        if (name, len(given)) in (("list", 1), ("set", 1), ("dict", 2)) or name == "tuple":
            return Hint(name, tuple(map(_hint, given)))
    raise refused(node, f"the type hint {source_of(node)} cannot be drawn", f"Known: {KNOWN}.")


def hinted(node: ast.expr) -> Kind:
    """The kind that the annotation of a variable tells: its containers and numbers. A string may be of two kinds."""
    if isinstance(node, ast.Name) and node.id in ("int", "bool"):
        return Kind("int")
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        name = ALIASES.get(node.value.id, node.value.id)
        given = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if (name, len(given)) in (("list", 1), ("set", 1), ("dict", 2)):
            return Kind(name, *map(hinted, given))
    return Kind()


def _not_none(node: ast.expr) -> ast.expr | None:
    """What is drawn for X | None and Optional[X]: an X."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [each for each in (node.left, node.right) if not _is_none(each)]
        return sides[0] if len(sides) == 1 else None
    is_optional = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Optional"
    return node.slice if is_optional else None  # type: ignore[attr-defined]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def draw(rng: Random, hint: Hint, n: int) -> Any:
    """A value of length `n`: so many characters or elements. A number is one element, whatever `n`."""
    if hint.name == "int":
        return rng.randrange(ELEMENT)
    if hint.name == "bool":
        return rng.random() < 0.5
    if hint.name == "str":
        return "".join(rng.choices(LETTERS, k=n))
    if hint.name == "tuple":
        return tuple(draw(rng, part, 1) for part in hint.parts)
    if hint.name in ("list", "array"):
        inner = hint.parts[0]
        width = rng.randint(1, n) if inner.name == "list" else rng.randint(1, 3)
        made = [draw(rng, inner, width) for _ in range(n)]
        return made if hint.name == "list" else tuple(made)
    keys = _distinct(rng, hint.parts[0], n)
    return set(keys) if hint.name == "set" else {key: draw(rng, hint.parts[1], rng.randint(1, 3)) for key in keys}


def _distinct(rng: Random, hint: Hint, n: int) -> list[Any]:
    """So many different keys; raises `ValueError` if there are not enough."""
    made: dict[Any, None] = {}
    for _ in range(50 * n):
        made.setdefault(draw(rng, hint, rng.randint(1, 1 + n // 20)))
        if len(made) == n:
            return list(made)
    raise ValueError(f"there are no {n} different keys")


def integer(rng: Random, digits: int) -> int:
    return rng.randrange(10) if digits == 1 else rng.randrange(10 ** (digits - 1), 10**digits)


def kept(value: Any) -> Any:
    """A value as JSON keeps it: sets and tuples as lists, dictionaries as lists of pairs."""
    if isinstance(value, dict):
        return [[kept(key), kept(each)] for key, each in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(map(kept, value))
    return [kept(each) for each in value] if isinstance(value, list | tuple) else value


def opened(hint: Hint, value: Any) -> Any:
    """A value that JSON kept, as the function takes it; raises `ValueError` or `TypeError` if it is none."""
    if hint.name in ("int", "bool", "str"):
        if type(value).__name__ != hint.name:
            raise TypeError(f"{value!r} is no {hint.name}")
        return value
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no {hint.name}")
    if hint.name == "dict":
        return {opened(hint.parts[0], key): opened(hint.parts[1], each) for key, each in value}
    if hint.name == "tuple":
        return tuple(opened(part, each) for part, each in zip(hint.parts, value, strict=True))
    made = [opened(hint.parts[0], each) for each in value]
    return {"list": list, "array": tuple, "set": set}[hint.name](made)


def count(hint: Hint, n: int) -> int:
    """How many values of length up to `n` can be drawn, about."""
    if hint.name in ("int", "bool"):
        return ELEMENT if hint.name == "int" else 2
    if hint.name == "str":
        return sum(len(LETTERS) ** length for length in range(1, n + 1))
    if hint.name == "tuple":
        made = 1
        for part in hint.parts:
            made *= count(part, 1)
        return made
    if hint.name in ("list", "array"):
        return sum(_lists(hint.parts[0], length) for length in range(1, n + 1))
    one = count(hint.parts[0], 3) if hint.name != "dict" else count(hint.parts[0], 1) * count(hint.parts[1], 3)
    pairs: int = sum(one**length for length in range(1, n + 1))
    return max(1, pairs // 10)


def _lists(inner: Hint, length: int) -> int:
    """How many lists of a length `draw` can make: all that they hold has the same width."""
    widths = range(1, length + 1) if inner.name == "list" else range(1, 4) if inner.name == "str" else (1,)
    total: int = sum(_of_width(inner, width) ** length for width in widths)
    return total


def _of_width(hint: Hint, width: int) -> int:
    if hint.name == "list":
        return _lists(hint.parts[0], width)
    return int(len(LETTERS) ** width) if hint.name == "str" else count(hint, 1)
