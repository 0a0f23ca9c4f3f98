"""The line of a trace that gives the answer: how it begins, and how it is read back.

In: a completion. Out: the answer, or None.
"""

ANSWER = "Answer: "
"""What the line of the answer begins with, in every trace."""


def extract(text: str) -> str | None:
    """The answer that a trace gives: its one answer line; None if there is none, or two that differ."""
    given = {line.removeprefix(ANSWER).strip() for line in text.splitlines() if line.startswith(ANSWER)}
    return given.pop() if len(given) == 1 else None
