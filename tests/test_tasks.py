"""The contract that every task keeps. What is particular to one task stands in tests/tasks."""

import copy
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from tokenizers import Tokenizer

from tailkit import tasks
from tailkit.dataset import guesses
from tailkit.errors import UsageError
from tailkit.nano import MODEL_DIR
from tailkit.records import MODULES, RANGES, Problem
from tailkit.tape import check, lint
from tailkit.tape.answer import ANSWER, extract
from tailkit.tape.reads import flat
from tailkit.tape.render import VARIANTS
from tests.corruption import corruptions, is_caught

GOLDENS = Path(__file__).parent / "goldens"
TASKS = [tasks.load(name) for name in tasks.names()]

every_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
every_range = pytest.mark.parametrize("range_name", RANGES)


def problems(task: tasks.Task, range_name: str, count: int) -> list[Problem]:
    rng = Random(f"test/{task.id}/{range_name}")
    return [task.problem(rng, range_name, task.ranges[range_name]) for _ in range(count)]


@every_task
@every_range
def test_the_same_stream_gives_the_same_problem_within_its_range(task: tasks.Task, range_name: str) -> None:
    low, high = task.ranges[range_name]
    drawn = problems(task, range_name, 15)
    assert drawn == problems(task, range_name, 15)
    assert all(low <= problem.n <= high for problem in drawn)


@every_task
@every_range
def test_runs_check_and_every_variant_gives_the_oracle_s_answer(task: tasks.Task, range_name: str) -> None:
    tasks.verify(task, {range_name: task.ranges[range_name]}, count=5)


CONSTANT, HEURISTIC = 0.35, {"S": 0.5, "M": 0.5, "L": 0.3}
EASY = {
    "compare_numbers": {"S": 0.72, "M": 0.76, "L": 0.8},  # of its two heuristics, one gives nearly every sign
    "combination": {"S": 0.9},  # up to three elements there is no other number
    "knapsack": {"S": 0.97},  # two or three items
    "lcs": {"S": 0.94},
    "levenshtein": {"S": 0.83},
    "prime_search": {"S": 0.56},  # up to 100 only three composite numbers have no factor of 2, 3 or 5
}
"""Ranges in which short problems, or few answers, let a heuristic be right more often."""


def guessed_less_than_allowed(task: tasks.Task, range_name: str, count: int, noise: float) -> None:
    rng = Random(f"guesses/{task.id}/{range_name}")
    drawn = [task.sample(rng, *task.ranges[range_name]) for _ in range(count)]
    measured = guesses.measure(task, [(data, task.oracle(data)) for data in drawn])
    assert measured
    most = 0.45 if task.id == "compare_numbers" else CONSTANT
    assert measured.best_constant <= most + noise, measured
    most = EASY.get(task.id, {}).get(range_name, HEURISTIC[range_name])
    assert max([0, *measured.simple_heuristics.values()]) <= most + noise, measured


@every_task
@every_range
def test_no_constant_or_heuristic_is_often_right(task: tasks.Task, range_name: str) -> None:
    guessed_less_than_allowed(task, range_name, 150, noise=0.1)


@pytest.mark.slow
@every_task
@every_range
def test_guesses_of_many_problems_keep_to_the_limits(task: tasks.Task, range_name: str) -> None:
    guessed_less_than_allowed(task, range_name, 4_000, noise=0.015)


@every_task
def test_a_problem_comes_back_from_its_json_as_it_was(task: tasks.Task) -> None:
    for problem in problems(task, "S", 10):
        again = task.problem_of(json.loads(json.dumps(problem.data)), "S", problem.query)
        assert again == problem
        assert task.record(again).answer == task.record(problem).answer


@pytest.mark.slow
@every_task
def test_ten_thousand_runs_check_against_the_oracle(task: tasks.Task) -> None:
    for range_name, count in (("S", 8_000), ("M", 1_500), ("L", 500)):
        for problem in problems(task, range_name, count):
            run = task.record(problem)
            check(run, task.program, problem.data)
            assert task.equal(run.answer, problem.answer, problem.data)


@every_task
@every_range
def test_spans_cover_the_text_without_gap_or_overlap(task: tasks.Task, range_name: str) -> None:
    for problem in problems(task, range_name, 3):
        run = task.record(problem)
        for variant in task.variants:
            trace = task.trace(run, problem, variant)
            assert [span.start for span in trace.spans] == [0, *[span.end for span in trace.spans[:-1]]]
            assert trace.spans[-1].end == len(trace.text)
            assert trace.spans[-1].module == "answer"
            assert {span.module for span in trace.spans} <= set(MODULES)


@every_task
def test_the_complete_trace_shows_all_modules(task: tasks.Task) -> None:
    for variant in ("tail", "styled"):
        problem = problems(task, "M", 1)[0]
        assert {part[1] for part in task.trace(task.record(problem), problem, variant).parts} == set(MODULES)


