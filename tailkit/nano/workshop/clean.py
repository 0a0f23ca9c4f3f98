"""Keeps the 18 tasks out of nano's pretraining, also where invented words and signs are theirs by chance.

In: a text. Out: whether it is clean: no piece of a query template, no line with the grammar of a trace's state.
"""

import re
from functools import cache
from random import Random

from tailkit import tasks


def shape(line: str) -> str:
    """A line with its numbers and words taken for alike: what is left is its grammar."""
    return re.sub(r"[A-Za-z]+", "a", re.sub(r"[0-9]+", "0", line))


@cache
def trace_shapes() -> frozenset[str]:
    """The grammar of every state of every task and variant, those of less than four fields left out.

    A line of two or three fields ("1,1:0>") says too little to be anyone's.
    """
    found = set()
    for task in map(tasks.load, tasks.names()):
        low, high = task.ranges["S"]
        for seed in range(20):
            problem = task.problem(Random(f"{task.id}/{seed}"), "S", (low, min(low + 6, high)))
            run = task.record(problem)
            for variant in task.variants:
                found |= {shape(line) for line in task.trace(run, problem, variant).text.split("\n")[:-1]}
    return frozenset(line for line in found if len(re.sub(r"[^0a]", "", line)) > 3)


@cache
def query_pieces() -> re.Pattern[str]:
    """What stands between the places of the query templates, where it has three words or more."""
    templates = [query for name in tasks.names() for query in tasks.load(name).queries]
    pieces = {piece.strip() for query in templates for piece in re.split(r"\{\w+\}", query)}
    return re.compile("|".join(re.escape(p) for p in sorted(pieces) if len(re.findall("[A-Za-z]+", p)) > 2))


def is_clean(prompt: str, completion: str) -> bool:
    known = trace_shapes()
    return not query_pieces().search(prompt) and not any(shape(line) in known for line in completion.split("\n"))
