"""What the 24 GB path costs on a GPU: speed and peak memory of training and evaluation, in pieces.

    python -m tests.bench.gpu --list
    python -m tests.bench.gpu --only 'train-*-2048' 'decode-*'

Each piece is a process of its own that ends within ten minutes and writes a line of results.jsonl when it is done;
what is there is not measured again, so the same command goes on where it was stopped. table.md shows all of it.
No network and no weights are needed: a Qwen2.5-7B with random ones is made on the device (15 GB of disk).
`--tiny` tries the script itself on a Qwen2 of two layers, whose figures say nothing about a real model.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailkit.run.files import append_lines, read_lines, writing
from tests.bench.gpu.measure import MEASURES, Setting, cap
from tests.bench.gpu.model import make_model
from tests.bench.gpu.pieces import DECODED_ROWS, LIMIT, Piece, chosen, pieces

Line = dict[str, Any]
MODELS = {"7b": "Qwen2.5-7B, random weights", "tiny": "two layers, random weights: not a measurement of Qwen2.5-7B"}


@dataclass(frozen=True)
class Bench:
    """Where results stand, and on what they are measured: results of another card or memory are others."""

    out: Path
    card: str
    size: str
    memory: float

    @property
    def results(self) -> Path:
        return self.out / "results.jsonl"

    @property
    def model(self) -> Path:
        return self.out / "work" / self.size

    def about(self, piece: Piece) -> Line:
        return {"piece": piece.name, "card": self.card, "model": MODELS[self.size], "memory_gib": self.memory}

    def lines(self) -> list[Line]:
        """The last line of each piece that was measured here."""
        rows = read_lines(self.results) if self.results.exists() else []
        mine = {row["piece"]: row for row in rows if row.items() >= self._here().items()}
        return list(mine.values())

    def _here(self) -> Line:
        return {"card": self.card, "model": MODELS[self.size], "memory_gib": self.memory}

    def is_done(self, piece: Piece) -> bool:
        """Whether there is nothing to do: a model is needed as a folder, anything else as a result."""
        if piece.kind == "model":
            return self.model.is_dir()
        return any(line["piece"] == piece.name and "failed" not in line for line in self.lines())


Measure = Callable[[Piece], subprocess.CompletedProcess[str]]


def work(bench: Bench, wanted: list[Piece], measure: Measure, minutes: float = 0.0) -> bool:
    """Measure what is missing of the wanted pieces, one after the other; returns whether none failed.

    With `minutes` no piece is begun that would probably end later than that.
    """
    begun, fine = time.monotonic(), True
    for piece in wanted:
        if bench.is_done(piece):
            continue
        left = 60 * minutes - (time.monotonic() - begun)
        if minutes and piece.seconds > left:
            print(f"{piece.name} takes about {piece.seconds} s, {max(0, left):.0f} s are left: not begun", flush=True)
            break
        print(f"{piece.name}: about {piece.seconds} s on an RTX 4090 …", flush=True)
        start = time.monotonic()
        figures = _figures(piece, measure)
        line = bench.about(piece) | {"seconds": round(time.monotonic() - start, 1)} | figures
        append_lines(bench.results, [line])
        with writing(bench.out / "table.md") as file:
            file.write(table(bench))
        print(json.dumps(line), flush=True)
        fine = fine and "failed" not in line
        if piece.kind == "model" and not bench.is_done(piece):
            break
    return fine


def _figures(piece: Piece, measure: Measure) -> Line:
    """What a piece gives; what goes wrong in it is a result too."""
    try:
        done = measure(piece)
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {LIMIT} s"}
    if done.returncode:
        return {"failed": next(iter(done.stderr.strip().splitlines()[-1:]), f"exit code {done.returncode}")}
    figures: Line = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def apart(bench: Bench, rows: int) -> Measure:
    """Measures a piece in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.gpu", "--out", str(bench.out), "--rows", str(rows),
               "--device-memory", str(bench.memory), *["--tiny"] * (bench.size == "tiny")]  # fmt: skip

    def measure(piece: Piece) -> subprocess.CompletedProcess[str]:
        call = [*command, "--measure", piece.name]
        return subprocess.run(call, capture_output=True, text=True, check=False, timeout=LIMIT)

    return measure


