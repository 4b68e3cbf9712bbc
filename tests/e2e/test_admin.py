"""The administration over HTTP: another way to the same commands, behind its own token, off without one."""

import json
import os
import subprocess

import pytest

from described import Description
from gateway_process import BINARY, config_for, routes, target
from raw_client import RawClient, Reply, ask, chat, fetch

TOKEN = "admin-token-of-the-test"
CONFIG = {"admin_token": TOKEN}


DESCRIPTIONS: dict[int, Description] = {}  # of each gateway, by its port


def description_of(gateway) -> Description:
    if gateway.port not in DESCRIPTIONS:
        DESCRIPTIONS[gateway.port] = Description(fetch(gateway, TOKEN, "/admin/v1/openapi.json").json)
    return DESCRIPTIONS[gateway.port]


def call(gateway, method, path, body=None, token=TOKEN, more="") -> Reply:
    """Every JSON answer, of whatever test, is held against its description."""
    reply = send(gateway, method, path, body, token, more)
    if (reply.header("content-type") or "").partition(";")[0] == "application/json" and reply.body and gateway.config.get("admin_token"):
        description_of(gateway).check(method, path, reply.status, reply.json)
    return reply


def send(gateway, method, path, body=None, token=TOKEN, more="") -> Reply:
    content = b"" if body is None else json.dumps(body).encode()
    with RawClient(gateway.port) as client:
        client.send(f"{method} /admin/v1/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{more}"
                    f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content)
        return client.read_reply()


def test_the_token_and_no_other(gateway, key):
    assert call(gateway, "GET", "projects").status == 200
    for token in ("", "wrong", TOKEN + "x"):
        reply = call(gateway, "GET", "projects", token=token)
        assert (reply.status, TOKEN.encode() in reply.body) == (401, False)
        assert "admin_token" in reply.error["message"] and "gk-" not in reply.error["message"]
    assert ask(gateway, TOKEN, chat()).status == 401, "it is no project's key"
    for method, path in (("GET", "projects"), ("GET", "projects/other"), ("DELETE", "projects/demo"), ("POST", "keys"), ("GET", "config")):
        assert call(gateway, method, path, token=key).status in (403, 404), f"a project's key reads its own alone: {method} {path}"
    assert call(gateway, "GET", "keys", token=key).status == 200
    for method in ("GET", "POST"):
        own = call(gateway, method, "explain?model=m", token=key)
        assert own.status == 200 and own.json["data"]["project"] == "demo", own.body
        assert call(gateway, method, "explain?model=m&project=other", token=key).status == 403
        whose = call(gateway, method, "explain?model=m")
        assert (whose.status, whose.error["param"]) == (400, "project"), "of all projects it is one"


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


def but_refused(sums: list[dict]) -> list[dict]:
    """Refusals, which are counted a while after they happened, are of earlier tests."""
    return [{name: value for name, value in each.items() if name != "refused"} for each in sums if each["attempts"] > 0]


