"""One head that scans a text: character by character, or word by word.

In: options, a random stream, a size. Out: text in an invented grammar, and the strings for the prompt.
"""

from collections.abc import Callable
from random import Random

from tailkit.nano.workshop.grammar import DIGITS, LETTERS, Ink, Options

# What a head holds behind a character.
FOLDS: dict[str, Callable[[str, str], str]] = {
    "push": lambda memory, char: memory + char,
    "front": lambda memory, char: char + memory,
    "peak": lambda memory, char: max(memory, char),  # noqa: PLW0108 - max takes more than two
    "echo": lambda _, char: char,
    "edges": lambda memory, char: memory[:1] + char,
    "vowel": lambda memory, char: char if char.lower() in "aeiou" else memory,
}


def sentence(rng: Random, letters: int) -> str:
    """Random words that look like a sentence of about so many characters."""
    words: list[str] = []
    while sum(len(word) + 1 for word in words) < letters:
        words.append("".join(rng.choices(LETTERS, k=rng.randint(1, 6))))
    text = " ".join(words)[:letters].strip()
    text = text.capitalize() if rng.random() < 0.5 else text
    comma = text.rfind(" ")
    if comma > 0 and rng.random() < 0.3:
        text = f"{text[:comma]},{text[comma:]}"
    return text + rng.choice(["", ".", ".", "!", "?"])


class Walk:
    """A string laid out, and a walk over it with a head that pushes, remembers or counts, at times word by word."""

    called = "tape"

    def __init__(self, own: Options) -> None:
        self.kind = own.one("text", "text", "string", "digits")
        self.down, self.mark, self.tail = own.flag("down", 0.6), own.flag("mark", 0.4), own.flag("tail", 0.4)
        self.start = 0 if self.mark else int(own.one("from1", "from0")[-1])
        self.fold = own.one("push", "push", "front", "peak", "echo", "vowel", "count")
        joins = self.kind == "text" and self.fold in ("push", "front") and (self.fold, self.down) != ("push", True)
        self.by_words = joins and own.flag("words", 0.6)
        self.tight, self.upto = own.flag("tight", 0.5), own.flag("upto", 0.6)
        self.named = not self.mark and own.flag("named", 0.5)

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        value = sentence(rng, rng.randint(2, n + 3)) if self.kind == "text" else ""
        if not value:
            alphabet = DIGITS if self.kind == "digits" else LETTERS + DIGITS
            value = "".join(rng.choices(alphabet, k=rng.randint(1, n + 2)))
        cells = [(str(i + self.start + self.mark), char) for i, char in enumerate(value)]
        end = (str(len(value) + self.start + self.mark), "_")
        if self.mark:
            ink.put("0")
            ink.sign("link", "mark", "sep")
        if self.named:
            ink.sign("a", "gap")
        ink.listing(cells + [end] * self.tail)
        ink.sign("close")
        if self.down:
            order = cells[::-1] + [("0", "^")] * (self.mark and self.upto)
        else:
            order = cells + [end] * (self.tail and self.upto)
        shown = self._rows(ink, order, edges={end, ("0", "^")} if self.mark else {end})
        ink.sign("result")
        ink.cells(shown) if self.tight else ink.put(shown.replace("_", " "))
        return [value]

    def _rows(self, ink: Ink, order: list[tuple[str, str]], edges: set[tuple[str, str]]) -> str:
        """The steps of the walk; what the head holds at last."""
        memory, total = "0" if self.fold == "count" else "", ""
        for label, char in order:
            ink.put(label)
            ink.sign("open")
            if char == "^" and (label, char) in edges:
                ink.sign("mark")
            else:
                ink.cells(char)
            ink.sign("join")
            edge = (label, char) in edges
            if edge or (char == " " and self.by_words):
                total, memory = self._join(ink, total, memory, edge=edge)
            else:
                ink.memory(memory)
                ink.sign("equal")
                counted = self.fold == "count"
                memory = str(int(memory) + (char.lower() in "aeiou0123")) if counted else FOLDS[self.fold](memory, char)
                ink.memory(memory)
            ink.sign("close")
        if not self.by_words:
            return memory
        return total + ("" if order and order[-1] in edges else memory)

    def _join(self, ink: Ink, total: str, memory: str, *, edge: bool) -> tuple[str, str]:
        """A blank: word by word, the word joins the total and a new one begins."""
        if self.by_words:
            ink.memory(total)
            ink.sign("ask")
        ink.memory(memory)
        ink.sign("equal")
        if not self.by_words:
            ink.memory(memory)
            return total, memory
        ink.memory(total + memory)
        if edge:
            return total + memory, memory
        ink.put(" ")
        ink.sign("blank")
        return total + memory, " "


