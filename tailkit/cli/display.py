"""What `tailkit show`, `tasks`, `lint`, `plan` and `solve` print: coloured traces, two side by side, tables, lines.

In: tasks, problems and traces. Out: Rich renderables.
"""

from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Group
from rich.text import Text

from tailkit.hardware.plan import Plan
from tailkit.models.tokens import PROBLEMS
from tailkit.records import RANGES, Problem
from tailkit.report import words
from tailkit.report.tables import Grid
from tailkit.report.terminal import Fitted
from tailkit.screen import Table
from tailkit.tape.lint import Measure
from tailkit.tape.render import VARIANTS, Trace
from tailkit.tasks import Task
from tailkit.use.solve import Asked, Gold, Outcome

MODULE_STYLES = {
    "state": "bold blue",
    "fetch": "yellow",
    "compute": "bold green",
    "transition": "magenta",
    "answer": "bold cyan",
}


def coloured(trace: Trace) -> Text:
    """A trace's text, coloured by module."""
    return Text.assemble(*[(text, MODULE_STYLES[module]) for text, module, _ in trace.parts])


def legend() -> Text:
    return Text.assemble(*[(f"{module} ", style) for module, style in MODULE_STYLES.items()])


def trace_page(problem: Problem, traces: dict[str, Trace]) -> Group:
    """A problem's query and its trace; several variants stand side by side."""
    if len(traces) == 1:
        body: Text | Table = coloured(*traces.values())
    else:
        body = Table(*traces, expand=True, padding=(0, 1))
        body.add_row(*map(coloured, traces.values()))
    return Group(Text(problem.query, "bold"), Text(), body, Text(), legend())


def task_table(listed: list[Task], tokens: dict[str, dict[str, dict[str, int]]]) -> Fitted:
    """One row a range of each task. `tokens` holds medians by task, style and range."""
    rows = []
    for task in listed:
        for name, bounds in task.ranges.items():
            titles = [task.id, task.paradigm] if name == RANGES[0] else ["", ""]
            counts = [f"{tokens[task.id][style][name]:,}" for style in ("tail", "styled")]
            rows.append([*titles, name, words.span(bounds), _rounded(task.support(*bounds)), *counts])
    head = ["task", "paradigm", "range", "length", "problems", "tokens", "styled"]
    caption = f"Tokens: median trace of {PROBLEMS} problems at the top of the range, core and styled."
    return Fitted(Grid(head, rows), caption, left=3, least=("paradigm", "problems"))


def task_lines(listed: list[Task]) -> Fitted:
    """One row a task: paradigm, and the length and number of distinct problems of each range."""
    rows = []
    for task in listed:
        lengths = [words.span(bounds) for bounds in task.ranges.values()]
        counts = " / ".join(_rounded(task.support(*bounds)) for bounds in task.ranges.values())
        rows.append([task.id, task.paradigm, *lengths, counts])
    extra = ", ".join(sorted({name for task in listed for name in task.baselines}))
    caption = (
        f"S, M, L: the lengths of the paper's ranges. Variants: {', '.join(VARIANTS)}; of single tasks: {extra}. "
        "`--tokens` adds how long traces are."
    )
    head = ["task", "paradigm", *RANGES, "distinct problems"]
    return Fitted(Grid(head, rows), caption, least=("distinct problems", "paradigm"))


def lint_table(measured: dict[str, Measure]) -> Fitted:
    """One row a task: how much of it is linear and fetched, and which states hide a loop."""
    rows = []
    for name, measure in measured.items():
        loops = ", ".join(growth.kind for growth in measure.loops) or "-"
        rows.append([name, _share(measure.local, measure.transitions), _back(measure.lines_back)])
        rows[-1] += [_share(measure.printed, measure.values), loops]
    head = ["task", "local transitions", "lines back, mean / most", "printed values", "states that hide a loop"]
    caption = (
        "Linear: all that decides what follows is printed in the state. Fetched: all that it reads and writes is "
        "printed. Atomic: its operands do not grow with the problem."
    )
    return Fitted(Grid(head, rows), caption, left=1)


def lint_lines(name: str, measure: Measure) -> Iterator[Text]:
    """What breaks a property, with the line, and what the operands of growing states are."""
    for finding in measure.findings:
        yield Text(f"{name}: state {finding.kind!r} is not {finding.rule}: {finding.what} ({finding.times} times)")
        yield Text(f"  {finding.line.strip()}", "yellow")
    for growth in measure.loops:
        first, *others = growth.operands
        what = f"{growth.operands[first]} operands of {growth.size[first]} characters at most in {first}"
        more = ", ".join(f"{growth.operands[name]} of {growth.size[name]} in {name}" for name in others)
        cost = f"about {growth.tokens:,} tokens more if it were written out"
        yield Text(f"{name}: state {growth.kind!r} hides a loop: {what}, {more}; {cost}")


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else "-"


def _back(lines: list[int]) -> str:
    return f"{sum(lines) / len(lines):.0f} / {max(lines)}" if lines else "-"


def _rounded(count: int | None) -> str:
    """A count short enough for a table; "many" where a task does not count its problems."""
    return "many" if count is None else f"{count:,}" if count < 10**6 else f"10^{len(str(count)) - 1}"