def test_filters_are_those_of_the_command_line(gateway, provider, key):
    for model in ("sorted-a", "sorted-b", "sorted-c"):
        gateway.rows_of(ask(gateway, key, chat(model)))
    assert [row["model"] for row in call(gateway, "GET", "usage?by=model&model=sorted-a&model=sorted-c").json["data"]] == ["sorted-a", "sorted-c"]
    row = gateway.requests("--model", "sorted-a")[0]
    refused = call(gateway, "GET", "usage?by=model&key=nobody")
    assert (refused.status, refused.error["message"]) == (404, "no key 'nobody'; see 'gateway key list'")
    for query, flags in [
            ("by=day,model&tz=Asia/Kathmandu", ("--by", "day,model", "--tz", "Asia/Kathmandu")),
            (f"by=quarter&project=demo&project=demo&key={row['key']}",
             ("--by", "quarter", "--project", "demo", "--project", "demo", "--key", row["key"])),
            ("by=model&top=1", ("--by", "model", "--top", "1")), ("by=month&code=none,other&endpoint=chat", ("--by", "month", "--code", "none,other", "--endpoint", "chat")),
            ("by=week,model&order=requests", ("--by", "week,model", "--order", "requests"))]:
        assert but_refused(call(gateway, "GET", f"usage?{query}").json["data"]) == but_refused(gateway.usage(*flags)), query
    for query, flags in [("status=2xx&model=sorted-b&tz=Europe/Berlin", ("--status", "2xx", "--model", "sorted-b", "--tz", "Europe/Berlin")),
                         ("min_duration=1h", ("--min-duration", "1h")), ("state=settled,failed&min_cost=0", ("--state", "settled,failed", "--min-cost", "0")),
                         ("streamed=false&model=sorted-a&model=sorted-c", ("--streamed", "false", "--model", "sorted-a", "--model", "sorted-c")),
                         ("flag=clamped,usage_odd", ("--flag", "clamped,usage_odd"))]:
        assert call(gateway, "GET", f"requests?limit=1000&{query}").json["data"] == gateway.requests(*flags), query
    for query, param in [("usage?tz=Mars", "tz"), ("usage?top=0", "top"), ("usage?by=day&top=1", "top"), ("usage?endpoint=x", "endpoint"),
                         ("requests?status=12", "status"), ("requests?min_cost=x", "min_cost"), ("requests?min_duration=5", "min_duration"),
                         ("requests?flag=odd", "flag"), ("requests?streamed=yes", "streamed"), ("requests/stream?streamed=1", "streamed"),
                         ("requests?since=2026-01-01&since=2026-01-02", "since"), ("keys?order=x", "order"), ("keys?unused_for=x", "unused_for"),
                         ("usage?" + "&".join(["model=x"] * 101), "model")]:
        reply = call(gateway, "GET", query)
        assert (reply.status, reply.error["param"]) == (400, param), reply.body


def test_tokens_have_names_and_roles(start_gateway, provider):
    reader, writer = "a-token-that-may-only-read", "a-token-that-may-write-too"
    gateway = start_gateway(config_for(provider, admin_token=TOKEN, admin_tokens=[
        {"name": "viewer", "token": reader}, {"name": "deploy", "token": writer, "role": "write"}]))
    for token in (TOKEN, reader, writer):
        assert call(gateway, "GET", "projects", token=token).status == 200
    refused = call(gateway, "POST", "projects", {"name": "mine"}, token=reader)
    assert (refused.status, refused.error["code"], refused.error["type"]) == (403, "read_only_token", "permission_error")
    assert call(gateway, "POST", "projects", {"name": "mine"}, token=writer).status == 201
    assert call(gateway, "PATCH", "projects/mine", {"limits": {"concurrent": 2}}).status == 200
    assert call(gateway, "GET", "projects", token=reader + "x").status == 401
    gateway.wait_until(lambda: "POST /admin/v1/projects by deploy gave 201: project create mine" in gateway.log_text(), "the log names it")
    gateway.wait_until(lambda: "PATCH /admin/v1/projects/mine by admin_token gave 200" in gateway.log_text(), "and the other")
    assert "POST /admin/v1/projects by viewer gave 403" in gateway.log_text()
    shown = json.dumps(call(gateway, "GET", "config").json)
    assert reader not in shown and writer not in shown and "viewer" in shown and reader not in gateway.log_text()


def test_rows_are_streamed_as_they_are_closed(gateway, key):
    def events(client, wanted: int) -> str:
        text = ""
        for _ in range(wanted):
            text += (client.read_until(b"\ndata: ") + client.read_until(b"\n\n")).decode()
        return text

    head = f"GET /admin/v1/requests/stream?model=streamed&model=again HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n"
    with RawClient(gateway.port) as client:
        client.send((head + "\r\n").encode())
        for _ in range(6):  # more than there are threads: none is held
            assert call(gateway, "GET", "projects").status == 200
        first = gateway.rows_of(ask(gateway, key, chat("streamed")))[0]
        gateway.rows_of(ask(gateway, key, chat("not-streamed")))
        second = gateway.rows_of(ask(gateway, key, chat("again")))[0]
        text = events(client, 2)
    assert "text/event-stream" in text and "not-streamed" not in text
    rows = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert [row["request_id"] for row in rows] == [first["request_id"], second["request_id"]] and rows[0] == first
    last = [line[4:] for line in text.splitlines() if line.startswith("id: ")][0]
    with RawClient(gateway.port) as client:
        client.send((head + f"last-event-id: {last}\r\n\r\n").encode())
        client.read_until(second["request_id"].encode())  # after the first one, perhaps, which it may repeat
    refused = call(gateway, "GET", "requests/stream?status=x")
    assert (refused.status, refused.error["param"]) == (400, "status")


