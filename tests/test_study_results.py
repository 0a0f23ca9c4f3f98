"""The difference that an arm makes, with its interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit.study.results import Effect, Share, mean_effect, newcombe


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_effect_lies_within_its_interval_which_turns_with_it(one: int, other: int) -> None:
    first, second = (Share(right, 200, [right / 200], 0.0, 0) for right in (one, other))
    effect, turned = newcombe(first, second), newcombe(second, first)
    assert -1 <= effect.low <= effect.difference <= effect.high <= 1
    assert effect.low < effect.high
    assert (effect.low, effect.high) == pytest.approx((-turned.high, -turned.low))


def test_the_interval_of_an_effect_is_newcombe_s_own_example() -> None:
    # Newcombe 1998, Table II, (a): 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    effect = newcombe(Share(56, 70, [0.8], 0.0, 0), Share(48, 80, [0.6], 0.0, 0))
    assert (round(effect.low, 4), round(effect.high, 4)) == (0.0524, 0.3339)


def test_the_interval_of_a_mean_shrinks_with_the_number_of_tasks() -> None:
    one = Effect(-0.2, -0.3, -0.1)
    assert mean_effect([one]) == one
    found = mean_effect([one] * 4)
    assert (found.difference, found.low, found.high) == pytest.approx((-0.2, -0.25, -0.15))
