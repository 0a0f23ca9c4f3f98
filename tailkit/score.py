"""Scores: label accuracy by the task's own exact rule, and where a wrong trace first goes wrong.

In: examples and generations. Out: `Score`s and their summary by range.
pass@1 label accuracy is the paper's measure: only the final answer counts.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from tailkit import answers
from tailkit.records import Example, Generation, Score, Span
from tailkit.tasks import Task

Z95 = 1.959963984540054


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a proportion, as two numbers in 0 … 1."""
    if not total:
        return 0.0, 1.0
    share, z2 = right / total, Z95**2
    centre = share + z2 / (2 * total)
    spread = Z95 * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    low, high = (centre - spread) / (1 + z2 / total), (centre + spread) / (1 + z2 / total)
    # At the ends the formula gives exactly 0 and 1; rounding would not.
    return (low if right else 0.0), (high if right < total else 1.0)


def judge(task: Task, example: Example, generation: Generation) -> Score:
    """Score one generation by its final answer; text that was cut off has none.

    Where the trace is not the gold one, the score names the first place where it leaves it.
    """
    answer = None if generation.cut else task.answer_in(generation.text, example.variant)
    right = answer is not None and task.equal(answer, example.answer, json.loads(example.problem))
    exact = generation.text == example.completion and not generation.cut
    score = Score(
        range=generation.range,
        index=generation.index,
        n=example.n,
        right=right,
        exact=exact,
        cut=generation.cut,
        tokens=generation.tokens,
        given=answer,
        answer=example.answer,
    )
    return score if exact else _with_first_difference(task, example, generation, score)


def judge_answer(task: Task, example: Example, generation: Generation) -> Score:
    """Score a completion of any form, such as another model's: only its answer is looked at, wherever it stands."""
    answer = None if generation.cut else answers.find(generation.text)
    right = answer is not None and task.equal(answer, example.answer, json.loads(example.problem))
    given = asdict(generation)
    kept = {name: given[name] for name in ("range", "index", "cut", "tokens")}
    return Score(**kept, n=example.n, right=right, exact=False, given=answer, answer=example.answer)


def _with_first_difference(task: Task, example: Example, generation: Generation, score: Score) -> Score:
    problem = task.problem_of(json.loads(example.problem), example.range, example.query)
    run = task.record(problem)
    spans = task.trace(run, problem, example.variant).spans
    offset = first_difference(generation.text, example.completion)
    span = span_at(spans, offset)
    step = run.steps[span.step] if span.step < len(run.steps) else None
    state = f"{step.kind} {','.join(map(str, step.at))}".strip() if step else "answer"
    return Score(**{**asdict(score), "step": span.step, "module": span.module, "state": state, "offset": offset})


def first_difference(text: str, gold: str) -> int:
    """The offset of the first character of `text` that differs from `gold`, or where the shorter one ends."""
    shorter = min(len(text), len(gold))
    return next((i for i in range(shorter) if text[i] != gold[i]), shorter)


def span_at(spans: list[Span], offset: int) -> Span:
    """The span that covers a character; the last one for what stands behind the end."""
    return next((span for span in spans if span.start <= offset < span.end), spans[-1])


def _at_length(n: int, rows: list[Score]) -> tuple[int, int, float, float]:
    right, total = sum(s.right for s in rows if s.n == n), sum(s.n == n for s in rows)
    return right, total, *wilson(right, total)


@dataclass(frozen=True)
class Summary:
    """The figures of one range: counts, accuracy with its interval, and by length n the same.

    `by_n` gives right, total, and the bounds of the interval. Right, wrong and cut add up to total;
    `first_wrong` counts the modules of the first wrong step of wrong answers.
    """

    range: str
    total: int
    right: int
    accuracy: float
    low: float
    high: float
    exact: int
    cut: int
    tokens_mean: float
    by_n: dict[int, tuple[int, int, float, float]]
    first_wrong: dict[str, int]
    first_wrong_states: dict[str, int]


def summarize(range_name: str, scores: Iterable[Score]) -> Summary:
    """Accuracy with its interval, by length, and the modules of first wrong steps of one range."""
    rows = [score for score in scores if score.range == range_name]
    right = sum(score.right for score in rows)
    low, high = wilson(right, len(rows))
    lengths = sorted({score.n for score in rows})
    # What was cut off is counted apart from what is wrong; without a trace to follow there is no first step.
    wrong = [score for score in rows if not score.right and not score.cut and score.module]
    return Summary(
        range=range_name,
        total=len(rows),
        right=right,
        accuracy=right / len(rows) if rows else 0.0,
        low=low,
        high=high,
        exact=sum(score.exact for score in rows),
        cut=sum(score.cut for score in rows),
        tokens_mean=sum(score.tokens for score in rows) / len(rows) if rows else 0.0,
        by_n={n: _at_length(n, rows) for n in lengths},
        first_wrong=dict(Counter(str(score.module) for score in wrong)),
        first_wrong_states=dict(Counter(str(score.state).split()[0] for score in wrong).most_common()),
    )
