"""Limits and spend caps, over real sockets and with many requests at once."""

import asyncio
import collections
import concurrent.futures
import contextlib
import threading
import time
from decimal import Decimal

import behaviours
from gateway_process import config_for, target
from raw_client import RawClient, ask, chat, fetch, post

FLAT = {"provider": "test", "prices": {"request": "0.001"}}  # 0.001 USD a request, whatever its size
MILLION = Decimal(1_000_000)


def project(start_gateway, provider, models=None, **settings):
    gateway = start_gateway(config_for(provider, models=models or {"*": {"targets": [target()]}}, projects={"demo": settings}))
    return gateway, gateway.create_key()


def own(gateway, key) -> dict:
    return fetch(gateway, key, "/v1/key").json["data"]


def all_at_once(gateway, key, count, body, threads=100):
    """Statuses and error codes of `count` requests, as many at once as there are threads."""
    barrier = threading.Barrier(threads)
    raw = post("/v1/chat/completions", key, body)

    def worker(number):
        with RawClient(gateway.port, 60) as client:
            barrier.wait()
            replies = []
            for _ in range(number):
                client.send(raw)
                replies.append(client.read_reply())
            return replies

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        shares = [count // threads + (1 if i < count % threads else 0) for i in range(threads)]
        return [reply for replies in pool.map(worker, shares) for reply in replies]


def outcomes(replies) -> collections.Counter:
    return collections.Counter("ok" if r.status == 200 else r.error["code"] for r in replies)


def test_requests_per_minute(start_gateway, provider):
    gateway, key = project(start_gateway, provider, limits={"requests_per_minute": 60})
    replies = all_at_once(gateway, key, 200, chat(), threads=50)
    found = outcomes(replies)
    assert 60 <= found["ok"] <= 90, found  # a minute's worth at once, then one a second
    assert found["ok"] + found["rate_limit_exceeded"] == 200
    refused = next(r for r in replies if r.status == 429)
    assert refused.error["type"] == "requests"
    assert 1 <= int(refused.header("retry-after")) <= 60


def test_tokens_per_minute(start_gateway, provider):
    """An answer of a model that has not answered yet is charged at 256 tokens, which is corrected when it has come."""
    gateway, key = project(start_gateway, provider, limits={"tokens_per_minute": 400})
    assert [ask(gateway, key, chat(f"new-{i}", max_tokens=1000)).status for i in range(4)] == [200] * 4
    provider.on("slow", behaviours.steps(behaviours.HANG))
    with RawClient(gateway.port) as first:
        first.send(post("/v1/chat/completions", key, chat("slow", max_tokens=1000)))
        provider.wait_for(1, "slow")
        reply = ask(gateway, key, chat("another", max_tokens=1000))
    assert (reply.status, reply.error["type"], reply.error["code"]) == (429, "tokens", "rate_limit_exceeded")
    assert 1 <= int(reply.header("retry-after")) <= 60


def test_a_refused_request_consumes_nothing(start_gateway, provider):
    gateway, key = project(start_gateway, provider, limits={"requests_per_minute": 1000, "tokens_per_minute": 200})
    before = own(gateway, key)["remaining"]
    for _ in range(20):
        assert ask(gateway, key, chat("never-admitted", max_tokens=2000)).status == 429
    after = own(gateway, key)["remaining"]
    assert after["requests"] >= before["requests"] and after["tokens"] >= before["tokens"]
    assert not provider.dispatches("never-admitted")


def test_concurrency(start_gateway, provider):
    gateway, key = project(start_gateway, provider, limits={"concurrent": 3})
    provider.on("held", behaviours.steps(behaviours.HANG))
    clients = [RawClient(gateway.port) for _ in range(3)]
    for client in clients:
        client.send(post("/v1/chat/completions", key, chat("held")))
    provider.wait_for(3, "held")
    refused = ask(gateway, key, chat())
    assert (refused.status, refused.error["type"], refused.error["code"]) == (429, "concurrency", "rate_limit_exceeded")
    clients[0].close()
    gateway.wait_until(lambda: ask(gateway, key, chat()).status == 200, "a place is free once one has left")
    for client in clients[1:]:
        client.close()


def test_limits_of_one_project_leave_others_alone(start_gateway, provider):
    gateway = start_gateway(config_for(provider, projects={"small": {"limits": {"requests_per_minute": 1}}, "large": {}}))
    small, large = gateway.create_key("small"), gateway.create_key("large")
    assert [ask(gateway, small, chat()).status for _ in range(2)] == [200, 429]
    assert ask(gateway, large, chat()).status == 200


class Watcher:
    """Asks GET /v1/key all the while, and keeps what each answer says is committed of each cap."""

    def __init__(self, gateway, key):
        self.gateway, self.key = gateway, key
        self.seen: dict[str, list[tuple[Decimal, Decimal]]] = {}  # by period: committed, cap
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self):
        while not self.stopping.is_set():
            for spend in own(self.gateway, self.key)["spend"]:
                committed = Decimal(spend["spent"]) + Decimal(spend["held"])
                self.seen.setdefault(spend["period"], []).append((committed, Decimal(spend["cap"])))

    def stop(self) -> set[str]:
        """Gives the periods that were watched."""
        self.stopping.set()
        self.thread.join()
        for period, seen in self.seen.items():
            assert all(committed <= cap for committed, cap in seen), (period, max(seen))
        return set(self.seen)


