"""Rows for tests in one process: addition problems, and texts that nano was pretrained on."""

import json
from random import Random

from tailkit import recipe, tasks
from tailkit.nano import primitives
from tailkit.records import Example

TASK = tasks.load("addition")
NANO = recipe.Model(name="nano", precision="fp32")


def example(seed: int, n: int = 3) -> Example:
    """An addition problem of length n with its core trace."""
    problem = TASK.problem(Random(seed), "S", (n, n))
    text = TASK.trace(TASK.record(problem), problem, "tail").text
    data = json.dumps(problem.data)
    return Example("addition", "", 1, "S", n, "eval", "tail", problem.key, problem.query, text, problem.answer, data)


def known(seed: int, size: int) -> Example:
    """A text of nano's pretraining, which it completes the better the shorter it is."""
    _, prompt, completion = primitives.sample(Random(seed), size)
    return Example("addition", "", 1, "S", size, "eval", "tail", str(seed), prompt, completion, "", "{}")
