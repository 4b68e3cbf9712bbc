"""kill -9 at random instants under load: no dispatch without its row, nothing billed twice, every answer billed."""

import os
import random
import sqlite3
import threading
import time
from decimal import Decimal

import pytest

import behaviours
from faults import faults_row
from gateway_process import SANITIZED, config_for, target
from raw_client import RawClient, ask, chat, post

KILLS = int(os.environ.get("GATEWAY_KILLS", "5"))
CHAT = "/v1/chat/completions"


class Load:
    """Clients that ask without end, whole answers and streams; each request is known by its own client request id."""

    def __init__(self, gateway, key, clients=12):
        self.gateway, self.key = gateway, key
        self.completed: set[str] = set()  # the client saw the whole answer
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.number = 0
        self.threads = [threading.Thread(target=self._client, args=(i,), daemon=True) for i in range(clients)]
        for thread in self.threads:
            thread.start()

    def _client(self, index):
        while not self.stopping.is_set():
            try:
                with RawClient(self.gateway.port, 5) as client:
                    while not self.stopping.is_set():
                        with self.lock:
                            self.number += 1
                            name = f"crash-{self.number}"
                        body = chat("load", stream=self.number % 2 == 0, user=name)
                        client.send(post(CHAT, self.key, body, {"x-client-request-id": name}))
                        reply = client.read_reply()
                        if reply.status == 200 and reply.whole:
                            with self.lock:
                                self.completed.add(name)
            except (OSError, AssertionError, TimeoutError):
                time.sleep(0.01)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(10)


@faults_row("kill -9 under load")
def test_kills_under_load(tmp_path, new_provider, capsys):
    provider = new_provider()
    body = behaviours.json.dumps(behaviours.completion()).encode()
    whole = behaviours.steps(0.005, behaviours.head(200, None, len(body)) + body)
    streamed = behaviours.whole_stream(delay=0.003)

    async def answer(a):
        await (streamed if a.dispatch.json.get("stream") else whole)(a)

    provider.on("load", answer)
    from gateway_process import GatewayProcess
    gateway = GatewayProcess(tmp_path, config_for(provider, projects={"demo": {"spend": {"cap": "1000", "period": "total"}}}))
    restarts = [gateway.start()]  # start() asserts that it became ready
    key = gateway.create_key()
    load = Load(gateway, key)
    chance = random.Random(int(os.environ.get("GATEWAY_SEED", "1")))
    for number in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.6))
        gateway.kill()
        restarts.append(gateway.start())
        completed = len(load.completed)
        if number % 2 == 0 or number == KILLS - 1:  # the others are killed again as soon as chance has it
            gateway.wait_until(lambda: len(load.completed) > completed + 10, "it serves again, and not only says so")
    load.stop()
    gateway.stop()

    rows = gateway.requests()
    by_request: dict[str, list[dict]] = {}
    for row in rows:
        by_request.setdefault(row["client_request_id"], []).append(row)
    dispatched = [d.json["user"] for d in provider.dispatches("load")]
    assert len(dispatched) == len(set(dispatched)), "the provider got a request twice"
    without_row = [name for name in dispatched if name not in by_request]
    assert not without_row, f"{len(without_row)} of {len(dispatched)} dispatches have no row: {without_row[:5]}"
    assert all(len(found) == 1 for found in by_request.values()), "a request has two rows"
    assert not [r for r in rows if r["state"] == "open"]
    with load.lock:
        unbilled = [name for name in load.completed if Decimal(by_request[name][0]["cost"]) == 0]
    assert not unbilled, f"{len(unbilled)} answers that a client saw are not billed"
    interrupted = [r for r in rows if r["state"] == "interrupted"]
    assert all(r["cost_source"] == "held" and Decimal(r["cost"]) == Decimal(r["hold"]) for r in interrupted)
    total = sum(Decimal(r["cost"]) for r in rows)
    assert sum(Decimal(r["cost"]) for r in gateway.usage("--by", "project")) == total
    with capsys.disabled():
        print(f"\n{KILLS} kills, {len(dispatched)} dispatches, {len(interrupted)} interrupted, {len(load.completed)} completed; restart "
              f"at most {max(restarts):.3f} s")
    assert len(load.completed) > KILLS


