"""What one type wrote, the same type reads; anything else is refused with file, line and field."""

import json
from pathlib import Path

import pytest

from tailkit.errors import TailkitError
from tailkit.records import Generation, Metric, Score
from tailkit.run import lines
from tailkit.run.files import whole
from tailkit.score import read_summaries, summarize, write_summaries

SCORES = [
    Score("S", i, i % 2 + 1, i < 2, False, i == 3, 10 + i, "1", "1", module="fetch", state="x1") for i in range(5)
]


def test_summaries_are_read_as_they_were_written(tmp_path: Path) -> None:
    summaries = [summarize("S", SCORES), summarize("M", [])]
    write_summaries(tmp_path / "summary.json", summaries)
    assert read_summaries(tmp_path / "summary.json") == summaries
    assert json.loads((tmp_path / "summary.json").read_text())[0]["by_n"]["1"][:2] == [1, 3]


@pytest.mark.parametrize("damage", [None, b"", b"[{", b"{}", b"\xff", b"[1]", "cut", "word"])
def test_damaged_summaries_are_named_in_two_lines(tmp_path: Path, damage: bytes | str | None) -> None:
    path = tmp_path / "summary.json"
    write_summaries(path, [summarize("S", SCORES)])
    if damage is None:
        path.unlink()
        path.mkdir()
    else:
        edits = {"cut": path.read_bytes()[:90], "word": path.read_bytes().replace(b'"total": 5', b'"total": "all"')}
        path.write_bytes(edits[damage] if isinstance(damage, str) else damage)
    with pytest.raises(TailkitError) as caught:
        read_summaries(path)
    assert str(path) in caught.value.message
    assert "tailkit eval" in caught.value.hint
    assert len(str(caught.value).splitlines()) == 2


def test_records_keep_every_character(tmp_path: Path) -> None:
    texts = ["a\u2028b\x85", "\ud800", "\x00\x1b[1m", "\u202eabc", "\r\n", "|`</script>"]
    made = [Generation("S", i, text, 1, False) for i, text in enumerate(texts)]
    lines.append(tmp_path / "g.jsonl", made[:2])
    lines.append(tmp_path / "g.jsonl", made[2:])
    assert lines.read(tmp_path / "g.jsonl", Generation) == made
    lines.write(tmp_path / "g.jsonl", made[::-1])
    assert list(lines.read_generations(tmp_path / "g.jsonl", "S", 6).values()) == made[::-1]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"range": "S", "index": 1, "text": None, "tokens": 1, "cut": False}, ["line 2", "text", "string"]),
        ({"range": "S", "index": 1.5, "text": "", "tokens": 1, "cut": False}, ["line 2", "index"]),
        ({"range": "S", "index": 1, "tokens": 1, "cut": False}, ["line 2", "text", "required"]),
        ({"range": "M", "index": 1, "text": "", "tokens": 1, "cut": False}, ["line 2", "row of S"]),
        ({"range": "S", "index": -1, "text": "", "tokens": 1, "cut": False}, ["line 2", "row of S"]),
        ({"range": "S", "index": 2, "text": "", "tokens": 1, "cut": False}, ["line 2", "row of S (0 to 1)"]),
    ],
)
def test_a_row_of_another_kind_is_named(tmp_path: Path, row: dict[str, object], words: list[str]) -> None:
    path = tmp_path / "g.jsonl"
    lines.write(path, [Generation("S", 0, "a", 1, False)])
    path.write_text(path.read_text() + json.dumps(row) + "\n")
    with pytest.raises(TailkitError) as caught:
        lines.read_generations(path, "S", 2)
    assert all(word in str(caught.value) for word in [*words, str(path)])


def test_metrics_of_an_older_version_are_read(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text('{"step": 3, "loss": 0.5, "grad_norm": 1.0}\n{"step": 4, "lo')
    assert lines.read(tmp_path / "train.jsonl", Metric) == [Metric(3, 0.5)]
    assert lines.read(tmp_path / "none.jsonl", Metric) == []


def test_who_may_read_a_folder_may_read_its_files(tmp_path: Path) -> None:
    with whole(tmp_path / "adapter") as temporary:
        temporary.mkdir()
        (temporary / "weights").write_text("weights")
        (temporary / "weights").chmod(0o600)
    folder = (tmp_path / "adapter").stat().st_mode & 0o666
    assert (tmp_path / "adapter" / "weights").stat().st_mode & 0o777 == folder
