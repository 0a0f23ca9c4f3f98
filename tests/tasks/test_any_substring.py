"""Any substring: every contiguous substring, in order, repeated ones too."""

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, record

TASK = tasks.load("any_substring")


@given(st.text("abz", min_size=1, max_size=9))
@example("a")
@example("aaaa")
@example("abab")
def test_any_string_gives_all_its_substrings(string: str) -> None:
    data = {"string": string}
    run = record(TASK.program, data)
    check(run, TASK.program, data)
    n = len(string)
    wanted = [string[start : start + size] for start in range(n) for size in range(1, n - start + 1)]
    assert run.answer == TASK.oracle(data) == ",".join(wanted)
    assert len(wanted) == n * (n + 1) // 2


def test_repetitions_count_and_so_does_the_order() -> None:
    answer = TASK.oracle({"string": "aba"})
    assert answer == "a,ab,aba,b,ba,a"
    for wrong in ("a,ab,aba,b,ba", "a,a,b,ab,ba,aba", "a,ab,aba,b,a,ba"):
        assert not TASK.equal(wrong, answer, {})


def test_every_start_ends_with_a_fetched_blank() -> None:
    steps = record(TASK.program, {"string": "abc"}).steps
    assert [step.at for step in steps if step.kind == "blank"] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert all(step.values[-1] == "_" for step in steps if step.kind == "blank")
