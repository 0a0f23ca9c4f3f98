"""Dijkstra (greedy): the shortest distances from one vertex of a graph to all vertices.

Length is the number of vertices; the graph is connected and undirected, with weights 1 … 20. Of twelve
draws the one is taken for which fewest shortcuts give all distances: ways of two edges at most, and
ways of fewest edges. With three vertices two edges are always enough.

The run: the open vertices, reached and not settled, lie on a pile. `min` takes the one on top; each of
the others is compared with the one in hand, from the top down: the nearer one (of equal ones the first
in the alphabet) is held, and the other lies down in its place. The one in hand at last is settled: its
neighbours are laid out, and a state for each relaxes the edge to it, unless that was done from its
other end, puts it on the pile if it is new, and says which neighbour is next. It ends where the pile
is empty: then all distances are read out. The neighbours of a vertex are read off the edges of the
query in one state: going through all the edges would cost a quarter more tokens. Vertices are letters,
so there are 20 at most, and every answer names them: the place of a distance in a long list would have
to be counted.
"""

import re
from collections.abc import Callable
from functools import partial
from itertools import combinations, pairwise
from math import comb
from random import Random
from string import ascii_uppercase
from typing import Any

from tailkit.records import BLANK, Cell, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import hardest, right
from tailkit.tasks.shelf.equality import same_labelled
from tailkit.tasks.shelf.graphs import Distances, after_edges, by_fewest_edges, connected
from tailkit.tasks.shelf.wording import listed

PARADIGM = "greedy"
VERSION = 2
RANGES = {"S": (3, 5), "M": (6, 10), "L": (11, 20)}
NOUNS = ("graphs of {}", "{} vertex", "{} vertices")
VERTICES = "ABCDEFGHIJKLMNOPQRST"
HEAVIEST = 20
DRAWS = 12

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
    """A graph whose distances shortcuts seldom give, and a source."""
    n = rng.randint(low, high)
    return hardest(lambda: draw(rng, n), heuristics_right, DRAWS)