@pytest.mark.parametrize("path", ["requests?model=paged", "usage?by=model", "keys", "projects"])
def test_pages_of_a_list_meet(gateway, key, path):
    for _ in range(3):
        gateway.rows_of(ask(gateway, key, chat("paged")))
    gateway.rows_of(ask(gateway, key, chat("other")))
    for name in ("page-a", "page-b"):
        assert call(gateway, "POST", "projects", {"name": name}).status in (201, 409)
    assert call(gateway, "POST", "keys", {"project": "page-a"}).status == 201
    joint = "&" if "?" in path else "?"
    all_at_once = call(gateway, "GET", f"{path}{joint}limit=1000").json
    assert "next" not in all_at_once and "note" not in all_at_once and len(all_at_once["data"]) > 1
    paged, cursor = [], ""
    for _ in all_at_once["data"]:
        page = call(gateway, "GET", f"{path}{joint}limit=1{cursor}").json
        paged += page["data"]
        assert ("next" in page) == ("note" in page)
        cursor = f"&cursor={page['next']}" if "next" in page else None
    assert (paged, cursor) == (all_at_once["data"], None)
    refused = call(gateway, "GET", f"{path}{joint}cursor=%00")
    assert (refused.status, refused.error["param"]) == (400, "cursor")


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


# What each operation of the table is called with, in this order: {project}, {key} and {request} are there by then.
CALLS = {
    "list_projects": {}, "create_project": {"body": {"name": "every"}}, "show_project": {"name": "every"},
    "set_project": {"name": "every", "body": {"limits": {"concurrent": 3}, "spend": [{"cap": "5", "period": "day"}]}},
    "list_keys": {"query": "?project=every"}, "create_key": {"body": {"project": "every"}}, "rotate_key": {"id": "{key}", "body": {"grace": "1h"}},
    "revoke_key": {"id": "{key}"}, "usage": {"query": "?by=day"}, "list_requests": {}, "show_request": {"id": "{request}"},
    "explain": {"query": "?project=demo&model=m"}, "explain_body": {"query": "?project=demo", "body": {"model": "m", "messages": []}},
    "list_models": {"query": "?project=every"}, "list_prices": {},
    "list_budgets": {"query": "?project=every"}, "health": {}, "list_limits": {}, "reconcile": {}, "verify_ledger": {}, "export_ledger": {},
    "prune_ledger": {"body": {"before": "90d"}}, "sweep_ledger": {}, "reprice_ledger": {}, "show_config": {}, "show_system": {}, "reload": {}, "openapi": {},
    "delete_project": {"name": "every"},
}


def test_every_operation_of_the_description_answers(gateway, key):
    request = gateway.rows_of(ask(gateway, key, chat("described")))[0]["request_id"]
    description = description_of(gateway)
    document, described = description.document, description.operations
    assert document["openapi"].startswith("3.1")
    assert set(described) == set(CALLS) | {"stream_requests"}  # which has no end
    answers, made = {}, {}
    for name, given in CALLS.items():
        method, path, operation = described[name]
        for part in ("name", "id"):
            path = path.replace("{%s}" % part, given.get(part, "").format(key=made.get("id"), request=request))
        reply = call(gateway, method, path + given.get("query", ""), given.get("body"))
        assert str(reply.status) in operation["responses"] and reply.status < 300, f"{name}: {reply.status} {reply.body}"
        answers[name] = reply.json.get("data")
        if name in ("create_key", "rotate_key"):
            made = answers[name]
    assert description.checked >= set(CALLS), "and each was held against its description"
    assert answers["openapi"] is None and answers["verify_ledger"]["ok"] and answers["reload"]["reloaded"]
    assert [row["request_id"] for row in answers["show_request"]] == [request]
    assert request in [row["request_id"] for row in answers["export_ledger"]]
    assert answers["list_budgets"][0]["cap"] == "5" and answers["list_budgets"][0]["period"] == "day"
    assert {provider["provider"]: provider["usable"] for provider in answers["health"]["providers"]} == {"test": True}
    recent = {each["model"]: each for each in answers["health"]["providers"][0]["recent"]}
    assert recent["described"]["windows"]["5m"]["attempts"] == 1 and recent["described"]["windows"]["24h"]["complete"]
    assert recent["described"]["last_success"] and recent["described"]["last_error"] is None
    assert "demo" in [limits["project"] for limits in answers["list_limits"]]
    assert answers["prune_ledger"]["deleted"] == 0 and answers["rotate_key"]["replaces"]
    shown = json.dumps(answers["show_config"])
    system = answers["show_system"]
    assert system["version"] and system["workers"] >= 1 and system["memory_bytes"] > 1_000_000 and system["ledger_writable"]
    assert system["uptime_seconds"] >= 0 and system["journal_lag"] >= 0
    forecast = answers["list_budgets"][0]["forecast"]
    assert (forecast["basis"], forecast["spent_at_reset"], forecast["exhausted_at"]) == ("too early", None, None)
    assert TOKEN not in shown and "sk-provider" not in shown and answers["show_config"]["providers"]["test"]["api_key"] == "***"


