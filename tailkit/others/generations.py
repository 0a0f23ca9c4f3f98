"""Other models' generations for the evaluation sets, as files of many kinds hold them.

In: a jsonl file: our own form, the output of a batch (OpenAI's, vLLM's), or logs of chats. Out: `Generation`s.
Each line is placed by range and index, by the custom_id of `prompts`, or by what it asks. Rows without an
answer are missing; a line of another run is refused before anything is written.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, JsonValue

from tailkit.errors import UsageError, cut, quoted
from tailkit.imported import jsonl
from tailkit.imported.jsonl import Text, WholeNumber
from tailkit.others import replies
from tailkit.others.prompts import AskedRow, mark_of, place_of
from tailkit.others.replies import NoReply, Reply
from tailkit.records import Example, Generation, JsonObject
from tailkit.screen import note
from tailkit.tasks import names

ANOTHER = "It is of another run (other seed, ranges or version): name the run whose problems were asked."


class GenerationLine(jsonl.JsonLine):
    """A line has text, and range with index (row of eval-RANGE.parquet), custom_id or query; if known tokens, cut."""

    text: Text = Field(description="text")
    range: Text | None = Field(None, description="one of S, M, L")
    index: WholeNumber | None = Field(None, description="a whole number, the row of eval-RANGE.parquet")
    custom_id: Text | None = Field(None, description="text, as `tailkit data --prompts` writes it")
    query: Text | None = Field(None, description="text")
    reasoning: str = Field("", description="text")
    tokens: WholeNumber | None = Field(None, description="a whole number, the tokens of the text")
    cut: bool = Field(False, description="true or false")


@dataclass(frozen=True, order=True)
class RowId:
    """A row of an evaluation set."""

    range: str
    index: int


@dataclass
class _Unread:
    """Lines that give no generation: of other tasks, and those without an answer, with the first reason."""

    elsewhere: Counter[str] = field(default_factory=Counter)
    without: int = 0
    first: str = ""

    def add(self, where: str, reason: str) -> None:
        self.without += 1
        self.first = self.first or f"{where.rpartition(', ')[2]}: {reason}"


def generations_from(path: Path, sets: dict[str, list[Example]], count: Callable[[str], int]) -> list[Generation]:
    """Saved generations for evaluation sets (by range); rows without one are told.

    `count` gives the tokens of a text and its reasoning, where a line does not say them. Raises `UsageError` for
    the first line with a wrong or missing field, of another run's problem, or of a row that an earlier line has,
    and for a file without any generation.
    """
    made: dict[RowId, Generation] = {}
    unread, by_query = _Unread(), _by_query(sets)
    for where, line in _lines(path):
        if isinstance(line, NoReply):
            unread.add(where, line.reason)
            continue
        row = _row(where, line, sets, by_query, unread)
        if row is None:
            continue
        if row in made:
            raise UsageError(f"{where}: row {row.range}/{row.index} for the second time", "Leave one of them out.")
        tokens = count(line.reasoning + line.text) if line.tokens is None else line.tokens
        made[row] = Generation(row.range, row.index, line.text, tokens, line.cut, "imported")
    _tell(path, sets, made, unread)
    return [made[row] for row in sorted(made)]


def check(path: Path) -> None:
    """Raise `UsageError` for a file that cannot be read, or for its first line of no known form; places no row."""
    for _ in _lines(path):
        pass


def _lines(path: Path) -> Iterator[tuple[str, GenerationLine | NoReply]]:
    """The lines of a file in our own form, each with its place, or why it holds no answer."""
    for where, raw in jsonl.objects(path, jsonl.form_of(GenerationLine)):
        try:
            yield where, jsonl.checked(where, GenerationLine, _plain(raw))
        except NoReply as none:
            yield where, none


def _tell(path: Path, sets: dict[str, list[Example]], made: dict[RowId, Generation], unread: _Unread) -> None:
    """Say what the file lacks; raises `UsageError` if it has nothing."""
    elsewhere = ", ".join(f"{count:,} of {task}" for task, count in unread.elsewhere.items())
    if not made:
        why = [f"its lines are {elsewhere}"] if elsewhere else []
        why += [f"{unread.without:,} lines without an answer, {unread.first}"] if unread.without else []
        reason = f": {'; '.join(why)}" if why else ""
        raise UsageError(f"{path} holds no generations{reason}", jsonl.form_of(GenerationLine))
    if elsewhere:
        note(f"note: {path}: left aside are lines of other tasks: {elsewhere}")
    if unread.without:
        note(f"note: {path}: {unread.without:,} lines hold no answer; the first, {unread.first}")
    there = Counter(row.range for row in made)
    partial = [f"{name} {there[name]:,} of {len(rows):,}" for name, rows in sets.items() if there[name] < len(rows)]
    if partial:
        note(f"note: {path} is partial: rows of {', '.join(partial)}; accuracy is over those that are there")


def _plain(raw: JsonObject) -> JsonObject:
    """A line of any kind in our own form; raises `NoReply` for one that holds no answer."""
    messages, response = _messages(raw), raw.get("response")
    query = raw.get("prompt") if messages is None else replies.asked(messages)
    if "custom_id" in raw and (isinstance(response, dict) or "error" in raw):
        return _of_reply(raw, query, replies.read(_batched(response, raw.get("error"))))
    if body := next((one for one in (raw, response) if isinstance(one, dict) and "choices" in one), None):
        return _of_reply(raw, query, replies.read(body))
    text = next((raw[name] for name in ("text", "completion", "response") if raw.get(name) is not None), None)
    if text is None and messages is not None:
        return _of_reply(raw, query, replies.read({"choices": [{"message": replies.answered(messages)}]}))
    return {"query": query, **raw, "text": text, "reasoning": replies.reasoning_in(raw) or None}


def _of_reply(raw: JsonObject, query: JsonValue, reply: Reply) -> JsonObject:
    placed: JsonObject = {name: raw[name] for name in ("range", "index", "custom_id", "query") if name in raw}
    said: JsonObject = {"text": reply.text, "reasoning": reply.reasoning, "tokens": reply.tokens, "cut": reply.cut}
    return {"query": query, **placed, **said}


def _messages(raw: JsonObject) -> JsonValue:
    """The chat of a line, wherever logs put it; None if there is none."""
    holders = [raw, raw.get("request"), raw.get("body")]
    holders += [one["body"] for one in holders[1:2] if isinstance(one, dict) and "body" in one]
    for holder in holders:
        for name in ("messages", "conversations", "conversation"):
            if isinstance(holder, dict) and isinstance(holder.get(name), list):
                return holder[name]
    return None


def _batched(response: JsonValue, error: JsonValue) -> JsonValue:
    """The body of a response in a batch; raises `NoReply` for one that failed."""
    response = response if isinstance(response, dict) else {}
    status = response.get("status_code")
    is_done = status is None or str(status) in ("200", "200.0")
    if error or not is_done:
        said = cut(replies.said_of(error or response.get("body")), replies.SAID)
        raise NoReply(said if is_done else f"status {cut(status, 20)}: {said}")
    return response.get("body", response)


def _by_query(sets: dict[str, list[Example]]) -> dict[str, list[RowId]]:
    places: dict[str, list[RowId]] = {}
    for name, examples in sets.items():
        for index, example in enumerate(examples):
            places.setdefault(_spaced(example.query), []).append(RowId(name, index))
    return places


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _row(
    where: str,
    line: GenerationLine,
    sets: dict[str, list[Example]],
    by_query: dict[str, list[RowId]],
    unread: _Unread,
) -> RowId | None:
    """The row that a line is for, None for another task's; raises `UsageError` if it is for none."""
    if line.range is not None or line.index is not None:
        return _numbered(where, line, sets)
    place = None if line.custom_id is None else place_of(line.custom_id)
    if place is not None:
        return _identified(where, line, place, sets, unread)
    if line.query is None:
        if line.custom_id is not None:
            raise UsageError(
                f"{where}: field 'custom_id' is {jsonl.shown(line.custom_id)}, which names no row",
                "`tailkit data TASK --split eval --prompts FILE` writes requests whose replies are known again.",
            )
        raise UsageError(f"{where}: field 'range' is missing", jsonl.form_of(GenerationLine))
    rows = by_query.get(_spaced(line.query), [])
    if not rows:
        raise UsageError(f"{where}: no problem of this run asks {quoted(line.query, 120)}", ANOTHER)
    if len(rows) > 1:
        raise UsageError(f"{where}: {len(rows)} rows ask that", "Give range and index, or custom_id, in each line.")
    return rows[0]


