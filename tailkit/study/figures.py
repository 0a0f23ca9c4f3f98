"""Figures of a study, in colours that the colour-blind can tell apart and marks that print tells apart.

In: `Results`. Out: matplotlib figures.
"""

from typing import TYPE_CHECKING, Any

from tailkit.records import RANGES
from tailkit.report.figures import (
    CUT,
    GREY,
    INK,
    LEGEND_COLUMNS,
    UNFOUND,
    WIDTH,
    WRONG_PARTS,
    axes,
    label,
    stacked,
    style,
    whole_numbers,
)
from tailkit.study.results import Results, Share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 4


def accuracy(found: Results) -> "Figure":
    """A panel a task: accuracy of each arm in S, M and L with intervals; hollow marks are the paper's.

    Other models on the same problems stand to the right of the arms.
    """
    tasks, arms, others = found.tasks, found.arms, list(dict.fromkeys(one.name for one in found.outside))
    across = min(ACROSS, len(tasks))
    down = -(-len(tasks) // across)
    figure, panels = axes(max(WIDTH, 2.5 * across), 2.5 * down + 0.8, down, across)
    width = 0.7 / len(arms)
    for place, panel in enumerate(panels):
        if place >= len(tasks):
            panel.axis("off")
            continue
        for number, arm in enumerate(arms):
            group = found.group(tasks[place], arm)
            offset = (number - (len(arms) - 1) / 2) * width
            for x, name in enumerate(RANGES):
                if group and name in group.shares:
                    _point(panel, x + offset, group.shares[name], style(number))
                if group and name in group.paper:
                    panel.plot(x + offset, group.paper[name], **style(number), mfc="none", ms=6, ls="", alpha=0.7)
        for number, other in enumerate(others, start=len(arms)):
            theirs = [one.summaries for one in found.outside if (one.task, one.name) == (tasks[place], other)]
            for name, summary in theirs[0].items() if theirs else ():
                panel.plot(RANGES.index(name) + 0.42, 100 * summary.accuracy, **style(number), ms=4, ls="")
        panel.set(title=label(tasks[place]), xticks=range(len(RANGES)), xticklabels=RANGES, ylim=(-4, 104))
        panel.set_ylabel("pass@1, %" if place % across == 0 else "")
    handles = [
        panels[0].plot([], [], **style(number), ls="", label=label(arm))[0]
        for number, arm in enumerate([*arms, *others])
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=LEGEND_COLUMNS)
    return figure


def _point(panel: "Axes", x: float, share: Share, how: dict[str, Any]) -> None:
    low, high = share.interval
    y = 100 * share.right / share.total
    panel.errorbar(x, y, yerr=[[y - 100 * low], [100 * high - y]], **how, ms=4, capsize=2, lw=1)
    if len(share.seeds) > 1:
        panel.plot([x] * len(share.seeds), [100 * one for one in share.seeds], ".", color=how["color"], ms=2, alpha=0.6)


def effects(found: Results) -> "Figure":
    """What each arm changes against the reference, in M and L, with Newcombe's intervals."""
    pairs = [
        (task, number, arm)
        for task in found.tasks
        for number, arm in enumerate(found.arms[1:], start=1)
        if any(found.effect(task, arm, name) for name in RANGES[1:])
    ]
    figure, panels = axes(7.6, 0.9 + 0.24 * len(pairs), 1, 2)
    for panel, name in zip(panels, RANGES[1:], strict=True):
        for y, (task, number, arm) in enumerate(pairs):
            if effect := found.effect(task, arm, name):
                middle, low, high = (100 * value for value in (effect.difference, effect.low, effect.high))
                panel.errorbar(
                    middle, y, xerr=[[middle - low], [high - middle]], **style(number), ms=4, capsize=2, lw=1
                )
        panel.axvline(0, color=GREY, lw=0.8)
        panel.set(title=label(f"{name}: against {found.study.reference}"), xlabel="percentage points", xlim=(-105, 105))
        labels = [label(f"{task}, {arm}") for task, _, arm in pairs] if panel is panels[0] else []
        panel.set(yticks=range(len(pairs)) if labels else [], yticklabels=labels, ylim=(len(pairs) - 0.5, -0.5))
    return figure


def tokens(found: Results) -> "Figure":
    """Accuracy over the mean tokens of a completion in L: how much of an effect a longer trace might explain."""
    figure, (panel,) = axes(WIDTH, 3.4)
    for number, arm in enumerate(found.arms):
        shares = [group.shares["L"] for group in found.groups if group.arm == arm and "L" in group.shares]
        points = [(share.tokens, 100 * share.accuracy) for share in shares]
        panel.plot([x for x, _ in points], [y for _, y in points], **style(number), ls="", label=label(arm))
    for other in found.outside:
        if "L" in other.summaries:
            point = other.summaries["L"].tokens_mean, 100 * other.summaries["L"].accuracy
            panel.plot(*point, "+", color=INK, ms=9)
            panel.annotate(label(other.name), point, xytext=(4, 4), textcoords="offset points")
    panel.set(xlabel="mean tokens of a completion in L", ylabel="pass@1 in L, %", ylim=(-4, 104))
    whole_numbers(panel.xaxis)
    figure.legend(loc="outside lower center", ncols=LEGEND_COLUMNS)
    return figure


def attention(found: Results) -> "Figure":
    """A row a task, a panel an arm: by layer and head, the attention mass of write tokens on operands."""
    rows = {task: [arm for arm in found.arms if (task, arm) in found.attention] for task in found.tasks}
    rows = {task: arms for task, arms in rows.items() if arms}
    figure, panels = axes(1.6 + 2.6 * len(found.arms), 0.8 + 2.2 * len(rows), len(rows), len(found.arms))
    for down, (task, arms) in enumerate(rows.items()):
        for across, panel in enumerate(panels[down * len(found.arms) : (down + 1) * len(found.arms)]):
            if across >= len(arms):
                panel.axis("off")
                continue
            mass = found.attention[task, arms[across]]
            picture = panel.imshow(mass.operands, vmin=0, vmax=1, cmap="cividis", aspect="auto")
            panel.set(title=label(f"{task}, {arms[across]}"), xlabel="head", ylabel="layer" if across == 0 else "")
            panel.set(yticks=range(len(mass.layers)), yticklabels=mass.layers, xticks=range(len(mass.operands[0])))
    figure.colorbar(picture, ax=panels, label="attention mass on operands", shrink=0.8)
    return figure


def first_wrong(found: Results) -> "Figure":
    """By arm, all tasks and M and L together: the module in which wrong traces first go wrong."""
    # Completions of another form have no trace to leave.
    arms = [arm for arm in found.arms if any(g.arm == arm and not g.recipe.free_form for g in found.groups)]
    shares = {part: [_wrong(found, arm, part) for arm in arms] for part in WRONG_PARTS}
    return stacked(arms, shares, "% of problems in M and L")


def _wrong(found: Results, arm: str, part: str) -> float:
    """The share of an arm's problems in M and L, in %, that are wrong, by what they come from."""
    pairs = [(group, name) for group in found.groups if group.arm == arm for name in RANGES[1:] if name in group.shares]
    total = sum(group.shares[name].total for group, name in pairs)
    count = sum(
        {CUT: group.shares[name].cut, UNFOUND: group.shares[name].unfound}.get(part, 0)
        + group.first_wrong.get(name, {}).get(part, 0)
        for group, name in pairs
    )
    return 100 * count / max(total, 1)
