"""Permutation Combination (backtracking): how many combinations of k elements a list has.

Length is the size of the list, of different letters; 1 <= k < n. The run lists them all: a node is
named by how many letters of the list are decided and by the prefix chosen so far. It fetches how
many letters are wanted and where the list ends. None wanted: the prefix is a combination, and is
counted. More wanted than are left: the branch is given up. Else the next letter is chosen first, and
then skipped. Where a branch ends, the line says where to go on: with the prefix before this one, and
one letter further than where it was when the last letter of this one was chosen.
A prefix is one operand, of 7 letters at most. Granularity is a setting: with letterwise = 1 the letters
chosen stand in cells 1, 2, … A node is named by how many are chosen in place of the prefix, a branch goes
back to where the last one was chosen, a combination is read out letter by letter, and no state hides a
loop.
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
VERSION = 4
RANGES = {"S": (2, 4), "M": (5, 6), "L": (7, 8)}
NOUNS = ("lists of {}", "{} letter", "{} letters")
SETTINGS = {"letterwise": 0}
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
    tape.blank("list", "before", "chosen")
    tape.given([("list", i) for i in range(1, len(data["letters"]) + 1)], data["letters"])
    tape.given([("place", i) for i in range(len(data["letters"]) + 1)], range(len(data["letters"]) + 1))
    if data["letterwise"]:
        tape.given([("wanted", 0), COUNT], [data["k"], 0])
        return "letters"
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


def read_letters(tape: Tape) -> None:
    tape.scan(("list", 1), into=END)
    tape.goto(first_look)


def first_look(_place: Place, _read: Values, _written: Values) -> Any:
    return "look", 0, 0


def look(tape: Tape, i: int, chosen: int) -> None:
    """The same as a node, with so many letters chosen from the first i."""
    wanted, place, end = tape.fetch(("wanted", chosen), ("place", i), END)
    if wanted and place + wanted > end and chosen:
        tape.fetch(("at", chosen))
    tape.write(decide, ("choice",))
    tape.goto(after_look)


def after_look(place: Place, read: Values, written: Values) -> Any:
    i, chosen = place
    if written[0] == "count":
        return "tally", chosen
    if written[0] == "choose":
        return "take", i + 1, chosen
    return ("look", read[-1], chosen - 1) if chosen else "total"


def take(tape: Tape, i: int, chosen: int) -> None:
    """Letter i comes after those chosen."""
    tape.fetch(("list", i), ("wanted", chosen), ("place", i))
    tape.write(one_fewer, ("wanted", chosen + 1))
    tape.put(letter_and_place, ("chosen", chosen + 1), ("at", chosen + 1))
    tape.goto(with_one_more)


def one_fewer(_letter: str, wanted: int, _place: int) -> int:
    return wanted - 1


def letter_and_place(letter: str, _wanted: int, place: int) -> tuple[str, int]:
    return letter, place


def with_one_more(place: Place, _read: Values, _written: Values) -> Any:
    i, chosen = place
    return "look", i, chosen + 1


def tally(tape: Tape, chosen: int) -> None:
    """A combination: read it out and count it; then its last letter is skipped."""
    tape.scan(("chosen", 1))
    tape.fetch(COUNT, ("at", chosen))
    tape.write(another, COUNT)
    tape.goto(skip_last)


def another(*read: Any) -> int:
    return read[-2] + 1


def skip_last(place: Place, read: Values, _written: Values) -> Any:
    return "look", read[-1], place[0] - 1


STATES = {
    "list": read_list,
    "node": node,
    "count": count,
    "choose": choose,
    "total": total,
    "letters": read_letters,
    "look": look,
    "take": take,
    "tally": tally,
}


def macros(steps: list[Step]) -> list[Macro]:
    """The nodes at which two letters are left, each with all that comes of it."""
    ((_, end),) = steps[0].stops
    starts = [number for number, step in enumerate(steps) if step.kind in ("node", "look") and step.at[0] <= end - 2]
    made = []
    for first, following in zip(starts, [*starts[1:], len(steps) - 1], strict=False):
        if steps[first].at[0] == end - 2:
            made.append(Macro(first, following, known_at(*steps[first].at), (COUNT,)))
    return made


def known_at(i: int, prefix: str | int) -> tuple[Cell, ...]:
    """What is known at a node: how many are wanted of the next two letters, these, the count, and the way back."""
    known: tuple[Cell, ...] = (("wanted", prefix), ("list", i + 1), ("list", i + 2), COUNT)
    if prefix in (BLANK, 0):
        return known
    if isinstance(prefix, int):
        return *known, ("at", prefix)
    return *known, ("before", prefix), ("place of", prefix[:-1] or BLANK)


def _node(wanted: int, place: int, end: int, *way_back: Any) -> str:
    return f"{wanted}+{place}/{end}{';{},{}'.format(*way_back) if way_back else ''}="


def _node_styled(wanted: int, place: int, end: int, *way_back: Any) -> str:
    after = "before that, prefix {} was at place {}; ".format(*way_back) if way_back else ""
    return f"{wanted} wanted after place {place}, the end is {end}: {after}"


def _look(wanted: int, place: int, end: int, *at: int) -> str:
    return f"{wanted}+{place}/{end}{';{}'.format(*at) if at else ''}="


def _look_styled(wanted: int, place: int, end: int, *at: int) -> str:
    last = "the last one was chosen at place {}; ".format(*at) if at else ""
    return f"{wanted} wanted after place {place}, the end is {end}: {last}"


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
    "letters": Line(lambda: "list ", show=listed(), open=""),
    "look": Line("{},{}".format, _look, str),
    "take": Line(
        name="+{},{}".format,
        fetch=lambda letter, wanted, _: f"{letter},{wanted}=",
        write=str,
        put=lambda letter, _: f",{letter}",
    ),
    "tally": Line("#{}".format, lambda count, place: f";{count}+1;{place}=", str, show=listed()),
}
DECISIONS = {
    "count": "nothing is wanted, so count it.",
    "back": "too few are left, so go back.",
    "choose": "so choose the next one.",
}
_LIST_STYLED = Line(
    lambda: "In the list, place ", show=lambda *items: listed(", ", " is ")(*items) + ".", open="", leave="\n"
)
STYLED = {
    "list": _LIST_STYLED,
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
    "letters": _LIST_STYLED,
    "look": Line(
        name="At place {} with {} chosen".format,
        fetch=_look_styled,
        write=DECISIONS.__getitem__,
        open=", ",
        next="\n",
        leave="\n",
    ),
    "take": Line(
        name="Choose place {} after {} chosen".format,
        fetch=lambda letter, wanted, _: f"{letter}, of {wanted} wanted, ",
        write=lambda wanted: f"so {wanted} are wanted",
        put=lambda letter, _: f" after {letter}.",
        open=": ",
        leave="\n",
    ),
    "tally": Line(
        name="The combination of {} letters".format,
        show=lambda *items: listed(", ", " is ")(*items) + "; ",
        fetch=lambda count, place: f"the last one was chosen at place {place}; {count} and one more ",
        write=lambda count: f"make {count}.",
        open=": place ",
        leave="\n",
    ),
}
