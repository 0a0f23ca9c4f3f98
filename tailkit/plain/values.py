"""What the tape of a plain function holds beside numbers and strings, and what its states need to know of it.

In: values. Out: the mark after a list, names of lists, cells, the text of an answer.
"""

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

from tailkit.records import BLANK
from tailkit.tape import ProgramError

MOST_DIGITS = 10
"""A number with more digits is no single symbol: arithmetic on it hides a loop."""
LONGEST_TEXT = 12
"""A string with more characters, or a tuple with more parts, is no single symbol either."""
MOST_OBJECTS = 200
"""Dictionaries and sets that a run may make beside those with names of their own."""


SEPARATING = re.compile(r"""[\s,=:;>'"\\]|[^\x20-\x7e]""")
"""What stands between values in a trace, and what does not print as itself."""


class End:
    """What stands after the last element of a list; it prints as a blank does."""

    __slots__ = ()

    def __str__(self) -> str:
        return BLANK

    def __repr__(self) -> str:
        return "END"


END = End()


class Ref(str):
    """The name of a list, a text, a dictionary or a set: what a variable holds whose value is one."""

    __slots__ = ("shape",)
    shape: str

    def __new__(cls, name: str, shape: str) -> "Ref":
        made = super().__new__(cls, name)
        made.shape = shape
        return made

    def __repr__(self) -> str:
        return f"Ref({str(self)!r}, {self.shape!r})"


def at(index: Any, line: int) -> Any:
    """An index as the place of a cell; raises `ProgramError` for one that counts from the end."""
    if index < 0:
        raise ProgramError(f"line {line}: the index {index} counts from the end; write x[len(x) - 1] or x[-1] for it")
    return int(index)


def keyed(name: str, key: Any) -> tuple[Any, ...]:
    """The cell of a key in a dictionary or a set."""
    return (name, *key) if isinstance(key, tuple) else (name, key)


def keyed_name(name: str, key: Any) -> str:
    return f"{name}[{','.join(map(said, key))}]" if isinstance(key, tuple) else f"{name}[{said(key)}]"


def said(value: Any) -> str:
    """A value as a state prints it: a string as Python writes it where it could be taken for something else."""
    if type(value) is str and (not value or value == "None" or SEPARATING.search(value)):
        return repr(value)
    return str(value)


def parts_of(value: Any) -> Iterator[Any]:
    """What a value holds in the end: elements of lists within lists, keys and values; itself where it holds none."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | set):
        for part in value:
            yield from parts_of(part)
    else:
        yield value


def fits(value: Any, line: int) -> None:
    """Raise `ProgramError` for a value that a single state cannot hold."""
    if isinstance(value, tuple):
        for part in value:
            fits(part, line)
        size, most, what = len(value), LONGEST_TEXT, "parts of a tuple"
    elif isinstance(value, Ref) or value is None or value is END:
        return
    elif isinstance(value, str):
        if value == BLANK:
            raise ProgramError(f"line {line}: the string {BLANK!r} is what an empty cell reads as; use another")
        size, most, what = len(value), LONGEST_TEXT, "characters of a string"
    elif isinstance(value, float):
        if value in (float("inf"), float("-inf")):
            return
        raise ProgramError(f"line {line}: {value} is no whole number; only whole numbers can be recorded")
    else:
        size, most, what = len(str(abs(value))), MOST_DIGITS, "digits of a number"
    if size > most:
        raise ProgramError(
            f"line {line}: {size} {what} are more than one state holds ({most}): working on them hides a loop",
            "Write it out on a list of digits or characters, draw smaller arguments, or take it with --allow-hidden.",
        )


def taken(values: Iterator[Any]) -> Any:
    """A Python value from what a readout showed: first itself, then, if it is a name, its contents."""
    return _opened(next(values), values)


def contents(root: Ref, values: Iterator[Any]) -> Any:
    """A Python value from what a readout showed of a name: its contents alone."""
    return _opened(root, values)


def _opened(root: Any, values: Iterator[Any]) -> Any:
    if isinstance(root, tuple):
        return tuple([_opened(part, values) for part in root])
    if not isinstance(root, Ref):
        return root
    if root.shape in ("dict", "set"):
        keys, held = [], []
        while (key := next(values)) is not END:
            keys.append(key)
            held.append(next(values))
        pairs = {key: _opened(value, values) for key, value in zip(keys, held, strict=True)}
        return pairs if root.shape == "dict" else set(pairs)
    parts = []
    while (part := next(values)) is not END:
        parts.append(part)
    whole = [_opened(part, values) for part in parts]
    return "".join(whole) if root.shape == "text" else tuple(whole) if root.shape == "tuple" else whole


def written(value: Any) -> str:
    """A value as an answer: a string as it is unless it is empty or has blanks around it, else as Python writes it."""
    if isinstance(value, set):
        return f"{{{', '.join(map(repr, sorted(value, key=repr)))}}}" if value else "set()"
    return value if isinstance(value, str) and value and value == value.strip() else repr(value)


def show_whole(tape: Any, root: Any) -> None:
    """Show what a name stands for, in the order in which `taken` reads it."""
    _look(root, tape.show)


def fetch_whole(tape: Any, root: Any) -> None:
    """The same as operands of a computation."""
    _look(root, lambda cell: (tape.fetch(cell),))


def _look(root: Any, look: Callable[[Any], Any]) -> None:
    if isinstance(root, tuple):
        for part in root:
            _look(part, look)
    if not isinstance(root, Ref):
        return
    name, inner, number = str(root), list[Any](), 0
    paired = root.shape in ("dict", "set")
    while True:
        (part,) = look((f"{name}.keys" if paired else name, number))
        if part is END:
            break
        inner += look(keyed(name, part)) if paired else [part]
        number += 1
    for part in inner:
        _look(part, look)


def shown(*pairs: tuple[Any, Any]) -> str:
    """The cells of a layout, each with its place: 0:3,1:7,2:_."""
    return ",".join([f"{place}:{said(value)}" for place, value in pairs])


def same(given: str, answer: str, data: dict[str, Any]) -> bool:
    """Whether two answers are the same value; spaces within lists do not count."""
    del data
    if given.strip() == answer:
        return True
    try:
        left, right = ast.literal_eval(given.strip()), ast.literal_eval(answer)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False
    return type(left) is type(right) and bool(left == right)
