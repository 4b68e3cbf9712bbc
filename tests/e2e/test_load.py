"""Much at once: thousands of streams, more requests than there is room for, bodies that would fill the memory, hours of it."""

import asyncio
import json
import os
import threading
import time

import pytest

import behaviours
from behaviours import chunk, delta, event
from faults import faults_row
from gateway_process import SANITIZED, config_for
from load import CHAT, AsyncClient, Tally, words
from raw_client import RawClient, ask, chat, fetch, post

OVERLOAD_SECONDS = float(os.environ.get("GATEWAY_OVERLOAD_SECONDS", "4"))
SOAK_SECONDS = float(os.environ.get("GATEWAY_SOAK_SECONDS", "0"))
WIDER = 4 if SANITIZED else 1  # bounds on memory


class Together:
    """Streams that all wait for each other behind their first word, so that all are open at once."""

    def __init__(self, count: int, parts: list[str], delay: float):
        self.count, self.parts, self.delay = count, parts, delay
        self.here = 0
        self.all_here, self.go = threading.Event(), threading.Event()  # between the provider's thread and the test's

    async def __call__(self, answer) -> None:
        await answer.send(behaviours.STREAM_HEAD + chunk(event(delta(self.parts[0]))))
        self.here += 1
        if self.here == self.count:
            self.all_here.set()
        while not self.go.is_set():
            await asyncio.sleep(0.1)
        for part in self.parts[1:]:
            await answer.send(chunk(event(delta(part))))
            await asyncio.sleep(self.delay)
        await answer.send(chunk(event(delta(finish="stop"))) + chunk(event(behaviours.usage_chunk(behaviours.usage())))
                          + chunk(behaviours.DONE) + behaviours.LAST_CHUNK)


@faults_row("overload")
def test_two_thousand_slow_streams(start_gateway, new_provider):
    count, parts = 2000 if not SANITIZED else 500, [f" {i}" for i in range(10)]
    provider = new_provider()
    together = Together(count, parts, 0.1)
    provider.on("together", together)
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    before = gateway.resident_bytes()
    per_stream = []

    async def stream(room: asyncio.Semaphore):
        client = AsyncClient(gateway.port)
        async with room:  # so that no queue of connections overflows
            await client.send(post(CHAT, key, chat("together", stream=True)))
        reply = await client.read_reply()
        client.close()
        return reply

    async def all_streams():
        room = asyncio.Semaphore(200)
        streams = [asyncio.create_task(stream(room)) for _ in range(count)]
        while not together.all_here.is_set():
            assert not any(s.done() for s in streams), next(s for s in streams if s.done())
            await asyncio.sleep(0.05)
        per_stream.append((gateway.resident_bytes() - before) / count)
        together.go.set()
        return await asyncio.gather(*streams)

    replies = asyncio.run(asyncio.wait_for(all_streams(), 120))
    print(f"{count} streams open at once: {per_stream[0] / 1024:.1f} KiB each")
    assert all(r.status == 200 and r.whole and r.events[-1] == b"[DONE]" and words(r) == parts for r in replies)
    assert per_stream[0] < (64 << 10) * WIDER
    rows = gateway.settled_rows(count)
    assert len(rows) == count and {r["state"] for r in rows} == {"settled"}


@faults_row("overload")
def test_four_times_too_much(start_gateway, new_provider):
    """Room for 8 at once, 32 who want it and come again at once: whoever is not refused is served, memory stays as it is."""
    provider = new_provider()
    body = json.dumps(behaviours.completion("x" * 1000)).encode()
    provider.on("slow", behaviours.steps(0.2, behaviours.head(200, None, len(body)) + body))
    gateway = start_gateway(config_for(provider, server={"max_in_flight": 8}))
    key = gateway.create_key()

    async def visitor(tally: Tally):
        client = AsyncClient(gateway.port)
        while not tally.over:
            begin = time.monotonic()
            reply = await client.ask(key, chat("slow", "word " * 400))
            tally.count(reply, time.monotonic() - begin)
            assert reply.status in (200, 503), reply.body
            assert reply.whole and (reply.status == 200 or (reply.header("retry-after") and reply.error["code"] == "overloaded"))
            if reply.status == 503:
                await asyncio.sleep(0.2)
        client.close()

    async def crowd():
        tally = Tally(gateway, OVERLOAD_SECONDS)
        await asyncio.gather(tally.watch_memory(), *(visitor(tally) for _ in range(32)))
        return tally

    tally = asyncio.run(crowd())
    print(tally)
    assert tally.statuses[200] >= 8 and tally.statuses[503] > tally.statuses[200]
    assert tally.refusal(0.5) < 0.1, "half of what the others' answers take: nobody is refused after waiting in a queue"
    assert tally.drift < (8 << 20) * WIDER
    assert len(gateway.settled_rows(tally.statuses[200])) == tally.statuses[200]