# What few configurations have: their answers are described too.
FULL = {
    "admin_tokens": [{"name": "viewer", "token": "a-token-that-reads", "role": "read"}],
    "providers": {"one": {"type": "openai", "base_url": "http://127.0.0.1:9/v1", "api_key": "sk-one", "headers": {"x-team": "a"}},
                  "two": {"type": "openai", "base_url": "http://127.0.0.1:9/v1",
                          "api_keys": [{"name": "a", "key": "sk-a"}, {"name": "b", "key": "sk-b", "weight": 2}]}},
    "models": {
        "full": {"strategy": "weighted", "sticky": "user", "targets": [
            {"provider": "one", "model": "m", "weight": 2, "max_output_tokens": 100, "context_length": 1000, "length_field": "max_tokens",
             "timeouts": {"first_byte": "1m"}, "canary": {"percent": 5, "by": "user"}, "can": ["tools"], "ask_usage": "never",
             "prices": {"input": 1, "output": 2, "audio_second": 0.5, "cache_write_1h": 3, "service_tiers": {"priority": 2, "flex": 0.5},
                        "overrides": [{"min_prompt_tokens": 200, "input": 2}, {"utc_start": "16:30", "utc_end": "00:30", "input": 0.5}]}},
            {"strategy": "ordered", "when": {"projects": ["full"], "input_tokens_over": 10, "hours": "06:00-22:00"}, "targets": [
                {"provider": "two", "model": "m", "prices": {"input": 1, "output": 2}, "max_output_tokens": 10,
                 "when": {"metadata": {"region": "us"}, "header": {"x-a": "b"}}}]},
            {"provider": "one", "model": "n", "prices": {"input": 1, "output": 2}, "max_output_tokens": 10}]},
        "*": {"targets": [{"provider": "one"}]}},
    "projects": {"full": {"models": ["full", "unpriced"], "limits": {"requests_per_minute": 5, "tokens_per_minute": 500, "concurrent": 2},
                          "spend": {"cap": 1, "period": "day", "warn": [50, 80]}}},
    "retry": {"max_attempts": 2, "on": ["connect", "5xx"]},
    "server": {"cors_origins": ["https://example.org"]},
    "mcp": {"enabled": True, "write": ["keys"]},
}


def test_a_configuration_with_everything_is_described(start_gateway, provider):
    gateway = start_gateway(config_for(provider, **CONFIG, **FULL))
    key = gateway.create_key("full")
    assert ask(gateway, key, chat("full")).status == 502, "nobody is there"
    gateway.wait_until(lambda: [row["state"] for row in call(gateway, "GET", "requests").json["data"][:1]] == ["failed"], "the row is there")
    config = call(gateway, "GET", "config").json["data"]
    assert config["models"]["full"]["groups"] and config["providers"]["two"]["api_keys"]
    assert config["models"]["full"]["targets"][0]["prices"]["overrides"][1]["utc_start"] == "16:30"
    listed = call(gateway, "GET", "prices?provider=one&model=m").json["data"]
    assert [(each["service_tiers"]["flex"], len(each["overrides"])) for each in listed] == [("0.5", 2)]
    refused = call(gateway, "GET", "explain?project=full&model=unpriced").json["data"]
    assert refused["refusal"] and refused["targets"][0]["rejected"]
    assert {each["key"] for each in call(gateway, "GET", "explain?project=full&model=full").json["data"]["targets"]} >= {None, "a", "b"}
    assert call(gateway, "GET", "health").json["data"]["providers"][0]["recent"][0]["windows"]["24h"]["failed"]
    for path in ("models", "models?project=full", "limits", "budgets", "projects", "keys", "system", "reconcile", "usage?by=code,endpoint,week",
                 "ledger/reprice", "requests?tz=Europe/Berlin"):
        assert call(gateway, "GET", path).status == 200, path


