"""Invented grammars: the signs in which a program's text is written, and the ink that writes them.

In: a random stream. Out: signs by role; text in which FREE stands before what nobody can foresee.
The signs ':' with '>' in lists, which the kit's traces use, never meet.
"""

from random import Random

FREE = "\udc80"
"""Stands before a character that is not determined; a lone surrogate, which no UTF-8 text can hold."""

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SIGNS = ":=>-|;,+?~/&!*<#@%^"
NAMES = "a b p q u v x y top low one two left right A B s1 s2 n1 n2 in by x0 x3 x4 list string word".split()  # noqa: SIM905
RESULTS = "Out Result Then Read So End Text Total Word Sum Last Yield And All Found".split()  # noqa: SIM905
ENDS = "ends last tail far len size edge span stop most".split()  # noqa: SIM905

Cells = list[tuple[str, str]]


def draw_signs(rng: Random) -> dict[str, str]:
    """The signs and names of one grammar, by role."""
    while True:
        link, sep, opening, join, equal, heads, ask = rng.choices(SIGNS, k=7)
        if rng.random() < 0.5:
            opening = link
        if rng.random() < 0.4:
            equal = "="
        if link != sep and join != equal and link + sep != ":>":
            break
    names = dict(zip("abc", rng.sample(NAMES, 3), strict=True))
    return names | {
        "link": link,
        "sep": sep,
        "open": rng.choice([opening, opening, " "]),
        "join": rng.choice([join, join, " "]),
        "equal": equal,
        "heads": heads,
        "ask": ask,
        # Follows from another sign, so that a draw more does not change all tasks.
        "mid": SIGNS[SIGNS.index(ask) - 1],
        "close": rng.choice([sep, sep, "", rng.choice(SIGNS)]) + "\n",
        "gap": rng.choice([" ", " ", ": ", "=", "("]),
        "blank": rng.choice("____-#~"),
        "empty": rng.choice(["", "0", "ε", "-", "∅"]),
        "mark": rng.choice("^^$["),
        "end": rng.choice(ENDS) + rng.choice([":", "=", " ", ""]),
        "result": rng.choice(RESULTS) + rng.choice([": ", " ", " = ", " is "]),
        "comma": rng.choice([",", ",", " ", ";", ", ", "|"]),
    }


class Options:
    """Draws the options of a program, and keeps the words that tell them."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.words: list[str] = []

    def one(self, *words: str) -> str:
        self.words.append(self.rng.choice(words))
        return self.words[-1]

    def flag(self, word: str, share: float) -> bool:
        drawn = self.rng.random() < share
        self.words += [word] * drawn
        return drawn


class Ink:
    """Writes one text in one grammar; where the grammar is new, what stands for the first time is FREE."""

    def __init__(self, signs: dict[str, str], fresh: bool) -> None:
        self.signs, self.fresh = signs, fresh
        self.out: list[str] = []
        self.seen: set[str] = set()

    def put(self, text: str) -> None:
        self.out.append(text)

    def sign(self, *roles: str) -> None:
        for role in roles:
            text = self.signs[role]
            if self.fresh and role not in self.seen:
                text = "".join(FREE + char for char in text)
            self.seen.add(role)
            self.out.append(text)

    def cells(self, text: str) -> None:
        """A string as it stands on the tape: a space is a blank."""
        for char in text:
            if char in "_ ":
                self.sign("blank")
            else:
                self.put(char)

    def memory(self, text: str) -> None:
        """What a head holds, which may be nothing."""
        if text:
            self.cells(text)
        else:
            self.sign("empty")

    def listing(self, cells: Cells) -> None:
        """Label, link, cell; separated."""
        for place, (label, char) in enumerate(cells):
            if place:
                self.sign("sep")
            self.put(label)
            self.sign("link")
            self.cells(char)

    def array(self, name: str, cells: Cells) -> None:
        self.sign(name, "gap")
        self.listing(cells)
        self.sign("close")

    def result(self, text: str) -> None:
        self.sign("result")
        self.put(text)

    def text(self) -> str:
        return "".join(self.out)


def cells(value: str, start: int = 1) -> Cells:
    """Labels 1, 2 … and behind a point .1, .2 …, up to the blank."""
    head, point, tail = value.partition(".")
    found = [(str(i + start), c) for i, c in enumerate(head + (point or "_"))]
    return found + [(f".{i + 1}", c) for i, c in enumerate(tail + "_")] if point else found


def number(char: str) -> int:
    return int(char) if char.isdigit() else 0


def order(one: int, two: int) -> str:
    """How two integers compare."""
    return "=" if one == two else "<" if one < two else ">"


def strings(rng: Random, alphabet: str, n: int) -> tuple[str, str]:
    """Two strings of independent lengths, at times alike up to some place."""
    found = []
    for _ in range(2):
        length = rng.randint(1 if rng.random() < 0.3 else n // 2 + 1, n)
        found.append("".join(rng.choices(alphabet, k=length)))
    if rng.random() < 0.3:
        cut = rng.randint(1, len(found[0]))
        found[1] = found[0][:cut] + found[1][cut:]
    return found[0], found[1]


def pointed(rng: Random, text: str) -> str:
    """Half of all strings of two characters or more get a point at an inner place."""
    if len(text) < 2 or rng.random() < 0.5:
        return text
    cut = rng.randint(1, len(text) - 1)
    return f"{text[:cut]}.{text[cut:]}"
