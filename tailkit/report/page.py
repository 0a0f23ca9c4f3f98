"""The report as one HTML page: no script, nothing loaded from elsewhere, all text escaped."""

from pathlib import Path

from tailkit.records import MODULES
from tailkit.report import tables
from tailkit.report.facts import Facts, coloured
from tailkit.report.figures import COLOURS


def render(facts: Facts, drawn: dict[str, str]) -> str:
    """The page as text. `drawn` holds the figures as SVG, by name."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        facts=facts,
        title=tables.title(facts),
        caption=tables.caption(facts),
        head=tables.HEAD,
        rows=tables.rows(facts),
        decoding=tables.decoding(facts),
        drawn={name: Markup(svg) for name, svg in drawn.items()},
        shown=[(shown, coloured(shown)) for shown in facts.shown],
        modules=MODULES,
        colours=COLOURS,
    )
