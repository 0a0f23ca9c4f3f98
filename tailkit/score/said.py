"""What a model says to its user: its completion without thoughts and without the marks of a chat.

In: a completion as it was generated. Out: the part that counts.
"""

import re
from typing import NamedTuple

from tailkit.models.chat import MARK

_NAMES = "think|thinking|thought|thoughts|reasoning|reason|reflection|scratchpad|seed:think"
_THOUGHT = re.compile(
    rf"<(?P<tag>/?)(?:{_NAMES})>|\[(?P<bracket>/?)THINK\]|◁(?P<kimi>/?)think▷|<\|(?P<token>begin|end)_of_thought\|>",
    re.IGNORECASE,
)
_FINAL = re.compile(r"<\|channel\|>final(?: [^<]*)?<\|message\|>")
_OPENING = re.compile(rf"(?:\s*(?:{MARK.pattern})(?:\s*(?:assistant|model)\b:?)?)*\s*", re.IGNORECASE)
_ASKED = re.compile(r"(?:user|system)\b", re.IGNORECASE)
_REPLY = re.compile(rf"(?:{MARK.pattern})\s*(?:assistant|model)\b|\[/INST\]")


class Said(NamedTuple):
    """`text` is what counts; `thought` if it is one that never ended, in which only a stated answer counts."""

    text: str
    thought: bool = False


def said(completion: str) -> Said:
    """The reply of a completion, up to the mark that ends it."""
    text = completion
    if final := [match.end() for match in _FINAL.finditer(text)]:
        text = text[final[-1] :]
    reply, thought = _without_thoughts(text)
    return Said(spoken) if (spoken := _unmarked(reply)).strip() else Said(_unmarked(thought), thought=True)


def _without_thoughts(text: str) -> tuple[str, str]:
    """What stands outside of thoughts, and the thought that is not ended.

    What stands before an end without a beginning is a thought too: some formats begin it in the prompt.
    """
    kept: list[str] = []
    place, inside = 0, False
    for match in _THOUGHT.finditer(text):
        ends = "/" in (match["tag"], match["bracket"], match["kimi"]) or match["token"] == "end"
        if ends and not inside:
            kept = []
        elif not inside:
            kept.append(text[place : match.start()])
        place, inside = match.end(), not ends
    return "".join(kept) + ("" if inside else text[place:]), text[place:] if inside else ""


def _unmarked(text: str) -> str:
    """A message without the marks before it, up to the first one after it."""
    start = _after_opening(text, 0)
    # A whole chat: the reply comes after the user's turn.
    asked = _ASKED.match(text, start) or text[:start].rstrip().endswith("[INST]")
    if start and asked and (reply := _REPLY.search(text, start)):
        start = _after_opening(text, reply.start())
    end = MARK.search(text, start)
    return text[start : end.start() if end else len(text)]


def _after_opening(text: str, start: int) -> int:
    match = _OPENING.match(text, start)
    return match.end() if match else start
