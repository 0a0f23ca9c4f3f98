"""A run that is killed at any moment goes on to the outputs of an unbroken one, byte for byte.

The fast tests kill a run at every seam of its files (each flush, rename and removal), with training and
generation replaced by ones that write files alike; the slow ones kill, interrupt and terminate whole runs.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tailkit import dataset, decode, pipeline, recipe
from tailkit.records import RANGES, Example, Generation, Metric
from tailkit.run import lines
from tailkit.run.files import clear, whole, writing
from tailkit.run.folder import RunDir
from tailkit.screen import settings
from tailkit.train.checkpoints import last_checkpoint, seal, step_of
from tests import ready
from tests.conftest import SMALL, SMALL_OVERRIDES

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process that was forked")
SEAMS = [(os, name) for name in ("replace", "rename", "fsync", "unlink", "rmdir", "mkdir", "open")]
FAST = 12
"""Seams that the fast test tries, spread over the whole run; the slow one tries them all."""


def train(run: RunDir) -> None:
    """What training does to a folder: sealed checkpoints, metrics, then adapter and held-out figures."""
    begun = step_of(last_checkpoint(run.checkpoints))
    with writing(run.metrics) as file:
        file.writelines(f'{{"step": {step}, "loss": 0.5, "learning_rate": 0.1, "tokens": 9, "tokens_per_second": 9}}\n'
                        for step in range(1, begun + 1))  # fmt: skip
    for step in range(begun + 1, 5):
        lines.append(run.metrics, [Metric(step, 0.5, 0.1, 9, 9)])
        if step % 2 == 0:
            folder = run.checkpoints / f"checkpoint-{step}"
            clear(folder)
            folder.mkdir(parents=True)
            (folder / "optimizer.pt").write_text(f"state of step {step}")
            seal(folder)
    with whole(run.adapter) as temporary:
        temporary.mkdir()
        (temporary / "adapter_model.safetensors").write_text("weights")
        (temporary / "adapter_config.json").write_text("{}")
    with writing(run.held_out) as file:
        file.write('{"logprob": -0.1, "best": [1]}\n')


def generate(_: Any, run: RunDir, name: str, examples: list[Example], judge: Callable[[list[Generation]], str]) -> None:
    """What decoding does: generations, two at a time, each once."""
    done = lines.read_generations(run.generations(name), name, len(examples))
    for index in range(0, len(examples), 2):
        batch = [Generation(name, i, examples[i].completion, 9, cut=False) for i in range(index, index + 2)]
        lines.append(run.generations(name), [one for one in batch if one.index not in done])
        judge(batch)


def work(folder: Path) -> None:
    run = RunDir.create(
        folder, "addition", recipe.load("nano", [*SMALL_OVERRIDES, "data.train=16", "data.eval=4"], task="addition")
    )
    with run.at_work():
        pipeline.run_all(run, 1)


@pytest.fixture
def stubs(blank_figures: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "run_apart", lambda _, path: train(RunDir.open(path)))
    monkeypatch.setattr(decode, "load_engine", lambda run: None)
    monkeypatch.setattr(decode, "check_reloaded", lambda *_: None)
    monkeypatch.setattr(decode, "decode", generate)


def test_a_run_at_work_tells_how_long_all_of_it_takes(
    stubs: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float | None] = []

    def telling(act: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*given: Any) -> Any:
            told.append(settings().after)
            return act(*given)

        return wrapper

    monkeypatch.setattr(pipeline, "run_apart", telling(pipeline.run_apart))
    monkeypatch.setattr(decode, "decode", telling(decode.decode))
    work(tmp_path / "run")
    facts = dataset.read_manifest(tmp_path / "run" / "data").files
    size = {name: each.rows * each.bytes_mean for name, each in facts.items()}
    small, medium, large = (size[f"eval-{name}"] for name in RANGES)
    # The recipe has two epochs.
    trained = 2 * size["train"]
    assert told == pytest.approx([(small + medium + large) / trained, (medium + large) / small, large / medium, 0])


def in_a_fork(act: Callable[[], None]) -> int:
    """The exit status of an act in a forked process: 0, minus a signal's number, or 1 for an error."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            act()
            code = 0
        except BaseException as error:  # noqa: BLE001 - the fork must never come back into pytest
            print(repr(error), file=sys.stderr)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(seam: int, folder: Path, tell: Path | None = None) -> None:
    """Work, and be killed just before the given call of the file system; `tell` gets how many there were."""
    count = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == seam:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return wrapper

    for module, name in SEAMS:
        setattr(module, name, counted(getattr(module, name)))
    work(folder)
    if tell is not None:
        tell.write_text(str(count))