def in_flight(gateway) -> int:
    text = fetch(gateway, None, "/metrics").body.decode()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("gateway_in_flight "))


def test_a_strict_cap_under_many_at_once(start_gateway, new_provider):
    """500 requests in flight at the same time against caps that fit 37: no more than 37 are admitted, and never is more
    committed than any of the caps."""
    provider = new_provider()
    requests, fit = 500, 37
    caps = {"day": fit + 100, "week": fit, "month": fit + 1, "total": 2 * fit}
    gateway, key = project(start_gateway, provider, {"*": {"targets": [FLAT]}},
                           spend=[{"cap": str(Decimal("0.001") * most), "period": period} for period, most in caps.items()])
    answered = threading.Event()

    async def answer(a):
        while not answered.is_set():
            await asyncio.sleep(0.01)
        await behaviours.reply(behaviours.completion())(a)

    provider.on("test", answer)
    watcher = Watcher(gateway, key)
    raw = post("/v1/chat/completions", key, chat())
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(RawClient(gateway.port, 60)) for _ in range(requests)]
        for client in clients:
            client.send(raw[:-1])
        gateway.wait_until(lambda: in_flight(gateway) == requests, "all are in flight")
        for client in clients:
            client.send(raw[-1:])
        # Nobody's hold is settled before everybody has been judged.
        gateway.wait_until(lambda: in_flight(gateway) <= fit and in_flight(gateway) == len(provider.dispatches()), "the rest is refused", 30)
        answered.set()
        found = outcomes([client.read_reply() for client in clients])
    assert watcher.stop() == set(caps)
    assert found["ok"] <= fit
    assert len(provider.dispatches()) == found["ok"]
    assert found["ok"] >= fit - 1, f"nothing is stranded: {found}"
    gateway.wait_until(lambda: all(Decimal(spend["held"]) == 0 for spend in own(gateway, key)["spend"]), "holds are back to 0", 5)
    assert {Decimal(spend["spent"]) for spend in own(gateway, key)["spend"]} == {Decimal("0.001") * found["ok"]}


def _body() -> bytes:
    import json
    return json.dumps(behaviours.completion()).encode()


def test_two_servers_share_a_cap_while_the_command_line_is_used(start_gateway, new_provider):
    """500 requests of two servers on one database, against a cap that fits 40; the project is changed and read meanwhile."""
    provider = new_provider()
    provider.on("test", behaviours.steps(0.03, behaviours.head(200, None, len(body := _body())) + body))
    fit = 40
    settings = {"models": {"*": {"targets": [FLAT]}}, "projects": {}}
    first = start_gateway(config_for(provider, **settings))
    second = start_gateway(config_for(provider, **settings, database=f"sqlite:{first.database}"))
    first.cli("project", "create", "shared", "--cap", "0.040/total", json_output=False)
    key = first.create_key("shared")
    second.wait_until(lambda: second.key_works(key), "both know the key")
    watchers = [Watcher(gateway, key) for gateway in (first, second)]
    done = threading.Event()

    def administer():
        calls = 0
        while not done.is_set() or calls < 6:
            first.cli("project", "set", "shared", "--concurrent", str(1000 + calls), json_output=False)
            shown = second.usage("--by", "project")
            assert sum(Decimal(row["cost"]) + Decimal(row["held"]) for row in shown) <= Decimal("0.040")
            first.verify()
            calls += 3

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        admin = pool.submit(administer)
        results = list(pool.map(lambda g: outcomes(all_at_once(g, key, 250, chat(), threads=60)), (first, second)))
        admitted = sum(found["ok"] for found in results)
        assert admitted <= fit
        for _ in range(200):  # nothing is stranded in a process that does not need it
            for gateway in (first, second):
                admitted += ask(gateway, key, chat()).status == 200
            if admitted >= fit:
                break
            time.sleep(0.05)
        done.set()
        admin.result()
    for watcher in watchers:
        assert watcher.stop() == {"total"}
    assert admitted == fit
    assert len(provider.dispatches()) == fit
    for gateway in (first, second):
        gateway.wait_until(lambda: Decimal(own(gateway, key)["spend"][0]["held"]) == 0, "holds are back to 0", 5)
        gateway.wait_until(lambda: Decimal(own(gateway, key)["spend"][0]["spent"]) == Decimal("0.040"), "both know what was spent", 5)


