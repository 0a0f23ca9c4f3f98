"""What users bring as jsonl: completions to train on, and other models' generations to score.

In: a file with a JSON object a line. Out: training rows, or `Generation`s. A line that will not do is
named with its field, before anything is written.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from tailkit.dataset import jsonl
from tailkit.dataset.jsonl import Count, Text
from tailkit.errors import UsageError
from tailkit.models import chat
from tailkit.records import Example, Generation
from tailkit.screen import note
from tailkit.tape.answer import ANSWER, extract
from tailkit.tasks import Task


class CompletionLine(jsonl.Line):
    """A line is a JSON object with query, completion and, if known, key, range and n."""

    query: Text = Field(description="text")
    completion: Text = Field(description="text")
    key: Text = Field("", description="text")
    range: Literal["S", "M", "L"] = Field("S", description="one of S, M, L")
    n: Count = Field(0, description="a whole number, the length of the problem")


class GenerationLine(jsonl.Line):
    """A line is a JSON object with range, index (row of eval-RANGE.parquet), text; if known query, tokens, cut."""

    range: Text = Field(description="one of S, M, L")
    index: Count = Field(description="a whole number, the row of eval-RANGE.parquet")
    text: Text = Field(description="text")
    query: Text | None = Field(None, description="text")
    tokens: Count | None = Field(None, description="a whole number, the tokens of the text")
    cut: bool = Field(False, description="true or false")


def imported_rows(path: Path, task: Task, variant: str, evaluation: list[Example]) -> Iterator[Example]:
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
            f"{path}: {ended} of {count} completions end with a mark such as {chat.STOP}; training sets its own instead"
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
            update={name: _without_mark(where, name, getattr(line, name)) for name in ("query", "completion")}
        )
        if not bare.query.strip():
            raise UsageError(f"{where}: field 'query' is empty", "It must be the text of a problem.")
        answer = extract(bare.completion)
        if answer is None:
            raise UsageError(
                f"{where}: field 'completion' has no answer, or two that differ", f"It must have a line {ANSWER}…"
            )
        yield where, Completion(bare, answer, ended=bare.completion != line.completion)


def _without_mark(where: str, name: str, text: str) -> str:
    """A text without the mark that ends it, which training sets itself."""
    try:
        return chat.bare(text)
    except ValueError as error:
        raise UsageError(
            f"{where}: field {name!r} holds {error}, a mark of a chat format", "It must be one message, without marks."
        ) from None


def generations_from(path: Path, sets: dict[str, list[Example]], count: Callable[[str], int]) -> list[Generation]:
    """Saved generations for evaluation sets (by range), one for each row of every range that the file has.

    `count` gives the tokens of a text whose line does not say them. Raises `UsageError` for the first
    line with a wrong or missing field or the query of another row, a row twice, or a row missing.
    """
    found: dict[tuple[str, int], Generation] = {}
    for where, line in jsonl.read(path, GenerationLine):
        name, index, text = line.range, line.index, line.text
        if name not in sets:
            raise UsageError(f"{where}: field 'range' is {jsonl.shown(name)}", f"It must be one of {', '.join(sets)}.")
        if index >= len(sets[name]):
            raise UsageError(f"{where}: field 'index' is {index}", f"{name} has rows 0 to {len(sets[name]) - 1}.")
        if (name, index) in found:
            raise UsageError(f"{where}: row {name}/{index} for the second time", "Leave one of them out.")
        asked = sets[name][index].query
        if line.query not in (None, asked):
            raise UsageError(f"{where}: field 'query' is not that of row {name}/{index}", f"That row asks: {asked}")
        tokens = count(text) if line.tokens is None else line.tokens
        found[name, index] = Generation(name, index, text, tokens, line.cut, "imported")
    form = str(GenerationLine.__doc__)
    if not found:
        raise UsageError(f"{path} holds no generations", form)
    for name in sorted({name for name, _ in found}):
        missing = [index for index in range(len(sets[name])) if (name, index) not in found]
        if missing:
            raise UsageError(f"{path}: {len(missing)} rows of {name} are missing, the first is {missing[0]}", form)
    return [found[place] for place in sorted(found)]
