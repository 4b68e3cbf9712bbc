"""What every client may rely on: paths, answer headers, errors, and that bodies pass untouched."""

import json

import pytest

import behaviours
from gateway_process import PROVIDER_KEY, config_for, routes, target
from raw_client import RawClient, ask, chat, fetch, get, post

CONFIG = {
    "models": routes(**{
        "private": {"targets": [target()]},
        "vendor/some-model": {"targets": [target()]},
        "narrow/one": {"targets": [target()]},
    }),
    "projects": {
        "demo": {},
        "narrow": {"models": ["narrow/*"]},
        "slow": {"limits": {"requests_per_minute": 2, "tokens_per_minute": 10000}},
        "small": {"limits": {"tokens_per_minute": 50}},
        "poor": {"spend": {"cap": 0.001, "period": "month"}},
    },
    "server": {"max_body": "1MiB"},
}


# --- answer headers

def test_every_answer_has_a_unique_request_id(gateway, key):
    ids = [ask(gateway, key, chat()).header("x-request-id"), ask(gateway, "gk-bad", chat()).header("x-request-id"),
           fetch(gateway, key, "/v1/models").header("x-request-id"), fetch(gateway, None, "/nowhere").header("x-request-id"),
           fetch(gateway, None, "/healthz").header("x-request-id"), ask(gateway, key, b"{").header("x-request-id")]
    assert all(i and i.startswith("req_") for i in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("field", ["x-client-request-id", "x-request-id"])
def test_a_clients_request_id_is_echoed_and_kept(gateway, key, field):
    reply = ask(gateway, key, chat(), headers={field: "my-own_id.42"})
    assert reply.header("x-client-request-id") == "my-own_id.42"
    assert reply.header("x-request-id") != "my-own_id.42"
    assert gateway.rows_of(reply)[0]["client_request_id"] == "my-own_id.42"


@pytest.mark.parametrize("value", ["has space", "a" * 129, "semi;colon", "ünicode"])
def test_a_bad_client_request_id_is_ignored(gateway, key, value):
    reply = ask(gateway, key, chat(), headers={"x-client-request-id": value})
    assert (reply.status, reply.header("x-client-request-id")) == (200, None)


def test_headers_of_a_good_answer(gateway, key):
    reply = ask(gateway, key, chat())
    assert reply.status == 200
    assert reply.header("content-type").startswith("application/json")
    assert reply.header("x-gateway-provider") == "test"
    assert reply.header("x-gateway-model") == "test"
    assert reply.header("x-gateway-attempts") == "1"
    assert int(reply.header("x-gateway-overhead-us")) >= 0
    assert int(reply.header("openai-processing-ms")) >= 0


def test_rate_limit_headers(gateway):
    reply = ask(gateway, gateway.create_key("slow"), chat(max_tokens=20))
    assert reply.header("x-ratelimit-limit-requests") == "2"
    assert reply.header("x-ratelimit-remaining-requests") == "1"
    assert reply.header("x-ratelimit-limit-tokens") == "10000"
    assert 0 < int(reply.header("x-ratelimit-remaining-tokens")) < 10000
    for kind in ("requests", "tokens"):
        assert reply.header(f"x-ratelimit-reset-{kind}")[-1] == "s"


def test_no_header_of_the_provider_passes(gateway, key, provider):
    provider.on("chatty", behaviours.reply(behaviours.completion(), headers={
        "x-ratelimit-remaining-requests": "7", "openai-organization": "org-ours", "set-cookie": "a=b", "server": "secret",
        "x-request-id": "theirs", "cf-ray": "1", "x-account": "ours"}))
    reply = ask(gateway, key, chat("chatty"))
    assert reply.status == 200
    for name in ("openai-organization", "set-cookie", "cf-ray", "x-account", "x-ratelimit-remaining-requests"):
        assert reply.header(name) is None, name
    assert reply.header("x-request-id") != "theirs"
    assert reply.header("server") != "secret"


def test_stream_headers(gateway, key):
    reply = ask(gateway, key, chat(stream=True))
    assert reply.header("content-type") == "text/event-stream; charset=utf-8"
    assert reply.header("cache-control") == "no-cache"
    assert reply.header("x-accel-buffering") == "no"
    assert reply.whole and reply.events[-1] == b"[DONE]"


# --- bodies pass untouched

BIG = b'{"model":"%s", "messages" : [{"role":"user","content":"h\\u00e9llo \xe2\x98\x83"}],\n\t"seed":123456789012345678901234567890,' \
      b'"unknown_field":{"deep":[1.50,1e2,-0,true,null]},"temperature":0.10,"metadata":{"a":"b"},"max_tokens":5}'


def test_unknown_fields_and_big_numbers_reach_the_provider_byte_for_byte(gateway, key, provider):
    body = BIG % b"untouched"
    assert ask(gateway, key, body).status == 200
    assert provider.dispatches("untouched")[0].body == body


def test_only_the_models_name_is_changed_by_an_alias(provider, start_gateway):
    gateway = start_gateway(config_for(provider, models={"alias": {"targets": [target(model="real/name")]}}))
    assert ask(gateway, gateway.create_key(), BIG % b"alias").status == 200
    assert provider.dispatches("real/name")[0].body == BIG % b"real/name"


def test_a_streams_bytes_pass_untouched(gateway, key, provider):
    parts = [b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"odd   spacing"}}],"x":1.0}\n\n',
             b'data:{"id":"c","choices":[{"index":0,"delta":{"content":"\xe2\x98\x83"},"finish_reason":null}]}\n\n',
             b'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n', b"data: [DONE]\n\n"]
    provider.on("exact", behaviours.stream(*parts))
    reply = ask(gateway, key, chat("exact", stream=True))
    assert reply.whole and reply.body == b"".join(parts)


