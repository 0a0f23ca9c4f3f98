"""Levenshtein distance (dynamic programming): the fewest edits that turn one string into another.

Length is that of a string; n is the longer one's. An edit puts in, takes out or changes one
character. The run fills the table of distances between beginnings of the strings, row by row: a
cell needs its two characters and its three neighbours. Row 0 is not written: from nothing to a
beginning of x2 it takes as many edits as the label of its last character says. A cell of column 0
holds the label of its row. The blank after a string ends its row, or the table, whose corner is
fetched then.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from tailkit.records import Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import string
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.wording import listed, nothing

PARADIGM = "dynamic programming"
VERSION = 3
RANGES = {"S": (2, 4), "M": (5, 7), "L": (8, 9)}
NOUNS = ("string pairs of {}", "{} letter", "{} letters")
ALPHABET = "abcdef"
EDITED = 0.5  # share of the pairs whose second string is made from the first by edits

_RULE = "inserting, deleting or replacing one character counts as one edit"
QUERIES = [
    'What is the Levenshtein distance of "{x1}" and "{x2}"?',
    'levenshtein("{x1}", "{x2}") = ?',
    'How many edits at least turn "{x1}" into "{x2}", if ' + _RULE + "?",
    'Compute the minimum edit distance between "{x1}" and "{x2}" (insertions, deletions and replacements cost 1 each).',
    'Let s = "{x1}" and t = "{x2}". Determine the least number of single-character insertions, deletions and '
    "substitutions that transform s into t.",
    'Find the smallest number of keystrokes that change "{x1}" to "{x2}", where '
    + _RULE.replace("edit", "keystroke")
    + ".",
    'A typist wrote "{x1}" for "{x2}". How many corrections are needed at least, if ' + _RULE + "?",
    'Use dynamic programming to get the Levenshtein distance from "{x1}" to "{x2}".',
    'A gene "{x1}" mutated into "{x2}". At least how many mutations were that, if '
    + _RULE.replace("edit", "mutation")
    + "?",
    'Fill the edit distance table for "{x1}" and "{x2}" and give its last entry; ' + _RULE + ".",
    'By how many single-character edits do "{x1}" and "{x2}" differ at least? (' + _RULE.capitalize() + ".)",
    'Please calculate how far apart the words "{x1}" and "{x2}" are in Levenshtein distance.',
    'A spell checker looks up "{x1}" and finds "{x2}". What is their edit distance, when ' + _RULE + "?",
    'Show step by step the minimal number of edits from "{x1}" to "{x2}"; ' + _RULE + ".",
    'Beads spell "{x1}". Bead by bead, by adding, removing or exchanging one, they shall spell "{x2}". How many moves '
    "are needed at least?",
    'edit distance (insert, delete, replace: cost 1 each), "{x1}" -> "{x2}":',
    'Evaluate the Levenshtein metric d("{x1}", "{x2}").',
    'Explain how to compute the Levenshtein distance between "{x1}" and "{x2}", and give it.',
    'Two labels read "{x1}" and "{x2}". What is the least number of letters to add, drop or swap for another so that '
    "the first becomes the second?",
    "If " + _RULE + ', how many edits does the shortest way from "{x1}" to "{x2}" take?',
    'The codes "{x1}" and "{x2}" are to be made equal by editing the first, one character an edit (insert, delete or '
    "replace). What is the least number of edits?",
    'Give the number of operations in a shortest edit script (insert, delete, replace) from "{x1}" to "{x2}".',
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Lengths drawn independently; half of the second strings are edited first ones."""
    x1, size = string(rng, rng.randint(low, high), ALPHABET), rng.randint(low, high)
    x2 = edited(rng, x1, size) if rng.random() < EDITED else string(rng, size, ALPHABET)
    return {"x1": x1, "x2": x2}


def edited(rng: Random, text: str, size: int) -> str:
    """The text with characters put in or taken out up to that size, and up to two replaced."""
    chars = list(text)
    while len(chars) < size:
        chars.insert(rng.randint(0, len(chars)), rng.choice(ALPHABET))
    while len(chars) > size:
        del chars[rng.randrange(len(chars))]
    for _ in range(rng.randint(0, 2)):
        chars[rng.randrange(size)] = rng.choice(ALPHABET)
    return "".join(chars)


