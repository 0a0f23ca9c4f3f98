"""Macro steps that several tasks share.

In: the steps of a run. Out: which of them are one macro step.
"""

from collections.abc import Callable, Hashable
from itertools import groupby

from tailkit.records import Macro, Step


def grouped(key: Callable[[Step], Hashable]) -> Callable[[list[Step]], list[Macro]]:
    """Steps that follow one another and have the same key are one macro step; those with None are none."""

    def macros(steps: list[Step]) -> list[Macro]:
        made, end = [], 0
        for name, group in groupby(steps, key=key):
            first, end = end, end + len(list(group))
            if name is not None:
                made.append(Macro(first, end))
        return made

    return macros


def kinds(*names: str) -> Callable[[list[Step]], list[Macro]]:
    """Steps of one kind that follow one another are one macro step, for the kinds that are named."""
    return grouped(lambda step: step.kind if step.kind in names else None)
