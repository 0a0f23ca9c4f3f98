"""Count letters (enumeration): how often a letter occurs in a sentence, whatever its case.

Length is the words of the sentence, which has a capital, commas and a full stop.
The run: index the words; spell each word in lower case, with its punctuation, up to a blank; scan
it, blank included, one character a state: 1,2:0,t?h=0 is the count so far, the letter asked for,
the character, and the count after it. The blank after the last word ends the run.
Most letters asked for are drawn from the sentence: of letters drawn from the alphabet, half would
not occur in a short one.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import LETTERS, sentence, sentence_count
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.wording import listed, nothing

PARADIGM = "enumeration"
VERSION = 1
RANGES = {"S": (2, 6), "M": (7, 10), "L": (11, 20)}
NOUNS = ("sentences of {}", "{} word", "{} words")
ANY_LETTER = 0.3  # how often the letter is drawn from the alphabet, not from the sentence

QUERIES = [
    "How often does the letter {letter} occur in “{sentence}”? Upper and lower case count alike.",
    "Count the letter {letter}, in upper or lower case, in this sentence: {sentence}",
    "number of {letter} (case ignored) in: {sentence}",
    "What is the number of times that {letter} appears in “{sentence}”, capital or small?",
    "Let s = “{sentence}”. Determine how many characters of s are the letter {letter}, ignoring case.",
    "What does '{sentence}'.lower().count('{letter}') give in Python?",
    "Go through “{sentence}” letter by letter. How many times do you meet {letter}, capitals included?",
    "Show me step by step how many letters {letter}, capital or small, the following sentence holds: {sentence}",
    "Find the frequency of the letter {letter} (case-insensitive) in the text “{sentence}”",
    "A printer sets “{sentence}” in lead type. How many pieces for {letter}, capital or small, does the printer need?",
    "A child underlines each {letter}, whether capital or small, in “{sentence}”. How many letters are underlined?",
    "On a typewriter one key writes both small and capital {letter}. How often is it struck for “{sentence}”?",
    "In a board game each {letter}, capital or small, is worth one point. How many points is this sentence worth: "
    "{sentence}",
    "A code breaker counts how frequent {letter} is in the message “{sentence}”, case ignored. What is the count?",
    "A sign painter charges by the letter. How many times must {letter}, as a capital or small, be painted for "
    "“{sentence}”?",
    "Please tell me the total number of {letter} in “{sentence}” when capitals and small letters are not told apart.",
    "Exercise: for the sentence “{sentence}” and the letter {letter}, state the number of occurrences, ignoring case.",
    "Given the sentence “{sentence}”, return the case-insensitive count of {letter}; 0 if it does not occur.",
    "Read this sentence word by word and count each {letter}, be it capital or small: {sentence}",
    "How many of the characters in “{sentence}” are {letter} once everything is in lower case?",
    "The {letter} key of a keyboard is broken and neither its small nor its capital letter appears. How many "
    "letters are missing when “{sentence}” is typed?",
    "I would like to know how many times the letter {letter} is in “{sentence}”, upper case and lower case together.",
    "Occurrences of {letter} in “{sentence}”, capital and small letters taken together:",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    text = sentence(rng, rng.randint(low, high))
    letters = LETTERS if rng.random() < ANY_LETTER else [char for char in text.lower() if char.isalpha()]
    return {"letter": rng.choice(letters), "sentence": text}


def length(data: dict[str, Any]) -> int:
    return len(data["sentence"].split())


def key(data: dict[str, Any]) -> str:
    return f"{data['letter']}: {data['sentence']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: sentences times letters."""
    return sum(map(sentence_count, range(low, high + 1))) * len(LETTERS)


def oracle(data: dict[str, Any]) -> str:
    return str(data["sentence"].lower().count(data["letter"]))


equal = same_integer


def program(tape: Tape, data: dict[str, Any]) -> None:
    words = data["sentence"].split()
    tape.blank("word")
    cells = [("word", number) for number in range(1, len(words) + 2)]
    tape.given(cells[:-1], words)
    tape.given([COUNT, LETTER], [0, data["letter"]])
    tape.state("sentence")
    tape.show(*cells)
    number = 1
    while (word := tape.value(("word", number))) != BLANK:
        scan(tape, number, len(word))
        number += 1
    tape.state("end", number)
    tape.fetch(("word", number))
    tape.answer(str, COUNT)


COUNT, LETTER = ("count",), ("letter",)


def scan(tape: Tape, number: int, size: int) -> None:
    """Spell a word, then count in its characters, the blank after them included."""
    chars = [("char", number, place) for place in range(1, size + 2)]
    tape.state("word", number)
    tape.fetch(("word", number))
    tape.write(spell, *chars)
    with tape.macro("word"):
        for char in chars:
            tape.state("char", *char[1:])
            tape.fetch(COUNT, LETTER, char)
            tape.write(count_in, COUNT)


def spell(word: str) -> tuple[str, ...]:
    return *word.lower(), BLANK


def count_in(so_far: int, letter: str, char: str) -> int:
    return so_far + (char == letter)


def _spelled(*chars: str) -> str:
    return listed(">")(*enumerate(chars, start=1))


CORE = {
    "sentence": Line(lambda: "", None, listed(">", " "), open=""),
    "word": Line(str, "{}=".format, _spelled, open=" "),
    "char": Line(
        name=lambda number, place: f"{number},{place}",
        fetch=lambda so_far, letter, char: f"{so_far},{letter}?{char}=",
        write=str,
    ),
    "end": Line(str, " {}".format, nothing, open=""),
}


def _char_in_words(char: str) -> str:
    return "the end" if char == BLANK else f'"{char}"'


_STYLED = Line(
    name=lambda number: f"word {number}",
    fetch=lambda word: f'"{word}", spelled ',
    write=lambda *chars: listed(", ", " ")(*enumerate(chars[:-1], start=1)) + f" and the end {len(chars)}.",
    open=" is ",
    next="\nNext, ",
    leave="\nNext, ",
)
STYLED = {
    "sentence": _STYLED._replace(
        name=lambda: "In the sentence, word ",
        fetch=None,
        write=lambda *words: "; ".join([f'{number} is "{word}"' for number, word in words[:-1]]) + "; no more follow.",
        open="",
    ),
    "word": _STYLED,
    "char": _STYLED._replace(
        name=lambda number, place: f"character {place} of word {number}",
        fetch=lambda so_far, letter, char: f"{_char_in_words(char)}; with {so_far} so far and {letter} asked for, ",
        write=lambda so_far: f"the count is {so_far}.",
    ),
    "end": _STYLED._replace(fetch=lambda _: "not there: ", write=lambda: "all words are done."),
}
