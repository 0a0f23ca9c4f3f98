"""A server that speaks OpenAI's protocol, asked one problem at a time through the `openai` client.

In: an address, a model's name, the name of an environment variable with the key. Out: replies, or why there
is none. What concerns all rows, such as a wrong key or an unknown model, is a `TailkitError`. The key is in no
error, and taken out of what the server says. Further tries are made here, since those of the client begin
a request that hangs again and again.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tailkit.arithmetic.decoding import REPLY_SECONDS, REPLY_TOKENS
from tailkit.errors import EnvironmentMissing, TailkitError, UsageError, cut, quoted, unknown
from tailkit.others import environment, replies
from tailkit.others.environment import KEY, key_of
from tailkit.others.prompts import request
from tailkit.others.replies import NoReply, Reply
from tailkit.screen import note

FORM = "It is the root of the protocol, such as http://localhost:8000/v1."
TRIES = 6
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before the second try, and before any later one; each pause is twice the one before."""
LONGEST_WAIT = 600.0
"""Seconds that a server may ask to wait (Retry-After); a row that is to wait longer is left to the next call."""
DISTINCT = 8
"""Different characters that a secret key has at least; those with fewer are placeholders, such as EMPTY."""
TOLD_FROM = 5.0
"""Seconds of waiting from which on it is told."""
_FILTER = re.compile(r"content[_ ](?:filter|management|policy)|moderation|safety system", re.IGNORECASE)


@dataclass(frozen=True)
class Endpoint:
    """Which model is asked, and how. `timeout`: seconds for a reply. `unlisted`: also a model that it does not list."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    key_name: str = KEY
    most_tokens: int = REPLY_TOKENS
    timeout: float = REPLY_SECONDS
    unlisted: bool = False

    @classmethod
    def at(
        cls,
        url: str,
        model: str,
        key_name: str | None = None,
        *,
        most_tokens: int = REPLY_TOKENS,
        timeout: float = REPLY_SECONDS,
        unlisted: bool = False,
    ) -> "Endpoint":
        """An endpoint with the key of an environment variable; raises as `address` and `key_of` do."""
        return cls(address(url), model, key_of(key_name), key_name or KEY, most_tokens, timeout, unlisted)

    def without_key(self, said: str) -> str:
        """What a server says without the key, as it is or escaped, should it repeat that."""
        forms = {self.key, json.dumps(self.key)[1:-1], repr(self.key)[1:-1]} if self.key else set()
        for form in sorted(forms, key=len, reverse=True):
            said = said.replace(form, "***")
        return said

    def shown(self, said: str, most: int = replies.SAID) -> str:
        """What a server says as a message shows it: in one line, without the key, and only then cut."""
        return cut(self.without_key(said), most)

    def kept(self, reply: Reply) -> Reply:
        """A reply as it is kept: without the key.

        A placeholder such as 1 or EMPTY, as local servers take it, is no secret, and stays: it may be
        what the model means.
        """
        if len({*self.key}) < DISTINCT:
            return reply
        return replace(reply, text=self.without_key(reply.text), reasoning=self.without_key(reply.reasoning))


def address(url: str) -> str:
    """The root of the protocol for an address as users have it; raises `UsageError`, without what may be secret."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError("--endpoint is no address", FORM) from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "--endpoint holds more than an address: a password, or what follows ? or #",
            f"A key comes from an environment variable, {KEY} or the one that --key-from names.",
        )
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(f"--endpoint {quoted(url, 80)} does not begin with http:// or https:// and a host", FORM)
    path = re.sub(r"/(chat/completions|completions|models)?/?$", "", parts.path).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path or '/v1'}"


