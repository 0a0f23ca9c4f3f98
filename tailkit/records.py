"""The records that flow through the house. They hold data and no behaviour of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from pydantic import JsonValue

Cell = tuple[str | int, ...]
"""The symbolic name of a place in memory, such as ("x1", 3) or ("carry",)."""

Place = tuple[Any, ...]
"""Where a state is, a str or an int each: what its function is called with, such as (5, 4)."""

Values = tuple[Any, ...]
"""What a state has read, or written."""

State = tuple[str, Place]
"""What the machine is doing and where: the kind of a state and its place, such as ("integer", (5, 4))."""

BLANK = "_"
"""What an empty cell reads as."""

JsonObject = dict[str, JsonValue]
"""Named plain values, as a JSON file holds them."""

RangeName = Literal["S", "M", "L"]
RANGES: tuple[str, ...] = get_args(RangeName)
MODULES = ("state", "fetch", "compute", "transition", "answer")


Bounds = tuple[int, int]
"""The least and the greatest length n of a range, both included."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a task. `data` is what its program and its oracle read; `n` its length."""

    task: str
    range: str
    n: int
    data: dict[str, Any]
    query: str
    key: str
    answer: str


@dataclass(slots=True)
class Step:
    """One atomic state of a recorded run, with its events in order.

    `contents` are what the cells `shown` held: they are printed as they are. `values` are what the
    fetches of `cells` gave. Together they are the operands. Each write is (op, cells): `op` of all
    operands gives what is written to its cells; `results` are those of all writes, in order. A put
    moves operands to cells: `moved` are the values. `stops` are what scans noted: (cell, number).
    `move` is the operation that computes `next`, the state that follows (None at the end), or its name.
    """

    kind: str
    at: Place
    shown: tuple[Cell, ...] = ()
    contents: tuple[Any, ...] = ()
    stops: tuple[tuple[Cell, int], ...] = ()
    cells: tuple[Cell, ...] = ()
    values: tuple[Any, ...] = ()
    writes: tuple[tuple[Callable[..., Any], tuple[Cell, ...]], ...] = ()
    results: tuple[Any, ...] = ()
    puts: tuple[tuple[Callable[..., Any], tuple[Cell, ...]], ...] = ()
    moved: tuple[Any, ...] = ()
    move: Callable[..., Any] | str | None = None
    next: State | None = None

    @property
    def operands(self) -> tuple[Any, ...]:
        """All that the state has read: what it shows, then what it fetches."""
        return self.contents + self.values

    @property
    def inputs(self) -> tuple[Place, tuple[Any, ...], tuple[Any, ...]]:
        """What its transition is computed from: its place, its operands, and what it wrote and put."""
        return self.at, self.contents + self.values, self.results + self.moved

    @property
    def pairs(self) -> tuple[tuple[str | int, Any], ...]:
        """What it shows, each with its place, the last part of its cell."""
        return tuple([(cell[-1], value) for cell, value in zip(self.shown, self.contents, strict=True)])


class Macro(NamedTuple):
    """Steps `first` up to, not including, `end` are one macro step: a pass, a call, a part.

    Merged into one, they print the cells `operands` as they were before and `results` as they are after;
    where these are None, all that they read from before, and all that they leave and is read later. A
    macro step whose number of operands or results gives away what it finds has to name them.
    """

    first: int
    end: int
    operands: tuple[Cell, ...] | None = None
    results: tuple[Cell, ...] | None = None


@dataclass(slots=True)
class Run:
    """A program's whole recorded run: memory at the start, steps in order, macro steps, answer."""

    given: dict[Cell, Any] = field(default_factory=dict)
    blanks: tuple[str, ...] = ()
    steps: list[Step] = field(default_factory=list)
    macros: list[Macro] = field(default_factory=list)
    answer: str = ""


