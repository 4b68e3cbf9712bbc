"""Faults of the provider's side. One test or more for each row of the fault table."""

import json
import pathlib
import subprocess
import time
import zlib
from decimal import Decimal

import pytest

import behaviours
from behaviours import (CLOSE, CORK, DONE, HANG, LAST_CHUNK, RESET, STREAM_HEAD, STREAM_HEAD_UNTIL_CLOSE, chunk, completion, delta, event,
                        head, steps, stream, usage, usage_chunk)
from faults import faults_row
from gateway_process import PRICES, SANITIZED, config_for, free_port, target
from raw_client import RawClient, ask, chat, post

CHAT = "/v1/chat/completions"
FINISH = delta(finish="stop")


@pytest.fixture
def ask_model(start_gateway, new_provider):
    """ask_model(behaviour) asks a fresh gateway once; gives reply, rows and the provider's dispatches."""
    def go(*behaviour, streamed=False, body=None, **changes):
        provider = new_provider()
        provider.on("m", *behaviour)
        gateway = start_gateway(config_for(provider, models={"*": {"targets": [target()]}}, **changes))
        reply = ask(gateway, gateway.create_key(), body or chat("m", stream=streamed))
        rows = gateway.rows_of(reply)
        return reply, rows, provider.dispatches()
    return go


def ends_in_error(reply, text="") -> None:
    """A stream that no SDK takes for a success: one error frame, no [DONE], no clean end."""
    assert reply.status == 200
    assert not reply.whole, "the last chunk must be missing"
    assert b"[DONE]" not in reply.body
    assert "error" in json.loads(reply.events[-1])
    assert sum(b'"error"' in e for e in reply.events) == 1
    said = "".join((json.loads(e)["choices"][0]["delta"].get("content") or "") for e in reply.events[:-1] if json.loads(e)["choices"])
    assert said == text


# --- refused, unreachable, DNS, TLS

@faults_row("refused, unreachable, DNS, TLS")
@pytest.mark.parametrize("url", [lambda: f"http://127.0.0.1:{free_port()}", lambda: "http://no-such-host.invalid"], ids=["refused", "DNS"])
def test_unreachable_providers_are_retried(start_gateway, new_provider, url):
    provider = new_provider()
    config = config_for(provider, retry={"max_attempts": 3})
    config["providers"]["dead"] = {"type": "openai", "base_url": url() + "/v1", "api_key": "x"}
    config["models"] = {"m": {"targets": [{"provider": "dead", "prices": PRICES}, target()]}}
    gateway = start_gateway(config)
    reply = ask(gateway, gateway.create_key(), chat("m"), seconds=60)
    assert reply.status == 200 and reply.header("x-gateway-provider") == "test"
    first = gateway.rows_of(reply)[0]
    assert first["state"] == "failed" and Decimal(first["cost"]) == 0


@faults_row("refused, unreachable, DNS, TLS")
def test_certificates_are_verified(start_gateway, new_provider, tmp_path):
    """A certificate of nobody's is refused; the same is taken once its authority is configured, for the right name only."""
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "key.pem", "-out",
                           tmp_path / "cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                          capture_output=True)
    assert made.returncode == 0, made.stderr
    provider = new_provider(tls=(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")))

    def status(host, **more):
        config = config_for(provider, models={"*": {"targets": [target()]}})
        config["providers"]["test"] = {"type": "openai", "base_url": f"https://{host}:{provider.port}/v1", "api_key": "x", **more}
        gateway = start_gateway(config)
        return ask(gateway, gateway.create_key(), chat("m"), seconds=60).status

    assert status("localhost") == 502
    assert status("127.0.0.1", ca_file=str(tmp_path / "cert.pem")) == 502, "the certificate names another host"
    assert not provider.dispatches()
    assert status("localhost", ca_file=str(tmp_path / "cert.pem")) == 200


# --- no silent replay

@faults_row("reset on a kept-alive connection after the request was sent")
@pytest.mark.parametrize("ending", [RESET, CLOSE], ids=["reset", "close"])
def test_no_request_is_sent_twice_over_a_broken_connection(start_gateway, new_provider, ending):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, workers=1, retry={"max_attempts": 3}))
    key = gateway.create_key()
    for _ in range(3):
        assert ask(gateway, key, chat("good")).status == 200
    assert provider.connections == 1, "the connection is kept alive"
    provider.on("breaks", steps(ending))
    reply = ask(gateway, key, chat("breaks"))
    assert reply.status == 502
    assert len(provider.dispatches("breaks")) == 1
    rows = gateway.rows_of(reply)
    assert len(rows) == 1 and rows[0]["state"] == "failed"


