"""Any substring (recursion): all contiguous substrings of a string, by start, then by end.

Length is the length of the string, lower-case letters that may repeat; the answer lists all
n(n+1)/2 substrings, so repeated ones come as often as they occur.
The run: one state a substring, which is the substring before it and one more letter; the first of
a start extends the blank. The blank after the string ends a start; where nothing stands before
it either, it ends the run.
"""

from itertools import combinations
from random import Random
from typing import Any

from tailkit.records import BLANK, Cell, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import LETTERS, string
from tailkit.tasks.shelf.equality import same_list
from tailkit.tasks.shelf.wording import joined, listed

PARADIGM = "recursion"
VERSION = 1
RANGES = {"S": (3, 5), "M": (6, 9), "L": (10, 14)}
NOUNS = ("strings of {}", "{} letter", "{} letters")

QUERIES = [
    "List all contiguous substrings of {string} by start, then by end, repetitions included, separated by commas.",
    "all non-empty contiguous substrings of {string}, by start index, then by end index, duplicates kept, "
    "comma-separated",
    "What are all the non-empty contiguous substrings of the string {string}? Go by their start, then by their end, "
    "keep repetitions, and separate them by commas.",
    "Let s = {string}. Write down every s[i..j] with i <= j in lexicographic order of (i, j), separated by commas, "
    "equal ones as often as they occur.",
    "Enumerate the contiguous pieces of the word {string}: first all that start at its first letter, from short to "
    "long, then all that start at the second, and so on. Keep repetitions; use commas.",
    "What does ','.join(s[i:j] for i in range(len(s)) for j in range(i + 1, len(s) + 1)) give in Python for s = "
    "'{string}'?",
    "Show me step by step how to find every contiguous substring of {string}. The list goes by start, then by end, "
    "with commas, and repeats what occurs repeatedly.",
    "A child cuts one stretch of neighbouring letters out of the paper strip {string}. Name every possible cut-out, "
    "by its first letter's place, then by its length, with commas; cut-outs from other places count even if they "
    "look alike.",
    "Beads with the letters {string} hang on a wire in this order. Which runs of neighbouring beads are there, "
    "single beads too? Order them by the first bead, then by the last; keep equal ones; put commas between them.",
    "A train has the wagons {string}, one letter each. List all parts of it that hang together, a single wagon "
    "included, by their first wagon, then by their last, separated by commas and without leaving out equal ones.",
    "A reader slides windows of every length over {string} and stores each non-empty window. Print the windows by "
    "where they begin, then by where they end, repeats included, joined by commas.",
    "For each position in {string} write the substrings that start there, the shortest first; go through the "
    "positions from left to right, repeat equal ones, and put commas between all of them.",
    "Given the string {string} of length n, return its n(n+1)/2 contiguous substrings sorted by (start, end), "
    "duplicates kept, as one comma-separated line.",
    "Please write out each contiguous substring of {string}, as often as it occurs. Earlier starts come first, at "
    "the same start shorter ones; put commas in between.",
    "Exercise: form all connected non-empty parts of {string}. Answer with commas between the parts, sorted by first "
    "and then by last place; parts that read the same are all listed.",
    "Contiguous substrings of {string} (start ascending, then end ascending; repeats stay; comma-separated):",
    "Extend letter by letter: from each start in {string}, left to right, collect every contiguous substring, short "
    "to long. Give all in that order with commas, duplicates too.",
    "Choose a first and a last letter of {string}, possibly the same one, and read from one to the other. Write all "
    "the readings by the first letter's place, then the last one's, with commas and with repetitions.",
    "I need the complete list of contiguous substrings (duplicates kept) of {string}, sorted by where they start and "
    "then by where they end, with commas in between.",
    "A search index needs all infixes of {string}, none of them empty and each as often as it occurs, by start and "
    "then by end. Which comma-separated list is that?",
    "Teach me to list the contiguous substrings of {string} without missing one: by start, then by length, repeated "
    "ones repeated, separated by commas.",
    "The letters of {string} stand for consecutive days. Name every unbroken period of days, one day at least, by "
    "its first day, then by its last, separated by commas, periods with the same letters each for itself.",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    return {"string": string(rng, rng.randint(low, high))}


def length(data: dict[str, Any]) -> int:
    return len(data["string"])


def key(data: dict[str, Any]) -> str:
    return data["string"]


def support(low: int, high: int) -> int:
    """How many distinct problems there are: all strings."""
    return sum(len(LETTERS) ** size for size in range(low, high + 1))


def oracle(data: dict[str, Any]) -> str:
    """Cuts the string at every two different places, in lexicographic order of the places."""
    text = data["string"]
    return ",".join(text[start:end] for start, end in combinations(range(len(text) + 1), 2))


equal = same_list


def program(tape: Tape, data: dict[str, Any]) -> None:
    text = data["string"]
    tape.blank("letter", "substring")
    letters = [("letter", place) for place in range(len(text) + 1)]
    tape.given(letters[:-1], text)
    tape.state("string")
    tape.show(*letters)
    substrings: list[Cell] = []
    start = 0
    while found := extend_from(tape, start):
        substrings += found
        start += 1
    tape.answer(comma_separated, *substrings)


comma_separated = joined()


def extend_from(tape: Tape, start: int) -> list[Cell]:
    """All substrings of one start, letter by letter up to the blank; returns their cells."""
    found: list[Cell] = []
    end = start
    with tape.macro("start"):
        while True:
            over = tape.value(("letter", end)) == BLANK
            tape.state("blank" if over else "substring", start, end)
            tape.fetch(("substring", start, end - 1), ("letter", end))
            tape.write(extend, ("substring", start, end))
            if over:
                return found
            found.append(("substring", start, end))
            end += 1


def extend(before: str, letter: str) -> str:
    """The substring before it and the letter; nothing extends over a blank."""
    return BLANK if letter == BLANK else letter if before == BLANK else before + letter


_EXTEND = Line(
    name=lambda start, end: f"{start},{end}",
    fetch=lambda before, letter: f"{before}+{letter}=",
    write=str,
)
CORE = {
    "string": Line(lambda: "", None, listed(">"), open=""),
    "substring": _EXTEND,
    "blank": _EXTEND,
}

_EXTEND_STYLED = Line(
    name=lambda start, end: f"from {start} to {end}",
    fetch=lambda before, letter: f"{before} and {letter} ",
    write=lambda substring: f"make {substring}.",
    open=": ",
    next="\nNext, ",
    leave="\nThen ",
)
STYLED = {
    "string": _EXTEND_STYLED._replace(
        name=lambda: "In the string, place ",
        fetch=None,
        write=lambda *items: listed("; ", " is ")(*items) + ", the blank.",
        open="",
    ),
    "substring": _EXTEND_STYLED,
    "blank": _EXTEND_STYLED._replace(write=lambda blank: f"make {blank}, no substring."),
}
