"""Errors that a user can mend: what is wrong, what to do next, and the exit code."""

import difflib
from collections.abc import Iterable


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


def unknown(what: str, name: str, known: Iterable[str], hint: str = "") -> UsageError:
    """`name` is no `what`: say the nearest one that is, and all of them where they are few."""
    names = [str(k) for k in known]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    suggestion = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}."
    return UsageError(f"unknown {what} {name!r}; {suggestion}", hint)
