"""Other people's models on a run's problems: their saved generations, or an endpoint that is asked.

In: a run folder with evaluation sets. Out: `others/NAME/` with `scores.jsonl` and `summary.json`, which the
report, comparisons and studies show beside the run's own; of an endpoint also its replies, and what they took.
"""

import re
import shlex
from contextlib import suppress
from pathlib import Path

from tailkit import pipeline, score, tasks
from tailkit.errors import TailkitError, UsageError, quoted
from tailkit.models import tokens
from tailkit.others import asking
from tailkit.others.asking import Limits, Used
from tailkit.others.endpoint import Endpoint
from tailkit.others.generations import generations_from
from tailkit.records import RANGES
from tailkit.run import files
from tailkit.run.folder import SCORES, SUMMARY, RunDir
from tailkit.run.kept import CALLS, Calls
from tailkit.run.stages import Stage
from tailkit.screen import note

LONGEST_NAME = 200
"""Bytes of a folder's name; markers and temporary files have longer ones."""


def score_generations(run: RunDir, path: Path, name: str, again: bool = False) -> list[score.Summary]:
    """Score another model's saved generations for a run's evaluation sets, into `others/NAME/`.

    Returns the summaries of the ranges that the file has; rows that are missing are told, and do not count.
    Raises `UsageError`, before anything is written, for a line with a wrong or missing field, for a row
    twice, for a file of another run, for the name of an endpoint that was asked, and for other generations
    than those that were scored under this name (unless `again`).
    """
    folder = _folder(run, name)
    if _is_asked(folder) and path != folder / asking.REPLIES:
        raise UsageError(f"{folder} holds the replies of an endpoint", "Choose another --name.")
    task, sets = tasks.load(run.task), run.evaluation_sets()
    generations = generations_from(path, sets, tokens.estimating(run.recipe.model.name))
    stage = _stage(run, path, name)
    if stage.is_needed(again):
        scores = [score.judge_answer(task, sets[made.range][made.index], made) for made in generations]
        sizes = {made: len(sets[made]) for made in RANGES if any(one.range == made for one in scores)}
        with stage.making():
            pipeline.write_scores(folder, scores, sizes)
    return score.read_summaries(folder / SUMMARY)


def ask(
    run: RunDir, endpoint: Endpoint, limits: Limits, name: str, again: bool = False
) -> tuple[list[score.Summary], TailkitError | None]:
    """Ask an endpoint a run's evaluation sets, and score its replies; rows that have a reply are not asked again.

    Returns the summaries of what is answered, and why that is not all, if it is not. Raises `TailkitError`
    if nothing is answered, where the scores of a file are under this name, and where replies of other settings are
    (unless `again`).
    """
    folder, problem = _folder(run, name), None
    stage = _asking_stage(run, endpoint, name)
    if (folder / SUMMARY).exists() and not _is_asked(folder):
        raise UsageError(f"{folder} holds the scores of a file", "Choose another --name.")
    sets, count = run.evaluation_sets(), tokens.estimating(run.recipe.model.name)
    if is_asking := stage.is_needed(again):
        try:
            with stage.making():
                asking.ask(endpoint, sets, folder, limits, count)
        except TailkitError as error:
            problem = error
        if problem is not None and not asking.replied(folder):
            raise problem
    elif again:
        note(f"{folder}: every row has its reply, so none was asked; another --name asks anew")
    try:
        _tell(endpoint, folder, limits, asking.used_in(folder, count), is_asking)
        return score_generations(run, folder / asking.REPLIES, name, again=True), problem
    except TailkitError as error:
        # Where the disk is full, what stopped the asking is to be said.
        raise problem or error from None


def _is_asked(folder: Path) -> bool:
    """Whether what is in a folder came from an endpoint, not from a file."""
    return (folder / asking.REPLIES).exists() or (folder / CALLS).exists()


def _tell(endpoint: Endpoint, folder: Path, limits: Limits, used: Used, is_asking: bool) -> None:
    """Say, and keep, what all calls together took."""
    replied = asking.replied(folder)
    mean, cost = sum(one.seconds for one in replied) / len(replied), used.cost(limits)
    made = Calls(replies=len(replied), seconds=mean, tokens_in=used.prompt, tokens_out=used.reply, cost=cost)
    kept = None
    if not is_asking:
        with suppress(TailkitError):
            kept = Calls.read(folder / CALLS)
    # A call that asks nothing may have no prices, and changes nothing.
    if kept is None or kept.model_copy(update={"cost": cost}) != made:
        made.write(folder / CALLS)
    spoken = used.spoken(limits)
    note(f"{endpoint.model}: {len(replied):,} replies, {mean:.1f} s each on the mean; all calls together {spoken}")


def _folder(run: RunDir, name: str) -> Path:
    if not re.fullmatch(r"\w[\w.-]*", name) or len(name.encode()) > LONGEST_NAME:
        raise UsageError(
            f"{quoted(name, 80)} cannot name a folder",
            f"Take letters, digits, dots and dashes, {LONGEST_NAME} bytes at most: --name MODEL.",
        )
    return run.others / name


def folder_name(model: str) -> str:
    """A model's name as a folder's: Qwen/Qwen2.5-7B → Qwen-Qwen2.5-7B."""
    return re.sub(r"[^\w.-]+", "-", model).strip(".-").encode()[:80].decode(errors="ignore") or "model"


def _stage(run: RunDir, path: Path, name: str) -> Stage:
    """`others/NAME/`: made from a file of generations and the evaluation sets."""
    folder = run.others / name
    return Stage(
        run.path,
        f"others/{name}",
        inputs={"generations": files.file_digest(path), **run.evaluation_digests()},
        outputs=(folder / SCORES, folder / SUMMARY),
        command=shlex.join(["tailkit", "eval", str(run.path), "--generations", str(path), "--name", name]),
    )


def _asking_stage(run: RunDir, endpoint: Endpoint, name: str) -> Stage:
    """The replies of an endpoint: made from its model and the evaluation sets. Where it stands is no matter."""
    folder, model = run.others / name, endpoint.model
    asked = ["--endpoint", endpoint.url, "--model", model, "--name", name, "--max-tokens", str(endpoint.most_tokens)]
    return Stage(
        run.path,
        f"others/{name}/replies",
        inputs={"--model": model, "--max-tokens": endpoint.most_tokens, **run.evaluation_digests()},
        outputs=(folder / asking.REPLIES,),
        command=shlex.join(["tailkit", "eval", str(run.path), *asked]),
        extras=(folder / asking.UNANSWERED,),
    )
