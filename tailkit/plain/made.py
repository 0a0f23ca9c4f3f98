"""A plain function as a task: all that `Task` needs, from a file and a function's name.

In: a path, a name, the guard of the file. Out: the parts of a task.
"""

import inspect
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from tailkit.errors import UsageError, cut
from tailkit.plain.emit import Emitted, emit
from tailkit.plain.functions import Source, parameters_of, read
from tailkit.plain.hints import hint_of
from tailkit.plain.infer import Kinds
from tailkit.plain.lower import Lowering
from tailkit.plain.problems import LENGTH, Problems
from tailkit.plain.refusal import AS_ONE, Hidden, Refused
from tailkit.plain.rewrite import write_out

VERSION = 3
"""Of how functions become states: it rises when the same function gives other traces."""


@dataclass(frozen=True)
class Recorded:
    """A function that can be recorded. `hides`: what hides a loop in it, so that it needs --allow-hidden."""

    source: Source
    emitted: Emitted
    hides: UsageError | None = None


def recorded(file: Path, name: str, *, hidden_too: bool = False) -> Recorded:
    """Make states of a function, without running anything of its file; raises `UsageError` by line.

    `hidden_too`: what hides a loop is taken as one state.
    """
    try:
        source = read(file, name)
        return Recorded(source, _emitted(source, hidden_too=hidden_too))
    except Refused as error:
        kind = Hides if isinstance(error, Hidden) else UsageError
        raise kind(f"{file.name}:{name}, {error.message}", error.hint) from error


class Hides(UsageError):
    """A function hides a loop."""


def either(file: Path, name: str) -> Recorded:
    """The same, with what hides a loop as one state if that cannot be left: then `hides` says it."""
    try:
        return recorded(file, name)
    except Hides as error:
        try:
            return replace(recorded(file, name, hidden_too=True), hides=error)
        except UsageError:
            # What is refused all the same cannot be taken as one state.
            raise UsageError(error.message, error.hint.replace(AS_ONE, "")) from None


def _emitted(source: Source, *, hidden_too: bool) -> Emitted:
    hints = {argument.arg: hint_of(argument) for argument in source.parameters}
    every = {argument.arg: hint_of(argument).kind() for argument in parameters_of(source.entry)}
    notes = write_out(source)
    kinds = Kinds(source, every, hidden_too=hidden_too)
    table = Lowering(source, kinds, hidden_too=hidden_too).lower()
    table.notes = notes
    entry = source.entry.name
    arguments = {name: kinds.name(entry, name) for name in hints}

    def decode(data: dict[str, Any]) -> dict[str, Any]:
        from tailkit.plain.hints import opened

        return {name: opened(hint, data[name]) for name, hint in hints.items()}

    defaults = {name: (kinds.name(entry, name), value) for name, value in source.defaults.items()}
    return emit(table, arguments, decode, defaults, source.constants, limited=not hidden_too)


def problems_of(source: Source, module: ModuleType) -> Problems:
    """How problems of a function are drawn; raises `UsageError` for options of the file that make no sense."""
    hints = {argument.arg: hint_of(argument) for argument in source.parameters}
    if not hints:
        what = "arguments without a default" if source.defaults else "arguments"
        reason = f"{source.entry.name} has no {what}, so it has only one problem"
        raise UsageError(f"{source.file.name}: {reason}", "Take one away." if source.defaults else "Give it some.")
    if all(hint.name == "bool" for hint in hints.values()):
        raise UsageError(f"{source.file.name}: {source.entry.name} takes truth values alone", "Give it a number.")
    if LENGTH in hints:
        raise UsageError(f"{source.file.name}: no argument may be called {LENGTH}", "Rename it.")
    given = getattr(module, "CONSTRAINTS", ())
    if not isinstance(given, str | list | tuple):
        raise UsageError(
            f"{source.file.name}: CONSTRAINTS is {cut(repr(given), 60)}",
            'Write a list of expressions, such as CONSTRAINTS = ["b > 0"].',
        )
    constraints = (given,) if isinstance(given, str) else tuple(given)
    for text in constraints:
        try:
            compile(text, "CONSTRAINTS", "eval")
        except (SyntaxError, TypeError, ValueError) as error:
            raise UsageError(
                f"{source.file.name}: CONSTRAINTS: {cut(repr(text), 80)} is no expression: {cut(error, 60)}",
                'Write a list of expressions, such as CONSTRAINTS = ["b > 0"].',
            ) from None
    own = getattr(module, "sample", None)
    if own is not None and not callable(own):
        raise UsageError(f"{source.file.name}: sample is no function", "Write def sample(rng, n): … or take it away.")
    if own is not None and source.entry.name != "sample":
        try:
            inspect.signature(own).bind(None, 1)
        except TypeError as error:
            what = f"{source.file.name}: sample cannot be called with a random stream and a length: {error}"
            raise UsageError(what, "Write def sample(rng, n): …") from None
    return Problems(source, hints, module, constraints, None if source.entry.name == "sample" else own)
