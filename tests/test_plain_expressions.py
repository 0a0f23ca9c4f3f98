"""Any expression gives what Python gives, whatever its conditions leave out."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tailkit.plain.made import recorded
from tailkit.tape import ProgramError, check, record

NAMES = ("a", "b", "c")
ELEMENTS = ("xs[a % len(xs)]", "xs[0]", "xs[-1]", "len(xs)", "d.get(b, 3)", "twice(a)", "twice(xs[0])")
TEMPLATES = (
    "({} + {})", "({} - {})", "({} * {} % 17)", "({} // ({} or 1))", "min({}, {})", "max({}, {})",
    "(1 if {} < {} else 0)", "({} if {} > 3 else {})", "abs({})", "(0 if not {} else 1)",
    "({} and {})", "({} or {})", "int({} == {} != 4)", "(2 if 0 <= {} < xs[0] <= {} else 5)", "-{}", "divmod({}, 7)[1]",
    "(5 if {} in d else {})", "(1 if {} % 2 == 0 and xs[b % len(xs)] > {} or {} > 90 else 0)",
)  # fmt: skip

leaves = st.one_of(st.sampled_from(NAMES), st.integers(0, 12).map(str), st.sampled_from(ELEMENTS[:5]))


def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(TEMPLATES).flatmap(
        lambda text: st.lists(inner, min_size=text.count("{}"), max_size=text.count("{}")).map(
            lambda parts: text.format(*parts)
        )
    )


expressions = st.recursive(leaves, wider, max_leaves=8)
SOURCE = """
def f(a: int, b: int, c: int, xs: list[int], d: dict[int, int]) -> int:
    x = {0}
    if {1}:
        x = x - ({1})
    return x + ({0})


def twice(n):
    return n + n
"""
data_of = st.fixed_dictionaries(
    {
        **{name: st.integers(0, 99) for name in NAMES},
        "xs": st.lists(st.integers(0, 99), min_size=1, max_size=4),
        "d": st.dictionaries(st.integers(0, 99), st.integers(0, 9), max_size=3).map(
            lambda d: [[*p] for p in d.items()]
        ),
    }
)


@pytest.mark.slow
@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(first=expressions, second=expressions, data=data_of)
def test_many_random_expressions_give_what_python_gives(
    tmp_path: Path, first: str, second: str, data: dict[str, Any]
) -> None:
    compare(tmp_path / "f.py", SOURCE.format(first, second), data)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(first=expressions, second=expressions, data=data_of)
def test_random_expressions_give_what_python_gives(
    tmp_path: Path, first: str, second: str, data: dict[str, Any]
) -> None:
    compare(tmp_path / "f.py", SOURCE.format(first, second), data)


@pytest.mark.parametrize("call", ELEMENTS[5:])
def test_a_call_within_an_expression_keeps_what_is_pending(tmp_path: Path, call: str) -> None:
    data = {"a": 3, "b": 4, "c": 5, "xs": [7, 8], "d": []}
    compare(tmp_path / "f.py", SOURCE.format(f"a + {call} * (b + {call})", f"{call} > {call} - xs[1]"), data)


def compare(file: Path, source: str, data: dict[str, Any]) -> None:
    """Record a function, check the run, and hold its answer to Python's."""
    file.write_text(source)
    space: dict[str, Any] = {}
    exec(source, space)
    try:
        want = space["f"](**{**data, "xs": [*data["xs"]], "d": dict(data["d"])})
    except ZeroDivisionError:
        assume(False)
    emitted = recorded(file, "f").emitted
    try:
        run = record(emitted.program, data)
    except ProgramError as error:
        assume("more than one state holds" not in error.message and "counts from the end" not in error.message)
        raise
    check(run, emitted.program, data)
    assert run.answer == repr(want)
