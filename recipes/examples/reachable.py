"""How many nodes of a graph can be reached (search)."""

from random import Random

PARADIGM = "search"


def sample(rng: Random, n: int) -> list[list[int]]:
    """n + 1 nodes, each with up to two edges."""
    return [rng.sample(range(n + 1), rng.randint(0, 2)) for _ in range(n + 1)]


def reachable(edges: list[list[int]]) -> int:
    """The edges from each node are {edges}. How many nodes can be reached from node 0?"""
    seen = {0}
    waiting = [0]
    count = 0
    while waiting:
        node = waiting.pop()
        count += 1
        for other in edges[node]:
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return count
