"""Chooses S, M and L for a function whose file gives none: the longest traces of L stay within a number of tokens.

In: `Problems` and a program. Out: ranges, and what the length of a number is.
"""

import re
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tailkit.errors import UsageError, cut
from tailkit.plain.emit import Emitted
from tailkit.plain.problems import Problems
from tailkit.plain.refusal import HINT
from tailkit.records import Bounds, State
from tailkit.tape import ProgramError, Tape
from tailkit.tape.machine import label_of, run_state
from tailkit.tape.render import VARIANTS, render

MOST_TOKENS = (2_000, 4_000, 6_000)
"""Of the trace of a problem at the top of L, as `tokens` counts them: the least that gives three lengths."""
TOKENS_OF_A_STATE = 3
"""A state has more; so many tokens have fewer states."""
SAMPLES = 6
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50)
MOST_MISSING = 10
"""So many lengths in a row without a problem are taken for the end of them."""
MOST_DIGITS = 6
"""Of numbers that are drawn by themselves."""


@dataclass(frozen=True)
class Chosen:
    """Ranges, the problems with the measure that they are in, and the tokens that a trace stays within.

    `ended`: CONSTRAINTS leave no longer problems, which have traces of fewer tokens.
    """

    problems: Problems
    ranges: dict[str, Bounds]
    tokens: int
    ended: bool


def choose(problems: Problems, emitted: Emitted, first: int = 0) -> Chosen:
    """The first limit and measure with three lengths or more; raises `UsageError` where none has.

    `first`: tried first, then 1.5 times as much, then the larger ones of `MOST_TOKENS`; 0: only these.
    """
    lengths: list[int] = []
    limits = sorted({limit for limit in (first, first * 3 // 2, *MOST_TOKENS) if limit >= max(first, 1)})
    measures = ("digits", "value") if problems.numbers_alone and not problems.own else ("digits",)
    measured_by = {measure: replace(problems, measure=measure) for measure in measures}
    lengths_by = {measure: _there(measured) for measure, measured in measured_by.items()}
    if not any(lengths_by.values()):
        raise _nothing(problems)
    for limit in limits:
        for measure, measured in measured_by.items():
            there = lengths_by[measure]
            lengths = _within(measured, emitted, limit, there, last=limit == limits[-1])
            if len(lengths) >= 3:
                return Chosen(measured, split(lengths), limit, lengths == there and there[-1] < _most(measured))
    name, called = problems.source.file.name, problems.source.entry.name
    if lengths and lengths == there and (problems.constraints or problems.own):
        who = "CONSTRAINTS leave" if problems.constraints else "sample(rng, n) has"
        known = f"length {lengths[0]}" if len(lengths) == 1 else f"lengths {lengths[0]} and {lengths[1]}"
        raise UsageError(
            f"{name}: {who} problems of {known} alone, of 1 to {_most(measured)}: too few lengths for S, M and L",
            f"{'Loosen CONSTRAINTS, or give' if problems.constraints else 'Give'} RANGES and sample(rng, n).",
        )
    raise UsageError(
        f"{name}: {called} has traces within {limits[-1]:,} tokens only up to length {max(lengths, default=0)}: "
        f"too few lengths for S, M and L",
        "Give RANGES and sample(rng, n), or make its steps fewer.",
    )


def _nothing(problems: Problems) -> UsageError:
    """Why there are no problems of any length."""
    name = problems.source.file.name
    if problems.own:
        try:
            problems.own(Random("ranges"), 1)
        except ValueError as error:
            text = f"{name}: sample(rng, n) raises ValueError for every length; for n = 1: {cut(str(error), 100)}"
            return UsageError(text, "It should return the arguments of a problem of length n.")
    text = f"{name}: no arguments of any length, in {problems.tries:,} draws each, for which {problems.rule}"
    return UsageError(text, "Change CONSTRAINTS, or give sample(rng, n).")


def _most(problems: Problems) -> int:
    """The longest length that is looked at."""
    digits = problems.numbers_alone and problems.measure == "digits" and not problems.own
    return LENGTHS[MOST_DIGITS - 1] if digits else LENGTHS[-1]


def _there(problems: Problems) -> list[int]:
    """The lengths that are looked at and have problems."""
    there: list[int] = []
    for n in range(1, _most(problems) + 1):
        if problems.has(n):
            there.append(n)
        elif there and n - there[-1] > MOST_MISSING:
            break
    return there


def _within(problems: Problems, emitted: Emitted, limit: int, there: list[int], *, last: bool) -> list[int]:
    """The lengths up to the longest problems whose traces have at most so many tokens; `last`: no more are tried."""
    longest, reason = 0, None
    few = [n for n in there if n in LENGTHS or n == there[-1]]
    for n in few if len(few) > 2 else there:
        rng = Random(f"ranges/{n}")
        try:
            drawn = [problems.sample(rng, n, n) for _ in range(SAMPLES)]
        except ValueError:  # so rare that they were found once and not again
            continue
        reason = next((fit for data in drawn if (fit := _excess(problems, emitted, data, limit, last))), None)
        if reason:
            break
        longest = n
    if not longest and reason and reason.message:
        raise reason
    return [n for n in there if n <= longest]


def _excess(problems: Problems, emitted: Emitted, data: dict[str, Any], limit: int, last: bool) -> UsageError | None:
    """What keeps a problem's trace from being short enough; an error without words for a few tokens too many."""
    tape, most = Tape(), limit // TOKENS_OF_A_STATE
    state: State | None = None
    called = f"{problems.source.file.name}: {problems.shown(problems.arguments(data))}"
    try:
        state = label_of(emitted.program.start(tape, data))
        while state is not None and len(tape.run.steps) < most:
            state = run_state(tape, emitted.program, state).next
    except ProgramError as error:
        problems.answer(data)  # what Python says comes first
        return UsageError(f"{called}: {error.message}", error.hint or HINT)
    if state is not None and last:
        return UsageError(
            f"{called} takes more than {most:,} states; perhaps it does not end",
            "Keep such arguments out with CONSTRAINTS, or give RANGES and sample(rng, n).",
        )
    if state is not None or tokens(render(tape.run, emitted.core, VARIANTS["tail"]).text) > limit:
        return UsageError("")
    return None


def split(lengths: list[int]) -> dict[str, Bounds]:
    """S takes three fifths of the lengths, M one, L the rest: as the paper's 30, 40 and 50."""
    most = len(lengths)
    s = max(1, min(most - 2, round(0.6 * most)))
    m = max(s + 1, min(most - 1, round(0.8 * most)))
    return {"S": (lengths[0], lengths[s - 1]), "M": (lengths[s], lengths[m - 1]), "L": (lengths[m], lengths[-1])}


def tokens(text: str) -> int:
    """About how many tokens a text is for Qwen2.5: each digit, each word, each run of marks."""
    return len(re.findall(r"[A-Za-z]+|\d|[^\sA-Za-z\d]+|\n", text))
