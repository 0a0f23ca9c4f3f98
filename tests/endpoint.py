"""A server that speaks OpenAI's protocol, in a thread of the test, and fails in every way that it is told to."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Handler", dict[str, Any]], None]


def completion(text: Any, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    said = {"role": "assistant", "content": text, **message}
    return {
        "id": "c-1", "object": "chat.completion", "created": 1, "model": "served",
        "choices": [{"index": 0, "message": said, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
    }  # fmt: skip


def error(message: str, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", "param": param, "code": code}}


class Handler(BaseHTTPRequestHandler):
    """One request; how it is answered is the server's matter."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.state.gets.append(self.path)
        if self.state.models is None:
            self.send(404, error("no such page"))
        else:
            self.send(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.state.models]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.state.requests.append(body)
        self.state.keys.append(self.headers.get("Authorization", ""))
        query = body["messages"][-1]["content"]
        with self.state.lock:
            self.state.tries[query] += 1
            number = len(self.state.requests)
        with self.state.counted():
            self.state.answer(self, {**body, "query": query, "try": self.state.tries[query], "number": number})

    @property
    def state(self) -> "Fake":
        return self.server.state  # type: ignore[attr-defined]

    def send(self, status: int, body: Any, kind: str = "application/json", **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def send_half(self) -> None:
        """A reply that breaks off."""
        content = json.dumps(completion("Answer: 1")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def hang(self) -> None:
        self.state.released.wait(20)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Fake:
    """What the server got, and how it answers: `answer(handler, request)`."""

    def __init__(self, answer: Reply, models: list[str] | None) -> None:
        self.answer, self.models = answer, models
        self.requests: list[dict[str, Any]] = []
        self.gets: list[str] = []
        self.keys: list[str] = []
        self.tries: Counter[str] = Counter()
        self.lock, self.released = threading.Lock(), threading.Event()
        self.now = self.most = 0
        self.url = ""

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Counts how many requests are answered at once."""
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            yield
        finally:
            with self.lock:
                self.now -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def serving(answer: Reply, models: list[str] | None = ("served",)) -> Iterator[Fake]:  # type: ignore[assignment]
    """Such a server; it ends with the context."""
    fake = Fake(answer, None if models is None else list(models))
    server = _Server(("127.0.0.1", 0), Handler)
    server.state = fake  # type: ignore[attr-defined]
    fake.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def slowly(handler: Handler, seconds: float) -> None:
    time.sleep(seconds)
