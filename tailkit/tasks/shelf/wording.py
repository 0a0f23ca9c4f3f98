"""Wordings that several tasks share, for `Line`s.

In: what a state fetched or wrote. Out: text.
"""

from collections.abc import Callable


def listed(separator: str = ",", link: str = ":") -> Callable[..., str]:
    """Writes the (place, value) pairs that `Tape.show` gives: 0:3,1:7."""
    return lambda *items: separator.join([f"{place}{link}{value}" for place, value in items])


def joined(separator: str = ",") -> Callable[..., str]:
    """Writes values one after the other: 3,7."""
    return lambda *values: separator.join(map(str, values))


def nothing(*values: object) -> str:
    """Writes nothing: what was computed stands elsewhere in the state."""
    return ""
