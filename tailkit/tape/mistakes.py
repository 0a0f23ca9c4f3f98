"""Puts a mistake in a program into words: which operation, in which state, and what it should have been.

In: a call that failed, or a value that does not fit. Out: text for a `ProgramError`.
"""

import inspect
from collections.abc import Callable
from typing import Any

from tailkit.errors import cut


def failure(function: Callable[..., Any], values: tuple[Any, ...], error: Exception) -> str:
    """What went wrong in `function(*values)`: a wrong number of values, or the error with its values."""
    return wrong_count(function, len(values)) or f"{described(error)} with the values {_listed(values)}"


def _listed(values: tuple[Any, ...]) -> str:
    try:
        return cut(", ".join(map(repr, values)), 120)
    except Exception:  # noqa: BLE001 - a repr of the user's own
        return f"({len(values)})"


def wrong_count(function: Callable[..., Any], count: int) -> str | None:
    """Why `function` cannot be called with `count` values; None if it can, or if that cannot be told."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some builtins have no signature
        return None
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return f"takes {_counted(signature)}, but gets {count}"
    return None


def _counted(signature: inspect.Signature) -> str:
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return "more values"
    most = sum(kind is not inspect.Parameter.KEYWORD_ONLY and kind is not kind.VAR_KEYWORD for kind in kinds)
    return "1 value" if most == 1 else f"{most} values"


def described(error: BaseException) -> str:
    """An error in one line: its kind and what it says."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - a text of the user's own
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def named(function: Callable[..., Any]) -> str:
    """What a function is called; a lambda by its line."""
    name = getattr(function, "__qualname__", None) or repr(function)
    code = getattr(function, "__code__", None)
    short = name.rsplit(".", maxsplit=1)[-1]
    return f"the lambda of line {code.co_firstlineno}" if code and short == "<lambda>" else cut(short, 60)


def kind_of(value: object) -> str:
    """The kind of a value, such as int, or numpy.int64."""
    if value is None:
        return "None"
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
