"""Tables and sentences of a study, as plain text: for its page, for Markdown and on the terminal.

In: `Results`. Out: rows of cells; nothing in them is escaped yet.
"""

from tailkit.records import MODULES, RANGES
from tailkit.report import paper, words
from tailkit.report.tables import Grid
from tailkit.report.terminal import Fitted
from tailkit.study.results import Effect, Group, Outside, Results, Share, mean_effect

MAIN = ["task", "arm", *RANGES, "tokens", "cells", *(f"paper: {name}" for name in RANGES)]
PAPER_COLUMNS = len(RANGES)
LEGEND = (
    "Ours: pass@1 label accuracy in % (one greedy answer for each problem, right by its final answer), mean over "
    "seeds; in brackets the 95 % Wilson interval over the problems of all seeds; below, each seed. Tokens: mean "
    "generated in S, M, L. The intervals know nothing of other trainings: with one seed they say too little. The "
    "paper's figures stand apart: its model, training and lengths are others, so that a difference from ours means "
    "nothing by itself."
)
CAPTION = (
    "pass@1 label accuracy in %, mean over seeds; 95 % interval over all problems. The paper's figures are of another "
    "model, training and lengths."
)


def main(found: Results) -> Grid:
    """A row a task and arm: our figures, then the paper's; below them other models on the same problems."""
    return Grid(MAIN, [*map(_row, found.groups), *map(_other, found.outside)])


def _other(other: Outside) -> list[str]:
    shares = {
        name: f"{100 * one.accuracy:.1f} ({words.interval(one.low, one.high)})" for name, one in other.summaries.items()
    }
    parts = {name: f"\n{one.problems}" for name, one in other.summaries.items() if one.rows is not None}
    tokens = "\n".join(f"{other.summaries[name].tokens_mean:,.0f}" for name in RANGES if name in other.summaries)
    figures = [shares.get(name, "–") + parts.get(name, "") for name in RANGES]
    return [other.task, other.name, *figures, tokens, "other model", *("–" for _ in RANGES)]


def _row(group: Group) -> list[str]:
    ours = [shown(group.shares[name]) if name in group.shares else "–" for name in RANGES]
    tokens = "\n".join(f"{group.shares[name].tokens:,.0f}" for name in RANGES if name in group.shares)
    state = f"{group.done}/{len(group.cells)}" + (f"\n{group.state}" if group.state else "")
    return [group.task, group.arm, *ours, tokens or "–", state, *(printed(group, name) for name in RANGES)]


def printed(group: Group, range_name: str) -> str:
    """The paper's figure for a range."""
    return f"{group.paper[range_name]:.1f}" if range_name in group.paper else "–"


def shown(share: Share) -> str:
    """Mean, interval and, where there are several, each seed on a second line."""
    seeds = "\n" + " ".join(f"{100 * one:.1f}" for one in share.seeds) if len(share.seeds) > 1 else ""
    return f"{100 * share.accuracy:.1f} ({bounds(share)}){seeds}"


def bounds(share: Share) -> str:
    """The interval of an accuracy, in %."""
    return words.interval(*share.interval)


def signed(points: float) -> str:
    """Percentage points with their sign."""
    return f"{points:+.1f}".replace("-", "−")


def effects(found: Results) -> Grid:
    """For each arm but the reference: the change in percentage points, by task and on the mean of all tasks."""
    rows = []
    for arm in found.arms[1:]:
        by_task = {
            task: {name: effect for name in RANGES if (effect := found.effect(task, arm, name))} for task in found.tasks
        }
        known = {task: row for task, row in by_task.items() if row}
        rows += [[task, arm, *(_effect(row.get(name)) for name in RANGES)] for task, row in known.items()]
        if len(known) > 1:
            columns = [[row[name] for row in known.values() if name in row] for name in RANGES]
            means = [mean_effect(effects) if effects else None for effects in columns]
            rows.append([f"mean of {len(known)}", arm, *map(_effect, means)])
    return Grid(["task", "arm", *RANGES], rows)


def _effect(effect: Effect | None) -> str:
    if effect is None:
        return "–"
    return f"{signed(100 * effect.difference)} ({signed(100 * effect.low)} to {signed(100 * effect.high)})"


