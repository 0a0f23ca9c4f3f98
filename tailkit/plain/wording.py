"""Words the states of a table: short with symbols, and in sentences made from the syntax.

In: a `LineState`. Out: a `Line`; its functions are made from source text, as the state's own are.
"""

import re
from collections.abc import Callable
from typing import Any

from tailkit.plain.table import LineState, StateTable, Target
from tailkit.plain.values import said
from tailkit.records import Line

Space = dict[str, Any]
LOOKS = ("enter", "step")
"""States that write only if there is a next element."""


def core(state: LineState, table: StateTable, space: Space) -> Line:
    """b=18 a=48;b=12 a=18 — what is fetched, then what is written; cells of a list are named before their values."""
    if state.role == "readout":
        return Line(_label(state, table), show=space["shown"], open=":")
    if state.whole:
        return _whole(state, _label(state, table), space, styled=False)
    names = _values(state)
    fetch = [_assigned(slot.name, f"v{place}", slot.plain) for place, slot in enumerate(state.slots)]
    write, put = _targets(state)
    listed = state.slots and any(not target.plain for target in (*write, *put))
    made: dict[str, Any] = {}
    if state.slots:
        parts = [" ".join(fetch)]
        if listed and state.role not in LOOKS:
            parts.append(";" + ",".join(_inside(each.name, each.plain) for each in (*write, *put)))
        made["fetch"] = _function(space, f"fetch_{state.name}", names, "".join(parts))
    for part, targets, start in (("write", write, ";"), ("put", put, " " if write else ";")):
        if not targets:
            continue
        results = [f"r{place}" for place in range(len(_all(state, part)))]
        shown = [r for r, target in zip(results, _all(state, part), strict=True) if not target.mark]
        if listed and state.role not in LOOKS:
            text = ("=" if start == ";" else ",") + ",".join(hole(each) for each in shown)
        else:
            text = (start if state.slots or start == " " else "") + " ".join(
                _assigned(target.name, each, target.plain) for target, each in zip(targets, shown, strict=True)
            )
        made[part] = _function(space, f"say_{part}_{state.name}", results, text, perhaps=state.role in LOOKS)
    return Line(_label(state, table), **made)


def _whole(state: LineState, label: Callable[..., str], space: Space, *, styled: bool) -> Line:
    """A state that computes from whole lists shows them."""
    link, end = (" is ", ". ") if styled else ("=", " ")
    parts = [f"{_inside(slot.name, slot.plain)}{link}{hole(f'v{p}')}" for p, slot in enumerate(state.slots)]
    named = _function(space, f"{'styled_' * styled}fetch_{state.name}", _values(state), " ".join(parts))
    count = len(parts)

    def fetched(*values: object) -> str:
        listed = ",".join(map(said, values[: len(values) - count]))
        return f"{listed}{end}{named(*values[len(values) - count :])}" if count else listed

    made: dict[str, Any] = {"fetch": fetched}
    about = _plain(state.about)

    def written(*results: object) -> str:
        listed = ",".join(map(said, results))
        return f". {about} is {listed}." if styled else f";{about}={listed}"

    made["write"] = written
    if any(target.moves for target in state.targets):
        made["put"] = lambda *moved: f"{end}{' '.join(map(said, moved))}"
    return Line(label, **made)


def _values(state: LineState) -> list[str]:
    return [f"v{place}" for place in range(len(state.slots))]


def _all(state: LineState, part: str) -> list[Target]:
    return [target for target in state.targets if target.moves is (part == "put")]


def _targets(state: LineState) -> tuple[list[Target], list[Target]]:
    """What is written and what is moved, without the marks after lists."""
    return tuple([[each for each in _all(state, part) if not each.mark] for part in ("write", "put")])  # type: ignore[return-value]


def _inside(name: str, plain: bool) -> str:
    """A name as a part of an f-string."""
    return name if plain else hole(name)


def hole(source: str) -> str:
    """An expression within a text."""
    return f"\1{source}\2"


def _assigned(name: str, value: str, plain: bool) -> str:
    return f"{_inside(name, plain)}={hole(value)}"