def test_a_cap_that_is_raised_and_lowered_while_serving(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, models={"*": {"targets": [FLAT]}}))
    gateway.cli("project", "create", "late", "--cap", "0.002/month", json_output=False)
    key = gateway.create_key("late")
    assert [ask(gateway, key, chat()).status for _ in range(3)] == [200, 200, 429]
    gateway.cli("project", "set", "late", "--cap", "0.003/month", json_output=False)
    gateway.wait_until(lambda: ask(gateway, key, chat()).status == 200, "there is room for one more", 5)
    gateway.cli("project", "set", "late", "--cap", "0.001/month", json_output=False)
    gateway.wait_until(lambda: Decimal(own(gateway, key)["spend"][0]["cap"]) == Decimal("0.001"), "the cap is lower", 5)
    reply = ask(gateway, key, chat())
    assert (reply.status, reply.error["code"]) == (429, "insufficient_quota")
    assert Decimal(own(gateway, key)["spend"][0]["remaining"]) == 0, "never negative"
    assert len(provider.dispatches()) == 3


def test_the_worst_case_is_held_and_the_rest_given_back(start_gateway, provider):
    gateway, key = project(start_gateway, provider, spend={"cap": "1.00", "period": "day"})
    provider.on("held-back", behaviours.steps(behaviours.HANG))
    with RawClient(gateway.port) as client:
        client.send(post("/v1/chat/completions", key, chat("held-back", max_tokens=1000)))
        provider.wait_for(1, "held-back")
        held = Decimal(own(gateway, key)["spend"][0]["held"])
        assert held >= Decimal(2) * 1000 / MILLION, "1,000 tokens of output at 2 USD a million, and the input"
    gateway.wait_until(lambda: Decimal(own(gateway, key)["spend"][0]["held"]) == 0, "given back", 5)


def test_a_cap_that_is_reached(start_gateway, provider):
    gateway, key = project(start_gateway, provider, {"*": {"targets": [FLAT]}}, spend={"cap": "0.002", "period": "week"})
    assert [ask(gateway, key, chat()).status for _ in range(2)] == [200, 200]
    gateway.settled_rows(2)
    reply = ask(gateway, key, chat())
    assert (reply.status, reply.error["type"], reply.error["code"]) == (429, "insufficient_quota", "insufficient_quota")
    assert reply.header("x-should-retry") == "false"
    metadata = reply.error["metadata"]
    assert (metadata["period"], metadata["cap"], metadata["spent"], metadata["remaining"]) == ("week", "0.002", "0.002", "0")
    assert metadata["resets_at"].endswith("Z")


def test_a_cap_that_only_waits_for_others(start_gateway, provider):
    gateway, key = project(start_gateway, provider, {"*": {"targets": [FLAT]}}, spend={"cap": "0.001", "period": "month"})
    provider.on("in-flight", behaviours.steps(behaviours.HANG))
    with RawClient(gateway.port) as client:
        client.send(post("/v1/chat/completions", key, chat("in-flight")))
        provider.wait_for(1, "in-flight")
        reply = ask(gateway, key, chat())
        assert (reply.status, reply.error["type"], reply.error["code"]) == (429, "spend", "rate_limit_exceeded")
        assert reply.header("retry-after") == "1"


def test_a_cap_survives_a_restart(start_gateway, provider):
    gateway, key = project(start_gateway, provider, {"*": {"targets": [FLAT]}}, spend={"cap": "0.003", "period": "month"})
    assert [ask(gateway, key, chat()).status for _ in range(2)] == [200, 200]
    gateway.stop()
    gateway.start()
    assert Decimal(own(gateway, key)["spend"][0]["spent"]) == Decimal("0.002")
    assert [ask(gateway, key, chat()).status for _ in range(2)] == [200, 429]


def test_the_clamp_bounds_what_is_asked_for(start_gateway, provider):
    gateway, key = project(start_gateway, provider, limits={"max_output_tokens": 50}, spend={"cap": "1.00", "period": "month"})
    assert ask(gateway, key, chat("clamped")).status == 200
    sent = provider.dispatches("clamped")[0].json
    assert 50 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))


def test_projects_and_keys_made_while_serving(start_gateway, provider):
    gateway = start_gateway(config_for(provider))
    gateway.cli("project", "create", "late", "--requests-per-minute", "1", json_output=False)
    key = gateway.create_key("late")
    assert [ask(gateway, key, chat()).status for _ in range(2)] == [200, 429]
    assert gateway.run("project", "set", "demo", "--requests-per-minute", "5").returncode != 0, "the file is demo's authority"


def test_model_without_a_price_in_a_project_with_a_cap(start_gateway, provider):
    gateway, key = project(start_gateway, provider, {"*": {"targets": [{"provider": "test"}]}}, spend={"cap": "1.00", "period": "month"})
    reply = ask(gateway, key, chat("no-such-price"))
    assert (reply.status, reply.error["code"]) == (400, "unpriced_model")
