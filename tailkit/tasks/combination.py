"""Permutation Combination (backtracking): how many combinations of k elements a list has.

Length is the size of the list, of different letters; 1 <= k < n. The run lists them all: a node
is named by its place in the list and the prefix chosen so far. It fetches how many letters are
wanted, its place and the end of the list. None wanted: the prefix is a combination, and is counted.
Place plus wanted beyond the end: too few are left, and the branch is given up. Else the letter is
chosen first, and then skipped. All that is fetched stands in the trace: nobody counts what is left.
The one thing to look up is the way back: after a finished branch comes the place after that of the
prefix's last letter, which the state that chose it names.
"""

from math import comb
from random import Random
from typing import Any

from tailkit.records import BLANK, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import LETTERS
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.wording import listed

PARADIGM = "backtracking"
VERSION = 1
RANGES = {"S": (2, 4), "M": (5, 6), "L": (7, 8)}
NOUNS = ("lists of {}", "{} letter", "{} letters")

_FORM = "Order does not matter; list them step by step and give their number."
QUERIES = [
    "How many combinations of {k} elements does [{letters}] have? " + _FORM,
    "Choose {k} of the letters {letters}: in how many ways? " + _FORM,
    "How many subsets with exactly {k} elements does the set {{{letters}}} have? " + _FORM,
    "combinations([{letters}], {k}): how many are there? " + _FORM,
    "Find the number of ways to pick {k} of {letters}. " + _FORM,
    "Let A be the set of {letters}. Determine how many subsets of A have {k} elements. " + _FORM,
    "Use backtracking to count the {k}-element combinations of {letters}. " + _FORM,
    "From the players {letters} a team of {k} is chosen. How many teams are possible? " + _FORM,
    "A box holds one ball of each kind {letters}. In how many ways can {k} balls be drawn together? " + _FORM,
    "A menu lists {letters}. How many different choices of {k} of these are there? " + _FORM,
    "Compute the number of {k}-combinations, without repetition, of the list {letters}. " + _FORM,
    "Please enumerate all selections of {k} of the elements {letters} and count them. " + _FORM,
    "Out of the stamps {letters}, {k} go on a letter. How many selections are there? " + _FORM,
    "{k} of the guests {letters} win the same prize. How many outcomes are there? " + _FORM,
    "Show how backtracking finds all groups of {k} of {letters}. How many are there? " + _FORM,
    "How many ways are there to select {k} different letters from {letters}? " + _FORM,
    "Given the list [{letters}] and k = {k}, return how many combinations of size k it has. " + _FORM,
    "A florist has the flowers {letters}, one of each. How many bunches of {k} can be bound? " + _FORM,
    "Evaluate by listing: the count of {k}-element subsets of {letters}. " + _FORM,
    "A student answers {k} of the questions {letters}. How many choices of questions are there? " + _FORM,
    "Explain how to count the unordered selections of size {k} from {letters}. " + _FORM,
    "The keys {letters} hang on a board, and {k} are taken at once. In how many ways? " + _FORM,
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Different letters in any order, and how many to choose."""
    n = rng.randint(low, high)
    return {"letters": "".join(rng.sample(LETTERS, n)), "k": rng.randint(1, max(n - 1, 1))}


def length(data: dict[str, Any]) -> int:
    return len(data["letters"])


def key(data: dict[str, Any]) -> str:
    """The set of letters, and k."""
    return f"{data['k']} of {''.join(sorted(data['letters']))}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: sets of letters times values of k."""
    return sum(comb(len(LETTERS), n) * max(n - 1, 1) for n in range(low, high + 1))


def oracle(data: dict[str, Any]) -> str:
    return str(comb(len(data["letters"]), data["k"]))


equal = same_integer


def fill(data: dict[str, Any]) -> dict[str, Any]:
    return {"letters": ", ".join(data["letters"]), "k": data["k"]}


def unfill(words: dict[str, str]) -> dict[str, Any]:
    """The data that these words of a query stand for."""
    return {"letters": "".join(words["letters"].replace(",", " ").split()), "k": int(words["k"])}


def program(tape: Tape, data: dict[str, Any]) -> None:
    n = len(data["letters"])
    tape.blank("list", "prefix")
    tape.given([("list", i) for i in range(n)], data["letters"])
    tape.given([("place", i) for i in range(n + 1)], range(n + 1))
    tape.given([END, ("wanted", 0), COUNT], [n, data["k"], 0])
    tape.state("list")
    tape.show(*[("list", i) for i in range(n + 1)])
    search(tape, 0, 0, n)
    tape.answer(str, COUNT)


END, COUNT = ("end",), ("count",)


def search(tape: Tape, i: int, size: int, n: int) -> None:
    """All combinations that begin with the prefix of that size and go on in the list at i."""
    if n - i == 2:
        with tape.macro("last two letters"):
            visit(tape, i, size, n)
    else:
        visit(tape, i, size, n)


def visit(tape: Tape, i: int, size: int, n: int) -> None:
    """One node: count the prefix, give it up, or choose the letter at i and then skip it."""
    prefix, wanted = ("prefix", size), ("wanted", size)
    tape.state("node", i, tape.value(prefix))
    tape.fetch(wanted, ("place", i), END)
    choice = tape.write(decide, ("choice",))
    if choice == "count":
        tape.state("count", tape.value(prefix))
        tape.fetch(COUNT)
        tape.write(one_more, COUNT)
    elif choice == "choose":
        tape.state("choose", i)
        tape.fetch(prefix, ("list", i), wanted)
        tape.write(extend, ("prefix", size + 1), ("wanted", size + 1))
        search(tape, i + 1, size + 1, n)
        search(tape, i + 1, size, n)


def decide(wanted: int, place: int, end: int) -> str:
    return "count" if not wanted else "back" if place + wanted > end else "choose"


def one_more(count: int) -> int:
    return count + 1


def extend(prefix: str, letter: str, wanted: int) -> tuple[str, int]:
    """The longer prefix, and one letter fewer wanted."""
    return (letter if prefix == BLANK else prefix + letter), wanted - 1


CORE = {
    "list": Line(lambda: "list ", fetch=None, write=listed(), open=""),
    "node": Line("{},{}".format, "{}+{}/{}=".format, str),
    "count": Line("#{}".format, "{}+1=".format, str),
    "choose": Line("+{}".format, "{}+{},{}=".format, "{},{}".format),
}
DECISIONS = {
    "count": "nothing is wanted, so count it.",
    "back": "too few are left, so go back.",
    "choose": "so choose the next one.",
}
STYLED = {
    "list": Line(
        lambda: "In the list, place ", None, lambda *items: listed(", ", " is ")(*items) + ".", open="", leave="\n"
    ),
    "node": Line(
        name="At place {} with prefix {}".format,
        fetch="{} wanted from place {} on, the end is {}: ".format,
        write=DECISIONS.__getitem__,
        open=", ",
        next="\n",
        leave="\n",
    ),
    "count": Line("The combination {}".format, "{} and one more ".format, "make {}.".format, open=": ", leave="\n"),
    "choose": Line(
        name="Choose place {}".format,
        fetch="{} and {}, of {} wanted, ".format,
        write="make {}, and {} are wanted.".format,
        open=": ",
        leave="\n",
    ),
}
