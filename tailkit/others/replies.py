"""Chat completions, as servers that speak OpenAI's protocol write them.

In: the body of a response, as plain values. Out: a `Reply`, or why it is none: an empty, filtered, refused
or torn one is no answer of the model's. What counts is the text: a field beside it of another kind is as not told.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError, WrapValidator

from tailkit.errors import cut
from tailkit.imported.jsonl import WholeNumber
from tailkit.records import JsonObject

SAID = 160
"""Characters of what a server says that a message shows."""
REASONING = ("reasoning_content", "reasoning")
"""Fields in which servers give the reasoning apart from the answer."""
OUT_OF_TOKENS = ("length", "max_tokens", "model_length")
FILTERED = ("content_filter", "safety")


WhyNone = Literal["none", "foreign", "away", "late", "refused"]
"""Why a row has no answer: the model gave none (the server works), what came is no chat completion, the server
is not there, it took too long, it refused the request."""


class NoReply(Exception):
    """A row has no answer: `reason` says why, in a few words.

    `tokens` and `prompt_tokens` were used all the same; None where a server that worked on it does not say.
    """

    def __init__(
        self, reason: str, kind: WhyNone = "none", tokens: int | None = 0, prompt_tokens: int | None = 0
    ) -> None:
        super().__init__(reason)
        self.reason, self.kind = reason, kind
        self.tokens, self.prompt_tokens = tokens, prompt_tokens


@dataclass(frozen=True)
class Reply:
    """What a model said. `cut`: it ran out of tokens. Token counts are None where the server tells none."""

    text: str
    reasoning: str
    cut: bool
    tokens: int | None
    prompt_tokens: int | None


def _or_none(value: Any, check: Callable[[Any], Any]) -> Any:
    try:
        return check(value)
    except ValidationError:
        return None


OrNone = WrapValidator(_or_none)
"""A field without which a reply is one: what is of another kind counts as not told."""


class _Lenient(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _Message(_Lenient):
    content: str | list[JsonValue] | None = None
    refusal: Annotated[str | None, OrNone] = None


class _Choice(_Lenient):
    message: _Message
    index: Annotated[int | None, OrNone] = None
    finish_reason: Annotated[str | None, OrNone] = None


class _Usage(_Lenient):
    completion_tokens: Annotated[WholeNumber | None, OrNone] = None
    prompt_tokens: Annotated[WholeNumber | None, OrNone] = None


class _Body(_Lenient):
    choices: list[_Choice]
    usage: Annotated[_Usage | None, OrNone] = None


def read(body: JsonValue, shown: Callable[[str], str] = lambda said: cut(said, SAID)) -> Reply:
    """The reply in the body of a chat completion; raises `NoReply` if it holds none.

    `shown` puts what the server says into a message, in one short line.
    """
    if isinstance(body, dict) and body.get("error") and not body.get("choices"):
        raise NoReply(f"error: {shown(said_of(body))}", "refused")
    try:
        answer = _Body.model_validate(body)
    except ValidationError:
        raise NoReply("no chat completion", "foreign") from None
    usage = answer.usage or _Usage()
    spent = usage.completion_tokens, usage.prompt_tokens
    if not answer.choices:
        raise NoReply("no choices", "none", *spent)
    choice = next((one for one in answer.choices if one.index == 0), answer.choices[0])
    message, why = choice.message, (choice.finish_reason or "").lower()
    text, reasoning = _parts(message)
    if why in FILTERED:
        raise NoReply("stopped by a content filter", "none", *spent)
    if not text.strip() and message.refusal:
        raise NoReply(f"refused: {shown(message.refusal)}", "none", *spent)
    ended_early = why in OUT_OF_TOKENS
    # A model that thinks up to the last token has nothing left to say: that is a reply, of one that was cut off.
    if not text.strip() and not ended_early:
        raise NoReply("an empty text", "none", *spent)
    return Reply(text, reasoning, ended_early, *spent)


def _parts(message: _Message) -> tuple[str, str]:
    """The text of a message and its reasoning, where the server tells them apart."""
    reasoning = reasoning_in(message.model_extra or {})
    if isinstance(message.content, list):
        reasoning += "".join(_joined(part.get("thinking")) for part in message.content if isinstance(part, dict))
    return writable(_joined(message.content)), writable(reasoning)


def reasoning_in(fields: JsonObject) -> str:
    """The reasoning that stands in a field of its own, empty if there is none."""
    given = [fields.get(name) for name in REASONING]
    return writable(next((text for text in given if isinstance(text, str)), ""))


def _joined(content: JsonValue) -> str:
    """The text of a message's content, which may come in parts."""
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def asked(messages: JsonValue) -> str | None:
    """The last message of the user in a chat, None if there is none."""
    turns = [turn for turn in messages if isinstance(turn, dict)] if isinstance(messages, list) else []
    said = [_joined(turn.get("content", turn.get("value"))) for turn in turns if _role(turn) in ("user", "human")]
    return said[-1] if said else None


def answered(messages: JsonValue) -> JsonObject | None:
    """The last message of a chat, if it is the model's."""
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, dict) or _role(last) not in ("assistant", "gpt", "model"):
        return None
    return last if "content" in last else {**last, "content": last.get("value")}


def _role(turn: JsonObject) -> JsonValue:
    return turn.get("role", turn.get("from"))


def said_of(body: JsonValue) -> str:
    """What a server says about an error: its message or, where there is none, all of it."""
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message") or error.get("detail") if isinstance(error, dict) else error
    said = message if isinstance(message, str) else error
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)


def writable(text: str) -> str:
    """Text without half characters, which no file in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()