def test_an_answers_bytes_pass_untouched(gateway, key, provider):
    body = b'{ "id" : "x",\n "choices":[{"index":0,"message":{"role":"assistant","content":"\\u2603"},"finish_reason":"stop"}],' \
           b'"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2},"extra":12345678901234567890123}'
    provider.on("exact-answer", behaviours.raw(200, body))
    assert ask(gateway, key, chat("exact-answer")).body == body


def test_usage_is_hidden_from_a_client_that_did_not_ask(gateway, key, provider):
    provider.on("hides", behaviours.whole_stream())
    plain = ask(gateway, key, chat("hides", stream=True))
    asked = ask(gateway, key, chat("hides", stream=True, stream_options={"include_usage": True}))
    assert not any(b'"choices": []' in event for event in plain.events)
    assert any(b'"choices": []' in event for event in asked.events)
    assert json.loads(provider.dispatches("hides")[0].body)["stream_options"]["include_usage"] is True


def test_what_goes_to_the_provider(gateway, key, provider):
    ask(gateway, key, chat("outgoing"), headers={"cookie": "a=b", "x-forwarded-for": "1.2.3.4", "openai-organization": "theirs"})
    sent = provider.dispatches("outgoing")[0]
    assert sent.header("authorization") == f"Bearer {PROVIDER_KEY}"
    assert sent.header("content-type") == "application/json"
    assert sent.header("expect") is None and sent.header("accept-encoding") in (None, "identity")
    assert key not in sent.head.decode("latin-1"), "the caller's key stays here"
    assert sent.header("cookie") is None


@pytest.mark.parametrize("name,form", [("authorization", "Bearer {}"), ("authorization", "bearer {}"), ("x-api-key", "{}"),
                                       ("api-key", "{}")])
def test_ways_to_say_the_key(gateway, key, name, form):
    assert ask(gateway, None, chat(), headers={name: form.format(key)}).status == 200


# --- errors, row by row

def check(reply, status, kind, code, param=None):
    assert reply.status == status, reply.body
    assert reply.header("content-type").startswith("application/json")
    assert set(reply.json) == {"error"}
    assert {"message", "type", "param", "code"} <= set(reply.error)
    assert (reply.error["type"], reply.error["code"]) == (kind, code), reply.error
    if param:
        assert reply.error["param"] == param
    assert reply.error["message"]


