"""Figures of a report, drawn with matplotlib in colours that the colour-blind can tell apart."""

import io
from pathlib import Path
from typing import Any

from tailkit.records import MODULES, RANGES
from tailkit.report.facts import Facts

# Okabe and Ito's palette.
COLOURS = {"state": "#0072B2", "fetch": "#E69F00", "compute": "#009E73", "transition": "#CC79A7", "answer": "#56B4E9"}
INK = "#222222"


def axes(width: float, height: float, down: int = 1, across: int = 1) -> tuple[Any, list[Any]]:
    """A figure of so many inches and its panels, row by row."""
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams.update({"svg.hashsalt": "tailkit", "svg.fonttype": "none", "font.size": 10})
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(down, across, figsize=(width, height), layout="constrained", squeeze=False)
    for panel in panels.flat:
        panel.spines[["top", "right"]].set_visible(False)
    return figure, list(panels.flat)


def svg(figure: Any) -> str:
    """The figure as an SVG element for a page."""
    import matplotlib.pyplot as plt

    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def png(figure: Any, path: Path) -> None:
    """Write the figure to a PNG file, whole or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    figure.savefig(temporary, format="png", dpi=150, metadata={"Software": None})
    temporary.replace(path)


def accuracy(facts: Facts) -> Any:
    """Label accuracy over length with 95 % intervals; the trained lengths are shaded."""
    figure, (panel,) = axes(7.2, 3.8)
    points = [(int(n), *pair) for s in facts.summaries for n, pair in s.by_n.items()]
    points.sort()
    for name in facts.trained_on:
        low, high = facts.bounds[name]
        panel.axvspan(low - 0.5, high + 0.5, color="#0072B2", alpha=0.10, lw=0, label=f"trained on {name}")
    for name in RANGES:
        low, high = facts.bounds[name]
        panel.text((low + high) / 2, 104, name, ha="center", color=INK)
        panel.axvline(high + 0.5, color="#bbbbbb", lw=0.6)
    shares = [100 * right / total for _, right, total, _, _ in points]
    errors = [
        [share - 100 * low for share, (*_, low, _) in zip(shares, points, strict=True)],
        [100 * high - share for share, (*_, high) in zip(shares, points, strict=True)],
    ]
    lengths = [n for n, *_ in points]
    panel.errorbar(lengths, shares, yerr=errors, fmt="o-", ms=4, lw=1.2, capsize=2, color=INK, label=facts.variant)
    panel.set(xlabel="length n", ylabel="pass@1 label accuracy, %", ylim=(-3, 112), yticks=range(0, 101, 20))
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure


def loss(facts: Facts) -> Any:
    """Training loss over steps, on a logarithmic scale."""
    figure, (panel,) = axes(7.2, 2.6)
    panel.plot([row.step for row in facts.metrics], [max(row.loss, 1e-6) for row in facts.metrics], color=INK, lw=1.2)
    panel.set(xlabel="optimizer step", ylabel="training loss, nats", yscale="log")
    return figure


def first_wrong(facts: Facts) -> Any:
    """By range, the share of all problems whose wrong answer begins in each module."""
    figure, (panel,) = axes(7.2, 2.4)
    left = dict.fromkeys([s.range for s in facts.summaries], 0.0)
    for module in MODULES:
        widths = [100 * s.first_wrong.get(module, 0) / max(s.total, 1) for s in facts.summaries]
        panel.barh(list(left), widths, left=list(left.values()), color=COLOURS[module], label=module, height=0.6)
        left = {name: start + width for (name, start), width in zip(left.items(), widths, strict=True)}
    panel.set(xlabel="wrong answers by the module of their first wrong step, % of problems", xlim=(0, 100))
    panel.invert_yaxis()
    panel.legend(ncols=5, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure
