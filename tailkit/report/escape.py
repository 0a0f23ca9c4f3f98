"""Text that came from data, models, users or files, made visible and safe to show.

In: any string. Out: the same for a page (`visible`; the template engine escapes HTML) or for Markdown.
"""

import re

# An underscore within a word means nothing to Markdown.
_SPECIAL = re.compile(r"[\\`*\[\]<>#|~&$]|(?<![^\W_])_|_(?![^\W_])")


def visible(text: str) -> str:
    """The text with a sign for what prints nothing or turns its neighbours around, such as ␀ or ⟨U+202E⟩."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else _sign(ord(char)) for char in text)


def _sign(code: int) -> str:
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"


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
