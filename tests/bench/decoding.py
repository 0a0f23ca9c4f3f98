"""How much faster draft-verified decoding is than plain batched generation, on a trained run.

    python -m tests.bench.decoding runs/addition-nano-tail

For each range both decode the same rows with the same model, one after the other, twice in turn;
the better time of each counts. The outputs are compared token for token.
"""

import argparse
import tempfile
import time
from pathlib import Path

from tailkit import decode, pipeline
from tailkit.models import Loaded
from tailkit.records import Example, Generation
from tailkit.run.folder import RunDir

ROUNDS = 2


def timed(loaded: Loaded, run: RunDir, method: str, name: str, rows: list[Example]) -> tuple[float, list[Generation]]:
    """Seconds and generations of one method on one range."""
    with tempfile.TemporaryDirectory() as folder:
        recipe = run.recipe.model_copy(update={"decode": run.recipe.decode.model_copy(update={"method": method})})
        begun = time.perf_counter()
        found = decode.decode(loaded, RunDir(Path(folder), run.task, recipe), name, rows, lambda _: "")
        return time.perf_counter() - begun, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--rows", type=int, help="only the first rows of each range")
    args = parser.parse_args()
    run = RunDir.open(args.run)
    loaded = decode.load(run)
    lines = []
    for name, rows in pipeline.evaluation_sets(run).items():
        times: dict[str, list[float]] = {"plain": [], "verified": []}
        found: dict[str, list[Generation]] = {}
        for _ in range(ROUNDS):
            for method, seconds in times.items():
                took, found[method] = timed(loaded, run, method, name, rows[: args.rows])
                seconds.append(took)
        plain, verified = (min(seconds) for seconds in times.values())
        pairs = list(zip(found["plain"], found["verified"], strict=True))
        same = sum((a.text, a.tokens, a.cut) == (b.text, b.tokens, b.cut) for a, b in pairs)
        gold = sum(a.text == row.completion for (a, _), row in zip(pairs, rows, strict=False))
        lines.append(
            f"{name}: {100 * gold / len(pairs):5.1f} % reproduced, plain {plain:6.1f} s, verified {verified:6.1f} s, "
            f"{plain / verified:4.1f} times as fast, {same} of {len(pairs)} outputs the same"
        )
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()
