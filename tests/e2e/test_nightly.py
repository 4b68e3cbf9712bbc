"""Reconciliation that a server does by itself: what it found is in the metrics, in the admin API and in the log."""

import datetime
import json
import urllib.request
from decimal import Decimal

import behaviours
from described import Description
from gateway_process import config_for, target
from raw_client import ask, chat

ADMIN = "admin-token-of-this-test"
YESTERDAY = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).date().isoformat()


def billed(model: str, usage: float, requests: int) -> dict:
    return {"date": YESTERDAY, "model": model, "model_permaslug": model, "endpoint_id": "e", "provider_name": "P", "usage": usage,
            "byok_usage_inference": 0, "requests": requests, "prompt_tokens": 18, "completion_tokens": 24, "reasoning_tokens": 0}


def get(gateway, path: str) -> str:
    call = urllib.request.Request(f"http://127.0.0.1:{gateway.port}{path}", headers={"authorization": f"Bearer {ADMIN}"})
    with urllib.request.urlopen(call, timeout=10) as answer:
        return answer.read().decode()


def metric(gateway, name: str) -> Decimal | None:
    lines = [line for line in get(gateway, "/metrics").splitlines() if line.startswith(("gateway_reconcile_" + name + " ",
                                                                                          "gateway_reconcile_" + name + "{"))]
    return Decimal(lines[0].split(" ")[-1]) if lines else None


def test_what_the_night_found(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(
        provider, admin_token=ADMIN, models={"*": {"targets": [target("router")]}},
        providers={"router": {"type": "openrouter", "base_url": provider.url + "/api/v1", "api_key": "sk-or", "management_key": "sk-mgmt"}}))
    key = gateway.create_key()
    for cost in (0.25, 0.5):
        provider.on("v/one", behaviours.reply(behaviours.completion(model="v/one", used=behaviours.usage(cost=cost))))
        assert ask(gateway, key, chat("v/one")).status == 200
    gateway.settled_rows(2)
    assert metric(gateway, "last_success_timestamp_seconds") == 0, "not before it was asked"
    gateway.stop()
    gateway.back_by_days({"v/one": 1})  # days that are over are compared
    gateway.flags = ("--reconcile-every-ms", "100")
    provider.activity = [billed("v/one", 0.75, 2)]
    gateway.start()

    description = Description(json.loads(get(gateway, "/admin/v1/openapi.json")))

    def found() -> dict:
        answer = json.loads(get(gateway, "/admin/v1/reconcile"))
        description.check("GET", "reconcile", 200, answer)
        return answer["data"]

    gateway.wait_until(lambda: metric(gateway, "last_success_timestamp_seconds") > 0, "the bill was compared")
    only = found()["providers"][0]
    assert (only["provider"], only["error"], only["differences"]) == ("router", None, [])
    assert (Decimal(only["ledger"]), Decimal(only["billed"]), Decimal(only["difference"])) == (Decimal("0.75"), Decimal("0.75"), 0)
    assert (metric(gateway, "difference_usd"), metric(gateway, "failures_total"), found()["failures"]) == (0, 0, 0)
    assert "differs from the ledger" not in gateway.log_text()

    provider.activity = [billed("v/one", 1.0, 3)]
    gateway.wait_until(lambda: metric(gateway, "difference_usd") == Decimal("0.25"), "the difference shows")
    line = found()["providers"][0]["differences"][0]
    assert (line["day"], line["model"], Decimal(line["difference"])) == (YESTERDAY, "v/one", Decimal("0.25"))
    assert (line["ledger_requests"], line["billed_requests"]) == (2, 3)
    gateway.wait_until(lambda: "differs from the ledger by 0.25 USD" in gateway.log_text(), "it is logged")

    provider.on("/api/v1/activity", behaviours.error(500, "no bill today"))
    gateway.wait_until(lambda: metric(gateway, "failures_total") >= 2, "failures are counted")
    since = metric(gateway, "last_success_timestamp_seconds")
    failed = found()
    assert failed["providers"][0]["error"] and failed["failures"] >= 2
    assert Decimal(failed["providers"][0]["difference"]) == Decimal("0.25"), "what was found last stays"
    assert metric(gateway, "difference_usd") == Decimal("0.25")
    assert "could not be reconciled" in gateway.log_text() and "sk-mgmt" not in gateway.log_text()
    assert ask(gateway, key, chat("v/one")).status == 200, "serving goes on"

    counted = metric(gateway, "failures_total")
    provider.on("/api/v1/activity", behaviours.raw(200, b"<html>maintenance</html>", {"content-type": "text/html"}))
    gateway.wait_until(lambda: metric(gateway, "failures_total") >= counted + 2, "what is no bill is a failure")
    assert "cannot be read as a bill" in found()["providers"][0]["error"]
    assert metric(gateway, "difference_usd") == Decimal("0.25")

    provider.on("/api/v1/activity")  # it tells again
    provider.activity = [billed("v/one", 0.75, 2)]
    gateway.wait_until(lambda: metric(gateway, "difference_usd") == 0 and not found()["providers"][0]["error"], "it agrees again")
    assert metric(gateway, "last_success_timestamp_seconds") >= since
    assert sum(Decimal(row["cost"]) for row in gateway.usage("--by", "project")) == Decimal("1.25"), "it tells, and books nothing"

    provider.activity = [billed("v/one", 0.751, 2), billed("v/two", 0.001, 1)]
    gateway.wait_until(lambda: metric(gateway, "difference_usd") == Decimal("0.002"), "all differences count")
    provider.activity = [billed("v/one", 0.7499, 2), billed("v/two", 0.0001, 1)]
    gateway.wait_until(lambda: metric(gateway, "difference_usd") == Decimal("0.0002"), "they do not make up for each other")
    only = found()["providers"][0]
    assert (Decimal(only["difference"]), Decimal(only["absolute_difference"]), len(only["differences"])) == (0, Decimal("0.0002"), 2)
    gateway.wait_until(lambda: "differs from the ledger by 0.0002 USD" in gateway.log_text(), "it is logged")

    # Rows that were pruned leave their sums behind, and those agree.
    provider.activity = [billed("v/one", 0.75, 2)]
    assert "2 rows" in gateway.cli("ledger", "prune", "--before", "0d", json_output=False)
    since = metric(gateway, "last_success_timestamp_seconds")
    gateway.wait_until(lambda: metric(gateway, "last_success_timestamp_seconds") > since, "it was compared again")
    assert (metric(gateway, "difference_usd"), found()["providers"][0]["differences"]) == (0, [])


