"""What an operation may not be: it computes from its arguments alone, and nothing changes but the tape.

In: the operations of a recorded run; a program. Out: nothing, or a `ProgramError` that names the operation.
"""

import builtins
import functools
import sys
from collections.abc import Callable
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any

from tailkit.records import Run
from tailkit.tape import mistakes
from tailkit.tape.machine import Program, ProgramError, surroundings
from tailkit.tape.reads import globals_of

ORACLES = ("oracle",)
"""Names that no operation calls: the answer is what the trace computes."""


def check_honest(run: Run) -> None:
    """Raise `ProgramError` for an operation of the run that knows more than its arguments."""
    checked: set[int] = set()
    for step in run.steps:
        for op in (*(op for op, _ in (*step.writes, *step.puts)), step.move):
            if callable(op) and id(op) not in checked:
                checked.add(id(op))
                if reason := dishonesty(op):
                    where = f"state {step.kind!r} {step.at}" if step.at else f"state {step.kind!r}"
                    raise ProgramError(f"{where}: {mistakes.named(op)} {reason}")


def dishonesty(op: Callable[..., Any]) -> str | None:
    """Why `op` does not compute from its arguments alone, in words; None if it does."""
    if isinstance(op, functools.partial):
        return "carries values of its own (functools.partial): an operation computes from what its state read"
    if isinstance(op, MethodType | BuiltinMethodType) and not _bare(op.__self__):
        return "is a method of an object, whose values the state did not read"
    if isinstance(op, type):
        own = op.__module__.partition(".")[0] not in sys.stdlib_module_names
        return "is a class of one's own, not a function" if own else None
    if not isinstance(op, FunctionType):
        return None if isinstance(op, BuiltinMethodType) or _is_slot(op) else "is an object, not a function"
    return _of_function(op, set())


def _bare(owner: object) -> bool:
    """Whether a built-in function belongs to a module or a type, and so carries no values."""
    return owner is None or isinstance(owner, ModuleType | type)


def _is_slot(op: object) -> bool:
    return type(op).__name__ in ("method_descriptor", "wrapper_descriptor", "builtin_function_or_method")


def _of_function(function: FunctionType, seen: set[int]) -> str | None:
    if id(function) in seen:
        return None
    seen.add(id(function))
    if function.__closure__:
        names = ", ".join(function.__code__.co_freevars)
        return f"uses {names} of the function around it: what an operation uses is fetched in its state"
    if function.__defaults__ or function.__kwdefaults__:
        return "has default arguments: what an operation uses is fetched in its state"
    for name in sorted(globals_of(function.__code__)):
        value = function.__globals__.get(name, getattr(builtins, name, None))
        if name in ORACLES or getattr(value, "__name__", None) in ORACLES:
            return f"calls {name}: a trace computes the answer step by step"
        if not isinstance(value, FunctionType) or value.__module__ != function.__module__:
            continue
        if reason := _of_function(value, seen):
            return f"calls {name}, which {reason}"
    return None


def check_unchanged(program: Program) -> None:
    """Raise `ProgramError` if what a program's functions can read beside the tape is not as it was at first."""
    for name, value in surroundings(program).items():
        if program.surroundings.get(name) != value:
            what = "a state knows only its place and what it reads from the tape"
            raise ProgramError(f"the program changes {name!r}, which is not on the tape: {what}")
