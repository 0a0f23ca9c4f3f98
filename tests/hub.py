"""A model hub in a thread of the test: one model, what the hub says of it, and how it refuses."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "c" * 40


class Hub:
    """A model's files, and how the hub behaves: `refuses` (status, X-Error-Code, X-Error-Message) for every request."""

    def __init__(self, folder: Path, model: str = "small/model") -> None:
        self.model = model
        self.files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
        self.refuses: tuple[int, str, str] | None = None
        self.asked: list[tuple[str, str, str]] = []
        self.tokens: list[str] = []

    def downloads(self, name: str) -> list[str]:
        """The ranges of a file that were asked for, "" for all of it."""
        return [part for method, path, part in self.asked if method == "GET" and path.endswith(f"/{name}")]

    def tree(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = []
        for name, content in self.files.items():
            entry: dict[str, Any] = {
                "type": "file",
                "path": name,
                "size": len(content),
                "oid": sha1(content).hexdigest(),
            }
            if name.endswith(".safetensors"):
                entry["lfs"] = {"oid": sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
            entries.append(entry)
        return entries


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> Hub:
        return self.server.hub  # type: ignore[attr-defined]

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        path = self.path.partition("?")[0]
        self.hub.asked.append((self.command, path, self.headers.get("Range", "")))
        self.hub.tokens.append(self.headers.get("Authorization", ""))
        if self.hub.refuses:
            status, code, message = self.hub.refuses
            self.give(status, b"{}", **{"X-Error-Code": code, "X-Error-Message": message})
        elif path.startswith(f"/api/models/{self.hub.model}/tree/"):
            self.give(200, json.dumps(self.hub.tree()).encode())
        elif path.startswith(f"/api/models/{self.hub.model}"):
            self.give(200, json.dumps({"id": self.hub.model, "sha": COMMIT, "siblings": []}).encode())
        elif path.startswith(f"/{self.hub.model}/resolve/") and path.rpartition("/")[2] in self.hub.files:
            self.give_file(self.hub.files[path.rpartition("/")[2]], path.endswith(".safetensors"))
        else:
            self.give(404, b"{}", **{"X-Error-Code": "EntryNotFound"})

    def give_file(self, content: bytes, is_lfs: bool) -> None:
        etag = (sha256 if is_lfs else sha1)(content).hexdigest()
        facts = {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
        if is_lfs:
            facts |= {"X-Linked-Size": str(len(content)), "X-Linked-ETag": f'"{etag}"'}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        if start:
            facts["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.give(206 if start else 200, content[start:], **facts)

    def give(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            # A client that was interrupted has gone.
            with suppress(ConnectionError):
                self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(hub: Hub) -> Iterator[str]:
    """The hub's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hub = hub  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
