"""Pretraining of nano: seeded, resumable, shared by workers, and never on a task."""

import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from rapidfuzz.distance import LCSseq, Levenshtein

from tailkit import tasks
from tailkit.nano.workshop import pretrain, primitives
from tailkit.nano.workshop.batches import STOP_ID, batch, encode
from tailkit.nano.workshop.clean import is_clean
from tailkit.nano.workshop.design import Pretraining
from tailkit.nano.workshop.grammar import FREE
from tailkit.nano.workshop.invented import STAGES, problem
from tailkit.nano.workshop.pretrain import train
from tailkit.nano.workshop.programs.columns import STATES
from tailkit.nano.workshop.programs.lists import FACTS
from tailkit.nano.workshop.programs.tables import CELLS, SWAPS

quarter = pytest.mark.parametrize("share", [0.25, pytest.param(1, marks=pytest.mark.slow)])
"""How much of the texts a test reads."""

TINY = Pretraining(tokens=12_000, layers="ca", hidden=32)


def completions(texts: int, size: int, seed: int = 0) -> list[str]:
    """Completions of pretraining texts as they are read, of all mixtures."""
    rng = Random(seed)
    return [primitives.sample(rng, size, stage=k % 3)[2].replace(FREE, "") for k in range(texts)]


def test_a_pretraining_batch_follows_from_seed_step_and_shard() -> None:
    assert batch(0, 7, 0, 9) == batch(0, 7, 0, 9)
    others = batch(0, 8, 0, 9), batch(0, 7, 1, 9), batch(1, 7, 0, 9)
    assert all(other != batch(0, 7, 0, 9) for other in others)


def weights(work: Path) -> dict[str, Any]:
    import torch

    model: dict[str, Any] = torch.load(work / "state.pt", weights_only=True)["model"]
    return model


