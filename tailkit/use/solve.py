"""Watches a trained model solve one problem, each step checked as it comes.

In: a run and a query, or a range to draw a fresh problem from. Out: text as it is generated, and
where it leaves the recorded run.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from random import Random

from tailkit import dataset, tasks
from tailkit.decode import budget, stream
from tailkit.errors import DoesNotFit, UsageError, unknown
from tailkit.models import Loaded
from tailkit.recipe import parse_mix
from tailkit.records import RANGES, Problem, Span
from tailkit.run.folder import RunDir
from tailkit.score import first_difference, span_at
from tailkit.use.reading import problem_in

TRIES = 1000
# A query of one's own has no gold trace; its answer may take so many tokens.
FREE_ROOM = 4096


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
class Made:
    """What was generated, with its number of tokens and the time that it took."""

    text: str
    tokens: int
    seconds: float
    cut: bool


@dataclass(frozen=True)
class Outcome(Made):
    """What came of it. `wrong_at` names module and step of the first difference; None if there is none."""

    answer: str | None
    right: bool | None
    steps_right: int
    steps: int
    wrong_at: str | None


def gold_of(run: RunDir, problem: Problem) -> Gold:
    """The gold trace of a problem of the run's task."""
    task, variant = _task(run), run.recipe.data.variant
    trace = task.trace(task.record(problem), problem, variant)
    return Gold(problem, trace.text, trace.spans, variant)


def _task(run: RunDir) -> tasks.Task:
    return tasks.load(run.task).with_settings(run.recipe.data.settings.get(run.task, {}))


def fresh(run: RunDir, range_name: str, n: int | None, seed: int) -> Problem:
    """A problem of a range (of length `n`, if given) that the run neither trained on nor evaluated.

    Raises `UsageError` for an unknown range, and where a range has no other problems.
    """
    if range_name not in RANGES:
        raise unknown("range", range_name, RANGES)
    task = _task(run)
    low, high = run.recipe.ranges(task.id, task.ranges)[range_name]
    used = {
        row.key
        for name in ("train", *(f"eval-{one}" for one in RANGES))
        for row in dataset.read_checked(run.data, name)
    }
    rng = Random(f"solve/{seed}/{range_name}/{n}")
    for _ in range(TRIES):
        problem = task.problem(rng, range_name, (n or low, n or high))
        if problem.key not in used:
            return problem
    raise UsageError(
        f"{task.id} has no problem in {range_name} that {run.path} has not used", "Take a longer one with --n."
    )


def asked(run: RunDir, question: str) -> Problem | None:
    """The problem that a question asks, if it is in one of the wordings of the run's task."""
    return problem_in(_task(run), question)


def trained_range(run: RunDir, problem: Problem | None) -> str:
    """What is to be said of a question that is unlike those of the training; empty where there is nothing."""
    task = _task(run)
    if problem is None:
        return (
            f"not checked: this is in none of the wordings of {task.id} that were trained; the answer may mean nothing "
            f"(`tailkit show {task.id}` shows some)"
        )
    mix = dict(zip(RANGES, parse_mix(run.recipe.data.mix), strict=True))
    trained = [bounds for name, bounds in run.recipe.ranges(task.id, task.ranges).items() if mix[name]]
    if any(low <= problem.n <= high for low, high in trained):
        return ""
    shown = ", ".join(f"{low}–{high}" for low, high in trained)
    return f"outside of what was trained: its length is {problem.n}, trained were {shown}"


def solve(loaded: Loaded, run: RunDir, query: str, gold: Gold | None, show: Callable[[str], None]) -> Outcome:
    """Decode greedily; `show` gets the text of the completion as it grows."""
    codec = loaded.codec
    if not query.strip():
        raise UsageError("the query is empty", "Write a problem, or take --random.")
    prompt = codec.prompt_ids(query)
    room = budget(len(codec.completion_ids(gold.text)), run.recipe.decode.slack) if gold else FREE_ROOM
    room = min(room, codec.context - len(prompt))
    if room < 1:
        raise DoesNotFit(f"the query takes {len(prompt):,} tokens, the model {codec.context:,}", "Shorten it.")
    begun = time.monotonic()
    new = stream(loaded, prompt, room, show)
    return _outcome(run, gold, Made(codec.text(new), len(new), time.monotonic() - begun, codec.stop_id not in new))


def _outcome(run: RunDir, gold: Gold | None, made: Made) -> Outcome:
    task, plain = _task(run), asdict(made)
    answer = None if made.cut else task.answer_in(made.text, run.recipe.data.variant)
    if gold is None:
        return Outcome(**plain, answer=answer, right=None, steps_right=0, steps=0, wrong_at=None)
    place, same = first_difference(made.text, gold.text), made.text == gold.text
    span = span_at(gold.spans, place)
    return Outcome(
        **plain,
        answer=answer,
        right=answer is not None and task.equal(answer, gold.problem.answer, gold.problem.data),
        steps_right=len(gold.steps) if same else sum(end <= place for end in gold.steps),
        steps=len(gold.steps),
        wrong_at=None if same else f"{span.module} of step {span.step + 1}",
    )