@every_task
def test_queries_are_many_and_each_holds_the_whole_problem(task: tasks.Task) -> None:
    for problem in problems(task, "S", 3):
        words = task.words(problem.data)
        texts = {query.format(**words) for query in task.queries}
        assert len(texts) == len(task.queries) >= tasks.MIN_QUERIES
        assert all(str(value) in text for text in texts for value in words.values())
        assert all(set(re.findall(r"{(\w+)", query)) == words.keys() for query in task.queries)


def near_misses(label: str) -> Iterator[str]:
    """Answers that are nearly the label: every one of them is wrong."""
    numbers = list(re.finditer(r"[0-9]+", label))
    for number in (*numbers[:1], *numbers[-1:]):
        for wrong in (int(number[0]) + 1, int(number[0]) + 10, int(number[0]) * 10 + 1):
            yield label[: number.start()] + str(wrong) + label[number.end() :]
    separator = ";" if ";" in label else ","
    items = label.split(separator)
    for place, (one, other) in enumerate(pairwise(items)):
        if one != other and separator == ",":
            yield separator.join([*items[:place], other, one, *items[place + 2 :]])
    if len(items) > 1:
        yield separator.join(items[:-1])
        yield separator.join([*items, items[-1]])
    yield from ("", label + "x", "x" + label, f"{label} {label}", f"about {label}", f"[{label}", f"{label}.5.5")
    if label[-1] not in "0." and len(label) > 1:
        yield label[:-1]


@every_task
@every_range
def test_the_scorer_refuses_near_misses(task: tasks.Task, range_name: str) -> None:
    for problem in problems(task, range_name, 5):
        assert task.equal(problem.answer, problem.answer, problem.data)
        for wrong in near_misses(problem.answer):
            given = extract(ANSWER + wrong)
            assert given is None or not task.equal(given, problem.answer, problem.data), wrong


@every_task
def test_extraction_wants_one_answer_line(task: tasks.Task) -> None:
    problem = problems(task, "S", 1)[0]
    line = ANSWER + problem.answer
    assert extract(line) == extract(f"{line}\n{line}") == problem.answer
    assert extract(f"{line}\n{line}1") is None
    assert extract(problem.answer) is extract(line.lower().replace("answer", "the answer")) is None


@every_task
def test_an_ablation_differs_from_tail_in_its_own_module_only(task: tasks.Task) -> None:
    shortened = set()
    for problem in problems(task, "M", 10):
        run = task.record(problem)
        parts = {variant: task.trace(run, problem, variant).parts for variant in VARIANTS}
        full = parts["tail"]
        left_out = [part for part in full if part not in parts["no-fetch"]]
        assert parts["no-fetch"] == [part for part in full if part in parts["no-fetch"]]
        assert {module for _, module, _ in left_out} <= {"fetch", "compute"}
        assert any(module == "fetch" for _, module, _ in left_out)
        assert not any(module == "transition" and text != "...\n" for text, module, _ in parts["no-linear"])
        assert [module for _, module, _ in parts["direct"]] == ["answer"]
        assert [(module, step) for _, module, step in parts["styled"] if module == "compute"] == [
            (module, step) for _, module, step in full if module == "compute"
        ]
        steps = {variant: {step for _, _, step in parts[variant]} for variant in VARIANTS}
        assert steps["no-linear"] | steps["no-atomic"] <= steps["tail"] == steps["styled"]
        shortened |= {variant for variant in VARIANTS if steps[variant] < steps["tail"]}
    assert shortened >= {"no-atomic", "direct"}


