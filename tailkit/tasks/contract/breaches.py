"""In what a task breaks the contract, found on problems of it.

In: a task and problems. Out: reasons in words, None where there are none.
"""

import json
from itertools import product
from random import Random
from string import Formatter
from typing import Any

from tailkit.errors import TailkitError, UsageError, cut
from tailkit.records import Problem, Run
from tailkit.tape import ANSWER, mistakes
from tailkit.tasks.contract.refusal import of_problem, refusal, unfit
from tailkit.tasks.contract.task import Task

JUNK = ("", "?", "-", "no answer at all")
"""What a model may print, and what is right for no problem."""


def hold(task: Task, rng: Random, range_name: str, bounds: tuple[int, int], *, traced: bool = True) -> dict[str, Any]:
    """Draw a problem, hold the task to the contract on it, and return its data; raises `UsageError`."""
    data: Any = None
    try:
        state = rng.getstate()
        data = task.sample(rng, *bounds)
        reason = _of_sample(task, data)
        if not reason:
            data = data | task.settings
            reason = _of_problem(task, data, range_name, bounds) or (
                _of_run(task, data, range_name) if traced else None
            )
        after = rng.getstate()
        rng.setstate(state)
        if not reason and task.sample(rng, *bounds) | task.settings != data:
            reason = "sample draws from elsewhere than its stream: the same one gives other data"
        rng.setstate(after)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - the task's own code may raise anything
        reason = error.message if isinstance(error, TailkitError) else mistakes.described(error)
    if reason:
        raise refusal(task.id, task.file, f"{reason}; {of_problem(data)}")
    return data


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


def _of_problem(task: Task, data: dict[str, Any], range_name: str, bounds: tuple[int, int]) -> str | None:
    """What is wrong with a problem's texts and sizes."""
    before = json.dumps(data)
    words = task.words(data)
    for query in task.queries:
        if reason := _of_template(query, words):
            return f"{reason}: {cut(repr(query), 80)}"
    texts = [query.format(**words) for query in task.queries]
    if len(set(texts)) < len(texts):
        return "two query templates give the same text"
    if reason := next(filter(None, map(unfit, texts)), None):
        return f"a query {reason}"
    problem = task.problem_of(data, range_name, texts[0])
    if not bounds[0] <= problem.n <= bounds[1]:
        return f"length {problem.n} is not within {bounds[0]}–{bounds[1]}"
    if json.dumps(data) != before:
        return "length, key, oracle or fill changes the data that it is given"
    return _of_answer(task, problem)


def _of_template(query: str, words: dict[str, Any]) -> str | None:
    try:
        fields = {field for _, field, _, _ in Formatter().parse(query) if field is not None}
        query.format(**words)
    except KeyError as error:
        return f"a query template has {{{error.args[0]}}}, but the words are {', '.join(map(str, words))}"
    except Exception as error:  # noqa: BLE001 - a format of the user's own
        return f"a query template cannot be filled, {mistakes.described(error)}"
    left_out = words.keys() - {field.partition(".")[0].partition("[")[0] for field in fields}
    return f"a query template leaves out {{{min(left_out)}}}" if left_out else None


def _of_answer(task: Task, problem: Problem) -> str | None:
    """What is wrong with the oracle's answer, or with how others are compared with it."""
    answer = problem.answer
    if not answer or answer != answer.strip() or len(answer.splitlines()) != 1:
        return f"oracle gives {answer!r}: an answer is one line, not empty, without blanks around it"
    if not task.equal(answer, answer, problem.data):
        return f"equal takes the oracle's own answer {answer!r} for wrong"
    for junk in (*JUNK, "@" * len(answer)):
        try:
            right = task.equal(junk, answer, problem.data)
        except UsageError as error:
            if error.__cause__ is None:
                raise
            said = mistakes.described(error.__cause__)
            return f"equal({junk!r}, {answer!r}, data) raises {said}: it gives False, since a model may print anything"
        if right:
            return f"equal takes {junk!r} for right, where the oracle says {answer!r}"
    for baseline, junk in product(task.baselines.values(), JUNK):
        baseline.read(junk)  # a guard names it if it fails
    return None


def _of_run(task: Task, data: dict[str, Any], range_name: str) -> str | None:
    """What is wrong with the program's run, or with a trace of it."""
    before = json.dumps(data)
    problem = task.problem_of(data, range_name, task.queries[0].format(**task.words(data)))
    run = task.record(problem)
    if reason := _of_names(run):
        return reason
    task.check(run, problem)
    if json.dumps(data) != before:
        return "program or equal changes the data that it is given"
    if not task.equal(run.answer, problem.answer, data):
        return f"the program answers {run.answer!r}, the oracle {problem.answer!r}"
    for variant in task.variants:
        text = task.trace(run, problem, variant).text
        answer = task.answer_in(text, variant)
        if answer is None:
            lines = sum(line.startswith(ANSWER) for line in text.splitlines())
            return f"variant {variant} gives no answer: {lines} lines of its text begin with {ANSWER!r}, not one"
        if not task.equal(answer, problem.answer, data):
            return f"variant {variant} gives {answer!r}, not {problem.answer!r}"
    return None


def _of_names(run: Run) -> str | None:
    """What is wrong with the names of states and cells in a run."""
    for step in run.steps:
        if not isinstance(step.kind, str):
            return f"program opens the state {step.kind!r}: the kind of a state is a str"
        for cell in (*step.cells, *(cell for _, cells in step.writes for cell in cells)):
            if not isinstance(cell, tuple) or not cell or not all(isinstance(part, str | int) for part in cell):
                return f"state {step.kind!r}: {cell!r} is no cell; a cell is a tuple, such as ('carry',) or ('x1', 3)"
    return None


def of_answers(task: Task, given: list[dict[str, Any]]) -> str | None:
    """What is wrong with keys, queries and answers, seen over several problems."""
    for what in ("key", "fill"):
        known: dict[str, dict[str, Any]] = {}
        for problem in given:
            twin = known.setdefault(problem[what], problem)
            if not task.equal(twin["oracle"], problem["oracle"], problem["sample"]):
                name = {"key": "key", "fill": "the query"}[what]
                answers = f"{cut(repr(twin['oracle']), 40)} and {cut(repr(problem['oracle']), 40)}"
                return f"{name} {cut(repr(problem[what]), 60)} is that of problems with different answers, {answers}"
    pairs = [(one, other) for one in given for other in given if one["oracle"] != other["oracle"]]
    if len(pairs) >= 6 and all(task.equal(one["oracle"], other["oracle"], other["sample"]) for one, other in pairs):
        one, other = pairs[0]
        return f"equal takes every answer for right, such as {one['oracle']!r} for {other['oracle']!r}"
    return None


def of_support(task: Task, bounds: dict[str, tuple[int, int]], given: list[dict[str, Any]]) -> str | None:
    """What is wrong with `support`: it is less than the problems that were drawn."""
    for name, (low, high) in bounds.items():
        support, keys = task.support(low, high), {problem["key"] for problem in given if problem["range"] == name}
        if support is not None and support < len(keys):
            return f"support({low}, {high}) is {support}, but sample gave {len(keys)} different problems there"
    return None
