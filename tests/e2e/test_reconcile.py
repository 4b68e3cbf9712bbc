"""The ledger against the provider's own bill, in OpenRouter's shapes: to the last digit, and booked where wanted."""

import collections
import datetime
import json
from decimal import Decimal

import pytest

import behaviours
from gateway_process import config_for, target
from raw_client import RawClient, ask, chat, post

MANAGEMENT_KEY = "sk-or-management-0123456789"


@pytest.fixture
def billed(start_gateway, new_provider):
    """A gateway before OpenRouter with some requests done yesterday, and the bill that agrees with them. Gives gateway, provider, day."""
    provider = new_provider()
    renamed = behaviours.completion("renamed", "vendor/renamed-20260101", {**behaviours.usage(7, 5), "cost": 0.00005})
    provider.on("vendor/renamed", behaviours.reply(renamed))
    gateway = start_gateway(config_for(
        provider, providers={"openrouter": {"type": "openrouter", "base_url": provider.url + "/api/v1", "api_key": "sk-or",
                                            "management_key": MANAGEMENT_KEY}},
        models={"*": {"targets": [{"provider": "openrouter"}]}}))
    key = gateway.create_key()
    for model in ("vendor/one", "vendor/one", "vendor/two", "vendor/renamed"):
        assert ask(gateway, key, chat(model)).status == 200
    gateway.settled_rows(4)
    make_yesterday(gateway, "vendor/one", "vendor/two", "vendor/renamed")
    rows = gateway.settled_rows(4)
    provider.activity = bill_of(rows)
    return gateway, provider, rows[0]["accepted"][:10]


def make_yesterday(gateway, *models):
    """A bill has only days that are over."""
    gateway.stop()
    gateway.back_by_days({model: 1 for model in models})
    gateway.start()


def bill_of(rows) -> list[dict]:
    lines: dict[tuple[str, str], dict] = collections.OrderedDict()
    for row in rows:
        line = lines.setdefault((row["accepted"][:10], row["asked_model"]), {
            "date": row["accepted"][:10], "model": row["asked_model"], "model_permaslug": row["served_model"], "endpoint_id": "e",
            "provider_name": "Vendor", "usage": 0, "byok_usage_inference": 0, "requests": 0, "prompt_tokens": 0, "completion_tokens": 0,
            "reasoning_tokens": 0})
        line["usage"] = float(Decimal(str(line["usage"])) + Decimal(row["cost"]))
        line["requests"] += 1
        line["prompt_tokens"] += row["input_tokens"]
        line["completion_tokens"] += row["output_tokens"]
    return list(lines.values())


def reconcile(gateway, day, *flags) -> tuple[int, list[dict]]:
    done = gateway.run("reconcile", "--day", day, "--format", "json", *flags)
    assert done.returncode in (0, 1) and MANAGEMENT_KEY not in done.stdout + done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_agreement(billed):
    gateway, provider, day = billed
    assert reconcile(gateway, day) == (0, [])
    asked = provider.requests("/activity")[-1]
    assert asked.header("authorization") == f"Bearer {MANAGEMENT_KEY}"


def test_rounding_shows_to_the_last_digit_and_may_be_tolerated(billed):
    gateway, provider, day = billed
    provider.activity[0]["usage"] = 0.000246000001  # a millionth of a microdollar more than twice 0.000123
    status, lines = reconcile(gateway, day)
    assert (status, len(lines)) == (1, 1)
    assert Decimal(lines[0]["difference"]).copy_abs() == Decimal("0.000000000001")
    assert reconcile(gateway, day, "--tolerance", "0.000001")[0] == 0


def test_a_request_that_the_provider_does_not_know(billed):
    gateway, provider, day = billed
    provider.activity = [line for line in provider.activity if line["model"] != "vendor/two"]
    status, lines = reconcile(gateway, day)
    assert (status, [line["model"] for line in lines]) == (1, ["vendor/two"])
    assert (lines[0]["ledger_requests"], lines[0]["billed_requests"]) == (1, 0)


def test_a_cancelled_call_that_was_billed_after_all_is_booked(billed):
    gateway, provider, day = billed
    provider.on("vendor/late", behaviours.endless())
    with RawClient(gateway.port) as client:
        client.send(post("/v1/chat/completions", gateway.create_key(), chat("vendor/late", stream=True)))
        client.read_until(b"xxxx")
    gateway.settled_rows(5)
    make_yesterday(gateway, "vendor/late")
    provider.activity = bill_of(gateway.settled_rows(5))
    late = next(line for line in provider.activity if line["model"] == "vendor/late")
    late["usage"] = 0.0042
    assert reconcile(gateway, day)[0] == 1
    reconcile(gateway, day, "--book")
    assert reconcile(gateway, day) == (0, [])
    sums = {row["model"]: Decimal(row["cost"]) for row in gateway.usage("--by", "model")}
    assert sums["vendor/late"] == Decimal("0.0042")
    adjustments = [row for row in gateway.requests() if row["state"] == "adjustment"]
    assert len(adjustments) == 1, "an adjustment row; the row itself stays as it was"


def test_own_keys_stand_apart(billed):
    gateway, provider, day = billed
    provider.activity[0]["byok_usage_inference"] = 0.5
    status, lines = reconcile(gateway, day, "--all")
    assert status == 0
    assert Decimal(next(line for line in lines if line["model"] == "vendor/one")["byok"]) == Decimal("0.5")