@faults_row("reset on a kept-alive connection after the request was sent")
def test_a_connection_that_idled_out_is_replaced(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, workers=1))
    key = gateway.create_key()
    body = json.dumps(completion()).encode()
    provider.on("once", steps(head(200, None, len(body)) + body, CLOSE))
    for _ in range(5):
        assert ask(gateway, key, chat("once")).status == 200
        time.sleep(0.05)
    assert len(provider.dispatches("once")) == 5


@faults_row("reset on a kept-alive connection after the request was sent")
@pytest.mark.parametrize("together", [True, False], ids=["with the answer", "right after it"])
def test_a_provider_that_closes_after_each_answer_costs_nothing(start_gateway, new_provider, together):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, workers=1))
    key = gateway.create_key()
    body = json.dumps(completion()).encode()
    answer = head(200, None, len(body)) + body
    provider.on("once", steps(CORK, answer, CLOSE) if together else steps(answer, CLOSE))
    with RawClient(gateway.port) as client:
        for number in range(1, 301):
            client.send(post(CHAT, key, chat("once")))
            reply = client.read_reply()
            assert reply.status == 200, f"{number}: {reply.body}"
            if not together:  # whoever asks before the end was sent may well lose
                provider.wait_closed(provider.dispatches()[-1])
    assert len(provider.dispatches("once")) == provider.connections == 300


# --- statuses before the first byte

@faults_row("408, 429, 5xx before the first byte")
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_failures_before_the_first_byte_are_retried(ask_model, status):
    reply, rows, dispatches = ask_model(behaviours.error(status, headers={"retry-after-ms": "20"}), behaviours.honest,
                                        retry={"max_attempts": 2})
    assert reply.status == 200 and len(dispatches) == 2
    assert [r["state"] for r in rows] == ["failed", "settled"]
    assert rows[0]["status"] == status


@faults_row("408, 429, 5xx before the first byte")
def test_a_retry_after_beyond_the_deadline_is_not_waited_for(ask_model):
    began = time.monotonic()
    reply, _, dispatches = ask_model(behaviours.error(429, headers={"retry-after": "3000"}), behaviours.honest,
                                     retry={"max_attempts": 2}, timeouts={"total": "2s"})
    assert (reply.status, reply.error["code"], len(dispatches)) == (429, "provider_rate_limited", 1)
    assert 1 <= int(reply.header("retry-after")) <= 60
    assert time.monotonic() - began < 20


@faults_row("408, 429, 5xx before the first byte")
def test_a_retry_after_as_a_date(ask_model):
    async def busy(answer):
        when = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 2))
        await behaviours.error(429, headers={"retry-after": when})(answer)

    reply, _, dispatches = ask_model(busy, behaviours.honest, retry={"max_attempts": 2})
    assert reply.status == 200
    assert 0.5 < dispatches[1].time - dispatches[0].time < 10


# --- garbage

