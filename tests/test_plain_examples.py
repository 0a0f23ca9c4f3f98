"""The examples of plain functions are tasks that keep all rules."""

from pathlib import Path
from random import Random

import pytest

from tailkit import recipe, tasks
from tailkit.records import RANGES

EXAMPLES = sorted((recipe.FOLDER / "examples").glob("*.py"))
pytestmark = pytest.mark.usefixtures("only_kit_tasks", "tried_here")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_a_task_that_keeps_the_rules(file: Path) -> None:
    task = tasks.load(tasks.known(f"{file}:{file.stem}")).with_settings({})
    assert len(task.queries) >= tasks.MIN_QUERIES
    assert tasks.verify(task) == []
    for name in RANGES:
        for seed in range(10):
            problem = task.problem(Random(seed), name, task.ranges[name])
            assert task.record(problem).answer == problem.answer


def test_the_examples_are_of_six_paradigms() -> None:
    loaded = [tasks.load(tasks.known(f"{file}:{file.stem}")) for file in EXAMPLES]
    assert len({task.paradigm for task in loaded}) >= 6
