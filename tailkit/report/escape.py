"""Text that came from data, models, users or files, made visible and safe to show.

In: any string. Out: the same for Markdown; for a page `visible` is enough, since the template engine escapes HTML.
"""

import re

from tailkit.screen import visible

# An underscore within a word means nothing to Markdown.
_SPECIAL = re.compile(r"[\\`*\[\]<>#|~&$]|(?<![^\W_])_|_(?![^\W_])")


def inline(text: str) -> str:
    """Text within a line or a table's cell of Markdown: it reads as it is and formats nothing."""
    return _SPECIAL.sub(r"\\\g<0>", visible(text.strip("\n"))).replace("\n", "<br>")


def code(text: str) -> str:
    """Text as inline code of Markdown, on one line."""
    fence = "`" * (_longest_run(text) + 1)
    shown = visible(text).replace("\n", " ") or " "
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def fenced(text: str, language: str = "") -> str:
    """Text as a block of code of Markdown; its fence is longer than any in the text."""
    fence = "`" * max(3, _longest_run(text) + 1)
    shown = visible(text).removesuffix("\n")
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    """How many backticks stand together at most."""
    return max(map(len, re.findall("`+", text)), default=0)