@faults_row("5xx with HTML, 200 with HTML, empty 200")
@pytest.mark.parametrize("behaviour", [behaviours.html(500), behaviours.html(200), behaviours.raw(200, b""), behaviours.raw(204, b""),
                                       behaviours.raw(200, b"{"), behaviours.raw(200, b"[1,2]"), steps(b"no HTTP at all\r\n\r\n", CLOSE),
                                       steps(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\nhello", CLOSE)],
                         ids=["html 500", "html 200", "empty 200", "204", "cut JSON", "no object", "no HTTP", "two lengths"])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_garbage_is_one_json_error(ask_model, behaviour, streamed):
    reply, rows, _ = ask_model(behaviour, streamed=streamed)
    assert (reply.status, reply.error["type"], reply.error["code"]) == (502, "server_error", "provider_error")
    assert b"<html" not in reply.body
    assert rows[0]["state"] == "failed"


@faults_row("200 whose body is an error")
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("code,status,ours", [(429, 429, "provider_rate_limited"), (400, 400, None), ("503", 502, "provider_error"),
                                              (None, 502, "provider_error"), (401, 502, "provider_unavailable")])
def test_an_error_in_a_200_gets_its_status(ask_model, code, status, ours, streamed):
    reply, rows, _ = ask_model(behaviours.reply({"error": {"message": "scripted", "code": code}}), streamed=streamed)
    assert reply.status == status, reply.body
    assert ours is None or reply.error["code"] == ours
    assert rows[0]["state"] == "failed"


# --- streams that break

@faults_row("an error event inside the stream")
@pytest.mark.parametrize("frame", [
    {"error": {"message": "scripted", "code": 502}}, {"error": {"message": "scripted", "code": "server_error"}},
    {**delta("", finish="error"), "error": {"message": "scripted", "code": 502, "metadata": {}}},
    b'event: error\ndata: {"error":{"message":"scripted"}}\n\n'], ids=["number", "text", "OpenRouter's", "event: error"])
def test_an_error_inside_a_stream_is_one_error_frame(ask_model, frame):
    reply, rows, _ = ask_model(stream(delta("Hel"), frame, DONE), streamed=True)
    ends_in_error(reply, "Hel")
    assert b"event: error" not in reply.body
    assert rows[0]["state"] in ("failed", "settled") and Decimal(rows[0]["cost"]) > 0


@faults_row("an error event inside the stream")
def test_an_error_as_the_first_event_gets_its_status(ask_model):
    reply, _, _ = ask_model(stream(b": wait\n\n", {"error": {"message": "scripted", "code": 429}}), streamed=True)
    assert (reply.status, reply.error["code"]) == (429, "provider_rate_limited")


@faults_row("reset, timeout or clean end mid-stream without finish_reason")
@pytest.mark.parametrize("ending", ["reset", "close", "last chunk", "silence", "cut inside a chunk"])
def test_a_stream_that_stops_early_ends_in_an_error(ask_model, ending):
    begin = STREAM_HEAD + chunk(event(delta("Hel")))
    script = {"reset": [begin, RESET], "close": [begin, CLOSE], "last chunk": [begin + LAST_CHUNK], "silence": [begin, HANG],
              "cut inside a chunk": [begin + b"400\r\ndata: {", CLOSE]}[ending]
    reply, rows, _ = ask_model(steps(*script), streamed=True, timeouts={"idle": "400ms"})
    ends_in_error(reply, "Hel")
    assert rows[0]["cost_source"] == "estimated" and Decimal(rows[0]["cost"]) > 0


@faults_row("reset, timeout or clean end mid-stream without finish_reason")
def test_a_whole_answer_that_is_cut_is_an_error(ask_model):
    body = json.dumps(completion()).encode()
    reply, rows, _ = ask_model(steps(head(200, None, len(body)) + body[:-10], CLOSE))
    assert (reply.status, reply.error["code"]) == (502, "provider_error")
    assert rows[0]["state"] == "failed"


@faults_row("reset after finish_reason and usage, before [DONE]")
@pytest.mark.parametrize("ending", [[RESET], [CLOSE], [LAST_CHUNK]], ids=["reset", "close", "last chunk"])
def test_a_stream_that_had_said_all_is_a_success(ask_model, ending):
    reply, rows, _ = ask_model(steps(STREAM_HEAD + b"".join(chunk(event(e)) for e in (delta("Hi"), FINISH, usage_chunk(usage(100, 50)))),
                                     *ending), streamed=True)
    assert reply.status == 200 and reply.whole and reply.events[-1] == b"[DONE]"
    assert reply.events.count(b"[DONE]") == 1
    row = rows[0]
    assert (len(rows), row["state"], row["cost_source"], Decimal(row["cost"])) == (1, "settled", "priced", Decimal("0.0002"))


# --- the many ways to write a stream

def lines(end: bytes, first: bytes = b"", space: bytes = b" ", last_blank: bool = True, done: bytes = b"[DONE]") -> bytes:
    out = first
    for payload in (delta("größe ☃"), FINISH, usage_chunk(usage(100, 50))):
        out += b"data:" + space + json.dumps(payload, ensure_ascii=False).encode() + end + end
    return out + b"data:" + space + done + end + (end if last_blank else b"")


SPELLINGS = {
    "LF": lines(b"\n"), "CRLF": lines(b"\r\n"), "CR": lines(b"\r"), "BOM": lines(b"\n", b"\xef\xbb\xbf"), "no space": lines(b"\n", space=b""),
    "comments": lines(b"\n", b": OPENROUTER PROCESSING\n\n:\n\n"), "no final blank line": lines(b"\n", last_blank=False),
    "[DONE] with a space": lines(b"\n", done=b"[DONE] "), "other fields": lines(b"\n", b"retry: 5\nid: 7\n\n"),
    "several data lines": lines(b"\n").replace(b'"object"', b'\ndata: "object"'),
}


@faults_row("line ends, BOM, comments, cuts anywhere")
@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_costs_the_same(ask_model, name):
    reply, rows, _ = ask_model(stream(SPELLINGS[name]), streamed=True)
    assert reply.status == 200 and reply.whole, reply.body
    assert "größe ☃".encode() in reply.body
    assert reply.body.count(b"[DONE]") == 1
    row = rows[0]
    assert (row["state"], row["cost_source"], Decimal(row["cost"])) == ("settled", "priced", Decimal("0.0002"))


@faults_row("line ends, BOM, comments, cuts anywhere")
@pytest.mark.parametrize("name", ["LF", "CRLF", "CR"])
def test_cuts_anywhere_change_nothing(start_gateway, new_provider, name):
    text = SPELLINGS[name]
    provider = new_provider()
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()

    def normal(reply):
        return [json.loads(e) if e != b"[DONE]" else e for e in reply.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
                if e.startswith(b"data:") for e in [e[5:].strip()]]

    provider.on("m", stream(text))
    whole = normal(ask(gateway, key, chat("m", stream=True)))
    cuts = range(1, len(text), 7)
    for cut in cuts:
        provider.on("m", steps(STREAM_HEAD, chunk(text[:cut]), 0.001, chunk(text[cut:]) + LAST_CHUNK))
        reply = ask(gateway, key, chat("m", stream=True))
        assert reply.whole and normal(reply) == whole, f"cut at {cut}"
    provider.on("m", steps(STREAM_HEAD, *[chunk(text[i : i + 1]) for i in range(len(text))], LAST_CHUNK))
    assert normal(ask(gateway, key, chat("m", stream=True))) == whole
    assert {Decimal(r["cost"]) for r in gateway.settled_rows(len(cuts) + 2)} == {Decimal("0.0002")}


@faults_row("an event larger than 4 MiB")
def test_an_event_that_is_too_large(start_gateway, new_provider):
    provider = new_provider()
    provider.on("huge", steps(STREAM_HEAD, chunk(event(delta("Hel"))), chunk(b"data: {" + b" " * (6 << 20)), HANG))
    gateway = start_gateway(config_for(provider, server={"max_event": "4MiB"}))
    key = gateway.create_key()
    before = gateway.resident_bytes()
    reply = ask(gateway, key, chat("huge", stream=True))
    ends_in_error(reply, "Hel")
    assert json.loads(reply.events[-1])["error"]["code"] == "provider_error", "no time limit has ended it"
    assert gateway.resident_bytes() - before < (24 << 20) * (4 if SANITIZED else 1)
    assert provider.wait_closed(provider.dispatches("huge")[0]).closed_by == "gateway"


# --- odd usage

ODD = {
    "missing": None, "null": "null", "negative": {"prompt_tokens": -5, "completion_tokens": 3, "total_tokens": -2},
    "text": {"prompt_tokens": "9", "completion_tokens": "12", "total_tokens": "21"}, "a string": "many",
    "absurd": {"prompt_tokens": 10**18, "completion_tokens": 10**18, "total_tokens": 2 * 10**18},
}


@faults_row("usage missing, null, repeated, negative, absurd, a string")
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_odd_usage_is_flagged_and_estimated(ask_model, name, streamed):
    used = None if name == "null" else ODD[name]
    if streamed:
        last = {**usage_chunk({}), "usage": used}
        behaviour = stream(delta("Hi"), FINISH, *([] if name == "missing" else [last]), DONE)
    else:
        payload = {**completion(), "usage": used}
        if name == "missing":
            del payload["usage"]
        behaviour = behaviours.reply(payload)
    reply, rows, _ = ask_model(behaviour, streamed=streamed)
    assert reply.status == 200
    row = rows[0]
    assert (row["state"], row["cost_source"]) == ("settled", "estimated")
    assert ("usage_missing" if name in ("missing", "null") else "usage_odd") in row["flags"]
    assert row["input_tokens"] >= 0 and row["output_tokens"] >= 0 and 0 < Decimal(row["cost"]) < 1


@faults_row("usage missing, null, repeated, negative, absurd, a string")
def test_the_last_valid_usage_counts(ask_model):
    reply, rows, _ = ask_model(stream(delta("Hi"), usage_chunk(usage(10, 5)), FINISH, usage_chunk(usage(100, 50)), DONE), streamed=True)
    assert Decimal(rows[0]["cost"]) == Decimal("0.0002"), "the last one, not the sum"
    assert "usage_odd" not in rows[0]["flags"], "figures that grow are so far"
    reply, rows, _ = ask_model(stream(delta("Hi"), usage_chunk(usage(100, 50)), FINISH, usage_chunk(usage(10, 5)), DONE), streamed=True)
    assert Decimal(rows[-1]["cost"]) == Decimal("0.00002")
    assert "usage_odd" in rows[-1]["flags"], "figures that fall are odd"


# --- silence

@faults_row("silence before the head, between bytes, overall")
@pytest.mark.parametrize("limit", ["first_byte", "idle", "total"])
def test_three_separate_limits(start_gateway, new_provider, limit):
    provider = new_provider()
    provider.on("m", {"first_byte": steps(HANG), "idle": steps(STREAM_HEAD, chunk(event(delta("Hi"))), HANG),
                      "total": behaviours.endless(0.05)}[limit])
    gateway = start_gateway(config_for(provider, timeouts={limit: "500ms"}))
    key = gateway.create_key()
    began = time.monotonic()
    reply = ask(gateway, key, chat("m", stream=True))
    assert time.monotonic() - began < 15
    if limit == "first_byte":
        assert (reply.status, reply.error["code"]) == (504, "provider_timeout")
    else:
        assert not reply.whole and b"[DONE]" not in reply.body and "error" in json.loads(reply.events[-1])
    assert provider.wait_closed(provider.dispatches("m")[0]).closed_by == "gateway"


# --- encodings, trailers, interim answers, redirects

@faults_row("gzip or deflate although we asked for identity")
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_compressed_answers_are_decoded(ask_model, coding, streamed):
    import gzip
    plain = (b"".join(event(e) for e in (delta("Hi"), FINISH, usage_chunk(usage(100, 50)))) + DONE if streamed
             else json.dumps(completion("Hi", used=usage(100, 50))).encode())
    packed = gzip.compress(plain) if coding == "gzip" else zlib.compress(plain)
    kind = "text/event-stream" if streamed else "application/json"
    reply, rows, _ = ask_model(behaviours.raw(200, packed, {"content-encoding": coding, "content-type": kind}), streamed=streamed)
    assert reply.status == 200 and b"Hi" in reply.body and reply.header("content-encoding") is None
    assert Decimal(rows[0]["cost"]) == Decimal("0.0002")


@faults_row("gzip or deflate although we asked for identity")
def test_a_compression_bomb(start_gateway, new_provider):
    import gzip
    provider = new_provider()
    provider.on("bomb", behaviours.raw(200, gzip.compress(b" " * (256 << 20), 9), {"content-encoding": "gzip"}))
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    before = gateway.resident_bytes()
    assert ask(gateway, key, chat("bomb"), seconds=60).status == 502
    assert gateway.resident_bytes() - before < (128 << 20) * (2 if SANITIZED else 1)


@faults_row("trailers, 1xx answers")
def test_trailers_and_interim_answers_are_dropped(ask_model):
    interim = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    body = json.dumps(completion("Hi", used=usage(100, 50))).encode()
    answer = (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\ntrailer: x-t\r\n\r\n"
              + chunk(body) + b"0\r\nx-t: secret\r\n\r\n")
    reply, rows, _ = ask_model(steps(interim + answer))
    assert reply.status == 200 and reply.body == body
    assert reply.header("link") is None and reply.header("x-t") is None
    assert rows[0]["state"] == "settled"


@faults_row("trailers, 1xx answers")
@pytest.mark.parametrize("behaviour", [
    steps(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10000, HANG),
    steps(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n" + b"x-t: y\r\n" * 100000, HANG),
    steps(b"HTTP/1.1 200 OK\r\n" + b"x-h: y\r\n" * 100000, HANG)], ids=["1xx", "trailers", "head"])
def test_they_are_bounded(ask_model, behaviour):
    reply, rows, _ = ask_model(behaviour, timeouts={"first_byte": "5s", "idle": "5s"})
    assert reply.status in (502, 504) and rows[0]["state"] == "failed"


@faults_row("redirect")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(ask_model, new_provider, status):
    elsewhere = new_provider()
    reply, rows, dispatches = ask_model(behaviours.raw(status, b"", {"location": elsewhere.url + CHAT}))
    assert (reply.status, reply.error["code"]) == (502, "provider_error")
    assert not elsewhere.dispatches() and len(dispatches) == 1
    assert elsewhere.url.encode() not in reply.body


@faults_row("many targets failing")
def test_no_storm_of_retries(start_gateway, new_provider):
    """All targets fail: extra dispatches stay within a fifth of all, but for the ten a second that are always allowed."""
    provider = new_provider()
    provider.on("down", behaviours.error(500))
    config = config_for(provider, retry={"max_attempts": 3, "budget": 0.2}, models={"down": {"targets": [target(), target(model="down")]}})
    gateway = start_gateway(config)
    key = gateway.create_key()
    import concurrent.futures
    count, began = 300, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = set(pool.map(lambda _: ask(gateway, key, chat("down")).status, range(count)))
    seconds = time.monotonic() - began
    assert statuses <= {502, 503, 429}
    assert len(provider.dispatches()) <= count * 1.25 + 10 * (seconds + 2)


# --- keep-alive comments and early heads

def test_a_stream_reaches_the_client_event_by_event(start_gateway, new_provider):
    provider = new_provider()
    provider.on("m", stream(delta("one"), HANG))
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    with RawClient(gateway.port, 10) as client:
        client.send(post(CHAT, key, chat("m", stream=True)))
        client.read_until(b'"one"')  # although nothing more will ever come


def test_a_closing_connection_ends_a_stream_as_well(ask_model):
    events = b"".join(event(e) for e in (delta("Hi"), FINISH, usage_chunk(usage(100, 50)))) + DONE
    reply, rows, _ = ask_model(steps(STREAM_HEAD_UNTIL_CLOSE + events, CLOSE), streamed=True)
    assert reply.whole and reply.events[-1] == b"[DONE]" and Decimal(rows[0]["cost"]) == Decimal("0.0002")


def test_secrets_never_show(start_gateway, new_provider):
    """Neither log, nor error, nor metrics, nor the process list has the provider's key; the project's key is nowhere but with its owner."""
    from gateway_process import PROVIDER_KEY
    from raw_client import fetch
    provider = new_provider()
    provider.on("tells", behaviours.error(401, f"Incorrect API key provided: {PROVIDER_KEY}"))
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    replies = [ask(gateway, key, chat(m)).body for m in ("tells", "status-500", "fine")] + [fetch(gateway, key, "/v1/key").body]
    texts = [r.decode() for r in replies] + [fetch(gateway, None, "/metrics").body.decode(), gateway.log_text(),
                                             pathlib.Path(f"/proc/{gateway.process.pid}/cmdline").read_text()]
    assert not any(PROVIDER_KEY in text or key in text for text in texts)
    gateway.stop()
    stored = b"".join(path.read_bytes() for path in gateway.folder.rglob("*") if path.is_file() and path.name != "gateway.yaml")
    assert key.encode() not in stored and PROVIDER_KEY.encode() not in stored and b"hello" not in stored