@faults_row("overload")
def test_bodies_together_are_bounded(start_gateway, new_provider):
    provider = new_provider()
    provider.on("large", behaviours.reply(behaviours.completion("Thanks.")))  # a large answer would wait for room, too
    gateway = start_gateway(config_for(provider, server={"max_body": "1MiB", "max_buffered": "4MiB"}))
    key = gateway.create_key()
    content = "x" * ((1 << 20) - 100)
    whole = post(CHAT, key, chat("large", content))
    large, small = whole[:-1000], whole[-1000:]

    def buffered() -> int:
        text = fetch(gateway, None, "/metrics").body.decode()
        return int(next(line.split()[1] for line in text.splitlines() if line.startswith("gateway_buffered_bytes ")))

    slow = [RawClient(gateway.port) for _ in range(4)]
    for client in slow:
        client.send(large)
    gateway.wait_until(lambda: buffered() > 4 * (len(content) - 2000), "four bodies are under way")
    with RawClient(gateway.port) as fifth:
        fifth.send(large[:1000])  # the answer does not wait for the body
        reply = fifth.read_reply()
        assert (reply.status, reply.error["code"], reply.header("retry-after")) == (503, "overloaded", "1")
    with RawClient(gateway.port) as chunked:
        head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ntransfer-encoding: chunked\r\n\r\n".encode()
        chunked.send(head + chunk(b" " * 8192))
        reply = chunked.read_reply()
        assert (reply.status, reply.error["code"]) == (503, "overloaded")
    for client in slow:
        client.send(small)
        assert client.read_reply().status == 200, "whoever had begun is served"
        client.close()
    gateway.wait_until(lambda: buffered() == 0, "all is given back")
    assert [len(d.body) for d in provider.dispatches("large")] == [len(whole.partition(b"\r\n\r\n")[2])] * 4
    assert ask(gateway, key, chat("large", content)).status == 200


@pytest.mark.skipif(not SOAK_SECONDS, reason="GATEWAY_SOAK_SECONDS says how long")
def test_soak(start_gateway, new_provider):
    """A bit of everything for a long time: memory and descriptors come to a level and stay there."""
    provider = new_provider()
    provider.on("stream", behaviours.whole_stream([f" {i}" for i in range(10)], delay=0.01))
    provider.on("closes", behaviours.steps(*_answer_and_close()))
    gateway = start_gateway(config_for(provider, projects={"demo": {}, "tight": {"limits": {"concurrent": 1}}}))
    key, tight = gateway.create_key(), gateway.create_key("tight")

    async def visitor(tally: Tally, number: int):
        client, turn = AsyncClient(gateway.port), number
        while not tally.over:
            turn += 1
            kind = turn % 8
            begin = time.monotonic()
            if kind == 0:  # leaves in the middle
                await client.send(post(CHAT, key, chat("stream", stream=True)))
                await client.reader.readuntil(b"\r\n\r\n")  # the first event is there, too
                client.close()
            else:
                body = {1: chat("m", "word " * 20000), 2: chat("status-500"), 3: chat("mid-stream-reset", stream=True),
                        4: chat("closes"), 5: chat("m", max_tokens=-1)}.get(kind, chat("stream", stream=True))
                tally.count(await client.ask(tight if kind == 6 else key, body), time.monotonic() - begin)
            await asyncio.sleep(0.05)
            if len(provider.dispatches()) > 1000:
                provider.forget()
        client.close()

    async def crowd():
        tally = Tally(gateway, SOAK_SECONDS)
        await asyncio.gather(tally.watch_memory(), *(visitor(tally, n) for n in range(16)))
        return tally

    tally = asyncio.run(crowd())
    descriptors = len(os.listdir(f"/proc/{gateway.process.pid}/fd"))
    print(f"{tally}; {descriptors} descriptors")
    assert tally.statuses.get(200, 0) > 0 and 404 not in tally.statuses
    assert tally.drift < (16 << 20) * WIDER
    assert descriptors < 200


def _answer_and_close():
    body = json.dumps(behaviours.completion("bye")).encode()
    return behaviours.CORK, behaviours.head(200, None, len(body)) + body, behaviours.CLOSE