def test_what_differs_is_booked_where_the_configuration_says_so(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(
        provider, admin_token=ADMIN, reconcile={"book": True}, models={"*": {"targets": [target("router")]}},
        providers={"router": {"type": "openrouter", "base_url": provider.url + "/api/v1", "api_key": "sk-or", "management_key": "sk-mgmt"}}))
    key = gateway.create_key()
    provider.on("v/one", behaviours.reply(behaviours.completion(model="v/one", used=behaviours.usage(cost=0.25))))
    assert ask(gateway, key, chat("v/one")).status == 200
    gateway.settled_rows(1)
    gateway.stop()
    gateway.back_by_days({"v/one": 1})
    gateway.flags = ("--reconcile-every-ms", "100")
    provider.activity = [billed("v/one", 0.75, 1)]
    gateway.start()
    gateway.wait_until(lambda: "1 adjustments booked" in gateway.log_text(), "it is booked")
    gateway.wait_until(lambda: metric(gateway, "difference_usd") == 0, "nothing differs any more")
    row = [row for row in gateway.requests() if row["state"] == "adjustment"]
    assert [Decimal(each["cost"]) for each in row] == [Decimal("0.5")]
    only = json.loads(get(gateway, "/admin/v1/reconcile"))["data"]["providers"][0]
    assert (only["error"], only["differences"], Decimal(only["ledger"])) == (None, [], Decimal("0.75"))
    attempts = call_of(gateway, gateway.requests()[0]["request_id"])
    assert [(each["entry"], each["state"]) for each in attempts] == [(1, "adjustment"), (0, "settled")]


def call_of(gateway, request: str) -> list[dict]:
    return json.loads(get(gateway, f"/admin/v1/requests/{request}"))["data"]
