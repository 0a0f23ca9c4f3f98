"""Word flip (simulation): a sentence backwards, character by character.

Length is the characters of the sentence, spaces and punctuation included; it is put together from
the bundled words, with a capital, commas and a full stop.
The run: index every character (~ is a space) up to the blank; then from the last one down put each
character to the next place of the result; then read the result out. A state moves one character.
(Appended to the result so far, which would then be printed again and again, the characters of a
state would grow with the length, and the trace with its square.)
"""

from functools import cache
from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import COMMAS, WORDS
from tailkit.tasks.shelf.equality import same_text
from tailkit.tasks.shelf.wording import listed

PARADIGM = "simulation"
VERSION = 2
RANGES = {"S": (10, 20), "M": (21, 50), "L": (51, 100)}
NOUNS = ("sentences of {}", "{} character", "{} characters")
LONGEST = max(map(len, WORDS))
FITTING = [[word for word in WORDS if len(word) <= size] for size in range(LONGEST + 1)]
OF_LENGTH = [[word for word in WORDS if len(word) == size] for size in range(LONGEST + 1)]

QUERIES = [
    "Reverse the sentence “{sentence}” character by character, spaces and punctuation included.",
    "Write “{sentence}” backwards, every character, also spaces and punctuation.",
    "reverse the order of all characters (spaces, commas and the full stop too): {sentence}",
    "What does “{sentence}” read like from its last character to its first, spaces and punctuation included?",
    "Let s = “{sentence}”, without the quotation marks. Determine the string of the characters of s in reverse order, "
    "spaces and punctuation included.",
    "What does print('{sentence}'[::-1]) write in Python?",
    "Turn the character sequence “{sentence}” around, so that the last character comes first. Spaces and punctuation "
    "are characters too.",
    "Read this from right to left, character by character, with all spaces and punctuation: {sentence}",
    "In mirror writing the last character comes first. Mirror “{sentence}” with its spaces and punctuation.",
    "A spy sends every message backwards, character by character, punctuation and spaces too. What does the spy send "
    "for “{sentence}”?",
    "A printer with a fault prints each line from its last character to its first, spaces and punctuation included. "
    "What does it print for “{sentence}”?",
    "Letter tiles, space tiles and punctuation tiles spell “{sentence}”. A child lays all of the tiles down again in "
    "reverse order. What stands there?",
    "A tape is played backwards, one character after the other, spaces and punctuation too. Forwards it says "
    "“{sentence}”. What does it say backwards?",
    "Show me step by step how to reverse all characters, spaces and punctuation included, of: {sentence}",
    "Reverse this text at the level of characters (not of words), keeping case, spaces and punctuation: {sentence}",
    "Given the string “{sentence}” of n characters, output the characters n, n-1, …, 1; spaces and punctuation count.",
    "Please spell “{sentence}” backwards as one line of text, with spaces and punctuation where they then fall.",
    "Exercise: push each character of “{sentence}”, spaces and punctuation too, on a stack. In which order are they "
    "popped? Write them as one string.",
    "Backwards, character by character, with spaces and punctuation: “{sentence}” ->",
    "I have the line “{sentence}” and need it reversed: the character in place n goes to the n-th place from the "
    "end, spaces and punctuation too.",
    "A sign on a glass door says “{sentence}”. From behind, all of its characters, spaces and punctuation come in "
    "reverse order. Write down that order as plain text.",
    "Swap the first character of “{sentence}” with the last, the second with the last but one, and so on, spaces and "
    "punctuation included. What do you get?",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """A sentence of low … high characters; there is none of less than two."""
    left, text = rng.randint(low, high) - 1, ""
    while left > LONGEST:
        word = rng.choice(FITTING[min(left - 2, LONGEST)])
        if left - len(word) > 2 and rng.random() < COMMAS:
            word += ","
        text += word + " "
        left -= len(word) + 1
    text += rng.choice(OF_LENGTH[left]) + "."
    return {"sentence": text[0].upper() + text[1:]}


def length(data: dict[str, Any]) -> int:
    return len(data["sentence"])


def key(data: dict[str, Any]) -> str:
    return data["sentence"]


def support(low: int, high: int) -> int:
    """How many distinct problems there are: all sentences that can be drawn."""
    # From the shortest up, so that no recursion goes deep.
    ways = {left: _texts(left) for left in range(min(low - 1, LONGEST + 1), high)}
    return sum(ways[size - 1] for size in range(low, high + 1))


@cache
def _texts(left: int) -> int:
    """In how many ways a sentence goes on when that many characters are left before the full stop."""
    if left <= LONGEST:
        return len(OF_LENGTH[left])
    return sum(_texts(left - len(word) - gap) for word in WORDS for gap in (1, 2) if left - len(word) > gap)


def oracle(data: dict[str, Any]) -> str:
    return data["sentence"][::-1]


equal = same_text


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("char", "flip")
    places = range(1, len(data["sentence"]) + 1)
    tape.given([("char", place) for place in places], data["sentence"].replace(" ", SPACE))
    return "sentence"


SPACE, LAST = "~", ("last",)


def sentence(tape: Tape) -> None:
    tape.scan(("char", 1), into=LAST)
    tape.goto("last")


def last(tape: Tape) -> None:
    """The last character comes first."""
    tape.fetch(("char", tape.fetch(LAST)))
    tape.put(last_char, ("flip", 1))
    tape.goto(left_of_last)


def char(tape: Tape, i: int, j: int) -> None:
    """The character at place i, which goes down, comes to place j, which goes up."""
    tape.fetch(("char", i))
    tape.put(str, ("flip", j))
    tape.goto(left)


def last_char(_: int, char: str) -> str:
    return char


def left_of_last(_place: Place, read: Values, _written: Values) -> Any:
    return ("char", read[0] - 1, 2) if read[0] > 1 else "flip"


def left(place: tuple[int, int], _read: Values, _written: Values) -> Any:
    """The character before, up to the first one."""
    i, j = place
    return ("char", i - 1, j + 1) if i > 1 else "flip"


def show_flip(tape: Tape) -> None:
    tape.scan(("flip", 1))
    tape.answer(with_spaces)


def with_spaces(_place: Place, read: Values, _written: Values) -> str:
    """All characters before the blank."""
    return "".join(read[:-1]).replace(SPACE, " ")


STATES = {"sentence": sentence, "last": last, "char": char, "flip": show_flip}


def macros(steps: list[Step]) -> list[Macro]:
    """The whole reversal, from the sentence to the result."""
    return [Macro(1, len(steps) - 1, operands=steps[0].shown[:-1], results=steps[-1].shown[:-1])]


_LIST = Line(lambda: "", show=listed(">"), open="")
CORE = {
    "sentence": _LIST,
    "last": Line(lambda: "", lambda i, char: f"{i},1:{char}=", open="", put=str),
    "char": Line("{},{}".format, "{}=".format, put=str),
    "flip": _LIST._replace(name=lambda: "flip "),
}


def _quoted(text: str) -> str:
    """As it reads, in quotation marks."""
    return "the end" if text == BLANK else f'"{text.replace(SPACE, " ")}"'


_LIST_STYLED = Line(
    name=lambda: "In the sentence, character ",
    show=lambda *read: "; ".join([f"{place} is {_quoted(char)}" for place, char in read]) + ".",
    open="",
    next="\nNext, ",
    leave="\nFrom the end, ",
)
_CHAR_STYLED = _LIST_STYLED._replace(
    name="character {} for place {}".format,
    show=None,
    fetch=lambda char: f"is {_quoted(char)}, ",
    open=" ",
    leave="\n",
    put=lambda char: f"so {_quoted(char)} stands there.",
)
STYLED = {
    "sentence": _LIST_STYLED,
    "last": _CHAR_STYLED._replace(
        name=lambda: "",
        open="",
        fetch=lambda i, char: f"character {i} for place 1 is {_quoted(char)}, ",
        leave="\nNext, ",
    ),
    "char": _CHAR_STYLED,
    "flip": _LIST_STYLED._replace(name=lambda: "In the result, character ", leave=""),
}
