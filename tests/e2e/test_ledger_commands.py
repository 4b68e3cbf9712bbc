"""The ledger's commands on what a real server wrote: reprice, prune, export, prices."""

import csv
import datetime
import io
import json
from decimal import Decimal

import behaviours
from gateway_process import PRICES, config_for, target
from raw_client import ask, chat

MILLION = Decimal(1_000_000)


def answered(gateway, provider, model: str, prompt: int, completion: int) -> None:
    provider.on(model, behaviours.reply(behaviours.completion(model=model, used=behaviours.usage(prompt, completion))))
    assert ask(gateway, gateway.key, chat(model)).status == 200


def with_rows(start_gateway, provider, *counts: tuple[str, int, int], **changes):
    gateway = start_gateway(config_for(provider, **changes))
    gateway.key = gateway.create_key()
    for model, prompt, completion in counts:
        answered(gateway, provider, model, prompt, completion)
    gateway.settled_rows(len(counts))
    return gateway


def test_reprice_tells_what_rows_would_cost_now_and_changes_nothing(start_gateway, new_provider):
    provider = new_provider()
    gateway = with_rows(start_gateway, provider, ("a", 1000, 100), ("a", 11, 7), ("b", 500, 50))
    rows, sums = gateway.requests(), gateway.usage("--by", "model")
    assert gateway.run("ledger", "reprice").returncode == 2, "--dry-run is required"

    def repriced(*flags):
        done = gateway.run("ledger", "reprice", "--dry-run", "--format", "json", *flags)
        assert done.returncode == 0, done.stderr
        return {line["model"]: line for line in json.loads(done.stdout)}

    same = repriced()
    assert {name: (line["rows"], Decimal(line["difference"])) for name, line in same.items()} == {"a": (2, 0), "b": (1, 0)}
    dearer = {"input": 3, "output": 7}
    gateway.write_config({**gateway.config, "models": {"a": {"targets": [target(prices=dearer)]}, "*": {"targets": [target()]}}})
    now = repriced()
    cost = {"a": (Decimal(1011) * PRICES["input"] + Decimal(107) * PRICES["output"]) / MILLION,
            "b": (Decimal(500) * PRICES["input"] + Decimal(50) * PRICES["output"]) / MILLION}
    assert {name: Decimal(line["cost"]) for name, line in now.items()} == cost
    assert Decimal(now["a"]["cost_now"]) == (Decimal(1011) * 3 + Decimal(107) * 7) / MILLION
    assert Decimal(now["a"]["difference"]) == Decimal(now["a"]["cost_now"]) - cost["a"]
    assert Decimal(now["b"]["difference"]) == 0
    for line in now.values():
        assert all(version.startswith("config@") for version in line["price_versions"] + line["price_versions_now"])
    assert now["a"]["price_versions"] == now["b"]["price_versions"] == now["b"]["price_versions_now"] == [rows[0]["price_version"]]
    assert now["a"]["price_versions_now"] != now["a"]["price_versions"], "other prices have another name"
    assert list(repriced("--model", "b")) == ["b"]
    gateway.write_config({**gateway.config, "models": {"b": {"targets": [target()]}}})
    assert repriced()["a"]["unpriced"] == 2, "no route leads there any more"
    assert (gateway.requests(), gateway.usage("--by", "model")) == (rows, sums)


def test_pruning_while_serving_keeps_every_days_sums(start_gateway, new_provider):
    """Rows of three days; those of two are deleted, and no sum by any grouping moves by a digit."""
    provider = new_provider()
    gateway = with_rows(start_gateway, provider, *((f"m{n % 3}", 13 * n + 1, 7 * n + 3) for n in range(12)))
    gateway.stop()
    gateway.back_by_days({f"m{n}": n for n in range(3)})
    gateway.start()
    groupings = ("day", "day,project", "day,model", "day,model,served_model,provider,key,state,endpoint", "project")
    before = {by: gateway.usage("--by", by) for by in groupings}
    assert len(before["day"]) == 3
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    assert gateway.cli("ledger", "prune", "--before", today)["deleted"] == 8
    assert len(gateway.requests()) == 4
    assert {by: gateway.usage("--by", by) for by in groupings} == before
    gateway.verify()
    answered(gateway, provider, "m1", 1, 1)
    gateway.settled_rows(5)
    assert sum(row["requests"] for row in gateway.usage("--by", "day")) == 13
    gateway.verify()


