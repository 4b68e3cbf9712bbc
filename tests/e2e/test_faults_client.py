"""Faults of the client's side, byte by byte on a socket. One test or more for each row of the fault table."""

import concurrent.futures
import json
import socket
import sqlite3
import time
from decimal import Decimal

import pytest

import behaviours
import malformed
from faults import faults_row
from gateway_process import SANITIZED, config_for, target
from raw_client import RawClient, ask, chat, fetch, get, post

CHAT = "/v1/chat/completions"
# The promise is 250 ms. Both journals run on this machine's loaded cores beside the gateway, hence twice that.
CANCELLED_WITHIN = 0.5 if not SANITIZED else 2


def cancelled(provider, dispatch, since) -> None:
    provider.wait_closed(dispatch)
    assert dispatch.closed_by == "gateway"
    assert dispatch.closed_at - since < CANCELLED_WITHIN


@faults_row("client gone before the first byte, or mid-stream")
@pytest.mark.parametrize("leave", ["close", "reset", "half_close"])
@pytest.mark.parametrize("when", ["before the first byte", "mid-stream"])
def test_a_client_that_leaves_cancels_the_provider(gateway, key, provider, leave, when):
    model = f"leaves-{leave}-{when[:3]}"
    provider.on(model, behaviours.steps(behaviours.HANG) if when[0] == "b" else behaviours.endless())
    with RawClient(gateway.port) as client:
        client.send(post(CHAT, key, chat(model, stream=True)))
        dispatch = provider.wait_for(1, model)[0]
        if when == "mid-stream":
            client.read_until(b"xxxx")
        left = time.monotonic()
        getattr(client, leave)()
        cancelled(provider, dispatch, left)
    row = gateway.settled_rows(1, "--model", model)[0]
    assert (row["state"], row["cost_source"]) == ("settled", "estimated")
    assert "client_left" in row["flags"]
    assert Decimal(row["cost"]) > 0, "the input was read by the provider"
    assert len(provider.dispatches(model)) == 1, "neither retried nor sent elsewhere"


@faults_row("client gone before the first byte, or mid-stream")
def test_usage_that_was_seen_is_billed_when_the_client_leaves(gateway, key, provider):
    provider.on("seen", behaviours.stream(behaviours.delta("Hi"), behaviours.delta(finish="stop"),
                                          behaviours.usage_chunk(behaviours.usage(100, 50)), behaviours.HANG))
    with RawClient(gateway.port) as client:
        client.send(post(CHAT, key, chat("seen", stream=True, stream_options={"include_usage": True})))
        client.read_until(b'"usage"')
        time.sleep(0.1)
    gateway.wait_until(lambda: any(r["asked_model"] == "seen" and r["state"] == "settled" for r in gateway.requests()), "settled")
    row = next(r for r in gateway.requests() if r["asked_model"] == "seen")
    assert (row["cost_source"], Decimal(row["cost"])) == ("priced", Decimal("0.0002"))


@faults_row("slow reader")
def test_a_client_that_does_not_read_pauses_the_provider(start_gateway, new_provider):
    provider = new_provider(send_buffer=65536)
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    provider.on("flood", behaviours.flood(48 << 20))
    before = gateway.resident_bytes()
    with RawClient(gateway.port, receive_buffer=4096) as client:
        client.send(post(CHAT, key, chat("flood", stream=True)))
        dispatch = provider.wait_for(1, "flood")[0]
        sent = -1
        while sent != dispatch.sent:  # until nothing moves any more
            sent = dispatch.sent
            time.sleep(0.7)
        assert sent < 24 << 20, "of 48 MiB; what is under way is bounded, mostly by the kernel's buffers"
        assert gateway.resident_bytes() - before < (8 << 20) * (4 if SANITIZED else 1)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # now it reads on
        reply = client.read_reply()
    assert reply.whole and reply.events[-1] == b"[DONE]" and len(reply.body) > 45 << 20


@faults_row("slow reader")
def test_a_client_that_never_reads_is_given_up(start_gateway, new_provider):
    provider = new_provider(send_buffer=65536)
    gateway = start_gateway(config_for(provider, timeouts={"idle": "500ms"}))
    provider.on("flood", behaviours.flood(256 << 20))
    with RawClient(gateway.port, receive_buffer=4096) as client:
        client.send(post(CHAT, gateway.create_key(), chat("flood", stream=True)))
        dispatch = provider.wait_for(1, "flood")[0]
        assert provider.wait_closed(dispatch, 20).closed_by == "gateway"


