"""Greedy generation: plain, draft-verified, and that both print the same."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tailkit import decode, models, recipe
from tailkit.arithmetic.decoding import budget
from tailkit.decode.plain import FULL_LENGTH, Plain
from tailkit.decode.protocol import Job
from tailkit.decode.rows import Row
from tailkit.decode.verified import Verified
from tailkit.errors import DoesNotFit
from tailkit.models import Loaded
from tailkit.records import Example, Generation
from tailkit.run.folder import RunDir
from tests.small import NANO, example, known, small_model


@pytest.fixture(scope="module")
def nano() -> Loaded:
    loaded = models.load_base(NANO)
    loaded.model.eval()
    return loaded


def run_of(folder: Path, *overrides: str) -> RunDir:
    folder.mkdir(exist_ok=True)
    return RunDir(
        folder, "addition", recipe.load("nano", ["decode.batch=32", "decode.slack=1.0", *overrides], task="addition")
    )


def decoded(loaded: Loaded, run: RunDir, rows: list[Example]) -> list[Generation]:
    return decode.decode(loaded, run, "S", rows, lambda generations: str(len(generations)))


def outputs(generations: list[Generation]) -> list[tuple[int, str, int, bool]]:
    return [(one.index, one.text, one.tokens, one.cut) for one in generations]


def test_plain_generation_is_greedy_decoding_row_by_row(nano: Loaded, tmp_path: Path) -> None:
    import torch

    rows = [known(seed, size) for seed, size in enumerate((12, 3, 20, 7))]
    done = decoded(nano, run_of(tmp_path, "decode.batch=3", "decode.method=plain"), rows)
    assert [generation.index for generation in done] == list(range(len(rows)))
    for generation, row in zip(done, rows, strict=True):
        ids, stop = nano.codec.prompt_ids(row.query), nano.codec.stop_id
        start, room = len(ids), budget(len(nano.codec.completion_ids(row.completion)), 1.0)
        with torch.inference_mode():
            while len(ids) - start < room and (len(ids) == start or ids[-1] != stop):
                ids.append(int(nano.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
        assert generation.text == nano.codec.text(ids[start:])
        assert generation.tokens == len(ids) - start
        assert generation.cut == (ids[-1] != stop)
        assert (generation.path, generation.margin) == ("plain", None)


@pytest.mark.parametrize("architecture", FULL_LENGTH)
def test_a_cache_of_full_length_changes_no_token(
    nano: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str
) -> None:
    """Rows of unlike length together, so padded, and a long batch before a short one."""
    loaded = nano if architecture == "lfm2" else models.load_base(small_model(tmp_path / "model"))
    loaded.model.eval()
    assert loaded.model.config.model_type == architecture
    rows = [known(seed, size) for seed, size in enumerate((30, 3, 24, 12, 5, 7, 2, 9))]
    plainly = ("decode.batch=4", "decode.method=plain", "decode.slack=2")
    full = decoded(loaded, run_of(tmp_path / "full", *plainly), rows)
    assert Plain(Job(loaded, "S", 4))._cache(100) is not None
    monkeypatch.setattr(decode.plain, "FULL_LENGTH", ())
    assert Plain(Job(loaded, "S", 4))._cache(100) is None
    assert outputs(full) == outputs(decoded(loaded, run_of(tmp_path / "growing", *plainly), rows))


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        pytest.param(5, 36, id="mostly right"),
        pytest.param(14, 16, id="half"),
        pytest.param(24, 8, id="mostly wrong", marks=pytest.mark.slow),
        pytest.param(5, 96, id="mostly right, more", marks=pytest.mark.slow),
        pytest.param(14, 64, id="half, more", marks=pytest.mark.slow),
        pytest.param(30, 40, id="mostly wrong, more", marks=pytest.mark.slow),
    ],
)
def test_verified_decoding_prints_what_plain_decoding_prints(
    nano: Loaded, tmp_path: Path, size: int, rows: int
) -> None:
    """Texts that nano completes rightly more or less often; equal token for token in fp32."""
    texts = [known(1000 * size + seed, size) for seed in range(rows)]
    verified = decoded(nano, run_of(tmp_path / "verified"), texts)
    plain = decoded(nano, run_of(tmp_path / "plain", "decode.method=plain"), texts)
    assert outputs(verified) == outputs(plain)
    paths = Counter(one.path for one in verified)
    assert paths["verified"] >= sum(one.text == row.completion for one, row in zip(plain, texts, strict=True)) - 3
    assert all(one.margin is not None for one in verified if one.path != "plain")


def test_gold_traces_never_decide_a_token(nano: Loaded, tmp_path: Path) -> None:
    """Drafts that end early, run on, or are another text altogether change nothing but the path."""
    texts = [known(seed, 5) for seed in range(24)]
    spoiled = [
        one._replace(
            completion=(one.completion[: i % 4], one.completion + "\nmore", known(i + 99, 5).completion)[i % 3]
        )
        for i, one in enumerate(texts)
    ]
    # Budgets follow from the drafts, so those of the plain run must be the same.
    verified = decoded(nano, run_of(tmp_path / "verified", "decode.slack=3"), spoiled)
    plain = decoded(nano, run_of(tmp_path / "plain", "decode.method=plain", "decode.slack=3"), spoiled)
    assert outputs(verified) == outputs(plain)


def test_verifying_stops_where_gold_traces_help_too_little(nano: Loaded, tmp_path: Path) -> None:

    texts = [known(seed, 4)._replace(completion="Z" * 30) for seed in range(70)]
    done = decoded(nano, run_of(tmp_path), texts)
    paths = Counter(one.path for one in done)
    assert paths["plain"] >= 30
    assert len(done) == 70


def test_a_lead_below_the_bound_is_decoded_again_plainly(
    nano: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [known(seed, 5) for seed in range(40)]
    monkeypatch.setitem(decode.verified.LEAST_MARGIN, "fp32", 3.0)
    done = decoded(nano, run_of(tmp_path / "a"), texts)
    again = [one for one in done if one.path == "re-run"]
    assert again
    assert all(one.margin is not None and one.margin < 3.0 for one in again)
    assert all(one.margin is not None and one.margin >= 3.0 for one in done if one.path in ("verified", "continued"))
    assert outputs(done) == outputs(decoded(nano, run_of(tmp_path / "b", "decode.method=plain"), texts))


def test_in_low_precision_the_bound_is_measured(nano: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [known(seed, 5) for seed in range(40)]
    run = run_of(tmp_path, "model.precision=bf16")
    decoder = Verified(Job(nano, "S", 32, "bf16"))
    rows = decode._rows(nano, run_of(tmp_path), "S", texts)
    assert decoder.bound == 0.25
    forced = decode.verified.teacher_forced

    def off_by_one(loaded: Loaded, asked: list[Any]) -> list[Any]:
        """A pass that rounds the first token of every row the other way, with a lead of 2."""
        found = forced(loaded, asked)
        for one in found:
            one.best[0], one.margin[0] = one.best[0] ^ 1, 2.0
        return found

    monkeypatch.setattr(decode.verified, "teacher_forced", off_by_one)
    found: list[Generation] = []
    decoder.decode(rows, found.extend)
    assert decoder.bound == 4.0
    monkeypatch.undo()
    # What rounding would have spoiled was caught: every row is what plain decoding prints.
    found.sort(key=lambda one: one.index)
    assert outputs(found) == outputs(decoded(nano, run_of(tmp_path / "b", "decode.method=plain"), texts))
    assert Counter(one.path for one in found)["plain"] == decode.verified.CALIBRATING
    assert run.recipe.model.precision == "bf16"


@pytest.mark.parametrize("method", ["plain", "verified"])
def test_out_of_memory_halves_the_batch_and_loses_no_row(
    nano: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    import torch

    generate, sizes = Plain._generate, []

    def small_memory(self: Plain, rows: list[Row]) -> list[list[int]]:
        sizes.append(len(rows))
        if len(rows) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate a lot")
        return generate(self, rows)

    # Each has another's text as its draft, so that both methods have to generate.
    texts = [known(seed, 12)._replace(completion=known(seed + 99, 12).completion) for seed in range(9)]
    expected = outputs(decoded(nano, run_of(tmp_path / "a", "decode.method=plain"), texts))
    monkeypatch.setattr(Plain, "_generate", small_memory)
    assert outputs(decoded(nano, run_of(tmp_path / "b", f"decode.method={method}"), texts)) == expected
    assert max(sizes) > 3
    assert sizes[-1] <= 3


@pytest.mark.parametrize("cache", ["full", "growing"])
def test_prefill_in_chunks_changes_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: str) -> None:
    """Rows of unlike length, whose first chunks are nothing but padding, and ones that have tokens already."""
    loaded = models.load_base(small_model(tmp_path / "model"))
    loaded.model.eval()
    if cache == "growing":
        monkeypatch.setattr(decode.plain, "FULL_LENGTH", ())
    rows = decode._rows(loaded, run_of(tmp_path), "S", [known(seed, size) for seed, size in enumerate((30, 3, 24, 9))])
    rows = [replace(row, kept=row.gold[: 3 * i]) for i, row in enumerate(rows)]
    plain = Plain(Job(loaded, "S", 4))
    whole = plain.batch(rows)
    seen: list[int] = []
    loaded.model.get_input_embeddings().register_forward_hook(lambda _, given, made: seen.append(given[0].numel()))
    monkeypatch.setattr("tailkit.arithmetic.decoding.PREFILL_TOKENS", 24)
    assert plain.batch(rows) == whole
    assert max(seen) <= 24 < len(rows) * max(len(row.prompt + row.kept) for row in rows)


def test_layers_that_are_no_attention_are_prefilled_at_once(
    nano: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = decode._rows(nano, run_of(tmp_path), "S", [known(seed, 5) for seed in range(4)])
    plain = Plain(Job(nano, "S", 4))
    whole = plain.batch(rows)
    monkeypatch.setattr("tailkit.arithmetic.decoding.PREFILL_TOKENS", 8)
    assert plain.batch(rows) == whole


@pytest.mark.parametrize("method", ["plain", "verified"])
def test_one_bad_batch_does_not_slow_down_all_that_follow(
    nano: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    import torch

    where, name = (Plain, "_generate") if method == "plain" else (decode.verified, "teacher_forced")
    work, sizes = getattr(where, name), []

    def once(self: Any, rows: list[Any]) -> Any:
        sizes.append(len(rows))
        if len(sizes) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate a lot")
        return work(self, rows)

    texts = [known(seed, 4) for seed in range(64)]
    expected = outputs(decoded(nano, run_of(tmp_path / "a", "decode.method=plain"), texts))
    monkeypatch.setattr(where, name, once)
    found = decoded(nano, run_of(tmp_path / "b", f"decode.method={method}", "decode.batch=8"), texts)
    assert outputs(found) == expected
    assert sizes[:3] == [8, 4, 4]
    assert max(sizes[3:]) == 8


def test_an_adapter_is_run_in_the_model_s_own_precision(tmp_path: Path) -> None:
    import torch

    loaded = models.load_base(small_model(tmp_path / "m"))
    models.add_adapter(loaded, recipe.Lora(rank=4, alpha=8), seed=0)
    loaded.model.bfloat16()
    for name, weight in loaded.model.named_parameters():
        if "lora_" in name:
            weight.data = torch.randn_like(weight.data, dtype=torch.float32) / 10
    ids = torch.tensor([loaded.codec.prompt_ids("copy abc")])
    before = loaded.model(input_ids=ids).logits
    models.narrow_adapter(loaded, torch.bfloat16)
    assert {weight.dtype for weight in loaded.model.parameters()} == {torch.bfloat16}
    assert torch.allclose(loaded.model(input_ids=ids).logits, before, atol=0.05, rtol=0.05)


def test_a_row_too_long_for_the_gold_pass_is_decoded_plainly(
    nano: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    forced = decode.verified.teacher_forced

    def small_memory(loaded: Loaded, asked: list[Any]) -> list[Any]:
        if sum(len(prompt) + len(gold) for prompt, gold in asked) > 80:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate a lot")
        return forced(loaded, asked)

    texts = [known(seed, 5) for seed in range(12)] + [example(1, 2), example(2, 2)]
    expected = outputs(decoded(nano, run_of(tmp_path / "a", "decode.method=plain"), texts))
    monkeypatch.setattr(decode.verified, "teacher_forced", small_memory)
    found = decoded(nano, run_of(tmp_path / "b"), texts)
    assert outputs(found) == expected
    assert [one.path for one in found[-2:]] == ["plain", "plain"]
    assert Counter(one.path for one in found)["verified"] > 0
    said = capsys.readouterr().err
    assert "row S/12; it is decoded plainly" in said


def test_a_single_row_that_does_not_fit_is_named(nano: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def no_memory(self: Plain, rows: list[Row]) -> list[list[int]]:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate a lot")

    monkeypatch.setattr(Plain, "_generate", no_memory)
    with pytest.raises(DoesNotFit, match=r"row S/\d"):
        decoded(nano, run_of(tmp_path, "decode.method=plain"), [known(1, 5), known(2, 5)])


@pytest.mark.parametrize("method", ["plain", "verified"])
def test_every_generation_is_judged_and_none_decoded_twice(nano: Loaded, tmp_path: Path, method: str) -> None:
    rows = [known(seed, 4) for seed in range(6)]
    run = run_of(tmp_path, "decode.batch=2", f"decode.method={method}")
    seen: list[int] = []

    def judge(generations: list[Generation]) -> str:
        seen.append(len(generations))
        return ""

    first = decode.decode(nano, run, "S", rows, judge)
    assert seen == sorted(seen)
    assert seen[-1] == 6
    assert decode.decode(nano, run, "S", rows, judge) == first
    assert seen[-1] == 6


def test_a_row_longer_than_the_context_is_refused_by_name(nano: Loaded, tmp_path: Path) -> None:

    with pytest.raises(DoesNotFit, match="S/0"):
        decoded(nano, run_of(tmp_path), [known(1, 4)._replace(completion="1" * nano.codec.context)])
