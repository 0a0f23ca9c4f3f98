"""The one console for results, and tables that lose nothing.

In: texts from anywhere, data and users among them. Out: the same on standard output: no markup, no
control characters, nothing cut.
"""

import os
from collections.abc import Iterable
from typing import Any

import rich.table
from rich.cells import cell_len
from rich.console import Console, ConsoleDimensions, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

FILE_WIDTH = 120
"""Columns of a table in a file, where no terminal and no COLUMNS says how many there are."""
WORD = 20
"""Characters of a word that a table's column has room for; longer words are folded."""


def visible(text: str) -> str:
    """The text with a sign for what prints nothing or turns its neighbours around, such as ␀ or ⟨U+202E⟩."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else _sign(char) for char in text)


def _sign(char: str) -> str:
    code = ord(char)
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"


class Screen(Console):
    """A console that shows text as it is: brackets are no markup, :names: no pictures, lines are not broken."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, emoji=False, **options)

    @property
    def size(self) -> ConsoleDimensions:
        """The terminal's; what is written to a file has lines of `FILE_WIDTH` at most where they are broken at all."""
        columns = os.environ.get("COLUMNS", "")
        known = int(columns) if columns.isdecimal() else 0 if self.is_terminal else FILE_WIDTH
        return ConsoleDimensions(known or super().size.width, super().size.height)

    @size.setter
    def size(self, size: tuple[int, int]) -> None:
        self._width, self._height = size

    def print(self, *objects: object, **options: Any) -> None:
        """As rich does it; texts are left to the terminal to wrap, so that they can be copied whole."""
        texts = all(isinstance(item, str | Text) for item in objects)
        super().print(*objects, **{"soft_wrap": texts, **options})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


out = Screen()
"""Standard output: the results of commands."""


class Table(rich.table.Table):
    """A table of plain text. Long cells are folded; where columns would be too narrow, each row is a block of lines."""

    def __init__(self, *heads: str, title: str | Text = "", caption: str | Text = "", **options: Any) -> None:
        super().__init__(
            title=_text(title) if title else None,
            caption=_text(caption) if caption else None,
            caption_justify="left",
            **{"padding": (0, 1, 0, 0), **options},
        )
        for head in heads:
            self.add_column(head)

    def add_column(self, header: Any = "", *arguments: Any, **options: Any) -> None:
        super().add_column(_text(header), *arguments, **{"overflow": "fold", **options})

    def add_row(self, *cells: object, **options: Any) -> None:
        super().add_row(*map(_text, cells), **options)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        _, right, _, left = self.padding
        room = options.max_width - 1 - len(self.columns) * (1 + right + left)
        least, most = self._widths()
        if sum(least) > room:
            yield from self._blocks()
            return
        for column, width in zip(self.columns, _shared(room, least, most), strict=True):
            column.width = width
        yield from super().__rich_console__(console, options)

    def _widths(self) -> tuple[list[int], list[int]]:
        """Of each column, the width in which no short word is broken, and that in which no line is."""
        cells = [[str(cell) for cell in (column.header, *column.cells)] for column in self.columns]
        words = [[word for cell in column for word in cell.split()] for column in cells]
        lines = [[line for cell in column for line in cell.split("\n")] for column in cells]
        return [min(_longest(column), WORD) for column in words], list(map(_longest, lines))

    def _blocks(self) -> RenderResult:
        if self.title:
            yield _text(self.title)
        for row in zip(*(column.cells for column in self.columns), strict=True):
            named = [(column.header, cell) for column, cell in zip(self.columns, row, strict=True) if str(cell)]
            for head, cell in named:
                yield Text.assemble(_text(head), ": ", _text(cell)) if str(head) else _text(cell)
            yield Text()
        if self.caption:
            yield _text(self.caption)


def _longest(texts: list[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _shared(room: int, least: list[int], most: list[int]) -> list[int]:
    """Widths that add up to `room` at most: each its least, and those that want the least more get it first."""
    widths, left = list(least), room - sum(least)
    order = sorted(range(len(least)), key=lambda column: most[column] - least[column])
    for rank, column in enumerate(order):
        more = min(most[column] - least[column], left // (len(order) - rank))
        widths[column] += more
        left -= more
    return widths


def _text(content: object) -> Text:
    return content if isinstance(content, Text) else Text(visible(str(content)))