def outputs(folder: Path) -> dict[str, bytes]:
    """All that must be the same; times stand in the report, the markers and the log."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): re.sub(rb"Times.*|[\d.,]+ s\b", b"", path.read_bytes())
        for path in files
        if path.name not in ("run.log", "env.json", "report.html") and ".stages" not in path.parts
    }


@pytest.fixture
def unbroken(stubs: None, tmp_path: Path) -> tuple[dict[str, bytes], int]:
    work(tmp_path / "first")  # What its libraries load is there in every fork.
    assert in_a_fork(lambda: killed_at(0, tmp_path / "unbroken", tmp_path / "seams")) == 0
    return outputs(tmp_path / "unbroken"), int((tmp_path / "seams").read_text())


def try_seams(seams: list[int], wanted: dict[str, bytes], tmp_path: Path) -> None:
    for seam in seams:
        folder = tmp_path / str(seam)
        assert in_a_fork(lambda seam=seam, folder=folder: killed_at(seam, folder)) == -signal.SIGKILL  # type: ignore[misc]
        assert in_a_fork(lambda folder=folder: work(folder)) == 0, f"stuck after a kill at seam {seam}"  # type: ignore[misc]
        assert outputs(folder) == wanted, f"other outputs after a kill at seam {seam}"
        assert not list(folder.rglob("*.tmp")), f"leftovers after a kill at seam {seam}"


@needs_fork
def test_killed_at_a_sample_of_its_seams_a_run_goes_on(unbroken: tuple[dict[str, bytes], int], tmp_path: Path) -> None:
    wanted, count = unbroken
    try_seams([count * (2 * part + 1) // (2 * FAST) for part in range(FAST)], wanted, tmp_path)


@needs_fork
@pytest.mark.slow
def test_killed_at_every_seam_a_run_goes_on(unbroken: tuple[dict[str, bytes], int], tmp_path: Path) -> None:
    wanted, count = unbroken
    try_seams(list(range(1, count + 1)), wanted, tmp_path)


@needs_fork
def test_killed_twice_in_a_row_a_run_goes_on(unbroken: tuple[dict[str, bytes], int], tmp_path: Path) -> None:
    wanted, count = unbroken
    for seed in range(2):
        folder, rng = tmp_path / f"twice-{seed}", Random(seed)
        for _ in range(3):
            seam = rng.randint(1, count)
            in_a_fork(lambda folder=folder, seam=seam: killed_at(seam, folder))  # type: ignore[misc]
        assert in_a_fork(lambda folder=folder: work(folder)) == 0  # type: ignore[misc]
        assert outputs(folder) == wanted


REAL_KILLS = int(os.environ.get("TAILKIT_KILLS", "200"))
"""Kills of whole runs that the slow test makes, and a fifth as many of other signals."""
IN_A_ROW = 5
"""A run is let end after so many."""
SHORT = [f"{key}={value}" for key, value in {**SMALL, "data.train": 12, "data.eval": 3}.items()]


def real_outputs(folder: Path) -> dict[str, bytes]:
    """What must be the same after a kill; metrics without their speed."""
    found = outputs(folder)
    found["train.jsonl"] = re.sub(rb'"tokens_per_second": \d+', b"", found["train.jsonl"])
    return {name: text for name, text in found.items() if name not in ("report.md", "adapter/README.md")}


def run_of(folder: Path) -> ready.Started:
    """A whole run in a process of its own, which trains in another."""
    command = ["run", "addition", "--recipe", "nano", *SHORT, "--workers", "1", "--out", str(folder)]
    return ready.start(command, folder.parent, {**os.environ, "COLUMNS": "120"})


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    folder = tmp_path_factory.mktemp("whole")
    run_of(folder / "first").wait()  # loads what libraries load late
    begun = time.monotonic()
    assert run_of(folder / "run").wait().returncode == 0
    return folder / "run", time.monotonic() - begun


def stop(run: ready.Started, number: int, when: Callable[[], bool]) -> subprocess.CompletedProcess[str]:
    """Send a signal when it is time, unless the run has ended before."""
    while not run.has_ended() and not when():
        time.sleep(0.002)
    run.send(number)
    return run.wait()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_whole_run_stopped_at_any_time_goes_on(whole_run: tuple[Path, float], tmp_path: Path, number: int) -> None:
    wanted, seconds = whole_run
    paths = sorted(path.relative_to(wanted) for path in wanted.rglob("*"))
    rng, kills, wished = Random(number), 0, REAL_KILLS if number == signal.SIGKILL else REAL_KILLS // 5
    while kills < wished:
        folder, moments, code = tmp_path / str(kills), list[str](), -number
        while code:
            # Half of them when a file or folder appears, the others at any time.
            path, end = folder / rng.choice(paths), time.monotonic() + rng.uniform(0, seconds)
            at_path = rng.random() < 0.5 and not path.exists()
            if len(moments) == IN_A_ROW:
                done = run_of(folder).wait()
                assert "another tailkit" in done.stderr or done.returncode == 0, (
                    f"stuck after {', '.join(moments)}: {done.stderr[-500:]}"
                )
            else:
                moments.append(path.name if at_path else f"{end - time.monotonic():.2f} s")
                done = stop(run_of(folder), number, path.exists if at_path else lambda end=end: time.monotonic() > end)  # type: ignore[misc]
            code = done.returncode
            if "another tailkit process" in done.stderr:
                time.sleep(1)  # What the killed one started ends a moment later.
                continue
            assert code in (0, 130, -number), f"{', '.join(moments)}: {done.stderr[-500:]}"
            kills += code != 0
        assert real_outputs(folder) == real_outputs(wanted), f"other outputs after {', '.join(moments)}"
        clear(folder)
        print(f"{kills} stops by signal {number}; the last run's: {', '.join(moments)}", flush=True)
