"""In what a task breaks the contract, seen on problems of it.

In: a task and random streams. Out: what its functions gave, or why it is refused, in words.
"""

import json
from dataclasses import dataclass
from itertools import product
from random import Random
from string import Formatter
from typing import Any

from tailkit.errors import TailkitError, UsageError, quoted
from tailkit.records import Bounds, Problem, Run
from tailkit.tape import ANSWER, mistakes
from tailkit.tasks.contract.refusal import of_problem, refusal, unfit
from tailkit.tasks.contract.task import Task
from tailkit.tasks.contract.traces import Runs

JUNK = ("", "?", "-", "no answer at all")
"""What a model may print, and what is right for no problem."""


@dataclass(frozen=True)
class Given:
    """What the functions of a task gave for one problem; most fields are called like the function."""

    range: str
    sample: dict[str, Any]
    length: int
    key: str
    fill: str
    oracle: str
    program: list[Any]
    wording: list[str]


def hold(task: Task, rng: Random, range_name: str, bounds: Bounds, runs: Runs | None = None) -> Given:
    """Draw a problem, hold the task to the contract on it, and return what it gave; raises `UsageError`.

    Its run is checked, put into words and added to `runs`; without these, neither of them.
    """
    data: Any = None
    try:
        state = rng.getstate()
        data = task.sample(rng, *bounds)
        reason = _of_sample(task, data)
        after = rng.getstate()
        rng.setstate(state)
        if not reason and task.sample(rng, *bounds) != data:
            reason = "sample draws from elsewhere than its stream: the same one gives other data"
        rng.setstate(after)
        given = reason or _given(task, data | task.settings, range_name, bounds, runs)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - the task's own code may raise anything
        given = error.message if isinstance(error, TailkitError) else mistakes.described(error)
    if isinstance(given, str):
        raise refusal(task.id, task.file, f"{given}; {of_problem(data)}")
    return given


def _given(task: Task, data: dict[str, Any], range_name: str, bounds: Bounds, runs: Runs | None) -> Given | str:
    """What a task gives for a problem, or in what it breaks the contract there."""
    if reason := _of_queries(task, data):
        return reason
    before = json.dumps(data)
    problem = task.problem_of(data, range_name, task.queries[0].format(**task.words(data)))
    reason = _of_length(problem, bounds) or _of_answer(task, problem)
    if reason or json.dumps(data) != before:
        return reason or "length, key, oracle, fill or equal changes the data that it is given"
    run = task.record(problem)
    texts = [] if runs is None else [task.trace(run, problem, variant).text for variant in task.variants]
    reason = _of_run(task, run, problem) or (None if runs is None else _of_texts(task, run, problem, texts))
    if reason or json.dumps(data) != before:
        return reason or "program changes the data that it is given"
    if runs is not None:
        runs.setdefault(range_name, []).append((problem, run))
    events = [[step.kind, repr(step.results)] for step in run.steps]
    return Given(range_name, data, problem.n, problem.key, problem.query, problem.answer, [run.answer, events], texts)


def _of_sample(task: Task, data: Any) -> str | None:
    if not isinstance(data, dict):
        return f"sample gives {mistakes.kind_of(data)}, not a dict"
    if clash := data.keys() & task.settings.keys():
        return f"sample gives {min(clash)!r}, which is a name of SETTINGS"
    try:
        kept = json.loads(json.dumps(data))
    except (TypeError, ValueError) as error:
        return f"sample gives data that JSON does not keep: {error}"
    if kept != data or repr(kept) != repr(data):
        return "sample gives data that JSON does not keep: it keeps str, int, float, bool, None, lists, dicts by str"
    return None


def _of_queries(task: Task, data: dict[str, Any]) -> str | None:
    words = task.words(data)
    if task.unfill:
        again = task.unfill({name: str(value) for name, value in words.items()})
        if again | task.settings != data:
            return f"unfill gives {quoted(again, 60)} for the words of the problem, not its data"
    for query in task.queries:
        if reason := _of_template(query, words):
            return f"{reason}: {quoted(query, 80)}"
    texts = [query.format(**words) for query in task.queries]
    if len(set(texts)) < len(texts):
        return "two query templates give the same text"
    reason = next(filter(None, map(unfit, texts)), None)
    return f"a query {reason}" if reason else None


def _of_length(problem: Problem, bounds: Bounds) -> str | None:
    low, high = bounds
    return None if low <= problem.n <= high else f"length {problem.n} is not within {low}–{high}"


