"""The model card of a run: what was trained, on what, how well it does, how to load it.

In: an evaluated run. Out: Markdown with the hub's front matter. All figures come from the run's files.
"""

import json

from tailkit import __version__, dataset
from tailkit.models import NANO, chat
from tailkit.recipe import dump
from tailkit.records import RANGES
from tailkit.run.folder import RunDir
from tailkit.score import read_summaries

# vLLM pads adapters to one of these ranks (its LoRAConfig.max_lora_rank).
VLLM_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)


def write_card(run: RunDir, merged: bool = False) -> str:
    """The text of a card; `merged`: of the whole model instead of the adapter."""
    parts = [_front(run, merged), _about(run, merged), _results(run), _example(run), _loading(run, merged)]
    parts += [f"## Recipe\n\n```yaml\n{dump(run.recipe)}```", _made_with(run)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front(run: RunDir, merged: bool) -> str:
    base = run.recipe.model.name
    lines = ["---", f"library_name: {'transformers' if merged else 'peft'}", "pipeline_tag: text-generation"]
    # A folder of one's own is no name that others could follow.
    if "/" in base and not base.startswith((".", "/", "~")):
        lines += [f"base_model: {json.dumps(base)}", f"base_model_relation: {'finetune' if merged else 'adapter'}"]
    return "\n".join([*lines, "tags: [tailkit, tail, length-generalization]", "---"])


def _about(run: RunDir, merged: bool) -> str:
    model, files = run.recipe.model, dataset.read_manifest(run.data).files
    what = "merged into its base model" if merged else "a LoRA adapter"
    replay = run.recipe.data.replay
    own = files["train"].rows - sum(replay.values())
    mixed = "".join(f", and {rows:,} rows of nano's pretraining ({program})" for program, rows in replay.items())
    return (
        f"# {run.task}, {run.recipe.data.variant}\n\n"
        f"`{model.name}`{f' at {model.revision}' if model.revision else ''}, fine-tuned by tailkit {__version__} to "
        f"solve `{run.task}` by writing down the run of its algorithm step by step (TAIL, arXiv 2507.13332); {what}. "
        f"Trained on {own:,} generated examples ({run.recipe.data.mix} of S, M and L, seed "
        f"{run.recipe.data.seed}, sha256 {files['train'].sha256[:16]}){mixed} in {model.precision}."
    )


def _results(run: RunDir) -> str:
    if not run.summary.is_file():
        return ""
    lines = ["## Results", "", "Greedy decoding, pass@1 label accuracy on problems that training never saw.", ""]
    lines += ["| range | length | problems | accuracy | 95 % interval |", "|---|---|---|---|---|"]
    bounds = dataset.read_manifest(run.data).ranges
    for s in read_summaries(run.summary):
        low, high = bounds[s.range]
        interval = f"{100 * s.low:.1f}–{100 * s.high:.1f} %"
        lines.append(f"| {s.range} | {low}–{high} | {s.total} | {100 * s.accuracy:.1f} % | {interval} |")
    return "\n".join(lines)


def _example(run: RunDir) -> str:
    row = min(dataset.read_checked(run.data, f"eval-{RANGES[0]}"), key=lambda one: (len(one.completion), one.query))
    return (
        "## Prompt and completion\n\nChatML without a system turn, byte for byte:\n\n"
        f"```\n{chat.prompt(row.query)}```\n\nThe completion of this problem:\n\n"
        f"```\n{row.completion}{chat.STOP}\n```"
    )


def _loading(run: RunDir, merged: bool) -> str:
    base, rank = run.recipe.model.name, run.recipe.lora.rank
    if merged:
        return f"## Use\n\n`vllm serve FOLDER`, or transformers; generate greedily and stop at `{chat.STOP}`."
    where = "the folder `tailkit.nano.MODEL_DIR`" if base == NANO else f"`{base}`"
    lines = [
        "## Use",
        "",
        f"The base model is {where}.",
        "",
        "```python",
        "model = AutoModelForCausalLM.from_pretrained(BASE)",
        "model = PeftModel.from_pretrained(model, ADAPTER)",
        "```",
        "",
        f"vLLM: `vllm serve BASE --enable-lora --max-lora-rank {rank} --lora-modules {run.task}=ADAPTER`.",
    ]
    if rank not in VLLM_RANKS:
        lines.append(f"vLLM takes ranks {', '.join(map(str, VLLM_RANKS))}, not {rank}: export it merged.")
    return "\n".join(lines)


def _made_with(run: RunDir) -> str:
    found = run.read_json("env.json")
    versions = ", ".join(f"{name} {version}" for name, version in found["packages"].items())
    return (
        f"## Made with\n\nPython {found['python']}, {found['system']}; {versions}.\n\n"
        "It solves this one kind of problem, worded as in training; lengths beyond the table's were not measured."
    )
