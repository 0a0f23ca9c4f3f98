"""What nano learns from short problems: variants, seeds and tasks, each a run of its own, in one table.

    python -m tests.bench.nano addition --variants tail direct --seeds 0 1 2
    python -m tests.bench.nano addition --variants tail direct --budget tokens
    python -m tests.bench.nano word_flip count_letters --seeds 0 1 2

A cell is an ordinary run folder below --out; finished ones are not run again. With `--budget steps` all variants
train on as many rows as the recipe says; with `--budget tokens` on as many tokens as `tail` does with that many
rows, counted in completions.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailkit import recipe
from tailkit.score import wilson

RANGES = ("S", "M", "L")


@dataclass(frozen=True)
class Cell:
    """One run: its folder and what differs from the recipe."""

    task: str
    variant: str
    seed: int
    rows: int
    folder: Path

    @property
    def overrides(self) -> list[str]:
        return [f"data.variant={self.variant}", f"data.seed={self.seed}", f"train.seed={self.seed}",
                f"data.train={self.rows}"]  # fmt: skip

    def run(self, more: list[str]) -> None:
        if not (self.folder / "summary.json").exists():
            command = [sys.executable, "-m", "tailkit", "run", self.task, "--recipe", "nano", "--workers", "1"]
            threads = {"OMP_NUM_THREADS": "1"}
            done = subprocess.run(
                [*command, "--out", str(self.folder), *self.overrides, *more],
                env=os.environ | threads, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                print(f"{self.folder}: exit {done.returncode}: {done.stderr.strip()[-300:]}", flush=True)
                return
        print(f"{self.folder}: {figures(self.folder)}", flush=True)


def figures(folder: Path) -> str:
    found = {part["range"]: part for part in json.loads((folder / "summary.json").read_text())}
    return " ".join(f"{name} {100 * found[name]['accuracy']:.1f}" for name in RANGES)


def completion_bytes(task: str, variant: str, out: Path) -> float:
    """Mean bytes of a variant's completions in S, from a small data set."""
    folder = out / f"{task}-{variant}-lengths"
    if not (folder / "manifest.json").exists():
        command = [sys.executable, "-m", "tailkit", "data", task, "--recipe", "nano", "--out", str(folder)]
        subprocess.run([*command, f"data.variant={variant}", "data.train=500", "data.eval=1"], check=True,
                       capture_output=True)  # fmt: skip
    mean: float = json.loads((folder / "manifest.json").read_text())["files"]["train"]["bytes_mean"]
    return mean


def cells(args: argparse.Namespace) -> list[Cell]:
    found = []
    for task in args.tasks:
        for variant in args.variants:
            rows = recipe.load("nano").data.train
            if args.rows:
                rows = args.rows
            if args.budget == "tokens" and variant != "tail":
                rows = round(
                    rows * completion_bytes(task, "tail", args.out) / completion_bytes(task, variant, args.out)
                )
            for seed in args.seeds:
                name = f"{task}-{variant}-{rows}-{seed}"
                found.append(Cell(task, variant, seed, rows, args.out / name))
    return found


def table(found: list[Cell]) -> str:
    """Mean over the seeds, each seed, and the Wilson interval over all problems of all seeds; Markdown."""
    lines = ["| task | variant | rows | S | M | L |", "|---|---|---|---|---|---|"]
    groups: dict[tuple[str, str, int], list[Cell]] = {}
    for cell in found:
        if (cell.folder / "summary.json").exists():
            groups.setdefault((cell.task, cell.variant, cell.rows), []).append(cell)
    for (task, variant, rows), group in groups.items():
        runs = [json.loads((cell.folder / "summary.json").read_text()) for cell in group]
        shown = [_shown([part for run in runs for part in run if part["range"] == name]) for name in RANGES]
        lines.append(f"| {task} | {variant} | {rows:,} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _shown(parts: list[dict[str, Any]]) -> str:
    right, total = sum(part["right"] for part in parts), sum(part["total"] for part in parts)
    low, high = wilson(right, total)
    seeds = " ".join(f"{100 * part['accuracy']:.1f}" for part in parts)
    return f"**{100 * right / total:.1f}** ({100 * low:.1f}–{100 * high:.1f}); {seeds}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="+")
    parser.add_argument("--variants", nargs="+", default=["tail"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--budget", choices=["steps", "tokens"], default="steps")
    parser.add_argument("--rows", type=int, help="training rows of tail [default: the recipe's]")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs side by side, a core each")
    parser.add_argument("--out", type=Path, default=Path(".cache/nano-bench"))
    parser.add_argument("--set", nargs="*", default=[], help="overrides of the recipe")
    args = parser.parse_args()
    found = cells(args)
    with ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(lambda cell: cell.run(args.set), found))
    print(table(found))


if __name__ == "__main__":
    main()
