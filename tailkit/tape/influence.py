"""Which operands decide what a state computes.

In: a state of a recorded run. Out: operands, found by trying other values in their place.
"""

from collections.abc import Callable
from typing import Any

from tailkit.records import Step, Values


def decisive(step: Step) -> list[Any]:
    """The operands, shown ones too, that decide what a state computes: with another value it would be another.

    Those that stand in the result as they are do not count: a list that is read out is no loop.
    """
    operands, computed = step.operands, _computed(step, step.operands)
    said = [str(result) for result in computed]
    return [
        value
        for place, value in enumerate(operands)
        if not _is_mark(value)
        and not any(str(value) in text for text in said)
        and any(
            _differs(computed, _computed(step, (*operands[:place], other, *operands[place + 1 :])))
            for other in _others(value, operands)
        )
    ]


def _computed(step: Step, operands: Values) -> list[Any]:
    """What a state's operations give for these operands: its writes, and what follows or the answer."""
    written = step.results + step.moved
    made = [_tried(op, *operands) for op, _ in step.writes]
    return [*made, _tried(step.move, step.at, operands, written)] if callable(step.move) else made


def _is_mark(value: Any) -> bool:
    """Whether a value stands for nothing but a place: a blank, a space, what ends a list."""
    return not any(map(str.isalnum, str(value)))


FAILED = object()


def _tried(op: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return op(*arguments)
    except Exception:  # noqa: BLE001 - another value than a program's own may make no sense to an operation
        return FAILED


def _differs(computed: list[Any], other: list[Any]) -> bool:
    return any(one != two and two is not FAILED for one, two in zip(computed, other, strict=True))


def _others(value: Any, operands: Values) -> list[Any]:
    """A few other values of an operand's kind: near it, far from it, and those of its neighbours."""
    near: list[Any] = [value + 1, value - 1, value + 100, 0] if type(value) is int else []
    near += [value[1:], f"{value}1", f"1{value[1:]}"] if type(value) is str and len(value) > 1 else []
    alike = [each for each in dict.fromkeys(operands) if type(each) is type(value)]
    return [each for each in (*near, *alike[:3], *alike[-3:]) if each != value]
