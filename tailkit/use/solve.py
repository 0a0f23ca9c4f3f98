"""Watches a trained model solve one problem, each step checked as it comes.

In: a run and a question, or a range to draw a fresh problem from. Out: text as it is generated, where it
leaves the recorded run, and what is to be said of a question that is unlike those of the training.
"""

import json
import time
from dataclasses import dataclass, replace
from random import Random

from tailkit import decode, tasks
from tailkit.arithmetic import decoding
from tailkit.decode.protocol import Engine, Show
from tailkit.errors import DoesNotFit, UsageError, unknown
from tailkit.records import RANGES, Example, Generation, Problem, Span
from tailkit.report import words
from tailkit.report.headline import trained_ranges
from tailkit.run.folder import RunDir
from tailkit.run.manifest import read_manifest
from tailkit.score import first_difference, judge_answer, span_at
from tailkit.use.reading import problem_in

TRIES = 1000


@dataclass(frozen=True)
class Gold:
    """The recorded run of a problem in the run's variant."""

    problem: Problem
    text: str
    spans: list[Span]
    variant: str

    @property
    def steps(self) -> list[int]:
        """Where each step ends in the text, in order."""
        ends = {span.step: span.end for span in self.spans}
        return [ends[step] for step in sorted(ends)]


@dataclass(frozen=True)
class Asked:
    """What a model is asked.

    `problem`: what the question was read as, None where it could not be. `gold`: its recorded run, None
    without a problem and where the model was trained on completions of another form. `remark`: why an
    answer may mean nothing; empty where it may not.
    """

    question: str
    problem: Problem | None
    gold: Gold | None
    remark: str

    @property
    def read_as(self) -> str | None:
        """The wording that was recognised, where it is not the question itself."""
        return self.problem.query if self.problem and self.problem.query != self.question else None


@dataclass(frozen=True)
class Outcome:
    """What came of it: the text, its number of tokens, the time in seconds, the answer in the text.

    `right` is None where the answer could not be checked. `wrong_at` names module and step of the first
    difference from the gold trace; None if there is none.
    """

    text: str
    tokens: int
    seconds: float
    cut: bool
    answer: str | None
    right: bool | None
    steps_right: int = 0
    steps: int = 0
    wrong_at: str | None = None


def gold_of(run: RunDir, problem: Problem) -> Gold:
    """The gold trace of a problem of the run's task."""
    task, variant = _task(run), run.recipe.data.variant
    trace = task.trace_of(problem, variant)
    return Gold(problem, trace.text, trace.spans, variant)


def _task(run: RunDir) -> tasks.Task:
    return tasks.load(run.task).with_settings(run.recipe.settings(run.task))


def fresh(run: RunDir, range_name: str, n: int | None, seed: int) -> Asked:
    """A problem of a range (or of length `n`, if given) that the run neither trained on nor evaluated.

    Where there is no other, one that it has seen, which the remark says. Raises `UsageError` for an unknown
    range and for a length that the task does not have.
    """
    if range_name not in RANGES:
        raise unknown("range", range_name, RANGES)
    task, rng = _task(run), Random(f"solve/{seed}/{range_name}/{n}")
    bounds = run.recipe.ranges(task.id, task.ranges)[range_name]
    trained = run.training_set() if run.recipe.trains else []
    learned = {row.key for row in trained}
    used = learned | {row.key for rows in run.evaluation_sets().values() for row in rows}
    for _ in range(TRIES):
        problem = task.problem(rng, range_name, bounds) if n is None else task.problem_at(rng, task.check_length(n))
        if problem.key not in used:
            break
    drawn = _asked(run, problem.query, problem)
    if problem.key not in used:
        return drawn
    where = f"range {range_name}" if n is None else f"length {n}"
    how = "trained on" if problem.key in learned else "evaluated"
    seen = f"not fresh: the run has used all problems of {where} that were found, and {how} this one"
    return replace(drawn, remark="; ".join(filter(None, (seen, drawn.remark))))


