"""Count letters (enumeration): how often a letter stands in a sentence, capital or not.

Length is the number of words. The run: word by word; a word is read whole, then scanned
character by character, punctuation too, up to the blank behind it. Each state compares one
character with the letter and carries the count on.
"""

from random import Random
from typing import Any

from tailkit.answers import same_integer
from tailkit.draw import LETTERS, sentence, sentence_count
from tailkit.records import BLANK, Line
from tailkit.tape import Tape

PARADIGM = "enumeration"
VERSION = 1
RANGES = {"S": (2, 6), "M": (7, 10), "L": (11, 20)}
FROM_SENTENCE = 0.8  # share of the problems whose letter is drawn from the sentence itself

QUERIES = [
    'How many times does the letter "{letter}" occur in "{sentence}"? Capitals count too.',
    "Count the letter {letter} (upper or lower case) in: {sentence}",
    'Give the number of {letter}\'s in the sentence "{sentence}", ignoring case.',
    'letter: {letter}; text: "{sentence}"; case-insensitive count?',
    'In the text "{sentence}", how often is the letter "{letter}" written, as a capital or small letter?',
    'Let s = "{sentence}". Determine the number of positions i where s[i] is {letter}, regardless of case.',
    '"{sentence}".lower().count("{letter}") = ?',
    'Go through "{sentence}" character by character and count every "{letter}", capital or not.',
    'A sign painter is paid for each letter {letter} (large or small) on the sign "{sentence}" How many are paid?',
    'A child colours every {letter}, big or small, in "{sentence}" How many letters does it colour?',
    'A typewriter has a broken {letter} key. How many characters of "{sentence}" are missing? (Capitals use it too.)',
    'Please tell me how many letters {letter} (in either case) the sentence "{sentence}" contains.',
    'Find the frequency of the letter "{letter}", case ignored, in "{sentence}"',
    'Show step by step how many times {letter} appears in "{sentence}" when case does not matter.',
    'Tiles spell the sentence "{sentence}" How many of them carry the letter {letter}, whatever the case?',
    'What is the count of "{letter}" in the following sentence, not caring about capitals? {sentence}',
    'Read "{sentence}" aloud letter by letter. How often do you say {letter}? (Small and capital are the same.)',
    'For the letter {letter} and the sentence "{sentence}", state how often the first occurs in the second, upper and '
    "lower case taken together.",
    'How many {letter}s, counting {letter} and its capital alike, are there in "{sentence}"',
    'Printing "{sentence}" in lead type needs how many types of the letter {letter}, small and capital together?',
    'Ignoring case, count occurrences of "{letter}": {sentence}',
    'A cryptographer tallies the letter {letter} in "{sentence}", capitals and small letters alike. The tally?',
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    text = sentence(rng, rng.randint(low, high))
    letters = [char for char in text.lower() if char in LETTERS]
    return {"sentence": text, "letter": rng.choice(letters if rng.random() < FROM_SENTENCE else LETTERS)}


def length(data: dict[str, Any]) -> int:
    return len(data["sentence"].split(" "))


def key(data: dict[str, Any]) -> str:
    return f"{data['letter']} in {data['sentence']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: sentences times letters."""
    return len(LETTERS) * sum(sentence_count(count) for count in range(low, high + 1))


def oracle(data: dict[str, Any]) -> str:
    return str(data["sentence"].lower().count(data["letter"]))


equal = same_integer


def program(tape: Tape, data: dict[str, Any]) -> None:
    words = data["sentence"].split(" ")
    tape.blank("sentence")
    tape.given([LETTER, COUNT], [data["letter"], 0])
    for number, word in enumerate(words, start=1):
        tape.given([("sentence", number)], [word])
        tape.given([("sentence", number, place) for place in range(1, len(word) + 1)], word)
    for number in range(1, len(words) + 2):
        tape.state("word", number)
        tape.fetch(("sentence", number))
        if tape.write(str, ("word",)) != BLANK:
            with tape.macro("word"):
                scan(tape, number)
    tape.answer(str, COUNT)


LETTER, COUNT = ("letter",), ("count",)


def scan(tape: Tape, number: int) -> None:
    """Count within a word, up to the blank behind it."""
    char, place = "", 0
    while char != BLANK:
        place += 1
        tape.state("character", number, place)
        char, _, _ = tape.fetch(("sentence", number, place), LETTER, COUNT)
        tape.write(count_on, COUNT)


def count_on(char: str, letter: str, count: int) -> int:
    return count + (char.lower() == letter)


CORE = {
    "word": Line(str, fetch=None, write=str),
    "character": Line(
        name=lambda number, place: f"{number},{place}",
        fetch=lambda char, letter, count: f"{char}?{letter},{count}=",
        write=str,
    ),
}
STYLED = {
    "word": Line(lambda number: f"Word {number}", fetch=None, write=lambda word: f"{word}", open=" is ", leave="\n"),
    "character": Line(
        name=lambda number, place: f"In word {number}, character {place}",
        fetch=lambda char, letter, count: f"{char}, to be compared with {letter}; the count was {count}, ",
        write=lambda count: f"now it is {count}.",
        open=" is ",
        next="\n",
        leave="\n",
    ),
}
