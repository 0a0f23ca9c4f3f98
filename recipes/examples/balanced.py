"""Whether brackets match (a stack)."""

from random import Random

PARADIGM = "stack"
PAIRS = {")": "(", "]": "[", "}": "{"}


def sample(rng: Random, n: int) -> str:
    """Half of them match; of the others one bracket is another."""
    made: list[str] = []
    waiting: list[str] = []
    while len(made) + len(waiting) < n:
        if waiting and rng.random() < 0.5:
            made.append(waiting.pop())
        else:
            closing = rng.choice(")]}")
            made.append(PAIRS[closing])
            waiting.append(closing)
    made += reversed(waiting)
    if rng.random() < 0.5:
        made[rng.randrange(len(made))] = rng.choice("()[]{}")
    return "".join(made)[:n]


def balanced(s: str) -> bool:
    """Do the brackets in {s} match?"""
    waiting = []
    for c in s:
        if c in PAIRS:
            if not waiting or waiting.pop() != PAIRS[c]:
                return False
        else:
            waiting.append(c)
    return not waiting
