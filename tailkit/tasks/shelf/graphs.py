"""Distances in undirected graphs by shortcuts, and how many graphs there are.

In: edges as [vertex, vertex, weight]; sizes. Out: distances by vertex; counts.
"""

from functools import cache
from math import comb
from typing import Any

Edges = list[list[Any]]
Distances = dict[str, int]


def after_edges(edges: Edges, source: str, most: int) -> Distances:
    """The least distances of ways of so many edges at most."""
    far: Distances = {source: 0}
    both = [*edges, *[[b, a, weight] for a, b, weight in edges]]
    for _ in range(most):
        longer = {**far}
        for there, distance in steps_from(far, both):
            if distance < longer.get(there, distance + 1):
                longer[there] = distance
        if longer == far:
            break
        far = longer
    return far


def by_fewest_edges(edges: Edges, source: str) -> Distances:
    """The least distances of ways with no more edges than any way there has."""
    far: Distances = {source: 0}
    both = [*edges, *[[b, a, weight] for a, b, weight in edges]]
    while True:
        reached: Distances = {}
        for there, distance in steps_from(far, both):
            if there not in far:
                reached[there] = min(distance, reached.get(there, distance))
        if not reached:
            return far
        far |= reached


def steps_from(far: Distances, both: Edges) -> list[tuple[str, int]]:
    """Each edge, of those in both directions, from a vertex that is reached, with the distance at its other end."""
    return [(there, far[here] + weight) for here, there, weight in both if here in far]


@cache
def connected(n: int, edges: int) -> int:
    """How many connected graphs on n named vertices have that many edges.

    These are all graphs but those in which the first vertex lies in a component of fewer vertices.
    """
    return comb(comb(n, 2), edges) - sum(
        comb(n - 1, size - 1) * connected(size, inside) * comb(comb(n - size, 2), edges - inside)
        for size in range(1, n)
        for inside in range(size - 1, min(edges, comb(size, 2)) + 1)
    )
