"""A provider that tests script byte by byte.

It listens on a loopback port, keeps a journal of each request it got and of each connection that closed, and answers as
the test says: by a behaviour set for a model (`provider.on("some-model", behaviour)`), else as an honest
OpenAI-compatible server would. Behaviours are in behaviours.py.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
import ssl
import struct
import threading
import time
import traceback
from collections.abc import Awaitable, Callable

import behaviours


@dataclasses.dataclass
class Dispatch:
    """One request as the provider saw it, and what became of its connection."""

    number: int
    connection: int
    time: float  # time.monotonic()
    head: bytes
    body: bytes = b""
    closed_at: float | None = None  # when the connection closed while this was the last request on it
    closed_by: str | None = None  # "gateway" or "provider"
    answered_at: float | None = None  # when the behaviour was through
    sent: int = 0  # bytes handed to the kernel or waiting for it
    usage: dict | None = None  # what the answer said it used

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    @property
    def path(self) -> str:
        return self.target.split("?")[0]

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines) if name]

    def header(self, name: str) -> str | None:
        return next((value for field, value in self.headers if field == name), None)

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def model(self) -> str | None:
        """Of the body; in Gemini's dialect of the path, `/models/NAME:generateContent`."""
        if "/models/" in self.path and ":" in self.path:
            return self.path.split("/models/")[1].split(":")[0]
        try:
            return self.json.get("model")
        except (ValueError, AttributeError):
            return None


class Answer:
    """What a behaviour answers through."""

    def __init__(self, connection: "_Connection", dispatch: Dispatch, provider: "Provider"):
        self.dispatch, self.provider = dispatch, provider
        self._connection = connection

    async def send(self, data: bytes) -> None:
        """Waits while the kernel's buffers are full; gives up (by cancellation) when the gateway closes."""
        self.dispatch.sent += len(data)
        self._connection.transport.write(data)
        await self._connection.writable.wait()

    def close(self) -> None:
        self._connection.close_by_provider()
        self._connection.transport.close()

    def cork(self) -> None:
        """What is sent from now on goes out together with the connection's end, in one segment."""
        raw = self._connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)

    def reset(self) -> None:
        """Closes with RST instead of FIN."""
        self._connection.close_by_provider()
        raw = self._connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.transport.abort()


Behaviour = Callable[[Answer], Awaitable[None]]


class _Connection(asyncio.Protocol):
    def __init__(self, provider: "Provider"):
        self.provider = provider
        self.number = provider._next_connection()
        self.buffer = b""
        self.task: asyncio.Task | None = None
        self.last: Dispatch | None = None
        self.closed_by: str | None = None
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport):
        self.transport = transport
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.provider.send_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.provider.send_buffer)
            transport.set_write_buffer_limits(high=self.provider.send_buffer)
        self.provider.open_connections.add(self)

    def pause_writing(self):
        self.writable.clear()

    def resume_writing(self):
        self.writable.set()

    def close_by_provider(self):
        self.closed_by = self.closed_by or "provider"

    def eof_received(self):
        self._ended()
        return False

    def connection_lost(self, _):
        self.provider.open_connections.discard(self)
        self.closed_by = self.closed_by or "gateway"
        asyncio.get_running_loop().call_soon(self._ended)  # the socket itself is closed behind this call

    def _ended(self):
        self.closed_by = self.closed_by or "gateway"
        if self.last is not None and self.last.closed_at is None:
            self.last.closed_at = time.monotonic()
            self.last.closed_by = self.closed_by
            self.provider._wrote(self.last, "close")
        if self.task is not None:
            self.task.cancel()

    def data_received(self, data):
        self.buffer += data
        if self.task is None or self.task.done():
            self._next_request()

    def _next_request(self):
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        body = _body_of(head, rest)
        if body is None:
            return
        size, content = body
        self.buffer = rest[size:]
        dispatch = Dispatch(self.provider._next_number(), self.number, time.monotonic(), head, content)
        self.last = dispatch
        self.provider._add(dispatch)
        self.task = asyncio.get_running_loop().create_task(self._answer(dispatch))

    async def _answer(self, dispatch: Dispatch):
        answer = Answer(self, dispatch, self.provider)
        try:
            await self.provider._behaviour_for(dispatch)(answer)
        except Exception:  # a test's mistake: shown when the provider stops
            self.provider.mistakes.append(traceback.format_exc())
            answer.close()
        dispatch.answered_at = time.monotonic()
        if not self.transport.is_closing():
            asyncio.get_running_loop().call_soon(self._next_request)


