"""Other models' generations for evaluation sets, that users bring as jsonl.

In: a file with a JSON object a line, and the sets. Out: `Generation`s, one for each row of every range in the file.
"""

from collections.abc import Callable
from pathlib import Path

from pydantic import Field

from tailkit.errors import UsageError
from tailkit.imported import jsonl
from tailkit.imported.jsonl import Count, Text
from tailkit.records import Example, Generation


class GenerationLine(jsonl.Line):
    """A line is a JSON object with range, index (row of eval-RANGE.parquet), text; if known query, tokens, cut."""

    range: Text = Field(description="one of S, M, L")
    index: Count = Field(description="a whole number, the row of eval-RANGE.parquet")
    text: Text = Field(description="text")
    query: Text | None = Field(None, description="text")
    tokens: Count | None = Field(None, description="a whole number, the tokens of the text")
    cut: bool = Field(False, description="true or false")


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