@faults_row("slow head or body (drip)")
def test_a_dripping_head_has_one_limit(start_gateway, provider):
    gateway = start_gateway(config_for(provider, server={"head_timeout": "500ms"}))
    with RawClient(gateway.port) as client:
        began = time.monotonic()
        try:
            for byte in b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-drip: " + b"a" * 100:
                client.send(bytes([byte]))
                time.sleep(0.05)
                if time.monotonic() - began > 1.5:
                    break
        except OSError:
            pass  # closed while we were dripping
        reply = client.read_reply()
        assert (reply.status, reply.error["code"]) == (408, "request_timeout")
        assert client.ended()


@faults_row("slow head or body (drip)")
def test_a_dripping_body_has_one_limit(start_gateway, provider):
    gateway = start_gateway(config_for(provider, server={"body_timeout": "500ms"}))
    key = gateway.create_key()
    with RawClient(gateway.port) as client:
        client.send(post(CHAT, key, chat())[:-20])
        reply = client.read_reply()
        assert (reply.status, reply.error["code"]) == (408, "request_timeout")
        assert client.ended()
    assert not provider.dispatches("test") or provider.dispatches("test")[-1].json == chat()


@faults_row("slow head or body (drip)")
def test_a_thousand_slow_heads_leave_others_alone(gateway, key):
    slow = []
    try:
        for _ in range(1000):
            client = RawClient(gateway.port)
            client.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow: ")
            slow.append(client)
        for _ in range(20):
            assert ask(gateway, key, chat()).status == 200
    finally:
        for client in slow:
            client.close()


@faults_row("head over 32 KiB or 100 fields; body over the limit")
@pytest.mark.parametrize("fields", [b"x-long: " + b"a" * 33000 + b"\r\n", b"".join(b"x-%d: a\r\n" % i for i in range(101))])
def test_a_head_that_is_too_large(gateway, fields):
    with RawClient(gateway.port) as client:
        client.send(b"GET /v1/models HTTP/1.1\r\nhost: x\r\n" + fields + b"\r\n")
        reply = client.read_reply()
        assert (reply.status, reply.error["code"]) == (431, "request_too_large")


@faults_row("head over 32 KiB or 100 fields; body over the limit")
def test_a_body_that_is_too_large_is_refused_by_its_length(gateway, key, provider):
    with RawClient(gateway.port) as client:
        client.send(post(CHAT, key, b"", {"x": "y"}).replace(b"content-length: 0", b"content-length: %d" % (33 << 20)))
        reply = client.read_reply()  # not a byte of the body was sent
        assert (reply.status, reply.error["code"]) == (413, "request_too_large")


