"""HTTP/1.1 by hand: sends any bytes and sees exactly how an answer ends."""

from __future__ import annotations

import dataclasses
import json
import socket
import struct


@dataclasses.dataclass
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    whole: bool  # False: the connection ended before the body's end

    def header(self, name: str) -> str | None:
        return next((value for field, value in self.headers if field == name), None)

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self) -> dict:
        return self.json["error"]

    @property
    def events(self) -> list[bytes]:
        """The data of each event of a stream."""
        return [line[6:] for line in self.body.split(b"\n") if line.startswith(b"data: ")]


class RawClient:
    """One connection."""

    def __init__(self, port: int, seconds: float = 60, receive_buffer: int = 0):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(seconds)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def half_close(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def receive(self) -> bool:
        """Takes what has come; False at the connection's end, however it ended."""
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            return False
        self.buffer += data
        return bool(data)

    def read_until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            assert self.receive(), f"the connection ended before {mark!r}: {self.buffer[-300:]!r}"
        return self._take(self.buffer.index(mark) + len(mark))

    def _take(self, size: int) -> bytes:
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def read_to_end(self) -> bytes:
        while self.receive():
            pass
        return self._take(len(self.buffer))

    def ended(self, seconds: float = 10) -> bool:
        """Whether the server closes the connection without sending anything more."""
        self.socket.settimeout(seconds)
        try:
            return not self.receive()
        except TimeoutError:
            return False

    def read_head(self) -> tuple[int, list[tuple[str, str]]]:
        head = self.read_until(b"\r\n\r\n").decode("latin-1").rstrip("\r\n")
        status_line, *lines = head.split("\r\n")
        fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        return int(status_line.split(" ")[1]), fields

    def read_reply(self, head_only: bool = False) -> Reply:
        status, headers = self.read_head()
        fields = dict(headers)
        if head_only or status in (204, 304) or status < 200:
            return Reply(status, headers, b"", True)
        if fields.get("transfer-encoding") == "chunked":
            body, whole = self._chunked()
        elif "content-length" in fields:
            body, whole = self._sized(int(fields["content-length"]))
        else:
            body, whole = self.read_to_end(), True
        return Reply(status, headers, body, whole)

    def _sized(self, size: int) -> tuple[bytes, bool]:
        while len(self.buffer) < size and self.receive():
            pass
        body = self._take(size)
        return body, len(body) == size

    def _chunked(self) -> tuple[bytes, bool]:
        body = bytearray()
        while True:
            while (end := self.buffer.find(b"\r\n")) < 0:
                if not self.receive():
                    return bytes(body), False
            size = int(self.buffer[:end], 16)
            while len(self.buffer) < end + 2 + size + 2:
                if not self.receive():
                    return bytes(body + self.buffer[end + 2 :]), False
            body += self._take(end + 2 + size + 2)[end + 2 : -2]
            if size == 0:
                return bytes(body), True


def post(path: str, key: str | None, body: bytes | dict, headers: dict[str, str] | None = None) -> bytes:
    """A request as bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "host: gateway", "content-type: application/json", f"content-length: {len(content)}"]
    if key is not None:
        lines.append(f"authorization: Bearer {key}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


def get(path: str, key: str | None = None) -> bytes:
    authorization = f"authorization: Bearer {key}\r\n" if key else ""
    return f"GET {path} HTTP/1.1\r\nhost: gateway\r\n{authorization}\r\n".encode()


def chat(model: str = "test", content: str = "hello", **more) -> dict:
    return {"model": model, "messages": [{"role": "user", "content": content}], **more}


def ask(gateway, key: str | None, body: bytes | dict, path: str = "/v1/chat/completions",
        headers: dict[str, str] | None = None, seconds: float = 60) -> Reply:
    """One request on a connection of its own."""
    with RawClient(gateway.port, seconds) as client:
        client.send(post(path, key, body, headers))
        return client.read_reply()


def fetch(gateway, key: str | None, path: str) -> Reply:
    with RawClient(gateway.port) as client:
        client.send(get(path, key))
        return client.read_reply()
