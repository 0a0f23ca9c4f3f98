"""What other models print is scored as a careful reader would; the kit's own traces as strictly as ever."""

import json
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailkit import score, tasks
from tailkit.records import Example, Generation, Score
from tailkit.score.find import READ_AT_MOST
from tailkit.score.said import said
from tailkit.tape.answer import extract
from tailkit.tasks.shelf.equality import same_decimal, same_integer, same_labelled, same_list, same_set, same_text
from tests.printed import CASES, PROBLEMS


def row(name: str) -> tuple[tasks.Task, Example]:
    """A problem by its name in `printed`, as a row of an evaluation set."""
    task, data = tasks.load(PROBLEMS[name][0]), PROBLEMS[name][1]
    made = task.problem_of(data, "S", "?")
    text = task.trace(task.record(made), made, "tail").text
    return task, Example(
        task.id, "", 1, "S", made.n, "eval", "tail", made.key, "?", text, made.answer, json.dumps(data)
    )


ROWS = {name: row(name) for name in PROBLEMS}


def judged(name: str, text: str, *, cut: bool = False) -> Score:
    return score.judge_answer(*ROWS[name], Generation("S", 0, text, len(text), cut))


@pytest.mark.parametrize("verdict", ["right", "wrong", "unfound"])
@pytest.mark.parametrize("name", CASES)
def test_what_models_print_is_judged_as_a_reader_would(name: str, verdict: str) -> None:
    texts = CASES[name].get(verdict, [])
    found = {text: judged(name, text) for text in texts}
    verdicts = {text: "right" if s.right else "unfound" if s.unfound else "wrong" for text, s in found.items()}
    assert verdicts == dict.fromkeys(texts, verdict)
    assert all((s.given is None) == s.unfound for s in found.values())


def test_there_are_cases_of_every_kind_of_answer() -> None:
    assert sum(len(texts) for verdicts in CASES.values() for texts in verdicts.values()) >= 800
    assert {tasks.load(PROBLEMS[name][0]).equal for name in CASES} >= {
        tasks.load(name).equal for name in tasks.names() if not tasks.load(name).own
    }


@pytest.mark.parametrize("name", tasks.names())
def test_labels_are_found_in_traces_and_wrappings(name: str) -> None:
    task = tasks.load(name)
    for seed in range(3):
        made = task.shortest(Random(seed))
        run, data = task.record(made), json.dumps(made.data)
        traces = [task.trace(run, made, variant).text for variant in ("tail", "styled", "direct")]
        wrapped = ["The answer is {}", "**Answer:** {}", "<think>Answer: 0</think>\n{}<|im_end|>", "```\n{}\n```"]
        for text in [*traces, *(form.format(made.answer) for form in wrapped), f"\\boxed{{{made.answer}}}"]:
            example = Example(name, "", 1, "S", 1, "eval", "tail", "", "", "", made.answer, data)
            found = score.judge_answer(task, example, Generation("S", 0, text, 1, False))
            assert (found.right, found.given) == (True, made.answer), text


def test_what_is_cut_off_is_neither_found_nor_unfound() -> None:
    found = judged("whole", "Answer: 44", cut=True)
    assert (found.right, found.cut, found.unfound, found.given) == (False, True, False, None)


def test_rows_without_an_answer_are_counted_apart() -> None:
    texts = ["Answer: 44", "Answer: 45", "I give up.", ""]
    summary = score.summarize("S", [judged("whole", text) for text in texts])
    assert (summary.total, summary.right, summary.unfound) == (4, 1, 2)
    task, example = ROWS["whole"]
    own = [score.judge(task, example, Generation("S", 0, text, 1, False)) for text in (example.completion, "none")]
    assert [one.unfound for one in own] == [False, True]


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("<think>a</think>b", "b"),
        ("a</think>b", "b"),
        ("b<think>a</think>", "b"),
        ("<THINK>a</THINK>b", "b"),
        ("a<|im_end|>b", "a"),
        ("<|im_start|>assistant\na<|im_end|>", "a"),
        ("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>", "b"),
        ("<s>[INST] a [/INST] b</s>", "b"),
        ("<｜Assistant｜>b<｜end▁of▁sentence｜>", "b"),
        ("<start_of_turn>model\nb<end_of_turn>", "b"),
        ("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>", "b"),
        ("a < b | c > d", "a < b | c > d"),
    ],
)
def test_the_reply_is_what_counts(text: str, reply: str) -> None:
    assert said(text) == (reply, False)


def test_of_a_thought_without_end_only_a_stated_answer_counts() -> None:
    assert said("<think>so 44").thought
    assert judged("whole", "<think>so 44").unfound
    assert judged("whole", "<think>so\nAnswer: 44").right


LOOSE = ["The answer is {}.", "**Answer:** {}", "Answer: **{}**", "Answer: {}.", "answer: {}", "{}", "Answer: ({})"]