def _body_of(head: bytes, rest: bytes) -> tuple[int, bytes] | None:
    """How many bytes the body takes and what it says, or None while it is not whole."""
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])}
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        at, content = 0, b""
        while True:
            line, separator, _ = rest[at:].partition(b"\r\n")
            if not separator:
                return None
            size = int(line, 16)
            end = at + len(line) + 2 + size + 2
            if len(rest) < end:
                return None
            content += rest[at + len(line) + 2 : end - 2]
            at = end
            if size == 0:
                return at, content
    size = int(fields.get(b"content-length", b"0"))
    return (size, rest[:size]) if len(rest) >= size else None


class Provider:
    """Runs on a thread of its own; every method may be called from the test's thread."""

    def __init__(self, journal_file=None, tls: tuple[str, str] | None = None, send_buffer: int = 0):
        self.send_buffer = send_buffer
        self.open_connections: set[_Connection] = set()
        self.catalogue: list[dict] = []  # what GET /models says
        self.activity: list[dict] = []  # what OpenRouter's GET /activity says
        self.generations: dict[str, dict] = {}  # what OpenRouter's GET /generation?id= says
        self.key: dict = {"label": "test", "usage": 0, "limit": None}
        self.mistakes: list[str] = []  # behaviours that failed
        self._journal: list[Dispatch] = []
        self._journal_file = open(journal_file, "a", buffering=1) if journal_file else None
        self._scripts: dict[str, list[Behaviour]] = {}
        self._lock = threading.Lock()
        self._numbers = self._connections = 0
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._tls = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*tls)
        self._thread = threading.Thread(target=self._run, name="provider", daemon=True)
        self._thread.start()
        self._started.wait()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda *_: None)
        self._server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=4096, ssl=self._tls))
        self.port = self._server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()

    def stop(self):
        async def close():
            self._server.close()
            for connection in list(self.open_connections):
                connection.transport.abort()
            self._loop.stop()

        asyncio.run_coroutine_threadsafe(close(), self._loop)
        self._thread.join(5)
        if self._journal_file:
            self._journal_file.close()
        assert not self.mistakes, self.mistakes[0]

    @property
    def url(self) -> str:
        """To be completed by "/v1" or "/api/v1"."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    # --- scripts

    def on(self, model: str, *script: Behaviour) -> None:
        """Requests for the model are answered by these behaviours one after the other, then by the last for ever."""
        with self._lock:
            self._scripts[model] = list(script)

    def _behaviour_for(self, dispatch: Dispatch) -> Behaviour:
        with self._lock:
            script = self._scripts.get(dispatch.model or "") or self._scripts.get(dispatch.path)
            if script:
                return script.pop(0) if len(script) > 1 else script[0]
        return behaviours.NAMED.get(dispatch.model or "", behaviours.honest)

    # --- the journal

    def _next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _next_connection(self) -> int:
        self._connections += 1
        return self._connections

    def _add(self, dispatch: Dispatch):
        with self._lock:
            self._journal.append(dispatch)
        self._wrote(dispatch, "dispatch")

    def _wrote(self, dispatch: Dispatch, event: str):
        if self._journal_file:
            self._journal_file.write(json.dumps({"event": event, "number": dispatch.number, "time": time.time(),
                                                 "model": dispatch.model, "by": dispatch.closed_by}) + "\n")

    @property
    def connections(self) -> int:
        """How many were accepted in all."""
        return self._connections

    def dispatches(self, model: str | None = None) -> list[Dispatch]:
        """The POST requests so far, of that model or of all."""
        with self._lock:
            return [d for d in self._journal if d.method == "POST" and (model is None or d.model == model)]

    def forget(self) -> None:
        """The requests so far: for long runs."""
        with self._lock:
            self._journal.clear()

    def requests(self, path_end: str) -> list[Dispatch]:
        with self._lock:
            return [d for d in self._journal if d.path.endswith(path_end)]

    def wait_for(self, count: int = 1, model: str | None = None, seconds: float = 10) -> list[Dispatch]:
        """The dispatches, once there are that many."""
        end = time.monotonic() + seconds
        while len(found := self.dispatches(model)) < count:
            assert time.monotonic() < end, f"the provider got {len(found)} of {count} requests in {seconds} s"
            time.sleep(0.002)
        return found

    def wait_closed(self, dispatch: Dispatch, seconds: float = 10) -> Dispatch:
        end = time.monotonic() + seconds
        while dispatch.closed_at is None:
            assert time.monotonic() < end, f"the gateway did not close its connection within {seconds} s"
            time.sleep(0.002)
        return dispatch