@pytest.mark.slow
def test_a_stopped_pretraining_goes_on_as_if_it_never_had_been(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(pretrain, "whole_outputs_right", lambda *_: {})

    runs: dict[str, list[int | None]] = {"whole": [None], "stopped": [1, None]}
    for name, stops in runs.items():
        (tmp_path / name).mkdir()
        for stop in stops:
            records = list(train(TINY, tmp_path / name, "cpu", stop))
    assert records[-1]["tokens"] >= TINY.tokens
    assert records[-1]["step"] > 1
    for name, held in weights(tmp_path / "whole").items():
        assert torch.equal(held, weights(tmp_path / "stopped")[name]), name


@pytest.mark.slow
def test_two_workers_make_the_weights_that_one_makes(tmp_path: Path) -> None:
    import torch

    for workers in ("1", "2"):
        command = [sys.executable, "-m", "tailkit.nano.workshop.pretrain", "--tokens", "12000", "--layers", "ca"]
        command += ["--hidden", "32", "--workers", workers, "--work", str(tmp_path / workers)]
        subprocess.run(command, check=True, capture_output=True)
    for name, held in weights(tmp_path / "1").items():
        assert torch.equal(held, weights(tmp_path / "2")[name]), name
    assert (tmp_path / "2" / "model" / "model.safetensors").stat().st_size > 100_000


def test_pretraining_texts_cover_every_byte_that_text_can_hold() -> None:
    rng = Random(0)
    seen: set[int] = set()
    for _ in range(60_000):
        if len(seen) == 243:
            break
        seen |= set(primitives.copy(rng, 30)[1].encode())
    # UTF-8 never uses C0, C1 and F5 to FF.
    assert seen == set(range(256)) - {0xC0, 0xC1, *range(0xF5, 0x100)}


def test_what_cannot_be_foreseen_carries_no_loss() -> None:
    ids, labels = encode("p", f"a{FREE}bc{FREE}d")
    start = len(ids) - 5
    assert bytes(ids[start:-1]) == b"abcd"
    assert labels[start:] == [ids[start], -100, ids[start + 2], -100, STOP_ID]
    assert set(labels[:start]) == {-100}


def test_a_task_that_comes_once_takes_no_loss_on_new_signs() -> None:
    for seed in range(200):
        rng = Random(seed)
        _, prompt, completion = problem(rng, 6, primitives.WORDS, stage=seed % 3)
        name, _, told = prompt.partition(" ")
        assert name in {program.called for _, shares in STAGES for program in shares}
        assert ":" in told
        assert FREE in completion
    assert FREE not in problem(Random(0), 6, primitives.WORDS, task=3)[2]


def test_a_named_task_has_one_name_and_one_grammar_for_all_sizes() -> None:
    for task in range(STAGES[-1][0]):
        texts = [problem(Random(f"{task}/{n}"), n, primitives.WORDS, task) for n in (2, 5, 9, 14)]
        assert len({program for program, _, _ in texts}) == 1
        words = [set(re.findall("[a-z]{4,}", prompt.lower())) for _, prompt, _ in texts]
        assert set.intersection(*words), task


@quarter
def test_pretraining_texts_hold_no_query_template(share: float) -> None:
    rng = Random(0)
    texts = "\n".join("\n".join(primitives.sample(rng, 12, stage=k % 3)[1:]) for k in range(int(4000 * share)))
    for name in tasks.names():
        for query in tasks.load(name).queries:
            for piece in re.split(r"\{\w+\}", query):
                assert len(re.findall("[A-Za-z]+", piece)) < 3 or piece.strip() not in texts, piece


def shape(line: str) -> str:
    """A line with its numbers and words taken for alike: what is left is its grammar."""
    return re.sub(r"[A-Za-z]+", "a", re.sub(r"[0-9]+", "0", line))


def test_a_text_that_is_a_task_s_by_chance_is_not_clean() -> None:
    assert is_clean("copy on the way", "1:4>2:5")
    assert not is_clean("Where is a in b? Give the index, the first element having index 0.", "3")
    assert not is_clean("copy on the way", "a\n.2:7+_+0=07>\nb")
    assert not is_clean("copy on the way", "1:24%2/4=0>")


@quarter
def test_no_trace_line_has_the_grammar_of_a_pretraining_line(share: float) -> None:
    known = {shape(line) for text in completions(int(8000 * share), 10) for line in text.split("\n")}
    for name in tasks.names():
        task = tasks.load(name)
        low, high = task.ranges["S"]
        for seed in range(20):
            problem = task.problem(Random(f"{name}/{seed}"), "S", (low, min(low + 6, high)))
            states = task.trace(task.record(problem), problem, "tail").text.split("\n")[:-1]
            # A line of two or three fields ("1,1:0>") says too little to be anyone's.
            same = [s for s in states if shape(s) in known and len(re.sub(r"[^0a]", "", shape(s))) > 3]
            assert not same, (name, same)


def test_no_state_of_a_walk_is_the_carry_of_a_sum() -> None:
    triples = [(a, b, s) for a in "0123456789" for b in "0123456789" for s in (0, 1)]
    for name, state in STATES.items():
        assert sum(state(a, b, s) != (int(a) + int(b) + s) // 10 for a, b, s in triples) > 40, name


def test_no_fact_adds_two_numbers_of_several_digits() -> None:
    rng = Random(0)
    for name, (draw, follow) in FACTS.items():
        same, long = 0, 0
        for _ in range(300):
            operands = draw(rng)
            if len(operands) == 2 and all(len(value.strip("-")) > 1 for value in operands):
                long += 1
                same += int(operands[0]) + int(operands[1]) in map(int, re.findall("[0-9]+", str(follow(*operands))))
        assert 10 * same <= long, name


def table(rule: Callable[..., int], near: str, one: str, two: str, rising: bool) -> int:
    """The last cell of a table by a rule of pretraining."""
    row = [j * rising for j in range(len(two) + 1)]
    for i, char in enumerate(one, start=1):
        above, row = row, [i * rising]
        for j, other in enumerate(two, start=1):
            sides = {"l": row[-1], "u": above[j], "d": above[j - 1]}
            row.append(rule(char == other, *[sides[side] for side in near]))
    return row[-1]


def test_no_pretraining_table_gives_an_edit_distance_or_lcs() -> None:
    rng = Random(0)
    pairs = [["".join(rng.choices("abcd", k=6)) for _ in range(2)] for _ in range(60)]
    for name, (near, rule) in CELLS.items():
        for rising, known in ((True, Levenshtein.distance), (False, LCSseq.similarity)):
            same = sum(table(rule, near, one, two, rising) == known(one, two) for one, two in pairs)
            assert same < 40, (name, rising, same)


def test_no_pass_of_pretraining_sorts() -> None:
    rng = Random(0)
    lists = [rng.sample(range(100), 6) for _ in range(60)]
    for name, swap in SWAPS.items():
        for downwards in (False, True):
            done = 0
            for values in lists:
                found = list(values)
                for _ in found:
                    for k in range(len(found) - 1):
                        if swap(found[k], found[k + 1]):
                            found[k : k + 2] = found[k + 1], found[k]
                done += found == sorted(values, reverse=downwards)
            assert done < 10, (name, downwards, done)


@quarter
def test_no_pretraining_answer_is_the_sum_of_its_numbers(share: float) -> None:
    rng, pairs = Random(2), 0
    for _ in range(int(8000 * share)):
        _, prompt, completion = problem(rng, 12, primitives.WORDS)
        numbers = re.findall(r"[0-9]+(?:\.[0-9]+)?", prompt.partition(":")[2])
        if prompt.startswith("columns") and "digits" in prompt and len(numbers) == 2:
            pairs += 1
            answer = re.findall(r"[0-9.]+", completion.replace(FREE, ""))[-1].strip(".")
            if "until" not in prompt and len(answer) > 2:
                assert Fraction(answer) != Fraction(numbers[0]) + Fraction(numbers[1]), prompt
    assert pairs > 1000 * share
