"""Pages of HTML: no script, nothing loaded from elsewhere, all text escaped.

In: what a report shows. Out: the page as text.
"""

from pathlib import Path
from typing import Any

from tailkit.records import MODULES
from tailkit.report import tables
from tailkit.report.facts import Facts, coloured
from tailkit.report.figures import COLOURS


def fill(template: str, drawn: dict[str, str], **shown: Any) -> str:
    """A template with what it shows. `drawn` holds the figures as SVG, by name."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    figures = {name: Markup(svg) for name, svg in drawn.items()}
    return environment.get_template(template).render(drawn=figures, modules=MODULES, colours=COLOURS, **shown)


def render(facts: Facts, drawn: dict[str, str]) -> str:
    """The page of a run."""
    return fill(
        "page.html.j2",
        drawn,
        facts=facts,
        title=tables.title(facts),
        caption=tables.caption(facts),
        head=tables.HEAD,
        rows=tables.rows(facts),
        decoding=tables.decoding(facts),
        training=tables.training(facts),
        shown=[(shown, coloured(shown)) for shown in facts.shown],
    )