def test_an_exported_file(billed, tmp_path):
    gateway, provider, day = billed
    bill = tmp_path / "activity.json"
    bill.write_text(json.dumps({"data": provider.activity}))
    assert reconcile(gateway, day, "--file", str(bill)) == (0, [])
    bill.write_text("{")
    done = gateway.run("reconcile", "--day", day, "--file", str(bill))
    assert done.returncode != 0 and len(done.stderr.strip().splitlines()) == 1


def test_what_is_no_bill_changes_nothing(billed):
    gateway, provider, day = billed
    before = gateway.usage("--by", "day")
    provider.on("/api/v1/activity", behaviours.raw(200, b"<html><body>maintenance</body></html>", {"content-type": "text/html"}))
    for days in ((), ("--day", day)):
        done = gateway.run("reconcile", "--book", *days)
        assert (done.returncode, done.stdout) == (1, "") and len(done.stderr.strip().splitlines()) == 1, done.stderr
    provider.on("/api/v1/activity")
    provider.activity = []
    done = gateway.run("reconcile", "--book", "--day", day, "--json")
    assert done.returncode == 1 and len(json.loads(done.stdout)) == 3, "it is shown"
    assert "nothing is booked" in done.stderr
    assert gateway.usage("--by", "day") == before


def test_a_day_without_a_line_is_booked_only_by_its_name(billed):
    gateway, provider, day = billed
    for line in provider.activity:
        line["date"] = (datetime.date.fromisoformat(day) - datetime.timedelta(days=1)).isoformat()
    before = gateway.usage("--by", "day")
    done = gateway.run("reconcile", "--book")
    assert done.returncode == 1 and f"{day} vendor/one: -0.000246 USD not booked: the bill has no line of that day" in done.stderr
    assert gateway.usage("--by", "day") == before
    assert gateway.run("reconcile", "--book", "--day", day).returncode == 0
    assert sum(Decimal(row["cost"]) for row in gateway.usage("--by", "day")) == 0


def test_what_is_open_is_not_booked_twice(billed, tmp_path):
    gateway, provider, day = billed
    provider.on("vendor/one", behaviours.steps(behaviours.HANG))
    with RawClient(gateway.port) as client:
        client.send(post("/v1/chat/completions", gateway.create_key(), chat("vendor/one")))
        gateway.wait_until(lambda: any(row["state"] == "open" for row in gateway.requests()), "it is open")
        gateway.kill()
    gateway.back_by_days({"vendor/one": 1})  # those that were there already are the day before's then
    day = next(row["accepted"][:10] for row in gateway.requests() if row["state"] == "open")
    bill = tmp_path / "activity.json"
    bill.write_text(json.dumps([{"date": day, "model": "vendor/one", "usage": 0.01}]))
    done = gateway.run("reconcile", "--file", str(bill), "--book")
    assert done.returncode == 1 and "1 row of that day still open" in done.stderr, done.stderr
    gateway.cli("ledger", "sweep")
    gateway.run("reconcile", "--file", str(bill), "--book")
    assert gateway.run("reconcile", "--file", str(bill)).returncode == 0
    sums = {row["day"]: Decimal(row["cost"]) for row in gateway.usage("--by", "day,model") if row["model"] == "vendor/one"}
    assert sums[day] == Decimal("0.01")


def test_a_provider_that_does_not_answer(billed):
    gateway, provider, day = billed
    provider.on("/api/v1/activity", behaviours.error(403, "not a management key"))
    done = gateway.run("reconcile", "--day", day)
    assert done.returncode != 0 and done.stderr and MANAGEMENT_KEY not in done.stderr


def test_what_a_cut_off_call_really_cost_is_asked_for_afterwards(start_gateway, new_provider):
    """OpenRouter tells of a generation some time after its end: the row stays, an adjustment row brings the difference."""
    provider = new_provider()
    generation = {**behaviours.delta("xxxx"), "id": "gen-cut"}
    provider.on("vendor/cut", behaviours.stream(generation, behaviours.HANG))
    gateway = start_gateway(config_for(
        provider, providers={"openrouter": {"type": "openrouter", "base_url": provider.url + "/api/v1", "api_key": "sk-or"}},
        models={"*": {"targets": [target("openrouter")]}}))
    with RawClient(gateway.port) as client:
        client.send(post("/v1/chat/completions", gateway.create_key(), chat("vendor/cut", stream=True)))
        client.read_until(b"xxxx")
    assert gateway.settled_rows(1)[0]["cost_source"] == "estimated"
    gateway.wait_until(lambda: provider.requests("/generation"), "it is asked for", 40)
    provider.generations["gen-cut"] = {"id": "gen-cut", "model": "vendor/cut", "total_cost": 0.0077, "cancelled": True, "streamed": True,
                                       "tokens_prompt": 9, "tokens_completion": 30, "native_tokens_prompt": 10,
                                       "native_tokens_completion": 31, "native_tokens_reasoning": 0, "is_byok": False}
    gateway.wait_until(lambda: Decimal(gateway.usage("--by", "model")[0]["cost"]) == Decimal("0.0077"), "the real cost is booked", 60)
    rows = gateway.requests()
    assert sorted(row["state"] for row in rows) == ["adjustment", "settled"]
    assert (sum(row["input_tokens"] for row in rows), sum(row["output_tokens"] for row in rows)) == (10, 31)
