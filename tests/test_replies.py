"""What servers send is read without what is odd in it, and shown without the key, before a run folder is at hand."""

import asyncio
import json
import ssl
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tailkit.errors import EnvironmentMissing
from tailkit.others import endpoint as protocol
from tailkit.others import environment, folder_name, replies
from tailkit.others.asking import Limits, Used, _Call, _Row
from tailkit.others.endpoint import Endpoint, Server
from tailkit.others.replies import NoReply, Reply
from tests.endpoint import Fake, Handler, completion, error, serving

KEY = "sk-do-not-show-4711"
ODD_KEY = """sk-\\do"not'show"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "FIRST_PAUSE", 0.0)
    # Reading the certificates of all authorities takes longer than asking a server without any.
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_, **__: None)


def asked(fake: Fake, key: str = KEY, rows: int = 1, **options: Any) -> list[Reply | BaseException]:
    """What so many rows get from a server, all of them asked at once."""

    async def ask() -> list[Reply | BaseException]:
        async with Server(Endpoint(fake.url, "served", key, **options)) as server:
            await server.check()
            return await asyncio.gather(*(server.ask(f"row {n}") for n in range(rows)), return_exceptions=True)

    return asyncio.run(ask())


def sends(status: int, body: Any, kind: str = "application/json") -> Callable[[Handler, Any], None]:
    return lambda handler, _: handler.send(status, body, kind)


def said_by(status: int, body: Any, key: str, kind: str = "application/json") -> str:
    """All that is kept or shown of a row."""
    with serving(sends(status, body, kind), None) as fake:
        (given,) = asked(fake, key)
    return json.dumps(asdict(given)) if isinstance(given, Reply) else f"{given}"


def straddling(key: str) -> str:
    """A text with the key where a message is cut, so that its last character would be lost."""
    return "x" * (replies.SAID - len(key)) + key + " tail"


LEAKS: dict[str, Callable[[str], tuple[Any, ...]]] = {
    "a wrong request": lambda key: (400, error(straddling(key))),
    "a wrong key": lambda key: (401, error(straddling(key))),
    "too many requests": lambda key: (429, error(straddling(key))),
    "plain text": lambda key: (400, straddling(key).encode(), "text/plain"),
    "an error sent with 200": lambda key: (200, error(straddling(key))),
    "a refusal": lambda key: (200, completion(None, refusal=straddling(key))),
    "parts": lambda key: (200, completion([{"type": "text", "text": key[:9]}, {"type": "text", "text": key[9:]}])),
    "thoughts": lambda key: (200, completion([{"thinking": [{"text": key[:9]}, {"text": key[9:]}]}, {"text": "1"}])),
    "the type": lambda key: (200, b"<html>", f"text/{key}"),
    "an error without a message": lambda key: (400, {"error": {"details": [f"key {key}"]}}),
    "a name of a field": lambda key: (400, {"error": {key: 1}}),
}


@pytest.mark.parametrize("key", [KEY, ODD_KEY])
@pytest.mark.parametrize("place", LEAKS)
def test_a_key_is_hidden_wherever_a_server_repeats_it(place: str, key: str) -> None:
    status, body, *kind = LEAKS[place](key)
    said = said_by(status, body, key, *kind)
    assert not [form for form in (key, key[:-2], json.dumps(key)[1:-1]) if form in said], said


@pytest.mark.parametrize("key", ["1", "EMPTY", "11111111", "no-key-needed"])
def test_a_placeholder_of_a_key_changes_no_reply(key: str) -> None:
    with serving(sends(200, completion(f"Answer: {key}51", reasoning=key)), [f"served-{key}", "served"]) as fake:
        assert asked(fake, key) == [Reply(f"Answer: {key}51", key, False, 20, 10)]


@pytest.mark.parametrize("count", [-1, 10**12, 10**40, "n/a", 50.5, [], {}, True])
def test_odd_counts_are_as_not_told(count: Any) -> None:
    told = {"usage": {"completion_tokens": count, "prompt_tokens": count}}
    for usage in (told, {"usage": count}):
        reply = replies.read({**completion("Answer: 1"), **usage})
        assert (reply.text, reply.tokens, reply.prompt_tokens) == ("Answer: 1", None, None)


def test_tokens_that_are_not_told_are_the_most_in_a_budget(tmp_path: Path) -> None:
    class Shown:
        done = 0

    row = _Row("S", 0, "1+1?")
    call = _Call(Endpoint("http://x/v1", "m"), Limits(), tmp_path, len, Shown(), Used())  # type: ignore[arg-type]
    with pytest.raises(NoReply) as caught:
        replies.read({**completion(""), "usage": {"completion_tokens": -9, "prompt_tokens": 3}})
    call._note_none(None, row, caught.value, 0.1)  # type: ignore[arg-type]
    assert call.used == Used(3, call.most(row).reply)


@pytest.mark.parametrize(
    "odd",
    [{"refusal": False}, {"reasoning": 7}, {"tool_calls": "none"}, {"role": 1}],
)
def test_a_field_of_another_kind_costs_no_reply(odd: dict[str, Any]) -> None:
    assert replies.read(completion("Answer: 1", **odd)).text == "Answer: 1"


def test_a_reply_is_the_choice_that_the_server_counts_first() -> None:
    body = completion("Answer: 2", "MAX_TOKENS")
    other: Any = {"index": 1, "message": {"content": "Answer: 3"}, "finish_reason": 9}
    reply = replies.read({**body, "choices": [other, *body["choices"]]})
    assert (reply.text, reply.cut) == ("Answer: 2", True)
    assert replies.read({**body, "choices": [other]}).text == "Answer: 3"


@pytest.mark.parametrize("status", [401, 403, 402, 500])
def test_a_key_that_may_not_list_models_may_chat(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = error("Missing scopes: api.model.read")
    monkeypatch.setattr(Handler, "do_GET", lambda handler: handler.send(status, refused))
    with serving(sends(200, completion("Answer: 1"))) as fake:
        assert [type(one) for one in asked(fake)] == [Reply]


def test_rows_in_flight_are_sent_anew_as_the_model_likes() -> None:
    first = []

    def answer(handler: Handler, request: dict[str, Any]) -> None:
        for name, said in {"max_tokens": "Use 'max_completion_tokens'.", "temperature": "temperature is odd"}.items():
            if name in request:
                first.append(name)
                return handler.send(400, error(said, "unsupported", name))
        return handler.send(200, completion("Answer: 1"))

    with serving(answer, None) as fake:
        given = asked(fake, rows=4)
    assert [type(one) for one in given] == [Reply] * 4, given
    # Some of them were on their way before the first was refused.
    assert len(first) > 2


WRONG = {
    "SSL_CERT_FILE": "/nonexistent",
    "HTTP_PROXY": "foo://me:hush@host:1",
    "HTTPS_PROXY": "http://me:hush@host:port",
    "ALL_PROXY": "socks5://me:hush@host:1",
    "OPENAI_ORG_ID": "hush-é",
    "OPENAI_PROJECT_ID": "hush\x07",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_environment_is_named_and_not_shown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # With the certificates of this machine.
    monkeypatch.undo()
    for other in (*WRONG, "http_proxy", "https_proxy", "all_proxy", "SSL_CERT_DIR"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, WRONG[name])
    with pytest.raises(EnvironmentMissing, match=name) as caught:
        environment.client("http://x/v1", KEY, 5)
    assert "hush" not in str(caught.value)


def test_no_name_of_a_variable_is_not_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.KEY, KEY)
    with pytest.raises(EnvironmentMissing, match="--key-from"):
        environment.key_of("")


@pytest.mark.parametrize("model", ["é" * 200, "模" * 100, "a/" * 300])
def test_a_folder_s_name_fits_any_disk(model: str) -> None:
    assert 0 < len(folder_name(model).encode()) <= 80
