"""Pages of HTML: no script, nothing loaded from elsewhere, all text made visible and escaped.

In: what a report shows. Out: the page as text.
"""

from pathlib import Path

from tailkit.recipe import dump
from tailkit.records import MODULES
from tailkit.report import figures, tables
from tailkit.report.facts import Facts
from tailkit.report.headline import training_set
from tailkit.screen import visible

MEANINGS = {
    "state": "which step this is, and where the machine stands",
    "fetch": "what the step reads from memory, printed again beside it",
    "compute": "what it makes of that",
    "transition": "which step is next",
    "answer": "the final answer",
}


def fill(template: str, drawn: dict[str, str], **shown: object) -> str:
    """A template with what it shows. `drawn` holds the figures as SVG, by name."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    svgs = {name: Markup(svg) for name, svg in drawn.items()}
    return environment.get_template(template).render(drawn=svgs, modules=MODULES, colours=figures.COLOURS, **shown)


def render(facts: Facts, drawn: dict[str, str]) -> str:
    """The page of a run."""
    return fill(
        "page.html.j2",
        drawn,
        title=facts.headline,
        facts=facts,
        training=training_set(facts.manifest),
        recipe=dump(facts.recipe),
        tables=tables,
        joined=figures.are_joined(facts.summaries),
        meanings=MEANINGS,
        versions="\n".join(facts.made_with),
    )
