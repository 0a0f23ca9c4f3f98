"""Completions to train on that users bring as jsonl, such as those distilled from another model.

In: a file with a JSON object a line. Out: training rows. A line that will not do is named with its
field, before anything is written.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from tailkit.errors import UsageError
from tailkit.imported import jsonl
from tailkit.imported.jsonl import Text, WholeNumber
from tailkit.models import chat
from tailkit.records import Example, RangeName
from tailkit.screen import note
from tailkit.tape.answer import ANSWER, extract
from tailkit.tasks import Task


class CompletionLine(jsonl.JsonLine):
    """A line is a JSON object with query, completion and, if known, key, range and n."""

    query: Text = Field(description="text")
    completion: Text = Field(description="text")
    key: Text = Field("", description="text")
    range: RangeName = Field("S", description="one of S, M, L")
    n: WholeNumber = Field(0, description="a whole number, the length of the problem")


def completed_rows(path: Path, task: Task, variant: str, evaluation: list[Example]) -> Iterator[Example]:
    """Training rows such as completions distilled from another model.

    Nothing is let through that evaluation asks for, or that gives no answer where evaluation looks for
    one: raises `UsageError` for the first such line.
    """
    queries, keys = {row.query for row in evaluation}, {row.key for row in evaluation}
    for where, (row, answer, _) in _completions(path):
        if row.query in queries or row.key in keys:
            raise UsageError(f"{where}: the evaluation asks this problem", "Leave the line out.")
        yield Example(
            task=task.id,
            paradigm=task.paradigm,
            task_version=task.version,
            range=row.range,
            n=row.n,
            split="train",
            variant=variant,
            key=row.key,
            query=row.query,
            completion=row.completion,
            answer=answer,
            problem="null",
        )


@cache
def check_completions(path: Path, digest: str) -> int:
    """The number of lines in a file of completions (`digest`: its sha256); raises `UsageError` for a wrong one."""
    count = ended = 0
    for _, completion in _completions(path):
        count += 1
        ended += completion.ended
    if not count:
        raise UsageError(f"{path} holds no rows", str(CompletionLine.__doc__))
    if ended:
        note(
            f"{path}: {ended} of {count} completions end with a mark such as {chat.default().stop}; "
            "training sets its own instead"
        )
    return count


class Completion(NamedTuple):
    """A line with the answer that it gives, without the mark that `ended` its completion."""

    line: CompletionLine
    answer: str
    ended: bool


def _completions(path: Path) -> Iterator[tuple[str, Completion]]:
    """The lines of a file of completions, each with its place; raises `UsageError` for the first wrong one."""
    for where, line in jsonl.read(path, CompletionLine):
        bare = line.model_copy(
            update={name: without_mark(where, name, getattr(line, name)) for name in ("query", "completion")}
        )
        if not bare.query.strip():
            raise UsageError(f"{where}: field 'query' is empty", "It must be the text of a problem.")
        answer = extract(bare.completion)
        if answer is None:
            raise UsageError(
                f"{where}: field 'completion' has no answer, or two that differ", f"It must have a line {ANSWER}…"
            )
        yield where, Completion(bare, answer, ended=bare.completion != line.completion)


def without_mark(where: str, name: str, text: str) -> str:
    """A text without the mark that ends it, which training sets itself."""
    try:
        return chat.bare(text)
    except ValueError as error:
        raise UsageError(
            f"{where}: field {name!r} holds {error}, a mark of a chat format", "It must be one message, without marks."
        ) from None
