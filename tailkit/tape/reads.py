"""Which global names functions read, themselves or through functions of their own modules.

In: functions. Out: names with their values.
"""

import dis
from collections.abc import Iterable
from functools import cache
from types import CodeType, FunctionType
from typing import Any


@cache
def globals_of(code: CodeType) -> frozenset[str]:
    """The global names that code, and the functions inside it, read or write."""
    names = frozenset(each.argval for each in dis.get_instructions(code) if each.opname.endswith("_GLOBAL"))
    return names.union(*[globals_of(each) for each in code.co_consts if isinstance(each, CodeType)])


def reached(functions: Iterable[Any]) -> dict[str, Any]:
    """The global names that functions reach, with their values; functions of other modules are not entered."""
    found: dict[str, Any] = {}
    waiting = [function for function in functions if isinstance(function, FunctionType)]
    seen: set[int] = set()
    while waiting:
        function = waiting.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        for name in globals_of(function.__code__) & function.__globals__.keys():
            value = found[name] = function.__globals__[name]
            if isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
                waiting.append(value)
    return found