def test_exports_agree_with_the_sums(start_gateway, new_provider):
    provider = new_provider()
    gateway = with_rows(start_gateway, provider, ("a", 1, 2), ("b,\"c\"", 30, 40), ("a", 500, 600))
    total = sum(Decimal(row["cost"]) for row in gateway.usage("--by", "model"))
    by_line = [json.loads(line) for line in gateway.run("ledger", "export", "--format", "jsonl").stdout.splitlines()]
    by_csv = list(csv.DictReader(io.StringIO(gateway.run("ledger", "export", "--format", "csv").stdout, newline="")))
    for rows in (by_line, by_csv):
        assert [row["asked_model"] for row in rows] == ["a", "b,\"c\"", "a"]
        assert sum(Decimal(row["cost"]) for row in rows) == total
        assert [int(row["output_tokens"]) for row in rows] == [2, 40, 600]
    only_a = gateway.run("ledger", "export", "--model", "a").stdout.splitlines()
    assert len(only_a) == 2


def listed(model: str, prompt: str, completion: str) -> dict:
    return {"id": model, "name": model, "created": 1700000000, "context_length": 8192,
            "pricing": {"prompt": prompt, "completion": completion}, "top_provider": {"max_completion_tokens": 4096},
            "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]}}


def test_prices_are_listed_compared_and_kept(start_gateway, new_provider):
    provider = new_provider()
    provider.catalogue = [listed("v/one", "0.000001", "0.000002"), listed("v/gone", "0.000004", "0.000005")]
    gateway = start_gateway(config_for(
        provider, providers={"openrouter": {"type": "openrouter", "base_url": provider.url + "/api/v1", "api_key": "sk-or"}},
        models={"*": {"targets": [{"provider": "openrouter"}]}}))
    gateway.stop()  # what a server fetches by itself is not asked for here

    def run(*arguments):
        done = gateway.run("prices", *arguments, "--json")
        return done.returncode, json.loads(done.stdout), done.stderr

    assert run("refresh")[0] == 0
    assert run("diff")[:2] == (0, [])
    _, prices, _ = run("list", "--provider", "openrouter")
    assert {p["model"]: (Decimal(p["input"]), Decimal(p["output"])) for p in prices} == {"v/one": (1, 2), "v/gone": (4, 5)}

    provider.catalogue = [listed("v/one", "0.0000015", "0.000002"), listed("v/new", "0.000007", "0.000008")]
    status, lines, _ = run("diff")
    assert status == 1
    assert [(line["model"], line["figure"], line["kept"], line["now"]) for line in lines] == [
        ("v/gone", "model", "listed", ""), ("v/new", "model", "", "listed"), ("v/one", "input", "1", "1.5")]
    _, prices, _ = run("list", "--model", "v/one", "--provider", "openrouter")
    assert Decimal(prices[0]["input"]) == 1, "diff keeps nothing"
    assert run("refresh")[0] == 0
    assert run("diff")[:2] == (0, [])
    _, prices, _ = run("list", "--model", "v/one", "--provider", "openrouter")
    assert Decimal(prices[0]["input"]) == Decimal("1.5")

    provider.on("/api/v1/models", behaviours.error(500))
    failed = gateway.run("prices", "refresh")
    assert failed.returncode == 1 and len(failed.stderr.strip().splitlines()) == 1
    _, prices, _ = run("list", "--model", "v/one", "--provider", "openrouter")
    assert Decimal(prices[0]["input"]) == Decimal("1.5"), "what was kept stays"
    assert gateway.run("prices", "diff", "--provider", "nobody").returncode == 2


def test_a_server_names_a_damaged_price_list_and_goes_on_without(start_gateway, provider):
    gateway = start_gateway(config_for(provider))
    gateway.stop()
    kept = gateway.folder / "gateway.db.catalogues" / "openrouter.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("{garbage")
    gateway.start()
    gateway.wait_until(lambda: "gateway.db.catalogues/openrouter.json holds no price list" in gateway.log_text(), "it is logged")
    assert ask(gateway, gateway.create_key(), chat("m")).status == 200
