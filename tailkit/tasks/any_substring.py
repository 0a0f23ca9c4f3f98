"""Any substring (recursion): all contiguous substrings of a string, by start, then by end.

Length is the length of the string, lower-case letters that may repeat; the answer lists all
n(n+1)/2 substrings, so repeated ones come as often as they occur.
The run: one state a substring, which is the substring before it and one more letter; the first of
a start is a letter alone. The blank after the string ends a start, or, where there is no first
letter any more, the run; then all substrings are read out, start by start, each with its blank.
Substrings grow with the string: each of them has to be written out once, as an item of the answer.
Granularity is a setting: with letterwise = 1 a state copies one letter of one substring, the last letter
first, and none hides a loop; a trace takes 1.6 to 2.7 times as many tokens.
"""

from itertools import combinations
from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Place, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import LETTERS, string
from tailkit.tasks.shelf.equality import same_list
from tailkit.tasks.shelf.macros import grouped
from tailkit.tasks.shelf.wording import joined, listed

PARADIGM = "recursion"
VERSION = 4
RANGES = {"S": (3, 5), "M": (6, 9), "L": (10, 14)}
NOUNS = ("strings of {}", "{} letter", "{} letters")
SETTINGS = {"letterwise": 0}

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


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("letter", "substring")
    tape.given([("letter", place) for place in range(len(data["string"]))], data["string"])
    return "letters" if data["letterwise"] else "string"


def show_string(tape: Tape) -> None:
    tape.scan(("letter", 0))
    tape.goto(leftmost)


def leftmost(*_: Any) -> Any:
    return "first", 0, 0


def first(tape: Tape, start: int, end: int) -> None:
    """The substring of one letter; where there is none all starts are done."""
    if tape.fetch(("letter", end)) != BLANK:
        tape.put(str, ("substring", start, end))
    tape.goto(after_first)


def after_first(place: tuple[int, int], read: Values, _written: Values) -> Any:
    start, end = place
    return "all" if BLANK in read else ("longer", start, end + 1)


def longer(tape: Tape, start: int, end: int) -> None:
    """The substring before and one more letter; the blank after the string ends the start."""
    if tape.fetch(("letter", end)) != BLANK:
        tape.fetch(("substring", start, end - 1))
        tape.write(extend, ("substring", start, end))
    tape.goto(after_longer)


def extend(letter: str, before: str) -> str:
    return before + letter


def after_longer(place: tuple[int, int], read: Values, _written: Values) -> Any:
    start, end = place
    return ("first", start + 1, start + 1) if BLANK in read else ("longer", start, end + 1)


def show_all(tape: Tape) -> None:
    """The substrings of each start up to the blank, until a start has none."""
    start = 0
    while tape.show(("substring", start, start)) != (BLANK,):
        tape.scan(("substring", start, start + 1))
        start += 1
    tape.answer(comma_separated)


def comma_separated(_place: Place, read: Values, _written: Values) -> str:
    return ",".join([substring for substring in read if substring != BLANK])


def show_letters(tape: Tape) -> None:
    tape.scan(("letter", 0))
    tape.goto(leftmost_letter)


def leftmost_letter(*_: Any) -> Any:
    return "copy", 0, 0, 0


def copy(tape: Tape, start: int, end: int, place: int) -> None:
    """A letter of the substring, from its end on; the blank after the string ends the start."""
    if tape.fetch(("letter", place)) != BLANK:
        tape.put(str, ("substring", start, end, place))
    tape.goto(after_copy)


def after_copy(place: tuple[int, int, int], read: Values, _written: Values) -> Any:
    start, end, here = place
    if BLANK in read:
        return "spelled" if start == end else ("copy", start + 1, start + 1, start + 1)
    return ("copy", start, end, here - 1) if here > start else ("copy", start, end + 1, end + 1)


def show_spelled(tape: Tape) -> None:
    """The substrings of each start, until a start has none."""
    start = 0
    while shows_spelled(tape, start, start):
        end = start + 1
        while shows_spelled(tape, start, end):
            end += 1
        start += 1
    tape.answer(blank_separated)


def shows_spelled(tape: Tape, start: int, end: int) -> bool:
    """Show a substring up to the blank after it, or, where there is none, a blank."""
    if tape.show(("substring", start, end, start)) == (BLANK,):
        return False
    tape.scan(("substring", start, end, start + 1))
    return True


def blank_separated(_place: Place, read: Values, _written: Values) -> str:
    return ",".join(filter(None, "".join(read).split(BLANK)))


STATES = {
    "string": show_string,
    "first": first,
    "longer": longer,
    "all": show_all,
    "letters": show_letters,
    "copy": copy,
    "spelled": show_spelled,
}
macros = grouped(lambda step: step.at[:1] or None)


_FIRST = Line(
    name="{},{}".format,
    fetch=lambda letter: letter if letter == BLANK else f"{letter}=",
    put=str,
)


def contents(*items: tuple[int, str]) -> str:
    """What the cells hold, in order; their places are counted out by the blanks."""
    return ",".join([substring for _, substring in items])


def spelled(*items: tuple[int, str]) -> str:
    """The letters, each substring with the blank after it."""
    return "".join([letter for _, letter in items])


CORE = {
    "string": Line(lambda: "", show=listed(">"), open=""),
    "first": _FIRST,
    "longer": Line(
        name="{},{}".format,
        fetch=lambda letter, *before: f"{before[0]}+{letter}=" if before else letter,
        write=joined(),
    ),
    "all": Line(lambda: "all ", show=contents, open=""),
    "letters": Line(lambda: "", show=listed(">"), open=""),
    "copy": Line("{},{},{}".format, _FIRST.fetch, put=str),
    "spelled": Line(lambda: "all ", show=spelled, open=""),
}

_FIRST_STYLED = Line(
    name="from {} to {}".format,
    fetch=lambda letter: f"{letter}, no letter." if letter == BLANK else f"{letter} alone ",
    open=": ",
    next="\nThen ",
    leave="\nNext, ",
    put="makes {}.".format,
)
_LETTERS_STYLED = _FIRST_STYLED._replace(
    name=lambda: "In the string, place ",
    fetch=None,
    put=None,
    show=lambda *items: listed("; ", " is ")(*items) + ".",
    open="",
)
_ALL_STYLED = _LETTERS_STYLED._replace(
    name=lambda: "all substrings are ",
    show=lambda *items: contents(*items) + ".",
)
STYLED = {
    "string": _LETTERS_STYLED,
    "first": _FIRST_STYLED,
    "longer": _FIRST_STYLED._replace(
        fetch=lambda letter, *before: f"{before[0]} and {letter} " if before else f"{letter}, where the start ends.",
        write=lambda *substring: f"make {substring[0]}." if substring else "",
        put=None,
        next="\nNext, ",
        leave="\nThen ",
    ),
    "all": _ALL_STYLED,
    "letters": _LETTERS_STYLED,
    "copy": _FIRST_STYLED._replace(
        name="from {} to {}, letter {}".format,
        fetch=lambda letter: f"{letter}, no letter." if letter == BLANK else f"{letter}, ",
        next="\nThen ",
        put="so {}.".format,
    ),
    "spelled": _ALL_STYLED._replace(show=lambda *items: spelled(*items) + "."),
}