@pytest.mark.parametrize("body,param", [
    (b"{", None), (b"", None), (b"[]", None), (b"nonsense", None), (b'{"model":"test"} x', None),
    (b'{"messages":[]}', "model"), (b'{"model":5,"messages":[]}', "model"), (b'{"model":"test"}', "messages"),
    (b'{"model":"test","messages":[],"stream":"yes"}', "stream"), (b'{"model":"test","messages":[],"max_tokens":-1}', "max_tokens"),
    (b'{"model":"test","messages":[],"max_tokens":1.5}', "max_tokens"), (b'{"model":"test","messages":[],"n":0}', "n"),
    (b'{"model":"test","messages":[],"max_completion_tokens":"9"}', "max_completion_tokens"),
    (b'{"model":"test","messages":[],"stream_options":7}', "stream_options"),
])
def test_malformed_json_and_bad_fields(gateway, key, body, param):
    check(ask(gateway, key, body), 400, "invalid_request_error", None, param)


def test_bad_embeddings_request(gateway, key):
    check(ask(gateway, key, {"model": "test"}, "/v1/embeddings"), 400, "invalid_request_error", None, "input")


def test_all_bad_keys_get_one_message(gateway):
    revoked = gateway.create_key()
    gateway.cli("key", "revoke", fetch(gateway, revoked, "/v1/key").json["data"]["id"], json_output=False)
    gateway.wait_until(lambda: not gateway.key_works(revoked), "the revoked key is refused")
    replies = [ask(gateway, k, chat()) for k in (None, "", "gk-wrong", revoked, "gk-" + "A" * 43, "x" * 5000)]
    for reply in replies:
        check(reply, 401, "invalid_request_error", "invalid_api_key")
    assert len({reply.error["message"] for reply in replies}) == 1


def test_a_model_the_project_may_not_use(gateway):
    narrow = gateway.create_key("narrow")
    check(ask(gateway, narrow, chat("private")), 403, "permission_error", "model_not_allowed")
    assert ask(gateway, narrow, chat("narrow/one")).status == 200
    check(fetch(gateway, narrow, "/v1/models/private"), 404, "invalid_request_error", "model_not_found")


def test_an_unknown_model(start_gateway, provider):
    gateway = start_gateway(config_for(provider, models={"known": {"targets": [target()]}}))
    check(ask(gateway, gateway.create_key(), chat("unknown")), 404, "invalid_request_error", "model_not_found")


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/chat/nothing", "/v2/models", "/V1/models"])
def test_an_unknown_path(gateway, key, path):
    check(fetch(gateway, key, path), 404, "invalid_request_error", "unknown_url")


@pytest.mark.parametrize("method,path,allow", [("GET", "/v1/chat/completions", "POST"), ("DELETE", "/v1/models", "GET"),
                                               ("PUT", "/v1/embeddings", "POST")])
