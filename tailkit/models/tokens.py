"""How many tokens traces take, by any tokenizer.

In: a tokenizer's name and a task. Out: counts. Tokens are what training and evaluation cost.
"""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from statistics import median_low
from typing import Any

from tailkit.errors import EnvironmentMissing, TailkitError, UsageError, quoted
from tailkit.models.chat import ChatFormat, default, format_of
from tailkit.nano import MODEL_DIR
from tailkit.recipe import NANO
from tailkit.records import RANGES
from tailkit.screen import note
from tailkit.tasks import Task

CountTokens = Callable[[str], int]
PROBLEMS = 21
CHARACTERS = 3
"""Of a token, as an estimate for texts of any kind: prose has more, numbers have fewer."""
TOKENS_A_CHARACTER = 0.69
"""Of a symbolic trace by Qwen2.5's tokenizer: measured over all, 0.6 to 0.78 over the tasks."""


def counter(name: str = NANO) -> CountTokens:
    """A function from text to its number of tokens.

    `name` is nano (the bundled one), a folder that holds a tokenizer.json, such a file, or a hub
    id such as Qwen/Qwen2.5-7B. Raises `UsageError` or `EnvironmentMissing` where it cannot be read.
    """
    read = _tokenizer(name)
    return lambda text: len(read.encode(text).ids)


def chat_format(name: str = NANO) -> ChatFormat:
    """The chat format of a tokenizer, named as for `counter`; the default where it has the marks of none."""
    read = _tokenizer(name)
    try:
        return format_of(lambda mark: read.token_to_id(mark) is not None)
    except KeyError:
        return default()


def _tokenizer(name: str) -> Any:
    from tokenizers import Tokenizer

    path = MODEL_DIR if name == NANO else Path(name).expanduser()
    file = path / "tokenizer.json" if os.path.isdir(path) else path
    try:
        return Tokenizer.from_file(str(file)) if os.path.exists(file) else Tokenizer.from_pretrained(name)
    except Exception as error:
        if os.path.exists(path):
            raise UsageError(f"{path} holds no tokenizer.json that can be read", "Name a folder, or nano.") from error
        raise EnvironmentMissing(
            f"tokenizer {quoted(name)} is neither a folder nor to be had from the hub",
            "Download it, or name its folder.",
        ) from error


def estimating(name: str) -> CountTokens:
    """As `counter`, but loaded when it is first needed; where that fails, tokens are estimated, and this is told."""

    @cache
    def loaded() -> CountTokens:
        try:
            return counter(name)
        except TailkitError as error:
            note(f"note: {error.message}; tokens are estimated, one for {CHARACTERS} characters")
            return lambda text: -(-len(text) // CHARACTERS)

    def count(text: str) -> int:
        return loaded()(text)

    return count


def at_top(task: Task, variant: str, count: CountTokens) -> dict[str, int]:
    """The median tokens of a trace of the greatest length of each range."""
    medians = {}
    for name in RANGES:
        rng = Random(f"tokens/{task.id}/{name}")
        drawn = [task.problem_at(rng, task.ranges[name][1]) for _ in range(PROBLEMS)]
        medians[name] = median_low([count(task.trace_of(one, variant).text) for one in drawn])
    return medians
