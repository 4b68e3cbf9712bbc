"""Many clients at once, on one asyncio loop: raw HTTP/1.1, so that a client costs little and an answer's end is seen."""

from __future__ import annotations

import asyncio
import json
import time

from raw_client import Reply, post

CHAT = "/v1/chat/completions"


class AsyncClient:
    """One connection, made when it is first needed and again after the server has closed it."""

    def __init__(self, port: int):
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, data: bytes) -> None:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(data)
        await self.writer.drain()

    async def read_reply(self) -> Reply:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:]) if name]
        reply = Reply(int(head[0].split(" ")[1]), headers, b"", True)
        fields = dict(headers)
        try:
            if fields.get("transfer-encoding") == "chunked":
                reply.body = await self._chunks()
            else:
                reply.body = await self.reader.readexactly(int(fields["content-length"]))
        except asyncio.IncompleteReadError:
            reply.whole = False
        if not reply.whole or fields.get("connection") == "close":
            self.close()
        return reply

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readexactly(2)
        return body

    async def ask(self, key: str, body: dict) -> Reply:
        await self.send(post(CHAT, key, body))
        return await self.read_reply()

    def close(self) -> None:
        if self.writer is not None:
            self.writer.transport.abort() if self.writer.is_closing() else self.writer.close()
        self.reader = self.writer = None


def words(reply: Reply) -> list[str]:
    """What a stream said, chunk by chunk."""
    chunks = (json.loads(data) for data in reply.events[:-1])
    return [c["choices"][0]["delta"]["content"] for c in chunks if c["choices"] and c["choices"][0]["delta"].get("content")]


class Tally:
    """What became of the requests of a run, and what the gateway's memory did meanwhile."""

    def __init__(self, gateway, seconds: float):
        self.gateway = gateway
        self.begin, self.end = time.monotonic(), time.monotonic() + seconds
        self.statuses: dict[int, int] = {}
        self.refusals: list[float] = []  # seconds each took
        self.resident: list[tuple[float, int]] = []

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.end

    def count(self, reply: Reply, took: float) -> None:
        self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1
        if reply.status == 503:
            self.refusals.append(took)

    async def watch_memory(self) -> None:
        every = (self.end - self.begin) / 20
        while not self.over:
            self.resident.append((time.monotonic() - self.begin, self.gateway.resident_bytes()))
            await asyncio.sleep(every)

    @property
    def drift(self) -> int:
        """Bytes that memory grew by after the first quarter, in which pools fill."""
        start = self.resident[len(self.resident) // 4][1]
        return max(size for _, size in self.resident[-3:]) - start

    def refusal(self, share: float) -> float:
        return sorted(self.refusals)[int(len(self.refusals) * share)] if self.refusals else 0

    def __str__(self) -> str:
        marks = " ".join(f"{size / 2**20:.1f}" for _, size in self.resident[:: max(1, len(self.resident) // 10)])
        return (f"{self.end - self.begin:.0f} s: {self.statuses}; refusals p50 {self.refusal(0.5) * 1000:.1f} ms, "
                f"p99 {self.refusal(0.99) * 1000:.1f} ms; RSS in MiB {marks}; drift {self.drift / 1024:.0f} KiB")
