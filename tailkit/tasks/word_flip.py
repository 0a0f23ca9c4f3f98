"""Word flip (simulation): a sentence backwards, character by character.

Length is the characters of the sentence, spaces and punctuation included; it is put together from
the bundled words, with a capital, commas and a full stop.
The run: index every character (_ is a space, ^ the front); then from the last index down, append
each character to the word built so far (ε is the empty one). Up to a space or the front a word is
built; only then it goes after the result, and the next word begins with the space. So the result
is printed once a word, not once a character: a trace grows less steeply with the length.
"""

from functools import cache
from random import Random
from typing import Any

from tailkit.records import Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import COMMAS, WORDS
from tailkit.tasks.shelf.equality import same_text
from tailkit.tasks.shelf.wording import listed

PARADIGM = "simulation"
VERSION = 1
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


def program(tape: Tape, data: dict[str, Any]) -> None:
    chars = [FRONT, *data["sentence"].replace(" ", SPACE)]
    cells = [("char", index) for index in range(len(chars))]
    tape.given(cells, chars)
    tape.given([WORD, RESULT], [EMPTY, EMPTY])
    tape.state("sentence")
    tape.show(*cells)
    last = tape.write(last_index, ("last",))
    with tape.macro("reversal"):
        for index in range(last, -1, -1):
            take(tape, index)
    tape.answer(with_spaces, RESULT)


FRONT, SPACE, EMPTY = "^", "_", "ε"
WORD, RESULT = ("word",), ("result",)


def take(tape: Tape, index: int) -> None:
    """Append a character to the word; a space or the front first puts the word after the result."""
    cell = ("char", index)
    char = tape.value(cell)
    if char == FRONT:
        tape.state("front", index)
        tape.fetch(cell, RESULT, WORD)
        tape.write(finish, RESULT)
    elif char == SPACE:
        tape.state("space", index)
        tape.fetch(cell, RESULT, WORD)
        tape.write(close_word, RESULT, WORD)
    else:
        tape.state("append", index)
        tape.fetch(cell, WORD)
        tape.write(append, WORD)


def last_index(*chars: str) -> int:
    return len(chars) - 1


def join(first: str, second: str) -> str:
    return second if first == EMPTY else first + second


def append(char: str, word: str) -> str:
    return join(word, char)


def close_word(space: str, result: str, word: str) -> tuple[str, str]:
    """The result with the word after it, and the next word, which begins with the space."""
    return join(result, word), space


def finish(_: str, result: str, word: str) -> str:
    return join(result, word)


def with_spaces(result: str) -> str:
    return result.replace(SPACE, " ")


CORE = {
    "sentence": Line(lambda: "", None, lambda *read: listed(">")(*read[:-1]), open=""),
    "append": Line(str, lambda char, word: f"{char} {word}=", str),
    "space": Line(str, lambda char, result, word: f"{char} {result}+{word}=", lambda result, word: f"{result} {word}"),
    "front": Line(str, lambda char, result, word: f"{char} {result}+{word}=", str),
}


def _quoted(text: str) -> str:
    """As it reads, in quotation marks."""
    return "the front" if text == FRONT else f'"{with_spaces(text.removeprefix(EMPTY))}"'


_CHAR_STYLED = Line(
    name=lambda index: f"character {index}",
    fetch=lambda char, word: f"{_quoted(char)}; behind {_quoted(word)} it ",
    write=lambda word: f"makes {_quoted(word)}.",
    open=" is ",
    next="\nNext, ",
    leave="\nNext, ",
)
_WORD_STYLED = _CHAR_STYLED._replace(
    fetch=lambda char, result, word: f"{_quoted(char)}; the word {_quoted(word)} behind {_quoted(result)} ",
)
STYLED = {
    "sentence": _CHAR_STYLED._replace(
        name=lambda: "In the sentence, character ",
        fetch=None,
        write=lambda *read: "; ".join([f"{index} is {_quoted(char)}" for index, char in read[:-1]]) + ".",
        open="",
        leave="\nFrom the end, ",
    ),
    "append": _CHAR_STYLED,
    "space": _WORD_STYLED._replace(
        write=lambda result, word: f"makes {_quoted(result)}, and the next word begins with {_quoted(word)}.",
    ),
    "front": _WORD_STYLED,
}
