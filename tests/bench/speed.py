"""Ratios of speed, each measured in one run. Run: python -m tests.bench.speed

- The recorder against a hand-written f-string generator of the same addition trace.
- What the recipe `paper` takes for the rows of all tasks, from some of each, in seconds of one core.
"""

import time
from collections.abc import Callable
from random import Random
from typing import Any

from tailkit import tasks
from tailkit.dataset import order_of, quota
from tailkit.dataset.stream import Draws, make_chunk
from tailkit.recipe import load
from tailkit.tape import check, record
from tailkit.tape.render import VARIANTS, render

TASK = tasks.load("addition")
VALUE = {"_": 0, **{str(d): d for d in range(10)}}


def by_hand(data: dict[str, Any]) -> str:
    """The same core trace as the recorder's, written straight to text."""
    out, parts = [], {}
    for x in ("x1", "x2"):
        whole, point, rest = data[x].partition(".")
        cells = [f"{i}:{c}" for i, c in enumerate(whole, 1)] + [f"{len(whole) + 1}:{point or '_'}"]
        if point:
            cells += [f".{i}:{c}" for i, c in enumerate(rest, 1)] + [f".{len(rest) + 1}:_"]
        out.append(f"{x} " + ">".join(cells))
        parts[x] = (whole, rest)
    (whole1, rest1), (whole2, rest2) = parts["x1"], parts["x2"]
    last = max(len(rest1), len(rest2))
    out.append(f"last:.{len(rest1)},.{len(rest2)}=.{last}")
    carry, digits = 0, []
    for place in range(last, 0, -1):
        a = rest1[place - 1] if place <= len(rest1) else "_"
        b = rest2[place - 1] if place <= len(rest2) else "_"
        total = VALUE[a] + VALUE[b] + carry
        out.append(f".{place}:{a}+{b}+{carry}={total // 10}{total % 10}")
        carry = total // 10
        digits.append(str(total % 10))
    fraction, digits, i, j = "".join(reversed(digits)), [], len(whole1), len(whole2)
    for _ in range(max(i, j) + 1):
        a, b = whole1[i - 1] if i else "_", whole2[j - 1] if j else "_"
        total = VALUE[a] + VALUE[b] + carry
        out.append(f"{i},{j}:{a}+{b}+{carry}={total // 10}{total % 10}")
        carry = total // 10
        digits.append(str(total % 10))
        i, j = max(i - 1, 0), max(j - 1, 0)
    first = 0 if digits[-1] == "1" else 1
    whole = "".join(reversed(digits))[first:]
    cells = [f"{i}:{c}" for i, c in enumerate(whole, first)] + [f"{len(whole) + first}:{'.' if last else '_'}"]
    if last:
        cells += [f".{i}:{c}" for i, c in enumerate(fraction, 1)] + [f".{last + 1}:_"]
    out.append(">".join(cells))
    return ">\n".join(out) + f"\nAnswer: {whole}{'.' + fraction if last else ''}"


def per_second(work: Callable[[dict[str, Any]], object], problems: list[dict[str, Any]]) -> float:
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        for data in problems:
            work(data)
        best = min(best, time.perf_counter() - begun)
    return len(problems) / best


def only_recorded(data: dict[str, Any]) -> object:
    return record(TASK.program, data)


def recorded_and_rendered(data: dict[str, Any]) -> str:
    return render(record(TASK.program, data), TASK.core, VARIANTS["tail"]).text


def checked(data: dict[str, Any]) -> None:
    check(record(TASK.program, data), TASK.program, data)


def seconds_a_row(source: Draws, chunks: int) -> float:
    """Processor time for a row of a source, that of draws for the other split included."""
    make_chunk(source, chunks)
    begun, rows = time.process_time(), 0
    for chunk in range(chunks):
        rows += sum(candidate is not None for candidate in make_chunk(source, chunk))
    return (time.process_time() - begun) / max(rows, 1)


def paper_scale() -> None:
    total = 0.0
    for name in tasks.names():
        order, seconds = order_of(name, load("paper", task=name)), 0.0
        settings = tuple(order.settings.items())
        for range_name, bounds in order.bounds.items():
            given = quota(order, range_name)
            for split, rows, chunks in (("train", given.train, 4), ("eval", given.eval, 1)):
                source = Draws(name, range_name, bounds, split, "tail", 0, settings, given.shared)
                seconds += rows * seconds_a_row(source, chunks) if rows else 0
        print(f"  {name}: {seconds:,.0f} s")
        total += seconds
    print(f"data of all tasks as the recipe paper has them: {total / 60:.1f} min of one core, without writing")


def main() -> None:
    rng = Random(0)
    problems = [TASK.sample(rng, *TASK.ranges["S"]) for _ in range(1000)]
    assert all(by_hand(data) == recorded_and_rendered(data) for data in problems)
    hand = per_second(by_hand, problems)
    print(f"addition S, {hand:,.0f} traces/s by hand; as many times slower:")
    for work in (only_recorded, recorded_and_rendered, checked):
        print(f"  {work.__name__.replace('_', ' ')}: {hand / per_second(work, problems):.1f}")
    paper_scale()


if __name__ == "__main__":
    main()