@every_task
@every_range
@pytest.mark.parametrize("count", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_an_ablation_equals_the_full_trace_in_no_row(task: tasks.Task, range_name: str, count: int) -> None:
    """Not in its text, and no-linear not in its text without the arrows either."""
    same = dict.fromkeys(("no-fetch", "no-atomic", "no-linear"), 0)
    drawn = problems(task, range_name, count)
    for problem in drawn:
        run = task.record(problem)
        parts = task.trace(run, problem, "tail").parts
        full, bare = ("".join(text for text, module, _ in parts if module != kept) for kept in ("", "transition"))
        for variant in same:
            text = task.trace(run, problem, variant).text
            same[variant] += text == full or text.replace("\n", "") == bare.replace("\n", "")
    assert all(count <= len(drawn) / 100 for count in same.values()), same


@every_task
@every_range
def test_without_fetches_no_text_of_an_operand_comes_back(task: tasks.Task, range_name: str) -> None:
    for problem in problems(task, range_name, 10):
        run = task.record(problem)
        texts = defaultdict[int, str](str)
        for text, module, number in task.trace(run, problem, "no-fetch").parts:
            texts[number] += text if module in ("fetch", "compute") else ""
        for number, step in enumerate(run.steps):
            own = "".join(map(str, flat((step.at, step.results, step.next or ()))))
            for operand in step.values:
                if isinstance(operand, str) and len(operand) > 1 and operand not in own:
                    assert operand not in texts[number], (step.kind, texts[number])


def test_texts_that_are_joined_are_no_result_of_their_own() -> None:
    task = tasks.load("any_substring")
    for problem in problems(task, "L", 5):
        lines = task.trace(task.record(problem), problem, "no-fetch").text.splitlines()
        assert not [line for line in lines if re.fullmatch(r"\d+,\d+:\w{2,}>?", line)]


@every_task
def test_every_transition_is_local_and_every_operand_printed(task: tasks.Task) -> None:
    runs = {name: [task.record(problem) for problem in problems(task, name, 3)] for name in RANGES}
    for words, literal in ((task.core, True), (task.styled, False)):
        measured = lint.measure(runs, words, literal=literal)
        assert not measured.findings
        assert measured.local == measured.transitions
        assert measured.printed == measured.values


@every_task
def test_no_core_trace_is_longer_than_16_000_tokens(task: tasks.Task) -> None:
    """Each token of any byte-level tokenizer takes at least one byte."""
    rng = Random(f"longest/{task.id}")
    for _ in range(5):
        problem = task.problem_at(rng, task.ranges["L"][1])
        assert len(task.trace(task.record(problem), problem, "tail").text.encode()) < 16_000


@every_task
def test_parts_of_a_trace_hold_no_python_values_nor_empty_text(task: tasks.Task) -> None:
    problem = problems(task, "S", 1)[0]
    for variant in task.variants:
        for text, module, _ in task.trace(task.record(problem), problem, variant).parts:
            assert text or module in ("state", "compute")
            assert not re.search(r"None|True|False|\(\)|\[\]|inf\b", text)


@every_task
def test_every_corrupted_event_is_caught(task: tasks.Task) -> None:
    problem = min(problems(task, "S", 20), key=lambda drawn: len(task.record(drawn).steps))
    run = task.record(problem)
    check(run, task.program, problem.data)
    broken = list(corruptions(run))
    assert len(broken) >= 4 * len(run.steps)
    wanted = Random(task.id).sample(broken, min(150, len(broken)))
    assert not [what for what, corrupt in wanted if not is_caught(corrupt, task.program, problem.data)]


@every_task
def test_query_and_completion_survive_the_bundled_tokenizer(task: tasks.Task) -> None:
    tokenizer = Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json"))
    problem = problems(task, "M", 1)[0]
    for text in (problem.query, *(task.trace(task.record(problem), problem, v).text for v in task.variants)):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text


@every_task
def test_declared_support_is_what_sampling_reaches(task: tasks.Task) -> None:
    """Where a length has few problems drawing finds exactly as many; nowhere more."""
    low = task.ranges["S"][0]
    support = task.support(low, low + 1)
    rng = Random(f"support/{task.id}")
    if support is None:
        return
    draws = 40 * support if support <= 2_000 else 2_000
    seen = {task.key(task.sample(rng, low, low + 1)) for _ in range(draws)}
    assert len(seen) <= support
    assert support > 2_000 or len(seen) == support


@every_task
def test_short_problems_are_as_frequent_as_long_ones(task: tasks.Task) -> None:
    for name, (low, high) in task.ranges.items():
        sizes = [task.length(task.sample(Random(f"{name}/{seed}"), low, high)) for seed in range(200)]
        below, above = (sum((size - (low + high) / 2) * side > 0 for size in sizes) for side in (-1, 1))
        assert 0.6 < below / above < 1.65, f"{name}: {below} of the shorter half, {above} of the longer one"


@every_task
def test_goldens_hold_for_a_small_problem_in_every_variant(task: tasks.Task) -> None:
    """A changed golden needs a reason in the commit. `python -m tests.test_tasks TASK` writes them anew."""
    for variant in task.variants:
        assert golden(task, variant) == (GOLDENS / task.id / f"{variant}.txt").read_text()


def golden(task: tasks.Task, variant: str) -> str:
    data = json.loads((GOLDENS / task.id / "problem.json").read_text())
    problem = task.problem_of(data, "S", task.queries[0].format(**task.words(data)))
    return f"{problem.query}\n\n{task.trace(task.record(problem), problem, variant).text}\n"


def test_an_unknown_task_or_variant_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="addition"):
        tasks.load("adition")
    with pytest.raises(UsageError, match="no-fetch"):
        copy.copy(tasks.load("addition")).check_variant("nofetch")


if __name__ == "__main__":
    for each in [tasks.load(name) for name in sys.argv[1:]] or TASKS:
        for name in each.variants:
            (GOLDENS / each.id / f"{name}.txt").write_text(golden(each, name))
