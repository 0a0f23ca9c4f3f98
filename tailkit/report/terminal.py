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

FOLDED = 24
"""Cells that a column which may take several lines has at least."""


def show(facts: Facts) -> Group:
    """The headline and the tables."""
    parts: list[Text | Fitted] = [Text(visible(facts.headline), "bold")]
    if facts.summaries:
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

    The first `left` columns are text. The column `folded` may take several lines. `caption` stands below.
    """

    grid: Grid
    caption: str
    title: str = ""
    left: int = 2
    least: tuple[str, ...] = LEAST
    folded: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table]:
        columns = self._fitting(options.max_width)
        missing = [name for name in self.grid.head if name not in columns]
        caption = self.caption + (f" Not shown here: {', '.join(missing)}." if missing else "")
        table = Table(title=self.title, caption=caption, padding=0)
        for name in columns:
            table.add_column(name, justify="left" if name in self.grid.head[: self.left] else "right")
        for row in list(zip(*columns.values(), strict=True))[1:]:
            table.add_row(*row)
        yield table

    def _fitting(self, width: int) -> dict[str, list[str]]:
        """The columns without those that do not fit, each with its name and its cells."""
        rows = [[visible(cell) for cell in row] for row in self.grid.rows]
        columns = {name: [name, *(row[place] for row in rows)] for place, name in enumerate(self.grid.head)}
        for name in self.least:
            if _width(columns, self.folded) <= width:
                break
            columns.pop(name, None)
        return columns


def _width(columns: dict[str, list[str]], folded: str = "") -> int:
    """How many cells wide a table of these columns is, borders included."""
    widths = {
        name: max(cell_len(line) for cell in cells for line in cell.split("\n")) for name, cells in columns.items()
    }
    return 1 + sum(1 + (min(width, FOLDED) if name == folded else width) for name, width in widths.items())
