"""Makes a `Task` from the names in a file, and holds these names to the contract's form.

In: a module. Out: a `Task`, or a `UsageError` with what is missing or malformed. Nothing is called here.
"""

import difflib
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from tailkit.errors import cut
from tailkit.records import RANGES, Baseline, Line, Nouns
from tailkit.tape import Program
from tailkit.tape.mistakes import kind_of
from tailkit.tape.render import VARIANTS
from tailkit.tasks.contract.guard import Guard
from tailkit.tasks.contract.refusal import refusal
from tailkit.tasks.contract.task import Task
from tailkit.tasks.shelf.macros import grouped

DATA = ("PARADIGM", "VERSION", "RANGES", "QUERIES", "STATES", "CORE", "STYLED")
CALLS = {
    "sample": ("rng", "low", "high"),
    "length": ("data",),
    "key": ("data",),
    "support": ("low", "high"),
    "start": ("tape", "data"),
    "oracle": ("data",),
    "equal": ("given", "answer", "data"),
}
"""The functions of a task file, with what they are called with."""
REQUIRED = (*DATA, *CALLS)
OPTIONAL = ("fill", "unfill", "macros", "SETTINGS", "BASELINES", "HEURISTICS", "NOUNS")
EACH_KIND = grouped(lambda step: step.kind)
"""The macro steps of a task that names none: states of one kind that follow one another."""
MOST = 2**31 - 1
"""The largest number that a column of a data set holds."""


def task_of(name: str, file: Path, module: ModuleType, guard: Guard | None, beside: tuple[Path, ...] = ()) -> Task:
    """The task of a module; raises `UsageError` with the first thing that is missing or malformed."""
    for reason in _breaches(vars(module)):
        raise refusal(name, file, reason)
    values = {each: getattr(module, each) for each in (*REQUIRED, *OPTIONAL) if hasattr(module, each)}
    values |= {"QUERIES": list(module.QUERIES), "RANGES": {each: tuple(module.RANGES[each]) for each in RANGES}}
    if "NOUNS" in values:
        values["NOUNS"] = Nouns(*module.NOUNS)
    if guard:
        guarded = [each for each in (*CALLS, "fill", "unfill") if each in values and each != "start"]
        functions = {each: guard.function(each, values[each]) for each in guarded}
        wordings = {each: guard.lines(each, values[each]) for each in ("CORE", "STYLED")}
        values |= functions | wordings | {"BASELINES": guard.baselines(values.get("BASELINES", {}))}
        values |= {"HEURISTICS": guard.heuristics(values.get("HEURISTICS", {}))}
    program = Program(values.pop("start"), values.pop("STATES"), values.pop("macros", EACH_KIND))
    about = (module.__doc__ or "").strip().split("\n")[0]
    given = {each.lower(): value for each, value in values.items()}
    return Task(id=name, about=about, file=file, guard=guard, beside=beside, program=program, **given)


