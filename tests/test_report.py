"""The report shows what a run's files say: in words, escaped, self-contained, and it touches nothing else."""

from pathlib import Path

import pytest

from tailkit import tasks
from tailkit.errors import UsageError
from tailkit.records import Nouns
from tailkit.report import words
from tailkit.tasks.contract import registry

OWN = Path(__file__).parent / "own" / "gcd.py"


def test_every_task_has_words_for_its_lengths() -> None:
    told = {name: words.problems(tasks.load(name).nouns, (8, 10)) for name in tasks.names()}
    assert told["addition"] == "sums of 8–10 digits"
    assert told["prime_search"] == "prime searches with upper bounds 8–10"
    assert words.length(tasks.load("dijkstra").nouns, (1, 1)) == "1 vertex"
    assert not [name for name, text in told.items() if text == words.problems(Nouns(), (8, 10))]
    assert words.problems(Nouns(), (3, 3)) == "problems of length 3"


@pytest.mark.parametrize("given", ['"sums"', '("sums of {}",)', '("{}", "{}", 3)', '("{} of {}", "{}", "{}")', "None"])
def test_malformed_words_of_a_task_are_refused(tmp_path: Path, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_added", {})
    (tmp_path / "gcd.py").write_text(f"{OWN.read_text()}\nNOUNS = {given}\n")
    tasks.add(tmp_path / "gcd.py")
    with pytest.raises(UsageError, match="NOUNS"):
        tasks.load("gcd")
    tasks.load.cache_clear()
