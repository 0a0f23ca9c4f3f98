"""What is laid out or computed row by row, without a walk.

In: options, a random stream, a size. Out: text in an invented grammar, and the strings for the prompt.
"""

from collections.abc import Callable
from random import Random

from tailkit.nano.workshop.grammar import DIGITS, LETTERS, Ink, Options, cells, number, order, pointed, strings


class LaidOut:
    """One to three strings laid out under labels, and no more."""

    called = "layout"

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


def near(rng: Random) -> list[str]:
    """Two integers of up to three digits; often close together, or alike in all digits but the last."""
    top = 10 ** rng.choice([1, 2, 2, 3]) - 1
    one = rng.randint(0, top)
    two = rng.choice([one, rng.randint(0, top), one - one % 10 + rng.randint(0, 9), abs(one + rng.randint(-12, 12))])
    sign = rng.choice([1, 1, 1, -1])
    return [str(sign * one), str(sign * two if rng.random() < 0.9 else two)]


def up_to(rng: Random, *tops: int) -> list[str]:
    return [str(rng.randint(0, top)) for top in tops]


# Operands, and what follows from them. No sum here has two operands of several digits.
FACTS: dict[str, tuple[Callable[[Random], list[str]], Callable[..., list[object]]]] = {
    "column": (
        lambda rng: [rng.choice(DIGITS + "_"), rng.choice(DIGITS + "_"), rng.choice("01")],
        lambda *chars: [f"{sum(map(number, chars)):02d}"],
    ),
    "mean": (lambda rng: up_to(rng, 9, 9), lambda a, b: [int(a) + int(b), (int(a) + int(b)) // 2]),
    "half": (lambda rng: up_to(rng, 40), lambda a: [int(a) // 2]),
    "order": (near, lambda a, b: [order(int(a), int(b))]),
    "least": (lambda rng: up_to(rng, 12, 12, 12)[: rng.randint(2, 3)], lambda *found: [min(map(int, found))]),
    "most": (lambda rng: up_to(rng, 12, 12), lambda a, b: [max(int(a), int(b))]),
    "more": (lambda rng: up_to(rng, 40, 9), lambda a, b: [int(a) + int(b)]),
    "times": (lambda rng: up_to(rng, 9, 9), lambda a, b: [int(a) * int(b)]),
    "share": (lambda rng: [*up_to(rng, 40), str(rng.randint(1, 20))], lambda a, b: [int(a) // int(b), int(a) % int(b)]),
}


class SmallFacts:
    """Facts about digits and small numbers, one a row, each for itself."""

    called = "facts"

    def __init__(self, own: Options) -> None:
        self.draw, self.follow = FACTS[own.one(*FACTS, "order", "order", "mean", "half", "column")]
        self.labels = own.flag("labels", 0.7)

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        rows = [self.draw(rng) for _ in range(rng.randint(1, max(2, n)))]
        for k, row in enumerate(rows):
            if self.labels:
                ink.put(str(k + 1))
                ink.sign("open")
            for place, value in enumerate(row):
                if place:
                    ink.sign("join")
                ink.cells(value)
            for place, result in enumerate(self.follow(*row)):
                ink.sign("ask" if place else "equal")
                ink.put(str(result))
            ink.sign("close")
        ink.result(str(len(rows)))
        return [", ".join(" ".join(row) for row in rows)]
