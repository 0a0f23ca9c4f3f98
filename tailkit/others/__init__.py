"""Other people's models on a run's problems: their saved generations, or an endpoint that is asked.

In: a run folder with evaluation sets. Out: `others/NAME/` with `scores.jsonl` and `summary.json`, which the
report, comparisons and studies show beside the run's own; of an endpoint also its replies, and what they took.
"""

import re
import shlex
from pathlib import Path

from tailkit import pipeline, score, tasks
from tailkit.errors import TailkitError, UsageError, quoted
from tailkit.models import tokens
from tailkit.others import asking
from tailkit.others.asking import Limits
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
    twice, for a file of another run, and for other generations than those that were scored under this
    name (unless `again`).
    """
    folder = _folder(run, name)
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
    if nothing is answered, and where there are other scores under this name (unless `again`).
    """
    folder, problem = _folder(run, name), None
    replies = folder / asking.REPLIES
    stage = _asking_stage(run, endpoint, name)
    if (folder / SUMMARY).exists() and not replies.exists() and not again:
        raise UsageError(
            f"{folder} holds the scores of another model or file", "Choose another --name, or put --again for this one."
        )
    sets, count = run.evaluation_sets(), tokens.estimating(run.recipe.model.name)
    if is_asking := stage.is_needed(again):
        try:
            with stage.making():
                asking.ask(endpoint, sets, folder, limits, count)
        except TailkitError as error:
            problem = error
        if problem is not None and not asking.replied(folder):
            raise problem
    replied = asking.replied(folder)
    mean = sum(kept.seconds for kept in replied) / len(replied)
    used = asking.used_in(folder, count)
    tokens_in, tokens_out, cost = used.prompt, used.reply, used.cost(limits)
    # A call that asks nothing may have no prices, and changes nothing.
    if is_asking or not (folder / CALLS).exists():
        made = Calls(replies=len(replied), seconds=mean, tokens_in=tokens_in, tokens_out=tokens_out, cost=cost)
        made.write(folder / CALLS)
    spoken = used.spoken(limits)
    note(f"{endpoint.model}: {len(replied):,} replies, {mean:.1f} s each on the mean; all calls together {spoken}")
    return score_generations(run, replies, name, again=True), problem


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
