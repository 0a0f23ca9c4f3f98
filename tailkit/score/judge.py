"""Scores: label accuracy by the task's own exact rule, and where a wrong trace first goes wrong.

In: examples and generations. Out: `Score`s.
pass@1 label accuracy is the paper's measure: only the final answer counts.
"""

import json
from dataclasses import asdict
from typing import Any

from tailkit.records import Example, Generation, Score, Span
from tailkit.score.find import Forms, find
from tailkit.tasks import Task
from tailkit.tasks.shelf.equality import reader_of


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
        unfound=answer is None and not generation.cut,
    )
    return score if exact else _with_first_difference(task, example, generation, score)


def judge_answer(task: Task, example: Example, generation: Generation) -> Score:
    """Score a completion of any form, such as another model's: only its answer is looked at, wherever it stands.

    The first answer that is of the label's kind counts. Where it leaves open which of several it is,
    all of them must be right.
    """
    given, right = (None, False) if generation.cut else _verdict(task, example, generation.text)
    known = asdict(generation)
    kept = {name: known[name] for name in ("range", "index", "cut", "tokens")}
    unfound = given is None and not generation.cut
    return Score(**kept, n=example.n, right=right, exact=False, given=given, answer=example.answer, unfound=unfound)


def _verdict(task: Task, example: Example, text: str) -> tuple[str | None, bool]:
    """The answer that a text gives, and whether it is right; None if it gives none of the label's kind."""
    data = json.loads(example.problem)
    for places in find(text):
        readings = [reading for forms in places for reading in _read(task, example.answer, data, forms)]
        if readings:
            right = all(_same(task, reading, example.answer, data) for reading in readings)
            return " or ".join(dict.fromkeys(readings)), right
    return None, False


def _read(task: Task, answer: str, data: dict[str, Any], forms: Forms) -> list[str]:
    """The readings of the first form that is the label's own, or that can be read as such."""
    read = reader_of(task.equal)
    for form in forms:
        if _same(task, form, answer, data):
            return [form]
        if readings := read(form, answer, data):
            return readings
    return []


def _same(task: Task, given: str, answer: str, data: dict[str, Any]) -> bool:
    try:
        return task.equal(given, answer, data)
    except Exception:  # noqa: BLE001 - a user's own rule may be made for its own answers only, not for prose
        return False


def _with_first_difference(task: Task, example: Example, generation: Generation, score: Score) -> Score:
    problem = task.problem_in(example)
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
