"""Reads a problem out of a question in a user's own words, so that its answer can be checked.

In: a task and a question. Out: the problem that it asks, or None if it is in none of the task's wordings.
A wording becomes a regular expression; what that reads is put into words again, and has to give what the
question says.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from string import Formatter
from typing import Any, NamedTuple

from tailkit.records import Bounds, Problem
from tailkit.tasks import Task
from tailkit.tasks.contract.task import LONGER

SAMPLES = 20
"""Problems of each range, which show what characters values have, and how large numbers are."""
LARGER = 10
"""Numbers of at most so many times the largest of the samples are tried out."""

_TOKEN = r"\w+|[^\w\s]"
_QUOTES = "\"“”„'’‘"
_CLOSING = f")]}}{_QUOTES}"
_PAUSES = ".,;:?!"
_LAST_MARKS = "?!.:="


def problem_in(task: Task, question: str, ranges: Iterable[Bounds] = ()) -> Problem | None:
    """The problem that a question asks; its `query` is the wording that was recognised.

    Capitals, the space between words and marks, the marks at the end, and whether the instructions that
    follow the last value are there at all, may differ from the wording. `ranges` are lengths that occur
    beside the task's own.
    """
    known, read = _Known.of(task, [*task.ranges.values(), *ranges]), None
    for template in task.queries if len(question) <= LONGER * known.longest else ():
        match = re.fullmatch(_pattern(template, known), question, flags=re.DOTALL | re.IGNORECASE)
        problem = match and _problem(task, template, match.groupdict(), known)
        if problem and problem.query == question:
            return problem
        read = read or problem
    return read


@dataclass(frozen=True)
class _Known:
    """What samples of a task show.

    `top`: the longest length; `largest`: the largest number in each part of the data; `distinct`: the parts
    that hold nothing twice; `longest`: characters of a query; `chars`: the characters that each value of a
    query may have; `free`: the values that are any text.
    """

    example: dict[str, Any]
    top: int
    largest: dict[str, int]
    distinct: set[str]
    longest: int
    chars: dict[str, str]
    free: set[str]

    @classmethod
    def of(cls, task: Task, ranges: list[Bounds]) -> "_Known":
        rng = Random(0)
        samples = [task.sample(rng, *bounds) for bounds in ranges for _ in range(SAMPLES)]
        words = [task.words(data) for data in samples]
        seen = {name: set("".join(str(shown[name]) for shown in words)) for name in words[0]}
        free = {name for name in seen if " " in seen[name] and type(samples[0].get(name)) is str}
        free = {name for name in free if words[0][name] == samples[0][name]}
        return cls(
            example=samples[0],
            top=max(high for _, high in ranges),
            largest={name: max(_largest(data[name]) for data in samples) for name in samples[0]},
            distinct={name for name in samples[0] if all(_is_distinct(data[name]) for data in samples)},
            longest=max(len(template.format(**shown)) for template in task.queries for shown in words),
            chars={name: '^"“”„' if name in free else _class_of(chars) for name, chars in seen.items()},
            free=free,
        )


def _class_of(chars: set[str]) -> str:
    """The inside of a character class with these characters, and all digits, letters and spaces that are like them."""
    kinds = [kind for kind in ("0-9", "a-z", "A-Z", r"\s") if any(re.match(f"[{kind}]", char) for char in chars)]
    return "".join([*kinds, *sorted(re.escape(char) for char in chars if not re.match(r"[0-9a-zA-Z\s]", char))])


def _largest(value: object) -> int:
    """The largest number in a value, by size; 0 if there is none."""
    if isinstance(value, list | tuple):
        return max(map(_largest, value), default=0)
    return abs(value) if isinstance(value, int) else 0


def _is_distinct(value: object) -> bool:
    """Whether a text or a list never has the same part twice."""
    return not isinstance(value, str | list) or len(set(map(str, value))) == len(value)


class _Item(NamedTuple):
    """A word, a mark or a value of a wording, and whether a space comes before it."""

    text: str
    spaced: bool
    is_value: bool = False


def _items(template: str) -> Iterator[_Item]:
    for literal, name, _, _ in Formatter().parse(template):
        for space, token in re.findall(rf"(\s*)({_TOKEN})", literal):
            yield _Item(token, bool(space))
        if name is not None:
            yield _Item(name, literal[-1:].isspace(), is_value=True)


def _pattern(template: str, known: _Known) -> str:
    """A wording as a regular expression, with a group for each value."""
    items = list(_items(template))
    while not items[-1].is_value and items[-1].text in _LAST_MARKS:
        items.pop()
    parts, needed = list(_parts(items, known)), _needed(items, known)
    rest = ""
    for place in range(len(items) - 1, needed - 1, -1):
        # What follows may end before or after any mark.
        may_end = place == needed or any(item.text in _PAUSES for item in items[place - 1 : place + 1])
        rest = f"(?:{parts[place]}{rest})?" if may_end else f"{parts[place]}{rest}"
    marks = "" if items[-1].is_value and items[-1].text in known.free else rf"[\s{_LAST_MARKS}]*"
    return rf"\s*{''.join(parts[:needed])}{rest}{marks}"


def _needed(items: list[_Item], known: _Known) -> int:
    """How many items must be there: all up to the last value and the brackets and quotes around it."""
    last = max(place for place, item in enumerate(items) if item.is_value)
    needed = last + 1
    while needed < len(items) and items[needed].text in _CLOSING and not items[needed].spaced:
        needed += 1
    # Any text that is not within quotes could go on with what was left out.
    return len(items) if items[last].text in known.free and needed == last + 1 else needed


def _parts(items: list[_Item], known: _Known) -> Iterator[str]:
    """The expression of each item, with the space before it."""
    seen: set[str] = set()
    before = _Item("", spaced=False)
    for item in items:
        yield _gap(before, item, known) + _expression(item, known, again=item.text in seen)
        seen |= {item.text} if item.is_value else set()
        before = item


def _gap(before: _Item, item: _Item, known: _Known) -> str:
    """The space between two items: as it stands beside any text, free beside marks."""
    if any(one.is_value and one.text in known.free for one in (before, item)):
        return " " if item.spaced else ""
    words = all(one.is_value or re.match(r"\w", one.text) for one in (before, item))
    return r"\s+" if words and item.spaced else r"\s*"


def _expression(item: _Item, known: _Known, *, again: bool) -> str:
    if item.is_value and again:
        return f"(?P={item.text})"
    if item.is_value:
        return f"(?P<{item.text}>(?-i:[{known.chars[item.text]}])+?)"
    return f"[{_QUOTES}]" if item.text in _QUOTES else re.escape(item.text)


def _problem(task: Task, template: str, words: dict[str, str], known: _Known) -> Problem | None:
    """The problem with these words, if it is one: the program has to run, and to agree with the oracle."""
    try:
        words = {name: text if name in known.free else " ".join(text.split()) for name, text in words.items()}
        data = task.unfill(words) if task.unfill else {name: _value(words[name], known.example[name]) for name in words}
        shown = task.words(data)
        same = all(_tokens(shown[name]) == _tokens(words[name]) for name in words)
        if not (same and _is_usual(data, known) and 1 <= task.length(data) <= LONGER * known.top):
            return None
        data |= task.settings
        problem = task.problem_of(data, "", template.format(**shown))
        right = task.equal(task.record(problem).answer, problem.answer, data)
    except Exception:  # noqa: BLE001 - whatever a task does with data that are none of its own, it is no problem
        return None
    return problem if right is True else None


def _is_usual(data: dict[str, Any], known: _Known) -> bool:
    """Whether data are like the task's own: numbers not too large to try them, nothing twice that never is."""
    return all(
        _largest(data[name]) <= LARGER * known.largest[name]
        and (name not in known.distinct or _is_distinct(data[name]))
        for name in data
    )


def _tokens(text: object) -> list[str]:
    return re.findall(_TOKEN, str(text))


def _value(text: str, example: Any) -> Any:
    """A word of a question as the kind of value that the task's own problems have there."""
    if isinstance(example, str):
        return text
    value = ast.literal_eval(text)
    if type(value) is not type(example):
        raise ValueError(text)
    return value
