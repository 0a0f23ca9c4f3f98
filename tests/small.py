"""Rows for tests in one process: addition problems, and texts that nano was pretrained on."""

import json
from functools import cache
from pathlib import Path
from random import Random

import pytest

from tailkit import pipeline, recipe, score, tasks
from tailkit.nano import MODEL_DIR
from tailkit.nano.workshop import primitives
from tailkit.records import RANGES, Example, Generation, HeldOut, Metric
from tailkit.report import figures
from tailkit.run import lines
from tailkit.run.files import whole
from tailkit.run.folder import RunDir
from tailkit.screen import note
from tests.conftest import SMALL_OVERRIDES

TASK = tasks.load("addition")
NANO = recipe.Model(name="nano", precision="fp32")


def small_model(folder: Path, family: str = "Qwen2") -> recipe.Model:
    """A small Qwen2 or Llama with nano's tokenizer and random weights, in a folder: attention alone, as big models."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = getattr(transformers, f"{family}Config")(
        hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=264, max_position_embeddings=2048, tie_word_embeddings=True,
    )  # fmt: skip
    getattr(transformers, f"{family}ForCausalLM")(config).save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(MODEL_DIR).save_pretrained(folder)
    return recipe.Model(name=str(folder), precision="fp32")


@cache
def example(seed: int, n: int = 3) -> Example:
    """An addition problem of length n with its core trace."""
    problem = TASK.problem(Random(seed), "S", (n, n))
    text = TASK.trace(TASK.record(problem), problem, "tail").text
    data = json.dumps(problem.data)
    return Example("addition", "", 1, "S", n, "eval", "tail", problem.key, problem.query, text, problem.answer, data)


@cache
def known(seed: int, size: int) -> Example:
    """A short text of nano's pretraining, which it completes the better the smaller it is."""
    rng = Random(seed)
    prompt, completion = rng.choice(primitives.PRIMITIVES[1:])[0](rng, size)
    return Example("addition", "", 1, "S", size, "eval", "tail", str(seed), prompt, completion, "", "{}")


def draw_nothing(patch: pytest.MonkeyPatch) -> None:
    """Have reports write figures of a few bytes: drawing them takes most of the time of a report."""

    def png(_: object, path: Path) -> None:
        with whole(path) as temporary:
            temporary.write_bytes(b"a figure " * 20)

    for name in ("accuracy", "loss", "first_wrong"):
        patch.setattr(figures, name, lambda _: None)
    patch.setattr(figures, "png", png)
    patch.setattr(figures, "svg", lambda _, title: f"<svg>{title}</svg>")


ADAPTER = ("adapter/adapter_model.safetensors", "adapter/adapter_config.json")


def finished_run(folder: Path, *overrides: str, right: int = 6) -> RunDir:
    """A finished run made without training: adapter and figures hold a few bytes, `right` rows a range are gold."""
    chosen = recipe.load("nano", [*SMALL_OVERRIDES, *overrides], task="addition")
    run = RunDir.create(folder, "addition", chosen)
    pipeline.make_data(run, 1)
    with pipeline.training_stage(run).making():
        run.adapter.mkdir()
        for name in ADAPTER:
            (folder / name).write_text(f"{name} " * 20)
        lines.write(run.held_out, [HeldOut(-0.1, [1, 2])] * 6)
        lines.append(run.metrics, [Metric(step, 0.5, 1e-3, 9, 9) for step in (1, 2)])
    with pipeline.evaluation_stage(run).making():
        scores = []
        for name, examples in run.evaluation_sets().items():
            texts = [one.completion if i < right else "no" for i, one in enumerate(examples)]
            made = [Generation(name, i, text, 9, cut=False) for i, text in enumerate(texts)]
            lines.append(run.generations(name), made)
            scores += [score.judge(TASK, examples[one.index], one) for one in made]
        pipeline.write_scores(run.path, scores, dict.fromkeys(RANGES, 6))
    with run.at_work(), pytest.MonkeyPatch.context() as patch:
        draw_nothing(patch)
        pipeline.report(run)
        note("reported")
    return run
