"""Random recipe files and overrides: valid ones, near misses, and what a YAML reader may stumble over.

In: a seed. Out: the text of a file, or None for a recipe of the kit, and overrides.
"""

from random import Random

from tailkit.recipe import Recipe

SECTIONS: dict[str, list[str]] = {
    name: list(Recipe.model_fields[name].annotation.model_fields)  # type: ignore[union-attr]
    for name in ("model", "lora", "data", "train", "decode")
}
KEYS = [f"{section}.{key}" for section, keys in SECTIONS.items() for key in keys]
VALUES = [
    *("yes", "true", "null", "~", "1", "-1", "0", "16.0", "1e-3", "1e999", ".inf", ".nan", "1_000", "+_", "._", "010"),
    *("0x10", "0b2", "99999999999999", "2020-01-01", "9" * 20, "9" * 5_000, "'1'", r'"\ud800"', r'"\0"', "\x07", "\t"),
    *("\u2028", "é", "😀", "nano", "8:1:1", "nf4", "tail", "./m", "~/m", "~nobody/m", "a/b/c", "m.gguf", "x" * 300),
    *("[", "]", "{", "}", "{}", "[]", "[2, 5]", "[5, 2]", "[1, 2, 3]", "[true, 2]", "[1.0, 2]", "[[[[1]]]]", "[" * 300),
    *("{{ lr }}", "{? [1]: 2}", "{1: 2}", "{a: {b: {c: 1}}}", "{addition: {S: [2, 3]}}", "{S: [1, 2]}", "{grid: 5}"),
    *("!!set [a]", "!!timestamp foo", "!!int", "!!bool x", "!!binary a", "!x", "!", "!!python/name:os.abort x"),
    *("&a [*a]", "*a", "<<: {a: 1}", "<<", "=", "|", "> x", "a: b", "- a", "%", "@x", "`x`", "#", "/" + "y" * 300),
]  # fmt: skip
ODD_KEYS = ["", "a", ".", ".a", "a.", "tasks", "task.a", "a.b.c.d.e.f.g.h", "x." * 500 + "y"]
ODD_NAMES = ["a", "addition", "S", "", "x" * 200, "addition.S", "grid", "é"]


def draw(seed: object) -> tuple[str | None, list[str]]:
    rng = Random(f"recipe/{seed}")
    text = _file(rng) if rng.random() < 0.5 else None
    overrides = [_override(rng) for _ in range(rng.randint(1, 2))] if text is None or rng.random() < 0.3 else []
    return text, overrides


def _override(rng: Random) -> str:
    many = 50 if rng.random() < 0.03 else 1
    return f"{_key(rng)}{rng.choice(['=', '=', '=', '=', ''])}{rng.choice(VALUES) * many}"


def _key(rng: Random) -> str:
    key, kind = rng.choice(KEYS), rng.random()
    if kind < 0.1:
        return f"tasks.lcs.{key}"
    if kind < 0.2:
        return f"{key}.{rng.choice(ODD_NAMES)}"
    if kind < 0.3:
        place = rng.randrange(len(key))
        return f"{key[:place]}{rng.choice('abc. =:[')}{key[place + 1 :]}"
    return rng.choice(ODD_KEYS) if kind < 0.33 else key


def _file(rng: Random) -> str:
    names = rng.sample([*SECTIONS, "tasks", "task", "trian"], rng.randint(0, 6))
    text = "\n".join(_section(rng, name) for name in names)
    for _ in range(rng.randint(1, 4) if rng.random() < 0.2 else 0):
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice([*VALUES, *" \n:[]{}-'\"\t"]) + text[place:]
    return text


def _section(rng: Random, name: str) -> str:
    if rng.random() < 0.15:
        return f"{name}: {rng.choice(VALUES)}"
    if name == "tasks":
        tasks = rng.sample(["addition", "lcs", "x"], rng.randint(0, 2))
        return "\n".join([f"{name}:", *(f"  {task}: {_own(rng)}" for task in tasks)])
    keys = SECTIONS.get(name, ["epochs"])
    drawn = rng.sample(keys, rng.randint(0, min(4, len(keys))))
    return "\n".join([f"{name}:", *(f"  {key}: {rng.choice(VALUES)}" for key in drawn)])


def _own(rng: Random) -> str:
    if rng.random() < 0.3:
        return rng.choice(VALUES)
    section, _, key = rng.choice(KEYS).partition(".")
    return f"{{{section}: {{{key}: {rng.choice(VALUES)}}}}}"
