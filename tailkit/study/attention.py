"""Where a model looks when it writes: the paper's Figure H1, with and without Memory Fetcher.

In: a model, a task and examples. Out: the attention mass of write tokens, by layer and head.
A write token is one of a result that is computed from operands which the complete trace prints. The
position that predicts it may look at the operands that its state has just printed, at the places
where these were last written (their originals), or elsewhere. Only the rows of these positions are
computed eagerly, a few at a time; the model itself runs as ever.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tailkit.errors import UsageError
from tailkit.models import Codec, Loaded
from tailkit.records import Cell, Example, Line, Span, Step, Values
from tailkit.run.kept import Kept
from tailkit.tape.render import VARIANTS
from tailkit.tasks import Task

NAME = "tailkit-mass"
# Rows of attention that are held at once: with 28 heads and 8,192 tokens, 230 MB.
LOOKS_AT_ONCE = 256
MARK = "\0"


class Mass(Kept):
    """`attention.json`: mean attention mass of write tokens, [layer][head], each in 0 … 1.

    `layers` are the numbers of the layers that have attention, `tokens` how many write tokens were looked at.
    """

    layers: list[int]
    fetched: list[list[float]]
    originals: list[list[float]]
    tokens: int


@dataclass(frozen=True)
class Look:
    """One write token: the position that predicts it, and the positions of operands and originals before it."""

    position: int
    fetched: list[int]
    originals: list[int]


def measure(loaded: Loaded, task: Task, examples: list[Example]) -> Mass:
    """Mean attention mass of all write tokens of the gold traces of examples, one pass each.

    Raises `UsageError` for a variant whose states are not printed one by one.
    """
    import torch

    sums = _Sums()
    with _watching(loaded.model, sums), torch.inference_mode():
        for example in examples:
            ids, sums.looks = places(task, example, loaded.codec)
            sums.tokens += len(sums.looks)
            loaded.model(input_ids=torch.tensor([ids], device=loaded.device), logits_to_keep=1, use_cache=False)
    count = max(1, sums.tokens)
    means = {layer: (mass / count).tolist() for layer, mass in sorted(sums.mass.items())}
    fetched, originals = ([pair[which] for pair in means.values()] for which in (0, 1))
    return Mass(layers=[*means], fetched=fetched, originals=originals, tokens=sums.tokens)


def places(task: Task, example: Example, codec: Codec) -> tuple[list[int], list[Look]]:
    """The token ids of an example, prompt and completion, and its write tokens."""
    style = VARIANTS.get(example.variant)
    if style is None or not (style.steps and style.atomic):
        raise UsageError(f"variant {example.variant} does not print its states one by one", "Take tail or no-fetch.")
    problem = task.problem_in(example)
    run = task.record(problem)
    words = task.styled if style.styled else task.core
    prompt, completion = codec.prompt_ids(example.query), codec.completion_ids(example.completion)
    tokens = _Tokens(codec, example.completion, len(prompt))
    trace = task.trace(run, problem, example.variant)
    if trace.text != example.completion:
        raise UsageError(f"a completion of {task.id} is not its recorded trace", "Make the data again.")
    printed: dict[int, list[Span]] = defaultdict(list)
    for span in trace.spans:
        printed[span.step].append(span)
    # A cell that no state has shown yet, such as one that only the query names, has no original.
    shown: dict[Cell, list[int]] = {}
    looks = []
    for number, step in enumerate(run.steps):
        parts = _parts(step, words[step.kind])
        spans = {name: _span_of(part, printed[number], trace.text) for name, part in parts.items()}
        fetch, written = parts["fetch"], spans["write"]
        # What is only laid out, or moved, is no computation.
        if written and step.results and fetch.wording and fetch.values:
            fetched = tokens.at(spans["fetch"], shown_at(fetch.wording, fetch.values)) if spans["fetch"] else []
            originals = {place for cell in step.cells for place in shown.get(cell, ())} - set(fetched)
            for place in tokens.from_(written):
                before = place - 1
                at = [[p for p in places if p < before] for places in (fetched, sorted(originals))]
                looks.append(Look(before, *at))
        for name in ("show", "write", "put"):
            part, span_of_part = parts[name], spans[name]
            where = shown_at(part.wording, part.values) if part.wording else [None] * len(part.cells)
            for cell, position in zip(part.cells, where, strict=True):
                if span_of_part is None and name != "show":
                    shown.pop(cell, None)
                elif span_of_part is not None and position:
                    shown[cell] = tokens.at(span_of_part, [position])
    return prompt + completion, looks


class MassPart(NamedTuple):
    """A part of a state's line: what words it, its values, and the cells that they are of."""

    wording: Callable[..., str] | None
    values: Values
    cells: tuple[Cell, ...]


