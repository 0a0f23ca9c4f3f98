"""How much faster draft-verified decoding is than plain batched generation, on a trained run.

    python -m tests.bench.decoding runs/addition-nano-tail

For each range both decode the same rows with the same model, one after the other, twice in turn;
the better time of each counts. The outputs are compared token for token.

    python -m tests.bench.decoding --attention [--rows 16] [--tokens 64]

Without a run: plain decoding with transformers' own attention, and with that of evaluation, which keeps
the heads of the cache (`tailkit/decode/grouped.py`), on blocks that have the heads of Qwen2.5-7B and random weights.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from transformers import GenerationConfig

from tailkit import decode, recipe
from tailkit.decode.grouped import NAME, keep_groups
from tailkit.decode.plain import Plain
from tailkit.decode.protocol import Job
from tailkit.decode.rows import Row
from tailkit.models import Loaded, load_codec
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


def heads_of_the_cache(rows: int, tokens: int) -> str:
    """How long `rows` rows of `tokens` new tokens take with either attention, in turn, and whether the tokens agree."""
    loaded = blocks_of_7b()
    own = list(range(3, 3 + tokens))
    # Prompts of unlike length, so that there is padding.
    work = [Row(index, own[: 8 + 3 * (index % 8)], own, tokens) for index in range(rows)]
    times: dict[str, list[float]] = {"sdpa": [], NAME: []}
    made: dict[str, list[list[int]]] = {}
    keep_groups(loaded.model)
    for _ in range(ROUNDS):
        for name, seconds in times.items():
            loaded.model.set_attn_implementation(name)
            begun = time.perf_counter()
            made[name] = Plain(Job(loaded, "S", rows)).new_ids(work)
            seconds.append(time.perf_counter() - begun)
    theirs, ours = (min(seconds) for seconds in times.values())
    same = sum(a == b for a, b in zip(*made.values(), strict=True))
    return (
        f"{rows} rows of {tokens} tokens, 28 heads over 4: transformers' attention {theirs:.2f} s, that of evaluation "
        f"{ours:.2f} s, {theirs / ours:.2f} times as fast, {same} of {rows} outputs the same"
    )


def blocks_of_7b() -> Loaded:
    """Two blocks with the attention of Qwen2.5-7B, narrow otherwise; the stop token never comes."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        hidden_size=256, intermediate_size=256, num_hidden_layers=2, num_attention_heads=28, num_key_value_heads=4,
        head_dim=128, vocab_size=4096, max_position_embeddings=32768,  # type: ignore[call-arg]
    )  # fmt: skip
    model = Qwen2ForCausalLM(config).eval().to("cuda" if torch.cuda.is_available() else "cpu")
    model.generation_config = GenerationConfig()
    codec = load_codec(recipe.Model(name="nano"))
    return Loaded(model, replace(codec, stop_id=4095), "random")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, help="only the first rows of each range")
    parser.add_argument("--attention", action="store_true", help="compare attentions, without a run")
    parser.add_argument("--tokens", type=int, default=64, help="new tokens of a row, with --attention")
    args = parser.parse_args()
    if args.attention:
        print(heads_of_the_cache(args.rows or 16, args.tokens))
        return
    if args.run is None:
        parser.error("name a run, or take --attention")
    methods(RunDir.open(args.run), args.rows)


def methods(run: RunDir, most: int | None) -> None:
    """Compare plain and verified decoding on the ranges of a run."""
    loaded = decode.load(run)
    lines = []
    for name, rows in run.evaluation_sets().items():
        times: dict[str, list[float]] = {"plain": [], "verified": []}
        found: dict[str, list[Generation]] = {}
        for _ in range(ROUNDS):
            for method, seconds in times.items():
                took, found[method] = timed(loaded, run, method, name, rows[:most])
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
