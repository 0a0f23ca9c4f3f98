"""Invented tasks: a wording, a grammar and a tape program that belong together.

In: a random stream and a size. Out: (prompt, completion), a problem of such a task and its trace.
Some tasks have a name, and a wording, a grammar and a program for good. The others come once: words in the
prompt tell the program, and the signs of the grammar are drawn anew; a sign that nobody can foresee has FREE
before it, and carries no loss. Problems of all sizes are drawn, so that a task says what to do, never how long.
None of the programs is that of one of the 18 tasks.
"""

from collections.abc import Callable
from random import Random

from tailkit.nano.workshop.grammar import LETTERS, Ink, Options, draw_signs
from tailkit.nano.workshop.programs.columns import Columns
from tailkit.nano.workshop.programs.heads import Triangle, Window
from tailkit.nano.workshop.programs.lists import LaidOut, SmallFacts
from tailkit.nano.workshop.programs.scans import Spell, Walk
from tailkit.nano.workshop.programs.tables import PairTable, Passes

InventedProgram = type[Columns | Walk | Spell | Window | Triangle | LaidOut | SmallFacts | PairTable | Passes]
Shares = dict[InventedProgram, float]
# Mixtures of programs, each with the number of tasks that have a name by then; a named task keeps the mixture that
# it was drawn from. Later ones hold more of what is learned last: tables, lists of integers, facts.
STAGES: tuple[tuple[int, Shares], ...] = (
    (96, {Columns: 7.5, Walk: 3.0, Spell: 2.5, Window: 2.0, Triangle: 2.0, LaidOut: 1.5, SmallFacts: 0.5}),
    (
        192,
        {
            **{Columns: 4.0, Walk: 1.5, Spell: 4.0, Window: 3.5, Triangle: 4.0, LaidOut: 1.0, SmallFacts: 0.5},
            **{PairTable: 4.0, Passes: 4.0},
        },
    ),
    (
        256,
        {
            **{Columns: 5.0, Walk: 1.0, Spell: 3.0, Window: 5.0, Triangle: 2.0, LaidOut: 1.0, SmallFacts: 6.0},
            **{PairTable: 2.0, Passes: 2.0},
        },
    ),
)


def wording(rng: Random, words: list[str], name: str) -> Callable[[list[str]], str]:
    """A sentence of random words with places for a name and for the values."""
    quote = rng.choice([("", ""), ("", ""), ('"', '"'), ("'", "'"), ("`", "`"), ("“", "”"), ("(", ")")])
    gaps = [" ".join(rng.choices(words, k=rng.randint(0, 4))) for _ in range(4)]
    if name:
        place = rng.randrange(2)
        gaps[place] = " ".join([name, *gaps[place].split()])
    marks = rng.choices(["", "", "", ",", ":", ";", " +", " =", " ?", " /"], k=4)
    end, capital = rng.choice([".", "", "?", "!", " =", " = ?"]), rng.random() < 0.6

    def ask(values: list[str]) -> str:
        bare = quote[0] == "" and (name or not any(c.isalpha() for value in values for c in value))
        opening, closing = ("", "") if bare else quote if quote[0] else ('"', '"')
        parts = [gaps[0][:1].upper() + gaps[0][1:] if capital else gaps[0]]
        for value, mark, gap in zip(values, marks, gaps[1:], strict=False):
            parts += [opening + value + closing + mark, gap]
        return " ".join(part for part in parts if part) + end

    return ask


def program_of(own: Random, shares: Shares) -> InventedProgram:
    """The program that a task's stream draws first."""
    return own.choices([*shares], [*shares.values()])[0]


def mixture_of(task: int) -> Shares:
    """The mixture from which the named task of that number was drawn."""
    return next(shares for tasks, shares in STAGES if task < tasks)


def program_named(task: int) -> InventedProgram:
    """The program of the named task of that number."""
    return program_of(stream(task), mixture_of(task))


def stream(task: int | float) -> Random:
    """The stream from which a task is drawn."""
    return Random(f"nano/invented/{task}")


def problem(rng: Random, n: int, words: list[str], task: int | None = None, *, stage: int = 0) -> tuple[str, str, str]:
    """A problem of the named task of that number, or of one that comes once: (its program, prompt, completion).

    A task that comes once is of the mixture of `stage`. Strings have about `n` characters at most.
    """
    number = rng.random() if task is None else task
    shares = STAGES[stage][1] if task is None else mixture_of(task)
    while True:
        own = stream(number)
        program = program_of(own, shares)
        ink = Ink(draw_signs(own), fresh=task is None)
        options = Options(own)
        values = program(options).write(rng, n, ink)
        if values:
            break
    kind, told = program.called, Random(f"nano/invented/{number}/wording")
    if task is None:
        prompt = f"{kind} {' '.join(options.words)}: {wording(told, words, '')(values)}"
    else:
        name = "".join(told.choices(LETTERS, k=told.randint(4, 6)))
        prompt = rng.choice([wording(told, words, name) for _ in range(2)])(values)
    return kind, prompt, ink.text()
