"""Errors that a user can fix: what is wrong, what to do next, and the exit code."""

import difflib
from collections.abc import Iterable

QUOTED = 200
"""Characters at most of a user's value, path or text in a message."""


class TailkitError(Exception):
    """Something failed at run time. `message` says what, `hint` what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}\n{hint}" if hint else message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.message, self.hint)


class UsageError(TailkitError):
    """A name, option, recipe or input file is wrong."""

    exit_code = 2


class EnvironmentMissing(TailkitError):
    """The machine lacks something: a GPU, a package, a model."""

    exit_code = 3


class DoesNotFit(TailkitError):
    """The work does not fit: rows too long for the model, memory too small."""

    exit_code = 4


class Interrupted(TailkitError):
    """The user stopped the work; the same command goes on with it."""

    exit_code = 130


def cut(text: object, most: int = QUOTED) -> str:
    """A user's text, path or another library's message in one line of at most `most` printable characters."""
    # One character more, so that an endless text is not looked through to its end.
    line = "".join(one if one.isprintable() else repr(one)[1:-1] for one in str(text)[: most + 1])
    return line if len(line) <= most else f"{line[: most - 1]}…"


def quoted(value: object, most: int = QUOTED) -> str:
    """A user's value as it would be written down, cut as `cut` does: 'tial', 3, true, [1, 2]."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return cut(repr(value), most)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name in `known` that is most like `name`, None if none is like it."""
    # A name is compared up to the length of any that could be meant.
    near = difflib.get_close_matches(name[:QUOTED], list(known), n=1, cutoff=0.5)
    return near[0] if near else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """What to say after an unknown name: "did you mean 'x'?", or what is known."""
    names = [str(k) for k in known]
    near = nearest(name, names)
    return f"did you mean {quoted(near)}?" if near is not None else f"known: {cut(', '.join(names))}."


def unknown(what: str, name: str, known: Iterable[str], hint: str = "") -> UsageError:
    """`name` is no `what`: say the nearest one that is, and all of them where none is near."""
    return UsageError(f"unknown {what} {quoted(name, 120)}; {suggestion(name, known)}", hint)