def asked(run: RunDir, question: str) -> Asked:
    """A question of a user's own, with the problem that it asks; raises `UsageError` if it is no text."""
    if not question.strip():
        raise UsageError("the query is empty", "Write a problem, or take --random.")
    if any("\ud800" <= char <= "\udfff" for char in question):
        raise UsageError("the query is not Unicode text", "Write it in UTF-8.")
    task = _task(run)
    return _asked(run, question, problem_in(task, question, run.recipe.ranges(task.id, task.ranges).values()))


def _asked(run: RunDir, question: str, problem: Problem | None) -> Asked:
    gold = gold_of(run, problem) if problem and not run.recipe.free_form else None
    return Asked(question, problem, gold, _remark(run, problem))


def _remark(run: RunDir, problem: Problem | None) -> str:
    """What is to be said of a question that is unlike those of the training; empty where there is nothing."""
    task, manifest = _task(run), read_manifest(run.data)
    if problem is None:
        return (
            f"not checked: this cannot be read as a problem of {task.id}, so it is outside of what was trained, and "
            f"the answer may mean nothing; `tailkit show {task.id}` shows how one is worded"
        )
    trained = words.joined(manifest.ranges[name] for name in trained_ranges(manifest))
    if not trained:
        return f"the model was not trained on {task.id}"
    if any(low <= problem.n <= high for low, high in trained):
        return ""
    here, there = words.length(task.nouns, (problem.n, problem.n)), words.length(task.nouns, *trained)
    return f"outside of what was trained: {here} here, {there} in training"


def solve(loaded: Engine, run: RunDir, asked: Asked, show: Show) -> Outcome:
    """Decode greedily; `show` gets the text of the completion as it grows. Raises `DoesNotFit` for a long question."""
    codec = loaded.codec
    prompt = codec.prompt_ids(asked.question)
    gold_tokens = len(codec.completion_ids(asked.gold.text)) if asked.gold else 0
    knows_room = asked.gold or run.recipe.free_form
    room = decoding.room(run.recipe, gold_tokens) if knows_room else decoding.FREE_ROOM
    room = min(room, codec.context - len(prompt))
    if room < 1:
        raise DoesNotFit(f"the query takes {len(prompt):,} tokens, the model {codec.context:,}", "Shorten it.")
    begun = time.monotonic()
    new = decode.stream(loaded, run, prompt, room, show)
    seconds, text, cut = time.monotonic() - begun, codec.text(new), codec.stop_id not in new
    return _with_steps(Outcome(text, len(new), seconds, cut, *_judged(run, asked.problem, text, cut)), asked.gold)


def _judged(run: RunDir, problem: Problem | None, text: str, cut: bool) -> tuple[str | None, bool | None]:
    """The answer in a text, and whether it is right; None where nothing is known of either."""
    task, variant = _task(run), run.recipe.data.variant
    if problem is None or not run.recipe.free_form:
        answer = None if cut else task.answer_in(text, variant)
        if problem is None:
            return answer, None
        return answer, answer is not None and bool(task.equal(answer, problem.answer, problem.data))
    data = json.dumps(problem.data)
    example = Example(
        task=task.id, paradigm="", task_version=1, range=problem.range, n=problem.n, split="", variant=variant,
        key=problem.key, query=problem.query, completion="", answer=problem.answer, problem=data,
    )  # fmt: skip
    score = judge_answer(task, example, Generation(problem.range, 0, text, 0, cut))
    return score.given, score.right


def _with_steps(outcome: Outcome, gold: Gold | None) -> Outcome:
    """The outcome with how far its text follows the gold trace."""
    if gold is None:
        return outcome
    place, same = first_difference(outcome.text, gold.text), outcome.text == gold.text
    span = span_at(gold.spans, place)
    return replace(
        outcome,
        steps_right=len(gold.steps) if same else sum(end <= place for end in gold.steps),
        steps=len(gold.steps),
        wrong_at=None if same else f"{span.module} of step {span.step + 1}",
    )
