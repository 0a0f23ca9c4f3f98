"""Chat formats: how a query becomes a prompt, and what must not stand in a message.

In: a query, or what a tokenizer knows. Out: the prompt text that training, generation and export all use, byte for
byte. The chat template of a tokenizer is never called: Qwen2.5's would add a default system prompt.
The formats stand in `recipe.choices.CHAT_FORMATS`.
"""

import re
from collections.abc import Callable
from typing import Protocol

from tailkit.recipe.choices import CHAT_FORMATS, class_of


class ChatFormat(Protocol):
    """How one exchange is written: the user's turn, then the assistant's."""

    title: str
    """Its name in texts."""
    marks: tuple[str, ...]
    """The tokens that a tokenizer must have."""
    stop: str
    """The mark that ends a completion; it is trained."""
    pad: str
    """What pads, where a tokenizer names nothing but the stop token."""
    template: str
    """The same format as a Jinja template, saved with tokenizers and adapters for other tools."""

    def prompt(self, query: str) -> str:
        """The text that stands before a completion: the user's turn, then the assistant's opening."""
        ...


def formats() -> list[ChatFormat]:
    """All chat formats, the default first."""
    return [class_of(CHAT_FORMATS, name)() for name in CHAT_FORMATS]


def default() -> ChatFormat:
    """The format where no tokenizer is at hand."""
    return formats()[0]


def format_of(is_token: Callable[[str], bool]) -> ChatFormat:
    """The first format whose marks are tokens; raises `KeyError`, with a mark that is missing, if there is none."""
    known = formats()
    for one in known:
        if all(map(is_token, one.marks)):
            return one
    raise KeyError(next(mark for mark in known[0].marks if not is_token(mark)))


def messages(query: str, completion: str) -> list[dict[str, str]]:
    """The same exchange in the form that chat trainers read."""
    return [{"role": "user", "content": query}, {"role": "assistant", "content": completion}]


# The marks of the chat formats in use, whose only place is around a message: ChatML, Llama, Gemma, Mistral, DeepSeek, …
MARK = re.compile(
    r"<[|｜][^<>|｜\s]{1,40}[|｜]>|</?s>|<(?:bos|eos|pad|unk)>|<(?:start|end)_of_turn>|<\|?turn\|?>|\[/?INST\]|<</?SYS>>"
)
# Those of them that end a message.
END_MARK = re.compile(
    r"<[|｜](?:im_end|endoftext|eot|eot_id|eom_id|EOT|end|return|call|end_of_(?:text|turn|sentence)|role_end|"
    r"END_OF_TURN_TOKEN|end▁of▁sentence)[|｜]>|</s>|<eos>|<end_of_turn>|<turn\|>"
)


def bare(text: str) -> str:
    """A message without the one mark that may end it; raises `ValueError`, with the mark, if it holds another."""
    marks = list(MARK.finditer(text))
    if marks and END_MARK.fullmatch(marks[-1][0]) and not text[marks[-1].end() :].strip():
        text = text[: marks.pop().start()]
    if marks:
        raise ValueError(marks[0][0])
    return text
