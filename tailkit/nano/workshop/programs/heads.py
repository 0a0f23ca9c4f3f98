"""Two heads on one list: over all pairs of places, or closing in on each other.

In: options, a random stream, a size. Out: text in an invented grammar, and the strings for the prompt.
"""

from random import Random

from tailkit.nano.workshop.grammar import DIGITS, LETTERS, Ink, Options, order
from tailkit.nano.workshop.programs.scans import FOLDS


class Triangle:
    """The second head goes from the first one's place on, or back, or over all; what each pair gives, listed."""

    called = "triangle"

    def __init__(self, own: Options) -> None:
        self.kind = own.one("on", "on", "back", "all")
        folds = ("peak", "edges", "echo") if self.kind == "on" else ("push", "push", "front", "edges")
        self.fold = FOLDS[own.one(*folds)]
        shares = {"tail": 0.6, "final": 0.5, "named": 0.3, "seen": 0.6}
        self.tail, self.final, self.named, self.seen = (own.flag(*share) for share in shares.items())

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        length = rng.randint(1, max(2, min(8, n // 2 + 1)))
        value = "".join(rng.choices(rng.choice([LETTERS, LETTERS, DIGITS]), k=length))
        if self.named:
            ink.sign("a", "gap")
        ink.listing([(str(i), char) for i, char in enumerate(value + "_")])
        ink.sign("close")
        found: list[str] = []
        for i in range(length + (self.tail and self.kind == "on")):
            stop = length + self.tail
            inner = {"on": range(i, stop), "back": range(i, -1, -1), "all": range(stop)}[self.kind]
            given = self._row(ink, value + "_", i, inner)
            found += given[-1:] if self.final else given
        ink.sign("result")
        for k, item in enumerate(found):
            if k:
                ink.sign("comma")
            ink.put(item)
        return [value]

    def _row(self, ink: Ink, value: str, i: int, inner: range) -> list[str]:
        """The steps under one place of the first head; what they give."""
        held: list[str] = []
        for j in inner:
            ink.put(str(i))
            ink.sign("heads")
            ink.put(str(j))
            ink.sign("open")
            memory = held[-1] if held else ""
            if self.seen:
                ink.put(memory) if memory else ink.sign("blank")
                ink.sign("join")
            ink.cells(value[j])
            ink.sign("equal")
            if value[j] == "_":
                ink.sign("blank")
            else:
                held.append(self.fold(memory, value[j]))
                ink.put(held[-1])
            ink.sign("close")
        return held


class Window:
    """A list of integers under labels; two heads close in on each other, and the part between them is written anew."""

    called = "window"

    def __init__(self, own: Options) -> None:
        self.start = int(own.one("from0", "from0", "from1")[-1])
        # Which elements are looked at, and which end moves on: by a comparison with the one asked for, or of both ends.
        self.look = own.one("middle", "middle", "ends", "first", "last")
        self.step = len(own.one("i", "i", "ii"))
        self.heads, self.order = own.flag("heads", 0.7), own.one("rising", "any", "falling")
        self.place = own.flag("place", 0.5)
        self.laid, self.apart = own.flag("laid", 0.5), own.flag("apart", 0.6)
        # The middle as half of a sum: of places of one digit, so the list is short.
        self.halved = self.look == "middle" and own.flag("halved", 0.6)

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        digits, signed = rng.choice([1, 2, 2, 3]), rng.random() < 0.2
        comma = rng.choice([", ", ", ", ",", " "])
        top = 10**digits - 1
        count = rng.randint(1, max(1, min(n, top // 2, 10 - self.start if self.halved else n)))
        values = rng.sample(range(-top if signed else 0, top + 1), count)
        values = values if self.order == "any" else sorted(values, reverse=self.order == "falling")
        target = rng.choice(values)
        low, high = 0, count - 1
        if self.laid:
            ink.array("a", [(str(i), str(value)) for i, value in enumerate([*values, "_"], start=self.start)])
        while True:
            seen, other = self._row(ink, values, low, high, target)
            if low == high:
                break
            ink.sign("close")
            low, high = (min(high, low + self.step), high) if seen < other else (low, max(low, high - self.step))
        ink.put("\n")
        ink.result(str(low + self.start) if self.place else str(values[low]))
        shown = comma.join(map(str, values))
        shown = f"[{shown}]" if rng.random() < 0.7 else shown
        return [shown] if self.look == "ends" else [shown, str(target)]

    def _row(self, ink: Ink, values: list[int], low: int, high: int, target: int) -> tuple[int, int]:
        """One step: the part between the heads, and the two numbers that it compares."""
        if self.heads:
            ink.put(str(low + self.start))
            ink.sign("heads")
            ink.put(str(high + self.start))
            ink.sign("gap")
        ink.listing([(str(i + self.start), str(values[i])) for i in range(low, high + 1)])
        at = {"middle": (low + high) // 2, "first": low}.get(self.look, high)
        seen, other = values[at], values[low] if self.look == "ends" else target
        if self.apart:
            # In a line of its own: the place, and both numbers just before they are compared.
            ink.sign("close")
            if self.look == "middle":
                ink.put(str(low + self.start))
                ink.sign("heads")
                ink.put(str(high + self.start))
                ink.sign("equal")
            self._middle(ink, low, high, at)
            ink.sign("open")
            ink.put(str(seen))
        else:
            ink.sign("ask")
            self._middle(ink, low, high, at) if self.look == "middle" else ink.put(str(seen))
        ink.sign("join")
        ink.put(str(other))
        ink.sign("equal")
        ink.put(order(seen, other))
        return seen, other

    def _middle(self, ink: Ink, low: int, high: int, at: int) -> None:
        """The place that is looked at."""
        if self.halved:
            ink.put(str(low + high + 2 * self.start))
            ink.sign("mid")
        ink.put(str(at + self.start))
