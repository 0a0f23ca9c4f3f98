"""The problems of a plain function: arguments drawn from its type hints, or by a function of its file.

In: a `Source`, its module. Out: data, lengths, keys, the words of a query, answers.
"""

import ast
import json
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from random import Random
from types import ModuleType
from typing import Any

from tailkit.errors import UsageError, cut
from tailkit.plain import hints
from tailkit.plain.constraints import goes_by_lengths, holds
from tailkit.plain.functions import Source
from tailkit.plain.hints import Hint
from tailkit.plain.refusal import HINT
from tailkit.plain.values import written

TRIES = 2_000
"""Draws of arguments until CONSTRAINTS hold."""
RARE = 200
"""CONSTRAINTS that hold for fewer of the arguments of a length than one in so many leave no problems of it."""
LENGTH = "_n"
"""Where a problem keeps the length that a sample of the file was asked for."""
MOST = 10**15


@dataclass(frozen=True)
class Problems:
    """Draws problems. `measure`: what the length of a number is, its digits or itself.

    `own`: the file's own sample(rng, n).
    """

    source: Source
    hints: dict[str, Hint]
    module: ModuleType
    constraints: tuple[str, ...] = ()
    own: Callable[..., Any] | None = None
    measure: str = "digits"
    _known: dict[tuple[str, int], bool] = field(default_factory=dict, repr=False, compare=False)
    """Which lengths have problems, by measure."""
    _shares: dict[tuple[str, int, int], float] = field(default_factory=dict, repr=False, compare=False)
    """How many draws keep to CONSTRAINTS, by measure and range."""

    @property
    def function(self) -> Callable[..., Any]:
        made: Callable[..., Any] = getattr(self.module, self.source.entry.name)
        return made

    @property
    def numbers_alone(self) -> bool:
        return not any(hint.is_measured for hint in self.hints.values())

    def sample(self, rng: Random, low: int, high: int) -> dict[str, Any]:
        """Arguments of a length that is drawn first, or of the nearest one that CONSTRAINTS allow.

        Raises `ValueError` where there are none.
        """
        n = rng.randint(low, high)
        if not self.has(n):
            nearest = sorted(range(low, high + 1), key=lambda each: (abs(each - n), each))
            n = next((each for each in nearest if self.has(each)), n)
        for _ in range(10 * TRIES):
            arguments = self._tried(rng, n)
            if self._holds(arguments, self.constraints):
                data = {name: hints.kept(value) for name, value in arguments.items()}
                return data | ({LENGTH: n} if self.own else {})
        raise ValueError(f"no arguments of length {n} in {10 * TRIES:,} draws for which {self.rule}")

    @property
    def tries(self) -> int:
        """Draws after which a length is taken to have no problems; the file's own sample ought to know its lengths."""
        return TRIES // 10 if self.own else TRIES

    @property
    def rule(self) -> str:
        """CONSTRAINTS in words."""
        return cut(" and ".join(self.constraints) or "CONSTRAINTS", 100)

    def has(self, n: int) -> bool:
        """Whether there are problems of a length, as far as many draws show.

        CONSTRAINTS may rule it out, and the file's own sample may raise `ValueError` for it.
        """
        key = self.measure, n
        if key not in self._known:
            self._known[key] = (not self.constraints and not self.own) or self._found(n)
        return self._known[key]

    def _found(self, n: int) -> bool:
        """First by what goes by lengths alone, such as `len(xs) % 2 == 0`, for which few draws will do."""
        of_lengths = [text for text in self.constraints if goes_by_lengths(text, tuple(self.hints))]
        least = 1 if not self.constraints else 5 if self.own else TRIES // RARE
        return self._holds_often(n, of_lengths, 400, 1) and self._holds_often(n, self.constraints, self.tries, least)

    def _holds_often(self, n: int, constraints: Sequence[str], tries: int, least: int) -> bool:
        """Whether so many of the draws of a length hold; data are drawn until they do."""
        # A stream of its own: what is drawn does not depend on what was asked before.
        rng = Random(f"has/{self.measure}/{n}")
        held = 0
        for done in range(tries):
            try:
                held += self._holds(self._tried(rng, n), constraints)
            except ValueError:
                return False
            if held == least:
                return True
            if not held and done >= TRIES // 3:
                return False
        return False

    def _tried(self, rng: Random, n: int) -> dict[str, Any]:
        """Arguments of a length, whether CONSTRAINTS hold or not."""
        return self._own(rng, n) if self.own else self._drawn(rng, n)

    def _drawn(self, rng: Random, n: int) -> dict[str, Any]:
        """One of the arguments that are measured has length n, the others up to n."""
        measured = [name for name, hint in self.hints.items() if hint.is_measured]
        measured = measured or [name for name, hint in self.hints.items() if hint.name != "bool"]
        longest = rng.choice(measured)
        sizes = {name: n if name == longest else rng.randint(1, n) for name in measured}
        return {name: self._one(rng, hint, sizes.get(name, 1)) for name, hint in self.hints.items()}

    def _one(self, rng: Random, hint: Hint, size: int) -> Any:
        if not self.numbers_alone or hint.name == "bool":
            return hints.draw(rng, hint, size)
        if hint.name == "int":
            return hints.integer(rng, size) if self.measure == "digits" else size
        longest = rng.randrange(len(hint.parts))
        sizes = [size if place == longest else rng.randint(1, size) for place in range(len(hint.parts))]
        return tuple(self._one(rng, part, each) for part, each in zip(hint.parts, sizes, strict=True))

    def _own(self, rng: Random, n: int) -> dict[str, Any]:
        """What the file's sample gives: a dict, a tuple in order, or the one argument."""
        assert self.own is not None
        given = self.own(rng, n)
        if isinstance(given, dict) and given.keys() == self.hints.keys():
            made = {name: given[name] for name in self.hints}
        else:
            values = given if isinstance(given, tuple) and len(self.hints) != 1 else (given,)
            if len(values) != len(self.hints):
                kept = self.source.defaults
                left = f"; {', '.join(kept)}: kept at the default" if kept else ""
                raise self._refusal(f"sample gives {cut(repr(given), 60)}, not a dict of {', '.join(self.hints)}{left}")
            made = dict(zip(self.hints, values, strict=True))
        for name, value in made.items():
            try:
                hints.opened(self.hints[name], hints.kept(value))
            except (TypeError, ValueError) as error:
                raise self._refusal(f"sample gives {name} = {cut(repr(value), 60)}: {cut(error, 60)}") from None
        return made

    def _holds(self, arguments: dict[str, Any], constraints: Sequence[str]) -> bool:
        for text in constraints:
            try:
                if not holds(text, self.module, arguments):
                    return False
            except Exception as error:
                called = self.shown(arguments)
                raise self._refusal(f"CONSTRAINTS: {cut(text, 60)} raises {error!r} for {called}") from error
        return True

    def _refusal(self, reason: str) -> UsageError:
        return UsageError(f"{self.source.file.name}: {reason}", HINT)

    def arguments(self, data: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a problem, made anew."""
        return {name: hints.opened(hint, data[name]) for name, hint in self.hints.items()}

    def length(self, data: dict[str, Any]) -> int:
        if LENGTH in data:
            return int(data[LENGTH])
        sizes = [self._size(hint, data[name]) for name, hint in self.hints.items()]
        return max([size for size in sizes if size is not None], default=1)

    def _size(self, hint: Hint, value: Any) -> int | None:
        if hint.is_measured:
            return len(value)
        if not self.numbers_alone or hint.name in ("bool", "str"):
            return None
        if hint.name == "int":
            return len(str(abs(value))) if self.measure == "digits" else abs(value)
        sizes = [self._size(part, each) for part, each in zip(hint.parts, value, strict=True)]
        return max([size for size in sizes if size is not None], default=1)

    def key(self, data: dict[str, Any]) -> str:
        return json.dumps([data[name] for name in self.hints], ensure_ascii=False, separators=(",", ":"))

    def words(self, data: dict[str, Any]) -> dict[str, Any]:
        """The arguments as a query shows them: strings as they are, all else as Python writes it."""
        values = self.arguments(data)
        return {name: value if isinstance(value, str) else _repr(value) for name, value in values.items()}

    def read(self, words: dict[str, str]) -> dict[str, Any]:
        """The data of the arguments that a query shows; raises `ValueError` or `TypeError` if they are none."""
        made = {}
        for name, hint in self.hints.items():
            made[name] = hints.kept(words[name] if hint.name == "str" else ast.literal_eval(words[name]))
            hints.opened(hint, made[name])
        return made

    def shown(self, arguments: dict[str, Any]) -> str:
        """A call of the function with these arguments."""
        given = ", ".join(f"{name}={_repr(value)}" for name, value in arguments.items())
        return cut(f"{self.source.entry.name}({given})", 120)

    def answer(self, data: dict[str, Any]) -> str:
        """What the function itself returns, run by Python on a copy; raises `UsageError` for an error, or None."""
        called = self.shown(self.arguments(data))
        try:
            arguments = self.arguments(data)
            first = [arguments.pop(each.arg) for each in self.source.entry.args.posonlyargs if each.arg in arguments]
            result = self.function(*first, **arguments)
        except (Exception, RecursionError) as error:
            line = _line_of(error, str(self.source.file))
            raise UsageError(
                f"{self.source.file.name}: {called} raises {cut(f'{type(error).__name__}: {error}', 100)}{line}",
                'Keep such arguments out, such as with CONSTRAINTS = ["b > 0"], or draw them with sample(rng, n).',
            ) from error
        if result is None:
            raise UsageError(f"{self.source.file.name}: {called} returns None", "End each way through it with return.")
        return written(result)

    def support(self, low: int, high: int) -> int | None:
        """How many problems there are, about, but never less than can be drawn; None where that cannot be told."""
        if self.own:
            return self._seen(low, high)
        total = min(self._up_to(high) - self._up_to(low - 1), MOST)
        if self.constraints and total < MOST:
            total = min(total, int(total * self._share(low, high) * 1.2) + 50)
        return max(1, total)

    def _up_to(self, n: int) -> int:
        if n < 1:
            return 0
        total = 1
        for hint in self.hints.values():
            total *= self._count(hint, n)
        return total

    def _count(self, hint: Hint, n: int) -> int:
        if not self.numbers_alone or hint.name == "bool":
            return hints.count(hint, n)
        if hint.name == "int":
            return 10**n if self.measure == "digits" else n
        return prod(self._count(part, n) for part in hint.parts)

    def _share(self, low: int, high: int) -> float:
        """The share of draws for which CONSTRAINTS hold."""
        key = self.measure, low, high
        if key not in self._shares:
            rng = Random(f"share/{low}/{high}")
            held = [self._holds(self._drawn(rng, rng.randint(low, high)), self.constraints) for _ in range(400)]
            self._shares[key] = sum(held) / len(held)
        return self._shares[key]

    def _seen(self, low: int, high: int) -> int | None:
        """The number of problems that the file's own sample gives, if there are few."""
        rng = Random(f"support/{low}/{high}")
        keys = {self.key(self.sample(rng, low, high)) for _ in range(1_000)}
        return len(keys) + len(keys) // 10 if len(keys) < 200 else None


def _repr(value: Any) -> str:
    return written(value) if isinstance(value, set) else repr(value)


def _line_of(error: BaseException, file: str) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f" (line {lines[-1]})" if lines else ""
