"""Dijkstra: any connected graph, ties among its paths included."""

from itertools import combinations
from random import Random
from typing import Any

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record
from tailkit.tasks.dijkstra import VERTICES, most_extra
from tailkit.tasks.shelf.graphs import connected

TASK = tasks.load("dijkstra")


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Small weights, so that paths of equal weight are common; from a mere tree to all edges."""
    n = draw(st.integers(2, 7))
    tree = [(VERTICES[draw(st.integers(0, place - 1))], VERTICES[place]) for place in range(1, n)]
    others = [pair for pair in combinations(VERTICES[:n], 2) if pair not in tree]
    more = draw(st.lists(st.sampled_from(others), unique=True)) if others else []
    edges = draw(st.permutations([[*pair, draw(st.integers(1, 3))] for pair in tree + more]))
    return {"n": n, "edges": edges, "source": draw(st.sampled_from(VERTICES[:n]))}


@given(graphs())
def test_distances_are_shortest(data: dict[str, Any]) -> None:
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    far = {vertex: 0 if vertex == data["source"] else 99 for vertex in VERTICES[: data["n"]]}
    for _ in far:  # Bellman and Ford
        for a, b, weight in data["edges"]:
            far[a], far[b] = min(far[a], far[b] + weight), min(far[b], far[a] + weight)
    assert run.answer == TASK.oracle(data) == ", ".join([f"{vertex} {far[vertex]}" for vertex in far])


def test_of_equally_near_vertices_the_first_is_settled() -> None:
    data = {"n": 3, "edges": [["C", "A", 5], ["B", "A", 5]], "source": "A"}
    settled = [step.at[0] for step in record(TASK.program, data).steps if step.kind == "settle"]
    assert settled == ["A", "B", "C"]


def test_edges_in_another_order_are_the_same_problem() -> None:
    edges = [["A", "B", 5], ["B", "C", 15]]
    key = TASK.key({"n": 3, "edges": edges, "source": "A"})
    assert key == TASK.key({"n": 3, "edges": [["C", "B", 15], ["A", "B", 5]], "source": "A"})
    assert key != TASK.key({"n": 3, "edges": edges, "source": "B"})


@pytest.mark.parametrize("n", [3, 4, 5])
def test_the_count_of_connected_graphs_is_exact(n: int) -> None:
    pairs = list(combinations(range(n), 2))
    for size in range(n - 1, n + most_extra(n)):
        graphs = [networkx.Graph(edges) for edges in combinations(pairs, size)]
        assert connected(n, size) == sum(len(graph) == n and networkx.is_connected(graph) for graph in graphs)


@given(graphs())
def test_the_line_of_an_edge_says_what_comes_next(data: dict[str, Any]) -> None:
    steps = [step for step in record(TASK.program, data).steps if step.kind == "relax"]
    assert len(steps) == 2 * len(data["edges"])
    assert sum(not step.writes for step in steps) == len(data["edges"])
    for step in steps:
        after = step.values[2 if step.writes else 1]
        assert step.next == (("min", ()) if after == "_" else ("relax", (step.at[0], after)))


@given(graphs())
def test_a_merged_step_names_the_settled_vertex_and_no_weight(data: dict[str, Any]) -> None:
    run = record(TASK.program, data)
    settled = [step.at[0] for step in run.steps if step.kind == "settle"]
    assert [(macro.results or ((),))[0] for macro in run.macros] == [("vertex", vertex) for vertex in settled]
    for macro in run.macros:
        assert {cell[0] for cell in macro.operands or ()} == {"open", "distance"}
        count = run.steps[macro.first].values[0]
        assert len(macro.operands or ()) == 2 * count


def test_a_state_reads_as_many_cells_in_graphs_of_any_size() -> None:
    for n in (5, 20):
        steps = record(TASK.program, TASK.sample(Random(n), n, n)).steps
        assert max(len(step.values) for step in steps if step.kind != "settle") <= 6
