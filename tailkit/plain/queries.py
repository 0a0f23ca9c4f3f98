"""The queries of a plain function: its docstring with the arguments filled in, and generic ways to ask for it.

In: a `Source`. Out: templates, each of which holds every argument.
"""

import ast
from string import Formatter
from typing import Any

from tailkit.errors import UsageError, cut
from tailkit.plain.functions import Source

AROUND = (
    "{}",
    "Please do this: {}",
    "Task: {}",
    "{} Show each step.",
    "{} Give the result at the end.",
    "Problem: {}",
    "Here is a problem. {}",
    "I need help. {}",
    "{} Work it out line by line.",
    "Question: {}",
    "{} What is the answer?",
    "Solve this. {}",
    "{} Go step by step.",
    "Exercise. {}",
)
CALLED = (
    "{call} = ?",
    "What does {call} return?",
    "Evaluate {call}.",
    "Run the function {name} with {listed}. What does it return?",
    "Let {listed}. Determine {name}({names}).",
    "Compute {call} and give the value.",
    "{name} is called with {listed}. Give its result.",
    "Execute {call} by hand.",
    "Trace {call} and say what comes out.",
    "Find the value of {call}.",
)


def templates(source: Source) -> list[str]:
    """At least 20 templates; raises `UsageError` where the docstring has braces that are no argument's."""
    names = [argument.arg for argument in source.parameters]
    docstring = ast.get_docstring(source.entry) or ""
    about = " ".join(docstring.split("\n\n")[0].split())
    listed = ", ".join(f"{name} = {{{name}}}" for name in names)
    call = f"{source.entry.name}({', '.join(f'{{{name}}}' for name in names)})"
    words = {"call": call, "name": source.entry.name, "listed": listed, "names": ", ".join(names)}
    made = [text.format(**words) for text in CALLED]
    if about:
        asked = _whole(source, about, names)
        made = [text.format(asked) for text in AROUND] + made
    else:
        made += [text.format(f"{source.entry.name.replace('_', ' ')} for {listed}.") for text in AROUND]
    return list(dict.fromkeys(made))


def _whole(source: Source, about: str, names: list[str]) -> str:
    """The docstring's first paragraph, with the arguments that it leaves out after it, and defaults filled in."""
    try:
        about = _with_defaults(about, source.defaults)
        about.format(**dict.fromkeys([*names, *source.defaults], ""))
        fields = [field for _, field, _, _ in Formatter().parse(about) if field is not None]
    except ValueError as error:
        if "Cannot specify" in str(error) or "format code" in str(error):
            raise _refusal(source, f"has a format that texts do not have: {error}", "Write {name} alone.") from None
        raise _refusal(source, f"has a brace too few or too many: {error}", "Write {{ for one.") from None
    except (KeyError, IndexError):
        fields = [field for _, field, _, _ in Formatter().parse(about) if field is not None]
    if strange := [field for field in fields if field not in names]:
        reason = f"has {{{cut(strange[0], 40)}}}, but the arguments are {', '.join(names)}"
        raise _refusal(source, reason, "Write {{ and }} for braces.")
    missing = [name for name in names if name not in fields]
    return about + (" " + ", ".join(f"{name} = {{{name}}}" for name in missing) + "." if missing else "")


def _refusal(source: Source, reason: str, hint: str) -> UsageError:
    return UsageError(f"{source.file.name}:{source.entry.name}: the docstring {reason}", hint)


def _with_defaults(about: str, defaults: dict[str, Any]) -> str:
    parts = []
    for text, field, form, conversion in Formatter().parse(about):
        parts.append(_escaped(text))
        if field in defaults:
            parts.append(_escaped(str(defaults[field])))
        elif field is not None:
            parts.append("{" + field + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}")
    return "".join(parts)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
