"""Chooses S, M and L for a function whose file gives none: the longest traces of L stay within a number of tokens.

In: `Problems` and a program. Out: ranges, and what the length of a number is.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tailkit.errors import UsageError
from tailkit.plain.emit import Emitted
from tailkit.plain.problems import Problems, tokens
from tailkit.plain.refusal import HINT
from tailkit.records import Bounds, State
from tailkit.tape import ProgramError, Tape
from tailkit.tape.machine import label_of, run_state
from tailkit.tape.render import VARIANTS, render

MOST_TOKENS = (2_000, 4_000, 6_000)
"""Of the trace of a problem at the top of L, as `problems.tokens` counts them: the least that gives three lengths."""
TOKENS_OF_A_STATE = 3
"""A state has more; so many tokens have fewer states."""
SAMPLES = 6
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50)
MOST_DIGITS = 6
"""Of numbers that are drawn by themselves."""


@dataclass(frozen=True)
class Chosen:
    """Ranges, the problems with the measure that they are in, and the tokens that a trace stays within."""

    problems: Problems
    ranges: dict[str, Bounds]
    tokens: int


def choose(problems: Problems, emitted: Emitted, first: int = 0) -> Chosen:
    """The first limit and measure with three lengths or more; raises `UsageError` where none has.

    `first`: tried first, then 1.5 times as much, then the larger ones of `MOST_TOKENS`; 0: only these.
    """
    longest = 0
    limits = sorted({limit for limit in (first, first * 3 // 2, *MOST_TOKENS) if limit >= max(first, 1)})
    measures = ("digits", "value") if problems.numbers_alone and not problems.own else ("digits",)
    for limit in limits:
        for measure in measures:
            measured = replace(problems, measure=measure)
            longest = _longest(measured, emitted, limit)
            if longest >= 3:
                return Chosen(measured, split(longest), limit)
    raise UsageError(
        f"{problems.source.file.name}: {problems.source.entry.name} has traces within {limits[-1]:,} tokens only "
        f"up to length {longest}: too few lengths for S, M and L",
        "Give RANGES and sample(rng, n), or make its steps fewer.",
    )


def _longest(problems: Problems, emitted: Emitted, limit: int) -> int:
    """The longest problems whose traces have at most so many tokens."""
    digits = problems.numbers_alone and problems.measure == "digits" and not problems.own
    longest, reason, none = 0, None, ""
    for n in LENGTHS[:MOST_DIGITS] if digits else LENGTHS:
        rng = Random(f"ranges/{n}")
        try:
            drawn = [problems.sample(rng, n, n) for _ in range(SAMPLES)]
        except ValueError as error:
            if longest:
                break  # no problems of this length
            none = str(error)
            continue
        reason = next((fit for data in drawn if (fit := _excess(problems, emitted, data, limit))), None)
        if reason:
            break
        longest = n
    if not longest and reason and reason.message:
        raise reason
    if not longest and not reason and none:
        raise UsageError(f"{problems.source.file.name}: {none}", "Change CONSTRAINTS, or give sample(rng, n).")
    return longest


def _excess(problems: Problems, emitted: Emitted, data: dict[str, Any], limit: int) -> UsageError | None:
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
    if state is not None and limit == MOST_TOKENS[-1]:
        return UsageError(
            f"{called} takes more than {most:,} states; perhaps it does not end",
            "Keep such arguments out with CONSTRAINTS, or give RANGES and sample(rng, n).",
        )
    if state is not None or tokens(render(tape.run, emitted.core, VARIANTS["tail"]).text) > limit:
        return UsageError("")
    return None


def split(longest: int) -> dict[str, Bounds]:
    """S up to three fifths of the longest, M up to four, L the rest: as the paper's 30, 40 and 50."""
    s = max(1, min(longest - 2, round(0.6 * longest)))
    m = max(s + 1, min(longest - 1, round(0.8 * longest)))
    return {"S": (1, s), "M": (s + 1, m), "L": (m + 1, longest)}
