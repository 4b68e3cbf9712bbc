"""Hedges, outliers, named models, tags and staged configurations by the real binary; and the same requests by the simulator."""

import json
import subprocess
import threading

import behaviours
from gateway_process import BINARY, PRICES, config_for
from raw_client import ask, chat

ADMIN = "admin-token-of-this-test"


def openai_at(provider) -> dict:
    return {"type": "openai", "base_url": provider.url + "/v1", "api_key": "sk-x"}


def two(one, second, route=None, **changes) -> dict:
    """Model "both" at provider one as m1 and at provider two as m2."""
    targets = [{"provider": "one", "model": "m1", "prices": PRICES, "max_output_tokens": 100},
               {"provider": "two", "model": "m2", "prices": PRICES, "max_output_tokens": 100}]
    return config_for(second, **{"providers": {"one": openai_at(one), "two": openai_at(second)},
                                 "models": {"both": {"targets": targets, **(route or {})}},
                                 "retry": {"max_attempts": 3}, "admin_token": ADMIN, **changes})


def later(seconds: float, payload=None):
    answer = json.dumps(payload or behaviours.completion()).encode()
    return behaviours.steps(seconds, behaviours.head(200, None, len(answer)) + answer)


def simulated(gateway, scenario: dict) -> dict:
    """What `gateway simulate` says of the scenario with the gateway's own configuration."""
    path = gateway.folder / "scenario.yaml"
    path.write_text(json.dumps({"config": str(gateway.config_file), **scenario}))
    done = gateway.run("simulate", str(path), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def attempts_of(outcome: dict) -> dict:
    outcome = outcome[0] if isinstance(outcome, list) else outcome
    return {target["provider"]: target["attempts"] for target in outcome["targets"]}


def admin(gateway, method: str, path: str):
    import urllib.request
    call = urllib.request.Request(f"http://127.0.0.1:{gateway.port}/admin/v1/{path}", method=method,
                                  data=b"" if method == "POST" else None, headers={"authorization": f"Bearer {ADMIN}"})
    with urllib.request.urlopen(call, timeout=10) as answer:
        return json.loads(answer.read())["data"]


def test_a_slow_answer_is_hedged_and_both_attempts_are_billed(start_gateway, new_provider):
    one, second = new_provider(), new_provider()
    one.on("m1", later(3))
    gateway = start_gateway(two(one, second, {"hedge": {"after": "300ms"}}))
    key = gateway.create_key()
    replies = [ask(gateway, key, chat("both", max_tokens=50)) for _ in range(5)]
    for reply in replies:
        assert reply.status == 200 and reply.header("x-gateway-provider") == "two", reply.body
        assert reply.header("x-gateway-attempts") == "2"
        rows = gateway.rows_of(reply)
        assert [(row["provider"], row["state"], row["error_code"]) for row in rows] == [
            ("one", "settled", "hedge_lost"), ("two", "settled", None)]
        assert [("hedge" in row["flags"]) for row in rows] == [False, True]
        assert rows[0]["cost"] == rows[0]["hold"] and rows[0]["cost_source"] in ("held", "estimated")
        assert rows[1]["cost_source"] == "priced"
    explained = admin(gateway, "GET", "explain?project=demo&model=both")
    assert explained["hedge"] == {"after": "300ms", "most": 1} and explained["targets"][0]["hedged_after_ms"] == 300
    shown = subprocess.run([BINARY, "explain", "--project", "demo", "--model", "both", "--url", f"http://127.0.0.1:{gateway.port}"],
                           env={**gateway.environment, "GATEWAY_ADMIN_TOKEN": ADMIN}, capture_output=True, text=True).stdout
    assert "hedged after 300 ms" in shown and "   first event after " in shown, shown
    assert "attempt 1 was hedged after " in gateway.run("request", replies[0].header("x-request-id")).stdout
    # The same five requests by the simulator.
    outcome = simulated(gateway, {
        "length": "10s", "traffic": [{"model": "both", "at": ["0s", "1s", "2s", "3s", "4s"], "max_tokens": 50}],
        "providers": {"one": {"latency": "3s"}, "two": {"latency": "10ms"}},
        "expect": [{"provider": "two", "status": 200, "requests": 5}]})
    assert attempts_of(outcome) == {"one": 5, "two": 5}


def test_a_stream_is_hedged_until_its_first_event_and_never_after(start_gateway, new_provider):
    one, second = new_provider(), new_provider()
    gateway = start_gateway(two(one, second, {"hedge": {"after": "300ms"}}))
    key = gateway.create_key()
    begins = [behaviours.STREAM_HEAD, behaviours.chunk(behaviours.event(behaviours.delta("Hel")))]
    ends = [behaviours.chunk(behaviours.event(behaviours.delta("lo", "stop")) + behaviours.DONE), behaviours.LAST_CHUNK]
    one.on("m1", behaviours.steps(*begins, 1, *ends))
    reply = ask(gateway, key, chat("both", stream=True))
    assert reply.whole and reply.header("x-gateway-provider") == "one" and reply.header("x-gateway-attempts") == "1"
    assert not second.dispatches()
    one.on("m1", behaviours.steps(behaviours.STREAM_HEAD, behaviours.chunk(b": thinking\n\n"), behaviours.HANG))
    reply = ask(gateway, key, chat("both", stream=True))
    assert reply.whole and reply.header("x-gateway-provider") == "two"
    assert [row["error_code"] for row in gateway.rows_of(reply)] == ["hedge_lost", None]


def test_a_target_that_fails_by_half_is_rested_and_shown(start_gateway, new_provider):
    one, second = new_provider(), new_provider()
    failing = [behaviours.reply(behaviours.completion()) if i % 3 == 0 else behaviours.error(500) for i in range(600)]
    one.on("m1", *failing)
    gateway = start_gateway(two(one, second, {"strategy": "weighted"}, retry={"max_attempts": 1}, outliers={"least_attempts": 10}))
    key = gateway.create_key()

    def rests() -> bool:
        ask(gateway, key, chat("both"))
        return any(target["outlier"] == "errors" and target["resting_ms"] > 0
                   for each in admin(gateway, "GET", "health")["providers"] for target in each["targets"] if each["provider"] == "one")

    gateway.wait_until(rests, "the outlier rests")
    before = len(one.dispatches())
    assert all(ask(gateway, key, chat("both")).status == 200 for _ in range(30))
    assert len(one.dispatches()) == before
    explained = admin(gateway, "GET", "explain?project=demo&model=both")
    assert [target["provider"] for target in explained["targets"]] == ["two", "one"]
    assert explained["targets"][1]["outlier"] == "errors"
    # By the simulator: it is asked about ten times, then rests.
    outcome = simulated(gateway, {
        "length": "20s", "traffic": [{"model": "both", "per_second": 10}],
        "providers": {"one": {"latency": "10ms", "errors": {"500": "67%"}}, "two": {"latency": "10ms"}}})
    assert 10 <= attempts_of(outcome)["one"] <= 60 and attempts_of(outcome)["two"] >= 140


def test_after_the_last_named_model_the_first_is_tried_again(start_gateway, new_provider):
    one, second = new_provider(), new_provider()
    one.on("m1", behaviours.error(500), behaviours.reply(behaviours.completion()))
    second.on("m2", behaviours.error(500))
    models = {"first": {"targets": [{"provider": "one", "model": "m1", "prices": PRICES}]},
              "last": {"targets": [{"provider": "two", "model": "m2", "prices": PRICES}]}}
    gateway = start_gateway(two(one, second, models=models))
    reply = ask(gateway, gateway.create_key(), {**chat("first"), "models": ["last"]})
    assert reply.status == 200 and reply.header("x-gateway-attempts") == "3", reply.body
    assert [row["provider"] for row in gateway.rows_of(reply)] == ["one", "two", "one"]
    outcome = simulated(gateway, {
        "length": "10s", "traffic": [{"model": "first", "models": ["last"], "at": ["0s"]}],
        "providers": {"one": {"phases": [{"until": "100ms", "errors": {"500": "100%"}}]}, "two": {"errors": {"500": "100%"}}},
        "expect": [{"status": 200, "requests": 1}]})
    assert attempts_of(outcome) == {"one": 2, "two": 1}


def test_tags_lead_to_targets(start_gateway, new_provider):
    one, second = new_provider(), new_provider()
    config = two(one, second)
    config["models"]["both"]["targets"][0]["when"] = {"tags": ["batch", "night"]}
    gateway = start_gateway(config)
    key = gateway.create_key()
    assert ask(gateway, key, chat("both")).header("x-gateway-provider") == "two"
    tagged = {**chat("both"), "metadata": {"tags": ["blue", "night"]}}
    assert ask(gateway, key, tagged).header("x-gateway-provider") == "one"


def test_a_configuration_is_staged_completed_and_taken_back(start_gateway, new_provider):
    one, second = new_provider(), new_provider()

    def served_by(name: str) -> dict:
        model = {"one": "m1", "two": "m2"}[name]
        return two(one, second, models={"both": {"targets": [{"provider": name, "model": model, "prices": PRICES, "max_output_tokens": 100}]}},
                   projects={"demo": {"spend": {"cap": 1, "period": "month"}}})

    gateway = start_gateway(served_by("one"))
    key = gateway.create_key()

    def by_two(requests: int) -> int:
        replies = [ask(gateway, key, chat("both", max_tokens=10)) for _ in range(requests)]
        assert all(reply.status == 200 for reply in replies)
        return sum(reply.header("x-gateway-provider") == "two" for reply in replies)

    gateway.write_config(served_by("two"))
    assert gateway.cli("reload", "--percent", "50") == {"reloaded": False, "after_restart": [], "staged": {"percent": 50, "of": "requests"}}
    assert admin(gateway, "GET", "system")["staged"] == {"percent": 50, "of": "requests"}
    gateway.wait_until(lambda: by_two(1) == 1, "the staged configuration serves")
    assert 10 <= by_two(60) <= 50
    staged = [row for row in gateway.requests("--provider", "two")]
    assert staged and all("staged" in row["flags"] for row in staged)
    # Both spend out of one account.
    spent = sum(float(row["cost"]) for row in gateway.settled_rows(60))
    account = admin(gateway, "GET", "budgets")[0]
    assert abs(float(account["spent"]) - spent) < 1e-9 and float(account["held"]) == 0
    assert "in force serves all" in gateway.cli("reload", "--back", json_output=False)
    assert admin(gateway, "GET", "system")["staged"] is None
    gateway.wait_until(lambda: by_two(5) == 0, "it is taken back")
    gateway.cli("reload", "--percent", "5")
    gateway.write_config(served_by("one"))  # what was staged is completed, not what the file says by now
    assert gateway.cli("reload", "--percent", "100")["reloaded"] is True
    gateway.wait_until(lambda: by_two(5) == 5, "it is completed")
    assert gateway.cli("reload")["reloaded"] is True
    gateway.wait_until(lambda: by_two(5) == 0, "the file is in force")
    refused = gateway.run("reload", "--percent", "101")
    assert refused.returncode == 2
    for flags in (("--percent", "100"), ("--back",)):
        refused = gateway.run("reload", *flags)
        assert refused.returncode == 1 and "nothing is staged" in refused.stderr, refused.stderr


def test_staging_under_load_loses_no_request(start_gateway, new_provider):
    one, second = new_provider(), new_provider()
    gateway = start_gateway(two(one, second))
    key = gateway.create_key()
    failures, stop = [], threading.Event()

    def client():
        while not stop.is_set():
            reply = ask(gateway, key, chat("both"))
            if reply.status != 200:
                failures.append(reply)

    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    for percent in (5, 50, 95, 100, 20):
        gateway.cli("reload", "--percent", str(percent))
    gateway.cli("reload", "--back")
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures, failures[0].body


def test_an_agent_explains_a_route_before_there_is_a_server_or_a_database(tmp_path):
    file = tmp_path / "gateway.yaml"
    file.write_text(json.dumps({
        "providers": {"one": {"type": "openai", "base_url": "http://one.invalid/v1", "api_key": "none"}},
        "models": {"both": {"hedge": {"after": "1s"}, "targets": [
            {"provider": "one", "model": "m1", "prices": PRICES, "when": {"tags": ["night"]}},
            {"provider": "one", "model": "m2", "prices": PRICES}]}},
        "projects": {"demo": {}}}))
    calls = [{"jsonrpc": "2.0", "id": 1, "method": "initialize",
              "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}},
             {"jsonrpc": "2.0", "method": "notifications/initialized"},
             {"jsonrpc": "2.0", "id": 2, "method": "tools/call",
              "params": {"name": "explain_route", "arguments": {"project": "demo", "model": "both"}}},
             {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "list_requests", "arguments": {}}}]
    done = subprocess.run([BINARY, "mcp", "-c", file], cwd=tmp_path, input="".join(json.dumps(call) + "\n" for call in calls),
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    explained = answers[2]["result"]["structuredContent"]
    assert explained["admitted"] and [target["model"] for target in explained["targets"]] == ["m2", "m1"]
    assert explained["targets"][1]["rejected"] == "it is for requests with other tags"
    assert explained["hedge"] == {"after": "1000ms", "most": 1}
    assert answers[3]["result"]["isError"]
    assert not (tmp_path / "gateway.db").exists()
