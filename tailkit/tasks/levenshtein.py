"""Levenshtein distance (dynamic programming): the fewest edits that turn one string into another.

Length is that of a string; n is the longer one's. An edit puts in, takes out or changes one
character. The run fills the table of distances between beginnings of the strings, row by row: a
cell needs its two characters and its three neighbours, one of row 0 or column 0 the one before it.
The blank after a string ends its row, or the table, whose corner is fetched then.
Up to three letters the places at which the strings differ are nearly always as many as the edits;
longer pairs in which counting places or letters gives the distance are drawn again, twice at most.
"""

from collections import Counter
from operator import ne
from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Place, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf import pairs
from tailkit.tasks.shelf.draw import right, string
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.macros import grouped
from tailkit.tasks.shelf.wording import joined

PARADIGM = "dynamic programming"
VERSION = 5
RANGES = {"S": (2, 4), "M": (5, 7), "L": (8, 9)}
NOUNS = ("string pairs of {}", "{} letter", "{} letters")
ALPHABET = "abcdef"
EDITED = 0.8  # share of the pairs whose second string is made from the first by edits
LONG, REDRAWS = 4, 3

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
    """Two strings, n drawn first; pairs that counting solves are redrawn where most others are not like that."""
    sizes = pairs.lengths(rng, low, high)
    for _ in range(REDRAWS if max(sizes) >= LONG else 1):
        x1 = string(rng, sizes[0], ALPHABET)
        x2 = edited(rng, x1, sizes[1]) if rng.random() < EDITED else string(rng, sizes[1], ALPHABET)
        data = {"x1": x1, "x2": x2}
        if not right(HEURISTICS, data, oracle(data)):
            break
    return data


def edited(rng: Random, text: str, size: int) -> str:
    """The text with up to two characters put in, then more or fewer up to that size, and up to one replaced."""
    chars = list(text)
    for _ in range(max(rng.randint(0, 2), size - len(chars))):
        chars.insert(rng.randint(0, len(chars)), rng.choice(ALPHABET))
    while len(chars) > size:
        del chars[rng.randrange(len(chars))]
    for _ in range(rng.randint(0, 1)):
        chars[rng.randrange(size)] = rng.choice(ALPHABET)
    return "".join(chars)


def by_places(data: dict[str, Any]) -> str:
    """How many places of the strings differ."""
    x1, x2 = data["x1"], data["x2"]
    return str(sum(map(ne, x1, x2)) + abs(len(x1) - len(x2)))


def by_letters(data: dict[str, Any]) -> str:
    """How many letters of the longer string the other has not, wherever they stand."""
    x1, x2 = data["x1"], data["x2"]
    return str(max(len(x1), len(x2)) - (Counter(x1) & Counter(x2)).total())


HEURISTICS = {"places that differ": by_places, "letters that are not shared": by_letters}


length, key = pairs.length, pairs.key


def support(low: int, high: int) -> int:
    """How many distinct problems there are: unordered pairs of strings."""
    return pairs.count(len(ALPHABET), low, high)


def oracle(data: dict[str, Any]) -> str:
    from rapidfuzz.distance import Levenshtein

    return str(Levenshtein.distance(data["x1"], data["x2"]))


equal = same_integer


def start(tape: Tape, data: dict[str, Any]) -> str:
    pairs.give(tape, data)
    tape.given([("D", 0, 0)], [0])
    return "x1"


def top(tape: Tape, i: int, j: int) -> None:
    """From nothing to a beginning of x2 it takes one edit more than to the one before."""
    if tape.fetch(("x2", j)) != BLANK:
        tape.fetch(("D", i, j - 1))
        tape.write(one_more, ("D", i, j))
    tape.goto(pairs.to_the_right)


def left(tape: Tape, i: int, j: int) -> None:
    """The same for beginnings of x1; the blank after it ends the table."""
    if tape.fetch(("x1", i)) != BLANK:
        tape.fetch(("D", i - 1, j))
        tape.write(one_more, ("D", i, j))
        tape.goto(pairs.to_the_right)
    else:
        tape.fetch(("D", i - 1, tape.fetch(("x2", "end"))))
        tape.answer(last_read)


def cell(tape: Tape, i: int, j: int) -> None:
    _, char2 = tape.fetch(("x1", i), ("x2", j))
    if char2 != BLANK:
        tape.fetch(("D", i - 1, j - 1), ("D", i - 1, j), ("D", i, j - 1))
        tape.write(distance, ("D", i, j))
    tape.goto(pairs.to_the_right)


def one_more(_char: str, before: int) -> int:
    return before + 1


def distance(char1: str, char2: str, diagonal: int, above: int, left: int) -> int:
    return diagonal if char1 == char2 else min(diagonal, above, left) + 1


def last_read(_place: Place, read: Values, _written: Values) -> str:
    return str(read[-1])


STATES = {**pairs.STATES, "top": top, "left": left, "cell": cell}
ROWS = ("top", "left", "cell")
macros = grouped(lambda step: step.at[0] if step.kind in ROWS else None)


def _border(char: str, *needed: int) -> str:
    """The character and the cell before; the blank after x1 comes with where x2 ends, and the corner."""
    return f"{char};{needed[0]}=" if len(needed) == 1 else ";".join(map(str, (char, *needed)))


def _cell(char1: str, char2: str, *neighbours: int) -> str:
    return f"{char1},{char2};{joined()(*neighbours)}=" if neighbours else f"{char1},{char2}"


_CELL = Line("{},{}".format, _cell, joined())
CORE = pairs.CORE | {
    "top": _CELL._replace(fetch=_border),
    "left": _CELL._replace(fetch=_border),
    "cell": _CELL,
}


def _top_in_words(char: str, *before: int) -> str:
    return f"nothing and {char}; left {before[0]}: " if before else f"nothing and {char}, there the row ends."


def _left_in_words(char: str, *needed: int) -> str:
    if char != BLANK:
        return f"{char} and nothing; above {needed[0]}: "
    end, corner = needed
    return f"{char}, there the table ends; its corner, above in column {end}, is {corner}."


def _cell_in_words(char1: str, char2: str, *neighbours: int) -> str:
    if not neighbours:
        return f"{char1} and {char2}, there the row ends."
    return f"{char1} and {char2}; " + "diagonal {}, above {}, left {}: ".format(*neighbours)


_CELL_STYLED = Line(
    name="Row {}, column {}".format,
    fetch=_cell_in_words,
    write=lambda *result: f"{result[0]}." if result else "",
    open=" has ",
    next="\n",
    leave="\n",
)
STYLED = pairs.STYLED | {
    "top": _CELL_STYLED._replace(fetch=_top_in_words),
    "left": _CELL_STYLED._replace(fetch=_left_in_words),
    "cell": _CELL_STYLED,
}
