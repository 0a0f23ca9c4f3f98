"""The commands about machines: what this one has, and what a run would take."""

from dataclasses import asdict
from math import isfinite
from typing import Annotated

import typer

from tailkit import recipe
from tailkit.arithmetic import card, host
from tailkit.arithmetic.speed import CHIPS, named
from tailkit.cli.options import (
    AllowHidden,
    AsJson,
    Offline,
    Overrides,
    RecipeName,
    TaskName,
    TasksFrom,
    WithSource,
    app,
    choice,
    default_recipe,
    print_json,
    settings_of,
)
from tailkit.errors import DoesNotFit, EnvironmentMissing, UsageError
from tailkit.screen import note, out

Gpu = Annotated[str | None, choice("--gpu", CHIPS, "Plan for this card, whatever is here.")]
GpuMemory = Annotated[
    float | None,
    typer.Option(
        "--gpu-memory",
        min=0.5,
        help="Plan for any GPU of so many GiB (default: the one that is here; without one that which the recipe is "
        "for; nano: this CPU).",
    ),
]
Speed = Annotated[
    float | None, typer.Option("--tokens-per-second", min=1, help="Speed of training (default: what is known).")
]


@app.command()
def plan(
    task: TaskName,
    overrides: Overrides = None,
    recipe_name: RecipeName = None,
    gpu: Gpu = None,
    gpu_memory: GpuMemory = None,
    speed: Speed = None,
    as_json: AsJson = False,
    offline: Offline = False,
    tasks_from: TasksFrom = None,
    with_source: WithSource = False,
    allow_hidden: AllowHidden = False,
) -> None:
    """What a run would take, before any download: tokens, steps, memory, disk, hours; exit 4 if it does not fit.

    Examples: [bold]tailkit plan addition[/bold] · tailkit plan addition --gpu "RTX 3060" ·
    tailkit plan lcs --recipe paper --gpu-memory 16 lora.rank=8
    """
    from tailkit import dataset, hardware
    from tailkit.cli import display

    for name, number in (("--gpu-memory", gpu_memory), ("--tokens-per-second", speed)):
        if number is not None and not isfinite(number):
            raise UsageError(f"{name} {number} is no size", "Write a number, such as 24.")
    asked = [*(overrides or []), *settings_of(task, with_source, allow_hidden)]
    reading = card.Reading(named(gpu, gpu_memory)) if gpu else card.read()
    name = recipe_name or default_recipe(task, asked, reading, gpu_memory)
    chosen = recipe.load(name, asked, task=task)
    here, size = (None, gpu_memory) if gpu_memory else hardware.planned_for(name, chosen, reading.card)
    if gpu:
        here, size = reading.card, None
    found = hardware.make(task, chosen, dataset.rows_of(task, chosen), size, speed, card=here)
    if as_json:
        print_json(asdict(found))
    else:
        for line in display.plan_lines(found):
            out.print(line)
    if gpu or gpu_memory or chosen.model.name == recipe.NANO:
        reading = card.Reading()
    elif size:
        what = reading.problem or host.why_no_gpu()
        note(f"note: {what}; this is for a GPU of {size:g} GB, --gpu NAME or --gpu-memory GB for another")
    for error in hardware.hindrances(found, reading):
        note(f"note: {error.hint if error.message == reading.problem else f'{error.message}. {error.hint}'}")
    if found.verdict == "does not fit":
        hint = "\n".join(["Try, the most effective first:", *found.advice])
        raise DoesNotFit(f"{task} with {name} does not fit: {'; '.join(found.reasons)}", hint)


@app.command()
def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Only look; try nothing out.")] = False,
    as_json: AsJson = False,
    offline: Offline = False,
) -> None:
    """Check versions, model, memory, disk, GPU, 4-bit products, Unsloth and the hub; exit 3 with the repair.

    Example: [bold]tailkit doctor[/bold]
    """
    from tailkit.hardware import examine, verdict
    from tailkit.train.one_step import step

    findings = []
    for finding in examine(step, quick=quick, offline=offline):
        findings.append(finding)
        if not as_json:
            mark = "ok " if finding.ok else "BAD"
            out.print(f"{mark} {finding.what}: {finding.value} {finding.repair}")
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        out.print(verdict(findings), soft_wrap=True)
    bad = [finding for finding in findings if not finding.ok]
    if bad:
        raise EnvironmentMissing(f"{bad[0].what}: {bad[0].value}", bad[0].repair)