def test_a_wrong_method(gateway, key, method, path, allow):
    with RawClient(gateway.port) as client:
        client.send(f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: 0\r\n\r\n".encode())
        reply = client.read_reply()
    check(reply, 405, "invalid_request_error", "method_not_allowed")
    assert allow in reply.header("allow")


def test_a_rate_limit(gateway):
    slow = gateway.create_key("slow")
    replies = [ask(gateway, slow, chat(max_tokens=5)) for _ in range(4)]
    refused = replies[-1]
    check(refused, 429, "requests", "rate_limit_exceeded")
    assert 1 <= int(refused.header("retry-after")) <= 60
    assert int(refused.header("retry-after-ms")) > 0


def test_more_tokens_than_the_limit_itself(gateway):
    reply = ask(gateway, gateway.create_key("small"), chat(max_tokens=5000))
    check(reply, 429, "tokens", "request_exceeds_limit")
    assert reply.header("x-should-retry") == "false"


def test_a_request_that_alone_exceeds_the_cap(gateway):
    poor = gateway.create_key("poor")
    reply = ask(gateway, poor, chat(max_tokens=100000))
    check(reply, 429, "insufficient_quota", "request_exceeds_budget")
    assert reply.header("x-should-retry") == "false"
    fits = reply.error["metadata"]["max_tokens_that_fit"]
    assert ask(gateway, poor, chat(max_tokens=fits + 5)).status == 429
    assert ask(gateway, poor, chat(max_tokens=fits)).status == 200


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_clients_fault_in_the_providers_words(gateway, key, status):
    reply = ask(gateway, key, chat(f"status-{status}"))
    assert reply.status == status
    assert "scripted" in reply.error["message"]


def test_moderation(gateway, key, provider):
    provider.on("moderated", behaviours.error(403, "flagged by moderation", code=403, metadata={"reasons": ["violence"]}))
    reply = ask(gateway, key, chat("moderated"))
    assert (reply.status, "moderation" in reply.error["message"]) == (403, True)


@pytest.mark.parametrize("status", [401, 402])
def test_the_provider_refuses_our_credentials(gateway, key, status):
    reply = ask(gateway, key, chat(f"status-{status}"))
    check(reply, 502, "server_error", "provider_unavailable")
    assert b"scripted" not in reply.body


def test_the_providers_key_limit(gateway, key, provider):
    provider.on("key-limit", behaviours.error(403, "Key limit exceeded (monthly limit)", code=403))
    check(ask(gateway, key, chat("key-limit")), 502, "server_error", "provider_unavailable")


def test_the_provider_is_busy(gateway, key):
    reply = ask(gateway, key, chat("status-429"))
    check(reply, 429, "requests", "provider_rate_limited")
    assert 1 <= int(reply.header("retry-after")) <= 60


@pytest.mark.parametrize("status", [500, 502, 503])
def test_the_provider_fails(gateway, key, status):
    check(ask(gateway, key, chat(f"status-{status}")), 502, "server_error", "provider_error")


# --- other paths

def test_key(gateway):
    data = fetch(gateway, gateway.create_key("slow", name="mine"), "/v1/key").json["data"]
    assert (data["name"], data["project"]) == ("mine", "slow")
    assert data["limits"]["requests_per_minute"] == 2
    assert data["remaining"]["requests"] <= 2
    assert {"day", "week", "month", "total"} <= set(data["usage"])


def test_key_shows_the_cap(gateway):
    spend = fetch(gateway, gateway.create_key("poor"), "/v1/key").json["data"]["spend"]
    assert spend[0]["period"] == "month"
    assert spend[0]["cap"] == "0.001"
    assert spend[0]["resets_at"].endswith("Z")


def test_models(gateway, key):
    reply = fetch(gateway, key, "/v1/models")
    assert reply.json["object"] == "list"
    model = next(m for m in reply.json["data"] if m["id"] == "vendor/some-model")
    assert model["object"] == "model" and "owned_by" in model and "created" in model
    assert model["pricing"]["prompt"] == "0.000001"
    assert fetch(gateway, key, "/v1/models/vendor/some-model").json["id"] == "vendor/some-model"
    assert fetch(gateway, key, "/v1/models/vendor%2Fsome-model").json["id"] == "vendor/some-model"


def test_models_are_those_the_project_may_use(gateway):
    ids = [m["id"] for m in fetch(gateway, gateway.create_key("narrow"), "/v1/models").json["data"]]
    assert ids == ["narrow/one"]


def test_health(gateway):
    assert fetch(gateway, None, "/healthz").status == 200
    assert fetch(gateway, None, "/readyz").status == 200


def test_metrics(gateway, key):
    ask(gateway, key, chat())
    text = fetch(gateway, None, "/metrics").body.decode()
    assert "# TYPE" in text and "gateway_" in text


def test_the_admin_api_is_off_without_a_token(gateway, key):
    assert fetch(gateway, key, "/admin/v1/projects").status in (401, 404)


def test_keep_alive(gateway, key):
    with RawClient(gateway.port) as client:
        for _ in range(5):
            client.send(post("/v1/chat/completions", key, chat()))
            assert client.read_reply().status == 200
            client.send(get("/healthz"))
            assert client.read_reply().status == 200


def test_head(gateway):
    with RawClient(gateway.port) as client:
        client.send(b"HEAD /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        assert client.read_reply(head_only=True).status == 200
        client.send(get("/healthz"))
        assert client.read_reply().status == 200
