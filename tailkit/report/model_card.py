"""The model card of a run: what was trained, how well it does, how to load it, what it was trained on.

In: a run, evaluated or not. Out: Markdown with the hub's front matter. All figures come from the run's files;
of a local path only the last part is told.
"""

import re
from pathlib import Path

from tailkit import __version__, dataset, tasks
from tailkit.models import NANO, chat, tokens
from tailkit.models.chat import ChatFormat
from tailkit.recipe import Recipe, as_yaml, dump
from tailkit.records import RANGES, Example
from tailkit.report import words
from tailkit.report.escape import code, fenced, inline
from tailkit.report.headline import headline, training_set
from tailkit.report.markdown import grid
from tailkit.report.tables import Grid
from tailkit.run.folder import RunDir
from tailkit.run.manifest import EVALUATIONS
from tailkit.score import Summary, read_summaries

# vLLM pads adapters to one of these ranks (its LoRAConfig.max_lora_rank).
VLLM_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
LIMITS = "It solves this one kind of problem, worded as in training; lengths beyond the table's were not measured."


def write_card(run: RunDir, merged: bool = False) -> str:
    """The text of a card; `merged`: of the whole model instead of the adapter."""
    summaries = read_summaries(run.summary) if run.summary.is_file() else []
    example = min(run.evaluation_set(RANGES[0]), key=lambda row: (len(row.completion), row.query))
    parts = [
        _front(run, summaries, merged),
        *_about(run, summaries, merged),
        *_results(run, summaries),
        *_use(run, example, merged),
        *_training(run),
    ]
    return "\n\n".join(parts) + "\n"


def _front(run: RunDir, summaries: list[Summary], merged: bool) -> str:
    """What the hub reads."""
    base = run.recipe.model.name
    front: dict[str, object] = {"library_name": "transformers" if merged else "peft", "pipeline_tag": "text-generation"}
    if _is_on_hub(base):
        front |= {"base_model": base, "base_model_relation": "finetune" if merged else "adapter"}
    front["tags"] = ["tailkit", "tail", "length-generalization"]
    if summaries:
        front["model-index"] = [{"name": _title(run), "results": [_result(run, summary) for summary in summaries]}]
    return f"---\n{as_yaml(front)}---"


def _result(run: RunDir, summary: Summary) -> dict[str, object]:
    bounds = dataset.read_manifest(run.data).ranges[summary.range]
    problems = words.problems(tasks.load(run.task).nouns, bounds)
    return {
        "task": {"type": "text-generation"},
        "dataset": {"name": f"{run.task}: {summary.total} {problems}", "type": "tailkit"},
        "metrics": [{"type": "accuracy", "name": "pass@1", "value": round(100 * summary.accuracy, 1)}],
    }


def _title(run: RunDir) -> str:
    return f"{run.task}, {run.recipe.data.variant}"


def _is_on_hub(name: str) -> bool:
    """Whether a model's name is one that others can follow, not a folder of one's own."""
    return re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name) is not None and not Path(name).exists()


def _base(recipe: Recipe) -> str:
    """The base model as others can know it."""
    name = recipe.model.name
    return name if _is_on_hub(name) else Path(name).name


def _about(run: RunDir, summaries: list[Summary], merged: bool) -> list[str]:
    model, task = run.recipe.model, tasks.load(run.task)
    lines = [f"# {inline(_title(run))}"]
    if summaries:
        lines.append(f"**{inline(headline(task, run.recipe, dataset.read_manifest(run.data), summaries))}.**")
    revision = f" at {code(model.revision)}" if model.revision else ""
    lines.append(
        f"{code(_base(run.recipe))}{revision}, fine-tuned by tailkit {__version__} to solve {code(run.task)} "
        f"({inline(task.about)}) by writing down the run of its algorithm step by step (TAIL, arXiv 2507.13332); "
        f"{'merged into its base model' if merged else 'a LoRA adapter'}. {LIMITS}"
    )
    return lines


