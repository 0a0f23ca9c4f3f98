"""Pretraining of nano: seeded, resumable, and never on a task."""

import re
from pathlib import Path
from random import Random

from tailkit import tasks
from tailkit.nano import primitives
from tailkit.nano.pretrain import Plan, batch, train


def test_a_pretraining_batch_follows_from_seed_and_step_alone() -> None:
    plan = Plan()
    assert batch(plan, 7, 9) == batch(plan, 7, 9)
    assert batch(plan, 7, 9) != batch(plan, 8, 9)
    assert batch(Plan(seed=1), 7, 9) != batch(plan, 7, 9)


def test_a_stopped_pretraining_goes_on_as_if_it_never_had_been(tmp_path: Path) -> None:
    import torch

    plan = Plan(tokens=9_000, layers=2, hidden=32)
    runs: dict[str, list[int | None]] = {"whole": [None], "stopped": [1, None]}
    for name, stops in runs.items():
        (tmp_path / name).mkdir()
        for stop in stops:
            records = list(train(plan, tmp_path / name, "cpu", stop))
    assert records[-1]["tokens"] >= plan.tokens
    states = [torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("whole", "stopped")]
    assert states[0]["state"]["step"] == states[1]["state"]["step"] > 1
    for name, weights in states[0]["model"].items():
        assert torch.equal(weights, states[1]["model"][name]), name


def test_pretraining_texts_cover_every_byte_that_text_can_hold() -> None:
    rng = Random(0)
    seen: set[int] = set()
    for _ in range(60_000):
        if len(seen) == 243:
            break
        seen |= set(primitives.copy(rng, 30)[1].encode())
    # UTF-8 never uses C0, C1 and F5 to FF.
    assert seen == set(range(256)) - {0xC0, 0xC1, *range(0xF5, 0x100)}


def test_pretraining_texts_hold_no_query_template_and_no_trace_state() -> None:
    rng = Random(0)
    texts = "\n".join("\n".join(primitives.sample(rng, 12)[1:]) for _ in range(4000))
    for name in tasks.names():
        for query in tasks.load(name).queries:
            for piece in re.split(r"\{\w+\}", query):
                assert len(piece.split()) < 3 or piece.strip() not in texts, piece
    # The states of addition: a column with its two heads, and the alignment.
    assert not re.search(r"[0-9],[0-9]+:[0-9_]\+[0-9_]\+[01]=", texts)
    assert not re.search(r"last:", texts)


def test_pretraining_never_adds_numbers_of_several_digits() -> None:
    rng = Random(1)
    for _ in range(2000):
        prompt, completion = primitives.facts(rng, 8)
        operands = re.split(r"[ ,]+", prompt.split("sums")[1].strip(" ,:;\n"))
        assert all(len(digit) == 1 for digit in operands if digit.isdigit()), prompt
        assert all(int(total) <= 19 for total in re.findall(r"\b([0-9]{2})\b", completion))
    for name, operation in primitives.ELEMENTWISE.items():
        results = {operation(a, b) for a in "0123456789" for b in "0123456789"}
        assert results <= set("0123456789=x"), name
        assert any(operation(a, b) != str(int(a) + int(b)) for a in "123" for b in "123")
