"""Numbers and lengths in words, as a task calls them.

In: a task and the bounds of a range. Out: phrases such as "8–10 digits".
"""

from tailkit.records import Nouns

Bounds = tuple[int, int]


def span(bounds: Bounds) -> str:
    """Bounds as they are printed: 8–10, or 8 where both are the same."""
    low, high = bounds
    return f"{low}–{high}" if low != high else str(low)


def length(nouns: Nouns, bounds: Bounds) -> str:
    """What a problem of these lengths is measured in: "8–10 digits", "1 digit"."""
    return (nouns.one if bounds == (1, 1) else nouns.many).replace("{}", span(bounds))


def problems(nouns: Nouns, bounds: Bounds) -> str:
    """Problems of these lengths: "sums of 8–10 digits"."""
    return nouns.problems.replace("{}", length(nouns, bounds))