def _results(run: RunDir, summaries: list[Summary]) -> list[str]:
    if not summaries:
        return []
    manifest = dataset.read_manifest(run.data)
    rows = [
        [
            summary.range,
            words.span(manifest.ranges[summary.range]),
            f"{summary.total:,}",
            f"{words.percent(summary.accuracy)} %",
            f"{words.interval(summary.low, summary.high)} %",
        ]
        for summary in summaries
    ]
    head = ["range", words.axis(tasks.load(run.task).nouns), "problems", "accuracy", "95 % interval"]
    held_out = "none of which was trained on" if not manifest.overlap else "some of which were trained on (see below)"
    return [
        "## Results",
        f"Greedy decoding, one answer for each problem (pass@1), right by its final answer; new problems, {held_out}.",
        grid(Grid(head, rows)),
    ]


def _use(run: RunDir, example: Example, merged: bool) -> list[str]:
    """How to load it, with the prompt byte for byte."""
    known = (run.adapter / "tokenizer.json").is_file()
    form = tokens.chat_format(str(run.adapter)) if known else chat.default()
    files = dataset.read_manifest(run.data).files
    longest = max(files[name].bytes_max for name in EVALUATIONS)
    return [
        "## Use",
        f"The prompt is {form.title}. Generate greedily and stop at {code(form.stop)}.",
        fenced(_program(run.recipe, form, example, longest, merged), "python"),
        *([] if merged else [_served(run)]),
        "The right completion of this problem:",
        fenced(example.completion + form.stop),
    ]


def _program(recipe: Recipe, form: ChatFormat, example: Example, longest: int, merged: bool) -> str:
    """Python that answers one question."""
    revision = f", revision={recipe.model.revision!r}" if recipe.model.revision else ""
    base = "tailkit.nano.MODEL_DIR" if recipe.model.name == NANO else repr(_base(recipe))
    lines = [
        *([] if merged or recipe.model.name != NANO else ["import tailkit.nano"]),
        *([] if merged else ["from peft import PeftModel"]),
        "from transformers import AutoModelForCausalLM, AutoTokenizer",
        "",
        f"BASE = {'FOLDER' if merged else base}" + ("  # this folder" if merged else ""),
        f"prompt = {form.prompt(example.query)!r}",
        f"tokenizer = AutoTokenizer.from_pretrained(BASE{'' if merged else revision})",
        f"model = AutoModelForCausalLM.from_pretrained(BASE{'' if merged else revision})",
        *([] if merged else ["model = PeftModel.from_pretrained(model, ADAPTER)  # this folder"]),
        'inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=False).to(model.device)',
        f"stop = tokenizer.convert_tokens_to_ids({form.stop!r})",
        f"made = model.generate(**inputs, do_sample=False, max_new_tokens={longest}, eos_token_id=stop)",
        'print(tokenizer.decode(made[0, inputs["input_ids"].shape[1] :]))',
    ]
    return "\n".join(lines)


def _served(run: RunDir) -> str:
    rank = run.recipe.lora.rank
    if rank not in VLLM_RANKS:
        return f"vLLM takes ranks {', '.join(map(str, VLLM_RANKS))}, not {rank}: export it merged."
    command = f"vllm serve BASE --enable-lora --max-lora-rank {rank} --lora-modules {run.task}=ADAPTER"
    return f"With vLLM: {code(command)}."


def _training(run: RunDir) -> list[str]:
    """What it was trained on and with; the recipe without paths of the machine."""
    manifest, recipe, made = dataset.read_manifest(run.data), run.recipe, run.made_with
    model = recipe.model.model_copy(update={"name": _base(recipe)})
    data = recipe.data
    if data.completions:
        data = data.model_copy(update={"completions": Path(data.completions).name})
    data = data.model_copy(update={"replay": {Path(source).name: rows for source, rows in data.replay.items()}})
    digest = manifest.files["train"].sha256[:16]
    return [
        "## Training",
        f"{inline(training_set(manifest))} Seed {manifest.seed}, sha256 {digest}, in {recipe.model.precision}.",
        *(f"{inline(shortage)}." for shortage in manifest.shortages),
        f"Made with {inline('; '.join(made))}.",
        fenced(dump(recipe.model_copy(update={"model": model, "data": data})), "yaml"),
    ]
