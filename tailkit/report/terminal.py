"""The report for the terminal; where that is narrow, its tables have fewer columns and say so.

In: `Facts`, or any `Grid`. Out: Rich renderables, in which nothing is markup.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group
from rich.text import Text

from tailkit.report import paper, tables
from tailkit.report.facts import Facts
from tailkit.report.tables import Grid
from tailkit.screen import Table, visible

LEAST = ("tokens", "exact %", "cut off", "no answer", "problems", "length", "95 % interval")
"""Columns that a narrow terminal does without, first those that are missed least."""


def show(facts: Facts) -> Group:
    """The headline and the tables."""
    parts: list[Text | Fitted] = [Text(visible(facts.headline), "bold")]
    parts.append(Fitted(tables.main(facts), " ".join([tables.SHORT, *tables.notes(facts)])))
    if facts.others:
        parts.append(Fitted(tables.others(facts), "Other models on the same problems.", left=3))
    if facts.paper:
        figures = ", ".join(f"{name} {figure:.1f} %" for name, figure in facts.paper.items())
        parts.append(Text(f"For orientation, the paper's figures ({paper.SOURCE}): {figures}."))
    return Group(*parts)


@dataclass(frozen=True)
class Fitted:
    """A table whose columns never shrink: those in `least` are left out, one by one, until the rest fit.

    The first `left` columns are text. `caption` stands below.
    """

    grid: Grid
    caption: str
    title: str = ""
    left: int = 2
    least: tuple[str, ...] = LEAST

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table]:
        head, rows = self._fitting(options.max_width)
        missing = [name for name in self.grid.head if name not in head]
        caption = self.caption + (f" Not shown here: {', '.join(missing)}." if missing else "")
        table = Table(title=self.title, caption=caption, padding=0)
        for name in head:
            table.add_column(name, justify="left" if name in self.grid.head[: self.left] else "right")
        for row in rows:
            table.add_row(*row)
        yield table

    def _fitting(self, width: int) -> tuple[list[str], list[list[str]]]:
        """Head and rows without the columns that do not fit."""
        rows = [[visible(cell) for cell in row] for row in self.grid.rows]
        columns = {name: [name, *(row[place] for row in rows)] for place, name in enumerate(self.grid.head)}
        for name in self.least:
            if _width(columns) <= width:
                break
            columns.pop(name, None)
        return list(columns), [list(row) for row in zip(*(cells[1:] for cells in columns.values()), strict=True)]


def _width(columns: dict[str, list[str]]) -> int:
    """How many cells wide a table of these columns is, borders included."""
    return 1 + sum(1 + max(cell_len(line) for cell in cells for line in cell.split("\n")) for cells in columns.values())
