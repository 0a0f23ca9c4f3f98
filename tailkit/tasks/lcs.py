"""Longest common subsequence (dynamic programming): the longest string that both strings contain
when characters are left out.

Length is that of a string; n is the longer one's. Strings are of four letters, so that matches are
common. The run fills the table of lengths for beginnings of the strings, row by row: two equal
characters need the diagonal neighbour, others the one above and the one to the left. The zeros of
row 0 and column 0 are written too, so that every neighbour can be fetched. The blank after a string
ends its row, or the table. The way back starts at its corner: on a match it goes diagonally, else to
the larger neighbour, up if they are equal; that decides which of several longest ones is the label,
but any of them is right. The length at a match is the place of its character in the result. The
blank before a string ends the way back, and the result is read out. Up to four letters, taking
the earliest match of each character in turn is nearly always enough.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Cell, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf import pairs
from tailkit.tasks.shelf.draw import string
from tailkit.tasks.shelf.equality import Equality
from tailkit.tasks.shelf.macros import grouped
from tailkit.tasks.shelf.reading import words
from tailkit.tasks.shelf.wording import joined

PARADIGM = "dynamic programming"
VERSION = 4
RANGES = {"S": (2, 6), "M": (7, 9), "L": (10, 12)}
NOUNS = ("string pairs of {}", "{} letter", "{} letters")
ALPHABET = "abcd"

_FORM = "Write it without quotes, or none if it is empty; if there are several, any of them."
QUERIES = [
    'Find a longest common subsequence of "{x1}" and "{x2}". ' + _FORM,
    'LCS("{x1}", "{x2}") = ? ' + _FORM,
    'What is a longest string that is a subsequence of both "{x1}" and "{x2}"? ' + _FORM,
    'Compute an LCS of s = "{x1}" and t = "{x2}" by dynamic programming. ' + _FORM,
    'Let u = "{x1}" and v = "{x2}". Determine a common subsequence of u and v of maximal length. ' + _FORM,
    'Leave out as few letters as possible of "{x1}" and "{x2}" so that the same string is left of both. Which one? '
    + _FORM,
    'Two diaries note a letter a day, "{x1}" and "{x2}". What is a longest sequence of letters found in both in this '
    "order, with or without gaps? " + _FORM,
    'Two strands of a gene read "{x1}" and "{x2}". Give a longest common subsequence. ' + _FORM,
    'Fill the table of the longest common subsequence of "{x1}" and "{x2}" and read one off. ' + _FORM,
    'Which letters, in order, can be kept at most in both "{x1}" and "{x2}" to get equal strings? ' + _FORM,
    'Please give a longest common subsequence (not substring) of "{x1}" and "{x2}". ' + _FORM,
    'A file changed from "{x1}" to "{x2}". What is a longest sequence of letters that both versions hold in the same '
    "order, gaps allowed? " + _FORM,
    'Show step by step how to find a longest common subsequence of the strings "{x1}" and "{x2}". ' + _FORM,
    'longest common subsequence | first: "{x1}" | second: "{x2}" | ' + _FORM,
    'Two bird songs are noted as "{x1}" and "{x2}". Give a longest series of notes that occurs in both in order, not '
    "necessarily without gaps. " + _FORM,
    'Teach me how "{x1}" and "{x2}" are compared: what is a longest subsequence common to them? ' + _FORM,
    'Name a sequence of maximal length that is contained, with gaps allowed, in "{x1}" and in "{x2}". ' + _FORM,
    'Cross out letters of "{x1}" and of "{x2}" until the same word is left, as long as possible. What is it? ' + _FORM,
    'From the beads "{x1}" and the beads "{x2}", taken in order with some skipped, what longest equal string can be '
    "made? " + _FORM,
    'Given "{x1}" and "{x2}", return one longest common subsequence. ' + _FORM,
    'Two travellers passed the towns "{x1}" and "{x2}", a letter a town. Give a longest list of towns that both passed '
    "in the same order, perhaps with others between. " + _FORM,
    'If characters may be deleted but not moved, what is a longest string obtainable from "{x1}" and also from "{x2}"? '
    + _FORM,
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Two strings, n drawn first."""
    return {x: string(rng, size, ALPHABET) for x, size in zip(("x1", "x2"), pairs.lengths(rng, low, high), strict=True)}


