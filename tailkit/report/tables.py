"""Tables of a report: on the terminal (Rich) and as Markdown."""

from rich.table import Table

from tailkit.records import RANGES
from tailkit.report import paper
from tailkit.report.facts import Facts
from tailkit.score import Summary

HEAD = ("range", "length", "rows", "pass@1 %", "95 % interval", "exact %", "cut off", "tokens", "paper %")


def rows(facts: Facts) -> list[list[str]]:
    """One row a range, in the order of HEAD."""
    return [_row(facts, summary) for summary in facts.summaries]


def _row(facts: Facts, s: Summary) -> list[str]:
    low, high = facts.bounds[s.range]
    printed = facts.paper.get(s.range)
    trained = "*" if s.range in facts.trained_on else ""
    return [
        s.range + trained,
        f"{low}–{high}",
        str(s.total),
        f"{100 * s.accuracy:.1f}",
        f"{100 * s.low:.1f}–{100 * s.high:.1f}",
        f"{100 * s.exact / max(s.total, 1):.1f}",
        str(s.cut),
        f"{s.tokens_mean:.0f}",
        "–" if printed is None else f"{printed:.1f}",
    ]


def title(facts: Facts) -> str:
    return f"{facts.task.id}, {facts.variant}, {facts.model}: pass@1 label accuracy"


def caption(facts: Facts) -> str:
    """What must be said below the table, so that nobody compares unlike things."""
    lines = ["* trained on. Exact: the whole trace is the gold one. Tokens: mean of a completion."]
    if facts.scaled:
        ours = ", ".join(f"{name} {low}–{high}" for name, (low, high) in facts.bounds.items())
        theirs = ", ".join(f"{name} {low}–{high}" for name, (low, high) in facts.task.ranges.items())
        lines.append(f"Ranges are scaled down here: {ours} (paper: {theirs}).")
    lines += [f"{shortage}." for shortage in facts.manifest.shortages]
    if facts.paper:
        lines.append(f"Last column: {paper.SOURCE}.")
    return " ".join(lines)


def terminal(facts: Facts) -> Table:
    """The main table for the terminal."""
    table = Table(title=title(facts), caption=caption(facts), caption_justify="left", padding=(0, 0))
    for name in HEAD:
        table.add_column(name, justify="left" if name in HEAD[:2] else "right", no_wrap=True)
    for row in rows(facts):
        table.add_row(*row)
    return table


def first_wrong(facts: Facts) -> list[list[str]]:
    """Range, module and count of the first wrong steps of wrong answers, most frequent first."""
    return [
        [s.range, module, str(count)]
        for s in facts.summaries
        for module, count in sorted(s.first_wrong.items(), key=lambda item: -item[1])
    ]


def training(facts: Facts) -> str:
    """What the training set holds."""
    found = facts.manifest.files.get("train")
    if found is None:
        return "No training: the base model as it is."
    ranges = ", ".join(name for name in RANGES if found.by_range.get(name))
    replay = facts.manifest.order.get("replay", {})
    mixed = "".join(f", and {rows:,} replayed rows of nano/{program}" for program, rows in replay.items())
    by_task = [(task, rows) for task, rows in found.by_task.items() if not task.startswith("nano/")]
    tasks = " and ".join(f"{task} {rows:,}" for task, rows in by_task)
    own = found.rows - sum(replay.values())
    return f"Training set: {own:,} examples of {ranges}{f' ({tasks})' if tasks else ''}{mixed}."


def decoding(facts: Facts) -> str:
    """Which path the rows of each range took in greedy decoding."""
    counts = [
        f"{name}: " + ", ".join(f"{count} {path}" for path, count in sorted(paths.items(), key=lambda one: -one[1]))
        for name, paths in facts.paths.items()
    ]
    return f"Greedy decoding, {'; '.join(counts)}."


def markdown(facts: Facts) -> str:
    """The report as Markdown; the figure lies beside it."""
    parts = [f"# {title(facts)}\n", caption(facts) + "\n", grid(HEAD, rows(facts))]
    parts += ["\n![accuracy over length](accuracy.png)\n"]
    if first_wrong(facts):
        parts += ["\n## First wrong step of wrong answers\n", grid(("range", "module", "count"), first_wrong(facts))]
    times = ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in facts.seconds.items())
    parts += [f"\n{decoding(facts)}\n", f"\nTimes: {times}.\n", f"\n## Recipe\n\n```yaml\n{facts.recipe}```\n"]
    return "\n".join(part for part in parts if part.strip())


def grid(head: tuple[str, ...], body: list[list[str]]) -> str:
    """A table as Markdown."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line).replace("\n", "<br>") + " |" for line in lines) + "\n"