def test_what_a_call_must_have_is_named(gateway):
    for method, path, body, param in [("POST", "keys", {}, "project"), ("POST", "projects", {"limits": {}}, "name"),
                                      ("POST", "ledger/prune", {}, "before"), ("POST", "ledger/prune", {"before": "soon"}, "before"),
                                      ("POST", "ledger/prune", {"before": "2999-01-01"}, "before"), ("GET", "budgets?limit=0", None, "limit"),
                                      ("GET", "ledger/export?cursor=x", None, "cursor"), ("GET", "prices?cursor=x", None, "cursor"),
                                      ("GET", "models?projct=x", None, "projct"), ("PATCH", "projects/demo", {"name": "x"}, "name")]:
        reply = call(gateway, method, path, body)
        assert (reply.status, reply.error["param"]) == (400, param), reply.body
    for path in ("models?project=none", "budgets?project=none", "limits?project=none", "requests/req_none", "ledger", "keys/x/y"):
        assert call(gateway, "GET", path).status == 404, path
    assert call(gateway, "GET", "ledger/prune").status == 405


def test_an_export_is_streamed_as_the_command_prints_it(gateway, key):
    for _ in range(3):
        gateway.rows_of(ask(gateway, key, chat("exported")))
    expected = gateway.cli("ledger", "export", "--model", "exported", json_output=False)
    streamed = call(gateway, "GET", "ledger/export?format=jsonl&model=exported")
    assert (streamed.status, streamed.header("content-type")) == (200, "application/jsonl")
    assert streamed.body.decode() == expected and expected.count("\n") >= 3
    row = {"$ref": "#/components/schemas/Row"}
    assert [description_of(gateway).problems(row, json.loads(line)) for line in expected.splitlines()] == [[]] * expected.count("\n")
    assert call(gateway, "GET", "ledger/export?format=jsonl&model=exported&limit=1").body.decode() == expected.splitlines(True)[0]
    assert call(gateway, "GET", "ledger/export?format=jsonl&model=no-such").body == b""
    refused = call(gateway, "GET", "ledger/export?format=csv")
    assert (refused.status, refused.error["param"]) == (400, "format")
    paged, cursor = [], ""
    while cursor is not None:
        page = call(gateway, "GET", f"ledger/export?model=exported&limit=2{cursor}").json
        paged += page["data"]
        cursor = f"&cursor={page['next']}" if "next" in page else None
    assert paged == [json.loads(line) for line in expected.splitlines()]


def test_a_file_that_is_being_written_takes_no_service_away(start_gateway, provider):
    gateway = start_gateway(config_for(provider, **CONFIG))
    good, key = gateway.config_file.read_text(), gateway.create_key()
    gateway.config_file.write_text("")
    reply = call(gateway, "POST", "reload")
    assert reply.status == 400 and "no models" in reply.error["message"], reply.body
    assert ask(gateway, key, chat()).status == 200 and call(gateway, "GET", "projects").status == 200
    gateway.config_file.write_text(good)
    assert call(gateway, "POST", "reload").status == 200


def test_an_export_of_nobody_is_no_empty_bill(gateway, key):
    assert call(gateway, "GET", "ledger/export?format=jsonl&project=nope").status == 404


# Where a request goes that has so much to say, or a member that a route looks at.
SPLIT = {"models": routes(split={"targets": [target(model="long", when={"input_tokens_over": 400}),
                                             target(model="us", when={"metadata": {"region": "us"}}), target(model="short")]}),
         "admin_tokens": [{"name": "viewer", "token": "a-token-that-reads", "role": "read"}]}


