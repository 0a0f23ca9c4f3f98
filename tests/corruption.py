"""Every way to corrupt a recorded run in one event, for tests of the checker."""

import copy
from collections.abc import Iterator
from typing import Any

from tailkit.records import Run
from tailkit.tape import Program, ProgramError, check


def corruptions(run: Run) -> Iterator[tuple[str, Run]]:
    """Every single-event corruption of a run: each event changed, each step left out or doubled."""
    for number, step in enumerate(run.steps):
        events: dict[str, tuple[str, Any]] = {
            "kind": ("kind", "other"),
            "place": ("at", (*step.at, 1)),
            "transition": ("next", None if step.next else ("other", (1, 1))),
            "transition target": ("next", (step.next[0], (*step.next[1], 1)) if step.next else ("x", ())),
        }
        for name, cells, values in (("fetch", "cells", "values"), ("shown cell", "shown", "contents")):
            read = zip(getattr(step, cells), getattr(step, values), strict=True)
            for event, (cell, value) in enumerate(read):
                events[f"cell of {name} {event}"] = (cells, changed(getattr(step, cells), event, (*cell, 9)))
                events[f"value of {name} {event}"] = (values, changed(getattr(step, values), event, other(value)))
                twins = [twin for twin in run.given if twin != cell and run.given[twin] == value]
                if twins:
                    twin = changed(getattr(step, cells), event, twins[0])
                    events[f"{name} {event} from a cell of equal value"] = (cells, twin)
        for name, writes, results in (("write", "writes", "results"), ("put", "puts", "moved")):
            for event, value in enumerate(getattr(step, results)):
                events[f"result {event} of {name}"] = (results, changed(getattr(step, results), event, other(value)))
            for event, (op, written) in enumerate(getattr(step, writes)):
                aside = (op, ((*written[0], 9), *written[1:]))
                events[f"cell of {name} {event}"] = (writes, changed(getattr(step, writes), event, aside))
        for event, (cell, number_before) in enumerate(step.stops):
            events[f"stop {event}"] = ("stops", changed(step.stops, event, (cell, number_before + 1)))
            events[f"cell of stop {event}"] = ("stops", changed(step.stops, event, ((*cell, 9), number_before)))
        for what, (attribute, value) in events.items():
            broken = copied(run)
            setattr(broken.steps[number], attribute, value)
            yield f"{what} of step {number}", broken
        for what, numbers in (
            ("missing", [*range(number), *range(number + 1, len(run.steps))]),
            ("doubled", [*range(number + 1), *range(number, len(run.steps))]),
        ):
            broken = copied(run)
            broken.steps = [copy.copy(run.steps[i]) for i in numbers]
            yield f"step {number} {what}", broken
    for number, macro in enumerate(run.macros):
        for part in ("first", "end"):
            broken = copied(run)
            broken.macros[number] = macro._replace(**{part: getattr(macro, part) - 1})
            yield f"{part} of macro step {number}", broken
    broken = copied(run)
    broken.answer = run.answer[:-1] + other(run.answer[-1])
    yield "answer", broken


def copied(run: Run) -> Run:
    """A run whose steps can be changed, and its list of macro steps; their events are immutable."""
    twin = copy.copy(run)
    twin.steps = [copy.copy(step) for step in run.steps]
    twin.macros = list(run.macros)
    return twin


def changed(events: tuple[Any, ...], number: int, event: Any) -> tuple[Any, ...]:
    return (*events[:number], event, *events[number + 1 :])


def other(value: Any) -> Any:
    if isinstance(value, tuple):
        return (*value[:-1], other(value[-1]))
    if isinstance(value, int):
        return value + 1
    return "1" if value != "1" else "2"


def is_caught(run: Run, program: Program, data: dict[str, Any]) -> bool:
    try:
        check(run, program, data)
    except ProgramError:
        return True
    return False