length, key = pairs.length, pairs.key


def support(low: int, high: int) -> int:
    """How many distinct problems there are: unordered pairs of strings."""
    return pairs.count(len(ALPHABET), low, high)


def oracle(data: dict[str, Any]) -> str:
    """The longest common subsequence that the way back gives: a last letter that both have belongs to it; else
    x1 loses its last letter if none is lost by that, or x2 does."""
    from rapidfuzz.distance import LCSseq

    x1, x2, kept = data["x1"], data["x2"], ""
    while x1 and x2:
        if x1[-1] == x2[-1]:
            x1, x2, kept = x1[:-1], x2[:-1], x1[-1] + kept
        elif LCSseq.similarity(x1[:-1], x2) == LCSseq.similarity(x1, x2):
            x1 = x1[:-1]
        else:
            x2 = x2[:-1]
    return kept or EMPTY


EMPTY = "none"


def letter_by_letter(data: dict[str, Any]) -> str:
    """Each letter of x1 where x2 has it next, if it does."""
    rest, kept = data["x2"], ""
    for letter in data["x1"]:
        if letter in rest:
            rest, kept = rest.partition(letter)[2], kept + letter
    return kept or EMPTY


HEURISTICS = {"each letter of x1 at its next place in x2": letter_by_letter}


def as_long(given: str, answer: str, data: dict[str, Any]) -> bool:
    """Any subsequence of both strings that is as long as the label counts."""
    if EMPTY in (given, answer):
        return given == answer
    return len(given) == len(answer) and all(is_subsequence(given, data[x]) for x in ("x1", "x2"))


def read(text: str, answer: str, data: dict[str, Any]) -> list[str]:
    """Words of the letters that occur; any other word is prose."""
    given = words.word(text)
    letters = {*data["x1"], *data["x2"]}
    return given if all(one == EMPTY or letters >= set(one) for one in given) else []


equal = Equality(as_long, read)


def is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(char in rest for char in short)


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("lcs")
    pairs.give(tape, data)
    tape.given([("L", 0, 0)], [0])
    return "x1"


def top(tape: Tape, i: int, j: int) -> None:
    """The length for nothing and a beginning of x2."""
    if tape.fetch(("x2", j)) != BLANK:
        tape.write(border, ("L", i, j))
    tape.goto(pairs.to_the_right)


def left(tape: Tape, i: int, j: int) -> None:
    """The length for a beginning of x1 and nothing; the blank after x1 ends the table."""
    if tape.fetch(("x1", i)) != BLANK:
        tape.write(border, ("L", i, j))
        tape.goto(pairs.to_the_right)
    else:
        tape.fetch(("x2", "end"))
        tape.goto(way_back)


def cell(tape: Tape, i: int, j: int) -> None:
    char1, char2 = tape.fetch(("x1", i), ("x2", j))
    if char2 != BLANK:
        tape.fetch(*[("L", i - 1, j - 1)] if char1 == char2 else [("L", i - 1, j), ("L", i, j - 1)])
        tape.write(longest, ("L", i, j))
    tape.goto(pairs.to_the_right)


def border(_: str) -> int:
    """Nothing is common to characters and none."""
    return 0


def longest(_: str, __: str, *neighbours: int) -> int:
    """One more than the diagonal on a match, else the larger of the two neighbours."""
    return neighbours[0] + 1 if len(neighbours) == 1 else max(neighbours)


def way_back(place: tuple[int, int], read: Values, _written: Values) -> Any:
    """From the last cell of the last row."""
    return "back", place[0] - 1, read[-1]


def back(tape: Tape, i: int, j: int) -> None:
    """A character of both is as far back in the result as the length at its cell says; others lead to a neighbour."""
    char1, char2 = tape.fetch(("x1", i), ("x2", j))
    if BLANK not in (char1, char2):
        if char1 == char2:
            tape.put(matching, ("lcs", tape.fetch(("L", i, j))))
        else:
            tape.fetch(("L", i - 1, j), ("L", i, j - 1))
            tape.write(larger, ("move",))
    tape.goto(further_back)