def _parts(step: Step, line: Line) -> dict[str, MassPart]:
    written, put = (tuple(cell for _, cells in events for cell in cells) for events in (step.writes, step.puts))
    return {
        "show": MassPart(line.show, step.pairs, step.shown),
        "fetch": MassPart(line.fetch, step.values, step.cells),
        "write": MassPart(line.write, step.results, written),
        "put": MassPart(line.put, step.moved, put),
    }


def _span_of(part: MassPart, spans: list[Span], text: str) -> Span | None:
    """The span of a state in which a part is printed, None if it is not."""
    if part.wording is None or not (part.values or part.cells):
        return None
    wanted = part.wording(*part.values)
    return next((each for each in spans if each.module != "state" and text[each.start : each.end] == wanted), None)


def shown_at(write: Callable[..., str], values: tuple[Any, ...]) -> list[tuple[int, int] | None]:
    """Where each value stands in the text that `write` makes of them, as (start, end); None if it is not shown.

    It is found by writing the text once more with a mark in its place; where that cannot be done, or
    changes more than this place, the value is taken to be the whole text.
    """
    text, found = write(*values), list[tuple[int, int] | None]()
    for number, value in enumerate(values):
        # A shown cell is a pair of its place and its value.
        marked = (value[0], MARK) if isinstance(value, tuple) else MARK
        try:
            other = write(*values[:number], marked, *values[number + 1 :])
        except (TypeError, ValueError, KeyError, AttributeError):
            other = 2 * MARK
        before, mark, rest = other.partition(MARK)
        if not mark:
            found.append(None)
        elif MARK not in rest and text.startswith(before) and text.endswith(rest):
            found.append((len(before), len(text) - len(rest)))
        else:
            found.append((0, len(text)))
    return found


class _Tokens:
    """The tokens of a completion by its characters; the first one stands at place `first` of the row."""

    def __init__(self, codec: Codec, text: str, first: int) -> None:
        found = codec.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        self._starts, self._ends, self._first = [a for a, _ in found], [b for _, b in found], first

    def at(self, span: Span, parts: list[tuple[int, int] | None]) -> list[int]:
        """The places, in order, of the tokens that have a character of these parts (start, end) of the span."""
        found: set[int] = set()
        for start, end in (part for part in parts if part):
            first, last = bisect_right(self._ends, span.start + start), bisect_left(self._starts, span.start + end)
            found |= set(range(self._first + first, self._first + last))
        return sorted(found)

    def from_(self, span: Span) -> list[int]:
        """The places of the tokens that begin in the span."""
        start, end = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        return list(range(self._first + start, self._first + end))


@dataclass
class _Sums:
    """What is asked of the next pass, and the sums so far: by layer (2, heads), fetched and originals."""

    looks: list[Look] = field(default_factory=list)
    mass: dict[int, Any] = field(default_factory=dict)
    tokens: int = 0

    def add(self, layer: int, query: Any, key: Any, scaling: float) -> None:
        """Add the mass of one layer. Query (1, heads, tokens, size), key (1, key heads, tokens, size)."""
        import torch

        heads, length = query.shape[1], query.shape[2]
        keys = key[0].repeat_interleave(heads // key.shape[1], dim=0).float()
        mass = self.mass.setdefault(layer, torch.zeros(2, heads, dtype=torch.float64))
        for start in range(0, len(self.looks), LOOKS_AT_ONCE):
            looks = self.looks[start : start + LOOKS_AT_ONCE]
            rows = torch.tensor([look.position for look in looks], device=query.device)
            logits = query[0][:, rows].float() @ keys.mT * scaling
            logits.masked_fill_(torch.arange(length, device=query.device) > rows[:, None], float("-inf"))
            weights = logits.softmax(-1)
            for number, chosen in enumerate(([one.fetched for one in looks], [one.originals for one in looks])):
                mass[number] += (weights * _marks(chosen, length, query.device)).sum((1, 2)).double().cpu()


def _marks(chosen: list[list[int]], length: int, device: Any) -> Any:
    """(rows, length): 1 at the chosen places of each row, 0 elsewhere."""
    import torch

    marks = torch.zeros(len(chosen), length)
    for row, places_of_row in enumerate(chosen):
        marks[row, places_of_row] = 1.0
    return marks.to(device)


@contextmanager
def _watching(model: Any, sums: _Sums) -> Iterator[None]:
    """Let every attention layer tell `sums` its queries and keys; all is as before afterwards."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import sdpa_mask

    def watched(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **more: Any) -> Any:
        sums.add(module.layer_idx, query, key, more.get("scaling") or query.shape[-1] ** -0.5)
        return sdpa_attention_forward(module, query, key, value, attention_mask, **more)

    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    before = inner.config._attn_implementation
    AttentionInterface.register(NAME, watched)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    inner.set_attn_implementation(NAME)
    try:
        yield
    finally:
        inner.set_attn_implementation(before)
        AttentionInterface._global_mapping.pop(NAME)
        AttentionMaskInterface._global_mapping.pop(NAME)