def _breaches(given: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the names of a file."""
    missing = [_missing(name, given) for name in REQUIRED if name not in given]
    if missing:
        yield f"{', '.join(missing)} missing"
        return
    if not isinstance(given["PARADIGM"], str) or not given["PARADIGM"].strip():
        yield f"PARADIGM is {cut(repr(given['PARADIGM']), 60)}, not a word such as 'iteration'"
    if type(given["VERSION"]) is not int or not 0 <= given["VERSION"] <= MOST:
        yield f"VERSION is {cut(repr(given['VERSION']), 60)}, not a whole number from 0 up"
    yield from in_ranges(given["RANGES"])
    yield from in_queries(given["QUERIES"])
    for name in ("CORE", "STYLED"):
        yield from _in_lines(name, given[name])
    yield from _in_states(given["STATES"])
    for name in ("CORE", "STYLED"):
        if differing := sorted(map(repr, given[name].keys() ^ given["STATES"].keys())):
            yield f"{name} and STATES differ in {', '.join(differing)}: every state is worded in both CORE and STYLED"
    for name, arguments in CALLS.items():
        yield from _in_function(name, given[name], arguments)
    yield from _in_options(given)


def _missing(name: str, given: dict[str, Any]) -> str:
    near = difflib.get_close_matches(name, [other for other in given if other not in REQUIRED], n=1, cutoff=0.65)
    return f"{name} (not {near[0]})" if near else name


def in_ranges(ranges: Any) -> Iterator[str]:
    if not isinstance(ranges, dict) or ranges.keys() != set(RANGES):
        what = f"has {cut(', '.join(map(str, ranges)), 60)}" if isinstance(ranges, dict) else f"is {kind_of(ranges)}"
        yield f"RANGES {what}: it is a dict of S, M and L"
        return
    for name, bounds in ranges.items():
        pair = isinstance(bounds, tuple | list) and [type(bound) for bound in bounds] == [int, int]
        if not pair or not 1 <= bounds[0] <= bounds[1] <= MOST:
            yield f"RANGES[{name!r}] is {cut(repr(bounds), 60)}, not the least and the greatest length, from 1 up"
            return
    for low, high in pairwise(RANGES):
        if ranges[low][1] >= ranges[high][0]:
            yield f"RANGES: {low} {tuple(ranges[low])} does not lie below {high} {tuple(ranges[high])}"


def in_queries(queries: Any) -> Iterator[str]:
    if not isinstance(queries, list | tuple):
        yield f"QUERIES is {kind_of(queries)}, not a list of templates"
    elif not queries:
        yield "QUERIES is empty: a task needs 1 template or more"
    elif wrong := [query for query in queries if not isinstance(query, str)]:
        yield f"QUERIES holds {cut(repr(wrong[0]), 60)}, not a str"
    elif twice := [query for place, query in enumerate(queries) if query in queries[:place]]:
        yield f"QUERIES holds the template {cut(repr(twice[0]), 80)} twice"


def _in_states(states: Any) -> Iterator[str]:
    if not isinstance(states, dict) or not states:
        yield f"STATES is {kind_of(states)}, not a dict of a function for each kind of state"
        return
    for kind, function in states.items():
        if not isinstance(kind, str):
            yield f"STATES[{kind!r}]: the kind of a state is a str"
        elif not callable(function):
            yield f"STATES[{kind!r}] is {cut(repr(function), 60)}, not a function of the tape and the place"


def _in_lines(name: str, lines: Any) -> Iterator[str]:
    if not isinstance(lines, dict):
        yield f"{name} is {kind_of(lines)}, not a dict of a Line for each kind of state"
        return
    for kind, line in lines.items():
        where = f"{name}[{kind!r}]"
        if not isinstance(kind, str):
            yield f"{where}: the kind of a state is a str"
        if not isinstance(line, Line):
            yield f"{where} is {kind_of(line)}, not a Line of tailkit.records"
            return
        for part, value in line._asdict().items():
            fits = isinstance(value, str) if part in ("open", "next", "leave") else callable(value)
            if not fits and (value is not None or part in ("name", "open", "next", "leave")):
                wanted = "a str" if part in ("open", "next", "leave") else "a function that gives a str"
                yield f"{where}, {part} is {cut(repr(value), 60)}, not {wanted}"


def _in_function(name: str, function: Any, arguments: tuple[str, ...]) -> Iterator[str]:
    if not callable(function):
        yield f"{name} is {cut(repr(function), 60)}, not a function"
        return
    call = f"{name}({', '.join(arguments)})"
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        yield f"{name} is a generator or coroutine: {call} is called as an ordinary function"
    try:
        signature = inspect.signature(function)
        signature.bind(*arguments)
    except ValueError:  # some builtins have no signature
        return
    except TypeError:
        yield f"{name} takes {cut(str(signature), 60)}, but is called as {call}"


def _in_options(given: dict[str, Any]) -> Iterator[str]:
    if "fill" in given:
        yield from _in_function("fill", given["fill"], ("data",))
    if "unfill" in given:
        yield from _in_function("unfill", given["unfill"], ("words",))
    if "macros" in given:
        yield from _in_function("macros", given["macros"], ("steps",))
    if "NOUNS" in given:
        yield from _in_nouns(given["NOUNS"])
    yield from _in_heuristics(given.get("HEURISTICS", {}))
    settings, baselines = given.get("SETTINGS", {}), given.get("BASELINES", {})
    if not isinstance(settings, dict) or not all(
        isinstance(name, str) and type(value) is int and value >= 0 for name, value in settings.items()
    ):
        yield f"SETTINGS is {cut(repr(settings), 60)}, not a dict of whole numbers from 0 up"
    if not isinstance(baselines, dict):
        yield f"BASELINES is {kind_of(baselines)}, not a dict of Baselines"
        return
    for name, pair in baselines.items():
        if not isinstance(pair, Baseline) or not all(map(callable, pair)):
            yield f"BASELINES[{name!r}] is {cut(repr(pair), 60)}, not a Baseline of two functions"
        elif not isinstance(name, str) or name in VARIANTS:
            yield f"BASELINES[{name!r}]: every task has a variant of that name"


def _in_heuristics(heuristics: Any) -> Iterator[str]:
    if not isinstance(heuristics, dict) or not all(isinstance(name, str) for name in heuristics):
        yield f"HEURISTICS is {cut(repr(heuristics), 60)}, not a dict of functions by name"
        return
    for name, rule in heuristics.items():
        yield from _in_function(f"HEURISTICS[{name!r}]", rule, ("data",))


def _in_nouns(nouns: Any) -> Iterator[str]:
    words = list(nouns) if isinstance(nouns, tuple | list) else []
    if len(words) != 3 or not all(isinstance(text, str) and text.count("{}") == 1 for text in words):
        yield f'NOUNS is {cut(repr(nouns), 60)}, not of the form ("sums of {{}}", "{{}} digit", "{{}} digits")'