def unhurt(found: Results) -> list[str]:
    """Sentences on what did not hurt, told by the intervals, and on where nothing can be told."""
    told, reference = [], found.study.reference
    for task in found.tasks:
        first = found.group(task, reference)
        learned = [name for name, share in first.shares.items() if share.right] if first else []
        lost = [name for name in RANGES if first and name in first.shares and name not in learned]
        if lost:
            told.append(
                f"{task}: {reference} itself has nothing right in {', '.join(lost)}; nothing can be told there."
            )
        for arm in found.arms[1:]:
            effects = {name: one for name in learned if (one := found.effect(task, arm, name))}
            above = [name for name, one in effects.items() if one.low > 0]
            beside = [name for name, one in effects.items() if one.low <= 0 <= one.high]
            for where, ranges in (("above", above), ("within the interval of", beside)):
                if ranges:
                    told.append(f"{task}, {arm}: {where} {reference} in {', '.join(ranges)}.")
    return told


def tokens(found: Results) -> Grid:
    """Tokens beside accuracy: the arms, other models' generations, and the paper's Table J1 where it belongs."""
    rows = [
        [group.task, group.arm, name, f"{100 * share.accuracy:.1f}", f"{share.tokens:,.0f}", f"{share.cut:,}"]
        for group in found.groups
        for name, share in group.shares.items()
    ]
    for other in found.outside:
        for name, summary in other.summaries.items():
            figures = [f"{100 * summary.accuracy:.1f}", f"{summary.tokens_mean:,.0f}", f"{summary.cut:,}"]
            part = "" if summary.rows is None else f" ({summary.problems})"
            rows.append([other.task, other.name, name + part, *figures])
    if paper.TABLE_J1_TASK in found.tasks:
        for model, (count, accuracy) in paper.TABLE_J1.items():
            rows.append([paper.TABLE_J1_TASK, f"{model} (paper)", "L", f"{accuracy:.1f}", f"{count:,}", "–"])
    return Grid(["task", "model", "range", "pass@1 %", "mean tokens", "cut off"], rows)


def attention(found: Results) -> Grid:
    """Task, arm, mean mass on fetched operands, on their originals, on both; the head with most of it."""
    rows = []
    for (task, arm), mass in found.attention.items():
        layer, head, most = mass.sharpest
        means = [f"{100 * mean:.1f}" for mean in (mass.mean_fetched, mass.mean_originals, mass.mean_operands)]
        rows.append([task, arm, *means, f"{layer}.{head}", f"{100 * most:.1f}"])
    head_row = ["task", "arm", "fetched %", "originals %", "operands %", "sharpest: layer.head", "its operands %"]
    return Grid(head_row, rows)


def first_wrong(found: Results) -> Grid:
    """Task, arm, range and, by module, how many wrong traces first go wrong there."""
    rows = [
        [group.task, group.arm, name, *(str(counts.get(module, 0)) for module in MODULES)]
        for group in found.groups
        for name, counts in group.first_wrong.items()
        if sum(counts.values())
    ]
    return Grid(["task", "arm", "range", *MODULES], rows)


def notes(found: Results) -> list[str]:
    """What must be said with the tables, so that nobody compares unlike things."""
    study = found.study
    recipe = found.groups[0].recipe
    lines = [f"Base model {recipe.model.name}, {recipe.model.precision}, recipe {study.recipe_name}."]
    equal = "tokens of completions" if study.file.budget == "tokens" else "rows"
    lines.append(f"Trained arms are given as many {equal} as {study.reference}, as far as there are problems.")
    scaled = [
        f"{group.task} {', '.join(f'{name} {words.span(pair)}' for name, pair in ranges.items())}"
        for group in {group.task: group for group in found.groups}.values()
        if (ranges := group.recipe.data.ranges.get(group.task))
    ]
    if scaled:
        lines.append(f"Ranges are not the paper's: {'; '.join(scaled)}.")
    lines.append(f"The paper's figures: {paper.SOURCE}.")
    lines += dict.fromkeys(f"{group.arm}: {one}." for group in found.groups for one in group.shortages)
    lines += [f"Failed: {group.task}, {group.arm}: {error}." for group in found.groups for error in group.errors]
    return lines


def terminal(found: Results) -> Fitted:
    """A short form of the main table: the mean over seeds and its interval, and apart from them the paper's figures."""
    rows = []
    for group in found.groups:
        shares = [group.shares.get(name) for name in RANGES]
        ours = [f"{100 * share.accuracy:.1f}\n{bounds(share)}" if share else "–" for share in shares]
        state = f"{group.done}/{len(group.cells)}" + (f"\n{group.state}" if group.state else "")
        rows.append([f"{group.task}\n{group.arm}", *ours, state, *(printed(group, name) for name in RANGES)])
    papers = [f"paper {name}" for name in RANGES]
    grid = Grid(["task, arm", *RANGES, "cells", *papers], rows)
    return Fitted(grid, CAPTION, found.study.file.title, left=1, least=(*papers, "cells"))
