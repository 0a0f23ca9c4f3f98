"""Two strings, x1 and x2, and a table with a row for every beginning of x1 and a column for every one of x2.

In: a problem's data, or a tape. Out: what such tasks have in common: sizes, keys, how the strings are
laid out and worded, and how a program goes through the table, row by row.
"""

from random import Random
from typing import Any

from tailkit.records import BLANK, Line, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.wording import listed


def lengths(rng: Random, low: int, high: int) -> list[int]:
    """The lengths of both strings: that of the longer one is drawn first, so that each is as frequent."""
    longer = rng.randint(low, high)
    sizes = [longer, rng.randint(low, longer)]
    rng.shuffle(sizes)
    return sizes


def length(data: dict[str, Any]) -> int:
    """That of the longer string."""
    return max(len(data["x1"]), len(data["x2"]))


def key(data: dict[str, Any]) -> str:
    """The unordered pair: what is asked for is the same both ways."""
    return "/".join(sorted((data["x1"], data["x2"])))


def count(letters: int, low: int, high: int) -> int:
    """How many unordered pairs of strings there are."""
    strings = sum(letters**size for size in range(low, high + 1))
    return strings * (strings + 1) // 2


def give(tape: Tape, data: dict[str, Any]) -> None:
    """Both strings, in places from 1 on, with blanks around them."""
    tape.blank("x1", "x2")
    for x in ("x1", "x2"):
        tape.given([(x, place) for place in range(1, len(data[x]) + 1)], data[x])


def x1(tape: Tape) -> None:
    tape.scan(("x1", 1))
    tape.goto("x2")


def x2(tape: Tape) -> None:
    """The second string; where it ends the table does, too."""
    tape.scan(("x2", 1), into=("x2", "end"))
    tape.goto(row_0)


def row_0(*_: Any) -> Any:
    """Where a table begins, beside its corner."""
    return "top", 0, 1


def to_the_right(place: tuple[int, int], read: Values, _written: Values) -> Any:
    """The next cell of the row, or the first of the next row after the blank."""
    i, j = place
    if BLANK in read[:2]:
        return "left", i + 1, 0
    return "cell" if i else "top", i, j + 1


STATES = {"x1": x1, "x2": x2}
LIST = Line(lambda: "", show=listed(">"), open="")
LIST_STYLED = LIST._replace(show=lambda *items: listed(", ", " is ")(*items) + ".", leave="\n")
CORE = {x: LIST._replace(name=f"{x} ".format) for x in ("x1", "x2")}
STYLED = {
    "x1": LIST_STYLED._replace(name=lambda: "In the first string, character "),
    "x2": LIST_STYLED._replace(name=lambda: "In the second string, character "),
}
