"""Any substring: every contiguous substring, in order, repeated ones too."""

from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from tailkit import tasks
from tailkit.tape import check, lint, record

TASK = tasks.load("any_substring")
LETTERWISE = TASK.with_settings({"letterwise": 1})


@given(st.text("abz", min_size=1, max_size=9))
@example("a")
@example("aaaa")
@example("abab")
def test_any_string_gives_all_its_substrings(string: str) -> None:
    n = len(string)
    wanted = [string[start : start + size] for start in range(n) for size in range(1, n - start + 1)]
    assert len(wanted) == n * (n + 1) // 2
    for letterwise in (0, 1):
        data = {"string": string, "letterwise": letterwise}
        run = record(TASK.program, data)
        check(run, TASK.program, data)
        assert run.answer == TASK.oracle(data) == ",".join(wanted)


def test_repetitions_count_and_so_does_the_order() -> None:
    answer = TASK.oracle({"string": "aba"})
    assert answer == "a,ab,aba,b,ba,a"
    for wrong in ("a,ab,aba,b,ba", "a,a,b,ab,ba,aba", "a,ab,aba,b,a,ba"):
        assert not TASK.equal(wrong, answer, {})


def trace(string: str, variant: str) -> list[str]:
    problem = TASK.problem_of({"string": string, "letterwise": 0}, "S", "")
    return TASK.trace(TASK.record(problem), problem, variant).text.splitlines()


def test_every_start_ends_with_a_fetched_blank() -> None:
    steps = record(TASK.program, {"string": "abc", "letterwise": 0}).steps
    assert [step.at for step in steps if step.values == ("_",)] == [(0, 3), (1, 3), (2, 3), (3, 3)]


@given(st.text("abz", min_size=1, max_size=9))
def test_the_last_state_reads_all_that_the_answer_is_made_of(string: str) -> None:
    last = record(TASK.program, {"string": string, "letterwise": 0}).steps[-1]
    assert [text for text in last.contents if text != "_"] == TASK.oracle({"string": string}).split(",")
    assert trace(string, "tail")[-2] == f"all {','.join(last.contents)}"


def test_without_fetches_only_what_is_made_longer_stands_there() -> None:
    assert trace("ab", "no-fetch") == [
        "0:a>1:b>2:_>",
        "0,0:>",
        "0,1:>",
        "0,2:>",
        "1,1:>",
        "1,2:>",
        "2,2:>",
        "all ",
        "Answer: a,ab,b",
    ]


def test_letter_by_letter_no_state_hides_a_loop() -> None:
    runs = {name: [LETTERWISE.record(LETTERWISE.problem_at(Random(1), n))] for name, n in (("S", 5), ("L", 10))}
    for words, literal in ((TASK.core, True), (TASK.styled, False)):
        measured = lint.measure(runs, words, literal=literal)
        assert not measured.findings
        assert not measured.loops
        assert measured.local == measured.transitions > 100
    whole = {name: [TASK.record(TASK.problem_at(Random(1), n))] for name, n in (("S", 5), ("L", 10))}
    assert [each.kind for each in lint.measure(whole, TASK.core).loops] == ["longer"]


def test_letter_by_letter_the_contract_holds_in_every_variant() -> None:
    tasks.verify(LETTERWISE, {"S": (3, 5)}, count=2)
    problem = LETTERWISE.problem_of({"string": "ab", "letterwise": 1}, "S", "")
    run = LETTERWISE.record(problem)
    texts = {variant: LETTERWISE.trace(run, problem, variant).text for variant in LETTERWISE.variants}
    assert len(set(texts.values())) == len(texts)
    assert texts["tail"].splitlines() == [
        "0:a>1:b>2:_>",
        "0,0,0:a=a>",
        "0,1,1:b=b>",
        "0,1,0:a=a>",
        "0,2,2:_>",
        "1,1,1:b=b>",
        "1,2,2:_>",
        "2,2,2:_>",
        "all a_ab__b___",
        "Answer: a,ab,b",
    ]