def _numbered(where: str, line: GenerationLine, sets: dict[str, list[Example]]) -> RowId:
    """The row of a line that gives range and index, whose query must be that row's."""
    name, index = line.range, line.index
    if name is None or index is None:
        missing = "range" if name is None else "index"
        raise UsageError(f"{where}: field {missing!r} is missing", jsonl.form_of(GenerationLine))
    if name not in sets:
        raise UsageError(f"{where}: field 'range' is {jsonl.shown(name)}", f"It must be one of {', '.join(sets)}.")
    if index >= len(sets[name]):
        raise UsageError(f"{where}: field 'index' is {index}", f"{name} has rows 0 to {len(sets[name]) - 1}.")
    asked = sets[name][index].query
    if line.query is not None and _spaced(line.query) != _spaced(asked):
        raise UsageError(f"{where}: field 'query' is not that of row {name}/{index}", f"That row asks: {cut(asked)}")
    return RowId(name, index)


def _identified(
    where: str, line: GenerationLine, place: AskedRow, sets: dict[str, list[Example]], unread: _Unread
) -> RowId | None:
    """The row that a custom_id names; its mark must be that of the row's query."""
    task = next(example.task for rows in sets.values() for example in rows)
    if place.task not in ("", task) and (place.mark or place.task in names()):
        unread.elsewhere[place.task] += 1
        return None
    said = f"{where}: custom_id {quoted(line.custom_id, 80)}"
    if place.range not in sets or place.index >= len(sets[place.range]):
        raise UsageError(f"{said} is of no row here", ANOTHER)
    asked = sets[place.range][place.index].query
    if place.mark not in ("", mark_of(asked)) or (line.query is not None and _spaced(line.query) != _spaced(asked)):
        raise UsageError(f"{said} is of another problem than row {place.range}/{place.index}", ANOTHER)
    return RowId(place.range, place.index)
