"""Longest common subsequence (dynamic programming): the longest string that both strings contain
when characters are left out.

Length is that of a string; n is the longer one's. Strings are of four letters, so that matches are
common. The run fills the table of lengths for beginnings of the strings, row by row: two equal
characters need the diagonal neighbour, others the one above and the one to the left. The zeros of
row 0 and column 0 are written too, so that every neighbour can be fetched. The blank behind a string
ends its row, or the table. The way back starts at the blanks behind both strings, where the corner
is fetched. From them and on a match it goes diagonally, else to the larger neighbour, up if they
are equal. The blank before a string ends it, where the result is fetched.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import string
from tailkit.tasks.shelf.equality import Equality
from tailkit.tasks.shelf.reading import words
from tailkit.tasks.shelf.wording import listed, nothing

PARADIGM = "dynamic programming"
VERSION = 3
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
    """Two strings, lengths drawn independently."""
    return {x: string(rng, rng.randint(low, high), ALPHABET) for x in ("x1", "x2")}


def length(data: dict[str, Any]) -> int:
    return max(len(data["x1"]), len(data["x2"]))


def key(data: dict[str, Any]) -> str:
    """The unordered pair: a common subsequence is common both ways."""
    return "/".join(sorted((data["x1"], data["x2"])))


def support(low: int, high: int) -> int:
    """How many distinct problems there are: unordered pairs of strings."""
    strings = sum(len(ALPHABET) ** size for size in range(low, high + 1))
    return strings * (strings + 1) // 2


def oracle(data: dict[str, Any]) -> str:
    """One longest common subsequence: the equal stretches of a shortest way of editing."""
    from rapidfuzz.distance import LCSseq

    x1, x2 = data["x1"], data["x2"]
    blocks = LCSseq.opcodes(x1, x2)
    return "".join(x1[block.src_start : block.src_end] for block in blocks if block.tag == "equal") or EMPTY


EMPTY = "none"


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


def program(tape: Tape, data: dict[str, Any]) -> None:
    x1, x2 = data["x1"], data["x2"]
    tape.blank("x1", "x2")
    for x in ("x1", "x2"):
        tape.given([(x, place) for place in range(1, len(data[x]) + 1)], data[x])
    tape.given([RESULT], [BLANK])
    for x in ("x1", "x2"):
        tape.state(x)
        tape.show(*[(x, place) for place in range(len(data[x]) + 2)])
    with tape.macro("row"):
        fill_top(tape, len(x2))
    for i in range(1, len(x1) + 1):
        with tape.macro("row"):
            fill_row(tape, i, len(x2))
    tape.state("below", len(x1) + 1, 0)
    tape.fetch(("x1", len(x1) + 1))
    tape.state("behind", len(x1) + 1, len(x2) + 1)
    tape.fetch(("x1", len(x1) + 1), ("x2", len(x2) + 1), ("L", len(x1), len(x2)))
    with tape.macro("way back"):
        go_back(tape, len(x1), len(x2))
    tape.answer(answered, RESULT)


RESULT, MOVE = ("result",), ("move",)


def fill_top(tape: Tape, width: int) -> None:
    """The lengths for nothing and every beginning of x2."""
    tape.state("corner", 0, 0)
    tape.write(int, ("L", 0, 0))
    for j in range(1, width + 1):
        tape.state("border", 0, j)
        tape.fetch(("x2", j))
        tape.write(border, ("L", 0, j))
    tape.state("top end", 0, width + 1)
    tape.fetch(("x2", width + 1))


def fill_row(tape: Tape, i: int, width: int) -> None:
    """The lengths for the first i characters of x1 and every beginning of x2."""
    tape.state("border", i, 0)
    tape.fetch(("x1", i))
    tape.write(border, ("L", i, 0))
    for j in range(1, width + 1):
        tape.state("cell", i, j)
        char1, char2 = tape.fetch(("x1", i), ("x2", j))
        if char1 == char2:
            tape.fetch(("L", i - 1, j - 1))
        else:
            tape.fetch(("L", i - 1, j), ("L", i, j - 1))
        tape.write(longest, ("L", i, j))
    tape.state("end", i, width + 1)
    tape.fetch(("x1", i), ("x2", width + 1))


def border(_: str) -> int:
    """Nothing is common to characters and none."""
    return 0


def longest(_: str, __: str, *neighbours: int) -> int:
    """One more than the diagonal on a match, else the larger of the two neighbours."""
    return neighbours[0] + 1 if len(neighbours) == 1 else max(neighbours)


def go_back(tape: Tape, i: int, j: int) -> None:
    """From the corner to a border, putting each match in front of the result."""
    while True:
        tape.state("back", i, j)
        char1, char2 = tape.fetch(("x1", i), ("x2", j))
        if BLANK in (char1, char2):
            tape.fetch(RESULT)
            return
        if char1 == char2:
            tape.fetch(RESULT)
            tape.write(put_in_front, RESULT)
            i, j = i - 1, j - 1
        else:
            tape.fetch(("L", i - 1, j), ("L", i, j - 1))
            i, j = (i - 1, j) if tape.write(larger, MOVE) == "up" else (i, j - 1)


def put_in_front(char: str, _: str, result: str) -> str:
    return char if result == BLANK else char + result


def larger(_: str, __: str, above: int, left: int) -> str:
    return "up" if above >= left else "left"


def answered(result: str) -> str:
    return EMPTY if result == BLANK else result


def _cell(char1: str, char2: str, *needed: int | str) -> str:
    """The characters, then what belongs to a match, or to none; the blank ends a row, or the way back."""
    shown = ";" + ",".join(map(str, needed)) if needed else ""
    return f"{char1},{char2}{shown}{'' if BLANK in (char1, char2) else '='}"


_LIST = Line(lambda: "", fetch=None, write=listed(">"), open="")
_CELL = Line("{},{}".format, _cell, lambda *result: "".join(map(str, result)))
CORE = {
    "x1": _LIST._replace(name=lambda: "x1 "),
    "x2": _LIST._replace(name=lambda: "x2 "),
    "corner": _CELL._replace(fetch=None),
    "border": _CELL._replace(fetch="{}=".format),
    "cell": _CELL,
    "top end": _CELL._replace(fetch="{}".format),
    "end": _CELL,
    "below": _CELL._replace(fetch="{}".format),
    "behind": _CELL,
    "back": _CELL._replace(name="from {},{}".format),
}


def _cell_in_words(char1: str, char2: str, *neighbours: int) -> str:
    match = "a match; diagonal {}: " if len(neighbours) == 1 else "no match; above {}, left {}: "
    return f"{char1} and {char2}, {match.format(*neighbours)}"


def _back_in_words(char1: str, char2: str, *needed: int | str) -> str:
    if BLANK in (char1, char2):
        return f"{char1} and {char2}, there it ends; the result is {needed[0]}."
    rest = "a match; the result was {}, " if len(needed) == 1 else "no match; above {}, left {}, "
    return f"{char1} and {char2}, {rest.format(*needed)}"


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
    "corner": _CELL_STYLED._replace(fetch=None),
    "border": _CELL_STYLED._replace(fetch="{} and nothing: ".format),
    "cell": _CELL_STYLED,
    "top end": _CELL_STYLED._replace(fetch="nothing and {}, there the row ends.".format, write=nothing),
    "end": _CELL_STYLED._replace(fetch="{} and {}, there the row ends.".format, write=nothing),
    "below": _CELL_STYLED._replace(fetch="{}, there the table ends.".format, write=nothing),
    "behind": _CELL_STYLED._replace(fetch="{} and {}; the corner {}: there the way back starts.".format, write=nothing),
    "back": Line(
        name="Back at row {}, column {}".format,
        fetch=_back_in_words,
        write=lambda *result: f"so {result[0]}." if result else "",
        open=" are ",
        next="\n",
    ),
}
