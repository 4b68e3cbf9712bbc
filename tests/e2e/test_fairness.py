"""One project against all, strangers against all: as the binary shows it."""

import contextlib
import json
import re
import signal
import sqlite3
import subprocess
import threading
import time

import behaviours
from behaviours import chunk
from gateway_process import BINARY, config_for
from raw_client import RawClient, ask, chat, fetch, post

CHAT = "/v1/chat/completions"
HEALTH = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"


def head(key: str, length: int) -> bytes:
    return (f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
            f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n").encode()


def metric(gateway, name: str) -> str:
    text = fetch(gateway, None, "/metrics").body.decode()
    return next(line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(name + " "))


def test_heads_of_bodies_that_do_not_come_leave_the_others_served(start_gateway, provider):
    gateway = start_gateway(config_for(provider, projects={"greedy": {}, "demo": {}}))
    greedy, demo = gateway.create_key("greedy"), gateway.create_key("demo")
    clients = [RawClient(gateway.port) for _ in range(8)]
    for client in clients:
        client.send(head(greedy, 33554432) + b"{")
    time.sleep(0.3)
    assert [ask(gateway, demo, chat()).status for _ in range(5)] == [200] * 5
    for client in clients:  # and are cut long before body_timeout, having come too slowly
        reply = client.read_reply()
        assert (reply.status, reply.error["code"]) == (408, "request_timeout")
        client.close()


def test_a_place_is_taken_with_the_head(start_gateway, provider):
    gateway = start_gateway(config_for(provider, projects={"one": {"limits": {"concurrent": 1}}, "demo": {}},
                                       server={"max_in_flight": 8}))
    one, demo = gateway.create_key("one"), gateway.create_key("demo")
    clients = [RawClient(gateway.port) for _ in range(20)]
    for client in clients:
        client.send(head(one, 2))
    assert ask(gateway, demo, chat()).status == 200
    statuses = sorted(client.read_reply().status for client in clients)
    assert statuses == [408] + [429] * 19, "one has the place, until its body is too late"
    for client in clients:
        client.close()
    gateway.wait_until(lambda: metric(gateway, "gateway_in_flight") == "0", "all places are free again")


def test_made_up_models_do_not_fill_the_database(start_gateway, provider):
    gateway = start_gateway(config_for(provider, projects={"demo": {"limits": {"requests_per_minute": 1}}}))
    key = gateway.create_key("demo")
    with RawClient(gateway.port) as client:
        for i in range(300):
            client.send(post(CHAT, key, chat(f'made-up-{i}"' + "} 1")))
            client.read_reply()
    def in_database(query: str) -> int:
        with contextlib.closing(sqlite3.connect(gateway.database)) as database:
            return database.execute(query).fetchone()[0] or 0

    gateway.wait_until(lambda: in_database("SELECT sum(count) FROM refusals") == 299, "all refusals are counted")
    assert in_database("SELECT count(*) FROM refusals") <= 2, "a minute may have ended in between"
    assert in_database("SELECT count(*) FROM names WHERE name LIKE 'made-up-%'") <= 2, "those that were dispatched"
    assert "made-up" not in fetch(gateway, None, "/metrics").body.decode()


def test_pipelined_requests_leave_the_worker_to_others(start_gateway, provider):
    gateway = start_gateway(config_for(provider, workers=1))
    burst = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n" * 1600
    with RawClient(gateway.port) as busy, RawClient(gateway.port) as other:
        busy.send(burst)
        began = time.monotonic()
        for _ in range(20):
            other.send(HEALTH)
            assert other.read_reply().status == 200
        assert time.monotonic() - began < 2


def test_a_server_whose_log_nobody_reads_ends_on_sigterm(start_gateway, provider, tmp_path):
    gateway = start_gateway(config_for(provider))
    gateway.stop()
    process = subprocess.Popen([BINARY, "serve", "-c", gateway.config_file, "--debug"], cwd=gateway.folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        gateway.wait_until(gateway.ready, "it serves")
        key = gateway.create_key()
        with RawClient(gateway.port) as client:
            for _ in range(600):
                client.send(post(CHAT, key, chat()))
                client.read_reply()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def test_signals_of_log_rotation_do_not_end_the_server(gateway):
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        gateway.signal(number)
    time.sleep(0.2)
    assert gateway.ready() and gateway.process.poll() is None


def test_balancers_see_readyz_fail_while_all_else_is_served(start_gateway, provider):
    gateway = start_gateway(config_for(provider, server={"drain_delay": "3s"}))
    key = gateway.create_key()
    gateway.signal(signal.SIGTERM)
    gateway.wait_until(lambda: fetch(gateway, None, "/readyz").status == 503, "not ready any more")
    assert ask(gateway, key, chat()).status == 200
    assert fetch(gateway, None, "/healthz").status == 200
    assert gateway.wait() == 0


def test_a_second_signal_skips_the_delay(start_gateway, provider):
    gateway = start_gateway(config_for(provider, server={"drain_delay": "60s"}))
    gateway.signal(signal.SIGTERM)
    gateway.wait_until(lambda: fetch(gateway, None, "/readyz").status == 503, "not ready any more")
    gateway.signal(signal.SIGTERM)
    assert gateway.wait(15) == 0


def test_requests_that_two_parsers_could_read_differently(gateway, key):
    for extra, body in (("authorization: Bearer x\r\n", None), ("", b"0\r\n\n")):
        with RawClient(gateway.port) as client:
            length = "content-length: 2" if body is None else "transfer-encoding: chunked"
            client.send(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n{extra}{length}\r\n\r\n".encode()
                        + (b"{}" if body is None else chunk(b"{}") + body))
            reply = client.read_reply()
            assert (reply.status, reply.error["code"]) == (400, "malformed_http")


def test_a_slow_but_steady_reader_gets_its_answer(start_gateway, new_provider):
    provider = new_provider(send_buffer=65536)
    gateway = start_gateway(config_for(provider, timeouts={"idle": "2s"}))
    provider.on("flood", behaviours.flood(4 << 20))
    with RawClient(gateway.port, receive_buffer=4096) as client:
        client.send(post(CHAT, gateway.create_key(), chat("flood", stream=True)))
        client.read_until(b"\r\n\r\n")
        for _ in range(100):  # 5 KiB a second, ten seconds long
            assert client.socket.recv(512)
            time.sleep(0.1)
        assert not [row for row in gateway.requests() if row["state"] != "open"], "it is still under way"
        assert client.receive()


def test_refusals_of_strangers_are_counted_and_logged_with_their_address(gateway):
    for _ in range(20):
        assert ask(gateway, "gk-wrong", chat()).status == 401
    assert int(metric(gateway, 'gateway_refused_total{reason="invalid_api_key"}')) >= 20
    gateway.wait_until(lambda: re.search(r'refused: invalid_api_key.* client=127\.0\.0\.1', gateway.log_text()), "it is logged")


def test_changes_of_the_administration_are_logged_with_what_and_from_where(start_gateway, provider):
    token = "admin-token-of-this-test"
    gateway = start_gateway(config_for(provider, admin={"token": token}))

    def call(method: str, path: str, body: bytes = b""):
        with RawClient(gateway.port) as client:
            client.send(f"{method} /admin/v1/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
                        f"content-length: {len(body)}\r\n\r\n".encode() + body)
            return client.read_reply()

    assert call("POST", "projects", b'{"name":"team","limits":{"requests_per_minute":7}}').status == 201
    made = call("POST", "keys", b'{"project":"team"}')
    assert made.status == 201
    key = made.json["data"]["id"]
    assert call("PATCH", "projects/team", b'{"limits":{"requests_per_minute":9}}').status == 200
    assert call("DELETE", f"keys/{key}").status == 200
    gateway.wait_until(lambda: "key revoke" in gateway.log_text(), "it is logged")
    log = gateway.log_text()
    for what in ("project create", "project set", "team", f"--project=team {key}", f"key revoke {key}", "client=127.0.0.1"):
        assert what in log, what
    assert made.json["data"]["key"] not in log and token not in log


def large_chat(size: int) -> bytes:
    return json.dumps(behaviours.completion("x" * size, used=behaviours.usage(5, 7))).encode()


def ask_without_reading(gateway, key: str, body: dict) -> RawClient:
    client = RawClient(gateway.port, receive_buffer=4096)
    client.send(post(CHAT, key, body))
    return client


def test_slow_readers_of_whole_answers_keep_their_places(start_gateway, provider):
    """Of the provider's answers, and of the simulated one's."""
    gateway = start_gateway(config_for(provider, projects={"slow": {"limits": {"concurrent": 4}}, "demo": {}},
                                       providers={"test": config_for(provider)["providers"]["test"], "sim": {"type": "simulated"}},
                                       models={"simulated/*": {"targets": [{"provider": "sim"}]}, "*": {"targets": [{"provider": "test"}]}}))
    slow, demo = gateway.create_key("slow"), gateway.create_key("demo")
    provider.on("large", behaviours.raw(200, large_chat(1_000_000)))
    for model in ("large", "simulated/lorem?chunks=250&size=65000"):
        clients = [ask_without_reading(gateway, slow, chat(model)) for _ in range(60)]
        statuses = sorted(client.read_head()[0] for client in clients)
        assert statuses == [200] * 4 + [429] * 56
        assert metric(gateway, "gateway_in_flight") == "4"
        assert int(metric(gateway, "gateway_connection_memory_bytes")) < 8 << 20
        assert ask(gateway, demo, chat()).status == 200
        for client in clients:
            client.close()
        gateway.wait_until(lambda: metric(gateway, "gateway_in_flight") == "0", "all places are free again")
        gateway.wait_until(lambda: metric(gateway, "gateway_buffered_bytes") == "0", "and all room")


def test_a_slow_reader_gets_all_of_a_whole_answer(start_gateway, provider):
    gateway = start_gateway(config_for(provider))
    body = large_chat(1_000_000)
    provider.on("large", behaviours.raw(200, body))
    with ask_without_reading(gateway, gateway.create_key(), chat("large")) as client:
        time.sleep(0.5)
        reply = client.read_reply()
        assert reply.whole and reply.body == body
    gateway.wait_until(lambda: gateway.requests() and gateway.requests()[0]["state"] == "settled", "its row is settled")


def test_connection_memory_is_taken_from_who_holds_most(start_gateway, provider):
    gateway = start_gateway(config_for(provider, projects={"slow": {}, "demo": {}}, server={"max_connection_memory": "8MiB"}))
    slow, demo = gateway.create_key("slow"), gateway.create_key("demo")
    provider.on("medium", behaviours.raw(200, large_chat(230_000)))
    clients = [ask_without_reading(gateway, slow, chat("medium")) for _ in range(100)]
    time.sleep(1)
    for _ in range(5):  # heads that come in two pieces
        with RawClient(gateway.port) as client:
            request = post(CHAT, demo, chat(), {"x-pad": "p" * 3000})
            client.send(request[:2000])
            time.sleep(0.1)
            client.send(request[2000:])
            assert client.read_reply().status == 200
    gateway.wait_until(lambda: int(metric(gateway, "gateway_connection_memory_bytes")) <= 8 << 20, "it is bounded")
    assert int(metric(gateway, 'gateway_refused_total{reason="overloaded"}')) > 0
    for client in clients:
        client.close()


def test_gathered_answers_stay_within_their_share(start_gateway, provider):
    gateway = start_gateway(config_for(provider, projects={"greedy": {}, "demo": {}}, server={"max_buffered": "48MiB"}))
    greedy, demo = gateway.create_key("greedy"), gateway.create_key("demo")
    provider.on("document", behaviours.raw(200, large_chat(20 << 20)))
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(ask(gateway, greedy, chat("document", stream=True), seconds=60)))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in threads):
        most = max(most, int(metric(gateway, "gateway_buffered_bytes")))
        assert ask(gateway, demo, chat(), seconds=30).status == 200
    statuses = [reply.status for reply in replies]
    assert len(replies) == 8 and set(statuses) <= {200, 503} and statuses.count(200) >= 1, statuses
    assert most <= 48 << 20
    assert all(reply.body.endswith(b"data: [DONE]\n\n") for reply in replies if reply.status == 200)
    gateway.wait_until(lambda: metric(gateway, "gateway_buffered_bytes") == "0", "all room is free again")


def test_strangers_do_not_shut_out_who_has_a_key(start_gateway, provider):
    gateway = start_gateway(config_for(provider, server={"max_connections": 50}))
    key = gateway.create_key()
    strangers = [RawClient(gateway.port) for _ in range(60)]
    for stranger in strangers:
        with contextlib.suppress(OSError):
            stranger.send(b"GET /v1/key HTTP/1.1\r\nhost: x\r\n\r\n")
    time.sleep(1.5)
    assert [ask(gateway, key, chat()).status for _ in range(10)] == [200] * 10
    for stranger in strangers:
        stranger.close()
