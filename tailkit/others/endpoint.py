"""A server that speaks OpenAI's protocol, asked one problem at a time through the `openai` client.

In: an address, a model's name, the name of an environment variable with the key. Out: replies, or why there
is none. What concerns all rows, such as a wrong key or an unknown model, is a `TailkitError`. The key is in no
error, and taken out of all that the server says. Further tries are made here, since those of the client begin
a request that hangs again and again.
"""

import asyncio
import json
import os
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tailkit.arithmetic.decoding import REPLY_SECONDS, REPLY_TOKENS
from tailkit.errors import EnvironmentMissing, TailkitError, UsageError, cut, quoted, unknown
from tailkit.others import replies
from tailkit.others.prompts import request
from tailkit.others.replies import NoReply, Reply
from tailkit.screen import note

KEY = "OPENAI_API_KEY"
FORM = "It is the root of the protocol, such as http://localhost:8000/v1."
TRIES = 6
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before the second try, and before any later one; each pause is twice the one before."""
LONGEST_WAIT = 600.0
"""Seconds that a server may ask to wait (Retry-After); a row that is to wait longer is left to the next call."""
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

    def without_key(self, said: Any) -> Any:
        """What a server says, text or values with texts in them, without the key, should it repeat that."""
        if isinstance(said, str):
            return said.replace(self.key, "***") if self.key else said
        if isinstance(said, dict):
            return {name: self.without_key(value) for name, value in said.items()}
        return [self.without_key(value) for value in said] if isinstance(said, list) else said


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


def key_of(name: str | None) -> str:
    """The key in an environment variable, empty if the usual one is not set.

    Raises `EnvironmentMissing` for another one that is not set, and for what can be no key. Neither is
    shown: who mixes them up would have the key on the screen.
    """
    value = os.environ.get(name or KEY, "").strip()
    if name is not None and not value:
        raise EnvironmentMissing(
            "the environment variable that --key-from names is not set", f"Set it, or leave --key-from out for {KEY}."
        )
    if not re.fullmatch(r"[!-~]*", value):
        raise EnvironmentMissing("the key in the environment variable has characters that no key has", "Set it anew.")
    return value


class Server:
    """The open connection to an endpoint. Use as an asynchronous context manager."""

    def __init__(self, endpoint: Endpoint) -> None:
        try:
            import openai
        except ImportError:
            raise EnvironmentMissing(
                "asking an endpoint needs the package openai", "pip install 'tailkit[endpoint]'"
            ) from None
        self.endpoint, self._openai = endpoint, openai
        self._client = openai.AsyncOpenAI(
            api_key=endpoint.key or "none", base_url=endpoint.url, max_retries=0, timeout=endpoint.timeout
        )
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
        """Raise `TailkitError` if the server does not answer, refuses the key, or lists models without this one.

        Many servers list none; then the first row tells.
        """
        endpoint = self.endpoint
        try:
            body = await self._tried(self._list, tries=2)
        except NoReply as none:
            if none.kind in ("away", "late"):
                raise self.away(none) from None
            return
        except UsageError:
            return
        rows = body.get("data") if isinstance(body, dict) else None
        rows = rows if isinstance(rows, list) else []
        self._listed = [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
        named = {endpoint.model, f"{endpoint.model}:latest"}
        if self._listed and not endpoint.unlisted and not named & {*self._listed}:
            raise self._unknown_model()

    def _unknown_model(self) -> UsageError:
        hint = "Name a model that the server lists; --unlisted asks for another one all the same."
        return unknown(f"model at {self.endpoint.url}:", self.endpoint.model, self._listed, hint)

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

        return replies.read(await self._tried(send))

    async def _tried(self, send: Callable[[], Awaitable[Any]], tries: int = TRIES) -> Any:
        """What the server sends, as plain values; raises as `ask` does, after the last of so many tries."""
        tried, pause = 0, FIRST_PAUSE
        while True:
            tried, error = tried + 1, None
            try:
                async with asyncio.timeout(self.endpoint.timeout):
                    return self._plain((await send()).http_response)
            except (TimeoutError, self._openai.APITimeoutError):
                pass
            except self._openai.APIError as caught:
                error = caught
            # Outside of the handler, so that no traceback shows an error of the client's, which may hold the key.
            if error is None:
                # Not again in this call: the server may be at work on it all the same.
                raise NoReply(f"no reply within {self.endpoint.timeout:g} s", "late")
            if self._changed(error):
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
            return self.endpoint.without_key(json.loads(response.content))
        except (ValueError, RecursionError):
            kind = cut(response.headers.get("content-type", "").partition(";")[0], 40) or "no type"
            raise NoReply(f"no JSON, but {kind}", "foreign") from None

    def _failure(self, error: Any) -> NoReply:
        """The failure of a row that another try may help; raises `NoReply` or `TailkitError` where none will."""
        endpoint, status = self.endpoint, getattr(error, "status_code", None)
        if status is None:
            inner = error.__cause__ or error
            return NoReply(
                f"no connection ({cut(endpoint.without_key(str(inner)) or type(inner).__name__, 100)})", "away"
            )
        said = endpoint.without_key(replies.said_of(error.body if error.body else error.response.text))
        words = f"status {status}: {said}" if said else f"status {status}"
        is_filtered = error.code in replies.FILTERED or (status in (400, 403) and _FILTER.search(said))
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

    def _changed(self, error: Any) -> bool:
        """Whether the request is to be sent anew, without what this model does not take."""
        said = f"{error.param} {replies.said_of(error.body)}" if getattr(error, "status_code", 0) in (400, 422) else ""
        if "max_completion_tokens" in said and "max_tokens" not in self._changes:
            self._changes |= {"max_tokens": None, "max_completion_tokens": self.endpoint.most_tokens}
            return True
        if re.search(r"\btemperature\b", said) and "temperature" not in self._changes:
            self._changes["temperature"] = None
            note(f"note: {cut(self.endpoint.model, 80)} takes no temperature of 0, so its replies are not greedy")
            return True
        return False


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