def _function(space: Space, name: str, arguments: list[str], text: str, *, perhaps: bool = False) -> Callable[..., str]:
    """A function that prints a text with holes; `perhaps`: there may be nothing to print."""
    pieces = [repr(part) if place % 2 == 0 else f"said({part})" for place, part in enumerate(re.split("[\1\2]", text))]
    body = " + ".join(each for each in pieces if each != "''") or "''"
    if perhaps:
        names = f"{', '.join(arguments)}, = given"
        source = f"def {name}(*given):\n    if not given:\n        return ''\n    {names}\n    return {body}\n"
    else:
        source = f"def {name}({', '.join(arguments)}):\n    return {body}\n"
    exec(compile(source, "<wordings>", "exec"), space)
    made: Callable[..., str] = space[name]
    return made


def _label(state: LineState, table: StateTable) -> Callable[..., str]:
    name = state.name
    if table.framed and state.role != "readout":
        return lambda frame: f"{name}.{frame}" if frame else name
    if table.framed:
        return lambda frame: "answer"
    return lambda: name if state.role != "readout" else "answer"


OUTCOMES = {
    "loop": ("so the loop goes on", "so the loop ends"),
    "test": ("so the test holds", "so the test fails"),
    "enter": ("so the loop begins", "so there is nothing to go through"),
    "step": ("so the loop goes on", "so the loop ends"),
}


def styled(state: LineState, table: StateTable, space: Space) -> Line:
    """Line 4: b is 18 and a is 48. b becomes 12. a becomes 18."""
    label = _styled_label(state, table)
    next_: dict[str, Any] = {"open": ": ", "next": "\nNext is ", "leave": "\nNext is "}
    if state.role == "readout":
        return Line(label, show=lambda *pairs: "; ".join([f"{p} is {said(v)}" for p, v in pairs]) + ".", **next_)
    if state.whole:
        return _whole(state, label, space, styled=True)._replace(**next_)
    names = _values(state)
    parts = [
        f"{_inside(_long(slot.name), slot.plain)} is {hole(name)}"
        for name, slot in zip(names, state.slots, strict=True)
    ]
    made: dict[str, Any] = {}
    write, put = _targets(state)
    listed = state.slots and any(not target.plain for target in (*write, *put))
    if state.slots:
        text = " and ".join(parts)
        if state.test is not None:
            yes, no = OUTCOMES.get(state.role, OUTCOMES["test"])
            text += ", " + hole(f"{yes!r} if {state.test} else {no!r}")
        elif state.role in ("answer", "give", "return"):
            text += f", and {_plain(state.about)} is returned"
        text += "."
        if listed and state.test is None:
            text += " " + " and ".join(_inside(_long(each.name), each.plain) for each in (*write, *put)) + " become "
        made["fetch"] = _function(space, f"styled_fetch_{state.name}", names, text)
    for part, targets in (("write", write), ("put", put)):
        if not targets:
            continue
        results = [f"r{place}" for place in range(len(_all(state, part)))]
        shown = [r for r, target in zip(results, _all(state, part), strict=True) if not target.mark]
        if listed and state.test is None:
            text = " and ".join(hole(each) for each in shown) + (" and " if part == "write" and put else ".")
        else:
            text = (" " if state.slots or (part == "put" and write) else "") + " ".join(
                f"{_inside(_long(target.name), target.plain)} becomes {hole(each)}."
                for target, each in zip(targets, shown, strict=True)
            )
        made[part] = _function(space, f"say_styled_{part}_{state.name}", results, text, perhaps=state.role in LOOKS)
    return Line(label, **made, **next_)


def _plain(text: str) -> str:
    return text.replace("{", "(").replace("}", ")")


def _long(name: str) -> str:
    """A cell's name in words."""
    known = {"return": "what came back", "from": "the line to return to", "@": "the count of new lists"}
    if name in known:
        return known[name]
    if name.startswith("#"):
        return f"the length of {name[1:]}"
    stem, dot, end = name.partition(".")
    if dot and end.startswith(("end", "at", "of")):
        return f"the {'place' if end.startswith('at') else 'list' if end.startswith('of') else 'end'} of {stem}"
    return name


def _styled_label(state: LineState, table: StateTable) -> Callable[..., str]:
    name = f"line {state.name}" if state.role != "readout" else "the result"
    if table.framed and state.role != "readout":
        return lambda frame: f"{name} in call {frame}" if frame else name
    if table.framed:
        return lambda frame: name
    return lambda: name
