"""Which names beside their arguments functions read, themselves or through functions of their own modules.

In: functions. Out: names with their values, and constants; and which values stand next to others in counting.
"""

import dis
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from types import CodeType, FunctionType
from typing import Any


@cache
def globals_of(code: CodeType) -> frozenset[str]:
    """The global names that code, and the functions inside it, read or write."""
    names = frozenset(each.argval for each in dis.get_instructions(code) if each.opname.endswith("_GLOBAL"))
    return names.union(*[globals_of(each) for each in code.co_consts if isinstance(each, CodeType)])


def attributes_of(code: CodeType) -> frozenset[str]:
    """The names of attributes that code, and the functions inside it, read."""
    names = frozenset(
        str(each.argval).removeprefix("NULL|self + ")
        for each in dis.get_instructions(code)
        if each.opname in ("LOAD_ATTR", "LOAD_METHOD")
    )
    return names.union(*[attributes_of(each) for each in code.co_consts if isinstance(each, CodeType)])


def constants_of(op: Any) -> list[Any]:
    """The constants in the code of an operation. Python 3.14 has small integers in the instructions alone."""
    code = getattr(op, "__code__", None)
    if code is None:
        return []
    small = [each.argval for each in dis.get_instructions(code) if each.opname == "LOAD_SMALL_INT"]
    return [*code.co_consts, *small]


def reached(functions: Iterable[Any]) -> dict[str, Any]:
    """The names that functions reach, global or of functions around them, with their values.

    Functions of other modules are not entered.
    """
    found: dict[str, Any] = {}
    waiting = [function for function in functions if isinstance(function, FunctionType)]
    seen: set[int] = set()
    while waiting:
        function = waiting.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        names = globals_of(function.__code__) & function.__globals__.keys()
        for name, value in [*((name, function.__globals__[name]) for name in names), *_around(function)]:
            found[name] = value
            if isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
                waiting.append(value)
    return found


def _around(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """The variables of functions around it that a function reads; those without a value yet are left out."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with suppress(ValueError):
            yield name, cell.cell_contents


def flat(values: Iterable[Any]) -> Iterator[Any]:
    """Values, those inside of tuples, lists and tables one by one."""
    for value in values:
        if isinstance(value, tuple | list):
            yield from flat(value)
        elif isinstance(value, dict):
            yield from flat(value.values())
        else:
            yield value


def is_beside(value: Any, places: Iterable[Any]) -> bool:
    """Whether a value is one of the places, or next to one in counting: 4 and 5, .4 and .5, "4" and 5, B and C."""
    return Places(places).beside(value)


class Places:
    """Values to which others may be next in counting: numbers, numbers in text, and letters."""

    def __init__(self, values: Iterable[Any]) -> None:
        held = list(values)
        self.texts = set(map(str, held))
        self.counts = {count for value in held if (count := _count(value))}

    def beside(self, value: Any) -> bool:
        if str(value) in self.texts:
            return True
        kind, number = _count(value) or ("", 0)
        return any((kind, number + by) in self.counts for by in (-1, 0, 1))


def _count(value: Any) -> tuple[str, int] | None:
    """What a value counts, and which of them it is; None for one that counts nothing."""
    if isinstance(value, int):
        return "number", int(value)
    text = str(value).removeprefix(".")
    if text.isascii() and text.isdigit():
        return "number", int(text)
    return ("letter", ord(text)) if len(text) == 1 else None
