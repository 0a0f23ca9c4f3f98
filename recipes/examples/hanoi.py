"""The towers of Hanoi (recursion): the moves are numbered by a list that every call adds to."""

from random import Random

PARADIGM = "recursion"
RANGES = {"S": (1, 3), "M": (4, 4), "L": (5, 5)}


def sample(rng: Random, n: int) -> tuple[int, str, str, str]:
    start, spare, goal = rng.sample("ABC", 3)
    return n, start, spare, goal


def hanoi(n: int, start: str, spare: str, goal: str) -> list[str]:
    """Move {n} discs from {start} to {goal}; {spare} is free. List the moves."""
    moves = []
    move(n, start[0], spare[0], goal[0], moves)
    return moves


def move(n: int, start: str, spare: str, goal: str, moves: list[str]) -> None:
    if n == 0:
        return
    move(n - 1, start, goal, spare, moves)
    moves.append(f"{start}{goal}")
    move(n - 1, spare, start, goal, moves)
