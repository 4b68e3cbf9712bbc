"""Figures: the ledger's sums are the provider's, to the last digit, and the command line shows them while serving."""

import json
import random
import subprocess
from decimal import Decimal

import pytest

import behaviours
from gateway_process import BINARY, config_for, target
from raw_client import RawClient, ask, chat, post

MILLION = Decimal(1_000_000)


def priced(used: dict) -> Decimal:
    """At 1 USD a million input tokens, 0.5 for cached ones, 2 for output."""
    cached = (used.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    return (Decimal(used["prompt_tokens"] - cached) + Decimal(cached) / 2 + 2 * Decimal(used.get("completion_tokens", 0))) / MILLION


def test_sums_are_the_providers_figures(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, projects={"a": {}, "b": {}}))
    keys = {name: gateway.create_key(name) for name in ("a", "b")}
    chance = random.Random(7)
    expected: dict[tuple[str, str], list] = {}
    for number in range(60):
        name, model = chance.choice(("a", "b")), chance.choice(("m1", "m2", "m3"))
        used = behaviours.usage(chance.randrange(1, 5000), chance.randrange(1, 3000),
                                prompt_tokens_details={"cached_tokens": chance.randrange(0, 1)},
                                completion_tokens_details={"reasoning_tokens": 1})
        used["prompt_tokens_details"]["cached_tokens"] = used["prompt_tokens"] // 3
        streamed = chance.random() < 0.5
        provider.on(model, behaviours.whole_stream(used=used) if streamed else behaviours.reply(behaviours.completion(used=used)))
        assert ask(gateway, keys[name], chat(model, stream=streamed)).status == 200
        sums = expected.setdefault((name, model), [0, 0, 0, 0, Decimal(0)])
        for index, value in enumerate((1, used["prompt_tokens"], used["prompt_tokens"] // 3, used["completion_tokens"], priced(used))):
            sums[index] += value
    gateway.settled_rows(60)
    shown = {(row["project"], row["model"]): [row["requests"], row["input_tokens"], row["cached_input_tokens"], row["output_tokens"],
                                              Decimal(row["cost"])] for row in gateway.usage("--by", "project,model")}
    assert shown == expected
    by_csv = {(row["project"], row["model"]): Decimal(row["cost"]) for row in gateway.usage_csv("--by", "project,model")}
    assert by_csv == {group: sums[4] for group, sums in expected.items()}
    total = sum(sums[4] for sums in expected.values())
    for grouping in ("project", "model", "day", "provider", "key", "state", "endpoint", "served_model"):
        assert sum(Decimal(row["cost"]) for row in gateway.usage("--by", grouping)) == total, grouping


def test_a_row_says_what_happened(start_gateway, provider):
    gateway = start_gateway(config_for(provider, models={"alias": {"targets": [target(model="real")]}}))
    key = gateway.create_key()
    reply = ask(gateway, key, chat("alias"))
    used = provider.dispatches("real")[-1].usage
    row = gateway.rows_of(reply)[0]
    assert (row["state"], row["attempt"], row["project"], row["provider"]) == ("settled", 1, "demo", "test")
    assert (row["asked_model"], row["served_model"], row["endpoint"]) == ("alias", "real", "chat")
    assert (row["input_tokens"], row["output_tokens"]) == (used["prompt_tokens"], used["completion_tokens"])
    assert (Decimal(row["cost"]), row["cost_source"]) == (priced(used), "priced")
    assert (row["status"], row["streamed"], row["finish_reason"]) == (200, False, "stop")
    assert row["accepted"] <= row["dispatched"] <= row["first_byte"] <= row["ended"]
    text = json.dumps(row)
    assert "hello" not in text and key not in text, "neither prompts nor secrets"


def test_the_cost_in_the_answers_head(start_gateway, provider):
    gateway = start_gateway(config_for(provider))
    reply = ask(gateway, gateway.create_key(), chat())
    row = gateway.rows_of(reply)[0]
    if reply.header("x-gateway-cost") is not None:
        assert Decimal(reply.header("x-gateway-cost")) == Decimal(row["cost"])


def test_openrouters_own_cost_counts(start_gateway, provider):
    gateway = start_gateway(config_for(provider, providers={"router": {"type": "openrouter", "base_url": provider.url + "/api/v1",
                                                                       "api_key": "sk-or"}},
                                       models={"*": {"targets": [{"provider": "router"}]}}))
    key = gateway.create_key()
    for stream in (False, True):
        reply = ask(gateway, key, chat("vendor/model", stream=stream))
        assert reply.status == 200, reply.body
        row = gateway.rows_of(reply)[0]
        assert (Decimal(row["cost"]), row["cost_source"]) == (Decimal("0.000123"), "provider")
        assert row["generation_id"] == f"gen-{provider.dispatches('vendor/model')[-1].number}"


def test_openrouters_catalogue_gives_models_and_prices(start_gateway, new_provider):
    provider = new_provider()
    provider.catalogue = [{"id": "vendor/listed", "name": "Listed", "created": 1700000000, "context_length": 8192,
                           "pricing": {"prompt": "0.000003", "completion": "0.000015"}, "top_provider": {"max_completion_tokens": 4096},
                           "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]}}]
    gateway = start_gateway(config_for(provider, providers={"router": {"type": "openrouter", "base_url": provider.url + "/api/v1",
                                                                       "api_key": "sk-or"}},
                                       models={"*": {"targets": [{"provider": "router"}]}}))
    key = gateway.create_key()
    from raw_client import fetch
    gateway.wait_until(lambda: fetch(gateway, key, "/v1/models/vendor/listed").status == 200, "the catalogue is there")
    model = fetch(gateway, key, "/v1/models/vendor/listed").json
    assert (model["context_length"], model["pricing"]["completion"]) == (8192, "0.000015")


def test_the_clients_leaving_is_billed_for_what_was_used(start_gateway, provider):
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    provider.on("left", behaviours.endless())
    with RawClient(gateway.port) as client:
        client.send(post("/v1/chat/completions", key, chat("left", stream=True)))
        client.read_until(b"xxxx")
    row = gateway.settled_rows(1)[0]
    assert (row["state"], row["cost_source"]) == ("settled", "estimated")
    assert row["output_tokens"] >= 1 and Decimal(row["cost"]) > 0
    assert "client_left" in row["flags"]


def test_refusals_are_counted(start_gateway, provider):
    gateway = start_gateway(config_for(provider, projects={"demo": {"limits": {"requests_per_minute": 1}}}))
    key = gateway.create_key()
    for _ in range(4):
        ask(gateway, key, chat())
    gateway.wait_until(lambda: any(row["code"] == "rate_limit_exceeded" and row["refused"] == 3
                                   for row in gateway.usage("--by", "code")), "three refusals show")


def test_the_command_line_while_serving(start_gateway, provider):
    """Sums and rows can be read at any time, and writing them does not stop the server."""
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    for number in range(10):
        assert ask(gateway, key, chat()).status == 200
        if number % 3 == 0:
            gateway.usage("--by", "project")
            gateway.create_key(name=f"more-{number}")
    gateway.settled_rows(10)
    assert gateway.usage("--by", "project")[0]["requests"] == 10
    gateway.verify()


def test_following_requests(start_gateway, provider):
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    command = [BINARY, "requests", "-c", gateway.config_file, "--follow", "--format", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=gateway.folder) as follower:
        try:
            ids = [ask(gateway, key, chat()).header("x-request-id") for _ in range(3)]
            shown = []
            while len(set(shown)) < 3:
                line = follower.stdout.readline()
                assert line, follower.stderr.read()
                shown.append(json.loads(line)["request_id"])
            first_shown = list(dict.fromkeys(shown))
            assert set(first_shown) == set(ids)
            # In the order of time, which ids begin with: those of one moment may come from two workers, in either order.
            moments = [request_id[: len("req_") + 9] for request_id in first_shown]
            assert moments == sorted(moments)
        finally:
            follower.terminate()


def test_export(start_gateway, provider):
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    for _ in range(3):
        ask(gateway, key, chat())
    gateway.settled_rows(3)
    lines = gateway.run("ledger", "export", "--format", "jsonl").stdout.splitlines()
    assert len({json.loads(line)["request_id"] for line in lines}) == 3
    table = gateway.run("ledger", "export", "--format", "csv").stdout.splitlines()
    assert len(table) == 4 and "request_id" in table[0]


def test_verify_finds_what_is_wrong(start_gateway, provider):
    """The proof that every other test here relies on can fail: it sees a figure that was changed behind its back."""
    import sqlite3
    gateway = start_gateway(config_for(provider))
    ask(gateway, gateway.create_key(), chat())
    gateway.settled_rows(1)
    gateway.stop()
    with sqlite3.connect(gateway.database) as database:
        database.execute("UPDATE entries SET cost = cost + 1")
    done = gateway.run("ledger", "verify")
    assert done.returncode == 1 and done.stdout + done.stderr
    with sqlite3.connect(gateway.database) as database:
        database.execute("UPDATE entries SET cost = cost - 1")


@pytest.mark.parametrize("arguments,status", [(("usage", "--by", "nonsense"), 2), (("usage", "--no-such-option"), 2),
                                              (("requests", "--limit", "x"), 2), (("frobnicate",), 2), (("usage", "--help"), 0)])
def test_exit_codes(start_gateway, provider, tmp_path, arguments, status):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, cwd=tmp_path, timeout=30)
    assert done.returncode == status, done.stderr
    assert status == 0 or len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_the_tokens_of_an_image_with_a_price_are_not_charged_again(start_gateway, provider):
    provider.on("seen", behaviours.reply(behaviours.completion(model="seen", used=behaviours.usage(1117, 3))))
    models = {"seen": {"targets": [{"provider": "test", "max_output_tokens": 10, "prices": {"input": 1, "output": 2, "image": 0.01}}]}}
    gateway = start_gateway(config_for(provider, models=models, projects={"demo": {"spend": {"cap": 0.0102, "period": "total"}}}))
    parts = [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]
    body = {"model": "seen", "messages": [{"role": "user", "content": parts}]}
    assert ask(gateway, gateway.create_key(), body).status == 200
    row, = gateway.settled_rows(1)
    assert Decimal("0.01") < Decimal(row["cost"]) <= Decimal(row["hold"]) < Decimal("0.0102")
    assert row["input_tokens"] == 1117 and row["cost_source"] == "priced" and not row["flags"]
