"""What whoever runs the gateway uses: reconciliation with the provider's bill, administration over HTTP, explain."""

import datetime
import json
import urllib.error
import urllib.request
from decimal import Decimal

import behaviours
from gateway_process import config_for, target
from raw_client import ask, chat

YESTERDAY = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).date().isoformat()
ADMIN = "admin-token-of-this-test"


def openrouter(provider, **more) -> dict:
    return config_for(
        provider,
        providers={"router": {"type": "openrouter", "base_url": provider.url + "/api/v1", "api_key": "sk-or", "management_key": "sk-mgmt"}},
        models={"*": {"targets": [target("router")]}},
        **more)


def billed(model: str, usage: str, requests: int, **more) -> dict:
    return {"date": YESTERDAY, "model": model, "model_permaslug": model + "-2026-01-01", "endpoint_id": "e", "provider_name": "P",
            "usage": float(usage), "byok_usage_inference": 0, "requests": requests, "prompt_tokens": 9, "completion_tokens": 12,
            "reasoning_tokens": 0, **more}


def test_the_bill_is_compared_and_differences_are_booked_once(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(openrouter(provider))
    key = gateway.create_key()
    for cost in ("0.25", "0.5"):
        provider.on("v/one", behaviours.reply(behaviours.completion(model="v/one-2026-01-01", used=behaviours.usage(cost=float(cost)))))
        assert ask(gateway, key, chat("v/one")).status == 200
    gateway.settled_rows(2)
    gateway.stop()
    gateway.back_by_days({"v/one": 1})  # days that are over have a bill
    days = ("--day", YESTERDAY, "--provider", "router")
    provider.activity[:] = [billed("v/one", "0.75", 2)]
    assert gateway.run("reconcile", *days).returncode == 0

    provider.activity[:] = [billed("v/one", "1.0", 3, byok_usage_inference=2.0), billed("v/ghost", "0.125", 1)]
    done = gateway.run("reconcile", *days, "--json")
    assert done.returncode == 1, done.stderr
    lines = {line["model"]: line for line in json.loads(done.stdout)}
    assert Decimal(lines["v/one"]["difference"]) == Decimal("0.25") and Decimal(lines["v/one"]["byok"]) == 2
    assert Decimal(lines["v/ghost"]["difference"]) == Decimal("0.125")
    assert gateway.run("reconcile", *days, "--tolerance", "0.3").returncode == 0

    booked = gateway.run("reconcile", *days, "--book")
    assert "1 adjustments booked" in booked.stderr, booked.stderr
    assert sum(Decimal(row["cost"]) for row in gateway.usage("--by", "project")) == 1
    gateway.verify()
    provider.activity[:] = [billed("v/one", "1.0", 3)]
    assert gateway.run("reconcile", *days, "--book").returncode == 0
    assert sum(Decimal(row["cost"]) for row in gateway.usage("--by", "project")) == 1


def test_a_mistake_in_the_call_is_said_in_one_line(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider()))
    done = gateway.run("reconcile", "--provider", "nobody")
    assert done.returncode != 0 and "nobody" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    done = gateway.run("ledger", "reprice")
    assert done.returncode == 2 and "--dry-run" in done.stderr


def admin(gateway, method: str, path: str, body: dict | None = None, token: str = ADMIN):
    call = urllib.request.Request(f"http://127.0.0.1:{gateway.port}/admin/v1/{path}", method=method,
                                  data=None if body is None else json.dumps(body).encode(),
                                  headers={"authorization": f"Bearer {token}", "content-type": "application/json"})
    try:
        with urllib.request.urlopen(call, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as failed:
        return failed.code, json.loads(failed.read())


def test_administration_over_http(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, admin_token=ADMIN))
    assert admin(gateway, "GET", "projects", token="wrong")[0] == 401
    status, made = admin(gateway, "POST", "projects", {"name": "team", "limits": {"requests_per_minute": 600}})
    assert status == 201, made
    assert admin(gateway, "POST", "projects", {"name": "team"})[0] == 409
    status, listed = admin(gateway, "GET", "projects")
    assert status == 200 and {"team", "demo"} <= {project["name"] for project in listed["data"]}
    status, key = admin(gateway, "POST", "keys", {"project": "team", "name": "k"})
    assert status == 201, key
    gateway.wait_until(lambda: gateway.key_works(key["data"]["key"]), "the key is known")
    assert ask(gateway, key["data"]["key"], chat("m")).status == 200
    gateway.settled_rows(1)
    status, usage = admin(gateway, "GET", "usage?by=project")
    assert status == 200 and usage["data"][0]["project"] == "team"
    status, rows = admin(gateway, "GET", "requests?limit=5")
    assert status == 200 and len(rows["data"]) == 1
    status, told = admin(gateway, "GET", "explain?project=team&model=m")
    assert status == 200, told
    assert admin(gateway, "DELETE", f"keys/{key['data']['id']}")[0] == 200
    gateway.wait_until(lambda: not gateway.key_works(key["data"]["key"]), "the key is revoked")
    assert admin(gateway, "DELETE", "projects/team")[0] == 200
    assert admin(gateway, "GET", "projects/team")[0] == 404


def test_a_bad_file_is_refused_whole_over_http(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider(), admin_token=ADMIN))
    key = gateway.create_key()
    good = gateway.config_file.read_text()
    gateway.config_file.write_text("modles: {}\n")
    status, told = admin(gateway, "POST", "reload")
    assert status == 400 and "modles" in json.dumps(told)
    assert ask(gateway, key, chat("m")).status == 200
    gateway.config_file.write_text(good)
    assert admin(gateway, "POST", "reload")[0] == 200


def test_without_a_token_there_is_no_admin_api(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider()))
    assert admin(gateway, "GET", "projects")[0] == 404


def test_explain_says_where_a_request_would_go(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider(), projects={"demo": {"models": ["a/*"]}}))
    told = gateway.run("explain", "--project", "demo", "--model", "a/b", "--json")
    assert told.returncode == 0, told.stderr
    assert "test" in told.stdout
    refused = gateway.run("explain", "--project", "demo", "--model", "z", "--json")
    assert refused.returncode == 1
