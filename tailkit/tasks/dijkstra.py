"""Dijkstra (greedy): the shortest distances from one vertex of a graph to all vertices.

Length is the number of vertices; the graph is connected and undirected, with weights 1 … 20.
The run: the neighbours of each vertex are laid out; then a state prints the tentative distances
of all vertices that are reached and open, and settles the nearest one (of equal ones the first
in the alphabet); then one state for each of its neighbours relaxes an edge. Settled neighbours
are relaxed like any other: a settled distance never improves, so the run needs no test for them.
It ends where no vertex is open. Vertices are letters, so there are 20 at most, and every answer
names them: the place of a distance in a long list would have to be counted.
"""

import re
from collections.abc import Callable
from functools import cache
from itertools import combinations
from math import comb
from random import Random
from typing import Any

from tailkit.records import BLANK, Cell, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_labelled
from tailkit.tasks.shelf.wording import joined, listed

PARADIGM = "greedy"
VERSION = 1
RANGES = {"S": (3, 5), "M": (6, 10), "L": (11, 20)}
NOUNS = ("graphs of {}", "{} vertex", "{} vertices")
VERTICES = "ABCDEFGHIJKLMNOPQRST"
HEAVIEST = 20

_FORM = "Write every vertex with its distance, in alphabetical order, in the form A 3, B 0, C 12."
QUERIES = [
    "Find the shortest distances from vertex {source} to all vertices of the undirected graph with the weighted edges "
    "{edges}. " + _FORM,
    "dijkstra, undirected, edges {edges}, source {source}; all distances, in alphabetical order, in the form "
    "A 3, B 0, C 12?",
    "Let G be the undirected graph with edge weights {edges}. Determine d({source}, v) for every vertex v, {source} "
    "itself included. " + _FORM,
    "Run Dijkstra's algorithm from {source} on the undirected graph {edges}. " + _FORM,
    "Villages are joined by roads, with their lengths in km: {edges}. How far is each village from {source} on the "
    "shortest way? " + _FORM.replace("vertex", "village"),
    "A courier starts at {source}. The streets between the squares, both ways, take these minutes: {edges}. What is "
    "the least time to every square? " + _FORM.replace("vertex", "square").replace("distance", "time"),
    "Given the undirected weighted edge list {edges}, return the length of a shortest path from {source} to each "
    "vertex. " + _FORM,
    "What does the cheapest connection from {source} to each airport cost, if flights in both directions cost {edges}? "
    + _FORM.replace("vertex", "airport").replace("distance", "cost"),
    "Computers are linked by cables with these delays, the same in both directions: {edges}. Compute the least delay "
    "from {source} to each computer. " + _FORM.replace("vertex", "computer").replace("distance", "delay"),
    "Show me step by step how Dijkstra's algorithm finds all distances from {source} in the undirected graph {edges}. "
    + _FORM,
    "Edges of an undirected graph, each with its weight: {edges}. Start: {source}. Shortest path lengths to all "
    "vertices? " + _FORM,
    "Please work out the single-source shortest path lengths from {source}; the graph is undirected, its edges and "
    "weights are {edges}. " + _FORM,
    "Hikers leave hut {source}. The trails between huts, in hours, up as long as down: {edges}. After how many hours "
    "can they be at each hut at the earliest? " + _FORM.replace("vertex", "hut").replace("distance", "hours"),
    "An undirected graph is given by u-v w, an edge between u and v of weight w: {edges}. Find the distance of every "
    "vertex from {source}. " + _FORM,
    "Teach a student shortest paths: settle the nearest open vertex, relax its edges, repeat. Source {source}, "
    "undirected edges {edges}. " + _FORM,
    "The rooms of a museum and the metres of the corridors between them are {edges}. How many metres is it at least "
    "from room {source} to each room? " + _FORM.replace("vertex", "room"),
    "Water flows from {source} through pipes, in either direction, with these travel times: {edges}. When does it "
    "first come to each node? " + _FORM.replace("vertex", "node").replace("distance", "time"),
    "For the graph with undirected edges {edges}, tabulate the minimum total weight of a path from {source} to every "
    "vertex. " + _FORM,
    "Exercise: the weights are w = {edges}, the same both ways. Compute delta({source}, v) for all vertices v, also "
    "v = {source}. " + _FORM,
    "In a game, moving between two fields costs these points, there and back alike: {edges}. You stand on {source}. "
    "What are the fewest points to each field? " + _FORM.replace("vertex", "field").replace("distance", "points"),
    "Metro stations and the minutes between neighbours, in both directions: {edges}. How many minutes does the fastest "
    "ride from {source} to each station take? " + _FORM.replace("vertex", "station").replace("distance", "minutes"),
    "Shortest distances from {source} in the undirected network {edges}, for every vertex, {source} included. " + _FORM,
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """A random spanning tree with up to n more edges, and a source."""
    n = rng.randint(low, high)
    order = rng.sample(VERTICES[:n], n)
    tree = [(rng.choice(order[:place]), order[place]) for place in range(1, n)]
    joined_already = {*tree, *[(b, a) for a, b in tree]}
    others = [pair for pair in combinations(order, 2) if pair not in joined_already]
    edges = tree + rng.sample(others, rng.randint(0, most_extra(n)))
    rng.shuffle(edges)
    weights = rng.choices(range(1, HEAVIEST + 1), k=len(edges))
    weighted = [[a, b, weight] for (a, b), weight in zip(edges, weights, strict=True)]
    return {"n": n, "edges": weighted, "source": rng.choice(order)}


def most_extra(n: int) -> int:
    """How many edges there may be beside a spanning tree: n, if there are so many pairs of vertices."""
    return min(n, comb(n, 2) - (n - 1))


def length(data: dict[str, Any]) -> int:
    return data["n"]


def key(data: dict[str, Any]) -> str:
    edges = sorted([f"{min(a, b)}{max(a, b)}{weight}" for a, b, weight in data["edges"]])
    return f"{','.join(edges)}?{data['source']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: connected graphs times weights times sources."""
    return sum(
        connected(n, edges) * HEAVIEST**edges * n
        for n in range(low, min(high, len(VERTICES)) + 1)
        for edges in range(n - 1, n + most_extra(n))
    )


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


def oracle(data: dict[str, Any]) -> str:
    import networkx

    graph = networkx.Graph()
    graph.add_node(data["source"])
    graph.add_weighted_edges_from(data["edges"])
    found = networkx.single_source_dijkstra_path_length(graph, data["source"])
    return ", ".join([f"{vertex} {found[vertex]}" for vertex in sorted(found)])


equal = same_labelled


def fill(data: dict[str, Any]) -> dict[str, Any]:
    edges = ", ".join([f"{a}-{b} {weight}" for a, b, weight in data["edges"]])
    return {"edges": edges, "source": data["source"]}


def unfill(words: dict[str, str]) -> dict[str, Any]:
    """The data that these words of a query stand for."""
    edges = [[a, b, int(weight)] for a, b, weight in re.findall(r"(\w)-(\w) (\d+)", words["edges"])]
    n = len({vertex for a, b, _ in edges for vertex in (a, b)})
    return {"n": n, "edges": edges, "source": words["source"]}


def program(tape: Tape, data: dict[str, Any]) -> None:
    vertices = VERTICES[: data["n"]]
    tape.blank("distance", "settled")
    tape.given([("vertex", vertex) for vertex in vertices], vertices)
    tape.given([("distance", data["source"])], [0])
    for a, b, weight in data["edges"]:
        tape.given([("weight", a, b), ("weight", b, a)], [weight, weight])
    neighbours = adjacency(data)
    for vertex in vertices:
        tape.state("neighbours", vertex)
        tape.show(*[("weight", vertex, other) for other in neighbours[vertex]])
    settled = ""
    while settled != BLANK:
        with tape.macro("settled vertex"):
            settled = settle_nearest(tape, vertices)
            for neighbour in neighbours.get(settled, ()):
                relax(tape, settled, neighbour)
    tape.answer(listed_distances, *[cell for vertex in vertices for cell in (("vertex", vertex), ("settled", vertex))])


def adjacency(data: dict[str, Any]) -> dict[str, list[str]]:
    """The neighbours of each vertex, in alphabetical order."""
    found: dict[str, list[str]] = {vertex: [] for vertex in VERTICES[: data["n"]]}
    for a, b, _ in data["edges"]:
        found[a].append(b)
        found[b].append(a)
    return {vertex: sorted(others) for vertex, others in found.items()}


CURRENT, WAY = ("current",), ("way",)


def settle_nearest(tape: Tape, vertices: str) -> str:
    """Settle the nearest of the vertices that are reached and open; a blank if there is none."""
    tape.state("nearest")
    frontier: list[Cell] = []
    for vertex in vertices:
        if tape.value(("distance", vertex)) != BLANK and tape.value(("settled", vertex)) == BLANK:
            frontier += [("vertex", vertex), ("distance", vertex)]
    tape.fetch(*frontier)
    settled = tape.write(nearest, CURRENT)
    if settled != BLANK:
        tape.write(least, ("settled", settled))
    return settled


def nearest(*frontier: Any) -> str:
    """The vertex of least distance; each stands before its distance, in alphabetical order."""
    return min(zip(frontier[1::2], frontier[::2], strict=True))[1] if frontier else BLANK


def least(*frontier: Any) -> int:
    return min(frontier[1::2])


def relax(tape: Tape, settled: str, neighbour: str) -> None:
    """The way to a neighbour through the settled vertex, and the shorter of it and the way known."""
    tape.state("relax", settled, neighbour)
    tape.fetch(("settled", settled), ("weight", settled, neighbour), ("distance", neighbour))
    tape.write(shorter, WAY, ("distance", neighbour))


def shorter(settled: int, weight: int, known: int | str) -> tuple[int, int]:
    way = settled + weight
    return way, way if known == BLANK else min(way, int(known))


def listed_distances(*distances: Any) -> str:
    return ", ".join([f"{vertex} {far}" for vertex, far in zip(distances[::2], distances[1::2], strict=True)])


def _frontier(link: str, separator: str) -> Callable[..., str]:
    """Writes vertices with their distances."""
    return lambda *values: separator.join(
        [f"{vertex}{link}{far}" for vertex, far in zip(values[::2], values[1::2], strict=True)]
    )


_compact, _spaced = _frontier("", ","), _frontier(" at ", ", ")
CORE = {
    "neighbours": Line(str, fetch=None, write=listed(",", ""), next="\n", leave="\n"),
    "nearest": Line(lambda: "min", lambda *values: f"{_compact(*values)}=", joined("")),
    "relax": Line(
        name=lambda settled, neighbour: f"{settled},{neighbour}",
        fetch=lambda settled, weight, known: f"{settled}+{weight},{known}=",
        write=joined(","),
    ),
}
STYLED = {
    "neighbours": Line(
        name=lambda vertex: f"{vertex} has edges to",
        fetch=None,
        write=listed(", ", " of weight "),
        open=" ",
        next=".\n",
        leave=".\n",
    ),
    "nearest": Line(
        name=lambda: "Reached and open:",
        fetch=lambda *values: f"{_spaced(*values)}; ",
        write=lambda vertex, *far: f"the nearest is {vertex} at {far[0]}." if far else "none is left.",
        open=" ",
        next="\n",
        leave="\n",
    ),
    "relax": Line(
        name=lambda settled, neighbour: f"Through {settled} to {neighbour}",
        fetch=lambda settled, weight, known: (
            f"{settled} plus {weight}, where {'no distance' if known == BLANK else known} is known: "
        ),
        write=lambda way, distance: f"this way is {way}, so the distance is {distance}.",
        open=": ",
        next="\n",
        leave="\n",
    ),
}
