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
        for event, (cell, value) in enumerate(zip(step.cells, step.values, strict=True)):
            events[f"cell of fetch {event}"] = ("cells", changed(step.cells, event, (*cell, 9)))
            events[f"value of fetch {event}"] = ("values", changed(step.values, event, other(value)))
            twins = [twin for twin in run.given if twin != cell and run.given[twin] == value]
            if twins:
                events[f"fetch {event} from a cell of equal value"] = ("cells", changed(step.cells, event, twins[0]))
        for event, value in enumerate(step.results):
            events[f"result {event}"] = ("results", changed(step.results, event, other(value)))
        for event, (op, cells) in enumerate(step.writes):
            aside = (op, ((*cells[0], 9), *cells[1:]))
            events[f"cell of write {event}"] = ("writes", changed(step.writes, event, aside))
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
    for number in range(len(run.macros)):
        for attribute in ("first", "end", "kind"):
            broken = copied(run)
            macro = broken.macros[number]
            setattr(macro, attribute, "other" if attribute == "kind" else getattr(macro, attribute) - 1)
            yield f"{attribute} of macro step {number}", broken
    broken = copied(run)
    broken.answer = run.answer[:-1] + other(run.answer[-1])
    yield "answer", broken


def copied(run: Run) -> Run:
    """A run whose steps and macro steps can be changed; their events are immutable."""
    twin = copy.copy(run)
    twin.steps = [copy.copy(step) for step in run.steps]
    twin.macros = [copy.copy(macro) for macro in run.macros]
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
