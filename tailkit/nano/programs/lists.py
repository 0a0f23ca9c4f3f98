"""What is laid out or computed row by row, without a walk.

In: options, a random stream, a size. Out: text in an invented grammar, and the strings for the prompt.
"""

from random import Random

from tailkit.nano.grammar import DIGITS, LETTERS, Ink, Options, cells, number, pointed, strings


class Layout:
    """One to three strings laid out under labels, and no more."""

    def __init__(self, own: Options) -> None:
        self.count, self.start = int(own.one("1", "2", "3")), int(own.one("from1", "from1", "from0")[-1])
        self.alphabet = {"digits": DIGITS, "letters": LETTERS}[own.one("digits", "digits", "letters")]
        self.decimals = own.flag("points", 0.6) and self.alphabet == DIGITS
        self.last = own.flag("last", 0.5)

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        found = [*strings(rng, self.alphabet, n), *strings(rng, self.alphabet, n)][: self.count]
        if self.decimals:
            found = [pointed(rng, value) for value in found]
        for name, value in zip("abc", found, strict=False):
            ink.array(name, cells(value, self.start))
        if self.last:
            ink.result(cells(found[-1], self.start)[-1][0])
        return found


class Facts:
    """Sums of three single digits, each for itself."""

    def __init__(self, own: Options) -> None:
        pass

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        rows = [
            (rng.choice(DIGITS + "_"), rng.choice(DIGITS + "_"), rng.choice("01"))
            for _ in range(rng.randint(1, max(2, n)))
        ]
        for k, row in enumerate(rows):
            ink.put(str(k + 1))
            ink.sign("open")
            for place, char in enumerate(row):
                if place:
                    ink.sign("join")
                ink.cells(char)
            ink.sign("equal")
            ink.put(f"{sum(map(number, row)):02d}")
            ink.sign("close")
        ink.result(str(len(rows)))
        return [" ".join("".join(row) for row in rows)]