class Line(NamedTuple):
    """How one kind of state is worded.

    A state reads `name open show fetch write put`; a transition reads `next` (`leave` if the state that
    follows is of another kind) and the name of that state, which is then not printed again.
    `name` gets the place, `show` the (place, value) pairs of what is shown, `fetch` the fetched values,
    `write` the results, `put` the values that were moved. A part is None where a state has none of these.
    """

    name: Callable[..., str]
    fetch: Callable[..., str] | None = None
    write: Callable[..., str] | None = None
    open: str = ":"
    next: str = ">\n"
    leave: str = ">\n"
    show: Callable[..., str] | None = None
    put: Callable[..., str] | None = None


Part = tuple[str, str, int]
"""A stretch of a trace's text, its module, and the number of the step that it belongs to."""


class Span(NamedTuple):
    """Characters `start` up to, not including, `end` of a trace belong to `module` of `step`."""

    start: int
    end: int
    module: str
    step: int


class Baseline(NamedTuple):
    """A rival format of a task: `write` gives a completion from (data, answer), `read` the answer back."""

    write: Callable[[dict[str, Any], str], str]
    read: Callable[[str], str | None]


class Nouns(NamedTuple):
    """How a report calls a task's problems and their length; {} stands for the length, such as 8–10."""

    problems: str = "problems of {}"
    one: str = "length {}"
    many: str = "length {}"


class Example(NamedTuple):
    """One row of a data set, in the order of the parquet columns; `problem` is its data as JSON.

    A named tuple, since hundreds of thousands of them go from process to process.
    """

    task: str
    paradigm: str
    task_version: int
    range: str
    n: int
    split: str
    variant: str
    key: str
    query: str
    completion: str
    answer: str
    problem: str


class RowCounts(NamedTuple):
    """How many rows of a task's range a run trains on, and evaluates."""

    train: int
    eval: int


@dataclass(frozen=True, slots=True)
class Generation:
    """What a model printed for row `index` of an evaluation set. `cut`: it ran out of tokens.

    `path` says how it was decoded: plain; verified (one pass found it to be the gold trace, or to end
    early); continued (from its first difference); re-run (plainly, since a token led by too little).
    `margin` is the smallest lead that was relied on, in logits; None where none was measured.
    """

    range: str
    index: int
    text: str
    tokens: int
    cut: bool
    path: str = "plain"
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A row of an endpoint's `replies.jsonl`: what another model answered to a row of an evaluation set.

    `text` stands after the reasoning, where the server tells them apart. `tokens` were generated, those of
    the reasoning included, and `prompt_tokens` read; None where the server does not say. `seconds` of the request.
    """

    range: str
    index: int
    query: str
    text: str
    reasoning: str
    cut: bool
    tokens: int | None
    prompt_tokens: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A row of an endpoint's `unanswered.jsonl`: a request without an answer, why, and the tokens that it took."""

    range: str
    index: int
    reason: str
    tokens: int
    prompt_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A row of `held-out.jsonl`: what a model finds in the gold completion of a held-out problem.

    `logprob` is the mean over its tokens, in nats; `best` are the likeliest ids, one for each place.
    """

    logprob: float
    best: list[int]


@dataclass(frozen=True, slots=True)
class Metric:
    """A row of `train.jsonl`: what the trainer logged at an optimizer step.

    `loss` is the mean over the step's trained tokens, in nats; `tokens` counts all tokens so far.
    """

    step: int
    loss: float
    learning_rate: float = 0.0
    tokens: int = 0
    tokens_per_second: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """The judgement of one generation against its example.

    `step`, `module` and `state` name the first place where a wrong generation leaves the gold trace.
    `unfound`: it is whole, but holds nothing of the label's kind.
    """

    range: str
    index: int
    n: int
    right: bool
    exact: bool
    cut: bool
    tokens: int
    given: str | None
    answer: str
    step: int | None = None
    module: str | None = None
    state: str | None = None
    offset: int | None = None
    unfound: bool = False
