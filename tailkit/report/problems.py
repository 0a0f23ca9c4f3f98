"""Evaluated problems in full: the model's trace beside the right one, and where the two part.

In: scores, generations, examples. Out: `Shown` records, whose texts are in pieces that a page colours.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from tailkit.records import RANGES, Example, Generation, Score, Span
from tailkit.score import first_difference
from tailkit.tasks import Task

WRONG_SHOWN = 2
WHOLE_LINES = 10
"""Traces of so many lines are shown whole, longer ones around the first difference."""
LINES, CHARACTERS = 4, 400
"""What is shown on either side of it, at most."""

ERROR, EXPECTED, AFTER, PLAIN, CUT = "error", "expected", "after", "plain", "elided"
SIGNS = {"": "▯", "\n": "↵\n", " ": "␣"}
"""What stands for a character that differs where it would not be seen; the first is the end of the text."""


class Piece(NamedTuple):
    """A stretch of text and what it is: a module, or one of the names above."""

    text: str
    kind: str


@dataclass(frozen=True)
class Pair:
    """The model's text and the right one."""

    model: list[Piece]
    right: list[Piece]


@dataclass(frozen=True)
class Shown:
    """One evaluated problem. `around`: both traces near the first difference; None if `traces` are short, or equal."""

    score: Score
    path: str
    query: str
    answers: Pair
    traces: Pair
    around: Pair | None

    @property
    def verdict(self) -> str:
        score = self.score
        if score.right:
            return "right" if score.exact or score.offset is None else "right, by another trace"
        return "cut off" if score.cut else "no answer" if score.given is None else "wrong"


def choose(
    task: Task,
    scores: Iterable[Score],
    examples: dict[str, list[Example]],
    generations: dict[str, dict[int, Generation]],
) -> list[Shown]:
    """For each range the shortest right completion and the shortest wrong ones, those with an answer first."""
    known, chosen = list(scores), []
    for name in RANGES:
        made = generations[name]
        rows = [score for score in known if score.range == name]
        rows.sort(key=lambda score: (score.given is None, len(made[score.index].text), score.index))
        chosen += [s for s in rows if s.right][:1] + [s for s in rows if not s.right][:WRONG_SHOWN]
    return [_show(task, examples[s.range][s.index], s, generations[s.range][s.index]) for s in chosen]


def _show(task: Task, example: Example, score: Score, made: Generation) -> Shown:
    sides = [_Side(made.text, [], None, ERROR), _Side(example.completion, [], None, EXPECTED)]
    if score.exact or score.offset is not None:
        spans = _spans(task, example)
        sides = [replace(side, spans=spans, first=score.offset) for side in sides]
    long = score.offset is not None and max(side.text.count("\n") for side in sides) >= WHOLE_LINES
    around = Pair(*(side.around() for side in sides)) if long else None
    return Shown(score, made.path, example.query, _answers(score), Pair(*(side.pieces() for side in sides)), around)


def _spans(task: Task, example: Example) -> list[Span]:
    problem = task.problem_in(example)
    return task.trace_of(problem, example.variant).spans


def _answers(score: Score) -> Pair:
    """The answer that was given and the right one; in a wrong one the first character that differs is marked."""
    given = score.given or ""
    first = None if score.right or score.given is None else first_difference(given, score.answer)
    return Pair(_Side(given, [], first, ERROR).pieces(), _Side(score.answer, [], first, EXPECTED).pieces())


@dataclass(frozen=True)
class _Side:
    """A text with its spans (of the right trace), the first character that differs, and how that is marked."""

    text: str
    spans: list[Span]
    first: int | None
    mark: str

    def pieces(self) -> list[Piece]:
        """The text in pieces; a sign stands for a first difference that would not be seen."""
        if self.first is None:
            return self._between(0, len(self.text))
        char = self.text[self.first : self.first + 1]
        marked = Piece(SIGNS.get(char, char), self.mark)
        # After its first difference the model's text follows no trace whose modules could be told.
        rest = self._between(self.first + 1, len(self.text))
        if self.mark == ERROR:
            rest = [Piece("".join(piece.text for piece in rest), AFTER)] if rest else []
        return [*self._between(0, self.first), marked, *rest]

    def _between(self, start: int, end: int) -> list[Piece]:
        """A stretch of the text, by module as far as the spans go."""
        places = [(max(span.start, start), min(span.end, end), span.module) for span in self.spans]
        covered = self.spans[-1].end if self.spans else 0
        places.append((max(covered, start), end, PLAIN))
        return [Piece(self.text[low:high], module) for low, high, module in places if self.text[low:high]]

    def around(self) -> list[Piece]:
        """Some lines before and after the first difference."""
        assert self.first is not None
        before, after = self.text[: self.first][-CHARACTERS:], self.text[self.first :][:CHARACTERS]
        start = self.first - len("".join(before.splitlines(keepends=True)[-LINES:]))
        end = self.first + len("".join(after.splitlines(keepends=True)[:LINES]))
        inside = replace(
            self,
            text=self.text[start:end],
            spans=[s._replace(start=s.start - start, end=s.end - start) for s in self.spans if s.end > start],
            first=self.first - start,
        ).pieces()
        return [*[Piece("⋯\n", CUT)] * (start > 0), *inside, *[Piece("⋯", CUT)] * (end < len(self.text))]