def draw(rng: Random, n: int) -> dict[str, Any]:
    """A random spanning tree with up to n/2 more edges, and a source."""
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
    """How many edges there may be beside a spanning tree: half of n, if there are so many pairs of vertices."""
    return min(n // 2, comb(n, 2) - (n - 1))


def two_edges(data: dict[str, Any]) -> str:
    return as_answer(after_edges(data["edges"], data["source"], 2))


def fewest_edges(data: dict[str, Any]) -> str:
    return as_answer(by_fewest_edges(data["edges"], data["source"]))


HEURISTICS = {"ways of two edges at most": two_edges, "ways of fewest edges": fewest_edges}


def heuristics_right(data: dict[str, Any]) -> int:
    """How many of the heuristics give all distances, which this finds faster than the oracle."""
    return right(HEURISTICS, data, as_answer(after_edges(data["edges"], data["source"], data["n"] - 1)))


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


def oracle(data: dict[str, Any]) -> str:
    import networkx

    graph = networkx.Graph()
    graph.add_node(data["source"])
    graph.add_weighted_edges_from(data["edges"])
    return as_answer(networkx.single_source_dijkstra_path_length(graph, data["source"]))


def as_answer(distances: Distances) -> str:
    return ", ".join([f"{vertex} {distances[vertex]}" for vertex in sorted(distances)])


equal = same_labelled


def fill(data: dict[str, Any]) -> dict[str, Any]:
    edges = ", ".join([f"{a}-{b} {weight}" for a, b, weight in data["edges"]])
    return {"edges": edges, "source": data["source"]}


def unfill(words: dict[str, str]) -> dict[str, Any]:
    """The data that these words of a query stand for."""
    edges = [[a, b, int(weight)] for a, b, weight in re.findall(r"(\w)-(\w) (\d+)", words["edges"])]
    n = len({vertex for a, b, _ in edges for vertex in (a, b)})
    return {"n": n, "edges": edges, "source": words["source"]}


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("distance", "open")
    source = data["source"]
    tape.given([("distance", source), ("open", 1), COUNT], [0, source, 1])
    for a, b, weight in data["edges"]:
        tape.given([("weight", a, b), ("weight", b, a)], [weight, weight])
    for vertex, others in adjacency(data).items():
        tape.given([("vertex", vertex)], [vertex])
        tape.given([("neighbour", vertex, place) for place in range(1, len(others) + 2)], [*others, BLANK])
        tape.given([("after", vertex, other) for other in others], [*others[1:], BLANK])
    return "min"


def adjacency(data: dict[str, Any]) -> dict[str, list[str]]:
    """The neighbours of each vertex, in alphabetical order."""
    found: dict[str, list[str]] = {vertex: [] for vertex in VERTICES[: data["n"]]}
    for a, b, _ in data["edges"]:
        found[a].append(b)
        found[b].append(a)
    return {vertex: sorted(others) for vertex, others in found.items()}


COUNT, WAY = ("count",), ("way",)
DONE = "x"  # stands in place of the weight of an edge that was relaxed from its other end


def take_top(tape: Tape) -> None:
    """Take the open vertex on top of the pile in hand, if there is one."""
    if count := tape.fetch(COUNT):
        tape.fetch(("open", count))
        tape.write(one_less, COUNT)
    tape.goto(below_top)


def one_less(count: int, _top: str) -> int:
    return count - 1


def below_top(_place: Place, read: Values, _written: Values) -> Any:
    if len(read) == 1:
        return "distances"
    count, in_hand = read
    return ("compare", in_hand, count - 1) if count > 1 else ("settle", in_hand)


def compare(tape: Tape, in_hand: str, place: int) -> None:
    """The nearer of the open vertex at a place and the one in hand is in hand next; the other stays there."""
    other = tape.fetch(("open", place))
    distance, nearest = tape.fetch(("distance", other), ("distance", in_hand))
    if is_nearer(other, distance, in_hand, nearest):
        tape.fetch(("vertex", in_hand))
        tape.put(laid_down, ("open", place))
    tape.goto(place_below)


def is_nearer(other: str, distance: int, in_hand: str, nearest: int) -> bool:
    """Of equally near ones the first in the alphabet is nearer."""
    return (distance, other) < (nearest, in_hand)


def laid_down(_other: str, _distance: int, _nearest: int, in_hand: str) -> str:
    return in_hand


def place_below(place: Place, read: Values, _written: Values) -> Any:
    in_hand, at = place
    other, distance, nearest, *_ = read
    nearer = other if is_nearer(other, distance, in_hand, nearest) else in_hand
    return ("compare", nearer, at - 1) if at > 1 else ("settle", nearer)


def settle(tape: Tape, vertex: str) -> None:
    """Lay out the neighbours of the nearest open vertex, which is settled."""
    tape.scan(("neighbour", vertex, 1))
    tape.goto(first_neighbour)


def first_neighbour(place: Place, read: Values, _written: Values) -> Any:
    return "relax", place[0], read[0]


def relax(tape: Tape, settled: str, neighbour: str) -> None:
    """The way to a neighbour through the settled vertex, and the shorter of it and the way known."""
    if tape.fetch(("weight", settled, neighbour)) == DONE:
        tape.fetch(("after", settled, neighbour))
        tape.goto(next_neighbour)
        return
    tape.fetch(("distance", settled), ("after", settled, neighbour))
    if tape.fetch(("distance", neighbour)) == BLANK:
        _, count = tape.fetch(("vertex", neighbour), COUNT)
        tape.write(first_way, ("distance", neighbour), COUNT)
        tape.put(new_vertex, ("open", count + 1))
    else:
        tape.write(shorter, WAY, ("distance", neighbour))
    tape.write(done, ("weight", neighbour, settled))
    tape.goto(next_neighbour)


def first_way(weight: int, settled: int, _after: str, _known: str, _new: str, count: int) -> tuple[int, int]:
    return settled + weight, count + 1


def shorter(weight: int, settled: int, _after: str, known: int) -> tuple[int, int]:
    way = settled + weight
    return way, min(way, known)


def done(*_: Any) -> str:
    return DONE


def new_vertex(*read: Any) -> str:
    """The vertex stands before the count."""
    return read[-2]


def next_neighbour(place: Place, read: Values, _written: Values) -> Any:
    after = read[1] if read[0] == DONE else read[2]
    return ("relax", place[0], after) if after != BLANK else "min"


def show_distances(tape: Tape) -> None:
    """All distances, up to the first letter that is no vertex."""
    for letter in ascii_uppercase:
        (distance,) = tape.show(("distance", letter))
        if distance == BLANK:
            break
    tape.answer(listed_distances)


def listed_distances(_place: Place, read: Values, _written: Values) -> str:
    return ", ".join([f"{vertex} {distance}" for vertex, distance in zip(VERTICES, read[:-1], strict=False)])


STATES = {
    "min": take_top,
    "compare": compare,
    "settle": settle,
    "relax": relax,
    "distances": show_distances,
}


def macros(steps: list[Step]) -> list[Macro]:
    """Each vertex that is settled: of the open vertices with their distances that one, and what it reaches."""
    starts = [number for number, step in enumerate(steps) if step.kind == "min"]
    return [Macro(first, end, *ends_of(steps[first:end])) for first, end in pairwise(starts)]


def ends_of(steps: list[Step]) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """The cells of all open vertices and their distances; those of the settled one and the ones it reaches."""
    operands: list[Cell] = []
    results: list[Cell] = []
    for step in steps:
        if step.kind in ("min", "compare"):
            place, vertex = step.values[:2] if step.kind == "min" else (step.at[1], step.values[0])
            operands += [("open", place), ("distance", vertex)]
        elif step.kind == "settle":
            results += [("vertex", step.at[0])]
        elif step.writes:
            results += [("vertex", step.at[1]), ("distance", step.at[1])]
    return tuple(operands), tuple(results)


def _neighbours(separator: str) -> Callable[..., str]:
    return lambda *items: separator.join([str(vertex) for _, vertex in items])


def _edge(weight: int | str, *more: Any) -> str:
    if weight == DONE:
        return f"{weight};{more[0]}"
    settled, after, known, *new = more
    return f"{settled}+{weight},{known};{after}{';{}{}'.format(*new) if new else ''}="


CORE = {
    "min": Line(
        name=lambda: "min",
        fetch=lambda count, *top: f"{count}{''.join(top)}",
        write=lambda *left: "".join([f"={count}" for count in left]),
    ),
    "compare": Line(
        name=lambda in_hand, place: f"{place}{in_hand}",
        fetch=lambda other, distance, nearest, *down: f"{other}{distance},{nearest}{''.join([f';{v}' for v in down])}",
    ),
    "settle": Line(lambda vertex: f"{vertex}", show=_neighbours(",")),
    "relax": Line(
        name=lambda settled, neighbour: f"{settled},{neighbour}",
        fetch=_edge,
        write=lambda *written: ",".join([str(result) for result in written if result != DONE]),
    ),
    "distances": Line(lambda: "all", show=listed(",", "")),
}


def _edge_styled(weight: int | str, *more: Any) -> str:
    if weight == DONE:
        return f"this edge is done; {_after(more[0])}."
    settled, after, known, *new = more
    reached = f"{'no distance' if known == BLANK else known} is known"
    if new:
        pile = "{} goes on a pile of {}".format(*new)
        return f"{settled} plus {weight}, where {reached}, and {pile}; {_after(after)}. The way, and the pile: "
    return f"{settled} plus {weight}, where {reached}; {_after(after)}. The way, and the shorter one: "


def _after(vertex: str) -> str:
    return "it is the last" if vertex == BLANK else f"{vertex} is next"


_sentence = partial(Line, open=": ", next="\n", leave="\n")
STYLED = {
    "min": _sentence(
        lambda: "Open",
        lambda count, *top: f"{count}{f', with {top[0]} on top, ' if top else '.'}",
        lambda *left: "".join([f"which leaves {count}." for count in left]),
    ),
    "compare": _sentence(
        lambda in_hand, place: f"{in_hand} in hand and place {place}",
        lambda other, distance, nearest, *down: (
            f"{other} at {distance}, against {nearest}{f': it is nearer, and {down[0]} lies there' if down else ''}."
        ),
    ),
    "settle": _sentence(lambda vertex: f"{vertex} is settled; its neighbours are", show=_neighbours(", "), open=" "),
    "relax": _sentence(
        lambda settled, neighbour: f"Through {settled} to {neighbour}",
        _edge_styled,
        lambda *written: f"{written[0]} and {written[1]}." if written else "",
    ),
    "distances": _sentence(lambda: "All distances", show=listed(", ", " at ")),
}
