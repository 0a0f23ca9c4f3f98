r"""What LaTeX, Markdown, HTML and Unicode write around and into an answer, taken off.

In: a stretch of a completion, such as `$\boxed{1{,}234}$`. Out: the same in plain characters, `1_234`.
Every pattern reads its text once, so the time grows with the length of the text.
"""

import html
import re
import unicodedata

GAP = "\ue000"
"""Stands for an ordinary space between two digits that may group thousands: 12 345."""

_CHARACTERS = {
    **dict.fromkeys("−－﹣‒–‐‑", "-"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‹›′", "'"),
    **dict.fromkeys("、٬，", ","),
    **dict.fromkeys("٫．。", "."),
    "⟨": "(",
    "⟩": ")",
    "⇒": "→",
    "⟹": "→",
    "Ø": "∅",
}
_THIN = "\u2006\u2008\u2009\u200a\u202f"

# Commands whose argument stays, or that only set spaces and sizes.
_WRAPPERS = (
    "text textbf textit textrm texttt textsf textnormal emph mathrm mathbf mathit mathtt mathsf mathbb mathnormal mbox "
    "hbox operatorname boxed fbox boldsymbol bm bf rm underline left right big Big bigl bigr Bigl Bigr bigg Bigg "
    "biggl biggr Biggl Biggr large Large LARGE displaystyle textstyle limits hline ( ) [ ]"
)
_SYMBOLS = {
    **dict.fromkeys(_WRAPPERS.split(), ""),
    **dict.fromkeys([",", ";", ":", " "], _THIN[0]),
    **dict.fromkeys(["quad", "qquad", "space"], " "),
    **dict.fromkeys(["to", "rightarrow", "Rightarrow", "implies", "longrightarrow", "mapsto"], "→"),
    **dict.fromkeys(["emptyset", "varnothing"], "∅"),
    **dict.fromkeys(["times", "cdot"], "×"),
    **dict.fromkeys(["blacksquare", "square", "Box", "qed", "checkmark"], ""),
    **dict.fromkeys(["ldots", "dots", "cdots"], "…"),
    **dict.fromkeys(["lbrace", "{"], "{"),
    **dict.fromkeys(["rbrace", "}"], "}"),
    **dict.fromkeys(["langle", "lparen"], "("),
    **dict.fromkeys(["rangle", "rparen"], ")"),
    "lbrack": "[",
    "rbrack": "]",
    "!": "",
    "\\": "\n",
    "lt": "<",
    "gt": ">",
    "approx": "≈",
    "in": "∈",
    "colon": ":",
    "land": " and ",
    "lor": " or ",
    "%": "%",
    "$": "$",
    "#": "#",
    "&": "&",
    "_": "_",
}
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)\*?[ \t]?|([^A-Za-z]))")
_FRACTION = re.compile(r"\\[dtc]?frac\s*(?:\{([^{}]*)\}\s*\{([^{}]*)\}|(\d)\s*(\d))")
_ENVIRONMENT = re.compile(r"\\(?:begin|end|color|textcolor)\s*\{[^{}]*\}(?:\{[clr|]*\})?")
_TAG = re.compile(r"</?(?:b|strong|em|i|u|p|br|code|pre|span|div|mark|li|ul|ol|h[1-6])\s?/?>", re.IGNORECASE)
_EMPHASIS = re.compile(r"`+|~~|(?<!\d)\*{2,}|\*{2,}(?!\d)|(?<!\w)__|__(?!\w)|(?<![\w*])[*_](?=\S)|(?<=\S)[*_](?![\w*])")
_EMPTY = re.compile(r"\{\s*\}|\[\s*\]|(?:set)?\(\s*\)")


def plain(text: str) -> str:
    r"""The text without markup, ASCII where it has the same character: `\text{ is } \frac{1}{2}` becomes ` is (1)/(2)`.

    Thousands that LaTeX or a thin space set apart are joined by `_`, those after a space by `GAP`. An
    empty pair of brackets that stands alone becomes ∅; other braces are dropped, and blank lines.
    """
    if "&" in text:
        text = html.unescape(text)
    text = re.sub(r"[^\x00-\x7f]", lambda match: _ascii(match[0]), text)
    text = re.sub(r"(?<=\d)[ \xa0](?=\d{3}(?!\d))", GAP, text)
    text = text.replace("{,}", "_").replace("{.}", ".").replace("$", "")
    text = _FRACTION.sub(lambda match: f"({match[1] or match[3]})/({match[2] or match[4]})", text)
    text = _COMMAND.sub(lambda match: _SYMBOLS.get(match[1] or match[2], match[0]), _ENVIRONMENT.sub(" ", text))
    text = text.replace("~", _THIN[0])
    text = re.sub(rf"(?<=\d){_THIN[0]}(?=\d)", "_", text).replace(_THIN[0], " ")
    if _EMPTY.fullmatch(text.strip().rstrip(".")):
        return "∅"
    text = _TAG.sub(lambda match: "\n" if match[0].lower().startswith("<br") else "", text)
    lines = re.sub("[{}]", "", _EMPHASIS.sub("", text)).splitlines()
    # Runs of spaces become one, so that no later pattern tries each of them anew.
    return "\n".join(_rows([" ".join(line.split()) for line in lines if line.strip()]))


def _ascii(character: str) -> str:
    """One character beyond ASCII as one that means the same; what cannot be seen is dropped."""
    if character in _CHARACTERS:
        return _CHARACTERS[character]
    if character in _THIN:
        return _THIN[0]
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if "！" <= character <= "～":
        return chr(ord(character) - 0xFEE0)
    category = unicodedata.category(character)
    return "" if category == "Cf" else " " if category == "Zs" else character


def _rows(lines: list[str]) -> list[str]:
    """The rows of a Markdown table as lines of cells, without its head; other lines as they are."""
    rules = {number for number, line in enumerate(lines) if {"|", "-"} <= set(line) <= set("|:- ")}
    if not rules:
        return lines
    kept = [line for number, line in enumerate(lines) if number not in rules and number + 1 not in rules]
    return [" ".join(line.replace("|", " ").split()) for line in kept]
