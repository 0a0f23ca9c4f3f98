"""Scores: label accuracy by the task's own exact rule, and where a wrong trace first goes wrong.

In: examples and generations. Out: `Score`s.
pass@1 label accuracy is the paper's measure: only the final answer counts.
"""

import json
from dataclasses import asdict

from tailkit.records import Example, Generation, Score, Span
from tailkit.score.find import find
from tailkit.tasks import Task


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
    answer = None if generation.cut else find(generation.text)
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
    """The span that covers a character; the last one for what stands after the end."""
    return next((span for span in spans if span.start <= offset < span.end), spans[-1])