class Spell:
    """The words of a text under labels, each spelled under labels; a head that goes over its letters."""

    called = "spell"

    def __init__(self, own: Options) -> None:
        self.asked = own.flag("asked", 0.6)
        # A letter asked for: has it come yet, or what came before it. Without one: a scan.
        self.fold = own.one("hold", "before", "turn") if self.asked else own.one("peak", "echo", "vowel", "count")
        self.start, self.inner = int(own.one("from1", "from1", "from0")[-1]), int(own.one("in1", "in1", "in0")[-1])
        self.listed, self.lower, self.reset = own.flag("listed", 0.8), own.flag("lower", 0.6), own.flag("reset", 0.3)
        self.tail, self.last = own.flag("tail", 0.6), own.flag("last", 0.5)
        self.known = self.asked and own.flag("known", 0.6)

    def write(self, rng: Random, n: int, ink: Ink) -> list[str]:
        count = rng.randint(1, max(1, n // 3))
        words = [word for word in sentence(rng, 5 * count).split(" ") if word]
        letter = self._letter(rng, "".join(words))
        places = [str(i + self.start) for i in range(len(words) + 1)]
        if self.listed:
            ink.listing([*zip(places, words, strict=False)] + [(places[-1], "_")] * self.tail)
            ink.sign("close")
        memory = first = "0" if self.fold in ("hold", "turn", "count") else ""
        for place, word in zip(places, words, strict=False):
            laid = [(str(j + self.inner), c) for j, c in enumerate(word.lower() if self.lower else word)]
            laid += [(str(len(word) + self.inner), "_")] * self.tail
            ink.put(place)
            ink.sign("gap")
            ink.put(word)
            ink.sign("equal")
            ink.listing(laid)
            ink.sign("close")
            memory = self._rows(ink, place, laid, first if self.reset else memory, letter)
        if self.last and self.listed and self.tail:
            ink.put(places[-1])
            ink.sign("gap", "blank", "close")
        ink.sign("result")
        ink.memory(memory)
        return [" ".join(words), letter] if self.asked else [" ".join(words)]

    @staticmethod
    def _letter(rng: Random, text: str) -> str:
        present = rng.choice(text.lower().strip(".,!?") or "a") if rng.random() < 0.7 else ""
        return present or rng.choice(LETTERS)

    def _rows(self, ink: Ink, place: str, laid: list[tuple[str, str]], memory: str, letter: str) -> str:
        before = "_"
        for label, char in laid:
            ink.put(place)
            ink.sign("heads")
            ink.put(label)
            ink.sign("open")
            ink.memory(memory)
            ink.sign("join")
            if self.known:
                ink.put(letter)
                ink.sign("ask")
            ink.cells(char)
            ink.sign("equal")
            memory = self._after(memory, char, before, same=char.lower() == letter)
            before = char
            ink.memory(memory)
            ink.sign("close")
        return memory

    def _after(self, memory: str, char: str, before: str, *, same: bool) -> str:
        """What the head holds behind a character."""
        if self.fold == "hold":
            return "1" if same else memory
        if self.fold == "turn":
            return str(int(memory) ^ same)
        if self.fold == "before":
            return before if same else memory
        if self.fold == "count":
            return str(int(memory) + (char.lower() in "aeiou"))
        return memory if char == "_" else FOLDS[self.fold](memory, char)
