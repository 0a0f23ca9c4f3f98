"""Studies: grids of runs, the paper's tables and figures.

In: a study's file and a recipe. Out: run folders, one for each cell, and a page with what they show.
`grid` says what to run, `launch` runs it, `attend` looks into the models, `gather` reads the scores into
`results`, `tables` and `figures` show them.
"""

from tailkit.report import page
from tailkit.report.figures import png, svg
from tailkit.report.tables import Grid
from tailkit.run.files import writing
from tailkit.run.folder import ACCURACY, MARKDOWN, PAGE
from tailkit.study import figures, markdown, tables
from tailkit.study.attend import attend
from tailkit.study.forecast import forecast
from tailkit.study.gather import gather
from tailkit.study.grid import GridCell, Study, names, plan, read
from tailkit.study.launch import is_done, run
from tailkit.study.results import Results

__all__ = [
    "GridCell",
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
    if not found.outside and not any(group.done or group.errors for group in found.groups):
        return found
    study.folder.mkdir(parents=True, exist_ok=True)
    accuracy = figures.accuracy(found)
    png(accuracy, study.folder / ACCURACY)
    drawn = {"accuracy": svg(accuracy, "accuracy by task, arm and range")}
    drawn["tokens"] = svg(figures.tokens(found), "accuracy over mean tokens in L")
    if tables.effects(found).rows:
        drawn["effects"] = svg(figures.effects(found), "what each arm changes")
    if tables.first_wrong(found).rows:
        drawn["first_wrong"] = svg(figures.first_wrong(found), "where wrong answers first go wrong")
    if found.attention:
        looks = figures.attention(found)
        png(looks, study.folder / "attention.png")
        drawn["attention"] = svg(looks, "attention mass on operands by layer and head")
    with writing(study.folder / PAGE) as file:
        file.write(
            page.fill("study.html.j2", drawn, title=study.file.title, found=found, tables=tables, cells=_cells(study))
        )
    with writing(study.folder / MARKDOWN) as file:
        file.write(markdown.write(found))
    return found


def _cells(study: Study) -> Grid:
    """All cells, where they lie, and whether they are done."""
    rows = [[cell.label, str(cell.folder), "done" if is_done(cell) else "not done"] for cell in study.cells]
    return Grid(["cell", "folder", "state"], rows)
