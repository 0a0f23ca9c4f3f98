"""Asks an endpoint the rows of evaluation sets, several at once, within a budget.

In: an `Endpoint`, examples by range, a folder. Out: `replies.jsonl`, which grows row by row, so that a killed call
loses only the rows in flight; `unanswered.jsonl` with the requests that gave no answer, and why. Both together
say what was used. The ranges are asked in turn, so that a budget leaves a part of each.
"""

import asyncio
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from tailkit.arithmetic.decoding import REPLIES_AT_ONCE
from tailkit.errors import DoesNotFit, TailkitError, UsageError, cut
from tailkit.models.tokens import CountTokens
from tailkit.others.endpoint import FORM, Endpoint, Server
from tailkit.others.replies import NoReply, Reply
from tailkit.records import RANGES, Answered, Example, Unanswered
from tailkit.run import lines
from tailkit.screen import Bar

REPLIES, UNANSWERED = "replies.jsonl", "unanswered.jsonl"
FRAME = 100
"""Tokens that a chat format may put around a query, as long as no reply tells."""
FAILED_IN_A_ROW = 3
"""So many rows that fail one after the other are the server's fault, not theirs."""
EMPTY_IN_A_ROW = 20
"""So many rows, one after the other, to which the model says nothing."""


@dataclass(frozen=True)
class Limits:
    """How many requests at once; prices of a million tokens; what must not be passed, former calls included."""

    concurrency: int = REPLIES_AT_ONCE
    price_in: float | None = None
    price_out: float | None = None
    cost: float | None = None
    tokens: int | None = None

    def __post_init__(self) -> None:
        if self.cost is not None and (self.price_in is None or self.price_out is None):
            raise UsageError("--max-cost needs both prices", "Add --price-in and --price-out, those of 1M tokens.")


@dataclass(frozen=True)
class Used:
    """Tokens that were read and generated."""

    prompt: int = 0
    reply: int = 0

    def __add__(self, other: "Used") -> "Used":
        return Used(self.prompt + other.prompt, self.reply + other.reply)

    def __sub__(self, other: "Used") -> "Used":
        return Used(self.prompt - other.prompt, self.reply - other.reply)

    def cost(self, limits: Limits) -> float | None:
        """In the currency of the prices; None if there are none."""
        if limits.price_in is None and limits.price_out is None:
            return None
        return (self.prompt * (limits.price_in or 0) + self.reply * (limits.price_out or 0)) / 1e6

    def is_within(self, limits: Limits) -> bool:
        cost = self.cost(limits)
        fits = limits.tokens is None or self.prompt + self.reply <= limits.tokens
        return fits and (limits.cost is None or cost is None or cost <= limits.cost)

    def spoken(self, limits: Limits) -> str:
        cost = self.cost(limits)
        shown = "" if cost is None else f", cost {cost:,.2f}" if cost >= 1 else f", cost {cost:.4f}"
        return f"{self.prompt:,} tokens in, {self.reply:,} out{shown}"


@dataclass(frozen=True)
class _Row:
    """A row of an evaluation set, and what it asks."""

    range: str
    index: int
    query: str


