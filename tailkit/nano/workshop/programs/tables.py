"""Tables: cell by cell over two strings, and pass by pass over a list.

In: options, a random stream, a size. Out: text in an invented grammar, and the strings for the prompt.
"""

from collections.abc import Callable
from random import Random

from tailkit.nano.workshop.grammar import LETTERS, Ink, Options, cells

# What a cell gets: the neighbours it needs (l left, u above, d diagonal), and its value from whether the characters
# match and from these. None of them is the rule of an edit distance or of a common subsequence.
CELLS: dict[str, tuple[str, Callable[..., int]]] = {
    "up": ("u", lambda match, u: u + match),
    "left": ("l", lambda match, left: left + match),
    "run": ("d", lambda match, d: d + 1 if match else 0),
    "low": ("lu", lambda match, *near: min(near) + match),
    "high": ("ud", lambda match, *near: max(near) + match),
    "pick": ("lu", lambda match, left, u: u if match else left),
    "least": ("lud", lambda match, *near: min(near) + 2 * match),
    "odd": ("lu", lambda match, *near: (sum(near) + match) % 2),
}
# When two neighbours of a list change places. None of them sorts.
SWAPS: dict[str, Callable[[int, int], bool]] = {
    "parity": lambda one, two: bool(one % 2 and not two % 2),
    "half": lambda one, two: one % 10 > 4 >= two % 10,
    "single": lambda one, two: one > 9 >= two,
}


class PairTable:
    """Two strings, and a table over all pairs of their places, row by row; each cell shows what it needs."""

    called = "grid"

    def __init__(self, own: Options) -> None:
        self.near, self.rule = CELLS[own.one(*CELLS)]
        self.letters = LETTERS[: int(own.one("3", "4", "26"))]
        self.rising, self.side, self.tail = own.flag("rising", 0.5), own.flag("side", 0.6), own.flag("tail", 0.6)
        self.edge, self.row = own.flag("edge", 0.6), own.flag("row", 0.3)

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        top = max(1, min(7, n // 2))
        one, two = ("".join(rng.choices(self.letters, k=rng.randint(1, top))) for _ in range(2))
        ink.array("a", cells(one))
        ink.array("b", cells(two))
        row = [j * self.rising for j in range(len(two) + 1)]
        if self.edge:
            ink.array("c", [(str(j), str(value)) for j, value in enumerate(row)])
        for i, char in enumerate(one, start=1):
            row = self._row(ink, i, char, two, row)
        if self.tail:
            self._head(ink, len(one) + 1, 0)
            ink.sign("blank", "close")
        ink.result("".join(map(str, row)) if self.row else str(row[-1]))
        return [one, two]

    @staticmethod
    def _head(ink: Ink, i: int, j: int) -> None:
        ink.put(str(i))
        ink.sign("heads")
        ink.put(str(j))
        ink.sign("open")

    def _row(self, ink: Ink, i: int, char: str, two: str, above: list[int]) -> list[int]:
        """The cells of one row."""
        row = [i % 10 * self.rising]
        if self.side:
            self._head(ink, i, 0)
            ink.put(char)
            ink.sign("equal")
            ink.put(str(row[0]))
            ink.sign("close")
        for j, other in enumerate(two, start=1):
            self._head(ink, i, j)
            ink.put(char)
            ink.sign("join")
            ink.put(other)
            near = [{"l": row[-1], "u": above[j], "d": above[j - 1]}[side] for side in self.near]
            for value in near:
                ink.sign("ask")
                ink.put(str(value))
            ink.sign("equal")
            row.append(self.rule(char == other, *near) % 10)
            ink.put(str(row[-1]))
            ink.sign("close")
        if self.tail:
            self._head(ink, i, len(two) + 1)
            ink.put(char)
            ink.sign("join", "blank", "close")
        return row


class Passes:
    """A list of integers, and passes over its neighbours that change places; the list is written anew behind each."""

    called = "passes"

    def __init__(self, own: Options) -> None:
        self.swap = SWAPS[own.one(*SWAPS)]
        self.until, self.shrink = own.flag("until", 0.6), own.flag("shrink", 0.5)
        self.named, self.tail, self.shown = own.flag("named", 0.6), own.flag("tail", 0.5), own.flag("shown", 0.6)

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        values = rng.sample(range(rng.choice([10, 100])), rng.randint(1, max(1, min(7, n // 2))))
        comma = rng.choice([", ", ", ", ",", " "])
        shown = comma.join(map(str, values))
        last, swapped = len(values) - 1, True
        while swapped and last >= 0:
            self._list(ink, values)
            swapped = self._pass(ink, values, last) and self.until
            last -= self.shrink
        ink.result(comma.join(map(str, values)))
        return [f"[{shown}]" if rng.random() < 0.5 else shown]

    def _list(self, ink: Ink, values: list[int]) -> None:
        if self.named:
            ink.sign("a", "gap")
        ink.listing([(str(k), str(value)) for k, value in enumerate(values)])
        if self.tail:
            ink.sign("sep")
            ink.put(str(len(values)))
            ink.sign("link", "blank")
        ink.sign("close")

    def _pass(self, ink: Ink, values: list[int], last: int) -> bool:
        """One pass, up to the place `last`; whether any two have changed places."""
        found = False
        for k in range(last):
            one, two = values[k : k + 2]
            ink.put(str(k))
            ink.sign("open")
            ink.put(str(one))
            ink.sign("join")
            ink.put(str(two))
            ink.sign("equal")
            change = self.swap(one, two)
            found |= change
            ink.put(str(int(change)))
            if change:
                values[k : k + 2] = [two, one]
            if self.shown:
                ink.sign("ask")
                ink.put(str(values[k]))
                ink.sign("join")
                ink.put(str(values[k + 1]))
            ink.sign("close")
        ink.sign("end")
        ink.put(str(int(found)))
        ink.sign("close")
        return found
