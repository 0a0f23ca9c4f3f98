"""The whole study as Markdown.

In: `Results`. Out: the text.
"""

from tailkit.report.escape import code, inline
from tailkit.report.markdown import bullets, grid
from tailkit.study import tables
from tailkit.study.results import Results


def write(found: Results) -> str:
    """The page's tables and sentences."""
    file = found.study.file
    parts = [f"# {inline(file.title)}", inline(file.about), bullets(tables.notes(found)), inline(tables.LEGEND)]
    parts.append(grid(tables.main(found)))
    for title, table in (
        (f"Change against {found.study.reference}, percentage points", tables.effects(found)),
        ("Where write tokens look", tables.attention(found)),
        ("Tokens", tables.tokens(found)),
        ("First wrong step of wrong answers, by module", tables.first_wrong(found)),
    ):
        if table.rows:
            parts += [f"## {inline(title)}", grid(table)]
    parts += [bullets(tables.unhurt(found)), f"Repeat: {code(found.study.command)}"]
    return "\n\n".join(part for part in parts if part) + "\n"
