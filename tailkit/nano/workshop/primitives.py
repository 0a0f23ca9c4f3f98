"""The pretraining texts of nano: invented tasks and generic text-processing primitives, none of the 18 tasks.

In: a random stream and a size. Out: one (prompt, completion) pair of plain text.
Nothing here adds numbers of more than one digit, and no notation here is that of a trace.
"""

import string
from random import Random

from tailkit.nano.workshop import invented
from tailkit.nano.workshop.clean import is_clean
from tailkit.nano.workshop.grammar import FREE, order

WORDS = (  # noqa: SIM905 - a list of quoted words would be ten times as long
    "the a of and to in is it you that he was for on are with as his they at be this from have or "
    "by one had not but what all were when we there can an your which their said if do will each "
    "about how up out them then she many some so these would other into has more her two like him "
    "see time could no make than first been its who now people my made over did down only way find "
    "use may water long little very after words called just where most know get through back much "
    "before go good new write our used me man too any day same right look think also around another "
    "came come work three word must because does part even place well such here take why things help "
    "put years different away again off went old number great tell men say small every found still "
    "between name should home big give air line set own under read last never us left end along"
).split()
LINKS = [(":", ","), ("=", ","), ("=", " "), ("-", ";"), ("=", ">"), (":", " "), ("|", " ")]
DIGITS = string.digits
LETTERS = string.ascii_lowercase
PRINTABLE = string.ascii_letters + string.digits + ".,;:!?'\"()[]{}<>+-*/=_#%&@^~|$`\\ "


def any_character(rng: Random) -> str:
    top = rng.choice([0x7F, 0x7FF, 0xFFFF, 0x10FFFF])
    while True:
        code = rng.randint(0, top)
        if not 0xD800 <= code <= 0xDFFF:
            return chr(code)


def prose(rng: Random, words: int) -> str:
    chosen = rng.choices(WORDS, k=words)
    if rng.random() < 0.5:
        chosen[0] = chosen[0].capitalize()
    return " ".join(chosen)


def copy(rng: Random, n: int) -> tuple[str, str]:
    """Any characters: printable ones, words, digits, or characters of every plane and so every byte."""
    kind = rng.random()
    if kind < 0.3:
        value = "".join(rng.choices(PRINTABLE, k=rng.randint(1, 2 * n)))
    elif kind < 0.5:
        value = prose(rng, max(1, n // 3))
    elif kind < 0.8:
        value = "".join(rng.choices(rng.choice([DIGITS, LETTERS]), k=rng.randint(1, 2 * n)))
    else:
        value = "".join(any_character(rng) for _ in range(max(1, n // 2)))
    return f"{rng.choice(['copy', 'repeat', 'say'])} {value}", value


def look_up(rng: Random, n: int) -> tuple[str, str]:
    """A labelled list stands in the prompt; print some of its labels, each with what stands there."""
    link, sep = rng.choice(LINKS)
    value = "".join(rng.choices(rng.choice([DIGITS, LETTERS]), k=rng.randint(1, n)))
    pairs = [(str(i + 1), c) for i, c in enumerate(value)]
    if rng.random() < 0.3:
        rng.shuffle(pairs)
    asked = rng.choices(pairs, k=rng.randint(1, n))
    memory = sep.join(f"{k}{link}{c}" for k, c in pairs)
    return f"look up {' '.join(k for k, _ in asked)} in {memory}", sep.join(f"{k}{link}{c}" for k, c in asked)


def count(rng: Random, n: int) -> tuple[str, str]:
    """Count up or down from one number to another, alone or two numbers in step."""
    start, steps = rng.randint(0, 4 * n), rng.randint(1, 2 * n)
    sep = rng.choice([" ", ",", ">", "\n"])
    if rng.random() < 0.4:
        return f"count {sep} up {start} {start + steps}", sep.join(str(i) for i in range(start, start + steps + 1))
    other = rng.randint(0, 4 * n)
    if rng.random() < 0.5:
        return f"count {sep} down {start} 0", sep.join(str(i) for i in range(start, -1, -1))
    walk = [f"{max(start - k, 0)},{max(other - k, 0)}" for k in range(max(start, other) + 1)]
    return f"count {sep} down {start} {other}", sep.join(walk)


def compare(rng: Random, n: int) -> tuple[str, str]:
    """Which of two integers of up to three digits is larger; pairs are often close together."""
    out = []
    for _ in range(rng.randint(1, n)):
        top = 10 ** rng.randint(1, 3)
        one = rng.randint(0, top)
        two = rng.choice([one, one + 1, max(0, one - 1), rng.randint(0, top), rng.randint(0, top)])
        if rng.random() < 0.2:
            one, two = -one, rng.choice([two, -two])
        out.append((one, two))
    shown = ", ".join(f"{a} {b}" for a, b in out)
    return f"compare {shown}", ", ".join(f"{a} {b} {order(a, b)}" for a, b in out)


def middle(rng: Random, n: int) -> tuple[str, str]:
    """The number halfway between two small ones, rounded down."""
    pairs = []
    for _ in range(rng.randint(1, n)):
        low = rng.randint(0, 2 * n)
        pairs.append((low, low + rng.randint(0, 2 * n)))
    shown = ", ".join(f"{a} {b}" for a, b in pairs)
    return f"middle {shown}", ", ".join(f"{a} {b} {(a + b) // 2}" for a, b in pairs)


def an_invented(rng: Random, n: int, *, stage: int = 0) -> tuple[str, str]:
    """A problem of a named task, often of one that is new in this stage, or of one that comes once, and its trace."""
    tasks, before = invented.STAGES[stage][0], invented.STAGES[stage - 1][0] if stage else 0
    if rng.random() > (0.75 if stage else 0.45):
        return invented.problem(rng, n, WORDS, stage=stage)[1:]
    task = rng.randrange(before if rng.random() < 0.4 else 0, tasks)
    return invented.problem(rng, n, WORDS, task)[1:]


PRIMITIVES = [(an_invented, 18.0), (copy, 0.7), (look_up, 0.7), (compare, 0.6), (count, 0.4), (middle, 0.3)]
LATE_PRIMITIVES = [(an_invented, 18.0), (copy, 0.7), (look_up, 1.0), (compare, 2.0), (count, 0.6), (middle, 1.2)]


def sample(rng: Random, n: int, *, stage: int = 0) -> tuple[str, str, str]:
    """Draw one text: (name of the primitive, prompt, completion); strings have about `n` characters at most.

    A text that holds a piece of a query or a line like a trace's, by chance, is drawn anew.
    """
    shares = LATE_PRIMITIVES if stage else PRIMITIVES
    while True:
        primitive = rng.choices([p for p, _ in shares], [w for _, w in shares])[0]
        text = an_invented(rng, n, stage=stage) if primitive is an_invented else primitive(rng, n)
        if is_clean(text[0], text[1].replace(FREE, "")):
            return (primitive.__name__, *text)
