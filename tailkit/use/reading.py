"""Reads a problem out of a question in a user's own words, so that its answer can be checked.

In: a task and a question. Out: the problem that it asks, or None if it is in none of the task's wordings.
What was read is put into words again, and has to give the same question.
"""

import ast
import re
from random import Random
from string import Formatter
from typing import Any

from tailkit.records import Problem
from tailkit.tasks import Task

_INTEGER = "-?[0-9]+"
LONGEST = 20_000
"""Characters of a question that is looked at."""


def problem_in(task: Task, question: str) -> Problem | None:
    """The problem that a question asks; if no wording fits exactly, capitals, spaces and marks at its end are free."""
    example = task.sample(Random(0), *task.ranges["S"])
    for plain in (str, _plain):
        wanted = plain(question)
        for template in task.queries if len(wanted) <= LONGEST else ():
            pattern = _pattern(plain(template), task.words(example))
            match = re.fullmatch(pattern, wanted, flags=re.DOTALL | re.IGNORECASE)
            problem = match and _problem(task, template, match.groupdict(), example)
            if problem and plain(problem.query).casefold() == wanted.casefold():
                return problem
    return None


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip("?!.:= ")


def _pattern(template: str, words: dict[str, Any]) -> str:
    """A template as a regular expression; a field that comes again has to be the same, an int is digits."""
    parts, seen = [], set()
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if name is not None:
            parts.append(
                f"(?P={name})" if name in seen else f"(?P<{name}>{_INTEGER if isinstance(words[name], int) else '.+?'})"
            )
            seen.add(name)
    return "".join(parts)


def _problem(task: Task, template: str, words: dict[str, str], example: dict[str, Any]) -> Problem | None:
    """The problem with these words, if it is one: the program has to run, and to agree with the oracle."""
    try:
        data = task.unfill(words) if task.unfill else {name: _value(words[name], example[name]) for name in example}
        data |= task.settings
        problem = task.problem_of(data, "", template.format(**task.words(data)))
        answer = task.record(problem).answer
    except Exception:  # noqa: BLE001 - whatever a task does with data that are none of its own, it is no problem
        return None
    return problem if problem.n >= 1 and task.equal(answer, problem.answer, data) is True else None


def _value(text: str, example: Any) -> Any:
    """A word of a question as the kind of value that the task's own problems have there."""
    if isinstance(example, str):
        return text
    value = ast.literal_eval(text)
    if type(value) is not type(example):
        raise ValueError(text)
    return value