def matching(char: str, _: str, __: int) -> str:
    return char


def larger(_: str, __: str, above: int, left: int) -> str:
    return "up" if above >= left else "left"


def further_back(place: tuple[int, int], read: Values, written: Values) -> Any:
    """Diagonally after a match, else as it was written; the blank before a string ends it."""
    i, j = place
    if BLANK in read[:2]:
        return "lcs"
    if read[0] == read[1]:
        return "back", i - 1, j - 1
    return ("back", i - 1, j) if written[0] == "up" else ("back", i, j - 1)


def show_result(tape: Tape) -> None:
    tape.scan(("lcs", 1))
    tape.answer(answered)


def answered(_place: Place, read: Values, _written: Values) -> str:
    """The characters before the blank."""
    return "".join(read[:-1]) or "none"


STATES = {
    **pairs.STATES,
    "top": top,
    "left": left,
    "cell": cell,
    "back": back,
    "lcs": show_result,
}
ROWS = ("top", "left", "cell")
parts = grouped(lambda step: step.at[0] if step.kind in ROWS else step.kind if step.kind == "back" else None)


def macros(steps: list[Step]) -> list[Macro]:
    """The rows, each from its characters and the row above; and the way back, from both strings and the last length."""
    first, second, result = steps[0].shown[:-1], steps[1].shown[:-1], steps[-1].shown
    *rows, way = parts(steps)
    strings = (*first, *second, ("L", len(first), len(second)))
    return [*[_with_operands(row, steps, second) for row in rows], way._replace(operands=strings, results=result)]


def _with_operands(row: Macro, steps: list[Step], x2: tuple[Cell, ...]) -> Macro:
    i = int(steps[row.first].at[0])
    above = [("L", i - 1, j) for j in range(len(x2) + 1)]
    return row._replace(operands=(("x1", i), *x2, *above) if i else x2)


def _border(char: str, *end: int) -> str:
    """The character; the blank after x1 comes with where x2 ends."""
    return f"{char}=" if char != BLANK else ",".join(map(str, (char, *end)))


def _cell(char1: str, char2: str, *needed: int) -> str:
    """The characters, then what belongs to a match, or to none; the blank ends a row, or the way back."""
    return f"{char1},{char2};{joined()(*needed)}=" if needed else f"{char1},{char2}"


_CELL = Line("{},{}".format, _cell, joined())
CORE = pairs.CORE | {
    "top": _CELL._replace(fetch=_border),
    "left": _CELL._replace(fetch=_border),
    "cell": _CELL,
    "back": _CELL._replace(name="from {},{}".format, put=str),
    "lcs": pairs.LIST._replace(name=lambda: "lcs "),
}


def _top_in_words(char: str) -> str:
    return f"nothing and {char}: " if char != BLANK else f"nothing and {char}, there the row ends."


def _left_in_words(char: str, *end: int) -> str:
    if char != BLANK:
        return f"{char} and nothing: "
    return f"{char}, there the table ends; its last column is {end[0]}."


def _cell_in_words(char1: str, char2: str, *neighbours: int) -> str:
    if not neighbours:
        return f"{char1} and {char2}, there the row ends."
    match = "a match; diagonal {}: " if len(neighbours) == 1 else "no match; above {}, left {}: "
    return f"{char1} and {char2}, {match.format(*neighbours)}"


def _back_in_words(char1: str, char2: str, *needed: int) -> str:
    if not needed:
        return f"{char1} and {char2}, there it ends."
    match = "a match; the length is {}, where the result has " if len(needed) == 1 else "no match; above {}, left {}, "
    return f"{char1} and {char2}, {match.format(*needed)}"


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
    "back": _CELL_STYLED._replace(
        name="Back at row {}, column {}".format,
        fetch=_back_in_words,
        write=lambda *move: f"so {move[0]}." if move else "",
        open=" are ",
        put="{}.".format,
    ),
    "lcs": pairs.LIST_STYLED._replace(name=lambda: "In the result, character "),
}