@pytest.mark.parametrize("name", PROBLEMS)
def test_own_traces_are_read_as_strictly_as_ever(name: str) -> None:
    task, example = ROWS[name]
    for form in LOOSE:
        text = form.format(example.answer)
        assert not score.judge(task, example, Generation("S", 0, text, 1, False)).right, text
    assert score.judge(task, example, Generation("S", 0, f"Answer: {example.answer}", 1, False)).right


def test_the_strict_rules_take_only_what_labels_are_written_as() -> None:
    for number in ("+44", "44.0", "44.", "4_4", "４４", "1,044", " 44", "−44", ""):
        assert not same_integer(number, "44")
    for number in ("+0.5", ".5", "1/2", "0,5", "5e-1"):
        assert not same_decimal(number, "0.5")
    assert same_integer("044", "44")
    assert same_decimal("0.50", "0.5")
    assert not same_text("a.", "a")
    for items in ("[5, 7]", "5; 7", "5 and 7", "5, 7.", "+5, 7", "05, 7"):
        assert not same_list(items, "5,7")
    assert not same_labelled("A: 1", "A 1")
    for pairs in ("(0,4), (3,2)", "(0,4)", "(0,4);(3,2);(3,2)", "(0,4);(3 ,2 2)", "0,4;3,2"):
        assert not same_set(pairs, "(0,4);(3,2)")
    assert same_set("(3, 2); (0, 4)", "(0,4);(3,2)")
    assert not same_set("(1 1,3)", "(11,3)")


def test_two_answers_in_an_own_trace_are_none() -> None:
    assert extract("Answer: 1\nAnswer: 2") is None
    assert extract("Answer: 1\nAnswer: 1") == "1"
    assert extract(" Answer: 1") is None


def test_an_own_rule_without_a_reader_reads_numbers_and_text() -> None:
    def parity(given: str, answer: str, data: object) -> bool:
        return int(given) % 2 == int(answer) % 2

    task, example = ROWS["whole"]
    from dataclasses import replace

    own = replace(task, equal=parity)
    found = score.judge_answer(own, example, Generation("S", 0, "I say: the answer is **1,046**.", 1, False))
    assert (found.right, found.given) == (True, "1046")
    assert score.judge_answer(own, example, Generation("S", 0, "It is odd.", 1, False)).right is False


PIECES = [
    *["\\boxed{", "\\boxed{1} ", "{", "<think>", "</think>", "<answer>", "answer ", "answer is ", "Answer:\n", "a,"],
    *[
        "Answer: x\n",
        " ",
        "\n",
        "*",
        "`",
        "1,",
        "1\n",
        "1 234 ",
        "(1,2)",
        "(",
        "= ",
        "is ",
        "1 or ",
        "<",
        "<|x|>",
        "as ",
    ],
    *["|-|\n", "\\frac{", "\u2009", "no a-b ", "A 1, ", ". ", '{"a":', "\ud800", "[INST] ", "$$\n", "{}", "1. "],
]


@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_with_the_length_of_a_text(piece: str) -> None:
    def seconds(length: int) -> float:
        begun = time.process_time()
        for name in ("sum", "sorted", "pairs", "distances", "less", "flipped", "subsequence"):
            text = piece * (length // len(piece))
            judged(name, f"Answer: {text}" if length % 2 else f"{text}x")
        return time.process_time() - begun

    # Four times the text takes 16 times as long where something is quadratic.
    for odd in (0, 1):
        assert any(seconds(8_000 + odd) < 10 * seconds(2_000 + odd) + 0.1 for _ in range(5))


@pytest.mark.parametrize("piece", ["\\boxed{", "<think>", "answer is x\n", "1, ", "<"])
def test_a_megabyte_of_anything_takes_about_a_second(piece: str) -> None:
    begun = time.process_time()
    judged("whole", piece * (1_000_000 // len(piece)))
    assert time.process_time() - begun < 3


def test_the_last_answer_of_a_long_text_is_found() -> None:
    text = "The answer is 45. Wait.\n" * 20_000
    assert judged("whole", text + "Answer: 44").right
    assert judged("whole", "x" * READ_AT_MOST * 3 + "\nAnswer: 44\n").right


TOKENS = [
    *PIECES,
    "Answer: ",
    "#### ",
    "44",
    "−5",
    "(0,4)",
    "none",
    "A 11",
    '"',
    "“",
    "\\text{",
    "}",
    "$",
    "\\[",
    "or ",
]
ANYTHING = st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=8)), max_size=20).map("".join)


@given(ANYTHING, st.sampled_from(sorted(PROBLEMS)))
def test_any_text_is_judged(text: str, name: str) -> None:
    found = judged(name, text)
    assert (found.given is None) == found.unfound


@given(st.text("abc 12.,:=\n"), st.sampled_from(sorted(PROBLEMS)))
def test_what_the_strict_reader_takes_is_found_too(text: str, name: str) -> None:
    task, example = ROWS[name]
    trace = Generation("S", 0, f"{text}\nAnswer: {example.answer}", 1, False)
    assert score.judge(task, example, trace).right
    assert score.judge_answer(task, example, trace).right