def _of_template(query: str, words: dict[str, Any]) -> str | None:
    try:
        fields = {field for _, field, _, _ in Formatter().parse(query) if field is not None}
        query.format(**words)
    except KeyError as error:
        return f"a query template has {{{error.args[0]}}}, but the words are {', '.join(map(str, words))}"
    except Exception as error:  # noqa: BLE001 - a format of the user's own
        return f"a query template cannot be filled, {mistakes.described(error)}"
    if strange := [field for field in fields if not field.isidentifier()]:
        return f"a query template has {{{strange[0]}}}: only whole words stand in it, such as {{{next(iter(words))}}}"
    left_out = words.keys() - fields
    return f"a query template leaves out {{{min(left_out)}}}" if left_out else None


def _of_answer(task: Task, problem: Problem) -> str | None:
    """What is wrong with the oracle's answer, or with how others are compared with it."""
    answer = problem.answer
    if not answer or answer != answer.strip() or len(answer.splitlines()) != 1:
        return f"oracle gives {quoted(answer, 60)}: an answer is one line, not empty, without blanks around it"
    if not task.equal(answer, answer, problem.data):
        return f"equal takes the oracle's own answer {quoted(answer, 60)} for wrong"
    for junk in (*JUNK, "@" * len(answer)):
        try:
            right = task.equal(junk, answer, problem.data)
        except UsageError as error:
            if error.__cause__ is None:
                raise
            said = mistakes.described(error.__cause__)
            return f"equal({junk!r}, …) raises {said}: it gives False, since a model may print anything"
        if right:
            return f"equal takes {quoted(junk, 60)} for right, where the oracle says {quoted(answer, 60)}"
    for baseline, junk in product(task.baselines.values(), JUNK):
        baseline.read(junk)  # a guard names it if it fails
    for rule in task.heuristics.values():
        task.equal(rule(problem.data), answer, problem.data)
    return None


def _of_run(task: Task, run: Run, problem: Problem) -> str | None:
    """What is wrong with the names of cells in a run, or with its answer."""
    for step in run.steps:
        written = [cell for _, cells in (*step.writes, *step.puts) for cell in cells]
        for cell in (*step.shown, *step.cells, *written, *(cell for cell, _ in step.stops)):
            if not isinstance(cell, tuple) or not cell or not all(isinstance(part, str | int) for part in cell):
                return f"state {step.kind!r}: {cell!r} is no cell; a cell is a tuple, such as ('carry',) or ('x1', 3)"
    if not task.equal(run.answer, problem.answer, problem.data):
        return f"the program answers {quoted(run.answer, 60)}, the oracle {quoted(problem.answer, 60)}"
    return None


def _of_texts(task: Task, run: Run, problem: Problem, texts: list[str]) -> str | None:
    """What is wrong with the events of a run, or with its text in one of the variants."""
    task.check(run, problem)
    for variant, text in zip(task.variants, texts, strict=True):
        answer = task.answer_in(text, variant)
        if answer is None:
            lines = sum(line.startswith(ANSWER) for line in text.splitlines())
            return f"variant {variant} gives no answer: {lines} lines of its text begin with {ANSWER!r}, not one"
        if not task.equal(answer, problem.answer, problem.data):
            return f"variant {variant} gives {quoted(answer, 60)}, not {quoted(problem.answer, 60)}"
    return None


def of_answers(task: Task, given: list[Given]) -> str | None:
    """What is wrong with keys, queries and answers, seen over several problems."""
    keys, queries = dict[str, Given](), dict[str, Given]()
    for problem in given:
        for what, name, twin in (
            ("key", problem.key, keys.setdefault(problem.key, problem)),
            ("the query", problem.fill, queries.setdefault(problem.fill, problem)),
        ):
            if not task.equal(twin.oracle, problem.oracle, problem.sample):
                answers = f"{quoted(twin.oracle, 40)} and {quoted(problem.oracle, 40)}"
                return f"{what} {quoted(name, 60)} is that of problems with different answers, {answers}"
    pairs = [(left, right) for left in given for right in given if left.oracle != right.oracle]
    if len(pairs) >= 6 and all(task.equal(left.oracle, right.oracle, right.sample) for left, right in pairs):
        left, right = pairs[0]
        return f"equal takes every answer for right, such as {quoted(left.oracle, 60)} for {quoted(right.oracle, 60)}"
    return None


def of_support(task: Task, bounds: dict[str, Bounds], given: list[Given]) -> str | None:
    """What is wrong with `support`: it is less than the problems that were drawn."""
    for name, (low, high) in bounds.items():
        support, keys = task.support(low, high), {problem.key for problem in given if problem.range == name}
        if support is not None and support < len(keys):
            return f"support({low}, {high}) is {support}, but sample gave {len(keys)} different problems there"
    return None