@dataclass
class _Call:
    """One call: what was used (by former calls too), what those in flight may take, and how rows fared."""

    endpoint: Endpoint
    limits: Limits
    folder: Path
    count: CountTokens
    bar: Bar
    used: Used
    reserved: Used = Used()
    without: Counter[str] = field(default_factory=Counter)
    failed_in_a_row: int = 0
    empty_in_a_row: int = 0
    is_answering: bool = False
    frame: int = FRAME

    def most(self, row: _Row) -> Used:
        """The most that a row can take: no tokenizer makes more tokens of a text than it has bytes."""
        return Used(len(row.query.encode()) + self.frame, self.endpoint.most_tokens)

    def fits(self, row: _Row) -> bool:
        """Whether a row stays within the budget, whatever those in flight will take."""
        return (self.used + self.reserved + self.most(row)).is_within(self.limits)

    def start(self, server: Server, row: _Row) -> "asyncio.Task[None]":
        most = self.most(row)
        self.reserved += most
        return asyncio.create_task(self._ask(server, row, most))

    async def _ask(self, server: Server, row: _Row, most: Used) -> None:
        """Ask a row and note what comes; raises `TailkitError` if no other row need be asked."""
        begun = time.monotonic()
        try:
            reply = await server.ask(row.query)
        except NoReply as none:
            self._note_none(server, row, none, round(time.monotonic() - begun, 3))
        else:
            self._note(row, reply, round(time.monotonic() - begun, 3))
        finally:
            self.reserved -= most

    def _note(self, row: _Row, reply: Reply, seconds: float) -> None:
        counts = reply.tokens, reply.prompt_tokens
        kept = Answered(row.range, row.index, row.query, reply.text, reply.reasoning, reply.cut, *counts, seconds)
        lines.append(self.folder / REPLIES, [kept])
        self.used += _used(kept, self.count)
        # Some servers put instructions of their own before each query.
        self.frame = max(self.frame, (reply.prompt_tokens or 0) - len(row.query.encode()))
        self.failed_in_a_row, self.empty_in_a_row, self.is_answering = 0, 0, True
        self.bar.update(self.bar.done + 1, used=self.used.spoken(self.limits))

    def _note_none(self, server: Server, row: _Row, none: NoReply, seconds: float) -> None:
        """Note a row without an answer; raises `TailkitError` after too many of them."""
        most = self.most(row)
        # What was given up, or cannot be read, may be paid for all the same; so may tokens that are not told.
        is_unknown = none.kind in ("late", "foreign")
        taken = Used(
            most.prompt if is_unknown or none.prompt_tokens is None else none.prompt_tokens,
            most.reply if is_unknown or none.tokens is None else none.tokens,
        )
        self.used += taken
        self.without[none.reason] += 1
        lost = Unanswered(row.range, row.index, none.reason, taken.reply, taken.prompt, seconds)
        lines.append(self.folder / UNANSWERED, [lost])
        self.empty_in_a_row += 1
        self.failed_in_a_row = 0 if none.kind == "none" else self.failed_in_a_row + 1
        self.is_answering = self.is_answering or none.kind == "none"
        if self.failed_in_a_row >= FAILED_IN_A_ROW or (none.kind == "away" and not self.is_answering):
            raise self._given_up(server, none)
        if self.empty_in_a_row >= EMPTY_IN_A_ROW:
            raise TailkitError(
                f"{self.endpoint.url}: {EMPTY_IN_A_ROW} rows in a row have no answer, the last: {none.reason}",
                "Try one request by hand, or a larger --max-tokens; the same command goes on.",
            )

    def _given_up(self, server: Server, none: NoReply) -> TailkitError:
        if none.kind == "foreign" and not self.is_answering:
            return UsageError(f"{self.endpoint.url} does not speak OpenAI's protocol: {none.reason}", FORM)
        if none.kind == "away":
            return server.away(none)
        return TailkitError(
            f"{self.endpoint.url} failed for {FAILED_IN_A_ROW} rows in a row: {none.reason}",
            "What was answered is kept; the same command goes on. A lower --max-tokens helps where a text is too long.",
        )


def ask(endpoint: Endpoint, sets: dict[str, list[Example]], folder: Path, limits: Limits, count: CountTokens) -> None:
    """Ask all rows that have no reply yet. `count` gives the tokens of a text where the server does not.

    Raises `TailkitError` if rows are left without an answer, `DoesNotFit` if the budget would be passed,
    `UsageError` or `EnvironmentMissing` if the endpoint cannot be asked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = {(kept.range, kept.index) for kept in replied(folder)}
    rows = [_Row(name, index, example.query) for name in sets for index, example in enumerate(sets[name])]
    left = deque(sorted((row for row in rows if (row.range, row.index) not in done), key=_in_turn))
    with Bar(f"eval {cut(endpoint.model, 40)}", len(rows), "rows", done=len(rows) - len(left)) as bar:
        call = _Call(endpoint, limits, folder, count, bar, used_in(folder, count))
        asyncio.run(_ask_all(call, left))
    without = call.without.total()
    if left:
        raise DoesNotFit(
            f"the next row could pass the budget: {len(rows) - len(left) - without:,} of {len(rows):,} rows are "
            f"answered ({call.used.spoken(limits)})",
            "Raise --max-cost or --max-tokens-total, or lower --max-tokens; the same command goes on.",
        )
    if without:
        why = ", ".join(f"{count:,} × {cut(reason, 80)}" for reason, count in call.without.most_common(3))
        raise TailkitError(
            f"{without:,} of {len(rows):,} rows have no answer: {why}", "The same command asks them again."
        )


def _in_turn(row: _Row) -> tuple[int, int]:
    return row.index, RANGES.index(row.range)


async def _ask_all(call: _Call, left: "deque[_Row]") -> None:
    """Ask rows until none is left, or the next one does not fit; one at a time until the model has answered."""
    flying: set[asyncio.Task[None]] = set()
    async with Server(call.endpoint) as server:
        await server.check()
        try:
            while left or flying:
                most = call.limits.concurrency if call.is_answering else 1
                while left and len(flying) < most and call.fits(left[0]):
                    flying.add(call.start(server, left.popleft()))
                if not flying:
                    return
                done, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
                if errors := [error for task in done if (error := task.exception())]:
                    raise errors[0]
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)


def replied(folder: Path) -> list[Answered]:
    """The replies so far; raises `TailkitError` for a line that is none."""
    return lines.read(folder / REPLIES, Answered)


def used_in(folder: Path, count: CountTokens) -> Used:
    """What all calls together have used."""
    lost = lines.read(folder / UNANSWERED, Unanswered)
    used = [_used(kept, count) for kept in replied(folder)] + [Used(one.prompt_tokens, one.tokens) for one in lost]
    return sum(used, Used())


def _used(kept: Answered, count: CountTokens) -> Used:
    """Tokens of a row, counted where the server does not say."""
    prompt = count(kept.query) if kept.prompt_tokens is None else kept.prompt_tokens
    return Used(prompt, count(kept.reasoning + kept.text) if kept.tokens is None else kept.tokens)
