"""Watches what the functions of a task's file call, to see that a program computes its answers by itself.

In: a task and problems. Out: why it is refused, in words, or None. What is called is seen while it runs, whatever
it is named by: another name, an attribute, a cache, a function that `oracle` leaves the work to.
"""

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tailkit.records import Problem
from tailkit.tape import Tape
from tailkit.tape.reads import flat
from tailkit.tasks.contract import task_file
from tailkit.tasks.contract.task import Task

Called = dict[CodeType, list[tuple[Any, Any]]]
"""The functions that were called, generators aside: arguments and result of each call, but of those by itself."""


def of_oracle(task: Task, problems: list[Problem]) -> str | None:
    """A program, or the file itself, that asks `oracle`, or a function that gives oracle its answers."""
    files = [task.file, *task.beside]
    with watching(files) as loaded:
        if task.guard:
            task_file.execute(task.file, task.guard)
    own, helpers = _code_of(task.oracle), None
    for problem in problems:
        _forget(task)
        with watching(files) as asked:
            task.oracle(problem.data)
        _forget(task)
        with watching(files) as ran:
            task.record(problem)
        own = own or next(iter(asked), None)
        if own in ran:
            return "the program calls oracle: a trace computes the answer step by step"
        if own in loaded:
            return "the file calls oracle while it is read: nothing that is made of its answers may be kept"
        giving = {
            code for code in asked.keys() & ran.keys() if _gives(asked[code], problem) and _gives(ran[code], problem)
        }
        helpers = giving if helpers is None else helpers & giving
    if helpers and len({problem.answer for problem in problems}) > 1:
        name = min(code.co_name for code in helpers)
        return f"the program calls {name}, which gives oracle its answers: a trace computes the answer step by step"
    return None


def _gives(calls: list[tuple[Any, Any]], problem: Problem) -> bool:
    """Whether a call gave the answer from all of a problem; a parser of digits, say, works on parts of it."""
    whole = list(map(str, flat(problem.data.values())))
    for given, result in calls:
        if str(result) == problem.answer:
            text = "".join(known := list(map(str, flat(given))))
            if all(each in known or each in text for each in whole):
                return True
    return False


def _code_of(function: Callable[..., Any]) -> CodeType | None:
    """The code of the function that a file calls oracle, without what is wrapped around it."""
    return getattr(inspect.unwrap(function), "__code__", None)


@contextmanager
def watching(files: Iterable[Path]) -> Iterator[Called]:
    """Collect the calls of functions of these files."""
    names, calls = {str(place) for file in files for place in (file, file.resolve())}, Called()
    depth: Counter[CodeType] = Counter()
    given: dict[CodeType, list[Any]] = {}

    def note(frame: FrameType, event: str, value: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename in names and not code.co_flags & inspect.CO_GENERATOR:
            calls.setdefault(code, [])
            if not depth[code]:
                given[code] = list(frame.f_locals.values())
            depth[code] += 1
        elif event == "return" and code in depth:
            depth[code] -= 1
            if not depth[code] and not _is_of_answer(frame):
                calls[code].append((given[code], value))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def _is_of_answer(frame: FrameType | None) -> bool:
    """Whether a call belongs to the operation of an answer, which may put it into words as oracle does."""
    while frame is not None:
        if frame.f_code is Tape.answer.__code__:
            return True
        frame = frame.f_back
    return False


def _forget(task: Task) -> None:
    """Clear the caches of the file's functions, so that what they call is called again."""
    for value in list(task.program.start.__globals__.values()):
        clear = getattr(value, "cache_clear", None)
        if callable(clear):
            clear()
