"""Tables of a study: for its page, as Markdown and on the terminal.

In: `Results`. Out: rows of text.
"""

from rich.table import Table

from tailkit.records import MODULES, RANGES
from tailkit.report import paper
from tailkit.report.tables import grid
from tailkit.study.results import Effect, Group, Results, Share, mean_effect

MAIN = (
    "task",
    "arm",
    *(column for name in RANGES for column in (f"{name}: ours", f"{name}: paper")),
    "tokens",
    "cells",
)
EFFECTS = ("task", "arm", *RANGES)
ATTENTION = ("task", "arm", "fetched %", "originals %", "operands %", "sharpest: layer.head", "its operands %")
TOKENS = ("task", "model", "range", "pass@1 %", "mean tokens", "cut off")
LEGEND = (
    "Ours: pass@1 label accuracy in %, mean over seeds; in brackets the 95 % Wilson interval over the problems of all "
    "seeds; below each seed. Paper: its figure; below it ours less the paper's. Tokens: mean generated in S, M, L. "
    "The intervals know nothing of other trainings: with one seed they say too little."
)


def main(found: Results) -> list[list[str]]:
    """One row a task and arm, in the order of MAIN."""
    return [_row(group) for group in found.groups]


def _row(group: Group) -> list[str]:
    cells = []
    for name in RANGES:
        share, printed = group.shares.get(name), group.paper.get(name)
        cells += [shown(share) if share else "–", _beside(share, printed)]
    tokens = "\n".join(f"{group.shares[name].tokens:.0f}" for name in RANGES if name in group.shares)
    state = f"{group.done}/{len(group.cells)}" + (f"\n{group.state}" if group.state else "")
    return [group.task, group.arm, *cells, tokens or "–", state]


def shown(share: Share) -> str:
    """Mean, interval and, where there are several, each seed on a second line."""
    seeds = "\n" + " ".join(f"{100 * one:.1f}" for one in share.seeds) if len(share.seeds) > 1 else ""
    return f"{100 * share.accuracy:.1f} ({bounds(share)}){seeds}"


def bounds(share: Share) -> str:
    """The interval of an accuracy, in %."""
    low, high = share.interval
    return f"{100 * low:.1f}–{100 * high:.1f}"


def _beside(share: Share | None, printed: float | None) -> str:
    if printed is None:
        return "–"
    return f"{printed:.1f}" + (f"\n{signed(100 * share.accuracy - printed)}" if share else "")


def signed(points: float) -> str:
    """Percentage points with their sign."""
    return f"{points:+.1f}".replace("-", "−")


def effects(found: Results) -> list[list[str]]:
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
    return rows


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


def tokens(found: Results) -> list[list[str]]:
    """Tokens beside accuracy: the arms, other models' generations, and the paper's Table J1 where it belongs."""
    rows = [
        [group.task, group.arm, name, f"{100 * share.accuracy:.1f}", f"{share.tokens:.0f}", str(share.cut)]
        for group in found.groups
        for name, share in group.shares.items()
    ]
    for other in found.outside:
        for name, summary in other.summaries.items():
            figures = [f"{100 * summary.accuracy:.1f}", f"{summary.tokens_mean:.0f}", str(summary.cut)]
            rows.append([other.task, other.name, name, *figures])
    if paper.TABLE_J1_TASK in found.tasks:
        for model, (count, accuracy) in paper.TABLE_J1.items():
            rows.append([paper.TABLE_J1_TASK, f"{model} (paper)", "L", f"{accuracy:.1f}", str(count), "–"])
    return rows


def attention(found: Results) -> list[list[str]]:
    """Task, arm, mean mass on fetched operands, on their originals, on both; the head with most of it."""
    rows = []
    for (task, arm), mass in found.attention.items():
        layer, head, most = mass.sharpest
        means = [f"{100 * mean:.1f}" for mean in (mass.mean_fetched, mass.mean_originals, mass.mean_operands)]
        rows.append([task, arm, *means, f"{layer}.{head}", f"{100 * most:.1f}"])
    return rows


def first_wrong(found: Results) -> list[list[str]]:
    """Task, arm, range and, by module, how many wrong traces first go wrong there."""
    return [
        [group.task, group.arm, name, *(str(counts.get(module, 0)) for module in MODULES)]
        for group in found.groups
        for name, counts in group.first_wrong.items()
        if sum(counts.values())
    ]


def notes(found: Results) -> list[str]:
    """What must be said with the tables, so that nobody compares unlike things."""
    study = found.study
    recipe = found.groups[0].recipe
    lines = [f"Base model {recipe.model.name}, {recipe.model.precision}, recipe {study.recipe_name}."]
    equal = "tokens of completions" if study.file.budget == "tokens" else "rows"
    lines.append(f"Trained arms are given as many {equal} as {study.reference}, as far as there are problems.")
    scaled = [
        f"{group.task} {', '.join(f'{name} {low}–{high}' for name, (low, high) in ranges.items())}"
        for group in {group.task: group for group in found.groups}.values()
        if (ranges := group.recipe.data.ranges.get(group.task))
    ]
    if scaled:
        lines.append(f"Ranges are not the paper's: {'; '.join(scaled)}.")
    lines.append(f"The paper's figures: {paper.SOURCE.removeprefix('paper: ')}.")
    lines += dict.fromkeys(f"{group.arm}: {one}." for group in found.groups for one in group.shortages)
    lines += [f"Failed: {group.task}, {group.arm}: {error}." for group in found.groups for error in group.errors]
    return lines


def terminal(found: Results) -> Table:
    """A short form of the main table: the mean over seeds, its interval, and the paper's figure."""
    caption = "pass@1 label accuracy in %, mean over seeds; 95 % interval over all problems; the paper's figure."
    table = Table(title=found.study.file.title, caption=caption, caption_justify="left", padding=(0, 0))
    for name in ("task, arm", *(column for one in RANGES for column in (one, "paper")), "cells"):
        table.add_column(name, justify="left" if name in ("task, arm", "cells") else "right")
    for group in found.groups:
        cells = []
        for name in RANGES:
            share, printed = group.shares.get(name), group.paper.get(name)
            cells.append(f"{100 * share.accuracy:.1f}\n{bounds(share)}" if share else "–")
            cells.append("–" if printed is None else f"{printed:.1f}")
        state = f"{group.done}/{len(group.cells)}" + (f" {group.state}" if group.state else "")
        table.add_row(f"{group.task}\n{group.arm}", *cells, state)
    return table


def markdown(found: Results) -> str:
    """The whole study as Markdown."""
    parts = [f"# {found.study.file.title}\n", found.study.file.about, *notes(found), LEGEND + "\n"]
    parts.append(grid(MAIN, main(found)))
    for title, head, rows in (
        (f"Change against {found.study.reference}, percentage points", EFFECTS, effects(found)),
        ("Where write tokens look", ATTENTION, attention(found)),
        ("Tokens", TOKENS, tokens(found)),
        ("First wrong step of wrong answers, by module", ("task", "arm", "range", *MODULES), first_wrong(found)),
    ):
        if rows:
            parts += [f"\n## {title}\n", grid(head, rows)]
    parts += [f"\n{line}" for line in unhurt(found)]
    parts.append(f"\nRepeat: `{found.study.command}`\n")
    return "\n".join(parts)
