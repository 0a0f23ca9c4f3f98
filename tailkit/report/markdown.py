"""The report of a run as Markdown; the figure lies beside it.

In: `Facts`. Out: the text.
"""

from tailkit.recipe import dump
from tailkit.report import tables
from tailkit.report.escape import fenced, inline
from tailkit.report.facts import Facts
from tailkit.report.headline import training_set
from tailkit.report.tables import Grid
from tailkit.run.folder import ACCURACY


def write(facts: Facts) -> str:
    """The whole report."""
    main = tables.main(facts)
    parts = [f"# {inline(facts.headline)}", inline(tables.subtitle(facts)), inline(tables.lead(facts))]
    parts += [grid(main)] if facts.summaries else []
    parts.append(bullets([*tables.notes(facts), *(f"{name}: {meaning}" for name, meaning in tables.meanings(main))]))
    for section in tables.sections(facts):
        parts += [f"## {section.title}", grid(section.grid), inline(section.note)]
    parts.append(f"![accuracy over length]({ACCURACY})")
    if (wrong := tables.first_wrong(facts)).rows:
        parts += ["## First wrong step of wrong answers", grid(wrong)]
    made = [*filter(None, [tables.decoding(facts)]), training_set(facts.manifest), f"Times: {tables.times(facts)}"]
    parts += ["## How it was made", *map(inline, made), fenced(dump(facts.recipe), "yaml")]
    return "\n\n".join(parts) + "\n"


def grid(table: Grid) -> str:
    """A table as Markdown."""
    lines = [table.head, ["---"] * len(table.head), *(map(inline, row) for row in table.rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def bullets(lines: list[str]) -> str:
    return "\n".join(f"- {inline(line)}" for line in lines)
