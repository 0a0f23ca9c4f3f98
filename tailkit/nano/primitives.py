"""The pretraining texts of nano: generic text-processing primitives, none of the 18 tasks.

In: a random stream and a size. Out: one (prompt, completion) pair of plain text.
Each primitive is a function of that shape; `sample` draws one. Delimiters, wordings and
labels vary from text to text, so that the base learns the operations and no one notation.
Nothing here adds numbers of more than one digit, and no notation here is that of a trace.
"""

import string
from collections.abc import Callable
from random import Random

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
LINKS = [(":", ","), ("=", ","), ("=", " "), ("-", ";"), ("=", ">"), (":", " "), (":", "\n"), ("|", " ")]
DIGITS = string.digits
LETTERS = string.ascii_lowercase
PRINTABLE = string.ascii_letters + string.digits + ".,;:!?'\"()[]{}<>+-*/=_#%&@^~|$`\\ "


def text(rng: Random, n: int, *, alphabet: str | None = None) -> str:
    """A string of `n` characters, without spaces; half of all strings are digits only."""
    if alphabet is None:
        alphabet = rng.choice([DIGITS, DIGITS, DIGITS, LETTERS, string.ascii_letters + DIGITS])
    return "".join(rng.choices(alphabet, k=n))


def number(rng: Random, n: int) -> str:
    """`n` digits, half of the time with a point at a random inner place."""
    digits = text(rng, n, alphabet=DIGITS)
    if n > 1 and rng.random() < 0.5:
        cut = rng.randint(1, n - 1)
        return f"{digits[:cut]}.{digits[cut:]}"
    return digits


