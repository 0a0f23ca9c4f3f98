"""Which operands decide what a state computes.

In: a state of a recorded run. Out: operands, found by trying other values in their place.
"""

import functools
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tailkit.records import Step, Values

SECONDS = 0.3
"""Of the processor, for all tries of a state: with another value than a program's own an operation may never end."""


class Endless(BaseException):
    """An operation took too long. No `Exception`, so that a file's own `except Exception` does not catch it."""


class Influence:
    """Finds what decides what states compute; one object for many states, so that none is tried twice."""

    def __init__(self) -> None:
        self._known: dict[Any, dict[int, list[list[Any]]]] = {}
        self._endless: set[Any] = set()

    def decisive(self, step: Step) -> list[Any]:
        """The operands, shown ones too, that decide what a state computes: with another value it would be another.

        Those that stand in the result as they are do not count: a list that is read out is no loop.
        """
        return [step.operands[place] for place in self.changes(step)]

    def changes(self, step: Step) -> dict[int, list[list[Any]]]:
        """By the place of each operand that decides, what is computed with other values in its place."""
        operations = (*(op for op, _ in step.writes), step.move)
        key = operations, repr((step.at, step.operands, step.results, step.moved))
        if key not in self._known:
            self._known[key] = self._tried(step, operations)
        return self._known[key]

    def _tried(self, step: Step, operations: tuple[Any, ...]) -> dict[int, list[list[Any]]]:
        if operations not in self._endless:
            try:
                with _limited():
                    return dict(_changes(step))
            except Endless:
                self._endless.add(operations)
        # What cannot be tried is taken to decide.
        return {place: [] for place, value in enumerate(step.operands) if not _is_mark(value)}


def _changes(step: Step) -> Iterator[tuple[int, list[list[Any]]]]:
    operands, made = step.operands, computed(step, step.operands)
    said = [str(result) for result in made]
    for place, value in enumerate(operands):
        if _is_mark(value) or any(str(value) in text for text in said):
            continue
        tried = [
            computed(step, (*operands[:place], other, *operands[place + 1 :])) for other in _others(value, operands)
        ]
        if others := [each for each in tried if _differs(made, each)]:
            yield place, others


@contextmanager
def _limited() -> Iterator[None]:
    """Raise `Endless` after SECONDS of the processor, in the main thread of a system that has such a timer."""
    if threading.current_thread() is not threading.main_thread() or not _rings():
        yield
        return
    _trying.append(True)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS, SECONDS)
    try:
        yield
    finally:
        _trying.clear()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


@functools.cache
def _rings() -> bool:
    """Install the handler, once."""
    if not hasattr(signal, "setitimer") or signal.getsignal(signal.SIGVTALRM) != signal.SIG_DFL:
        return False
    signal.signal(signal.SIGVTALRM, _ring)
    return True


_trying: list[bool] = []
"""Holds something while a state is tried: a signal that comes later means nothing."""


def _ring(number: int, frame: Any) -> None:
    if _trying:
        raise Endless


def computed(step: Step, operands: Values) -> list[Any]:
    """What a state's operations give for these operands: its writes, and what follows or the answer."""
    written = step.results + step.moved
    made = [_tried(op, *operands) for op, _ in step.writes]
    return [*made, _tried(step.move, step.at, operands, written)] if callable(step.move) else made


def _is_mark(value: Any) -> bool:
    """Whether a value stands for nothing but a place: a blank, a space, what ends a list."""
    return not any(map(str.isalnum, str(value)))


FAILED = object()
"""Instead of what an operation gives for values that it cannot work on."""


def _tried(op: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return op(*arguments)
    except Exception:  # noqa: BLE001 - another value than a program's own may make no sense to an operation
        return FAILED


def _differs(computed: list[Any], other: list[Any]) -> bool:
    return any(one != two and two is not FAILED for one, two in zip(computed, other, strict=True))


def _others(value: Any, operands: Values) -> list[Any]:
    """A few other values of an operand's kind: near it, far from it, and those of its neighbours."""
    near: list[Any] = [value + 1, value - 1, value + 100, 0] if type(value) is int else []
    near += [value[1:], f"{value}1", f"1{value[1:]}"] if type(value) is str and len(value) > 1 else []
    alike = [each for each in dict.fromkeys(operands) if type(each) is type(value)]
    return [each for each in (*near, *alike[:3], *alike[-3:]) if each != value]
