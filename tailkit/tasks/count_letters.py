"""Count letters (enumeration): how often a letter occurs in a sentence, whatever its case.

Length is the words of the sentence, which has a capital, commas and a full stop.
The run: index the words; spell each word in lower case, with its punctuation, up to a blank; scan
it, blank included, one character a state: 1,2:0,t?h=0 is the count so far, the letter asked for,
the character, and the count after it. The blank after the last word ends the run.
A word is spelled as a whole, since words do not grow with the sentence.
Most letters asked for are drawn from the sentence, as of the alphabet's half would not occur in a
short one: letters that a word has twice, or the capital's. Of six such draws the one is taken for
which fewest heuristics give the count: of the words with the letter, or of the small letters alone.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Place, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import LETTERS, hardest, right, sentence, sentence_count
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.macros import kinds
from tailkit.tasks.shelf.wording import listed

PARADIGM = "enumeration"
VERSION = 3
RANGES = {"S": (2, 6), "M": (7, 10), "L": (11, 20)}
NOUNS = ("sentences of {}", "{} word", "{} words")
LETTERS_FROM = 1, 3, 6  # how often the letter is any_letter, one that stands twice_in_a_word, the capital
DRAWS = 6

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
    """Any letter at times, mostly one for which heuristics seldom give the count."""
    words = rng.randint(low, high)
    (pick,) = rng.choices((any_letter, twice_in_a_word, capital), weights=LETTERS_FROM)
    draws = 1 if pick is any_letter else DRAWS
    return hardest(lambda: draw(rng, words, pick), lambda data: right(HEURISTICS, data, oracle(data)), draws)


def draw(rng: Random, words: int, pick: Callable[[str], str]) -> dict[str, Any]:
    text = sentence(rng, words)
    return {"letter": rng.choice(pick(text)).lower(), "sentence": text}


def any_letter(_text: str) -> str:
    return LETTERS


def capital(text: str) -> str:
    return text[0]


def twice_in_a_word(text: str) -> str:
    """The letters that a word has more than once; all letters of the sentence if there are none."""
    words = text.lower().split()
    letters = [char for char in LETTERS if any(word.count(char) > 1 for word in words)]
    return "".join(letters or filter(str.isalpha, text))


def words_with_it(data: dict[str, Any]) -> str:
    return str(sum(data["letter"] in word for word in data["sentence"].lower().split()))


def small_ones(data: dict[str, Any]) -> str:
    return str(data["sentence"].count(data["letter"]))


HEURISTICS = {"words with the letter": words_with_it, "small letters alone": small_ones}


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


def start(tape: Tape, data: dict[str, Any]) -> str:
    words = data["sentence"].split()
    tape.blank("word")
    tape.given([("word", number) for number in range(1, len(words) + 1)], words)
    tape.given([COUNT, LETTER], [0, data["letter"]])
    return "sentence"


COUNT, LETTER = ("count",), ("letter",)


def show_sentence(tape: Tape) -> None:
    tape.scan(("word", 1))
    tape.goto(first_word)


def first_word(*_: Any) -> Any:
    return "word", 1


def word(tape: Tape, number: int) -> None:
    """Spell a word; after the last one comes the blank, and the count is the answer."""
    spelt = tape.fetch(("word", number))
    if spelt == BLANK:
        tape.fetch(COUNT)
        tape.answer(last_read)
    else:
        tape.write(spell, *[("char", number, place) for place in range(1, len(spelt) + 2)])
        tape.goto(first_char)


def spell(word: str) -> tuple[str, ...]:
    return *word.lower(), BLANK


def first_char(place: tuple[int], _read: Values, _written: Values) -> Any:
    return "char", place[0], 1


def last_read(_place: Place, read: Values, _written: Values) -> str:
    return str(read[-1])


def char(tape: Tape, number: int, place: int) -> None:
    tape.fetch(COUNT, LETTER, ("char", number, place))
    tape.write(count_in, COUNT)
    tape.goto(next_char)


def count_in(so_far: int, letter: str, char: str) -> int:
    return so_far + (char == letter)


def next_char(place: tuple[int, int], read: Values, _written: Values) -> Any:
    """The next character of the word; after the blank the next word."""
    number, at = place
    return ("word", number + 1) if read[-1] == BLANK else ("char", number, at + 1)


STATES = {"sentence": show_sentence, "word": word, "char": char}
macros = kinds("char")


def _spelled(*chars: str) -> str:
    return listed(">")(*enumerate(chars, start=1))


CORE = {
    "sentence": Line(lambda: "", show=listed(">", " "), open=""),
    "word": Line(
        name=str,
        fetch=lambda word, *count: f"{word},{count[0]}" if count else f"{word}=",
        write=_spelled,
        open=" ",
    ),
    "char": Line(
        name=lambda number, place: f"{number},{place}",
        fetch=lambda so_far, letter, char: f"{so_far},{letter}?{char}=",
        write=str,
    ),
}


def _quoted(text: str) -> str:
    return "the end" if text == BLANK else f'"{text}"'


_STYLED = Line(
    name=lambda number: f"word {number}",
    fetch=lambda word, *count: f"{_quoted(word)}: the count is {count[0]}." if count else f"{_quoted(word)}, spelled ",
    write=lambda *chars: (
        "; ".join([f"{place} {_quoted(char)}" for place, char in enumerate(chars, start=1)]) + "." if chars else ""
    ),
    open=" is ",
    next="\nNext, ",
    leave="\nNext, ",
)
STYLED = {
    "sentence": _STYLED._replace(
        name=lambda: "In the sentence, word ",
        fetch=None,
        write=None,
        show=lambda *words: "; ".join([f"{number} is {_quoted(word)}" for number, word in words]) + ".",
        open="",
    ),
    "word": _STYLED,
    "char": _STYLED._replace(
        name=lambda number, place: f"character {place} of word {number}",
        fetch=lambda so_far, letter, char: f"{_quoted(char)}; with {so_far} so far and {letter} asked for, ",
        write=lambda so_far: f"the count is {so_far}.",
    ),
}