@faults_row("kill -9 under load")
def test_counters_after_a_crash_are_those_before(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, models={"*": {"targets": [{"provider": "test", "prices": {"request": "0.001"}}]}},
                                       projects={"demo": {"spend": {"cap": "0.010", "period": "month"}}}))
    key = gateway.create_key()
    for _ in range(4):
        assert ask(gateway, key, chat("m")).status == 200
    provider.on("held", behaviours.steps(behaviours.HANG))
    with RawClient(gateway.port) as client:
        client.send(post(CHAT, key, chat("held")))
        provider.wait_for(1, "held")
        gateway.kill()
    gateway.start()
    from raw_client import fetch
    spend = fetch(gateway, key, "/v1/key").json["data"]["spend"][0]
    assert Decimal(spend["spent"]) + Decimal(spend["held"]) == Decimal("0.005"), "four answers, and the hold of the fifth"
    row = next(r for r in gateway.requests() if r["asked_model"] == "held")
    assert (row["state"], row["cost_source"]) == ("interrupted", "held")


@faults_row("kill -9 under load")
def test_a_sweep_leaves_the_living_alone(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    provider.on("slow", behaviours.whole_stream([" a"] * 20, delay=0.05))
    with RawClient(gateway.port) as client:
        client.send(post(CHAT, key, chat("slow", stream=True)))
        provider.wait_for(1, "slow")
        assert gateway.run("ledger", "sweep").returncode == 0
        assert client.read_reply().whole
    assert gateway.settled_rows(1)[0]["state"] == "settled"


@faults_row("a torn or corrupt journal record")
def test_a_journal_cut_short_or_overwritten_loses_nothing_else(start_gateway, new_provider):
    """After a kill the journal's files are damaged at their end: the server starts, says so, and the ledger is consistent."""
    provider = new_provider()
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    for _ in range(5):
        assert ask(gateway, key, chat("m")).status == 200
    gateway.settled_rows(5)
    gateway.kill()
    journals = [p for p in gateway.folder.rglob("*") if p.is_file() and "journal" in p.name.lower() and p.stat().st_size > 4096]
    assert journals, list(gateway.folder.iterdir())
    for path in journals:
        content = bytearray(path.read_bytes())
        for at in range(4096, len(content), 997):
            content[at] ^= 0x5A
        path.write_bytes(content)
    gateway.start()
    assert ask(gateway, key, chat("m")).status == 200
    assert len(gateway.settled_rows(6, "--model", "m")) >= 6


@faults_row("database locked by another; disk full; read-only")
def test_a_locked_database(start_gateway, new_provider):
    """While another process holds the database, new requests get 503 once nothing can be promised; those in flight finish."""
    provider = new_provider()
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    provider.on("slow", behaviours.whole_stream([" a"] * 10, delay=0.05))
    with sqlite3.connect(gateway.database, isolation_level=None) as database:
        with RawClient(gateway.port) as client:
            client.send(post(CHAT, key, chat("slow", stream=True)))
            client.read_head()
            database.execute("BEGIN EXCLUSIVE")
            while client.receive():
                if b"[DONE]" in client.buffer:
                    break
            assert b"[DONE]" in client.buffer, "in flight: finishes"
        seen, end = set(), time.monotonic() + 11
        while time.monotonic() < end:
            reply = ask(gateway, key, chat("m"))
            seen.add((reply.status, None if reply.status == 200 else reply.error["code"]))
            time.sleep(0.1)
        database.execute("ROLLBACK")
    assert (503, "unavailable") in seen and seen <= {(503, "unavailable"), (200, None)}, seen
    gateway.wait_until(lambda: ask(gateway, key, chat("m")).status == 200, "recovers without a restart")
    dispatched = len(provider.dispatches())
    assert len(gateway.settled_rows(dispatched)) == dispatched, "no row is lost"


@faults_row("database locked by another; disk full; read-only")
def test_a_full_disk(start_gateway, new_provider):
    """A limit on file sizes stands for the full disk: what was answered is billed, the rest is refused, nothing is lost."""
    import resource
    import signal

    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (96 << 20, resource.RLIM_INFINITY))

    provider = new_provider()
    gateway = start_gateway(config_for(provider), limits=small_files)
    key = gateway.create_key()
    assert ask(gateway, key, chat("m")).status == 200
    gateway.settled_rows(1)
    sizes = max(p.stat().st_size for p in gateway.folder.iterdir() if p.suffix.startswith(".db"))
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (sizes - sizes % 4096 or 4096, resource.RLIM_INFINITY))
    statuses = set()
    end = time.monotonic() + 60
    while 503 not in statuses and time.monotonic() < end:
        statuses.add(ask(gateway, key, chat("m")).status)
    assert statuses <= {200, 503} and 503 in statuses, statuses
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    gateway.wait_until(lambda: ask(gateway, key, chat("m")).status == 200, "recovers without a restart")
    dispatched = len(provider.dispatches())
    assert len(gateway.settled_rows(dispatched)) == dispatched
