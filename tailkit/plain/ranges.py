"""Chooses S, M and L for a function whose file gives none: the longest traces of L stay within a number of tokens.

In: `Problems` and a program. Out: ranges, and what the length of a number is.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tailkit.errors import UsageError
from tailkit.plain.emit import Emitted
from tailkit.plain.problems import Problems, tokens
from tailkit.plain.refusal import HINT
from tailkit.records import State
from tailkit.tape import ProgramError, Tape
from tailkit.tape.machine import label_of, run_state
from tailkit.tape.render import VARIANTS, render

MOST_TOKENS = 2_000
"""Of the trace of a problem at the top of L, as `problems.tokens` counts them."""
MOST_STATES = 1_000
SAMPLES = 6
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50)
MOST_DIGITS = 6
"""Of numbers that are drawn by themselves."""
Bounds = dict[str, tuple[int, int]]


def choose(problems: Problems, emitted: Emitted) -> tuple[Problems, Bounds]:
    """Ranges by what fits, and the problems with the measure that gives three lengths or more.

    Raises `UsageError` where even the shortest problems are too long.
    """
    longest = 0
    measures = ("digits", "value") if problems.numbers_alone and not problems.own else ("digits",)
    for measure in measures:
        measured = replace(problems, measure=measure)
        lengths = [n for n in LENGTHS if measure == "value" or not problems.numbers_alone or n <= MOST_DIGITS
                   or problems.own]  # fmt: skip
        longest = _longest(measured, emitted, lengths)
        if longest >= 3:
            return measured, split(longest)
    raise UsageError(
        f"{problems.source.file.name}: {problems.source.entry.name} has traces within {MOST_TOKENS:,} tokens only up "
        f"to length {longest}: too few lengths for S, M and L",
        "Give RANGES and sample(rng, n), or make its steps fewer.",
    )


def _longest(problems: Problems, emitted: Emitted, lengths: list[int]) -> int:
    longest, reason = 0, None
    for n in lengths:
        rng = Random(f"ranges/{n}")
        try:
            drawn = [problems.sample(rng, n, n) for _ in range(SAMPLES)]
        except ValueError:
            if longest:
                break  # no problems of this length
            continue
        fits = [_fits(problems, emitted, data) for data in drawn]
        if not all(fit is True for fit in fits):
            reason = next(fit for fit in fits if fit is not True)
            break
        longest = n
    if not longest and isinstance(reason, UsageError):
        raise reason
    return longest


def _fits(problems: Problems, emitted: Emitted, data: dict[str, Any]) -> bool | UsageError:
    """Whether a problem's trace is short enough; what is wrong with it where it breaks off."""
    tape = Tape()
    state: State | None = label_of(emitted.program.start(tape, data))
    try:
        while state is not None and len(tape.run.steps) < MOST_STATES:
            state = run_state(tape, emitted.program, state).next
    except ProgramError as error:
        problems.answer(data)  # what Python says comes first
        called = problems.shown(problems.arguments(data))
        return UsageError(f"{problems.source.file.name}: {called}: {error.message}", error.hint or HINT)
    if state is not None:
        called = problems.shown(problems.arguments(data))
        return UsageError(
            f"{problems.source.file.name}: {called} takes more than {MOST_STATES:,} states; perhaps it does not end",
            "Keep such arguments out with CONSTRAINTS, or give RANGES and sample(rng, n).",
        )
    return tokens(render(tape.run, emitted.core, VARIANTS["tail"]).text) <= MOST_TOKENS


def split(longest: int) -> Bounds:
    """S up to three fifths of the longest, M up to four, L the rest: as the paper's 30, 40 and 50."""
    s = max(1, min(longest - 2, round(0.6 * longest)))
    m = max(s + 1, min(longest - 1, round(0.8 * longest)))
    return {"S": (1, s), "M": (s + 1, m), "L": (m + 1, longest)}


Chooser = Callable[[Problems, Emitted], tuple[Problems, Bounds]]
