"""Permutation Combination (backtracking): how many combinations of k elements a list has.

Length is the size of the list, of different letters; 1 <= k < n. The run lists them all: a node is
named by how many letters of the list are decided and by the prefix chosen so far. It fetches how
many letters are wanted and where the list ends. None wanted: the prefix is a combination, and is
counted. More wanted than are left: the branch is given up. Else the next letter is chosen first, and
then skipped. Where a branch ends, the line says where to go on: with the prefix before this one, and
one letter further than where it was when the last letter of this one was chosen.
A prefix is one operand: it has 7 letters at most, and a state for each letter of each would make a
trace half as long again.
"""

from math import comb
from random import Random
from typing import Any

from tailkit.records import BLANK, Cell, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import LETTERS
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.wording import listed

PARADIGM = "backtracking"
VERSION = 3
RANGES = {"S": (2, 4), "M": (5, 6), "L": (7, 8)}
NOUNS = ("lists of {}", "{} letter", "{} letters")
AGAIN = 0.3  # share of the k of 1 or n - 1, for which the answer is n, that are drawn again

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
    "An envelope needs a set of {k} of the stamps {letters}. How many such sets are there? " + _FORM,
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
    k = rng.randint(1, max(n - 1, 1))
    if k in (1, n - 1) and rng.random() < AGAIN:
        k = rng.randint(1, max(n - 1, 1))
    return {"letters": "".join(rng.sample(LETTERS, n)), "k": k}


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


def as_many_as_letters(data: dict[str, Any]) -> str:
    """Right where one letter is chosen, or all but one."""
    return str(len(data["letters"]))


equal = same_integer
HEURISTICS = {"as many as there are letters": as_many_as_letters}


def fill(data: dict[str, Any]) -> dict[str, Any]:
    return {"letters": ", ".join(data["letters"]), "k": data["k"]}


def unfill(words: dict[str, str]) -> dict[str, Any]:
    """The data that these words of a query stand for."""
    return {"letters": "".join(words["letters"].replace(",", " ").split()), "k": int(words["k"])}


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("list", "before")
    tape.given([("list", i) for i in range(1, len(data["letters"]) + 1)], data["letters"])
    tape.given([("place", i) for i in range(len(data["letters"]) + 1)], range(len(data["letters"]) + 1))
    tape.given([("prefix", BLANK), ("wanted", BLANK), COUNT], [BLANK, data["k"], 0])
    return "list"


END, COUNT = ("end",), ("count",)


def read_list(tape: Tape) -> None:
    tape.scan(("list", 1), into=END)
    tape.goto(root)


def root(_place: Place, _read: Values, _written: Values) -> Any:
    return "node", 0, BLANK


def node(tape: Tape, i: int, prefix: str) -> None:
    """All combinations that begin with the prefix and go on after the first i letters of the list."""
    wanted, place, end = tape.fetch(("wanted", prefix), ("place", i), END)
    if wanted and place + wanted > end and prefix != BLANK:
        fetch_way_back(tape, prefix)
    tape.write(decide, ("choice",))
    tape.put(place_of, ("place of", prefix))
    tape.goto(after_node)


def fetch_way_back(tape: Tape, prefix: str) -> None:
    """The prefix before this one, and the place at which it was made longer."""
    before = tape.fetch(("before", prefix))
    tape.fetch(("place of", before))


def decide(wanted: int, place: int, end: int, *_: Any) -> str:
    return "count" if not wanted else "back" if place + wanted > end else "choose"


def place_of(_wanted: int, place: int, *_: Any) -> int:
    return place


def after_node(place: Place, read: Values, written: Values) -> Any:
    i, prefix = place
    if written[0] == "count":
        return "count", prefix
    if written[0] == "choose":
        return "choose", i + 1, prefix
    return way_back(place, read, written) if prefix != BLANK else "total"


def way_back(_place: Place, read: Values, _written: Values) -> Any:
    """The letter after the prefix before this one was chosen; now it is skipped."""
    *_, before, place = read
    return "node", place + 1, before


def count(tape: Tape, prefix: str) -> None:
    tape.fetch(COUNT)
    fetch_way_back(tape, prefix)
    tape.write(one_more, COUNT)
    tape.goto(way_back)


def one_more(count: int, _before: str, _place: int) -> int:
    return count + 1