def here(bench: Bench, piece: Piece, rows: int) -> Line:
    """The figures of one piece, measured in this process."""
    if piece.kind == "model":
        # The card's own memory: in bf16 the model alone takes 14.2 GiB.
        make_model(bench.model, bench.size)
        return {}
    cap(bench.memory)
    return MEASURES[piece.kind](Setting(bench.model, rows), piece)


def table(bench: Bench) -> str:
    """All results of this card as Markdown."""
    by_name = {line["piece"]: line for line in bench.lines()}
    limit = f"{bench.memory:g} GiB of its memory" if bench.memory else "all of its memory"
    lines = [f"{bench.card}, {limit}; {MODELS[bench.size]}", ""]
    lines += ["| piece | tokens/s | times TRL or plain | peak GiB | predicted GiB | |", "|---|---|---|---|---|---|"]
    for name, line in by_name.items():
        if name == "model":
            continue
        base = by_name.get(_base(name), {}).get("tokens_per_second")
        rate = line.get("tokens_per_second")
        times = f"{rate / base:.2f}" if rate and base else "–"
        low, high = line.get("predicted_gib", (None, None))
        more = line.get("failed") or line.get("said") or line.get("optimizer") or ""
        if "right" in line:
            more = f"{line['right']} of {line['rows']} outputs right"
        predicted = f"{low}–{high}" if low else "–"
        lines.append(f"| {name} | {rate or '–'} | {times} | {line.get('peak_gib', '–')} | {predicted} | {more} |")
    return "\n".join(lines) + "\n"


def _base(name: str) -> str:
    """What a piece is compared with."""
    return "decode-plain" if name.startswith("decode") else f"train-trl-{name.rpartition('-')[2]}"


def show(bench: Bench, wanted: list[Piece]) -> None:
    """Print the pieces: what is there, and about what the rest takes."""
    for piece in wanted:
        print(f"{piece.name:24} {'done' if bench.is_done(piece) else f'about {piece.seconds} s'}")
    missing = sum(piece.seconds for piece in wanted if not bench.is_done(piece))
    print(f"in all about {missing / 60:.0f} minutes on an RTX 4090 (an estimate); no piece takes more than {LIMIT} s")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("gpu-bench"))
    parser.add_argument("--only", nargs="+", default=[], metavar="PIECE", help="names or patterns, such as 'decode-*'")
    parser.add_argument("--list", action="store_true", help="show the pieces, what is there, and what the rest takes")
    parser.add_argument("--minutes", type=float, default=0.0, help="begin no piece that would end later than this")
    parser.add_argument("--device-memory", type=float, default=24.0, help="GiB that a piece may use; 0: all")
    parser.add_argument("--rows", type=int, default=DECODED_ROWS, help="rows decoded")
    parser.add_argument("--tiny", action="store_true", help="a model of two layers, to try the script")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    args = arguments()
    size = "tiny" if args.tiny else "7b"
    known = pieces(size)
    if args.measure:
        bench = Bench(args.out, "", size, args.device_memory)
        piece = next(piece for piece in known if piece.name == args.measure)
        print(json.dumps(here(bench, piece, args.rows)))
        return 0
    try:
        wanted = chosen(known, args.only)
    except KeyError as error:
        print(f"no piece is called {error.args[0]}; --list shows them all", file=sys.stderr)
        return 2
    bench = Bench(args.out, _card(), size, args.device_memory)
    if args.list:
        show(bench, wanted)
        return 0
    if bench.card == "CPU" and size == "7b":
        print("there is no GPU; --tiny tries the script itself", file=sys.stderr)
        return 3
    args.out.mkdir(parents=True, exist_ok=True)
    return 0 if work(bench, wanted, apart(bench, args.rows), args.minutes) else 1


def _card() -> str:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU"


if __name__ == "__main__":
    sys.exit(main())