class Server:
    """The open connection to an endpoint. Use as an asynchronous context manager."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._client = environment.client(endpoint.url, endpoint.key, endpoint.timeout)
        # Looked up here, since the client imports a good part of itself then, and a request has a time limit.
        self._list, self._create = (
            self._client.models.with_raw_response.list,
            self._client.chat.completions.with_raw_response.create,
        )
        self._listed: list[str] = []
        self._changes: dict[str, Any] = {}
        self._told = 0.0

    async def __aenter__(self) -> "Server":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def check(self) -> None:
        """Raise `TailkitError` if the server does not answer, or lists models without this one.

        Many servers list none, or not to every key; then the first row tells.
        """
        endpoint = self.endpoint
        try:
            body = await self._tried(self._list, tries=2)
        except NoReply as none:
            if none.kind in ("away", "late"):
                raise self.away(none) from None
            return
        except TailkitError:
            return
        rows = body.get("data") if isinstance(body, dict) else None
        rows = rows if isinstance(rows, list) else []
        self._listed = [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
        named = {endpoint.model, f"{endpoint.model}:latest"}
        if self._listed and not endpoint.unlisted and not named & {*self._listed}:
            raise self._unknown_model()

    def _unknown_model(self) -> UsageError:
        hint = "Name a model that the server lists; --unlisted asks for another one all the same."
        listed = map(self.endpoint.without_key, self._listed)
        return unknown(f"model at {self.endpoint.url}:", self.endpoint.model, listed, hint)

    def away(self, none: NoReply) -> TailkitError:
        """What to say where there is no server, or one that has gone."""
        return TailkitError(
            f"{self.endpoint.url} does not answer: {none.reason}",
            "Start the server, or check the address; the same command goes on.",
        )

    async def ask(self, query: str) -> Reply:
        """The model's reply to a query.

        Raises `NoReply` where this row has none, `TailkitError` where no other row would have one either.
        """

        def send() -> Awaitable[Any]:
            body = request(query, self.endpoint.model, self.endpoint.most_tokens) | self._changes
            given = {name: value for name, value in body.items() if value is not None}
            return self._create(**given)

        return self.endpoint.kept(replies.read(await self._tried(send), self.endpoint.shown))

    async def _tried(self, send: Callable[[], Awaitable[Any]], tries: int = TRIES) -> Any:
        """What the server sends, as plain values; raises as `ask` does, after the last of so many tries."""
        import openai

        tried, pause = 0, FIRST_PAUSE
        while True:
            tried, error, sent = tried + 1, None, self._changes
            try:
                async with asyncio.timeout(self.endpoint.timeout):
                    return self._plain((await send()).http_response)
            except (TimeoutError, openai.APITimeoutError):
                pass
            except openai.APIError as caught:
                error = caught
            # Outside of the handler, so that no traceback shows an error of the client's, which may hold the key.
            if error is None:
                # Not again in this call: the server may be at work on it all the same.
                raise NoReply(f"no reply within {self.endpoint.timeout:g} s", "late")
            if self._changed(error, sent):
                continue
            failure, wait = self._failure(error), _asked_to_wait(error)
            if tried >= tries or (wait or 0) > LONGEST_WAIT:
                raise failure
            await self._pause(failure, pause * random.uniform(0.75, 1.25) if wait is None else wait)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _pause(self, failure: NoReply, seconds: float) -> None:
        if seconds >= TOLD_FROM and time.monotonic() - self._told >= TOLD_FROM:
            self._told = time.monotonic()
            note(f"{failure.reason}; again in {seconds:.0f} s")
        await asyncio.sleep(seconds)

    def _plain(self, response: Any) -> Any:
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            kind = self.endpoint.shown(response.headers.get("content-type", "").partition(";")[0], 40) or "no type"
            raise NoReply(f"no JSON, but {kind}", "foreign") from None

    def _failure(self, error: Any) -> NoReply:
        """The failure of a row that another try may help; raises `NoReply` or `TailkitError` where none will."""
        endpoint, status = self.endpoint, getattr(error, "status_code", None)
        if status is None:
            inner = error.__cause__ or error
            return NoReply(f"no connection ({endpoint.shown(str(inner) or type(inner).__name__, 100)})", "away")
        said = endpoint.shown(replies.said_of(error.body or error.response.text))
        words = f"status {status}: {said}" if said else f"status {status}"
        is_filtered = str(error.code).lower() in replies.FILTERED or (status in (400, 403) and _FILTER.search(said))
        if is_filtered:
            raise NoReply("stopped by a content filter")
        if status in (401, 403):
            key = f"the key in {endpoint.key_name}" if endpoint.key else f"a request without a key ({KEY} is not set)"
            hint = f"Set a key in {KEY}, or name another environment variable with --key-from."
            raise EnvironmentMissing(f"{endpoint.url} refuses {key}: {words}", hint)
        if status == 402 or error.code == "insufficient_quota":
            raise TailkitError(f"{endpoint.url}: {words}", "What was answered is kept; the same command goes on.")
        if status in (408, 409, 425, 429) or status >= 500:
            return NoReply(words, "refused")
        if status in (404, 405) and self._listed and endpoint.model not in self._listed:
            raise self._unknown_model()
        if status in (404, 405):
            raise UsageError(f"{endpoint.url} has no model {quoted(endpoint.model, 80)}, or no chats: {words}", FORM)
        raise NoReply(words, "refused")

    def _changed(self, error: Any, sent: dict[str, Any]) -> bool:
        """Whether a request, with the changes that it was `sent` with, is to be sent anew without what fails."""
        said = f"{error.param} {replies.said_of(error.body)}" if getattr(error, "status_code", 0) in (400, 422) else ""
        changes = self._changes
        if "max_completion_tokens" in said and "max_tokens" not in sent:
            self._changes = changes | {"max_tokens": None, "max_completion_tokens": self.endpoint.most_tokens}
        elif re.search(r"\btemperature\b", said) and "temperature" not in sent:
            self._changes = changes | {"temperature": None}
        if "temperature" in self._changes and "temperature" not in changes:
            note(f"note: {cut(self.endpoint.model, 80)} takes no temperature of 0, so its replies are not greedy")
        return self._changes is not changes


def _asked_to_wait(error: Any) -> float | None:
    """Seconds that a server asks to wait (Retry-After, in seconds or as a date), None if it does not say."""
    headers = error.response.headers if hasattr(error, "response") else {}
    for name, divisor in (("retry-after-ms", 1000), ("retry-after", 1)):
        text = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,9}(\.\d*)?", text):
            return float(text) / divisor
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None