def test_a_body_is_explained_as_the_request_that_it_is(start_gateway, provider):
    gateway = start_gateway(config_for(provider, **{**CONFIG, **SPLIT}))

    def first(content: str, more: dict | None = None, query: str = "?project=demo") -> dict:
        body = {"model": "split", "messages": [{"role": "user", "content": content}], **(more or {})}
        reply = call(gateway, "POST", "explain" + query, body)
        assert reply.status == 200, reply.body
        return next(each for each in reply.json["data"]["targets"] if each["rejected"] is None)

    assert first("hello")["model"] == "short"
    assert first("many words " * 400)["model"] == "long"
    assert first("hello", {"metadata": {"region": "us"}})["model"] == "us"
    assert first("hello", {"max_tokens": 7})["output_bound"] == 7
    assert first("hello", query="?project=demo&model=fast")["asked"] == "fast", "a model that is named goes before the body's"
    nameless = {"messages": [{"role": "user", "content": "many words " * 400}]}
    named = call(gateway, "POST", "explain?project=demo&model=split", nameless).json["data"]
    assert (named["refusal"], named["targets"][0]["model"]) == (None, "long"), "nor need the body name one then"
    assert "'model'" in call(gateway, "POST", "explain?project=demo", nameless).json["data"]["refusal"]["message"]
    by_name = call(gateway, "GET", "explain?project=demo&model=split").json["data"]
    assert call(gateway, "POST", "explain?project=demo&model=split").json["data"] == by_name, "without a body a short one is assumed"
    broken = call(gateway, "POST", "explain?project=demo", {"model": "split", "messages": "none"}).json["data"]
    assert broken["refusal"]["status"] == 400 and broken["allowed"] is None and broken["targets"] == []
    nothing = call(gateway, "POST", "explain?project=demo")
    assert (nothing.status, nothing.error["param"]) == (400, "model")
    large = call(gateway, "POST", "explain?project=demo", {"model": "split", "messages": [{"role": "user", "content": "x" * 2_000_000}]})
    assert large.status == 413
    assert call(gateway, "POST", "explain?project=demo", {"model": "split"}, token="a-token-that-reads").status == 200, "it only reads"
    assert "administration: POST /admin/v1/explain" not in gateway.log_text(), "it is no change"
    body = gateway.folder / "request.json"
    body.write_text(json.dumps({"model": "split", "messages": [{"role": "user", "content": "many words " * 400}]}))
    told = subprocess.run([BINARY, "explain", "--url", gateway.url.removesuffix("/v1"), "--project", "demo", "--body", body, "--json"],
                          env={**os.environ, "GATEWAY_ADMIN_TOKEN": TOKEN}, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0 and json.loads(told.stdout)["targets"][0]["model"] == "long", told.stderr


def test_a_project_of_the_file_says_where_it_is(gateway):
    demo = call(gateway, "GET", "projects/demo").json["data"]
    file, _, line = demo["defined_at"].rpartition(":")
    assert file == str(gateway.config_file) and '"demo"' in gateway.config_file.read_text().splitlines()[int(line) - 1]
    assert next(each for each in call(gateway, "GET", "projects").json["data"] if each["name"] == "demo") == demo
    assert call(gateway, "POST", "projects", {"name": "of-the-database"}).json["data"]["defined_at"] is None


def test_a_model_says_which_prices_it_has_and_where_they_are_not_the_lists(start_gateway, provider):
    config = config_for(provider, **CONFIG)
    config["providers"]["official"] = {"type": "openai", "api_key": "sk-none"}
    config["models"] = routes(**{"gpt-4o": {"targets": [{"provider": "official", "prices": {"input": 99, "output": 10}}]},
                                 "gpt-4o-mini": {"targets": [{"provider": "official"}]}, "unknown": {"targets": [{"provider": "test"}]}})
    gateway = start_gateway(config)
    models = {each["id"]: each for each in call(gateway, "GET", "models?limit=1000").json["data"]}
    dear = models["gpt-4o"]
    differs = {each["figure"]: (each["here"], each["listed"]) for each in dear["list_differs"]}
    assert differs["input"] == ("99", "2.5") and "output" not in differs, differs
    assert dear["price_version"].startswith("config@") and dear["list_version"].startswith("builtin@")
    assert models["gpt-4o-mini"]["price_version"].startswith("builtin@") and models["gpt-4o-mini"]["list_differs"] == []
    assert (models["unknown"]["price_version"], models["unknown"]["list_version"]) == (None, None)
