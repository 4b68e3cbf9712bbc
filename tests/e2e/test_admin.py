"""The administration over HTTP: another way to the same commands, behind its own token, off without one."""

import json

import pytest

from gateway_process import config_for
from raw_client import RawClient, Reply, ask, chat, fetch

TOKEN = "admin-token-of-the-test"
CONFIG = {"admin_token": TOKEN}


def call(gateway, method, path, body=None, token=TOKEN, more="") -> Reply:
    content = b"" if body is None else json.dumps(body).encode()
    with RawClient(gateway.port) as client:
        client.send(f"{method} /admin/v1/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{more}"
                    f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content)
        return client.read_reply()


def test_the_token_and_no_other(gateway, key):
    assert call(gateway, "GET", "projects").status == 200
    for token in ("", "wrong", TOKEN + "x", key):
        reply = call(gateway, "GET", "projects", token=token)
        assert (reply.status, TOKEN.encode() in reply.body) == (401, False)
        assert "admin_token" in reply.error["message"] and "gk-" not in reply.error["message"]
    assert ask(gateway, TOKEN, chat()).status == 401, "it is no project's key"


def test_off_without_a_token(start_gateway, provider):
    gateway = start_gateway(config_for(provider))
    assert call(gateway, "GET", "projects").status == 404
    assert call(gateway, "GET", "projects", token="").status in (401, 404)


def test_a_project_and_a_key_from_birth_to_death(gateway):
    made = call(gateway, "POST", "projects", {"name": "over-http", "limits": {"requests_per_minute": 1},
                                               "spend": [{"cap": "2.50", "period": "day"}]})
    assert made.status == 201, made.body
    key = call(gateway, "POST", "keys", {"project": "over-http", "name": "first"}).json["data"]
    gateway.wait_until(lambda: gateway.key_works(key["key"]), "the key is known")
    own = fetch(gateway, key["key"], "/v1/key").json["data"]
    assert (own["name"], own["project"], own["limits"]["requests_per_minute"]) == ("first", "over-http", 1)
    assert own["spend"][0]["cap"] == "2.5"
    assert [ask(gateway, key["key"], chat()).status for _ in range(2)] == [200, 429]

    assert call(gateway, "PATCH", "projects/over-http", {"limits": {"requests_per_minute": None}}).status == 200
    gateway.wait_until(lambda: ask(gateway, key["key"], chat()).status == 200, "the limit is lifted")
    assert key["key"].encode() not in call(gateway, "GET", "keys").body, "shown once"
    assert call(gateway, "DELETE", f"keys/{key['id']}").status == 200
    gateway.wait_until(lambda: not gateway.key_works(key["key"]), "the key is revoked")
    assert call(gateway, "DELETE", "projects/over-http").status == 200
    assert "over-http" not in [p["name"] for p in call(gateway, "GET", "projects").json["data"]]


def test_a_file_broken_meanwhile_is_the_reloads_matter_alone(start_gateway, provider):
    gateway = start_gateway(config_for(provider, **CONFIG))
    good = gateway.config_file.read_text()
    gateway.config_file.write_text("modles: {}\n")
    for path in ("projects", "projects/demo", "keys", "usage", "requests", "explain?project=demo&model=m", "reconcile"):
        reply = call(gateway, "GET", path)
        assert reply.status == 200, f"{path}: {reply.body}"
    made = call(gateway, "POST", "keys", {"project": "demo"})
    assert made.status == 201, made.body
    refused = call(gateway, "DELETE", "projects/demo")
    assert refused.status == 409 and "gateway.yaml" in refused.error["message"]
    reply = call(gateway, "POST", "reload")
    assert reply.status == 400 and "modles" in reply.error["message"]

    gateway.config_file.write_text(good.replace('"demo"', '"renamed"'))
    assert [p["name"] for p in call(gateway, "GET", "projects").json["data"]] == ["demo"], "what is in force counts"
    assert call(gateway, "POST", "reload").status == 200
    assert [p["name"] for p in call(gateway, "GET", "projects").json["data"]] == ["renamed"]
    gateway.config_file.write_text(good)


def test_usage_and_requests_are_those_of_the_command_line(gateway, key):
    gateway.rows_of(ask(gateway, key, chat("counted")))
    over_http = call(gateway, "GET", "usage?by=project,model").json["data"]
    assert over_http == gateway.usage("--by", "project,model")
    rows = call(gateway, "GET", "requests?limit=1000&model=counted").json["data"]
    assert rows == gateway.requests("--model", "counted")


@pytest.mark.parametrize("method,path,body,status", [
    ("GET", "nothing", None, 404), ("DELETE", "usage", None, 405), ("GET", "usage?by=nonsense", None, 400), ("GET", "usage?x=1", None, 400),
    ("GET", "projects/none-such", None, 404), ("POST", "projects", {"name": "bad name"}, 400), ("POST", "projects", {"nam": "x"}, 400),
    ("POST", "projects", {"name": "demo"}, 409), ("PATCH", "projects/demo", {"limits": {"concurrent": 1}}, 409),
    ("DELETE", "projects/demo", None, 409), ("POST", "keys", {"project": "none-such"}, 404), ("DELETE", "keys/key_000000000000", None, 404),
    ("GET", "projects/--help", None, 404), ("GET", "projects/%2e%2e%2fetc", None, 404)])
def test_mistakes(gateway, method, path, body, status):
    reply = call(gateway, method, path, body)
    assert reply.status == status, reply.body
    assert reply.error["message"] and "--" not in reply.error["message"].replace("projects/--help", "")


def test_what_is_wrong_is_named_by_its_place_in_the_call(gateway):
    assert call(gateway, "POST", "projects", {"name": "places"}).status == 201
    reply = call(gateway, "PATCH", "projects/places", {"limits": {"requests_per_minute": -1}})
    assert (reply.status, reply.error["param"]) == (400, "limits.requests_per_minute")
    reply = call(gateway, "PATCH", "projects/places", {"limits": {"concurrent": 3}}, more='if-match: ""\r\n')
    assert (reply.status, reply.error["param"]) == (400, "if-match")
    assert call(gateway, "PATCH", "projects/places", {"limits": {"concurrent": 3}}, more="if-match: *\r\n").status == 200
    reply = call(gateway, "GET", "explain?project=demo")
    assert (reply.status, reply.error["param"]) == (400, "model") and "body" not in reply.error["message"]