@faults_row("head over 32 KiB or 100 fields; body over the limit")
def test_a_chunked_body_that_is_too_large(start_gateway, provider):
    gateway = start_gateway(config_for(provider, server={"max_body": "64KiB"}))
    key = gateway.create_key()
    with RawClient(gateway.port) as client:
        client.send(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        try:
            for _ in range(5):
                client.send(behaviours.chunk(b" " * 16384))
        except OSError:
            pass
        reply = client.read_reply()
        assert (reply.status, reply.error["code"]) == (413, "request_too_large")


@faults_row("malformed HTTP")
def test_malformed_requests(gateway, key, provider):
    """Every row of the table: its status, the connection closed, nothing dispatched."""
    table = malformed.table()
    assert len(table) >= 80
    before = len(provider.dispatches())
    wrong = []
    for status, name, wire in table:
        if wire.startswith(b"POST"):  # past the key, so that it is the fault that is refused
            wire = wire.replace(b"Host: a\r\n", b"Host: a\r\nAuthorization: Bearer %s\r\n" % key.encode(), 1)
        with RawClient(gateway.port, 10) as client:
            try:
                client.send(wire)
            except OSError:
                pass  # refused while still sending
            try:
                reply = client.read_reply()
            except (AssertionError, TimeoutError) as problem:
                wrong.append(f"{name}: {problem!r}")
                continue
            if reply.status != status:
                wrong.append(f"{name}: {reply.status}, expected {status}: {reply.body[:200]!r}")
            elif status != 405 and not client.ended():
                wrong.append(f"{name}: the connection stays open")
    assert not wrong, "\n".join(wrong)
    assert len(provider.dispatches()) == before, "something was dispatched"


@faults_row("absolute-form target, `*`, a `Host` with `/`, `#`, `@`")
def test_targets_are_routed_by_their_path_alone(gateway, key):
    auth = f"authorization: Bearer {key}\r\n"
    for target_, status in (("http://elsewhere/v1/models", 200), ("http://elsewhere/admin", 404), ("*", 400), ("//x/v1/models", None)):
        with RawClient(gateway.port) as client:
            client.send(f"GET {target_} HTTP/1.1\r\nhost: gateway\r\n{auth}\r\n".encode())
            reply = client.read_reply()
            assert reply.status == status if status else reply.status in (400, 404), target_
    for host in ("a/b", "a#b", "a@b"):
        with RawClient(gateway.port) as client:
            client.send(f"GET /v1/models HTTP/1.1\r\nhost: {host}\r\n{auth}\r\n".encode())
            assert client.read_reply().status == 400, host
    for host in ("127.0.0.1", "localhost", "admin.internal", "evil.example:99"):
        with RawClient(gateway.port) as client:
            client.send(f"GET /v1/models HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
            assert client.read_reply().status == 401, "a host opens no door"


@faults_row("expect: 100-continue")
def test_continue_only_after_authentication(gateway, key):
    body = json.dumps(chat()).encode()
    head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\nexpect: 100-continue\r\nauthorization: Bearer %s\r\n\r\n"
    with RawClient(gateway.port) as client:
        client.send((head % key).encode())
        assert client.read_head()[0] == 100
        client.send(body)
        assert client.read_reply().status == 200
    with RawClient(gateway.port) as client:
        client.send((head % "gk-wrong").encode())
        assert client.read_reply().status == 401
    with RawClient(gateway.port) as client:
        client.send((head % key).replace("100-continue", "a-pony").encode())
        reply = client.read_reply()
        assert (reply.status, reply.error["code"]) == (417, "expectation_failed")


@faults_row("pipelined requests")
def test_pipelined_requests_are_answered_in_order(gateway, key, provider):
    provider.on("first", behaviours.steps(0.3, behaviours.head(200, None, len(b := json.dumps(behaviours.completion("1")).encode())) + b))
    with RawClient(gateway.port) as client:
        client.send(post(CHAT, key, chat("first")) + post(CHAT, "gk-wrong", chat("second")) + post(CHAT, key, chat("third"))
                    + get("/healthz") + get("/v1/models", key))
        replies = [client.read_reply() for _ in range(5)]
    assert [r.status for r in replies] == [200, 401, 200, 200, 200]
    assert replies[0].json["choices"][0]["message"]["content"] == "1"
    assert not provider.dispatches("second"), "each is authenticated by itself"


@faults_row("deep nesting")
def test_deep_nesting(gateway, key):
    def nested(levels):  # below the root and the field
        return b'{"model":"test","messages":[],"x":' + b"[" * levels + b"]" * levels + b"}"
    assert ask(gateway, key, nested(64)).status == 400
    assert ask(gateway, key, nested(20000)).status == 400
    assert ask(gateway, key, nested(63)).status == 200


@faults_row("duplicate keys of a field that we read")
@pytest.mark.parametrize("body", [
    b'{"model":"test","messages":[],"model":"other"}', b'{"model":"test","messages":[],"\\u006dodel":"other"}',
    b'{"model":"test","messages":[],"stream":true,"stream":false}', b'{"model":"test","messages":[],"max_tokens":1,"max_tokens":2}',
    b'{"model":"test","messages":[],"max_tokens":1,"m\\u0061x_tokens":2}', b'{"model":"test","messages":[],"messages":[]}',
    b'{"model":"test","messages":[],"n":1,"n":100}',
])
def test_duplicate_keys(gateway, key, provider, body):
    before = len(provider.dispatches())
    reply = ask(gateway, key, body)
    assert (reply.status, reply.error["type"]) == (400, "invalid_request_error")
    assert len(provider.dispatches()) == before


@faults_row("invalid UTF-8, lone surrogates, numbers out of range")
@pytest.mark.parametrize("body", [
    b'{"model":"test","messages":[],"x":"\xff"}', b'{"model":"test","messages":[],"\xc3\x28":1}',
    b'{"model":"te\xed\xa0\x80st","messages":[]}', b'{"model":"te\\ud800st","messages":[]}',
    b'{"model":"test","messages":[],"max_tokens":1e400}', b'{"model":"test","messages":[],"max_tokens":-5}',
    b'{"model":"test","messages":[],"n":99999999999999999999}',
])
def test_bytes_that_are_no_text_and_numbers_that_are_none(gateway, key, body):
    assert ask(gateway, key, body).status == 400


@faults_row("invalid UTF-8, lone surrogates, numbers out of range")
def test_zero_tokens_pass(gateway, key, provider):
    assert ask(gateway, key, chat("zero", max_tokens=0)).status == 200
    assert provider.dispatches("zero")[0].json["max_tokens"] == 0


@faults_row("a field of the wrong type that we do not read")
def test_what_we_do_not_read_is_the_providers_to_judge(gateway, key, provider):
    body = b'{"model":"judge","messages":[],"temperature":"hot","top_p":{},"tools":7,"logit_bias":[1e400],"user":null,"user":1}'
    provider.on("judge", behaviours.error(400, "temperature must be a number"))
    assert ask(gateway, key, body).error["message"] == "temperature must be a number"
    assert provider.dispatches("judge")[0].body == body


@faults_row("unauthenticated flood")
def test_strangers_cost_no_body_and_no_database(start_gateway, provider):
    gateway = start_gateway(config_for(provider))
    before = gateway.resident_bytes()
    with RawClient(gateway.port) as client:  # the answer comes before the body does
        client.send(post(CHAT, "gk-wrong", b"").replace(b"content-length: 0", b"content-length: 30000000"))
        assert client.read_reply().status == 401
    with sqlite3.connect(gateway.database, isolation_level=None) as database:
        database.execute("BEGIN EXCLUSIVE")  # whoever needs the database now has to wait
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            statuses = set(pool.map(lambda i: ask(gateway, f"gk-{i:043}", chat()).status, range(1000)))
        database.execute("ROLLBACK")
    assert statuses == {401}
    assert gateway.resident_bytes() - before < (8 << 20) * (4 if SANITIZED else 1)


@faults_row("overload")
def test_overload_is_refused_at_once(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, server={"max_in_flight": 20}))
    key = gateway.create_key()
    provider.on("held", behaviours.steps(behaviours.HANG))
    held = [RawClient(gateway.port) for _ in range(20)]
    for client in held:
        client.send(post(CHAT, key, chat("held")))
    provider.wait_for(20, "held")
    before = gateway.resident_bytes()
    for _ in range(200):
        reply = ask(gateway, key, chat())
        assert (reply.status, reply.error["code"]) == (503, "overloaded")
        assert reply.header("retry-after")
    assert gateway.resident_bytes() - before < (4 << 20) * (4 if SANITIZED else 1)
    for client in held:
        client.close()
    gateway.wait_until(lambda: ask(gateway, key, chat()).status == 200, "serves again")


@faults_row("out of file descriptors")
def test_out_of_file_descriptors(start_gateway, provider):
    import resource
    gateway = start_gateway(config_for(provider), limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96)))
    key = gateway.create_key()
    provider.on("held", behaviours.steps(behaviours.HANG))
    with RawClient(gateway.port) as served:
        served.send(post(CHAT, key, chat()))
        assert served.read_reply().status == 200
        crowd = [RawClient(gateway.port) for _ in range(200)]
        time.sleep(0.3)
        served.send(post(CHAT, key, chat()))
        assert served.read_reply().status in (200, 502), "what is open is served"
        for client in crowd:
            client.close()
        gateway.wait_until(lambda: ask(gateway, key, chat()).status == 200, "accepts again")


def test_unix_socket(start_gateway, provider, tmp_path):
    path = tmp_path / "gateway.sock"
    gateway = start_gateway(config_for(provider))
    config = {**gateway.config, "listen": [gateway.config["listen"], f"unix:{path}"]}
    gateway.stop()
    gateway.write_config(config)
    gateway.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(get("/healthz"))
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