def task_facts(task: Task, tokens: dict[str, dict[str, int]] | None) -> dict[str, object]:
    """The same as plain values; `tokens` is null where they were not counted."""
    return {
        "task": task.id,
        "about": task.about,
        "paradigm": task.paradigm,
        "ranges": task.ranges,
        "distinct_problems": {name: task.support(*task.ranges[name]) for name in RANGES},
        "variants": task.variants,
        "tokens": tokens,
    }


def plan_lines(plan: Plan) -> list[str]:
    """A plan as lines for the terminal."""
    work = plan.work
    about = "" if work.exact else " (estimated from characters: the tokenizer is not here)"
    size = f"{plan.parameters / 1e9:.2f} billion" if plan.parameters > 1e8 else f"{plan.parameters / 1e6:.2f} million"
    fewer = ", fewer where memory does not hold them" if plan.evaluation.peak[1] > plan.memory else ""
    lines = [
        f"{plan.task} on {plan.model}, {size} parameters" + (f", on {plan.card}" if plan.card else ""),
        f"training    {work.rows:,} rows, {work.tokens:,} tokens{about}; mean row {work.mean:.0f}, "
        f"longest {work.longest:,}; {plan.steps:,} steps, {plan.rows_at_once} rows at once",
        f"evaluation  {work.evaluated:,} tokens, rows of up to {work.longest_evaluated:,}; "
        f"{plan.rows_decoded} decoded at once{fewer}",
    ]
    for title, parts in (("memory, training", plan.training), ("memory, evaluation", plan.evaluation)):
        shown = ", ".join(f"{name} {_span(*pair)}" for name, pair in asdict(parts).items() if name != "peak")
        low, high = parts.peak
        # Decoding takes as many rows as there is room for.
        high = min(high, plan.memory) if parts is plan.evaluation and plan.rows_decoded > 1 else high
        lines.append(f"{title}: {_span(low, high)} of {plan.memory:g} GiB ({shown})")
    disk = ", ".join(f"{name} {size:g} GB" for name, size in asdict(plan.disk).items())
    lines.append(f"disk        {disk}; {plan.free_disk:g} GB are free here")
    lines += _time_lines(plan)
    lines.append(f"verdict     {plan.verdict}")
    return lines + [f"            {one}" for one in (plan.advice if plan.verdict == "tight" else [])]


def _time_lines(plan: Plan) -> Iterator[str]:
    """Hours by card, and where they come from."""
    if not plan.times:
        device = plan.card or "this CPU"
        yield f"time        not known for {device}: --tokens-per-second tells its speed in training"
        return
    for number, time in enumerate(plan.times):
        rate = _span(*(f"{each:,}" for each in time.tokens_per_second))
        evaluation = f", {_span(*time.evaluation)} hours of evaluation" if time.evaluation else ""
        start = "" if number else "time"
        yield f"{start:11} {time.device}: {_span(*time.training)} hours of training at {rate} tokens/s{evaluation}"
    yield f"            ({plan.times[0].source})"


def _span(low: float | str, high: float | str) -> str:
    low, high = (each if isinstance(each, str) else f"{each:g}" for each in (low, high))
    return low if low == high else f"{low}–{high}"


class Live:
    """A completion as it grows: green step by step where it follows the gold trace, red from where it leaves it.

    Lines are marked too, ok or BAD, for where there are no colours. Without a gold trace it is plain.
    """

    def __init__(self, gold: Gold | None) -> None:
        self.gold, self.shown, self.line, self.bad = gold, 0, 0, False

    def more(self, text: str, *, last: bool = False) -> Text:
        """What is new since the last call, up to the last whole step."""
        if self.gold is None:
            new, self.shown = text[self.shown :], len(text)
            return Text(new)
        grown = Text()
        while self.shown < len(text):
            end = text.find("\n", self.shown) + 1
            if not end:
                if not last:
                    break
                end = len(text)
            grown.append_text(self._line(text[self.shown : end]))
            self.shown = end
        return grown

    def _line(self, line: str) -> Text:
        assert self.gold is not None
        expected = self.gold.text[self.shown : self.shown + len(line)]
        rest = self.gold.text[self.shown :].split("\n")[0]
        if self.bad:
            return Text(f"    {line}", "dim")
        # A last line must be the whole of the gold one.
        if line == expected and line.rstrip("\n") == rest:
            return Text(f"ok  {line}", "green")
        self.bad = True
        return Text(f"BAD {line.rstrip()}", "bold red") + Text(f"    expected: {rest}\n", "yellow")

    def end(self, text: str) -> Text:
        """What is left when nothing more comes."""
        return self.more(text, last=True)


def outcome(made: Outcome, asked: Asked) -> str:
    """The figures below a solved problem."""
    speed = f"{made.tokens:,} tokens, {made.tokens / max(made.seconds, 1e-9):.0f} tokens/s"
    answer = "cut off: no answer" if made.cut else f"answer {made.answer}" if made.answer else "no answer"
    if asked.problem is None:
        return f"{answer}; {speed}"
    verdict = "right" if made.right else f"wrong: it is {asked.problem.answer}"
    if asked.gold is None:
        return f"{answer}, {verdict}; {speed}"
    where = f", leaves the recorded run in the {made.wrong_at}" if made.wrong_at else ""
    return f"{answer}, {verdict}; {made.steps_right} of {made.steps} steps right{where}; {speed}"
