"""Studies: grids of runs, the paper's tables and figures.

In: a study's file and a recipe. Out: run folders, one for each cell, and a page with what they show.
`grid` says what to run, `launch` runs it, `attend` looks into the models, `gather` reads the scores into
`results`, `tables` and `figures` show them.
"""

from tailkit.records import MODULES
from tailkit.report import page
from tailkit.report.figures import png, svg
from tailkit.run.files import writing
from tailkit.study import figures, tables
from tailkit.study.attend import attend
from tailkit.study.forecast import forecast
from tailkit.study.gather import gather
from tailkit.study.grid import Cell, Study, names, plan, read
from tailkit.study.launch import is_done, run
from tailkit.study.results import Results

__all__ = [
    "Cell",
    "Results",
    "Study",
    "attend",
    "draw",
    "forecast",
    "gather",
    "is_done",
    "names",
    "plan",
    "read",
    "run",
]


def draw(study: Study) -> Results:
    """Write the page, `report.md` and figures of whatever cells are done or failed; returns what they show."""
    found = gather(study)
    if not any(group.done or group.errors for group in found.groups):
        return found
    study.folder.mkdir(parents=True, exist_ok=True)
    accuracy = figures.accuracy(found)
    png(accuracy, study.folder / "accuracy.png")
    drawn = {"accuracy": svg(accuracy), "tokens": svg(figures.tokens(found))}
    if tables.effects(found):
        drawn["effects"] = svg(figures.effects(found))
    if tables.first_wrong(found):
        drawn["first_wrong"] = svg(figures.first_wrong(found))
    if found.attention:
        looks = figures.attention(found)
        png(looks, study.folder / "attention.png")
        drawn["attention"] = svg(looks)
    with writing(study.folder / "report.html") as file:
        file.write(_page(found, drawn))
    with writing(study.folder / "report.md") as file:
        file.write(tables.markdown(found))
    return found


def _page(found: Results, drawn: dict[str, str]) -> str:
    study = found.study
    return page.fill(
        "study.html.j2",
        drawn,
        title=study.file.title,
        about=study.file.about,
        notes=tables.notes(found),
        main_head=tables.MAIN,
        main=tables.main(found),
        legend=tables.LEGEND,
        reference=study.reference,
        effects_head=tables.EFFECTS,
        effects=tables.effects(found),
        unhurt=tables.unhurt(found),
        attention_head=tables.ATTENTION,
        attention=tables.attention(found),
        tokens_head=tables.TOKENS,
        tokens=tables.tokens(found),
        first_wrong_head=("task", "arm", "range", *MODULES),
        first_wrong=tables.first_wrong(found),
        command=study.command,
        cells=[[cell.label, str(cell.folder), "done" if is_done(cell) else "not done"] for cell in study.cells],
    )
