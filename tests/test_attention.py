"""Where write tokens look: the places, and the mass against transformers' own eager attention."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tailkit import tasks
from tailkit.errors import UsageError
from tailkit.models import Loaded, load_base, load_codec
from tailkit.records import Example
from tailkit.study import attention
from tests.small import NANO, TASK, example, small_model


def variant_of(one: Example, variant: str) -> Example:
    problem = TASK.problem_of(json.loads(one.problem), one.range, one.query)
    return one._replace(variant=variant, completion=TASK.trace(TASK.record(problem), problem, variant).text)


@pytest.fixture(scope="module")
def nano() -> Loaded:
    loaded = load_base(NANO)
    loaded.model.eval()
    return loaded


def eager(loaded: Loaded, ids: list[int]) -> list[Any]:
    """Transformers' own attention of every layer that has one: (heads, tokens, tokens)."""
    import torch

    before = loaded.model.config._attn_implementation
    loaded.model.set_attn_implementation("eager")
    with torch.inference_mode():
        found = loaded.model(input_ids=torch.tensor([ids]), output_attentions=True).attentions
    loaded.model.set_attn_implementation(before)
    return [one[0] for one in found if one is not None]


@pytest.mark.parametrize("architecture", ["nano", "qwen2"])
@pytest.mark.parametrize("chunk", [3, 256])
def test_the_mass_is_that_of_eager_attention(
    architecture: str, chunk: int, nano: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "LOOKS_AT_ONCE", chunk)
    loaded = nano if architecture == "nano" else load_base(small_model(tmp_path))
    loaded.model.eval()
    before = loaded.model.config._attn_implementation
    rows = [example(1), example(2, n=4)]
    found = attention.measure(loaded, TASK, rows)
    assert loaded.model.config._attn_implementation == before
    sums: dict[tuple[int, str], Any] = {}
    for one in rows:
        ids, looks = attention.places(TASK, one, loaded.codec)
        for layer, weights in enumerate(eager(loaded, ids)):
            for look in looks:
                for name in ("fetched", "originals"):
                    mass = weights[:, look.position, getattr(look, name)].sum(-1)
                    sums[layer, name] = sums.get((layer, name), 0) + mass
    assert found.layers == ([1, 3, 5] if architecture == "nano" else [0, 1])
    for (layer, name), mass in sums.items():
        assert getattr(found, name)[layer] == pytest.approx((mass / found.tokens).tolist(), abs=1e-5)


def test_write_tokens_and_operands_are_the_right_characters(nano: Loaded) -> None:
    one = example(0)._replace(query="Add 2.07 to 27.0 and give the exact result.")
    one = one._replace(problem='{"x1": "2.07", "x2": "27.0"}')
    problem = TASK.problem_of({"x1": "2.07", "x2": "27.0"}, "S", one.query)
    one = one._replace(completion=TASK.trace(TASK.record(problem), problem, "tail").text)
    ids, looks = attention.places(TASK, one, nano.codec)
    text = bytes(i if i < 256 else 0 for i in ids).decode("latin-1")

    def read(places: list[int]) -> str:
        return "".join(text[place] for place in places)

    # The column 1,2:2+7+0=09 writes carry and digit; it fetches where the integer parts end, and three operands.
    begin = text.index("1,2:2+7+0=09")
    column = [look for look in looks if begin <= look.position < begin + 12]
    assert [text[look.position + 1] for look in column] == ["0", "9"]
    assert read(column[0].fetched) == "12270"
    assert read(column[1].fetched) == "12270"
    # 2 and 7 stand in the layouts of x1 and x2, the carry in the column before.
    assert read(column[0].originals) == "270"
    x1, x2 = text.index("x1 1:2>2:."), text.index("x2 1:2>2:7")
    assert column[0].originals[:2] == [x1 + 5, x2 + 9]
    for look in looks:
        assert not set(look.fetched) & set(look.originals)
        assert all(place < look.position for place in look.fetched + look.originals)


@pytest.mark.parametrize("name", tasks.names())
def test_a_result_is_found_where_its_line_shows_it(name: str) -> None:
    task = tasks.load(name)
    problem = task.shortest(Random(name))
    for step in task.record(problem).steps:
        for part in attention._parts(step, task.core[step.kind]).values():
            if part.wording is None or not part.values:
                continue
            text = part.wording(*part.values)
            for value, place in zip(part.values, attention.shown_at(part.wording, part.values), strict=True):
                content = str(value[1] if isinstance(value, tuple) else value)
                assert place in (None, (0, len(text))) or content in text[slice(*place)]


def test_without_memory_fetcher_the_same_tokens_are_looked_at(nano: Loaded) -> None:
    with_fetch, without = example(3), variant_of(example(3), "no-fetch")
    found = attention.measure(nano, TASK, [without])
    assert {mass for layer in found.fetched for mass in layer} == {0.0}
    assert found.tokens == attention.measure(nano, TASK, [with_fetch]).tokens


def test_masses_are_shares(nano: Loaded) -> None:
    found = attention.measure(nano, TASK, [example(seed, n=5) for seed in range(3)])
    for fetched, originals in zip(found.fetched, found.originals, strict=True):
        assert all(min(a, b) >= 0 and a + b <= 1 + 1e-6 for a, b in zip(fetched, originals, strict=True))


def test_no_pass_holds_more_rows_than_a_chunk(nano: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "LOOKS_AT_ONCE", 4)
    held: list[int] = []
    marks = attention._marks

    def noted(chosen: list[list[int]], length: int, device: Any) -> Any:
        held.append(len(chosen))
        return marks(chosen, length, device)

    monkeypatch.setattr(attention, "_marks", noted)
    attention.measure(nano, TASK, [example(0, n=6)])
    assert max(held) == 4
    assert len(held) > 6


@pytest.mark.parametrize("variant", ["no-atomic", "direct", "reversed"])
def test_variants_without_single_states_are_refused(variant: str, nano: Loaded) -> None:
    with pytest.raises(UsageError, match=variant):
        attention.places(TASK, variant_of(example(0), variant), load_codec(NANO))


def test_a_completion_that_is_not_the_recorded_trace_is_refused() -> None:
    with pytest.raises(UsageError, match="not its recorded trace"):
        attention.places(TASK, example(0)._replace(completion="Answer: 1"), load_codec(NANO))