def anything(rng: Random, n: int) -> str:
    """Any characters: printable ones, words, or characters of every plane and so every byte."""
    kind = rng.random()
    if kind < 0.5:
        return "".join(rng.choices(PRINTABLE, k=n))
    if kind < 0.9:
        return prose(rng, max(1, n // 5))
    return "".join(any_character(rng) for _ in range(max(1, n // 2)))


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


def setting(rng: Random, *values: str) -> str:
    """The values in order, each between quotes or bare, with words around them."""
    quote = rng.choice(["", "", "", '"', "'", "`"])
    parts = [prose(rng, rng.randint(1, 6))]
    for value in values:
        mark = rng.choice(["", "", " and", ",", ":", ";", " +", " -", " =", " with"])
        parts += [f"{quote}{value}{quote}{mark}", prose(rng, rng.randint(0, 4) or 1)]
    if rng.random() < 0.4:
        parts.pop()
    return " ".join(parts) + rng.choice([".", "", "?", "\n", "!"])


def labels(value: str) -> list[str]:
    """Labels 1, 2, 3 …; after a point they start again as .1, .2 …; one more for the blank."""
    head, _, tail = value.partition(".")
    if not tail:
        return [str(i + 1) for i in range(len(value) + 1)]
    return [str(i + 1) for i in range(len(head) + 1)] + [f".{i + 1}" for i in range(len(tail) + 1)]


def sign(link: tuple[str, str]) -> str:
    """How a listing with these delimiters begins; the prompt shows it, so that the completion is determined."""
    return f"1{link[0]}{link[1]}2{link[0]}"


def listing(value: str, link: tuple[str, str], *, blank: bool = True) -> str:
    cells = value + ("_" if blank else "")
    return link[1].join(f"{k}{link[0]}{c}" for k, c in zip(labels(value), cells, strict=False))


def copy(rng: Random, n: int) -> tuple[str, str]:
    value = anything(rng, 2 * n) if rng.random() < 0.4 else text(rng, rng.randint(n, 8 * n))
    return f"{rng.choice(['copy', 'repeat', 'say'])} {value}", value


def pick(rng: Random, n: int) -> tuple[str, str]:
    """Print the first, the second, or the longer of two strings that stand among words."""
    one, two = number(rng, rng.randint(1, n)), number(rng, rng.randint(1, n))
    which = rng.choice(["first", "second", "both"])
    answer = {"first": one, "second": two, "both": f"{one}\n{two}"}[which]
    return f"{which}: {setting(rng, one, two)}", answer


def index(rng: Random, n: int) -> tuple[str, str]:
    """Label every character of one or two strings, up to the blank behind the end."""
    link = rng.choice(LINKS)
    values = [number(rng, rng.randint(1, n)) if rng.random() < 0.7 else text(rng, rng.randint(1, n)) for _ in range(2)]
    if rng.random() < 0.3:
        values.pop()
    lines = [f"{name} {listing(value, link)}" for name, value in zip("ab", values, strict=False)]
    return f"index {sign(link)} in {setting(rng, *values)}", "\n".join(lines)


def look_up(rng: Random, n: int) -> tuple[str, str]:
    """A labelled list stands in the prompt; print what stands at some of its labels."""
    link = rng.choice(LINKS)
    value = text(rng, rng.randint(1, n))
    pairs = list(zip(labels(value), value, strict=False))
    if rng.random() < 0.3:
        rng.shuffle(pairs)
    asked = rng.choices(pairs, k=rng.randint(1, n))
    memory = link[1].join(f"{k}{link[0]}{c}" for k, c in pairs)
    return (
        f"look up {' '.join(k for k, _ in asked)} in {memory}",
        link[1].join(f"{k}{link[0]}{c}" for k, c in asked),
    )


def reverse(rng: Random, n: int) -> tuple[str, str]:
    """Label a string, then read it from its end."""
    link = rng.choice(LINKS)
    value = text(rng, rng.randint(1, n)) if rng.random() < 0.7 else anything(rng, n).replace("\n", " ")
    pairs = list(zip([str(i + 1) for i in range(len(value))], value, strict=False))
    forward = link[1].join(f"{k}{link[0]}{c}" for k, c in pairs)
    back = link[1].join(f"{k}{link[0]}{c}" for k, c in reversed(pairs))
    return f"reverse {sign(link)} {value}", f"{forward}\n{back}\n{value[::-1]}"


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


def facts(rng: Random, n: int) -> tuple[str, str]:
    """Sums of two or three single digits, as two digits; blanks count as nothing."""
    rows = []
    for _ in range(rng.randint(1, n)):
        row = [rng.choice(DIGITS + "_"), rng.choice(DIGITS + "_")]
        rows.append([*row, rng.choice("01")] if rng.random() < 0.7 else row)
    arrow, sep = rng.choice(["->", " = ", " is ", ":"]), rng.choice([",", "\n", "; "])
    shown = [" ".join(row) for row in rows]
    sums = [sum(int(d) for d in row if d != "_") for row in rows]
    return f"sums{arrow}{sep}{', '.join(shown)}", sep.join(
        f"{s}{arrow}{v:02d}" for s, v in zip(shown, sums, strict=True)
    )


def compare(rng: Random, n: int) -> tuple[str, str]:
    """Which of two small numbers is larger; pairs are often close together."""
    out = []
    for _ in range(rng.randint(1, n)):
        one = rng.randint(0, 3 * n)
        two = max(0, one + rng.choice([0, 0, 1, -1, 2, -2, rng.randint(-n, n)]))
        out.append((one, two))
    sign = {True: ">", False: "<"}
    shown = ", ".join(f"{a} {b}" for a, b in out)
    return f"compare {shown}", ", ".join(f"{a}{'=' if a == b else sign[a > b]}{b}" for a, b in out)


def gather(rng: Random, n: int) -> tuple[str, str]:
    """Values stand in the prompt under falling labels; list them rising, then joined."""
    link = rng.choice(LINKS)
    value = number(rng, rng.randint(1, n)) if rng.random() < 0.7 else text(rng, rng.randint(1, n))
    keys = [k for k, c in zip(labels(value), value, strict=False)]
    pairs = [(k, c) for k, c in zip(keys, value, strict=True) if c != "."]
    memory = "\n".join(f"{k}{rng.choice(['', f',{rng.randint(0, n)}'])} {c}" for k, c in reversed(pairs))
    return f"gather {sign(link)}\n{memory}", f"{listing(value, link, blank=False)}\n{value}"


ELEMENTWISE: dict[str, Callable[[str, str], str]] = {
    "left": lambda a, _: a,
    "right": lambda _, b: b,
    "larger": max,
    "smaller": min,
    "equal": lambda a, b: "=" if a == b else "x",
}


def zip_down(rng: Random, n: int) -> tuple[str, str]:
    """Label two strings, walk both from their ends downwards in step, write one result a step.

    The results are then read out upwards under the label of the first (longer) string.
    """
    name = rng.choice(list(ELEMENTWISE))
    op, link = ELEMENTWISE[name], rng.choice(LINKS)
    alphabet = rng.choice([DIGITS, DIGITS, LETTERS])
    values = [text(rng, rng.randint(1, n), alphabet=alphabet) for _ in range(2)]
    top, bottom = sorted(values, key=len, reverse=True) if len(values[0]) != len(values[1]) else values
    lines = [f"{k} {listing(v, link)}" for k, v in zip("ab", values, strict=True)]
    walk, results = [], ["_"]
    for k in range(len(top)):
        i, j = len(top) - k, max(len(bottom) - k, 0)
        pair = (top[i - 1], bottom[j - 1] if j else "_")
        results.insert(1, op(*pair))
        walk.append(f"{i},{j} {pair[0]}{pair[1]} {results[1]}")
    walk.append("0,0 __ _")
    joined = "".join(results[1:])
    read = link[1].join(f"{i + 1}{link[0]}{c}" for i, c in enumerate(joined))
    return f"{name} {sign(link)} {setting(rng, *values)}", "\n".join([*lines, *walk, read, joined])


PRIMITIVES: list[tuple[Callable[[Random, int], tuple[str, str]], float]] = [
    (copy, 2.0),
    (pick, 1.0),
    (index, 3.0),
    (look_up, 1.5),
    (reverse, 1.0),
    (count, 1.0),
    (facts, 1.5),
    (compare, 0.7),
    (gather, 1.5),
    (zip_down, 3.0),
]


def sample(rng: Random, n: int) -> tuple[str, str, str]:
    """Draw one text: (name of the primitive, prompt, completion); strings have up to `n` characters."""
    primitive = rng.choices([p for p, _ in PRIMITIVES], [w for _, w in PRIMITIVES])[0]
    return (primitive.__name__, *primitive(rng, n))
