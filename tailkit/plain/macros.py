"""The macro steps of a plain function: an iteration of an outermost loop, a call.

In: a `StateTable`. Out: what groups the steps of a run.
"""

from collections.abc import Callable

from tailkit.plain.table import LineState, StateTable
from tailkit.records import Macro, Step


def of(table: StateTable) -> Callable[[list[Step]], list[Macro]]:
    """Groups steps: those of one iteration, or of one call, or, without these, all but the last."""
    states = {state.name: state for state in table.states.values() if state.name}

    def macros(steps: list[Step]) -> list[Macro]:
        made = [Macro(first, end) for first, end in _grouped(steps, states, table.framed) if end - first > 1]
        return made or ([Macro(0, max(2, len(steps) - 1))] if len(steps) > 1 else [])

    return macros


def _grouped(steps: list[Step], states: dict[str, LineState], framed: bool) -> list[tuple[int, int]]:
    """Where groups begin and end."""
    bounds: list[tuple[int, int]] = []
    first: int | None = None
    before: tuple[object, ...] | None = None
    for number, step in enumerate(steps):
        state = states.get(step.kind)
        depth = step.at[0] if framed and state else 0
        key: tuple[object, ...] | None
        if state is None:
            key = None
        elif depth:
            key = before or ("call", number)  # a call belongs to the iteration that makes it
        else:
            key = ("loop", state.loop, state.heads and number) if state.loop is not None else None
            if key and not state.heads and before and before[:2] == key[:2]:
                key = before
        if key != before:
            if before is not None and first is not None:
                bounds.append((first, number))
            first = number if key is not None else None
        before = key
    if before is not None and first is not None:
        bounds.append((first, len(steps)))
    return bounds