def choose(tape: Tape, i: int, prefix: str) -> None:
    """The prefix with letter i."""
    _, letter, _ = tape.fetch(("prefix", prefix), ("list", i), ("wanted", prefix))
    longer = extended(prefix, letter)
    tape.write(extend, ("prefix", longer), ("wanted", longer))
    tape.put(prefix_of, ("before", longer))
    tape.goto(with_letter)


def extended(prefix: str, letter: str) -> str:
    return letter if prefix == BLANK else prefix + letter


def extend(prefix: str, letter: str, wanted: int) -> tuple[str, int]:
    """The longer prefix, and one letter fewer wanted."""
    return extended(prefix, letter), wanted - 1


def prefix_of(prefix: str, _letter: str, _wanted: int) -> str:
    return prefix


def with_letter(place: Place, _read: Values, written: Values) -> Any:
    return "node", place[0], written[0]


def total(tape: Tape) -> None:
    tape.fetch(COUNT)
    tape.answer(counted)


def counted(_place: Place, read: Values, _written: Values) -> str:
    return str(read[0])


STATES = {"list": read_list, "node": node, "count": count, "choose": choose, "total": total}


def macros(steps: list[Step]) -> list[Macro]:
    """The nodes at which two letters are left, each with all that comes of it."""
    ((_, end),) = steps[0].stops
    starts = [number for number, step in enumerate(steps) if step.kind == "node" and step.at[0] <= end - 2]
    made = []
    for first, following in zip(starts, [*starts[1:], len(steps) - 1], strict=False):
        i, prefix = steps[first].at
        if i == end - 2:
            made.append(Macro(first, following, known_at(i, prefix), (COUNT,)))
    return made


def known_at(i: int, prefix: str) -> tuple[Cell, ...]:
    """What is known at a node: how many are wanted of the next two letters, these, the count, and the way back."""
    known: tuple[Cell, ...] = (("wanted", prefix), ("list", i + 1), ("list", i + 2), COUNT)
    if prefix == BLANK:
        return known
    return *known, ("before", prefix), ("place of", prefix[:-1] or BLANK)


def _node(wanted: int, place: int, end: int, *way_back: Any) -> str:
    return f"{wanted}+{place}/{end}{';{},{}'.format(*way_back) if way_back else ''}="


def _node_styled(wanted: int, place: int, end: int, *way_back: Any) -> str:
    after = "before that, prefix {} was at place {}; ".format(*way_back) if way_back else ""
    return f"{wanted} wanted after place {place}, the end is {end}: {after}"


CORE = {
    "list": Line(lambda: "list ", show=listed(), open=""),
    "node": Line(lambda i, prefix: f"{i},{prefix}", _node, str),
    "count": Line(
        lambda prefix: f"#{prefix}",
        lambda count, before, place: f"{count}+1;{before},{place}=",
        str,
    ),
    "choose": Line(
        name=lambda i, _: f"+{i}",
        fetch=lambda prefix, letter, wanted: f"{prefix}+{letter},{wanted}=",
        write=lambda longer, wanted: f"{longer},{wanted}",
    ),
    "total": Line(lambda: "total", str),
}
DECISIONS = {
    "count": "nothing is wanted, so count it.",
    "back": "too few are left, so go back.",
    "choose": "so choose the next one.",
}
STYLED = {
    "list": Line(
        lambda: "In the list, place ", show=lambda *items: listed(", ", " is ")(*items) + ".", open="", leave="\n"
    ),
    "node": Line(
        name=lambda i, prefix: f"At place {i} with prefix {prefix}",
        fetch=_node_styled,
        write=DECISIONS.__getitem__,
        open=", ",
        next="\n",
        leave="\n",
    ),
    "count": Line(
        name=lambda prefix: f"The combination {prefix}",
        fetch=lambda count, before, place: f"before it, prefix {before} was at place {place}; {count} and one more ",
        write=lambda count: f"make {count}.",
        open=": ",
        leave="\n",
    ),
    "choose": Line(
        name=lambda i, _: f"Choose place {i}",
        fetch=lambda prefix, letter, wanted: f"{prefix} and {letter}, of {wanted} wanted, ",
        write=lambda longer, wanted: f"make {longer}, and {wanted} are wanted.",
        open=": ",
        leave="\n",
    ),
    "total": Line(lambda: "In all,", lambda count: f"{count} are counted.", open=" "),
}
