"""Two strings laid out under labels, and a walk over both.

In: options, a random stream, a size. Out: text in an invented grammar, and the strings for the prompt.
"""

from collections.abc import Callable
from random import Random

from tailkit.nano.workshop.grammar import DIGITS, LETTERS, Ink, Options, cells, number, order, pointed, strings

Heads = tuple[str, str, str]
"""The labels under both heads, and the place of what the step writes."""

# What a step writes, from two characters and a bit of state; the state is 0 where an operation has none.
OUTPUTS: dict[str, Callable[[str, str, int], str]] = {
    "first": lambda a, b, s: b if s else a,
    "second": lambda a, b, s: a if s else b,
    "larger": lambda a, b, s: min(a, b) if s else max(a, b),
    "equal": lambda a, b, s: "10"[s] if a == b else "01"[s],
    "order": lambda a, b, s: "=" if a == b else "<" if (a < b) != bool(s) else ">",
    "gap": lambda a, b, s: str((abs(number(a) - number(b)) + s) % 10),
    "pile": lambda a, b, s: str((number(a) + number(b) + s) % 10),
    "sums": lambda a, b, s: f"{number(a) + number(b) + s:02d}",
}
LETTER_OUTPUTS = ("first", "second", "larger", "equal", "order")
# The next state. None of them is the carry of a sum.
STATES: dict[str, Callable[[str, str, int], int]] = {
    "same": lambda a, b, s: int(a == b),
    "less": lambda a, b, s: int(a < b),
    "flip": lambda a, b, s: 1 - s,
    "hold": lambda a, b, s: int(s or a == "_"),
    "high": lambda a, b, s: int(number(a) > 4),
}
ALPHABETS = {"digits": DIGITS, "letters": LETTERS, "few": LETTERS[:4]}
LINES = ("tails", "tails", "ends tails", "tails ends")


class Columns:
    """Two heads that go down from the ends, or one label for both, or up to the first difference; then read out."""

    called = "columns"

    def __init__(self, own: Options) -> None:
        self.kind = own.one("pair", "pair", "pair", "fall", "rise", "until")
        self.alphabet = ALPHABETS[own.one(*["digits"] * 6, *["letters"] * 2, "few")]
        digits = self.alphabet == DIGITS
        self.decimals = own.flag("points", 0.6) and digits
        lines = own.one("unmeasured", "ends", "ends", *(LINES if self.decimals else ()))
        self.lines = [line for line in lines.split() if line in ("ends", "tails")]
        self.how, self.leap = own.one("most", "than"), self.kind == "until" and own.flag("leap", 0.4)
        self.output = OUTPUTS[own.one(*OUTPUTS, "sums") if digits else own.one(*LETTER_OUTPUTS)]
        self.state = None if self.kind == "until" else STATES.get(own.one("free", *STATES))
        self.before = own.one("abs", "abs", "sab") if self.state else ""
        self.after = own.one("so", "so", "os", "o") if self.state else ""
        self.zero = self.kind == "pair" and own.flag("zero", 0.7)
        shares = {"shorten": 0.7, "blank": 0.6, "whole": 0.8}
        self.shorten, self.blank, self.whole = (own.flag(*share) for share in shares.items())

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        """Write the text. No strings come back where the answer is, by chance, a sum."""
        one, two = strings(rng, self.alphabet, n)
        if self.decimals:
            one, two = pointed(rng, one), pointed(rng, two)
        ink.array("a", cells(one))
        ink.array("b", cells(two))
        ends, tails = ([len(x.partition(".")[part]) for x in (one, two)] for part in (0, 2))
        for line in self.lines:
            self._line(ink, "." if line == "tails" else "", *(ends if line == "ends" else tails))
        if self.leap and "ends" in self.lines and ends[0] != ends[1]:
            ink.result(str(max(ends)))
            return [one, two]
        results = self._rows(ink, one, two, self._places(ends, max(tails)))
        if self.kind == "until":
            places = [place for place, char in results.items() if not char]
            ink.result(places[0]) if places else ink.sign("result", "blank")
            return [one, two]
        back = self._back(results, max(ends), max(tails))
        if is_sum(one, two, "".join(char for _, char in back if char != ".")):
            # By chance, where no column carries: nothing here adds numbers of several digits.
            return []
        end = f".{max(tails) + 1}" if max(tails) else str(max(ends) + 1)
        if self.whole:
            ink.listing([*back, (end, "_")] if self.blank else back)
            ink.put("\n")
        ink.sign("result")
        ink.cells("".join(char for _, char in back))
        return [one, two]

    def _line(self, ink: Ink, dot: str, x: int, y: int) -> None:
        """A line with the last labels of both strings, and the greater one or how they compare."""
        ink.sign("end")
        ink.put(f"{dot}{x}")
        ink.sign("join")
        ink.put(f"{dot}{y}")
        ink.sign("equal")
        ink.put(f"{dot}{max(x, y)}" if self.how == "most" else order(x, y))
        ink.sign("close")

    def _places(self, ends: list[int], last: int) -> list[Heads]:
        width = max(ends)
        fraction = [(f".{k}", f".{k}", f".{k}") for k in range(1, last + 1)]
        if self.kind == "pair":
            downwards = range(width + self.zero)
            heads = [(str(max(ends[0] - k, 0)), str(max(ends[1] - k, 0)), str(width - k)) for k in downwards]
            return fraction[::-1] + heads
        whole = [(str(k), str(k), str(k)) for k in range(1, width + 1)]
        return fraction[::-1] + whole[::-1] if self.kind == "fall" else whole + fraction

    def _rows(self, ink: Ink, one: str, two: str, places: list[Heads]) -> dict[str, str]:
        """The steps: results by place; an empty one where the walk ends at a difference."""
        at, bt = dict(cells(one)), dict(cells(two))
        s, results = 0, dict[str, str]()
        for p, q, place in places:
            a, b = (x if x != "." else "_" for x in (at.get(p, "_"), bt.get(q, "_")))
            ink.put(p)
            if self.kind == "pair" and p[0] != ".":
                ink.sign("heads")
                ink.put(q)
            ink.sign("open")
            if self.before == "sab":
                ink.put(str(s))
                ink.sign("join")
            ink.cells(a)
            ink.sign("join")
            ink.cells(b)
            if self.before == "abs":
                ink.sign("join")
                ink.put(str(s))
            ink.sign("equal")
            shown = self.output(a, b, s)
            s = self.state(a, b, s) if self.state else 0
            if self.after == "so":
                ink.put(str(s))
            ink.cells(shown)
            if self.after == "os":
                ink.put(str(s))
            ink.sign("close")
            results[place] = shown[-1]
            if self.kind == "until" and a != b:
                results[place] = ""
                break
        return results

    def _back(self, results: dict[str, str], width: int, last: int) -> list[tuple[str, str]]:
        """What is read out, from the left: labels and characters."""
        first = 0 if self.zero and not (self.shorten and results["0"] in "0_") else 1
        back = [(str(k), results[str(k)]) for k in range(first, width + 1)]
        if last:
            back += [(str(width + 1), "."), *((f".{k}", results[f".{k}"]) for k in range(1, last + 1))]
        return back


def is_sum(one: str, two: str, shown: str) -> bool:
    """Whether the digits shown are those of the sum of two numbers."""
    if not (one + two).replace(".", "").isdigit():
        return False
    places = max(len(x.partition(".")[2]) for x in (one, two))
    total = sum(int(x.replace(".", "") + "0" * (places - len(x.partition(".")[2]))) for x in (one, two))
    return shown.isdigit() and int(shown) == total