def length(data: dict[str, Any]) -> int:
    return max(len(data["x1"]), len(data["x2"]))


def key(data: dict[str, Any]) -> str:
    """The unordered pair: the distance is the same both ways."""
    return "/".join(sorted((data["x1"], data["x2"])))


def support(low: int, high: int) -> int:
    """How many distinct problems there are: unordered pairs of strings."""
    strings = sum(len(ALPHABET) ** size for size in range(low, high + 1))
    return strings * (strings + 1) // 2


def oracle(data: dict[str, Any]) -> str:
    from rapidfuzz.distance import Levenshtein

    return str(Levenshtein.distance(data["x1"], data["x2"]))


equal = same_integer


def program(tape: Tape, data: dict[str, Any]) -> None:
    x1, x2 = data["x1"], data["x2"]
    tape.blank("x1", "x2")
    for x in ("x1", "x2"):
        tape.given([(x, place) for place in range(1, len(data[x]) + 1)], data[x])
    tape.given([("D", 0, j) for j in range(len(x2) + 1)], range(len(x2) + 1))
    for x in ("x1", "x2"):
        tape.state(x)
        tape.show(*[(x, place) for place in range(1, len(data[x]) + 2)])
    for i in range(1, len(x1) + 1):
        with tape.macro("row"):
            fill_row(tape, i, len(x2))
    tape.state("below", len(x1) + 1, 0)
    tape.fetch(("x1", len(x1) + 1), ("D", len(x1), len(x2)))
    tape.answer(str, ("D", len(x1), len(x2)))


def fill_row(tape: Tape, i: int, width: int) -> None:
    """The distances of the first i characters of x1 from every beginning of x2."""
    tape.state("border", i, 0)
    tape.fetch(("x1", i))
    tape.write(edits(i), ("D", i, 0))
    for j in range(1, width + 1):
        tape.state("cell", i, j)
        tape.fetch(("x1", i), ("x2", j), ("D", i - 1, j - 1), ("D", i - 1, j), ("D", i, j - 1))
        tape.write(distance, ("D", i, j))
    tape.state("end", i, width + 1)
    tape.fetch(("x1", i), ("x2", width + 1))


def edits(count: int) -> Callable[[str], int]:
    """Between nothing and `count` characters lie as many edits, whatever the character that was fetched is."""
    return lambda _: count


def distance(char1: str, char2: str, diagonal: int, above: int, left: int) -> int:
    return diagonal if char1 == char2 else min(diagonal, above, left) + 1


def _cell(char1: str, char2: str, diagonal: int, above: int, left: int) -> str:
    return f"{char1},{char2};{diagonal},{above},{left}="


_LIST = Line(lambda: "", fetch=None, write=listed(">"), open="")
CORE = {
    "x1": _LIST._replace(name=lambda: "x1 "),
    "x2": _LIST._replace(name=lambda: "x2 "),
    "border": Line("{},{}".format, "{}=".format, str),
    "cell": Line("{},{}".format, _cell, str),
    "end": Line("{},{}".format, "{},{}".format, nothing),
    "below": Line("{},{}".format, "{};{}".format, nothing),
}


def _cell_in_words(char1: str, char2: str, diagonal: int, above: int, left: int) -> str:
    return f"{char1} and {char2}; diagonal {diagonal}, above {above}, left {left}: "


_LIST_STYLED = _LIST._replace(write=lambda *items: listed(", ", " is ")(*items) + ".", leave="\n")
_CELL_STYLED = Line(
    name="Row {}, column {}".format,
    fetch=_cell_in_words,
    write="{}.".format,
    open=" has ",
    next="\n",
    leave="\n",
)
STYLED = {
    "x1": _LIST_STYLED._replace(name=lambda: "In the first string, character "),
    "x2": _LIST_STYLED._replace(name=lambda: "In the second string, character "),
    "border": _CELL_STYLED._replace(fetch="{} and nothing: ".format),
    "cell": _CELL_STYLED,
    "end": _CELL_STYLED._replace(fetch="{} and {}, there the row ends.".format, write=nothing),
    "below": _CELL_STYLED._replace(fetch="{}, there the table ends; its corner is {}.".format, write=nothing),
}
